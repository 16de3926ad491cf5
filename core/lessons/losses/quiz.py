"""The questions of Losses."""

from __future__ import annotations

import numpy as np

from core.custom_loss import FIRST
from core.lessons.losses import typed_report
from core.lessons.losses.sweeps import SWEEPS
from core.losses import LOSSES
from core.quiz import Answer, Histories, HowMuch, Question, factor_of_ten, nearest, tens
from core.words import say

NAMES, PROBABILITY = ("mae", "mse", "binary_crossentropy"), 0.01
TIMES, APART = (1.0, 2.0, 4.0), (1.0, 0.01, 1e-6)
LOGIT, MOST = -6.0, 5


def _sure(_: Histories) -> Answer:
    truth, prediction = np.ones((1, 1)), np.full((1, 1), PROBABILITY)
    slopes = [abs(float(LOSSES[name].derivative(truth, prediction)[0, 0])) for name in NAMES]
    sizes = ", ".join(f"{LOSSES[name].short} {say(slope, 3)}" for name, slope in zip(NAMES, slopes, strict=True))
    return Answer(int(np.argmax(slopes)), f"The steeper the loss, the harder it pulls. Sizes of the slopes at "
                  f"{PROBABILITY:g}: {sizes}.")


def _twice(_: Histories) -> Answer:
    one, two = SWEEPS["number"].slope("mse", np.array([1.0, 2.0]))
    return Answer(nearest(two / one, TIMES), f"Its slope is {say(one)} at an error of 1 and {say(two)} at one of 2.")


def _logit(_: Histories) -> Answer:
    cross, squared = (abs(float(SWEEPS["logit"].slope(name, np.array([LOGIT]), 1.0)[0])) for name in (
        "binary_crossentropy", "mse"))
    return Answer(factor_of_ten(cross / squared, MOST), f"The slope of cross-entropy is {say(cross, 3)}, that of the "
                  f"squared error {say(squared, 2)}: {say(cross / squared)} times smaller.")


def _typed(histories: Histories) -> Answer:
    typed, usual = (np.array([state.loss for state in history]) for history in histories)
    away = float(np.abs(typed - usual).max())
    return Answer(nearest(max(away, APART[-1] / 1000), APART), f"Over all recorded steps the two losses are "
                  f"{say(away)} apart at most.")


QUESTIONS: dict[str, Question] = {
    "sure": Question(f"A network is sure and wrong: it says {PROBABILITY:g} where 1 is true. Which loss corrects it "
                     "hardest?",
                     tuple(LOSSES[name].label for name in NAMES), _sure),
    "twice": Question("An error is twice as large. How much harder does the squared error pull at it?",
                      ("Equally hard", "Twice as hard", "Four times as hard"), _twice,
                      setup="losses / Squared or absolute"),
    "logit": HowMuch("At logit −6 with label 1, how many times smaller is the slope of the squared error than that of "
                     "cross-entropy? The nearest factor of ten counts.", tens(MOST), _logit,
                     setup="losses / Sure and wrong"),
    "typed": Question("A network trains with the squared error, and once more with the same formula typed by hand. How "
                      "far apart are their losses on the way?", ("They have nothing in common", "About a hundredth",
                                                                 "Less than a hundred thousandth"), _typed,
                      tuple(typed_report.pair(typed_report.RUN, FIRST).values()), "losses formula / MSE, typed"),
}
