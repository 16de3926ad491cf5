"""Questions: every question of the course with its short answer, the words, and a search that finds everything."""

import streamlit as st

from pages import ui

link = ui.page("questions", own={
    "find": ui.Text("Search", help="Finds questions, words, pages, set-ups, and what goes wrong in training."),
    "kind": ui.Choice("Kind", {"all": "All", "T": "Theory", "P": "Practice", "W": "Words"}),
})
st.markdown(ui.sections("questions")[""])
with st.container(horizontal=True, vertical_alignment="bottom"):
    kind = ui.own_control("kind", hidden=True)
    wanted = ui.own_control("find").strip()
if wanted:
    ui.hits(wanted, kind)
elif kind == "W":
    ui.glossary_section()
else:
    found = [question for question in ui.questions() if kind in ("all", question.number[0])]
    st.caption(f"{len(found)} of {len(ui.questions())} questions.")
    for question in found:
        ui.question(question)
