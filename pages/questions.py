"""Questions: every question of the course, its short answer, and a link to the experiment that shows it; the words."""

import streamlit as st

from pages import ui

link = ui.page("questions", own={
    "find": ui.Text("Search", help="Every word must occur."),
    "kind": ui.Choice("Questions", {"all": "All", "T": "Theory", "P": "Practice", "W": "Words"}),
})
st.markdown(ui.sections("questions")[""])
with st.container(horizontal=True, vertical_alignment="bottom"):
    kind = ui.own_control("kind", hidden=True)
    wanted = ui.own_control("find")
if kind == "W":
    ui.glossary_section()
else:
    found = [question for question in ui.questions() if kind in ("all", question.number[0]) and question.has(wanted)]
    st.caption(f"{len(found)} of {len(ui.questions())} questions." if found else
               f"No question has “{wanted}”. Try one word, such as loss, gradient or dropout.")
    for question in found:
        ui.question(question)
