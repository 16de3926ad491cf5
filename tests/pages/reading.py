"""What a page shows, read from AppTest, and what its visitors do to it.

AppTest has no browser: the events of the player's bar are brought about as their callbacks do, by what the session
keeps of the viewer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pyarrow as pa
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block

from core.charts import moving
from core.runs import RUNS, Run
from pages.ui.course import LESSONS
from pages.ui.player import Viewer

ASKED = 1000  # times that the bar asks for more at most


# --- pages -----------------------------------------------------------------------------------------------------------


def parts() -> Iterator[tuple[str, dict[str, str]]]:
    """Every page with each of its parts, as the course map names them."""
    for page, lesson in LESSONS.items():
        yield from ((page, lesson.opens(part)) for part in lesson.parts or [""])


def named(part: str | dict[str, str]) -> str:
    """A page, or one of its parts, as the id of a test."""
    return part if isinstance(part, str) else " ".join(part.values())


# --- the player ------------------------------------------------------------------------------------------------------


def viewer(app: AppTest) -> Viewer:
    return app.session_state["player"]


def plays(app: AppTest) -> bool:
    """Whether the page has a player."""
    return any(one.key == "player_bar" for one in app.get("bidi_component"))


def component_data(app: AppTest, key: str) -> dict[str, Any]:
    """What the browser gets for the component of that key."""
    (found,) = [one.proto.json for one in app.get("bidi_component") if one.key == key]
    return json.loads(found)


def bar(app: AppTest) -> dict[str, Any]:
    """What the browser gets of the player's bar."""
    return component_data(app, "player_bar")


def begun(app: AppTest) -> AppTest:
    """The page with step 0 of its run: on a busy machine that comes a moment later."""
    for _ in range(ASKED):
        if bar(app)["known"]:
            return app
        app.run()
    raise AssertionError("Step 0 does not come.")


def asked(app: AppTest) -> AppTest:
    """The page after its bar has asked for the next part of the run."""
    viewer(app).ask()
    return app.run()


def played(app: AppTest) -> AppTest:
    """The page when the whole run has come."""
    begun(app)
    for _ in range(ASKED):
        if bar(app)["finished"]:
            return app
        asked(app)
        texts(app)
    raise AssertionError(f"The run does not end: {bar(app) | {'labels': ...}}")


def rest(app: AppTest, moment: int) -> AppTest:
    """The page when the head has come to rest at that moment, the last one for −1."""
    viewer(app).at = range(bar(app)["known"])[moment]
    return app.run()


def ended(app: AppTest) -> AppTest:
    """The page when the whole run has come and the head rests at its end."""
    return rest(played(app), -1)


def runs(app: AppTest, *specs: Any) -> list[Run]:
    """The runs of these specs; without any, the one of the address."""
    return [RUNS.get(spec) for spec in specs or (app.session_state["link"].spec,)]


# --- words -----------------------------------------------------------------------------------------------------------


def texts(app: AppTest) -> str:
    """Markdown, captions and headings of a page that shows no error, of the tab that is open under its stage too, and
    what is said of the moment at which the head rests.
    """
    assert not app.exception
    assert not app.error
    at = viewer(app).at if "player" in app.session_state else 0
    said = [moments(app, key) for key in keys_of_moments(app)]
    return "\n".join([*(each[min(at, len(each) - 1)] for each in said), _words(app)])


def every_text(app: AppTest, page: str) -> str:
    """The same with the tabs that are closed: opens one after the other, and adds what is in it."""
    found = [texts(app)]
    for tab in [name for name, drawn in tabs(app, f"below_{page}").items() if not drawn.children]:
        texts(opened(app, page, tab))
        found.append(_words(tabs(app, f"below_{page}")[tab]))
    return "\n".join(found)


def _words(part: AppTest | Block) -> str:
    return "\n".join(text.value for text in [*part.markdown, *part.caption, *part.subheader])


def keys_of_moments(app: AppTest) -> list[str]:
    """The keys of what is said of moments, in order."""
    return [one.key.removeprefix("moment_") for one in app.get("bidi_component") if one.key.startswith("moment_")]


def moments(app: AppTest, key: str = "verdict") -> list[str]:
    """What is said of each moment: the word of its badge in bold, its line, and below what is shown on demand."""
    data = data_of_moments(app, key)
    words = [badge["word"] for badge in data["badges"]]
    each = [f"**{words[text['badge']]}** " * bool(words[text["badge"]]) + text["says"]
            + (f"\n\n{text['more']}" if text["more"] else "") for text in data["texts"]]
    return [each[which] for which in data["at"]]


def data_of_moments(app: AppTest, key: str = "verdict") -> dict[str, Any]:
    """What the browser gets of that."""
    return component_data(app, f"moment_{key}")


def plain(text: str) -> str:
    """A text of core as `moments` has it."""
    return re.sub(r":\w+-badge\[:material/\w+: (\*\*.+?\*\*)\]", r"\1", text).replace("  \n", "\n\n")


# --- charts ----------------------------------------------------------------------------------------------------------


def charts(app: AppTest) -> dict[str, Any]:
    """The protos of its charts by their titles, in order."""
    return {json.loads(chart.proto.spec)["title"]: chart.proto for chart in app.get("vega_lite_chart")}


def titles(app: AppTest) -> list[str]:
    """The titles of its charts, in order."""
    return [json.loads(chart.proto.spec)["title"] for chart in app.get("vega_lite_chart")]


def shows(app: AppTest, *wanted: str) -> bool:
    """Whether it has charts with these titles, in this order; there may be others too."""
    rest_of_them = iter(titles(app))
    return all(title in rest_of_them for title in wanted)


def whole(app: AppTest, chart: int = 0) -> pd.DataFrame:
    """What the browser gets of a chart: all moments that are known."""
    sent = pa.ipc.open_stream(app.get("vega_lite_chart")[chart].proto.data.data).read_pandas()
    return sent.astype({name: object for name, kind in sent.dtypes.items() if kind == "category"})


def frame(app: AppTest, chart: int = 0) -> pd.DataFrame:
    """The rows of a chart at the moment at which the head rests."""
    return moving.at(whole(app, chart), viewer(app).at if "player" in app.session_state else 0)


# --- widgets and tabs ------------------------------------------------------------------------------------------------


def widget(app: AppTest, kind: str, key: str) -> Any:
    """The widget of that key as it is now: it has a number behind it once something else has changed its value."""
    (found,) = _widgets(app, kind, key)
    return found


def _widgets(app: AppTest, kind: str, key: str) -> list[Any]:
    return [one for one in getattr(app, kind) if re.fullmatch(rf"{re.escape(key)}(_\d+)?", one.key or "")]


def control(app: AppTest, kind: str, name: str) -> Any:
    """The control of a field or of one of the page's own parameters; its tab is opened, if it is in one."""
    page = app.session_state["link"].page
    key = f"control_{page}_{name}"
    closed = [tab for tab in tabs(app, f"controls_{page}").values() if not tab.children]
    while not _widgets(app, kind, key) and closed:
        app.session_state[f"controls_{page}"] = closed.pop().label
        app.run()
    return widget(app, kind, key)


def set_up(app: AppTest, label: str) -> AppTest:
    """The page after a click on that set-up."""
    (pills,) = [one for one in app.pills if one.key.startswith("setups_")]
    return pills.set_value(None if pills.value == label else label).run()  # a second click takes the mark away


def tabs(app: AppTest, key: str) -> dict[str, Block]:
    """The tabs of that key by their names, none if it has no such tabs; those that are closed have no children."""
    return {tab.label: tab for block in app.get("tab_container")
            if block.proto.tab_container.id.endswith(f"-{key}") for tab in block.children.values()}


def opened(app: AppTest, page: str, tab: str) -> AppTest:
    """The page with this tab open under its stage, and no other."""
    app.session_state[f"below_{page}"] = tab
    app.run()
    assert [name for name, drawn in tabs(app, f"below_{page}").items() if drawn.children] == [tab]
    return app
