"""The views for a hall, what a link hides, and the stations of a lecture, as a page shows them."""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qsl

import pytest
from streamlit.testing.v1 import AppTest

from core import lectures
from core.charts.hall import FACTOR, LEAST
from core.lectures import Lecture, Station
from core.spec import RunSpec
from pages.ui import LESSONS
from pages.ui.lectures import address, experiment
from pages.ui.look import VIEWS
from pages.ui.quizzes import QUESTIONS
from pages.ui.text import escaped
from tests.pages.reading import bar, control, keys_of_moments, named, parts, plays, texts, whole

WITH_CHARTS = [(page, query) for page, query in parts() if LESSONS[page].charts and query.get("part") != "counts"]
OWN = Lecture("Mine", 5, (Station("gradients?activation=relu&initializer=he_normal", "One *thing*."),
                          Station("curves", "Another.", ("verdict",))))


def specs(app: AppTest) -> list[dict]:
    return [json.loads(chart.proto.spec) for chart in app.get("vega_lite_chart")]


def links(app: AppTest) -> dict[str, tuple[str, dict[str, str]]]:
    """The links of a page that have a label: the page and the parameters of each."""
    return {one.proto.label: (one.proto.page, dict(parse_qsl(one.proto.query_string))) for one in app.get("page_link")}


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize(("page", "query"), WITH_CHARTS, ids=map(named, [one[1] or one[0] for one in WITH_CHARTS]))
def test_a_hall_sees_the_question_its_charts_the_verdict_and_the_player(visit, page, query, view):
    usual, app = visit(page, **query), visit(page, view=view, **query)
    texts(app)
    assert bool(specs(app)) == bool(specs(usual))  # one part waits for TensorFlow
    assert len(specs(app)) <= len(specs(usual))
    assert plays(app) == plays(usual)
    assert not [*app.slider, *app.selectbox, *app.text_input, *app.toggle, *app.tabs, *app.get("button_group")]
    lesson = LESSONS[page]
    part = query.get(lesson.parameter, next(iter(lesson.parts), ""))
    question = lesson.parts[part].question if part else lesson.question
    assert [header.value for header in app.header] == ([question] if view == "present" else [])


def text_sizes(spec: object) -> list[float]:
    return [float(found[1] or found[2]) for found in re.finditer(
        r'"(?:labelF|titleF|f)ontSize": (?:\{"expr": "windowSize\(\)\[0\] < 1600 \? ([\d.]+) |([\d.]+))',
        json.dumps(spec))]


def test_text_is_large_enough_and_lines_are_thicker(visit):
    usual, large = specs(visit("gradients"))[0], specs(visit("gradients", view="present"))[0]
    assert text_sizes(large) == [pytest.approx(FACTOR * size) for size in text_sizes(usual)]
    assert min(text_sizes(large)) >= LEAST
    widths = [re.findall(r'"strokeWidth": \{"condition".*?"value": \{"expr": "windowSize\(\)\[0\] < 1600 \? ([\d.]+)',
                         json.dumps(spec)) for spec in (usual, large)]
    assert widths[0]
    assert [float(width) for width in widths[1]] == [FACTOR * float(width) for width in widths[0]]


def test_a_button_switches_and_the_experiment_stays(visit):
    app = visit("gradients", activation="relu", step="20")
    app.button(key="present").click().run()
    assert app.query_params["view"] == "present"
    assert app.query_params["activation"] == "relu"
    app.button(key="present").click().run()
    assert "view" not in app.query_params
    assert control(app, "selectbox", "activation").value == "relu"


def test_a_view_and_what_is_hidden_stay_when_a_control_is_moved_and_are_shared(visit):
    app = visit("gradients", hide="verdict")
    control(app, "selectbox", "activation").set_value("relu").run()
    assert app.query_params["hide"] == "verdict"
    assert "hide=verdict" in app.code[0].value


def test_what_is_hidden_is_not_sent(visit):
    app = visit("gradients", hide="controls,verdict,theory")
    assert "verdict" not in keys_of_moments(app)
    assert not app.slider
    assert "theory" not in series(app)
    assert "theory" in series(visit("gradients"))
    assert "quarter" not in texts(app).split("Why")[0]  # what to look for is the answer


def series(app: AppTest) -> set[str]:
    return set(whole(app)["series"])


@pytest.mark.parametrize(("query", "sentence"), [
    ({"view": "cinema"}, "view must be present or embed. Received: 'cinema'"),
    ({"hide": "verdict,answer"}, "hide must be of controls, verdict, theory. Received: 'answer'"),
    ({"lecture": "nobody"}, "lecture must be deep_networks"),
    ({"lecture": "~!"}, "as this app has written it"),
    ({"lecture": "one_unit", "station": "99"}, "station must be a whole number from 1 to 7. Received: '99'"),
])
def test_a_bad_value_is_a_sentence(visit, query, sentence):
    app = visit("gradients", **query)
    assert sentence in app.warning[0].value
    assert bar(app)
    assert app.button(key="present").label == "Present"


def test_a_page_without_a_chart_has_nothing_to_present(visit):
    app = visit("questions", view="present")
    assert "no chart to present" in app.warning[0].value
    assert app.text_input
    assert "present" not in [button.key for button in app.button]


# --- lectures --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", lectures.shipped())
def test_every_station_of_a_shipped_lecture_is_there(name):
    for station in lectures.shipped()[name].stations:
        found = experiment(station)
        run = {key: text for key, text in found.query.items() if key not in ("v", "show", "part")}
        assert LESSONS[found.page].charts
        assert found.label
        assert not RunSpec.from_query({key: text for key, text in run.items() if key in RunSpec().__dict__})[1]
        assert not station.question or QUESTIONS[found.page][station.question].setup == station.page


def test_a_station_with_a_question_asks_it_in_the_hall_too(visit):
    page, query = address("one_unit", 2, "present")
    app = visit(page, **query)
    assert query["ask"] == "xor"
    assert "quiz_perceptron_xor_first" in [one.key for one in app.get("bidi_component")]


def test_a_station_leads_to_the_next_and_back_with_its_run_and_its_view(visit):
    app = visit("gradients", lecture="deep_networks", station="6", view="present")
    assert "6 of 10" in texts(app)
    opened(app, "this_station")  # the page is the station's, the run is not
    assert app.session_state["link"].spec.gain == 1.5
    assert not offers(app, "this_station")
    opened(app, "previous_station")
    assert app.session_state["link"].spec.initializer == "zeros"
    assert {name: app.query_params[name] for name in ("lecture", "station", "view", "hide")} == {
        "lecture": "deep_networks", "station": "5", "view": "present", "hide": "verdict"}
    opened(app, "next_station")
    assert app.session_state["link"].spec.gain == 1.5
    assert "6 of 10" in texts(app)
    app.button(key="reveal").click().run()
    assert "verdict" in keys_of_moments(app)
    assert not offers(visit("optimizers", lecture="deep_networks", station="10"), "next_station")
    assert not offers(visit("gradients", lecture="deep_networks", station="1"), "previous_station")


def test_the_next_station_may_be_on_another_page(visit):
    app = opened(visit("gradients", lecture="deep_networks", station="3"), "next_station")
    assert app.session_state["link"].page == "initializers"
    assert "4 of 10" in texts(app)
    assert not offers(app, "this_station")


def offers(app: AppTest, key: str) -> bool:
    return key in [button.key for button in app.button]


def opened(app: AppTest, key: str) -> AppTest:
    app.button(key=key).click().run()
    texts(app)
    return app


def test_the_lecture_stays_when_a_control_is_moved_until_it_is_left(visit):
    app = visit("gradients", lecture="deep_networks", station="3")
    control(app, "selectbox", "activation").set_value("tanh").run()
    assert app.query_params["station"] == "3"
    app.button(key="leave_lecture").click().run()
    assert "lecture" not in app.query_params
    assert control(app, "selectbox", "activation").value == "tanh"


def test_start_links_to_the_three(visit):
    found = [query for _, query in links(visit("home")).values() if "lecture" in query]
    assert [query["lecture"] for query in found] == list(lectures.shipped())


def test_what_somebody_wrote_is_shown_letter_by_letter(visit):
    app = visit("gradients", lecture=lectures.packed(OWN))
    assert "One \\*thing\\*\\." in texts(app)
    assert escaped("![x](http://a.b) :material/close:") == (
        r"\!\[x\]\(http\:\/\/a\.b\) \:material\/close\:")


def test_a_station_whose_page_is_not_there_is_a_sentence(visit):
    text = lectures.packed(Lecture("M", 5, (Station("gradients", "A."), Station("nowhere / Else", "B."))))
    assert "Station 2: page must be a page of this app" in texts(visit("gradients", lecture=text)).replace("\\", "")


def test_a_lecture_is_made_of_what_is_on_the_screen(visit):
    app = visit("gradients", activation="relu")
    app.toggle(key="make_lecture").set_value(True).run()
    app.button(key="add_station").click().run()
    control(app, "selectbox", "activation").set_value("tanh").run()
    app.button(key="add_station").click().run()
    first, second = mine(app).stations
    assert experiment(first).query["activation"] == "relu"
    assert experiment(second).query["activation"] == "tanh"
    assert app.query_params["station"] == "2"

    typed(app, "say").set_value("Tanh is next.").run()
    typed(app, "title").set_value("Two").run()
    assert (mine(app).title, mine(app).stations[1].say) == ("Two", "Tanh is next.")
    app.button(key="station_earlier").click().run()
    assert [one.say for one in mine(app).stations] == ["Tanh is next.", LESSONS["gradients"].question]
    assert app.query_params["station"] == "1"

    again = visit("curves", lecture=app.query_params["lecture"])
    assert "Tanh is next" in texts(again)
    assert offers(again, "this_station")
    app.button(key="station_remove").click().run()
    app.button(key="station_remove").click().run()
    assert "lecture" not in app.query_params
    assert not app.exception


def test_what_cannot_be_a_lecture_is_a_sentence_and_changes_nothing(visit):
    app = visit("gradients", lecture=lectures.packed(OWN))
    app.toggle(key="make_lecture").set_value(True).run()
    typed(app, "say").set_value("").run()
    assert "say must be a text" in app.toast[0].value.replace("\\", "")
    assert mine(app) == OWN


def mine(app: AppTest) -> Lecture:
    return lectures.asked(app.query_params["lecture"])


def typed(app: AppTest, name: str):
    return next(one for one in app.text_input if one.key.startswith(f"lecture_{name}_"))
