"""What holds for every page: its frame, its link, and what a visitor sees when something is wrong."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from streamlit.testing.v1 import AppTest

from core.lessons.curves import report
from core.spec import RunSpec
from pages.ui import LESSONS
from pages.ui.setups import SETUPS
from tests.pages.reading import (
    bar,
    control,
    keys_of_moments,
    moments,
    plays,
    rest,
    set_up,
    texts,
    titles,
    viewer,
    widget,
)
from tests.tiers import only_nightly

ROOT = Path(__file__).parents[2]
PAGES = list(LESSONS)
PLACES = {  # style.css speaks of them; by what a page makes them
    "heading": r"ui\.page\(", "setups": r"ui\.setups\(", "controls": r"ui\.workbench\(", "stage": r"ui\.workbench\(",
    "verdict": r"ui\.verdict\(|ui\.running_text\(|\"verdict\"", "cures": r"ui\.cures\(",
    "player": r"ui\.(live|replay)\("}
RUN_PAGES = [name for name in PAGES if name in SETUPS]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_through_the_router(visit, name):
    app = visit(name)
    assert not app.exception
    assert not app.error
    assert not app.warning
    assert [header.value for header in app.header] == [LESSONS[name].question]
    assert "TensorFlow" in app.sidebar.caption[0].value


@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_alone(alone, name):
    app = alone(name)
    assert not app.exception
    assert not app.error
    assert [header.value for header in app.header] == [LESSONS[name].question]


@pytest.mark.parametrize(
    ("query", "spec", "said"),
    [
        ({"activation": "relu"}, RunSpec(activation="relu"), ""),
        ({"activation": "reluu"}, RunSpec(activation="relu"), "activation must be one of"),
        ({"learning_rate": "nan"}, RunSpec(), "learning_rate must be a number"),
        ({"learning_rate": "1e9"}, RunSpec(learning_rate=100.0), "learning_rate must be a number"),
        ({"widths": "32x99"}, RunSpec(widths=(32,) * 50), "widths"),
        ({"widths": "4,4", "activation": "relu,tanh,relu"}, RunSpec(widths=(4, 4), activation=("relu", "tanh")),
         "activation has 3 entries"),
        ({"colour": "red"}, RunSpec(), "'colour'"),
        ({"seed": "x" * 100_000}, RunSpec(), "seed in the link is 100000 characters long"),
        ({"step": "150"}, RunSpec(), ""),
        ({"step": "soon"}, RunSpec(), "step must be a whole number of at least 0. Received: 'soon'. Taken as 0."),
        ({"step": "-1"}, RunSpec(), "step must be a whole number of at least 0"),
        ({"step": "9" * 100_000}, RunSpec(), "step must be a whole number of at least 0. Received: '999"),
        ({"steps": "20000", "widths": "512x50"}, None, "may take at most"),
    ],
)
def test_an_odd_link_opens_the_nearest_run_and_says_so(visit, query, spec, said):
    app = visit("gradients", **query)
    assert not app.exception
    assert not app.error
    shown = app.session_state["link"].spec
    assert spec is None or shown == spec
    assert said in " ".join(warning.value for warning in app.warning)
    assert bool(app.warning) == bool(said)


def test_a_parameter_that_is_given_twice_is_said_to_be(visit):
    app = visit("activations", part=["deep", "softmax"], seed=["1", "2"], step=["3", "4"], depth="3")
    assert app.session_state["link"].own["part"] == "softmax"
    assert app.session_state["link"].spec.seed == 2
    said = " ".join(warning.value for warning in app.warning)
    assert "part stands in the link 2 times. The last one counts: 'softmax'." in said
    assert "seed stands in the link 2 times. The last one counts: '2'." in said
    assert "step stands in the link 2 times. The last one counts: '4'." in said
    assert "depth stands" not in said


def test_a_name_in_other_letters_or_misspelt_is_taken_as_the_closest(visit):
    for text in ("Softmax", "softmaxx"):
        app = visit("activations", part=text)
        assert app.session_state["link"].own["part"] == "softmax"
        assert f"Received: '{text}'. Taken as softmax." in " ".join(warning.value for warning in app.warning)


def test_the_note_goes_when_a_control_is_moved(visit):
    app = visit("gradients", activation="nonsense")
    assert app.warning
    control(app, "slider", "depth").set_value(3).run()
    assert not app.warning
    assert query_of(app) == RunSpec(widths=(32,) * 3).to_query()


@pytest.mark.parametrize(
    ("widget", "key", "value", "field", "expected"),
    [
        ("slider", "depth", 50, "widths", (32,) * 50),
        ("slider", "width", 128, "widths", (128,) * 10),
        ("selectbox", "activation", "gelu", "activation", "gelu"),
        ("selectbox", "initializer", "he_normal", "initializer", "he_normal"),
        ("slider", "gain", 1.5, "gain", 1.5),
        ("toggle", "batch_norm", True, "batch_norm", True),
        ("toggle", "skip", True, "skip", True),
        ("selectbox", "dataset", "digits", "dataset", "digits"),
        ("slider", "samples", 100, "samples", 100),
        ("slider", "noise", 0.5, "noise", 0.5),
        ("slider", "test_fraction", 0.5, "test_fraction", 0.5),
        ("selectbox", "loss", "hinge", "loss", "hinge"),
        ("slider", "dropout", 0.5, "dropout", 0.5),
        ("slider", "bias_std", 0.5, "bias_std", 0.5),
        ("selectbox", "optimizer", "adam", "optimizer", "adam"),
        ("select_slider", "learning_rate", 0.001, "learning_rate", 0.001),
        ("select_slider", "batch_size", 32, "batch_size", 32),
        ("selectbox", "clip", "norm", "clip", "norm"),
        ("slider", "steps", 100, "steps", 100),
        ("number_input", "seed", 7, "seed", 7),
    ],
)
def test_a_control_writes_its_field_into_the_address(visit, widget, key, value, field, expected):
    app = visit("gradients")
    control(app, widget, key).set_value(value).run()
    assert not app.exception
    spec, notes = RunSpec.from_query(query_of(app))
    assert notes == []
    assert spec == RunSpec(**{field: expected})
    assert getattr(spec, field) == expected
    assert control(app, widget, key).value == value


def test_controls_that_change_nothing_are_switched_off(visit):
    app = visit("gradients")
    assert control(app, "slider", "momentum").disabled
    assert control(app, "select_slider", "clip_threshold").disabled
    assert control(app, "slider", "alpha").disabled
    app = visit("gradients", optimizer="momentum", clip="norm", activation="elu")
    assert not control(app, "slider", "momentum").disabled
    assert not control(app, "select_slider", "clip_threshold").disabled
    assert control(app, "slider", "alpha").value == 1.0


def test_depth_keeps_what_each_layer_has_of_its_own(visit):
    app = visit("gradients", widths="8,4", activation="relu,tanh", batch_norm="1,0")
    control(app, "slider", "depth").set_value(3).run()
    assert app.session_state["link"].spec == RunSpec(
        widths=(8, 4, 4), activation=("relu", "tanh", "tanh"), batch_norm=(True, False, False))
    control(app, "slider", "width").set_value(16).run()
    assert app.session_state["link"].spec.widths == (16,) * 3


def test_an_address_that_was_on_its_way_undoes_nothing(visit):
    """A message of a live page may carry the address from before the last change."""
    app = visit("gradients")
    control(app, "slider", "depth").set_value(3).run()
    app.query_params.clear()
    app.run()
    assert app.session_state["link"].spec.depth == 3
    assert control(app, "slider", "depth").value == 3
    assert query_of(app) == RunSpec(widths=(32,) * 3).to_query()


def test_what_a_widget_that_is_gone_still_says_undoes_nothing(visit):
    """A message on its way speaks of the slider as it was before a set-up gave it another value."""
    app = visit("gradients")
    late = control(app, "slider", "depth")
    set_up(app, "Explodes")
    assert late.key not in {one.key for one in app.slider}
    message = app._tree.get_widget_states()
    message.widgets.append(late.set_value(7)._widget_state)
    app._run(message)
    assert app.session_state["link"].spec.depth == 20
    assert control(app, "slider", "depth").value == 20
    control(app, "slider", "depth").set_value(7).run()
    assert app.session_state["link"].spec.depth == 7


def test_back_brings_the_values_of_before_into_every_control(visit, monkeypatch):
    app = visit("gradients")
    control(app, "slider", "depth").set_value(3).run()
    control(app, "selectbox", "activation").set_value("relu").run()
    monkeypatch.setattr("pages.ui.link._history_navigation", lambda: True)
    app.query_params.clear()
    app.query_params.update(RunSpec(widths=(32,) * 3).to_query())
    app.run()
    assert control(app, "selectbox", "activation").value == "sigmoid"
    app.query_params.clear()
    app.run()
    assert control(app, "slider", "depth").value == 10
    monkeypatch.undo()
    control(app, "selectbox", "activation").set_value("relu").run()
    assert app.session_state["link"].spec == RunSpec(activation="relu")


def test_an_address_that_is_new_is_followed(visit):
    app = visit("gradients")
    app.query_params.update({"activation": "tanh"})
    app.run()
    assert app.session_state["link"].spec == RunSpec(activation="tanh")
    assert control(app, "selectbox", "activation").value == "tanh"


@pytest.mark.parametrize(("name", "setup"), only_nightly(
    [(name, setup) for name in RUN_PAGES for setup in SETUPS[name]],
    but=[(name, SETUPS[name][0]) for name in RUN_PAGES]), ids=lambda value: getattr(value, "label", value))
def test_a_set_up_opens_as_it_says(visit, name, setup):
    app = visit(name)
    texts(set_up(app, setup.label))
    assert app.session_state["link"].spec == setup.spec
    assert widget(app, "pills", f"setups_{name}").value == setup.label
    assert setup.look in [caption.value for caption in app.caption]
    run = {key: text for key, text in query_of(app).items() if key not in setup.own}
    assert not run or RunSpec.from_query(run) == (setup.spec, [])  # without one the page opens with it by itself


def shared(app: AppTest) -> list[dict[str, str]]:
    """What the links that are offered to share say, in the order in which they stand."""
    return [dict(parse_qsl(code.value.partition("?")[2])) for code in app.code if code.value.startswith("?")]


def test_what_is_shared_opens_what_is_on_the_screen_or_its_beginning(visit):
    app = visit("gradients", activation="tanh", step="150")
    run = RunSpec(activation="tanh").to_query()
    assert shared(app) == [run | {"step": "150"}, run]
    control(app, "slider", "depth").set_value(4).run()  # another run, which is at its beginning
    run = RunSpec(activation="tanh", widths=(32,) * 4).to_query()
    assert shared(app) == [run]
    assert query_of(app) == run
    app = rest(visit("gradients"), -1)
    assert shared(app) == [RunSpec().to_query() | {"step": "300"}, RunSpec().to_query()]
    again = visit("gradients", **shared(app)[0])
    assert (viewer(again).at, bar(again)["run"]) == (viewer(app).at, bar(app)["run"])


def test_a_page_of_states_shares_the_number_of_the_one_that_is_shown(visit):
    app = rest(visit("optimizers", surface="bowl", x0="2"), 12)
    assert shared(app)[0].items() >= {"surface": "bowl", "x0": "2", "step": "12"}.items()
    again = visit("optimizers", **shared(app)[0])
    assert (bar(again)["opens"], bar(again)["known"]) == (12, 101)
    assert texts(again) == texts(app)


@pytest.mark.parametrize("name", PAGES)
def test_what_a_page_is_made_of_has_its_places(visit, name):
    app = visit(name)
    places = [block.proto.id.split("-", 2)[2] for block in app.get("flex_container") if block.proto.id]
    known = [place for place in places if place in PLACES]
    assert len(known) == len(set(known))
    files = (ROOT / "pages" / f"{name}.py", ROOT / "pages/parts" / f"{name}.py")
    source = "".join(file.read_text(encoding="utf-8") for file in files if file.exists())
    made = {place for place, call in PLACES.items() if re.search(call, source)}
    assert set(known) <= made
    # What a part plays and says may be of another part than the one that is open, or of what is brought first.
    elsewhere = {"player", "verdict"} if "Parts(" in source else {"player"} if name == "own_network" else set()
    assert made - set(known) <= elsewhere


def test_what_answers_to_the_player_is_what_stands_on_the_page(visit):
    def answers() -> dict[str, list[str]]:
        return {event: [key.partition(" ")[2] for key in keys] for event, keys in app.session_state["answers"].items()}

    app = visit("gradients")
    assert answers() == {"rest": ["share"], "more": ["bar", "draw", "draw_more"]}
    app.session_state["below_gradients"] = "Data"
    app.run()
    assert answers()["rest"] == ["share", "tables"]
    app.query_params.clear()
    app.switch_page("pages/perceptron.py").run()
    assert answers() == {"rest": ["share", "predictions"], "more": ["bar"]}


def test_an_error_in_a_page_is_a_sentence_with_a_way_back():
    def broken() -> None:
        from pages import ui

        with ui.guarded():
            raise ValueError("depth must be at least 1. Received: 0.")

    app = AppTest.from_function(broken).run()
    assert not app.exception
    assert "depth must be at least 1" in app.error[0].value
    assert "Traceback" not in app.error[0].value
    app.button(key="afresh_page").click().run()
    assert "link" not in app.session_state


def query_of(app: AppTest) -> dict[str, str]:
    return {name: text if isinstance(text, str) else text[-1] for name, text in app.query_params.items()}


@pytest.mark.parametrize("name", PAGES)
def test_a_first_visit_gets_the_first_charts_of_its_run_alone_and_then_the_rest(visit, monkeypatch, name):
    """A page without a run has nothing to wait for."""
    monkeypatch.setattr("pages.ui.first_paint.tensorflow_ready", lambda: False)
    app = visit(name)
    everything = len(list(app.main)), titles(app)
    waits = any(part != "more bar" for part in app.session_state["answers"].get("more", ()))
    app.session_state["painted"] = False
    app.run()
    first = titles(app)
    assert first == everything[1][:len(first) if waits else None]
    assert bool(first) or not waits
    assert (len(list(app.main)) < everything[0]) == waits
    app.session_state["painted"] = True
    app.run()
    assert (len(list(app.main)), titles(app)) == everything


@pytest.mark.parametrize(("name", "part"), [
    ("home", {}), ("perceptron", {}), ("perceptron", {"show": "hidden"}), ("anatomy", {}), ("activations", {}),
    ("activations", {"part": "deep"}), ("activations", {"part": "layers"}), ("activations", {"part": "softmax"}),
    ("activations", {"part": "linear"}), ("losses", {"show": "mistake"}), ("losses", {"show": "formula"}),
    ("gradients", {}), ("initializers", {}), ("optimizers", {}), ("optimizers", {"show": "network"}),
    ("optimizers", {"show": "rates"}), ("optimizers", {"show": "batches"}), ("regularization", {}),
    ("regularization", {"part": "batch_norm"}), ("curves", {})],
    ids=str)
def test_what_is_said_of_moments_has_no_marks_but_bold_and_code(visit, name, part):
    """The browser writes it without Markdown (moment.js)."""
    app = visit(name, **part)
    assert keys_of_moments(app)
    for key in keys_of_moments(app):
        said = moments(app, key)
        assert len(said) == (bar(app)["known"] if plays(app) else 1)
        for text in said:
            assert text.strip()
            rest_of_it = re.sub(r"\*\*[^*]+\*\*|`[^`]+`", "", text)
            assert not re.search(r"[*`$<\\]|:material|:\w+\[|\]\(", rest_of_it), text


def test_what_somebody_types_changes_what_the_page_opens_with(visit):
    # a link with its version means RunSpec's defaults
    typed = visit("curves", widths="16,8").session_state["link"].spec
    assert typed == replace(report.SOURCE, widths=(16, 8))
    assert visit("curves", widths="16,8", v="1").session_state["link"].spec == RunSpec(widths=(16, 8))
