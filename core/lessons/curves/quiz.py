"""The questions of Training curves."""

from __future__ import annotations

from functools import partial

import numpy as np

from core.lessons.curves.report import SOURCE, TOO_FEW, TOO_SMALL, best, by_epoch
from core.quiz import Answer, Histories, Question, WhichLine, nearest_line
from core.words import say

PARTS = (1 / 3, 2 / 3, 1.0)  # of the epochs
COURSES = {"Falls and stays down": SOURCE, "Comes to rest high up": TOO_SMALL, "Turns and rises": TOO_FEW}
POINTS = 40  # of a drawn line


def _lowest(histories: Histories) -> Answer:
    points = by_epoch(TOO_FEW, histories[0])
    lowest, last = best(points), points[-1]
    assert lowest is not None
    share = lowest.epoch / last.epoch
    low, end = (say(point.state.validation_loss or 0.0, 3) for point in (lowest, last))
    return Answer(next(place for place, part in enumerate(PARTS) if share <= part),
                  f"It is lowest after epoch {lowest.epoch} of {last.epoch}, {low}; at the end it is {end}.")


def _lines(histories: Histories) -> list[np.ndarray]:
    """The validation loss of each of COURSES over its run, first to last step, at POINTS places."""
    return [np.interp(np.linspace(0, 1, POINTS), np.array([state.step for state in history]) / history[-1].step,
                      [state.validation_loss or 0.0 for state in history]) for history in histories]


def _course(asked: str, histories: Histories) -> Answer:
    place = list(COURSES).index(asked)
    (start, *_), losses = histories[place], [state.validation_loss or 0.0 for state in histories[place]]
    lines = _lines(histories)
    return Answer(nearest_line(lines[place], lines), f"It begins at {say(start.validation_loss or 0.0)}, is "
                  f"{say(min(losses))} at its lowest and {say(losses[-1])} at the end.")


def _which(text: str, asked: str, setup: str) -> WhichLine:
    return WhichLine(f"{text} Which of these becomes its validation loss, epoch by epoch?", tuple(COURSES),
                     partial(_course, asked), tuple(COURSES.values()), setup, _lines)


QUESTIONS: dict[str, Question] = {
    "lowest": Question("A network trains on few examples. When is its validation loss lowest?",
                       ("In the first third of the epochs", "In the second third", "In the last third"), _lowest,
                       (TOO_FEW,), "curves / Overfits: few examples"),
    "good": _which("A network of 64 and 32 units, 1000 examples.", "Falls and stays down", "curves / A good fit"),
    "one_unit": _which("The same 1000 examples, but a single hidden unit.", "Comes to rest high up",
                       "curves / Underfits: one unit"),
}
