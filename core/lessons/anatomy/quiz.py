"""The question of Anatomy."""

from __future__ import annotations

from core.layer_table import sequence, total
from core.quiz import Answer, Histories, Quiz

UNITS = (64, 32)


def _answer(_: Histories) -> Answer:
    fan_in, units = UNITS
    parameters = total(sequence(fan_in, ("Dense", {"units": units})))
    return Answer((fan_in + units, fan_in * units, fan_in * units + units).index(parameters),
                  f"Each of the {units} units has {fan_in} weights and one bias: {fan_in} · {units} + {units} = "
                  f"{parameters} parameters.")


QUIZ = Quiz(f"A dense layer of {UNITS[1]} units takes {UNITS[0]} inputs. How many parameters does it have?",
            tuple(str(number) for number in (UNITS[0] + UNITS[1], UNITS[0] * UNITS[1], UNITS[0] * UNITS[1] + UNITS[1])),
            _answer)
