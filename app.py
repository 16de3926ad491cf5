"""The router and the frame of every page: course map, TensorFlow's state, and what happens when a page breaks."""

import streamlit as st

from pages import ui

lesson = ui.router()
ui.style()
with st.sidebar:
    ui.tensorflow_status()
with ui.guarded(), ui.in_turn(lesson.title):
    lesson.run()
