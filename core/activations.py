"""Activation functions: one entry each, with its curve, its slope and its Keras counterpart.

Curves and slopes are computed in NumPy, so that a page can draw them before TensorFlow has loaded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from math import erfc, inf, pi, sqrt
from typing import Any

import numpy as np

from core.registry import Item, Registry
from core.tensors import tensorflow

# Klambauer et al. 2017: the values for which mean 0 and variance 1 are a fixed point.
SELU_ALPHA = 1.6732632423543772
SELU_SCALE = 1.0507009873554805


@dataclass(frozen=True)
class Activation(Item):
    """One activation function a = f(z).

    Attributes:
        curve: f(z), or f(z, α) where the entry has a parameter; `fn` calls it.
        slope: f'(z), or f'(z, α); `derivative` calls it.
        output_range: infimum and supremum of f (with the default α), infinite where it is unbounded.
        parameter: Keras's keyword for α (`negative_slope`, `alpha`), None where there is none.
        alpha: default of α in Keras's function, None where there is none.
        elementwise: each output depends on its own input alone; False for softmax only.
    """

    curve: Callable[..., np.ndarray]
    slope: Callable[..., np.ndarray]
    output_range: tuple[float, float]
    parameter: str | None = None
    alpha: float | None = None
    elementwise: bool = True

    def fn(self, x, alpha: float | None = None) -> np.ndarray:
        """f(x), in the shape and float dtype of x; `alpha=None` is Keras's default, ignored without a parameter."""
        return self.curve(_floats(x), *self._parameters(alpha))

    def derivative(self, x, alpha: float | None = None) -> np.ndarray:
        """f'(x), in the shape and float dtype of x; at a kink the value TensorFlow's GradientTape gives.

        For softmax it is the diagonal ∂p_i/∂z_i of `softmax_jacobian`.
        """
        return self.slope(_floats(x), *self._parameters(alpha))

    def largest_slope(self, alpha: float | None = None) -> float:
        """max |f'(x)| over all x, found numerically: what a saturated unit's slope is compared with."""
        return _largest_slope(self, alpha)

    def keras_fn(self, alpha: float | None = None) -> Callable[[Any], Any]:
        """Keras's function of a tensor, with α set; imports TensorFlow."""
        import keras

        function = keras.activations.get(self.name)
        if not self.elementwise:
            return lambda z: function(z) if z.shape[-1] != 1 else _softmax_of_one(z)
        parameters = self._parameters(alpha)
        return partial(function, **{str(self.parameter): parameters[0]}) if parameters else function

    def keras_code(self, alpha: float | None = None) -> str:
        """Python source of a Keras layer's `activation` argument: `"tanh"`, or a lambda where α is not the default."""
        parameters = self._parameters(alpha)
        if not parameters or parameters[0] == self.alpha:
            return f'"{self.name}"'
        return f"lambda x: keras.activations.{self.name}(x, {self.parameter}={parameters[0]!r})"

    def _parameters(self, alpha: float | None) -> tuple[float, ...]:
        if self.alpha is None:
            return ()
        return (self.alpha if alpha is None else float(alpha),)


def _floats(x) -> np.ndarray:
    x = np.asarray(x)
    return x if np.issubdtype(x.dtype, np.floating) else x.astype(np.float64)


@lru_cache(maxsize=256)
def _largest_slope(activation: Activation, alpha: float | None) -> float:
    positive = np.geomspace(1e-12, 60.0, 30_001)
    points = np.concatenate([-positive[::-1], [0.0], positive])
    # (points, 2): a second input at 0, so that softmax too has something to compare with
    slopes = activation.derivative(np.stack([points, np.zeros_like(points)], axis=-1), alpha)
    return float(np.abs(slopes).max())


def _softmax_of_one(z: Any) -> Any:
    """What Keras's softmax gives, without its warning that this is always 1."""
    return tensorflow().nn.softmax(z)


def softmax_jacobian(x) -> np.ndarray:
    """Slopes of softmax: J_ij = ∂p_i/∂z_j = p_i (δ_ij − p_j). Shapes (..., k) -> (..., k, k)."""
    p = _softmax(_floats(x))
    return p[..., :, None] * (np.eye(p.shape[-1], dtype=p.dtype) - p[..., None, :])


def _sigmoid(x):
    return np.exp(np.minimum(x, 0)) / (1 + np.exp(-np.abs(x)))  # no exponent is positive: nothing overflows


# Slopes are written as products such as σ(x)·σ(−x): 1 − σ(x) would round to 0 long before the true slope does.


def _sigmoid_slope(x):
    return _sigmoid(x) * _sigmoid(-x)


def _tanh_slope(x):
    return 4 * _sigmoid_slope(2 * x)


def _elu(x, alpha):
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


def _elu_slope(x, alpha):
    return np.where(x > 0, 1, alpha * np.exp(np.minimum(x, 0)))


def _selu_slope(x):
    # not _elu_slope: α ≠ 1 is a kink, at which TensorFlow takes the slope from the right
    return SELU_SCALE * np.where(x >= 0, 1, SELU_ALPHA * np.exp(np.minimum(x, 0)))


_erfc = np.vectorize(erfc, otypes=[np.float64])  # SciPy's is faster, but takes 0.2 s to import before a first paint


def _gaussian_share(x):
    """Φ(x), the share of a standard normal distribution below x."""
    return (_erfc(x / -sqrt(2)) / 2).astype(x.dtype)


def _gaussian_density(x):
    return np.exp(-x * x / 2) / sqrt(2 * pi)


def _softplus(x):
    return np.logaddexp(x, 0)


def _mish_slope(x):
    softplus = _softplus(x)
    return np.tanh(softplus) + x * _sigmoid(x) * _tanh_slope(softplus)


def _softmax(x):
    powers = np.exp(x - x.max(axis=-1, keepdims=True))  # the largest exponent is 0: nothing overflows
    return powers / powers.sum(axis=-1, keepdims=True)


def _softmax_slope(x):
    p = _softmax(x)
    return p * (1 - p)


ACTIVATIONS: Registry[Activation] = Registry(
    "activation",
    [
        Activation(
            name="linear",
            label="Linear",
            formula=r"f(z) = z",
            summary="Passes its input on unchanged: right for the output of a regression, no help in a hidden layer.",
            source="Goodfellow, Bengio & Courville 2016, Deep Learning, section 6.2.2",
            curve=lambda x: x.copy(),
            slope=np.ones_like,
            output_range=(-inf, inf),
        ),
        Activation(
            name="sigmoid",
            label="Sigmoid",
            formula=r"f(z) = \sigma(z) = \frac{1}{1 + e^{-z}}",
            summary="Squeezes any number into the range from 0 to 1; its slope is never more than 1/4.",
            source="Rumelhart, Hinton & Williams 1986, Nature 323",
            curve=_sigmoid,
            slope=_sigmoid_slope,
            output_range=(0.0, 1.0),
        ),
        Activation(
            name="tanh",
            label="Tanh",
            formula=r"f(z) = \tanh z = \frac{e^{z} - e^{-z}}{e^{z} + e^{-z}}",
            summary="Squeezes any number into the range from −1 to 1, centred on 0, with slope 1 in the middle.",
            source="LeCun, Bottou, Orr & Müller 1998, Efficient BackProp",
            curve=np.tanh,
            slope=_tanh_slope,
            output_range=(-1.0, 1.0),
        ),
        Activation(
            name="relu",
            label="ReLU",
            formula=r"f(z) = \max(0, z)",
            summary="Keeps what is positive and sets the rest to 0; a unit that is always negative learns no more.",
            source="Nair & Hinton 2010; Glorot, Bordes & Bengio 2011",
            curve=lambda x: np.maximum(x, 0),
            slope=lambda x: (x > 0).astype(x.dtype),
            output_range=(0.0, inf),
        ),
        Activation(
            name="leaky_relu",
            label="Leaky ReLU",
            formula=r"f(z) = z \text{ if } z > 0, \text{ else } \alpha z",
            summary="ReLU with a small slope α on the negative side, so that no unit goes silent.",
            source="Maas, Hannun & Ng 2013 (with α = 0.01; Keras's function has 0.2)",
            curve=lambda x, alpha: np.where(x > 0, x, alpha * x),
            slope=lambda x, alpha: np.where(x > 0, 1, x.dtype.type(alpha)),
            output_range=(-inf, inf),
            parameter="negative_slope",
            alpha=0.2,
        ),
        Activation(
            name="elu",
            label="ELU",
            formula=r"f(z) = z \text{ if } z > 0, \text{ else } \alpha\,(e^{z} - 1)",
            summary="Straight on the positive side; on the negative side it approaches −α smoothly.",
            source="Clevert, Unterthiner & Hochreiter 2016",
            curve=_elu,
            slope=_elu_slope,
            output_range=(-1.0, inf),
            parameter="alpha",
            alpha=1.0,
        ),
        Activation(
            name="selu",
            label="SELU",
            formula=r"f(z) = \lambda z \text{ if } z > 0, \text{ else } \lambda\alpha\,(e^{z} - 1),"
            r"\quad \lambda = 1.0507,\ \alpha = 1.6733",
            summary="ELU scaled so that, with LeCun weights, every layer keeps mean 0 and variance 1.",
            source="Klambauer, Unterthiner, Mayr & Hochreiter 2017",
            curve=lambda x: SELU_SCALE * _elu(x, SELU_ALPHA),
            slope=_selu_slope,
            output_range=(-SELU_SCALE * SELU_ALPHA, inf),
        ),
        Activation(
            name="silu",
            label="SiLU (Swish)",
            formula=r"f(z) = z\,\sigma(z)",
            summary="A smooth ReLU that dips a little below 0 before it rises.",
            source="Elfwing, Uchibe & Doya 2018; Ramachandran, Zoph & Le 2017 (Swish)",
            curve=lambda x: x * _sigmoid(x),
            slope=lambda x: _sigmoid(x) * (1 + x * _sigmoid(-x)),
            output_range=(-0.2784645427610738, inf),
        ),
        Activation(
            name="gelu",
            label="GELU",
            formula=r"f(z) = z\,\Phi(z)",
            summary="A smooth ReLU: the input times the share of a standard normal distribution that lies below it.",
            source="Hendrycks & Gimpel 2016",
            curve=lambda x: x * _gaussian_share(x),
            slope=lambda x: _gaussian_share(x) + x * _gaussian_density(x),
            output_range=(-0.16997120747990369, inf),
        ),
        Activation(
            name="softplus",
            label="Softplus",
            formula=r"f(z) = \ln(1 + e^{z})",
            summary="ReLU without the corner, always above 0; its slope is the sigmoid.",
            source="Dugas, Bengio, Bélisle, Nadeau & Garcia 2001",
            curve=_softplus,
            slope=_sigmoid,
            output_range=(0.0, inf),
        ),
        Activation(
            name="mish",
            label="Mish",
            formula=r"f(z) = z \tanh(\ln(1 + e^{z}))",
            summary="Much like SiLU: smooth, a small dip below 0, then nearly the input itself.",
            source="Misra 2020",
            curve=lambda x: x * np.tanh(_softplus(x)),
            slope=_mish_slope,
            output_range=(-0.30884341301725043, inf),
        ),
        Activation(
            name="softmax",
            label="Softmax",
            formula=r"f(z)_i = p_i = \frac{e^{z_i}}{\sum_j e^{z_j}}",
            summary="Turns the outputs of a layer into probabilities that sum to 1; raising one lowers the others.",
            source="Bridle 1990",
            curve=_softmax,
            slope=_softmax_slope,
            output_range=(0.0, 1.0),
            elementwise=False,
        ),
    ],
    aliases={"swish": "silu"},
)
