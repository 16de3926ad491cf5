"""The questions of Regularization."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from core.lessons.regularization.report import (
    BATCH_NORM,
    BATCH_NORM_HELPS,
    DROPOUT,
    DROPOUT_HELPS,
    SEEDS,
    over_seeds,
    with_and_without,
)
from core.quiz import Answer, Histories, HowMuch, Question, whole
from core.spec import RunSpec
from core.words import say


def _runs(part: str, spec: RunSpec) -> tuple[RunSpec, ...]:
    """SEEDS runs without, then as many with it."""
    return tuple(over_seeds(with_and_without(part, spec), SEEDS))


def _ends(histories: Histories, field: str) -> tuple[Sequence[float], Sequence[float]]:
    """That figure at the end of each run without and of each run with it, seed by seed."""
    ends = [float(getattr(history[-1], field)) for history in histories]
    return ends[:SEEDS], ends[SEEDS:]


def _training(histories: Histories) -> Answer:
    without, used = (float(np.median(ends)) for ends in _ends(histories, "training_loss"))
    return Answer(0 if used > without else 1, f"The median over {SEEDS} seeds at the end is {say(used)} with dropout "
                  f"and {say(without)} without.")


def _lower(what: str, histories: Histories) -> Answer:
    without, used = _ends(histories, "validation_loss")
    lower = sum(one < other for one, other in zip(used, without, strict=True))
    return Answer(lower, f"In {lower} of {SEEDS} seeds the validation loss ends lower with {what}: median "
                  f"{say(float(np.median(used)))} with it, {say(float(np.median(without)))} without.")


_SEEDS = f"In how many of {SEEDS} seeds does the validation loss end lower with it?"
QUESTIONS: dict[str, Question] = {
    "training": Question("A network trains once with dropout and once without. Which of the two ends with the larger "
                         "loss on the examples it trains on?", ("The one with dropout", "The one without"), _training,
                         _runs("dropout", DROPOUT), "regularization dropout / 56 tumours"),
    "diabetes": HowMuch(f"A regression on 221 patients, with dropout and without. {_SEEDS}", whole(0, SEEDS),
                        partial(_lower, "dropout"), _runs("dropout", DROPOUT_HELPS),
                        "regularization dropout / Where it helps: diabetes", 1),
    "batch_norm": HowMuch(f"Four hidden layers on 56 examples, with batch norm and without. {_SEEDS}", whole(0, SEEDS),
                          partial(_lower, "batch norm"), _runs("batch_norm", BATCH_NORM),
                          "regularization batch_norm / 56 tumours", 1),
    "large_steps": HowMuch(f"The same with ten times the rate, and all 56 examples at once. {_SEEDS}", whole(0, SEEDS),
                           partial(_lower, "batch norm"), _runs("batch_norm", BATCH_NORM_HELPS),
                           "regularization batch_norm / Large steps, all 56 at once", 1),
}
