"""The question of Activations."""

from __future__ import annotations

from core.activations import ACTIVATIONS
from core.quiz import Answer, Histories, Quiz, nearest
from core.words import say_ratio

LAYERS, LEFT = 10, (1 / 4, 1 / 1000, 1e-6)


def _answer(_: Histories) -> Answer:
    slope = float(ACTIVATIONS["sigmoid"].derivative(0.0))
    left = slope**LAYERS
    return Answer(nearest(left, LEFT), f"Sigmoid's slope at 0 is {slope:g}, its largest, and {LAYERS} such slopes "
                  f"multiply to {say_ratio(left)}.")


QUIZ = Quiz(f"{LAYERS} sigmoid layers stand at z = 0, where their slope is largest. How much of the learning "
            "signal do their slopes let back?", ("About a quarter", "About a thousandth", "About a millionth"), _answer)
