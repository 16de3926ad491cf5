"""The router and the frame of every page: course map, TensorFlow's state, and what happens when a page breaks.

`streamlit run app.py` imports this file once, for the server and its routes, and runs it for every viewer.
"""

import streamlit as st

if __name__ != "__main__":
    from pages.routes import routes

    app = st.App(__file__, routes=routes())
else:
    from pages import ui

    lesson = ui.router()
    ui.style()
    ui.room(lesson)
    with st.sidebar:
        ui.tensorflow_status()
    with ui.guarded(), ui.in_turn(lesson.title):
        lesson.run()
