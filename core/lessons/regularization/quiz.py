"""The question of Regularization."""

from __future__ import annotations

import numpy as np

from core.lessons.regularization.report import DROPOUT, SEEDS, over_seeds, with_and_without
from core.quiz import Answer, Histories, Quiz
from core.words import say

SPECS = tuple(over_seeds(with_and_without("dropout", DROPOUT), SEEDS))


def _answer(histories: Histories) -> Answer:
    by_dropout = {used: np.median([history[-1].training_loss for spec, history in zip(SPECS, histories, strict=True)
                                   if (spec.dropout > 0) == used]) for used in (False, True)}
    return Answer(0 if by_dropout[True] > by_dropout[False] else 1, f"The median over {SEEDS} seeds at the end is "
                  f"{say(by_dropout[True])} with dropout and {say(by_dropout[False])} without.")


QUIZ = Quiz("A network trains once with dropout and once without. Which of the two ends with the larger loss on the "
            "examples it trains on?", ("The one with dropout", "The one without"), _answer, SPECS)
