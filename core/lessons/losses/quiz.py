"""The question of Losses."""

from __future__ import annotations

import numpy as np

from core.losses import LOSSES
from core.quiz import Answer, Histories, Quiz
from core.words import say

NAMES, PROBABILITY = ("mae", "mse", "binary_crossentropy"), 0.01


def _answer(_: Histories) -> Answer:
    truth, prediction = np.ones((1, 1)), np.full((1, 1), PROBABILITY)
    slopes = [abs(float(LOSSES[name].derivative(truth, prediction)[0, 0])) for name in NAMES]
    sizes = ", ".join(f"{LOSSES[name].short} {say(slope, 3)}" for name, slope in zip(NAMES, slopes, strict=True))
    return Answer(int(np.argmax(slopes)), f"The steeper the loss, the harder it pulls. Sizes of the slopes at "
                  f"{PROBABILITY:g}: {sizes}.")


QUIZ = Quiz(f"A network is sure and wrong: it says {PROBABILITY:g} where 1 is true. Which loss corrects it hardest?",
            tuple(LOSSES[name].label for name in NAMES), _answer)
