"""What pages are made of. A page imports this package and core's charts, and nothing of Streamlit's state."""

from pages.ui.charts import chart, csv_button
from pages.ui.compare import cures, earlier
from pages.ui.course import LESSONS, SECTIONS, navigation
from pages.ui.faults import guarded
from pages.ui.frame import mark_routed, page, style
from pages.ui.loading import tensorflow_status
from pages.ui.panel import control, controls
from pages.ui.player import View, live
from pages.ui.text import prose, sections
from pages.ui.try_this import setups

__all__ = [
    "LESSONS", "SECTIONS", "View", "chart", "control", "controls", "csv_button", "cures", "earlier", "guarded", "live",
    "mark_routed", "navigation", "page", "prose", "sections", "setups", "style", "tensorflow_status",
]
