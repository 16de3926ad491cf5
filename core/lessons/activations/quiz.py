"""The questions of Activations."""

from __future__ import annotations

import numpy as np

from core.activations import ACTIVATIONS
from core.lessons.activations.linear_stack import collapsed, inputs, largest_difference, stack
from core.lessons.activations.slopes import DEEP, SHOWN, USUAL, XOR, alternatives, at, seeds
from core.quiz import Answer, Histories, HowMuch, Question, WhichLine, courses, nearest, nearest_line, whole
from core.words import count, say, say_ratio, say_share

LAYERS, LEFT = 10, (1 / 4, 1 / 1000, 1e-6)
FAR, MIDDLE = 2.0, ("sigmoid", "tanh", "silu", "gelu")
LOGITS, PROBABILITIES = (2.0, 1.0, 0.0), (0.33, 0.5, 0.67, 0.9)
DEPTH, SEED, AWAY = 5, 0, (1.0, 1e-3, 1e-12)
SIGMOID = alternatives(DEEP, SHOWN, USUAL)[ACTIVATIONS["sigmoid"].label]


def _slopes(_: Histories) -> Answer:
    slope = float(ACTIVATIONS["sigmoid"].derivative(0.0))
    left = slope**LAYERS
    return Answer(nearest(left, LEFT), f"Its slope at 0 is {slope:g}, the largest there is, and {LAYERS} of them "
                  f"multiply to {say_ratio(left)}.")


def _far(_: Histories) -> Answer:
    found = [at(name, FAR) for name in SHOWN]
    return Answer(int(np.argmax([one.slope for one in found])), f"The slopes at z = {FAR:g} are: "
                  + ", ".join(f"{one.label} {say(one.slope, 3)}" for one in found) + ".")


def _middle(_: Histories) -> Answer:
    found = [at(name, 0.0) for name in MIDDLE]
    return Answer(int(np.argmin([one.slope for one in found])), "The slopes at z = 0 are: "
                  + ", ".join(f"{one.label} {say(one.slope, 3)}" for one in found) + ".")


def _signal(histories: Histories) -> np.ndarray:
    """log₁₀ of the signal in every hidden layer at step 0."""
    ((first, *_),) = histories
    return np.log10(first.layers.signal_rms[:-1])


def _deep(histories: Histories) -> Answer:
    signal = _signal(histories)
    return Answer(nearest_line(signal, courses(signal)), "At step 0 layer 1 gets "
                  f"{say_share(float(10 ** (signal[0] - signal[-1])))} what layer {len(signal)} gets.")


def _seeds(histories: Histories) -> Answer:
    solved = sum(history[-1].accuracy == 1 for history in histories)
    return Answer(solved, f"{solved} of {len(histories)} seeds have all four points right after "
                  f"{count(XOR.steps, 'step')}.")


def _softmax(_: Histories) -> Answer:
    first = float(ACTIVATIONS["softmax"].fn(np.array(LOGITS))[0])
    return Answer(nearest(first, PROBABILITIES), f"Its probability is {say(first, 3)}: e² of e² + e¹ + e⁰.")


def _linear(_: Histories) -> Answer:
    whole_stack = stack(DEPTH, SEED)
    away = largest_difference(whole_stack, collapsed(whole_stack.layers), inputs(SEED))
    return Answer(nearest(max(away, AWAY[-1] / 1000), AWAY), f"Over 1000 random inputs they differ by {say(away)} at "
                  "most: the rounding of the last digit.")


QUESTIONS: dict[str, Question] = {
    "slopes": Question(f"{LAYERS} sigmoid layers stand at z = 0, where their slope is largest. How much of a signal do "
                       "their slopes leave?", ("About a quarter", "About a thousandth", "About a millionth"), _slopes),
    "far": Question(f"At z = {FAR:g}, which of these has the largest slope, and lets back most of the signal?",
                    tuple(ACTIVATIONS[name].label for name in SHOWN), _far, setup="activations curves / Four curves"),
    "middle": Question("At z = 0, which of these lets back the least of the signal?",
                       tuple(ACTIVATIONS[name].label for name in MIDDLE), _middle,
                       setup="activations curves / In the middle"),
    "deep": WhichLine("Ten sigmoid layers at step 0. Which line is the size of the signal, layer 1 on the left, on a "
                      "logarithmic axis?", ("Rises to the output", "Falls to the output", "Level"), _deep, (SIGMOID,),
                      "activations deep / Slopes multiply", lambda histories: courses(_signal(histories))),
    "seeds": HowMuch("4 ReLU, 3 tanh, 100 epochs over XOR's four points, with eight seeds. How many of them end with "
                     "all four points right?", whole(0, 8), _seeds, tuple(seeds(XOR).values()),
                     "activations layers / XOR, ReLU then tanh", 1),
    "softmax": Question("The logits are 2, 1 and 0. What probability does softmax give the first?",
                        tuple(f"About {number:g}" for number in PROBABILITIES), _softmax,
                        setup="activations softmax / Three logits"),
    "linear": Question("Five layers without activations, and the one matrix that is their product. By how much do "
                       "their answers differ?", ("By about 1", "By about a thousandth", "By nothing but rounding"),
                       _linear, setup="activations linear / Five layers, one matrix"),
}
