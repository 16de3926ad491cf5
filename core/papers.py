"""Published numbers, and the engine's own beside them: one table, from which charts, badges and tests follow.

Each row names what was claimed, the number, from where it is known, and the measurement that repeats it here, with the
tolerance and why it is that wide. Where a paper was not read but its number worked out from its formula, the row says
so.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np

from core.network import Backward, backpropagate, initial_weights
from core.optimizers import OPTIMIZERS
from core.spec import RunSpec
from core.theory import chi, length_map

FORMULA = "the number follows from the paper's formula; the paper itself was not read here"


@dataclass(frozen=True)
class Claim:
    """One published number.

    Attributes:
        name: short, as it stands on a badge.
        source: authors and year, and how the number is known.
        done: what was done, and what the number is, one sentence.
        published: the number.
        measure: the same, measured here.
        tolerance: share of the number by which the measurement may differ.
        why: of what the tolerance follows, one sentence.
        run: the run to open for it; None where there is none.
    """

    name: str
    source: str
    done: str
    published: float
    measure: Callable[[], float]
    tolerance: float
    why: str
    run: RunSpec | None = None

    def off(self, measured: float) -> float:
        """By which share of the published number a measured one differs from it."""
        return measured / self.published - 1

    def reproduced(self, measured: float) -> bool:
        """Whether it differs by no more than the tolerance."""
        return abs(self.off(measured)) <= self.tolerance

    def badge(self, measured: float) -> str:
        """`reproduced`, or how far off, in words."""
        if not math.isfinite(measured):
            return "no number here"
        return "reproduced" if self.reproduced(measured) else f"off by {self.off(measured):+.1%}".replace("-", "−")


# --- measurements -----------------------------------------------------------------------------------------------------


def passes(spec: RunSpec, seeds: int) -> list[Backward]:
    """Forward and backward at step 0 with so many seeds, on the data of the run's own."""
    data = spec.data()
    return [backpropagate(spec, initial_weights(seeded), data.x_train[:spec.batch], data.y_train[:spec.batch])
            for seeded in spec.with_seeds(seeds)]


def _rms(x: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(x.astype(np.float64)))))


def signal_growth(spec: RunSpec, seeds: int, skipped: int = 0) -> float:
    """By what a layer multiplies the RMS of the signal toward the input: the geometric mean over layers and seeds.

    skipped: of the layers nearest the input and as many nearest the output, where other things count too.
    """
    logs = [np.log([_rms(layer) for layer in one.signals[skipped:-1 - skipped]]) for one in passes(spec, seeds)]
    return float(np.exp(np.mean([(log[0] - log[-1]) / (len(log) - 1) for log in logs])))


def variance_growth(spec: RunSpec, seeds: int) -> float:
    """By what a layer multiplies the mean square of z, from the second one on: the mean over layers and seeds."""
    logs = [2 * np.log([_rms(layer) for layer in one.pre_activations[1:-1]]) for one in passes(spec, seeds)]
    return float(np.exp(np.mean([(log[-1] - log[0]) / (len(log) - 1) for log in logs])))


def largest_singular_value(spec: RunSpec, seeds: int) -> float:
    """Of the product of the kernels between the hidden layers, at step 0: the mean over seeds."""
    found = [np.linalg.norm(reduce(np.matmul, [layer[0].astype(np.float64) for layer in initial_weights(seeded)[1:-1]]),
                            2) for seeded in spec.with_seeds(seeds)]
    return float(np.mean(found))


def gradient_cosine(spec: RunSpec, seeds: int) -> float:
    """Cosine of the gradients of one output with respect to the first layer's z, of two orthogonal inputs of equal
    length, at step 0: the mean over seeds.
    """
    x, y = np.eye(2, spec.sizes[0], dtype=np.float32), np.zeros((2, 1), np.float32)
    found = []
    for seeded in spec.with_seeds(seeds):
        signals = backpropagate(spec, initial_weights(seeded), x, y).signals
        gradient = signals[0] / signals[-1]  # (2, units): of the output instead of the loss
        found.append(gradient[0] @ gradient[1] / np.prod(np.linalg.norm(gradient, axis=1)))
    return float(np.mean(found))


def critical_variance(activation: str, bias_variance: float) -> float:
    """σ_w² at which χ = 1 at the fixed point of the length map, by bisection."""
    low, high = 0.5, 4.0
    for _ in range(60):
        middle = (low + high) / 2
        q = 1.0
        for _ in range(2000):
            q = float(length_map(activation, q, middle, bias_variance))
        low, high = (middle, high) if chi(activation, q, middle) < 1 else (low, middle)
    return (low + high) / 2


def first_step(optimizer: str) -> float:
    """Size of the first step over the learning rate, of a gradient of any size."""
    entry = OPTIMIZERS[optimizer]
    gradient = np.array([3.0, -0.5], np.float32)
    state = tuple(np.zeros(2, np.float32) for _ in range(entry.slots))
    values = {"learning_rate": np.float32(0.01), "momentum": np.float32(0.9), "step": np.float32(1)}
    change, _ = entry.update(np.zeros(2, np.float32), gradient, state, values)
    return float(np.mean(np.abs(np.asarray(change)))) / 0.01


def fastest_momentum(rate_times_curvature: float) -> float:
    """The momentum with which λw²/2 shrinks fastest, of a grid of 0.001, by the optimizer's own steps."""
    best, least = 0.0, math.inf
    entry = OPTIMIZERS["momentum"]
    for momentum in np.arange(0.0, 0.999, 0.001):
        w, state, sizes = np.float64(1.0), (np.float64(0.0),), []
        values = {"learning_rate": rate_times_curvature, "momentum": momentum, "step": 1.0}
        for _ in range(400):
            change, state = entry.update(w, w, state, values)
            w = w + change
            sizes.append(abs(w) + 1e-300)
        if (rate := max(sizes[200:])) < least:
            best, least = float(momentum), rate
    return best


# --- the table --------------------------------------------------------------------------------------------------------

_WIDE = RunSpec(dataset="breast_cancer", samples=256, test_fraction=0.0, widths=(128,) * 12, steps=20)
_NORMALISED = replace(_WIDE, activation="relu", initializer="he_normal", batch_norm=True, widths=(128,) * 20)
_SELU = replace(_WIDE, activation="selu", initializer="lecun_normal", samples=64)
_LINEAR = replace(_WIDE, activation="linear", initializer="glorot_normal", samples=8)
_RELU = replace(_WIDE, activation="relu", initializer="he_normal", samples=8)
SEEDS = 4


def _product(kernels: int, initializer: str, published: float, tolerance: float, why: str) -> Claim:
    spec = replace(_LINEAR, widths=(512,) * (kernels + 1), initializer=initializer)
    return Claim(
        f"{initializer.partition('_')[0].capitalize()}, {kernels} kernels", f"Pennington et al. 2017; {FORMULA}",
        f"The largest singular value of the product of {kernels} kernels of a linear network"
        + (": √((L+1)^(L+1) / L^L)." if initializer != "orthogonal" else ": exactly 1."),
        published, lambda: largest_singular_value(spec, SEEDS), tolerance, why, spec)


def _cosine(layers: int, published: float) -> Claim:
    spec = replace(_RELU, widths=(256,) * layers)
    return Claim(f"Shattered gradients, {layers} layers", f"Balduzzi et al. 2017; {FORMULA}",
                 "Cosine of the gradients of two orthogonal inputs in a ReLU network: Π(1 − θ/π) over the layers, θ "
                 "being the angle between the two in each.", published, lambda: gradient_cosine(spec, 200), 0.12,
                 "Mean over 200 networks of 256 units; a network of five layers scatters by 70 % of the number.", spec)


CLAIMS: dict[str, Claim] = {claim.name: claim for claim in (
    Claim("Batch norm, ReLU", f"Yang et al. 2019; {FORMULA}", "The factor by which a ReLU layer with batch "
          "norm multiplies the signal toward the input: √(π/(π−1)).", 1.2112,
          lambda: signal_growth(_NORMALISED, SEEDS, skipped=5), 0.02,
          "128 units and four seeds; the first and last five of 20 layers are left out: it is not settled there.",
          _NORMALISED),
    Claim("Critical line of tanh", f"Schoenholz et al. 2017; {FORMULA}", "The weights' variance σ_w² at which the "
          "signal neither shrinks nor grows, with σ_b² = 0.05.", 1.7610, lambda: critical_variance("tanh", 0.05), 1e-4,
          "Both are solutions of one equation, to the digits given.",
          replace(_WIDE, activation="tanh", initializer="lecun_normal", gain=round(math.sqrt(1.7610), 4),
                  bias_std=round(math.sqrt(0.05), 4))),
    _product(5, "glorot_normal", 3.864, 0.03, "The formula is for infinitely wide layers: 128 units stay 5 % below "
             "it, 512 less than half of that."),
    _product(10, "glorot_normal", 5.34, 0.05, "The formula is for infinitely wide layers: 128 units stay 17 % below "
             "it, 512 about 2 %."),
    _product(5, "orthogonal", 1.0, 1e-5, "float32."),
    Claim("SELU's signal", f"Klambauer et al. 2017; {FORMULA}", "The factor by which a SELU layer multiplies the "
          "signal toward the input, while it keeps mean 0 and variance 1.", 1.0352,
          lambda: signal_growth(_SELU, SEEDS, skipped=2),
          0.02, "128 units and four seeds.", _SELU),
    Claim("Skips without normalisation", f"Zhang et al. 2019; {FORMULA}", "The factor by which a residual block "
          "multiplies the variance, so 2^L over L of them.", 2.0, lambda: variance_growth(replace(
              _LINEAR, skip=True, initializer="lecun_normal"), SEEDS), 0.03,
          "128 units and four seeds; linear blocks, since ReLU's own mean adds to it.",
          replace(_LINEAR, skip=True, initializer="lecun_normal")),
    _cosine(2, 0.302), _cosine(5, 0.105),
    Claim("Adam's first step", f"Kingma & Ba 2015; {FORMULA}", "Its size over the learning rate, for gradients of 3 "
          "and of 0.5.", 1.0, lambda: first_step("adam"), 1e-4, "Keras's ε = 1e-7, and float32."),
    Claim("RMSprop's first step", f"Kingma & Ba 2015; {FORMULA}", "Its size over the learning rate, with ρ = 0.9: "
          "1/√(1 − ρ), since nothing corrects its mean that starts at 0.", 1 / math.sqrt(1 - 0.9),
          lambda: first_step("rmsprop"), 1e-4, "Keras's ε = 1e-7, and float32."),
    Claim("Critical momentum", f"Goh 2017; {FORMULA}", "The momentum with which a parabola is descended fastest, with "
          "rate times curvature 0.04: (1 − √0.04)².", 0.64, lambda: fastest_momentum(0.04), 0.01,
          "Momenta are tried in steps of 0.001, over 400 steps."),
)}
