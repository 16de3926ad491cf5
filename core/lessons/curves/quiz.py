"""The question of Training curves."""

from __future__ import annotations

from core.lessons.curves.report import TOO_FEW, best, by_epoch
from core.quiz import Answer, Histories, Quiz
from core.words import say

PARTS = (1 / 3, 2 / 3, 1.0)  # of the epochs


def _answer(histories: Histories) -> Answer:
    points = by_epoch(TOO_FEW, histories[0])
    lowest, last = best(points), points[-1]
    assert lowest is not None
    share = lowest.epoch / last.epoch
    low, end = (say(point.state.validation_loss or 0.0, 3) for point in (lowest, last))
    return Answer(next(place for place, part in enumerate(PARTS) if share <= part),
                  f"It is lowest after epoch {lowest.epoch} of {last.epoch}, at {low}; by the end it is {end}.")


QUIZ = Quiz("A network trains on few examples. When is its validation loss lowest?",
            ("In the first third of the epochs", "In the second third", "In the last third"), _answer, (TOO_FEW,))
