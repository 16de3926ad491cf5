"""The question of Forward and backward."""

from __future__ import annotations

from core.lessons.backprop.small_net import NAMES, Net, passed
from core.quiz import Answer, Histories, Quiz
from core.words import say


def _answer(_: Histories) -> Answer:
    found = passed(Net())
    slope = float(found.gradient[NAMES.index("c")])
    return Answer(0 if slope < 0 else 1, f"The net predicts {say(found.a2, 3)}, the target is 1, and ∂L/∂c is "
                  f"{say(slope, 3)}. A step goes against the gradient, so c goes {'up' if slope < 0 else 'down'}.")


QUIZ = Quiz("As the page opens, the small net predicts less than its target. Which way does the first update move c, "
            "the output's bias?", ("Up", "Down", "Not at all"), _answer)
