"""The router and the frame of every page: course map, TensorFlow's state, and what happens when a page breaks."""

import streamlit as st

from pages import ui

st.set_page_config(page_title="Gradient laboratory", page_icon=":material/trending_down:", layout="wide")
ui.mark_routed()
ui.style()
lesson = ui.navigation()
with st.sidebar:
    ui.tensorflow_status()
with ui.guarded():
    lesson.run()
