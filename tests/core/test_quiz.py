"""Questions: every main set-up has one, and its right answer is that of somebody who computes it another way."""

from __future__ import annotations

import math
import pkgutil
import re
from dataclasses import replace
from importlib import import_module

import numpy as np
import pytest

from core import lessons
from core.quiz import (
    Answer,
    Asked,
    HowMuch,
    Question,
    WhichLine,
    courses,
    factor_of_ten,
    nearest,
    nearest_line,
    tens,
    whole,
)
from core.spec import RunSpec
from core.words import SPACE, say
from tests.shipped import histories

LESSONS = [lesson.name.rpartition(".")[2] for lesson in pkgutil.iter_modules(lessons.__path__)]
QUESTIONS = {(page, name): question for page in LESSONS
             for name, question in import_module(f"core.lessons.{page}.quiz").QUESTIONS.items()}
SETUPS = {where: table for page in LESSONS
          for where, table in import_module(f"core.lessons.{page}.setups").SETUPS.items()}
WHERE = {page: question for page, question in QUESTIONS.items() if question.setup}


def of_runs(question: Question) -> list:
    return [histories()[spec] for spec in question.specs]


def asked(page: str, name: str) -> Asked:
    question = QUESTIONS[page, name]
    return question.ask(of_runs(question))


def right(page: str, name: str) -> str:
    """The choice that the numbers say, in the middle of those that count."""
    found = asked(page, name)
    question = QUESTIONS[page, name]
    return found.choices[question.answer(of_runs(question)).right]


# --- the tables -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", SETUPS)
def test_the_first_set_up_of_every_table_has_a_question(where):
    assert f"{where} / {SETUPS[where][0].label}" in {question.setup for question in QUESTIONS.values()}


@pytest.mark.parametrize(("page", "name"), WHERE)
def test_a_question_is_asked_before_a_set_up_that_there_is(page, name):
    where, _, label = WHERE[page, name].setup.partition(" / ")
    assert where.partition(" ")[0] == page
    assert label in [setup.label for setup in SETUPS[where]]


@pytest.mark.parametrize(("page", "name"), QUESTIONS)
def test_an_answer_is_computed_from_what_came_with_the_app(page, name):
    question = QUESTIONS[page, name]
    found = asked(page, name)
    assert question.text.endswith(("?", "."))
    assert 2 <= len(set(found.choices)) == len(found.choices)
    assert len(found.choices) <= 12
    assert found.right
    assert set(found.right) <= set(range(len(found.choices)))
    assert len(found.right) < len(found.choices) - 1 or found.kind != "number"
    assert found.because.endswith(".")
    assert any(sign.isdigit() for sign in found.because)
    assert len(found.lines) == (len(found.choices) if found.kind == "line" else 0)
    assert all(math.isfinite(number) for line in found.lines for number in line)


# --- the same by another way ----------------------------------------------------------------------------------------


def last(page: str, name: str, field: str) -> list[float]:
    return [getattr(history[-1], field) for history in of_runs(QUESTIONS[page, name])]


def perceptron_epochs() -> int:
    """The rule on AND as the course writes it, with arrays."""
    x, y, w, b = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 0, 0, 1]), np.zeros(2), 0.0
    for epoch in range(1, 101):
        mistakes = 0
        for row, label in zip(x, y, strict=True):
            error = label - int(row @ w + b >= 0)
            w, b, mistakes = w + 0.1 * error * row, b + 0.1 * error, mistakes + abs(error)
        if not mistakes:
            return epoch
    return 0


def arrivals_of_descent(curvatures: tuple[float, float], start: tuple[float, float], rate: float) -> int:
    """When gradient descent on ½ Σ λ x² has at most 1/1000 of the height left, in closed form: x (1 − ηλ)ⁿ."""
    height = [sum(c * (x * (1 - rate * c) ** n) ** 2 for c, x in zip(curvatures, start, strict=True))
              for n in range(101)]
    return next(n for n in range(101) if max(height[n:]) <= 1e-3 * height[0])


def fell_below(signal: np.ndarray, share: float) -> int:
    return max(layer for layer in range(1, len(signal) + 1) if signal[layer - 1] / signal[-1] < share)


def gelu_slope(z: float) -> float:
    return (1 + math.erf(z / math.sqrt(2))) / 2 + z * math.exp(-z * z / 2) / math.sqrt(2 * math.pi)


def seeds_lower(name: str) -> str:
    ends = np.array(last("regularization", name, "validation_loss")).reshape(2, -1)
    return str(np.count_nonzero(np.diff(ends, axis=0) < 0))


def signal_of(page: str, name: str, moment: int = 0) -> np.ndarray:
    (history,) = of_runs(QUESTIONS[page, name])
    return history[moment].layers.signal_rms[:-1]


def sigmoid(z: float) -> float:
    return 1 / (1 + math.exp(-z))


def squared_slope_at_logit(z: float) -> float:
    """d/dz (σ(z) − 1)² by central differences."""
    return ((sigmoid(z + 1e-5) - 1) ** 2 - (sigmoid(z - 1e-5) - 1) ** 2) / 2e-5


RECOMPUTED = {
    ("activations", "slopes"): lambda: {-6: "About a millionth"}[round(math.log10(0.25**10))],
    ("activations", "far"): lambda: "GELU" if gelu_slope(2) > 1 else "ReLU",
    ("activations", "middle"): lambda: "Sigmoid",  # 1/4 against 1, 1/2, 1/2: Nwankpa et al. 2018, and any table
    ("activations", "deep"): lambda: "Rises to the output" if (np.diff(signal_of("activations", "deep")) > 0).all()
    else "",
    ("activations", "seeds"): lambda: str(sum(one > 0.99 for one in last("activations", "seeds", "accuracy"))),
    ("activations", "softmax"): lambda: f"About {math.e**2 / (math.e**2 + math.e + 1):.2f}",
    ("activations", "linear"): lambda: "By nothing but rounding",  # a theorem
    ("anatomy", "dense"): lambda: str((64 + 1) * 32),
    ("anatomy", "spirals"): lambda: str(min((50, 100, 200, 400), key=lambda step: abs(math.log(step / next(
        state.step for state in of_runs(QUESTIONS["anatomy", "spirals"])[0] if state.accuracy >= 0.9))))),
    ("anatomy", "two_units"): lambda: str((2 + 1) * 2 + (2 + 1)),
    ("anatomy", "feed_forward"): lambda: say(10.0 ** round(math.log10((64 + 1) * 32 + (32 + 1) * 10))),
    ("backprop", "bias"): lambda: "Up",  # what a step of descent does to the bias of an answer that is too low
    ("backprop", "off"): lambda: str(np.count_nonzero(np.array([0.5, 0.2, -2]) @ np.array(
        [[1.76, 0.4, 0.98, 2.24], [1.87, -0.98, 0.95, -0.15], [-0.1, 0.41, 0.14, 1.45]]) + [
            0.76, 0.12, 0.44, 0.33] < 0)),
    ("curves", "lowest"): lambda: "In the first third of the epochs",  # it overfits
    ("curves", "good"): lambda: "Falls and stays down",
    ("curves", "one_unit"): lambda: "Comes to rest high up",
    ("gradients", "times"): lambda: "About a million times" if 10**5.5 < np.divide(
        *signal_of("gradients", "times", -1)[[-1, 0]]) < 10**6.5 else "",
    ("gradients", "little"): lambda: str(fell_below(signal_of("gradients", "little"), 1e-3)),
    ("gradients", "course"): lambda: "Rises to the output" if (np.diff(signal_of("gradients", "course")) > 0).all()
    else "",
    ("initializers", "learn"): lambda: "2" if sum(one < 0.5 for one in last(
        "initializers", "learn", "training_loss")) == 2 else "",  # a guess has ln 2 = 0.69
    ("losses", "sure"): lambda: ["MAE", "MSE", "Binary cross-entropy"][np.argmax([1, 2 * 0.99, 1 / 0.01])],
    ("losses", "twice"): lambda: "Twice as hard",  # (e²)' = 2e
    ("losses", "logit"): lambda: say(10.0 ** round(math.log10((1 - sigmoid(-6)) / -squared_slope_at_logit(-6)))),
    ("losses", "typed"): lambda: "Less than a hundred thousandth" if max(
        abs(one.loss - other.loss) for one, other in zip(*of_runs(QUESTIONS["losses", "typed"]), strict=True)
    ) < 1e-5 else "",
    ("optimizers", "first_step"): lambda: "As long as the learning rate, however large the gradient",  # Kingma & Ba
    ("optimizers", "network"): lambda: min(zip(last("optimizers", "network", "training_loss"), QUESTIONS[
        "optimizers", "network"].choices, strict=True))[1],
    ("optimizers", "rate"): lambda: [rate for rate, history in zip(QUESTIONS["optimizers", "rate"].choices, of_runs(
        QUESTIONS["optimizers", "rate"]), strict=True) if history[-1].loss < history[0].loss][-1],
    ("optimizers", "batch"): lambda: "single",  # the fewer examples, the noisier: Robbins & Monro's theme
    ("perceptron", "xor"): lambda: "Two",  # the course: 1, 1, 0, 0
    ("perceptron", "and"): lambda: str(perceptron_epochs()),
    ("perceptron", "hidden"): lambda: str(round(4 * last("perceptron", "hidden", "accuracy")[0])),
    ("regularization", "training"): lambda: "The one with dropout" if np.diff(np.median(np.reshape(last(
        "regularization", "training", "training_loss"), (2, -1)), axis=1)) > 0 else "",
    ("regularization", "diabetes"): lambda: seeds_lower("diabetes"),
    ("regularization", "batch_norm"): lambda: seeds_lower("batch_norm"),
    ("regularization", "large_steps"): lambda: seeds_lower("large_steps"),
}
RACED = {("optimizers", "ravine"): ((1.0, 20.0), (-4.0, 1.5), 0.05), ("optimizers", "bowl"): (
    (1.0, 1.0), (-4.0, 2.5), 0.1)}


@pytest.mark.parametrize(("page", "name"), [where for where in QUESTIONS if where not in RACED])
def test_the_right_answer_is_found_another_way_too(page, name):
    assert right(page, name) == RECOMPUTED[page, name]()


@pytest.mark.parametrize(("page", "name"), RACED)
def test_plain_descent_wins_the_races_at_the_step_of_its_closed_form(page, name):
    found = asked(page, name)
    arrived = dict(re.findall(r"([A-Z][A-Za-z ]+) from move (\d+) on", found.because))
    assert int(arrived["Plain GD"]) == arrivals_of_descent(*RACED[page, name])
    assert right(page, name) == min(arrived, key=lambda one: int(arrived[one]))


@pytest.mark.parametrize(("page", "name"), [("curves", "good"), ("curves", "one_unit")])
def test_the_three_courses_of_a_validation_loss_are_what_they_are_called(page, name):
    down, high, turns = (np.array(line) for line in asked(page, name).lines)
    assert down[-1] < 0.3 * down[0]
    assert down[-1] - down.min() < 0.1 * (down[0] - down.min())
    assert high[-1] > 2 * down[-1]
    assert abs(high[-1] - high[len(high) // 2]) < 0.1 * high[0]
    assert turns[-1] > 1.5 * turns.min()


@pytest.mark.parametrize(("page", "name"), [where for where, question in QUESTIONS.items() if question.specs
                                            if where not in (("curves", "good"), ("curves", "one_unit"))])
def test_an_answer_follows_from_the_runs(page, name):
    """From runs that went another way another answer follows, or another sentence: nothing is typed."""
    question = QUESTIONS[page, name]

    def other(number, history):
        layers = replace(history[0].layers, signal_rms=np.geomspace(1, 1e-5, len(history[0].layers.signal_rms))[::-1])
        end = max(history[-1].step, 1)
        return [replace(state, accuracy=0.5 if state.step == end else min(0.5 + state.step / 200, 0.9),
                        loss=3.0 + (number or -1) * state.step / end, training_loss=3.0 + state.step / 7,
                        validation_loss=9.0 - state.step / 1e4, layers=layers) for state in history]

    changed = question.answer([other(number, history) for number, history in enumerate(of_runs(question))])
    assert changed != question.answer(of_runs(question))


# --- the kinds ------------------------------------------------------------------------------------------------------


def test_a_place_on_a_scale_is_right_within_what_is_stated():
    for place, counted in ((0, (0, 1)), (4, (3, 4, 5)), (9, (8, 9))):
        assert HowMuch("Which?", whole(1, 10), lambda _, p=place: Answer(p, "1."), within=1).ask().right == counted
    assert HowMuch("Which?", whole(1, 10), lambda _: Answer(4, "1.")).ask().right == (4,)


@pytest.mark.parametrize("place", [-1, 2])
def test_an_answer_that_is_none_of_the_choices_is_an_error(place):
    for kind in (Question, HowMuch):
        with pytest.raises(IndexError, match=f"one of 2 choices. Received: {place}"):
            kind("Which?", ("a", "b"), lambda _: Answer(place, "1.")).ask()


def test_scales():
    assert whole(0, 3) == ("0", "1", "2", "3")
    assert tens(3) == ("1", "10", "100", f"1{SPACE}000")
    assert [factor_of_ten(number, 3) for number in (0.01, 1, 3.1, 3.2, 31, 320, 4000, 1e9)] == [0, 0, 0, 1, 1, 3, 3, 3]
    assert nearest(30, (1, 10, 100)) == 1
    assert nearest(40, (1, 10, 100)) == 2


def test_the_nearest_line_is_the_one_with_the_least_sum_of_squares():
    measured = np.array([1.0, 2.0, 4.0])
    line, mirror, level = courses(measured)
    assert (line == measured).all()
    assert (mirror == [4, 2, 1]).all()
    assert level == pytest.approx([7 / 3] * 3)
    moved = ([0, 0, 0], [3, 0, -3], [1.2, 0.4, -1.5])
    assert [nearest_line(measured + off, [mirror, level, line]) for off in moved] == [2, 0, 1]


def test_a_line_question_draws_a_line_for_each_choice():
    drawn = WhichLine("Which?", ("up", "down", "level"), lambda runs: Answer(1, "1."), (RunSpec(),),
                      lines=lambda runs: courses(np.arange(3.0))).ask([[]])
    assert drawn.kind == "line"
    assert drawn.lines == ((0, 1, 2), (2, 1, 0), (1, 1, 1))
