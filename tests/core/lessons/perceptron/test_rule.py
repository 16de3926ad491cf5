"""The learning rule against a loop over NumPy rows and scikit-learn's Perceptron; the proof that no line exists."""

import json
import random
import re
from dataclasses import replace
from itertools import product

import altair as alt
import numpy as np
import pytest
from sklearn.linear_model import Perceptron

from core.charts import moving
from core.lessons.perceptron import charts, report
from core.lessons.perceptron.rule import (
    AND,
    CORNERS,
    NETWORK,
    OR,
    XOR,
    Cycle,
    Overlap,
    SeparatingLine,
    learn,
    placed,
    separation,
)
from core.lessons.perceptron.setups import SETUPS
from core.spec import RunSpec
from core.training import train


def by_hand(points, rate: float, epochs: int) -> tuple[list, list[int]]:
    """The course's own loop: weights and bias after every example, and the predictions at the end."""
    x, y = np.array(points)[:, :2], np.array(points)[:, 2]
    weights, bias, after = np.zeros(2), 0.0, []
    for _ in range(epochs):
        for row, label in zip(x, y, strict=True):
            error = label - (1 if np.dot(row, weights) + bias >= 0 else 0)
            weights = weights + rate * error * row
            bias += rate * error
            after.append((*weights, bias))
    return after, [1 if np.dot(row, weights) + bias >= 0 else 0 for row in x]


def some_points(seed: int, n: int = 8):
    rng = random.Random(seed)
    return tuple((round(rng.uniform(-3, 3), 2), round(rng.uniform(-3, 3), 2), rng.randint(0, 1)) for _ in range(n))


RUNS = [AND, XOR, ((0.5, 0.5, 1),), *map(some_points, range(3))]


def test_the_course_s_run_predicts_1_1_0_0():
    learning = learn(XOR, 0.1, 100)
    assert [learning.states[-1].predict(x1, x2) for x1, x2, _ in XOR] == [1, 1, 0, 0]
    assert len(learning.errors) == 100
    assert learning.converged is None


@pytest.mark.parametrize("rate", [0.1, 0.37, 1])
@pytest.mark.parametrize("points", [AND, OR, XOR, *map(some_points, range(4))])
def test_every_state_is_that_of_a_loop_over_rows(points, rate):
    learning = learn(points, rate, 30)
    after, predicted = by_hand(points, rate, 30)
    for state, wanted in zip(learning.states[1:], after, strict=False):
        assert (*state.weights, state.bias) == pytest.approx(wanted, abs=1e-12)
    assert [learning.states[-1].predict(x1, x2) for x1, x2, _ in points] == predicted  # also where it ended early


@pytest.mark.parametrize("points", [AND, OR, XOR, *map(some_points, range(3))])
def test_scikit_learn_makes_as_many_mistakes_in_each_epoch(points):
    """Theirs predicts class 1 only above 0, and updates at 0 too, so a bias of −tiny lets the two agree at ties."""
    learning = learn(points, 1.0, 12)
    model = Perceptron(eta0=1.0, shuffle=False, max_iter=1, tol=None, penalty=None)
    x, y = np.array(points)[:, :2], np.array(points)[:, 2]
    if len(set(y)) < 2:
        pytest.skip("it needs two classes")
    weights, bias = np.zeros((1, 2)), np.array([1e-9])
    for epoch in range(1, len(learning.errors) + 1):
        model.fit(x, y, coef_init=weights, intercept_init=bias)
        weights, bias = model.coef_, model.intercept_
        state = learning.after(epoch)
        assert [*weights[0], bias[0]] == pytest.approx([*state.weights, state.bias], abs=1e-6)


@pytest.mark.parametrize(("points", "rate", "epoch"), [(AND, 0.1, 4), (AND, 1, 6), (OR, 0.1, 4), (OR, 1, 4)])
def test_and_and_or_converge(points, rate, epoch):
    learning = learn(points, rate)
    assert learning.converged == epoch == len(learning.errors)
    assert all(learning.states[-1].predict(x1, x2) == label for x1, x2, label in points)
    assert learning.cycle is None
    assert isinstance(separation(points), SeparatingLine)


@pytest.mark.parametrize("rate", [0.01, 0.1, 0.3, 1])
def test_xor_is_caught_in_a_cycle_of_one_epoch(rate):
    learning = learn(XOR, rate)
    assert learning.cycle == Cycle(3, 1)
    assert learning.errors == (3, 3, *[4] * 98)
    for epoch in range(2, 101):
        state = learning.after(epoch)
        assert (*state.weights, state.bias) == pytest.approx((*learning.after(2).weights, learning.after(2).bias))


def test_a_longer_cycle_comes_back_after_its_epochs():
    found = [(points, learn(points)) for points in (
        tuple((rng.randint(-2, 2), rng.randint(-2, 2), rng.randint(0, 1)) for _ in range(5))
        for rng in map(random.Random, range(60)))]
    cycles = [(learning, learning.cycle) for _, learning in found if learning.cycle and learning.cycle.epochs > 1]
    assert len(cycles) > 3
    for learning, cycle in cycles:
        start, end = (learning.after(epoch) for epoch in (cycle.first - 1, cycle.first - 1 + cycle.epochs))
        assert (*start.weights, start.bias) == pytest.approx((*end.weights, end.bias), abs=1e-9)
        loop = learning.errors[cycle.first - 1:]
        assert all(loop[i] == loop[i + cycle.epochs] for i in range(len(loop) - cycle.epochs))
        assert min(loop) > 0


def test_either_a_line_or_an_overlap_and_each_is_what_it_says():
    kinds = set()
    for seed in range(150):
        points = some_points(seed, 2 + seed % 9)
        x, label = np.array(points)[:, :2], np.array(points)[:, 2]
        found = separation(points)
        kinds.add(type(found))
        if isinstance(found, SeparatingLine):
            z = x @ found.weights + found.bias
            assert ((z > 0) == (label == 1)).all()
        else:
            for kind, shares in enumerate(found.mixes):
                assert min(shares) >= -1e-9
                assert sum(shares) == pytest.approx(1)
                assert np.array(shares) @ x[label == kind] == pytest.approx(found.x, abs=1e-6)
            assert learn(points).converged is None
    assert kinds == {SeparatingLine, Overlap}


def test_a_cycle_is_a_proof_that_no_line_exists():
    """Its corrections add up to nothing, which makes them two mixes of one point."""
    cycles, no_cycles = 0, 0
    for labels in product((0, 1), repeat=5):
        points = tuple((*place, label) for place, label in zip([*CORNERS, (2.0, 1.0)], labels, strict=True))
        learning = learn(points, 1.0)
        assert (learning.overlap is None) == isinstance(separation(points), SeparatingLine)
        no_cycles += learning.cycle is None
        if learning.cycle is not None:
            cycles += 1
            x, label = np.array(points)[:, :2], np.array(points)[:, 2]
            for kind, shares in enumerate(learning.overlap.mixes):
                assert min(shares) >= 0
                assert sum(shares) == pytest.approx(1)
                assert np.array(shares) @ x[label == kind] == pytest.approx(learning.overlap.x)
    assert cycles >= 8
    assert no_cycles >= 16


def test_xor_overlaps_in_its_middle():
    assert learn(XOR).overlap.x == pytest.approx((0.5, 0.5))
    assert separation(XOR).x == pytest.approx((0.5, 0.5))
    assert isinstance(separation(((1, 1, 0), (1, 1, 1))), Overlap)  # one place, two classes
    assert isinstance(separation(((1, 1, 1),)), SeparatingLine)
    assert isinstance(separation(((0, 0, 0), (0.01, 0, 1))), SeparatingLine)


def test_where_a_line_exists_the_rule_finds_one_given_epochs():
    separable = [points for points in (some_points(seed, 5) for seed in range(60))
                 if isinstance(separation(points), SeparatingLine)]
    assert len(separable) > 15
    for points in separable:
        assert learn(points, 1.0, 20000).converged is not None


def test_the_data_behind_the_picture_are_the_examples_and_the_ends_of_the_line():
    learning = learn(AND, 0.1, 100)
    state = learning.states[-1]
    rows = charts.measured(charts.plane_frame(learning), len(learning.states) - 1)
    examples, ends = rows[rows["what"] == "example"], rows[rows["what"] == "end of the line"]
    assert [tuple(row) for row in examples[["x₁", "x₂", "class", "says"]].to_numpy()] == [
        (x1, x2, f"class {label}", f"class {label}") for x1, x2, label in AND]
    heights = ends[["x₁", "x₂"]].to_numpy(float) @ state.weights + state.bias
    np.testing.assert_allclose(heights, [0, 0], atol=1e-12)


def test_half_of_the_plane_is_clipped_where_the_sum_is_0():
    area = (-1.0, 2.0, 0.0, 1.0)
    for points in (AND, OR, XOR, *map(some_points, range(5))):
        for state in learn(points, epochs=5).states:
            inside, ends = charts.half_plane(state, area)
            z = [x * state.weights[0] + y * state.weights[1] + state.bias for x, y in inside]
            assert min(z, default=0) >= -1e-9
            assert len(ends) in (0, 2)
            for x, y in ends:
                assert x * state.weights[0] + y * state.weights[1] + state.bias == pytest.approx(0, abs=1e-9)
    assert charts.half_plane(learn(XOR).states[0], area)[0] == [(-1, 0), (2, 0), (2, 1), (-1, 1)]


def test_the_errors_of_the_chart_are_those_of_the_run_and_partial_within_an_epoch():
    learning = learn(XOR)
    frame = charts.errors_frame(learning)
    assert moving.at(frame, 400)["errors"].tolist() == list(learning.errors)
    assert moving.at(frame, 6)["errors"].tolist() == [3, 1]


@pytest.mark.parametrize("points", RUNS)
def test_at_every_state_the_errors_so_far_are_counted_by_epoch(points):
    learning = learn(points, epochs=6)
    frame = charts.errors_frame(learning)
    for index, state in enumerate(learning.states):
        wrong = np.zeros(state.epoch)
        for before in learning.states[1:index + 1]:
            wrong[before.epoch - 1] += before.error != 0
        now = moving.at(frame, index)
        assert now["errors"].tolist() == wrong.tolist()
        assert now["epoch"].tolist() == list(range(1, state.epoch + 1))
        assert ((now["from"] < now["epoch"]) & (now["epoch"] < now["to"])).all()


def pictured(learning, index: int) -> list[tuple]:
    """What the picture of a state has to hold, from the state itself: what, where from, where to, which class, said."""
    state, area = learning.states[index], charts.box(learning.points)
    inside, ends = charts.half_plane(state, area)
    nowhere = (None, None)
    rows = [("back", *area[::2], *area[1::2], "", ""), *(("area", *corner, *nowhere, "", "") for corner in inside)]
    rows += [("line", *ends[0], *ends[1], "", "")] if ends else []
    if state.error and (before := charts.half_plane(learning.states[index - 1], area)[1]):
        rows.append(("before", *before[0], *before[1], "", ""))
    for n, (x1, x2, label) in enumerate(learning.points):
        rows.append(("point", x1, x2, *nowhere, f"class {label}", f"class {state.predict(x1, x2)}"))
        rows += [("now", x1, x2, *nowhere, "", "")] if n == state.example else []
    return rows + ([("both", *learning.overlap.x, *nowhere, "", "")] if learning.overlap else [])


@pytest.mark.parametrize("points", RUNS)
def test_at_every_state_the_frame_of_the_run_is_the_picture_of_that_state(points):
    learning = learn(points, epochs=6)
    frame = charts.plane_frame(learning)
    for index in range(len(learning.states)):
        now = moving.at(frame, index)
        shown = now[["what", "x", "y", "x2", "y2", "class", "says"]].astype(object)
        rows = shown.where(shown.notna(), None).itertuples(index=False, name=None)
        assert sorted(map(repr, rows)) == sorted(map(repr, pictured(learning, index)))
        corners = now[now["what"] == "area"].sort_values("order")
        assert list(zip(corners["x"], corners["y"], strict=True)) == charts.half_plane(
            learning.states[index], charts.box(points))[0]


def test_what_stays_is_sent_once():
    learning = learn(XOR)
    frame = charts.plane_frame(learning)
    counts = frame["what"].value_counts()
    assert counts["back"] == counts["both"] == 1
    assert counts["line"] < len(learning.states)
    settled = charts.plane_frame(learn(AND))
    last = settled[settled["until"] == moving.FOREVER]
    assert set(last["what"]) == {"back", "area", "line", "point", "now"}
    assert len(moving.at(settled, 10_000)) == len(last)


@pytest.mark.parametrize("draw", [charts.plane, charts.errors])
def test_the_drawing_is_that_of_all_moments_and_valid(draw):
    drawing = draw(learn(XOR))
    assert drawing.alt.endswith("The data table has the numbers.") or "tables have" in drawing.alt
    assert drawing is draw(learn(XOR, 0.5))
    assert alt.Chart.from_dict(drawing.spec).to_dict()
    assert json.loads(json.dumps(drawing.spec)) == drawing.spec
    assert drawing.spec["params"] == moving.PARAMS
    assert drawing.spec["transform"] == moving.LIFE


def test_the_plane_stays_however_long_the_run_is():
    assert charts.plane(learn(XOR, epochs=2)) is charts.plane(learn(XOR, epochs=90))
    assert len(charts.plane(learn(XOR)).spec["title"]) < 40  # for a column of 300 px


def test_what_it_says_is_what_happened():
    learning = learn(AND)
    assert report.moved(learning, 1) == (
        "Example 1 is (0, 0), class 0. w·x + b = 0, so the prediction is **1**: wrong, "
        "error 0 − 1 = −1. So w − η·x and b − η give **w = (0, 0), b = −0.1**.")
    assert "right, and nothing changes" in report.moved(learning, 2)
    assert report.label(learning, 6) == "epoch 2 · 2 of 4"
    assert "Not yet" in report.outcome(learn(AND, epochs=2))
    assert "A line" in report.outcome(learning)
    assert "has not" not in report.outcome(learn(XOR))
    assert "2 wrong" not in report.outcome(learn(XOR))


def test_every_outcome_has_its_words():
    words = {report.outcome(learn(some_points(seed), epochs=40)).split("**")[1] for seed in range(80)}
    assert words >= {"A line", "Not yet", "No line"}
    assert "Caught in a cycle" in report.outcome(learn(XOR))


def test_points_come_from_the_run_and_from_xor_where_it_has_none():
    assert placed(NETWORK) == (NETWORK, "")
    assert placed(RunSpec(dataset="points"))[0].points == XOR
    for query in ({"dataset": "digits"}, {"dataset": "sine", "loss": "huber"}, {"samples": 2000, "test_fraction": 0.9}):
        spec, note = placed(RunSpec(**query))
        assert (spec.points, spec.samples, spec.test_fraction) == (XOR, 4, 0)
        assert note.endswith("Shown with XOR.")


@pytest.mark.parametrize(("seed", "solved"), [(0, True), (15, False)])
def test_four_units_solve_xor_but_not_from_every_seed(seed, solved):
    assert (list(train(replace(NETWORK, seed=seed)))[-1].accuracy == 1) is solved


def test_one_hidden_unit_does_not():
    assert list(train(replace(NETWORK, widths=(1,))))[-1].accuracy < 1


# --- the sentence and the table beside it -----------------------------------------------------------------------------


def disagreements(sentence: str, rows: list[dict[str, str]]) -> list[str]:
    """Numbers that stand in the sentence on a step and in the table, and are not the same."""
    found = []
    if said := re.search(r"Example (\d+) .*prediction is \*\*(\d)\*\*: (right|wrong)", sentence):
        row = rows[int(said[1]) - 1]
        found += [] if row["Before"] == f"{said[2]} {'✓' if said[3] == 'right' else '✗'}" else [said[0]]
    if said := re.search(r"(\d+) wrong at its end", sentence):
        found += [] if sum("✗" in row["After"] for row in rows) == int(said[1]) else [said[0]]
    return found


@pytest.mark.parametrize("setup", SETUPS["perceptron rule"], ids=lambda setup: setup.label)
def test_sentence_and_table_say_the_same_at_every_step(setup):
    learning = learn(setup.spec.points, float(setup.own["rate"]), int(setup.own["epochs"]))
    pairs = 0
    for moment in range(len(learning.states)):
        sentence, rows = report.moved(learning, moment), report.predictions(learning, moment)
        assert disagreements(sentence, rows) == []
        pairs += sentence.count("prediction is") + sentence.count("wrong at its end")
    assert pairs > len(learning.states) - 1


def test_planted_contradictions_are_found():
    learning = learn(XOR)
    sentence, rows = report.moved(learning, 4), report.predictions(learning, 4)
    assert disagreements(sentence, rows) == []
    turned = [row | {"Before": row["Before"].translate(str.maketrans("✓✗", "✗✓"))} for row in rows]
    assert disagreements(sentence, turned)
    assert disagreements(sentence.replace(" wrong at", "0 wrong at"), rows)
