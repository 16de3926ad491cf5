"""The question of Optimizers."""

from __future__ import annotations

import numpy as np

from core.optimizers import OPTIMIZERS
from core.quiz import Answer, Histories, Quiz
from core.words import say

RATE, GRADIENTS = 0.01, (1000.0, 0.001)


def _answer(_: Histories) -> Answer:
    adam, settings = OPTIMIZERS["adam"], {"learning_rate": RATE, "step": 1.0}
    nothing = (np.zeros(1),) * adam.slots
    steps = [abs(adam.update(np.zeros(1), np.full(1, gradient), nothing, settings)[0].item()) for gradient in GRADIENTS]
    return Answer(1 if max(steps) < 2 * min(steps) else 0, "Adam divides a gradient by its size. With a rate "
                  f"of {RATE:g} the first step is {say(steps[0], 3)} for a gradient of {GRADIENTS[0]:g}, and "
                  f"{say(steps[1], 3)} for one of {GRADIENTS[1]:g}.")


QUIZ = Quiz("How long is Adam's first step?", (
    "The larger the gradient, the longer", "As long as the learning rate, however large the gradient"), _answer)
