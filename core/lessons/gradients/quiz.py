"""The questions of Gradients."""

from __future__ import annotations

import numpy as np

from core.diagnosis import signal_ratio
from core.quiz import Answer, Histories, HowMuch, Question, WhichLine, courses, nearest, nearest_line, whole
from core.spec import RunSpec
from core.words import say_share

TIMES = (10, 1000, 1e6)
LITTLE = 1 / 1000  # of the last hidden layer's signal
OPENING = RunSpec()
_SETUP = "gradients / Sigmoid vanishes"


def _times(histories: Histories) -> Answer:
    ((*_, last),) = histories
    ratio = signal_ratio(last.layers) or 0.0
    return Answer(nearest(1 / ratio, TIMES), f"At step {last.step} layer 1 gets {say_share(ratio)} the signal that "
                  "layer 10 gets.")


def _signal(histories: Histories) -> np.ndarray:
    """The signal in every hidden layer at step 0."""
    ((first, *_),) = histories
    return first.layers.signal_rms[:-1]


def _little(histories: Histories) -> Answer:
    signal = _signal(histories)
    layer = int(np.flatnonzero(signal < LITTLE * signal[-1])[-1]) + 1
    return Answer(layer - 1, f"Layer {layer} gets {say_share(float(signal[layer - 1] / signal[-1]))} what layer "
                  f"{len(signal)} gets, layer {layer + 1} still {say_share(float(signal[layer] / signal[-1]))} it.")


def _course(histories: Histories) -> Answer:
    signal = np.log10(_signal(histories))
    return Answer(nearest_line(signal, courses(signal)), "At step 0 layer 1 gets "
                  f"{say_share(float(10 ** (signal[0] - signal[-1])))} what layer {len(signal)} gets.")


QUESTIONS: dict[str, Question] = {
    "times": Question("Ten sigmoid layers, as the page opens, at the end of the run: how much smaller is the signal in "
                      "layer 1 than in layer 10?", ("About ten times", "About a thousand times",
                                                    "About a million times"), _times, (OPENING,), _SETUP),
    "little": HowMuch("Ten sigmoid layers at step 0. The signal goes back from layer 10 to layer 1: which layer is the "
                      "first to get less than a thousandth of what layer 10 gets?", whole(1, OPENING.depth), _little,
                      (OPENING,), _SETUP, 1),
    "course": WhichLine("Ten sigmoid layers at step 0. Which line is the size of the signal, layer 1 on the left, on a "
                        "logarithmic axis?", ("Rises to the output", "Falls to the output", "Level"), _course,
                        (OPENING,), _SETUP, lambda histories: courses(np.log10(_signal(histories)))),
}
