"""The questions of Optimizers."""

from __future__ import annotations

from functools import partial

import numpy as np

from core.lessons.optimizers import experiments
from core.lessons.optimizers.race import LABELS, SHOWN, Race, arrival
from core.lessons.optimizers.surfaces import SURFACES
from core.optimizers import OPTIMIZERS
from core.quiz import Answer, Histories, HowMuch, Question
from core.words import say

RATE, GRADIENTS = 0.01, (1000.0, 0.001)
MOVES = 100
NETWORKS = experiments.under_each(experiments.DEEP, SHOWN, experiments.ADAPTIVE_RATE)
RATED = experiments.at_each_rate(experiments.RATED)
BATCHED = experiments.with_each_batch(experiments.BATCHED)


def _first_step(_: Histories) -> Answer:
    adam, settings = OPTIMIZERS["adam"], {"learning_rate": RATE, "step": 1.0}
    nothing = (np.zeros(1),) * adam.slots
    steps = [abs(adam.update(np.zeros(1), np.full(1, gradient), nothing, settings)[0].item()) for gradient in GRADIENTS]
    return Answer(1 if max(steps) < 2 * min(steps) else 0, f"With a rate of {RATE:g} the first step is "
                  f"{say(steps[0], 3)} for a gradient of {GRADIENTS[0]:g}, and {say(steps[1], 3)} for one of "
                  f"{GRADIENTS[1]:g}: Adam divides a gradient by its size.")


def _race(surface: str, _: Histories) -> Answer:
    """Who is the first to arrive to stay."""
    race = Race(surface, SHOWN, SURFACES[surface].start, steps=MOVES)
    arrived = {name: at for name in SHOWN if (at := arrival(race, name)) is not None}
    first = min(arrived, key=arrived.__getitem__)
    late = [LABELS[name] for name in SHOWN if name not in arrived]
    return Answer(SHOWN.index(first), "There to stay: " + ", ".join(
        f"{LABELS[name]} from move {at} on" for name, at in sorted(arrived.items(), key=lambda pair: pair[1]))
        + (f"; within {MOVES} moves not {', '.join(late)}" if late else "") + ".")


def _network(histories: Histories) -> Answer:
    ends = [experiments.last_loss(history) for history in histories]
    return Answer(int(np.argmin(ends)), f"The losses after {experiments.DEEP.steps} steps: "
                  + ", ".join(f"{label} {say(loss)}" for label, loss in zip(NETWORKS, ends, strict=True)) + ".")


def _rate(histories: Histories) -> Answer:
    good = [place for place, history in enumerate(histories) if experiments.learns(history)]
    return Answer(good[-1], f"The largest rate at which the loss ends lower than it began is "
                  f"{experiments.RATES[good[-1]]:g}.")


def _batch(histories: Histories) -> Answer:
    strays = [experiments.stray(history) for history in histories]
    return Answer(int(np.argmax(strays)), "It strays from the loss of all examples, by batch: " + ", ".join(
        f"{say(stray)} ({label})" for label, stray in zip(BATCHED, strays, strict=True)) + ".")


_RACERS = tuple(LABELS[name] for name in SHOWN)
QUESTIONS: dict[str, Question] = {
    "first_step": Question("How long is Adam's first step?", (
        "The larger the gradient, the longer", "As long as the learning rate, however large the gradient"),
                           _first_step),
    "ravine": Question("A valley twenty times steeper across than along its floor. Which of the four is the first to "
                       f"arrive and stay, with at most 1/1000 of the height left, within {MOVES} moves?", _RACERS,
                       partial(_race, "ravine"), setup="optimizers surface / Ravine"),
    "bowl": Question("A bowl, equally steep on all sides. Which of the four is the first to arrive and stay, with at "
                     f"most 1/1000 of the height left, within {MOVES} moves?", _RACERS, partial(_race, "bowl"),
                     setup="optimizers surface / Bowl"),
    "network": Question("Five sigmoid layers, trained by each of four optimizers. Which ends with the lowest loss?",
                        tuple(NETWORKS), _network, tuple(NETWORKS.values()), "optimizers network / Deep sigmoid"),
    "rate": HowMuch("One network, gradient descent, nine learning rates. Which is the largest rate at which the loss "
                    "still ends lower than it began?", tuple(RATED), _rate, tuple(RATED.values()),
                    "optimizers rates / Gradient descent", 1),
    "batch": Question(f"The same network, {experiments.BATCHED.steps} steps each, with batches of four sizes. Whose "
                      "own loss strays furthest from the loss of all examples?", tuple(BATCHED), _batch,
                      tuple(BATCHED.values()), "optimizers batches / One to all"),
}
