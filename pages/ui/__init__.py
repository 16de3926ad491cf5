"""What pages are made of. A page imports this package and core's charts, and nothing of Streamlit's state."""

from pages.ui.cards import card, cards, script
from pages.ui.charts import Plot, chart, tables
from pages.ui.compare import cures, earlier
from pages.ui.course import LESSONS, SECTIONS, navigation
from pages.ui.faults import guarded
from pages.ui.frame import mark_routed, page, style, workbench
from pages.ui.loading import tensorflow_status
from pages.ui.own import Choice, Choices, Number, Text, own_control, parts
from pages.ui.panel import control, controls
from pages.ui.player import View, live
from pages.ui.text import prose, sections
from pages.ui.try_this import setups
from pages.ui.verdict import verdict, verdict_rules

__all__ = [
    "LESSONS",
    "SECTIONS",
    "Choice",
    "Choices",
    "Number",
    "Plot",
    "Text",
    "View",
    "card",
    "cards",
    "chart",
    "control",
    "controls",
    "cures",
    "earlier",
    "guarded",
    "live",
    "mark_routed",
    "navigation",
    "own_control",
    "page",
    "parts",
    "prose",
    "script",
    "sections",
    "setups",
    "style",
    "tables",
    "tensorflow_status",
    "verdict",
    "verdict_rules",
    "workbench",
]
