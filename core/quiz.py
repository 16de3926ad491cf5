"""Questions to predict before a run plays: their right answers are computed, from runs or by the lesson's functions.

There are three kinds: one of several answers, one of several drawn lines, a place on a scale of numbers. An answer is
always a place among the choices, counted from 0, so whoever counts answers need not know the kind.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from core.spec import RunSpec
from core.training import Snapshot
from core.words import SPACE

Histories = Sequence[Sequence[Snapshot]]  # of a question's specs, in their order, each from step 0 to its end
Lines = Sequence[np.ndarray]


class Answer(NamedTuple):
    """Which choice is right, counted from 0, and the number that decides, in a sentence."""

    right: int
    because: str


class Asked(NamedTuple):
    """A question with its answer computed: all that a screen or a room needs.

    kind: `choice`, `line` or `number`. right: every choice that counts as right. lines: of each choice of a `line`, its
    numbers from left to right; else empty.
    """

    kind: str
    text: str
    choices: tuple[str, ...]
    right: tuple[int, ...]
    because: str
    lines: tuple[tuple[float, ...], ...] = ()


@dataclass(frozen=True)
class Question:
    """A question that an experiment answers, with two or more choices.

    answer: what is right, of the histories of `specs`; where there are none, of no histories. setup: the set-up before
    which it is asked, as `gradients / Explodes`; empty where it is about the page.
    """

    kind: ClassVar[str] = "choice"
    text: str
    choices: tuple[str, ...]
    answer: Callable[[Histories], Answer]
    specs: tuple[RunSpec, ...] = ()
    setup: str = ""

    def ask(self, histories: Histories = ()) -> Asked:
        """The question with its answer.

        Raises:
            IndexError: the answer is none of the choices.
        """
        right, because = self.answer(histories)
        return Asked(self.kind, self.text, self.choices, self._counted(right), because)

    def _counted(self, right: int) -> tuple[int, ...]:
        if not 0 <= right < len(self.choices):
            raise IndexError(f"The answer must be one of {len(self.choices)} choices. Received: {right}.")
        return (right,)


@dataclass(frozen=True)
class WhichLine(Question):
    """Which of several drawn lines will come true. lines: of the histories, the numbers of each choice."""

    kind: ClassVar[str] = "line"
    lines: Callable[[Histories], Lines] = lambda _: ()

    def ask(self, histories: Histories = ()) -> Asked:
        drawn = tuple(tuple(map(float, line)) for line in self.lines(histories))
        return super().ask(histories)._replace(lines=drawn)


@dataclass(frozen=True)
class HowMuch(Question):
    """A place on a scale of numbers. within: by how many places an answer may be off and is right all the same."""

    kind: ClassVar[str] = "number"
    within: int = 0

    def _counted(self, right: int) -> tuple[int, ...]:
        super()._counted(right)
        return tuple(range(max(right - self.within, 0), min(right + self.within, len(self.choices) - 1) + 1))


def whole(low: int, high: int) -> tuple[str, ...]:
    """The whole numbers of a scale, both ends included: layers, examples, seeds."""
    return tuple(map(str, range(low, high + 1)))


def tens(most: int) -> tuple[str, ...]:
    """1, 10, 100, … up to 10 to the power of `most`: the place of a number is its nearest factor of ten."""
    return tuple(f"{10**power:,}".replace(",", SPACE) for power in range(most + 1))


def factor_of_ten(number: float, most: int) -> int:
    """The place of a positive number among `tens(most)`, the nearest one counted in factors; the ends at most."""
    return min(max(round(math.log10(number)), 0), most)


def nearest(number: float, choices: Sequence[float]) -> int:
    """The place of the choice that is nearest to a positive number, counted in factors."""
    return min(range(len(choices)), key=lambda place: abs(math.log(number / choices[place])))


def nearest_line(measured: np.ndarray, lines: Lines) -> int:
    """The place of the line that runs nearest to what was measured, by the sum of squares."""
    return min(range(len(lines)), key=lambda place: float(((np.asarray(lines[place]) - measured) ** 2).sum()))


def courses(measured: np.ndarray) -> list[np.ndarray]:
    """What was measured, its mirror image from left to right, and its mean all along: shape (n,) each."""
    return [measured, measured[::-1], np.full(len(measured), measured.mean())]
