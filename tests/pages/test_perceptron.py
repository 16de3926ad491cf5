"""The Perceptron page as its visitors get it: the course's run, the cycle, points of one's own, the hidden layer."""

from __future__ import annotations

import re

import pytest

from core import tensors
from core.charts.boundary import measured
from core.lessons.perceptron.rule import AND, NETWORK, OR, XOR, learn
from core.runs import RUNS
from core.shipped.opening_runs import SPECS
from core.spec import RunSpec
from pages.ui.run_controls import edited
from pages.ui.setups import SETUPS
from tests.pages.reading import bar, begun, control, ended, every_text, frame, rest, runs, texts, whole

ON_XOR = NETWORK.to_query()


def predicted(app) -> list[str]:
    """What is said of each point: by the network, or by the line after the step that is shown."""
    table = app.table[0].value
    return [one.split()[0] for one in table["Predicted" if "Predicted" in table else "After"]]


def test_it_opens_on_and_before_the_first_example(visit):
    """The story begins with what one unit can do; XOR comes second."""
    app = visit("perceptron")
    assert app.session_state["link"].spec.points == AND
    assert (bar(app)["opens"], bar(app)["plays"]) == (0, False)
    assert predicted(ended(app)) == ["0", "0", "0", "1"]
    assert [setup.label for setup in SETUPS["perceptron rule"]][:2] == ["AND", "XOR cannot be"]


def test_the_other_part_opens_with_xor_but_keeps_points_that_somebody_placed(visit):
    app = visit("perceptron")
    control(app, "button_group", "show").set_value("hidden").run()
    assert app.session_state["link"].spec == NETWORK
    app = visit("perceptron", **NETWORK.to_query() | {"points": "0,0,0;1,1,1"})
    control(app, "button_group", "show").set_value("hidden").run()
    assert app.session_state["link"].spec.points == ((0, 0, 0), (1, 1, 1))


def test_xor_ends_with_the_course_s_predictions_without_tensorflow(visit, monkeypatch):
    monkeypatch.setattr(tensors, "loaded", lambda: False)
    app = visit("perceptron", **ON_XOR)
    assert predicted(app) == ["1", "1", "1", "1"]
    assert len(learn(XOR).states) == 4 * 100 + 1 == bar(app)["known"]
    assert predicted(ended(app)) == ["1", "1", "0", "0"]
    assert "Caught in a cycle" in every_text(app, "perceptron")
    assert "the point (0.5, 0.5)" in texts(app)
    assert frame(app, 1)["errors"].tolist() == [3, 3] + [4] * 98
    assert not RUNS._runs  # nothing is trained


@pytest.mark.nightly
def test_the_file_prints_what_the_page_shows(visit, keras_output):
    printed = keras_output("p1_perceptron")
    one, net = (re.search(rf"{what}: (\[.*?\])", printed)[1] for what in ("One unit", "One hidden layer"))
    assert [str(label) for label in whole_numbers(one)] == predicted(ended(visit("perceptron", **ON_XOR))) == [
        "1", "1", "0", "0"]
    assert whole_numbers(net) == [label for *_, label in XOR]


def whole_numbers(text: str) -> list[int]:
    return [int(part) for part in text.strip("[]").split(",")]


@pytest.mark.parametrize(("points", "wanted"), [(AND, "0001"), (OR, "0111")])
def test_and_and_or_end_with_a_line(visit, points, wanted):
    app = ended(visit("perceptron", **RunSpec(dataset="points", points=points).to_query()))
    assert "A line" in texts(app)
    assert predicted(app) == list(wanted)
    drawn = frame(app)
    line = drawn[drawn["what"] == "line"].iloc[0]
    state = learn(points).states[-1]
    for x, y in ((line["x"], line["y"]), (line["x2"], line["y2"])):
        assert x * state.weights[0] + y * state.weights[1] + state.bias == pytest.approx(0, abs=1e-9)


def test_every_update_moves_the_line_and_says_how(visit):
    app = rest(visit("perceptron", **ON_XOR), 1)
    assert "wrong, error 0 − 1 = −1" in texts(app)
    assert "b = −0.1" in texts(app)
    assert set(frame(app)["what"]) == {"back", "now", "point", "both"}  # predicted 0 everywhere: no line yet
    rest(app, 3)
    drawn = frame(app)
    assert drawn[drawn["what"] == "line"]["y"].tolist() == [0.0]
    assert drawn[drawn["what"] == "now"][["x", "y"]].to_numpy().tolist() == [[1, 0]]
    assert frame(app, 1)["errors"].tolist() == [2]
    rest(app, 0)
    assert "without a line" in texts(app)
    assert frame(app, 1).empty


def test_points_of_one_s_own_are_in_the_link(visit):
    app = visit("perceptron")
    control(app, "text_input", "points").set_value("0,0,0;1.5,-2,1;1,1,0").run()
    assert app.session_state["link"].spec.points == ((0, 0, 0), (1.5, -2, 1), (1, 1, 0))
    assert app.query_params["points"] == "0,0,0;1.5,-2,1;1,1,0"
    assert "A line" in texts(ended(app))
    assert len(app.table[0].value) == 3
    control(app, "text_input", "points").set_value("no points at all").run()
    assert "points must be at most 40 triples" in app.warning[0].value
    assert predicted(ended(app)) == ["1", "1", "0", "0"]  # XOR where nobody has placed any


def test_the_table_of_points_moves_adds_and_deletes():
    changes = {"edited_rows": {1: {"x2": 3.5}}, "added_rows": [{"x1": -1, "x2": 0.5, "label": 1}, {"x1": 2}],
               "deleted_rows": [0]}
    assert [tuple(row.values()) for row in edited(XOR, changes)] == [
        (0, 3.5, 1), (1, 0, 1), (1, 1, 0), (-1, 0.5, 1)]


def test_a_data_set_that_is_not_of_points_is_shown_with_xor_and_says_so(visit):
    app = ended(visit("perceptron", dataset="digits"))
    assert "Digits (real) is not shown here" in texts(app)
    assert predicted(app) == ["1", "1", "0", "0"]


@pytest.mark.parametrize("query", [
    {"show": "nothing"}, {"rate": "nan", "epochs": "1e9"}, {"dataset": "points", "points": "nan,0,1;;,,"},
    {"dataset": "points", "points": "1,1,1"}, {"dataset": "points", "points": "1,1,0;1,1,1"},
    {"show": "hidden", "dataset": "points", "points": "5,5,0"}, {"show": "hidden", "dataset": "sine"},
    {"dataset": "points", "points": ";".join(["0.11,-0.07,1", "-5,5,0"] * 20)}, {"loss": "custom", "dataset": "blobs"},
])
def test_odd_links_still_open(visit, tensorflow, query):
    assert every_text(visit("perceptron", **query), "perceptron")


@pytest.mark.parametrize("part", ["rule", "hidden"])
def test_every_set_up_opens_and_is_marked(visit, part):
    for setup in SETUPS[f"perceptron {part}"]:
        app = visit("perceptron", **setup.spec.to_query(), **setup.own)
        assert app.pills[0].value == setup.label
        assert setup.look in every_text(app, "perceptron")


def test_one_hidden_layer_solves_xor_and_comes_with_the_app(visit, monkeypatch):
    assert NETWORK in SPECS
    monkeypatch.setattr(tensors, "loaded", lambda: False)
    app = visit("perceptron", show="hidden", **ON_XOR)
    assert "Solved" not in texts(app)
    assert "Solved" in every_text(ended(app), "perceptron")
    assert "4 of 4 points" in texts(app)
    assert predicted(app) == [str(label) for *_, label in XOR]
    drawn = frame(app)
    assert set(drawn[drawn["what"] == "example"]["mark"]) == {"class 0", "class 1"}
    said = measured(whole(app), bar(app)["known"] - 1)
    assert said["says"].tolist() == said["class"].tolist()


def test_it_trains_points_of_one_s_own(visit, tensorflow):
    query = ON_XOR | {"points": "0,0,0;1,1,1", "steps": "40"}
    app = ended(visit("perceptron", show="hidden", **query))
    assert bar(app)["labels"][bar(app)["opens"]] == "step 40 of 40"
    assert "Solved" in every_text(app, "perceptron")


def test_the_first_epochs_are_played_example_by_example_and_then_whole_ones(visit):
    app = visit("perceptron", **ON_XOR)
    pace, labels = bar(app)["pace"], bar(app)["labels"]
    assert labels[pace["slow"]] == "epoch 3 · 4 of 4"
    played = labels[pace["slow"]::pace["stride"]]
    assert played == [f"epoch {epoch} · 4 of 4" for epoch in range(3, 101)]
    assert pace["slowly"] == 3000
    assert pace["frame"] >= 334  # three pictures a second: nothing flickers


def test_changing_parts_keeps_the_points(visit, tensorflow):
    app = visit("perceptron", **RunSpec(dataset="points", points=AND).to_query())
    app.segmented_control[0].set_value("hidden").run()
    assert app.session_state["link"].spec.points == AND
    assert [snapshot.step for snapshot in runs(begun(app))[0].history] == [0]  # of these points, not of XOR's


def test_alone_it_hands_over_to_the_router(alone):
    assert not alone("perceptron").exception
