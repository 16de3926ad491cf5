"""What a page shows, read from AppTest."""

import json

from streamlit.testing.v1 import AppTest


def texts(app: AppTest) -> str:
    """Markdown, captions and headings of a page that shows no error."""
    assert not app.exception
    assert not app.error
    return "\n".join(part.value for part in [*app.markdown, *app.caption, *app.subheader])


def titles(app: AppTest) -> list[str]:
    """The titles of its charts, in order."""
    return [json.loads(chart.proto.spec)["title"] for chart in app.get("vega_lite_chart")]
