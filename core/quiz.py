"""One question a page, with choices, whose right answer is computed: from runs, or by the lesson's own functions."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from core.spec import RunSpec
from core.training import Snapshot

Histories = Sequence[Sequence[Snapshot]]  # of the quiz's specs, in their order, each from step 0 to its end


class Answer(NamedTuple):
    """Which choice is right, counted from 0, and the number that decides, in a sentence."""

    right: int
    because: str


@dataclass(frozen=True)
class Quiz:
    """A question that the page's experiment answers.

    text: the question. choices: two to five answers. answer: what is right, of the histories of `specs`; where there
    are none, of no histories.
    """

    text: str
    choices: tuple[str, ...]
    answer: Callable[[Histories], Answer]
    specs: tuple[RunSpec, ...] = ()


def nearest(number: float, choices: Sequence[float]) -> int:
    """The place of the choice that is nearest to a positive number, counted in factors."""
    return min(range(len(choices)), key=lambda place: abs(math.log(number / choices[place])))
