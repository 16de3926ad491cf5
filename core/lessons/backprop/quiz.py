"""The questions of Forward and backward."""

from __future__ import annotations

from core.lessons.backprop.small_net import HIDDEN, NAMES, Net, X, passed
from core.quiz import Answer, Histories, HowMuch, Question, whole
from core.words import say

OFF = Net((*X[:-1], -2.0), activation="relu")


def _bias(_: Histories) -> Answer:
    found = passed(Net())
    slope = float(found.gradient[NAMES.index("c")])
    return Answer(0 if slope < 0 else 1, f"The net answers {say(found.a2, 3)}, the target is 1, and ∂L/∂c is "
                  f"{say(slope, 3)}. A step goes against the gradient, so c goes {'up' if slope < 0 else 'down'}.")


def _off(_: Histories) -> Answer:
    found = passed(OFF)
    off = int((found.slope1 == 0).sum())
    return Answer(off, f"z is {', '.join(say(float(z)) for z in found.z1)}: {off} of the four are off.")


QUESTIONS: dict[str, Question] = {
    "bias": Question("As the page opens, the small net predicts less than its target. Which way does the first update "
                     "move c, the output's bias?", ("Up", "Down", "Not at all"), _bias,
                     setup="backprop / One small net"),
    "off": HowMuch("ReLU in the hidden layer, and a third input of −2. How many of the four hidden units are off, so "
                   "that no gradient gets through them?", whole(0, HIDDEN), _off, setup="backprop / ReLU"),
}
