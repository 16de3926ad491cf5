"""The questions of Anatomy."""

from __future__ import annotations

from core.architecture import Architecture
from core.layer_table import sequence, total
from core.lessons.anatomy.families import FAMILIES
from core.lessons.anatomy.report import OPENS
from core.lessons.anatomy.setups import SETUPS
from core.quiz import Answer, Histories, HowMuch, Question, factor_of_ten, nearest, tens
from core.words import count, say

UNITS = (64, 32)
STEPS, MOST_RIGHT = (50, 100, 200, 400), 0.9
PARAMETERS = (7, 9, 13)
_TWO_UNITS = next(setup.spec for setup in SETUPS["anatomy net"] if setup.label == "Two units enclose nothing")
FEED_FORWARD = "feed_forward"


def _dense(_: Histories) -> Answer:
    fan_in, units = UNITS
    parameters = total(sequence(fan_in, ("Dense", {"units": units})))
    return Answer((fan_in + units, fan_in * units, fan_in * units + units).index(parameters),
                  f"Each of the {units} units has {fan_in} weights and one bias: {fan_in} · {units} + {units} = "
                  f"{parameters} parameters.")


def _spirals(histories: Histories) -> Answer:
    (history,) = histories
    there = next(state for state in history if (state.accuracy or 0.0) >= MOST_RIGHT)
    return Answer(nearest(there.step, STEPS), f"At step {there.step} it has {there.accuracy:.0%} right for the first "
                  "time.")


def _two_units(_: Histories) -> Answer:
    assert _TWO_UNITS is not None
    parameters = Architecture.of(_TWO_UNITS).parameters
    return Answer(PARAMETERS.index(parameters), "Two units with two weights and a bias each, and an output with two "
                  f"weights and a bias: {parameters} parameters.")


def _feed_forward(_: Histories) -> Answer:
    parameters = sum(total(layers) for layers in FAMILIES[FEED_FORWARD].models.values())
    return Answer(factor_of_ten(parameters, 6), f"It has {count(parameters, 'parameter')}; the nearest factor of ten "
                  f"is {tens(6)[factor_of_ten(parameters, 6)]}.")


QUESTIONS: dict[str, Question] = {
    "dense": Question(
        f"A dense layer of {UNITS[1]} units takes {UNITS[0]} inputs. How many parameters does it have?",
        tuple(str(number) for number in (UNITS[0] + UNITS[1], UNITS[0] * UNITS[1], UNITS[0] * UNITS[1] + UNITS[1])),
        _dense),
    "spirals": HowMuch(f"Two spirals, twice twelve units. After about how many of {OPENS.steps} steps are "
                       f"{MOST_RIGHT:.0%} of the examples on the right side?", tuple(map(say, STEPS)), _spirals,
                       (OPENS,), "anatomy net / Two hidden layers"),
    "two_units": Question("Two inputs, two hidden units, one output. How many numbers does this network learn?",
                          tuple(map(str, PARAMETERS)), _two_units, setup="anatomy net / Two units enclose nothing"),
    "feed_forward": HowMuch("64 pixels, 32 hidden units, ten classes. About how many parameters is that?", tens(6),
                            _feed_forward, setup="anatomy families / Feed-forward"),
}
