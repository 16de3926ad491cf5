"""The question of Gradients."""

from __future__ import annotations

from core.diagnosis import signal_ratio
from core.quiz import Answer, Histories, Quiz, nearest
from core.spec import RunSpec
from core.words import say_share

TIMES = (10, 1000, 1e6)


def _answer(histories: Histories) -> Answer:
    ((*_, last),) = histories
    ratio = signal_ratio(last.layers) or 0.0
    return Answer(nearest(1 / ratio, TIMES), f"At step {last.step} layer 1 gets {say_share(ratio)} the signal that "
                  "layer 10 gets.")


QUIZ = Quiz("As the page opens, a network has ten sigmoid layers. At the end of its run, how much smaller is the "
            "learning signal in layer 1 than in layer 10?",
            ("About ten times", "About a thousand times", "About a million times"), _answer,
            (RunSpec(),))
