"""What a page shows, read from AppTest."""

import json

from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block


def texts(app: AppTest) -> str:
    """Markdown, captions and headings of a page that shows no error, and of the tab that is open under its stage."""
    assert not app.exception
    assert not app.error
    return _words(app)


def every_text(app: AppTest, page: str) -> str:
    """The same with the tabs that are closed: opens one after the other, and adds what is in it."""
    found = [texts(app)]
    for tab in [name for name, drawn in tabs(app, page).items() if not drawn.children]:
        texts(opened(app, page, tab))
        found.append(_words(tabs(app, page)[tab]))
    return "\n".join(found)


def _words(part: AppTest | Block) -> str:
    return "\n".join(text.value for text in [*part.markdown, *part.caption, *part.subheader])


def titles(app: AppTest) -> list[str]:
    """The titles of its charts, in order."""
    return [json.loads(chart.proto.spec)["title"] for chart in app.get("vega_lite_chart")]


def tabs(app: AppTest, page: str) -> dict[str, Block]:
    """The tabs under its stage by their names; those that are closed have no children."""
    (under,) = [block for block in app.get("tab_container") if block.proto.tab_container.id.endswith(f"-below_{page}")]
    return {tab.label: tab for tab in under.children.values()}


def opened(app: AppTest, page: str, tab: str) -> AppTest:
    """The page with this tab open under its stage, and no other."""
    app.session_state[f"below_{page}"] = tab
    app.run()
    assert [name for name, drawn in tabs(app, page).items() if drawn.children] == [tab]
    return app
