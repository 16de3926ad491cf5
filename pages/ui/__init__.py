"""What pages are made of. A page imports this package and core's charts, and nothing of Streamlit's state."""

from pages.ui.cards import SAME_RUN, card, cards, keras_file, keras_source, script, scripts, side_by_side
from pages.ui.charts import Plot, chart, numbers, row, tables
from pages.ui.course import LESSONS, SECTIONS, link_to
from pages.ui.cures import cures, trial
from pages.ui.errors import guarded
from pages.ui.first_paint import tensorflow_status, with_tensorflow
from pages.ui.found import hits
from pages.ui.frame import page, router, style, workbench
from pages.ui.glossary import glossary, glossary_section
from pages.ui.lectures import choose as choose_lecture
from pages.ui.lectures import station_now
from pages.ui.own_data import own_data
from pages.ui.page_fields import Choice, Choices, Number, Numbers, Parts, Text, own_control, own_controls, parts
from pages.ui.path import foot
from pages.ui.pins import beside, earlier
from pages.ui.player import Pace, live, replay
from pages.ui.questions import question, questions
from pages.ui.rooms import join_room, room
from pages.ui.run_controls import control, controls
from pages.ui.seed_counts import survey
from pages.ui.setups import setups
from pages.ui.several_seeds import several_seeds
from pages.ui.tabs import below
from pages.ui.text import as_typed, pointed_at, running_text, sections
from pages.ui.turns import in_turn
from pages.ui.verdict import verdict, verdict_rules
from pages.ui.views import View, each, once
from pages.ui.ways_in import Brought, brought, finding_cards, finding_rules, layers_table, remarks
from pages.ui.words import prose

__all__ = [
    "LESSONS",
    "SAME_RUN",
    "SECTIONS",
    "Brought",
    "Choice",
    "Choices",
    "Number",
    "Numbers",
    "Pace",
    "Parts",
    "Plot",
    "Text",
    "View",
    "as_typed",
    "below",
    "beside",
    "brought",
    "card",
    "cards",
    "chart",
    "choose_lecture",
    "control",
    "controls",
    "cures",
    "each",
    "earlier",
    "finding_cards",
    "finding_rules",
    "foot",
    "glossary",
    "glossary_section",
    "guarded",
    "hits",
    "in_turn",
    "join_room",
    "keras_file",
    "keras_source",
    "layers_table",
    "link_to",
    "live",
    "numbers",
    "once",
    "own_control",
    "own_controls",
    "own_data",
    "page",
    "parts",
    "pointed_at",
    "prose",
    "question",
    "questions",
    "remarks",
    "replay",
    "room",
    "router",
    "row",
    "running_text",
    "script",
    "scripts",
    "sections",
    "setups",
    "several_seeds",
    "side_by_side",
    "station_now",
    "style",
    "survey",
    "tables",
    "tensorflow_status",
    "trial",
    "verdict",
    "verdict_rules",
    "with_tensorflow",
    "workbench",
]
