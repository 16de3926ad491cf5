"""Start: what this is, and the way to every page."""

import streamlit as st

from pages import ui

ui.page("home")
ui.prose("home", "What this is")
for lessons in ui.SECTIONS.values():
    for lesson in lessons:
        if lesson.name != "home":
            st.page_link(f"pages/{lesson.name}.py", label=f"**{lesson.title}**: {lesson.question}", icon=lesson.icon)
