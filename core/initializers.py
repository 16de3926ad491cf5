"""Weight initializers: one entry each, with its variance, its density and samples drawn by Keras.

A kernel has shape (fan_in, fan_out). Each layer needs a seed of its own (`layer_seed`): one seed for all layers would
give kernels of equal shape identical weights.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import erf, exp, lgamma, pi, sqrt

import numpy as np

from core.registry import Item, Registry

# Standard deviation of a standard normal variable truncated at ±2, by which Keras's normal initializers divide.
TRUNCATED_STDDEV = 0.87962566103423978
STDDEV = 0.05  # Keras's default of random_normal
LIMIT = 0.05  # Keras's default of random_uniform: from −LIMIT to LIMIT


@dataclass(frozen=True)
class Initializer(Item):
    """How a kernel is filled before training.

    Attributes:
        spread: (fan_in, fan_out) -> Var(W); `variance` calls it.
        distribution: (x, Var(W)) -> probability density at x; None where all weights are one number.
        keras_class: its class in keras.initializers.
        suits: activations for which it was derived, by name.
    """

    spread: Callable[[int, int], float]
    distribution: Callable[[np.ndarray, float], np.ndarray | None] | None
    keras_class: str
    suits: tuple[str, ...] = ()

    @property
    def random(self) -> bool:
        """Whether the weights differ from each other: units that start equal stay equal."""
        return self.distribution is not None

    def variance(self, fan_in: int, fan_out: int) -> float:
        """Var(W) of one weight of a kernel (fan_in, fan_out), 0 where all weights are one number."""
        return float(self.spread(fan_in, fan_out))

    def density(self, x, fan_in: int, fan_out: int) -> np.ndarray | None:
        """Probability density of one weight at x, in the shape of x.

        None where there is no density: zeros, ones, and an orthogonal kernel (1, 1), whose weight is −1 or 1.
        """
        if self.distribution is None:
            return None
        return self.distribution(np.asarray(x, dtype=np.float64), self.variance(fan_in, fan_out))

    def sample(self, shape: tuple[int, ...], seed: int) -> np.ndarray:
        """Weights drawn by Keras's initializer, float32 of that shape; same seed, same numbers. Imports TensorFlow."""
        import keras

        initializer = getattr(keras.initializers, self.keras_class)
        drawn = initializer(seed=int(seed)) if self.random else initializer()
        return np.array(drawn(shape, dtype="float32"))

    def keras_code(self, seed: int) -> str:
        """Python source of the initializer in a Keras layer (`keras.initializers.HeNormal(seed=7)`)."""
        return f"keras.initializers.{self.keras_class}({f'seed={seed}' if self.random else ''})"


def layer_seed(seed: int, layer: int, part: int = 0) -> int:
    """The seed of one part of one layer: independent of every other layer's, the same in every process.

    The result is below 2³¹ − 2, where Keras's seeds wrap around.
    """
    return int(np.random.SeedSequence([seed, layer, part]).generate_state(1, np.uint64)[0] % (2**31 - 2))


def _uniform(x, variance):
    limit = sqrt(3 * variance)
    return np.where(np.abs(x) <= limit, 1 / (2 * limit), 0.0)


def _normal(x, variance):
    return np.exp(-x * x / (2 * variance)) / sqrt(2 * pi * variance)


def _truncated_normal(x, variance):
    """Normal, cut off at twice its standard deviation and widened so that the variance is what was asked for."""
    stddev = sqrt(variance) / TRUNCATED_STDDEV
    kept = erf(sqrt(2))  # P(|N| ≤ 2)
    return np.where(np.abs(x) <= 2 * stddev, _normal(x, stddev**2) / kept, 0.0)


def _orthogonal(x, variance):
    """One coordinate of a point drawn uniformly from the unit sphere in n dimensions, n = 1 / variance."""
    n = round(1 / variance)
    if n == 1:
        return None
    inside = np.abs(x) < 1
    room = np.where(inside, 1 - x * x, 1.0)  # 1 outside: no power of a negative number
    return np.where(inside, room ** ((n - 3) / 2) / _beta(0.5, (n - 1) / 2), 0.0)


def _beta(a: float, b: float) -> float:
    """Euler's Β(a, b) = Γ(a) Γ(b) / Γ(a + b)."""
    return exp(lgamma(a) + lgamma(b) - lgamma(a + b))


def _constant(fan_in, fan_out):
    return 0.0


def _glorot(fan_in, fan_out):
    return 2 / (fan_in + fan_out)


def _he(fan_in, fan_out):
    return 2 / fan_in


def _lecun(fan_in, fan_out):
    return 1 / fan_in


INITIALIZERS: Registry[Initializer] = Registry(
    "initializer",
    [
        Initializer(
            name="zeros",
            label="Zeros",
            formula=r"W_{ij} = 0",
            summary="Every weight is 0: all units of a layer are equal and stay equal, and no signal gets back.",
            source="Goodfellow, Bengio & Courville 2016, Deep Learning, section 8.4",
            spread=_constant,
            distribution=None,
            keras_class="Zeros",
        ),
        Initializer(
            name="ones",
            label="Ones",
            formula=r"W_{ij} = 1",
            summary="Every weight is 1: all units of a layer are equal and stay equal, and sums grow with the width.",
            source="Goodfellow, Bengio & Courville 2016, Deep Learning, section 8.4",
            spread=_constant,
            distribution=None,
            keras_class="Ones",
        ),
        Initializer(
            name="random_normal",
            label="Random normal",
            formula=r"W_{ij} \sim \mathcal N(0,\, 0.05^2)",
            summary="A bell curve of the same width for every layer, however many inputs it has.",
            source="Keras RandomNormal (standard deviation 0.05)",
            spread=lambda fan_in, fan_out: STDDEV**2,
            distribution=_normal,
            keras_class="RandomNormal",
        ),
        Initializer(
            name="random_uniform",
            label="Random uniform",
            formula=r"\begin{gathered} W_{ij} \sim \mathcal U(-0.05,\, 0.05) \\ "
            r"\mathrm{Var}(W) = \frac{0.1^2}{12} \end{gathered}",
            summary="Any value from −0.05 to 0.05 equally likely, however many inputs the layer has.",
            source="Keras RandomUniform (limit 0.05)",
            spread=lambda fan_in, fan_out: (2 * LIMIT) ** 2 / 12,
            distribution=_uniform,
            keras_class="RandomUniform",
        ),
        Initializer(
            name="glorot_normal",
            label="Glorot normal (Xavier)",
            formula=r"\begin{gathered} \mathrm{Var}(W) = \frac{2}{n_\mathrm{in} + n_\mathrm{out}} \\ "
            r"W_{ij} \text{ normal, cut off at } \pm 2\sigma \end{gathered}",
            summary="A compromise between keeping the activations' size forward and the signal's size backward.",
            source="Glorot & Bengio 2010",
            spread=_glorot,
            distribution=_truncated_normal,
            keras_class="GlorotNormal",
            suits=("linear", "tanh"),
        ),
        Initializer(
            name="glorot_uniform",
            label="Glorot uniform (Xavier)",
            formula=r"\begin{gathered} \mathrm{Var}(W) = \frac{2}{n_\mathrm{in} + n_\mathrm{out}} \\ "
            r"W_{ij} \sim \mathcal U\!\left(\pm\sqrt{\tfrac{6}{n_\mathrm{in} + n_\mathrm{out}}}\right) \end{gathered}",
            summary="Glorot's variance with every value between two limits equally likely; Keras's default.",
            source="Glorot & Bengio 2010",
            spread=_glorot,
            distribution=_uniform,
            keras_class="GlorotUniform",
            suits=("linear", "tanh"),
        ),
        Initializer(
            name="he_normal",
            label="He normal",
            formula=r"\begin{gathered} \mathrm{Var}(W) = \frac{2}{n_\mathrm{in}} \\ "
            r"W_{ij} \text{ normal, cut off at } \pm 2\sigma \end{gathered}",
            summary="Made for ReLU: twice LeCun's variance, because ReLU throws away half of what comes in.",
            source="He, Zhang, Ren & Sun 2015",
            spread=_he,
            distribution=_truncated_normal,
            keras_class="HeNormal",
            suits=("relu", "leaky_relu"),
        ),
        Initializer(
            name="he_uniform",
            label="He uniform",
            formula=r"\begin{gathered} \mathrm{Var}(W) = \frac{2}{n_\mathrm{in}} \\ "
            r"W_{ij} \sim \mathcal U\!\left(\pm\sqrt{\tfrac{6}{n_\mathrm{in}}}\right) \end{gathered}",
            summary="He's variance with every value between two limits equally likely.",
            source="He, Zhang, Ren & Sun 2015",
            spread=_he,
            distribution=_uniform,
            keras_class="HeUniform",
            suits=("relu", "leaky_relu"),
        ),
        Initializer(
            name="lecun_normal",
            label="LeCun normal",
            formula=r"\begin{gathered} \mathrm{Var}(W) = \frac{1}{n_\mathrm{in}} \\ "
            r"W_{ij} \text{ normal, cut off at } \pm 2\sigma \end{gathered}",
            summary="Gives a weighted sum the size of its inputs; SELU is made for this variance.",
            source="LeCun, Bottou, Orr & Müller 1998; Klambauer et al. 2017",
            spread=_lecun,
            distribution=_truncated_normal,
            keras_class="LecunNormal",
            suits=("tanh", "selu"),
        ),
        Initializer(
            name="lecun_uniform",
            label="LeCun uniform",
            formula=r"\begin{gathered} \mathrm{Var}(W) = \frac{1}{n_\mathrm{in}} \\ "
            r"W_{ij} \sim \mathcal U\!\left(\pm\sqrt{\tfrac{3}{n_\mathrm{in}}}\right) \end{gathered}",
            summary="LeCun's variance with every value between two limits equally likely.",
            source="LeCun, Bottou, Orr & Müller 1998",
            spread=_lecun,
            distribution=_uniform,
            keras_class="LecunUniform",
            suits=("tanh", "selu"),
        ),
        Initializer(
            name="orthogonal",
            label="Orthogonal",
            formula=r"\begin{gathered} W^\top W = I \ \text{ or } \ W W^\top = I \\ "
            r"\mathrm{Var}(W) = \frac{1}{\max(n_\mathrm{in}, n_\mathrm{out})} \end{gathered}",
            summary="A random rotation: as far as the shape allows, it changes no length and no angle.",
            source="Saxe, McClelland & Ganguli 2014",
            spread=lambda fan_in, fan_out: 1 / max(fan_in, fan_out),
            distribution=_orthogonal,
            keras_class="Orthogonal",
            suits=("linear", "tanh"),
        ),
    ],
)
