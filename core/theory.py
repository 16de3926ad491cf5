"""What mean-field theory expects of a network before training: the size of z and of the signal in every layer.

In wide layers with random weights the pre-activations z of one example are normal with variance q, the same for all
units of a layer, and the weights met on the way back are as good as independent of those met on the way forward:

    q_l = Var(W_l) · fan_in · E[a²] + σ_b²,   a = φ(√q_{l−1} z)           (Poole et al. 2016)
    E[δ_l²] = E[φ'(√q_l z)²] · fan_out · Var(W_{l+1}) · E[δ_{l+1}²]        (Schoenholz et al. 2017)

with z standard normal and δ = dL/dz. Skip connections add the two halves of each sum (Yang & Schoenholz 2017). Batch
norm ties the examples of a batch together, so there the matrix of covariances between examples takes the place of q
(Yang et al. 2019).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from core.activations import ACTIVATIONS
from core.initializers import INITIALIZERS
from core.losses import LOGITS
from core.spec import RunSpec

BATCH_NORM_EPSILON = 1e-3
MAX_EXAMPLES = 64  # followed one by one; chosen evenly by length, so that more of them change nothing that shows
MAX_BATCH = 256  # followed together
SAMPLED_UNITS = 512  # a layer, where expectations are means over sampled units
OUTPUT_DRAWS = 256
FEW_FEATURES, FEW_EXAMPLES = 4, 7  # in so few dimensions E[1/variance] is infinite, or a mean of it too uncertain

# E[f(z)] for a standard normal z is a sum over nodes. Each half-line has its own, ± e^t with t evenly spaced: the
# trapezoid rule converges exponentially there, a kink at 0 does not matter, and nodes crowd around 0, where a
# saturating activation with a large q has all its slope. What lies below the smallest node counts as that node.
_STEP = 0.15
_HALF = np.exp(np.arange(-12.0, 2.6, _STEP))
_HALF_WEIGHTS = _STEP * _HALF * np.exp(-(_HALF**2) / 2) / np.sqrt(2 * np.pi)
_HALF_WEIGHTS[0] += 0.5 - _HALF_WEIGHTS.sum()
NODES = np.concatenate([-_HALF[::-1], _HALF])
WEIGHTS = np.concatenate([_HALF_WEIGHTS[::-1], _HALF_WEIGHTS])


# --- one layer ------------------------------------------------------------------------------------------------------


def gaussian_mean(f: Callable[[np.ndarray], np.ndarray], q: float | np.ndarray) -> np.ndarray:
    """E[f(√q z)] with z standard normal, in the shape of q; exact to 1e-9 for f that are smooth on each side of 0."""
    with np.errstate(over="ignore", under="ignore"):
        return f(np.sqrt(np.asarray(q, np.float64))[..., None] * NODES) @ WEIGHTS


def length_map(
    activation: str,
    q: float | np.ndarray,
    variance_times_fan_in: float,
    bias_variance: float = 0.0,
    alpha: float | None = None,
) -> np.ndarray:
    """Variance of the next layer's pre-activations: σ_w² E[φ(√q z)²] + σ_b², in the shape of q.

    Args:
        activation: its name.
        q: variance of this layer's pre-activations, at least 0.
        variance_times_fan_in: σ_w² = Var(W) · fan_in.
        bias_variance: σ_b².
        alpha: the activation's parameter; None is its default.
    """
    entry = ACTIVATIONS[activation]
    return variance_times_fan_in * gaussian_mean(lambda z: entry.fn(z, alpha) ** 2, q) + bias_variance


def chi(activation: str, q: float | np.ndarray, variance_times_fan_in: float, alpha: float | None = None) -> np.ndarray:
    """χ = σ_w² E[φ'(√q z)²], in the shape of q: the factor by which a layer multiplies the signal's variance."""
    entry = ACTIVATIONS[activation]
    return variance_times_fan_in * gaussian_mean(lambda z: entry.derivative(z, alpha) ** 2, q)


def even_with_suited(activation: str, depth: int, uneven: float) -> bool:
    """Whether so many layers of an activation, with the kernels that suit it, keep the signal within that factor.

    The variance of the pre-activations is followed from 1 to where it settles, and χ is taken there.
    """
    suited = [entry for entry in INITIALIZERS.values() if activation in entry.suits]
    variance = max((entry.variance(1, 1) for entry in suited), default=1.0)  # of a square kernel, times its fan-in
    q = 1.0
    for _ in range(min(depth, 30)):
        q = float(length_map(activation, q, variance))
    factor = float(chi(activation, q, variance)) ** ((depth - 1) / 2)
    return 1 / uneven < factor < uneven


# --- a whole network ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Prediction:
    """What theory expects of each hidden layer, first to last, at step 0; or why it says nothing.

    Attributes:
        signal: RMS of dL/dz over examples and units, in units of the last hidden layer's; None without a theory.
        forward: RMS of z over examples and units.
        reason: why there is no theory, one sentence; empty where there is one.
    """

    signal: np.ndarray | None
    forward: np.ndarray | None
    reason: str = ""


class _Waves(NamedTuple):
    """What the two passes over the layers find: log E[δ²] up to a constant, and E[z²]; both (hidden layers,)."""

    log_signal: np.ndarray
    lengths: np.ndarray


@lru_cache(maxsize=128)
def predict(spec: RunSpec) -> Prediction:
    """Expected RMS of the signal in each hidden layer before training, in units of the last one.

    Each example is followed on its own, from q_1 = Var(W_1) |x|² + σ_b² to the error its output is expected to make
    and back, and the squared signals are averaged over the examples. With batch norm the whole batch is followed.

    Limits: layers are taken to be infinitely wide. Ten layers of width 256 agree within 0.1 decades, the median over
    ten seeds and five data sets; a narrower or deeper network scatters more from seed to seed, and a median network
    of ReLU layers falls below the average that theory gives (0.2 decades at ten layers of 32, 0.5 at fifty).
    """
    reason = _reason(spec)
    if reason:
        return Prediction(None, None, reason)
    x, y = spec.data().x_train.astype(np.float64), spec.data().y_train
    with np.errstate(all="ignore"):  # what overflows or dies is found in the result
        waves = _batch_by_batch(spec, x, y) if any(spec.batch_norms) else _example_by_example(spec, x, y)
        forward = np.sqrt(waves.lengths)
        signal = np.exp((waves.log_signal - waves.log_signal[-1]) / 2)
    if not (forward < np.finfo(np.float32).max).all():
        return Prediction(None, None, "The pre-activations outgrow the largest number that float32 can hold.")
    if not np.isfinite(signal).all():
        return Prediction(None, None, "No signal is expected to reach the last hidden layer.")
    forward.setflags(write=False)
    signal.setflags(write=False)
    return Prediction(signal, forward)


def of_layers(sizes: Sequence[int], activations: Sequence[str], initializer: str, mean_square: float) -> Prediction:
    """The same for dense layers of any sizes, (features, *hidden, outputs), without batch norm or skip connections.

    All examples are taken to be of one length: `mean_square` is the mean of x² over examples and features.
    """
    variances = [INITIALIZERS[initializer].variance(*shape) for shape in pairwise(sizes)]
    square, lengths, slopes = np.asarray(mean_square, np.float64), [], []
    with np.errstate(all="ignore"):
        for name, fan_in, variance in zip(activations, sizes, variances, strict=False):
            q = variance * fan_in * square
            lengths.append(q)
            slopes.append(chi(name, q, 1.0))
            square = length_map(name, q, 1.0)
        # What a hidden layer's signal is multiplied by on its way to the one before it.
        passed = [slope * fan_out * variance
                  for slope, fan_out, variance in zip(slopes, sizes[2:], variances[1:], strict=False)][:-1]
        arriving = np.cumsum([0.0, *np.log(passed[::-1])])[::-1]  # (hidden layers,), 0 for the last
        signal = np.exp(arriving / 2)
    if not np.isfinite(signal).all():
        return Prediction(None, None, "No signal is expected to reach the last hidden layer.")
    return Prediction(signal, np.sqrt(lengths))


class Factors(NamedTuple):
    """By what a hidden layer multiplies the square of the signal on its way back, at step 0: slope · scale = χ.

    slope: E[φ'(√q z)²], of the activation. scale: fan_out · Var(W), of the initial kernel. Both are geometric means
    over the layers between the hidden ones, with the q of theory averaged over the examples; NaN where there is no
    theory, one hidden layer, or batch norm, whose own factor comes on top.
    """

    slope: float
    scale: float


@lru_cache(maxsize=128)
def factors(spec: RunSpec) -> Factors:
    """Which of the activation and the initial kernels makes the signal shrink or grow."""
    forward = predict(spec).forward
    if forward is None or spec.depth == 1 or any(spec.batch_norms):
        return Factors(np.nan, np.nan)
    slopes = [chi(name, q**2, 1.0, spec.alpha) for name, q in zip(spec.activations, forward, strict=True)][:-1]
    scales = [width * variance for width, variance in zip(spec.widths[1:], _kernel_variances(spec)[1:-1], strict=True)]
    with np.errstate(divide="ignore"):
        return Factors(*(float(np.exp(np.log(one).mean())) for one in (slopes, scales)))


class LayerFactors(NamedTuple):
    """The same layer by layer, `(hidden layers − 1,)` each: what the square of the signal is multiplied by on its way
    from the next hidden layer to this one, E[δ_l²] / E[δ_{l+1}²] = slope_l · scale_l.

    slope: E[φ'(√q z)²] / (1 − dropout) over the examples, each weighted by the squared signal that it brings. scale:
    fan_out · Var(W) of the initial kernel between the two layers.
    """

    slope: np.ndarray
    scale: np.ndarray


def layer_factors(spec: RunSpec) -> LayerFactors | None:
    """The factors whose products are the prediction's signal; None where that is no such product (batch norm, skip
    connections) or there is no theory, or nothing arrives.
    """
    signal = predict(spec).signal
    if signal is None or not signal.all() or any(spec.batch_norms) or any(spec.skips):
        return None
    scale = np.array(spec.widths[1:]) * _kernel_variances(spec)[1:-1]
    return LayerFactors((signal[:-1] / signal[1:]) ** 2 / scale, scale)


def _reason(spec: RunSpec) -> str:
    """Why there is no theory of such a network, or an empty string."""
    if not INITIALIZERS[spec.initializer].random or spec.gain == 0:
        return "The theory averages over random weights; here all weights of a kernel are equal."
    slopes = [ACTIVATIONS[name].derivative(NODES, spec.alpha) for name in spec.activations]
    normalised = spec.batch_norms
    # E[φ''] = 0 for an even slope. Otherwise each layer adds a little of the same drift to all units; skip connections
    # let it build up, as fast as e^depth, and its share of the signal, 1/width at first, soon is all of it.
    if spec.skip and any(not bn and not np.allclose(f, f[::-1]) for bn, f in zip(normalised, slopes, strict=True)):
        return (
            "With skip connections the theory needs an activation with the same slope on both sides of 0, "
            "or batch norm in every layer: otherwise all units drift together."
        )
    # Where examples differ in few dimensions some units hardly vary over the batch, and batch norm divides by that.
    if any(normalised) and spec.batch <= FEW_EXAMPLES:
        return (
            f"With batch norm over fewer than {FEW_EXAMPLES + 1} examples the signal depends on the few units that "
            "hardly vary, and has no expected size."
        )
    linear = next((layer for layer, f in enumerate(slopes) if np.ptp(f) > 0), spec.depth)
    if spec.sizes[0] <= FEW_FEATURES and any(normalised[1 : linear + 1]):
        return (
            "Linear layers keep data of few features in few dimensions: with batch norm the signal then depends on "
            "the few units that hardly vary, and has no expected size."
        )
    return ""


def _kernel_variances(spec: RunSpec) -> list[float]:
    """Var(W) of each kernel, hidden layers first to last, then the output."""
    variance = INITIALIZERS[spec.initializer].variance
    return [spec.gain**2 * variance(*shape) for shape in pairwise(spec.sizes)]


def _example_by_example(spec: RunSpec, x: np.ndarray, y: np.ndarray) -> _Waves:
    """The recursions of the module's head for each example (batch, features)."""
    chosen = np.argsort((x**2).sum(1), kind="stable")[_spread(len(x), MAX_EXAMPLES)]
    x, y = x[chosen], y[chosen]
    variances, kept = _kernel_variances(spec), 1 - spec.dropout
    mean, square = x.mean(1), (x**2).mean(1)  # over units, of what enters a layer: (batch,)
    lengths, slopes = [], []
    for layer, name in enumerate(spec.activations):
        q = variances[layer] * spec.sizes[layer] * square + spec.bias_std**2
        lengths.append(q)
        slopes.append(chi(name, q, 1.0, spec.alpha) / kept)
        new_mean = gaussian_mean(partial(ACTIVATIONS[name].fn, alpha=spec.alpha), q)
        new_square = length_map(name, q, 1.0, alpha=spec.alpha) / kept
        if spec.skips[layer]:  # φ(z) of a unit is independent of the input that is added to it
            new_square = new_square + square + 2 * new_mean * mean
            new_mean = new_mean + mean
        mean, square = new_mean, new_square
    output_variance = variances[-1] * spec.sizes[-2] * square + spec.bias_std**2
    normal = np.random.default_rng(0).standard_normal((OUTPUT_DRAWS, 1, spec.sizes[-1]))
    errors = _output_errors(spec, np.sqrt(output_variance)[:, None] * normal, y)  # (draws, batch, outputs)
    log_gradient = np.log((errors**2).mean((0, 2)))  # of E[(dL/da)²], (batch,)
    log_signals: list[float] = []
    for layer in reversed(range(spec.depth)):
        log_signal = log_gradient + np.log(slopes[layer])
        log_signals.insert(0, _log_mean_exp(log_signal))
        arriving = spec.sizes[layer + 1] * variances[layer] * slopes[layer]
        log_gradient = log_gradient + np.log(arriving + spec.skips[layer])
    return _Waves(np.array(log_signals), np.mean(lengths, axis=1))


def _spread(size: int, most: int) -> np.ndarray:
    """At most that many places in a row of that size, evenly spaced, half a space from the ends."""
    count = min(size, most)
    return ((np.arange(count) + 0.5) * size / count).astype(int)


def _log_mean_exp(x: np.ndarray) -> float:
    """log of the mean of e^x, without overflow; −∞ where every x is."""
    top = x.max()
    return float(top + np.log(np.exp(x - top).mean())) if np.isfinite(top) else float(top)


def _output_errors(spec: RunSpec, z: np.ndarray, y: np.ndarray) -> np.ndarray:
    """dL/dz of each example's own loss for output pre-activations z (draws, batch, outputs), in that shape."""
    loss = spec.loss_entry
    output = ACTIVATIONS[loss.trained_output(spec.output_activation)]
    prediction = output.fn(z)
    if loss.on_logits and output.name in LOGITS:
        return prediction * (1 if output.elementwise else y.sum(-1, keepdims=True)) - y
    flat = prediction.reshape(-1, prediction.shape[-1])
    slope = len(flat) * loss.derivative(np.tile(y, (len(z), 1)), flat).reshape(z.shape)
    if output.elementwise:
        return slope * output.derivative(z)
    return prediction * (slope - (prediction * slope).sum(-1, keepdims=True))  # softmax


def _batch_by_batch(spec: RunSpec, x: np.ndarray, y: np.ndarray) -> _Waves:
    """The same for covariances between the examples of a batch; expectations over units are means of sampled ones.

    With h (batch,) normal of covariance K_l, u = BN(h) and a = φ(u):
        K_{l+1} = Var(W) · fan_in · E[a aᵀ] + σ_b²,    Π_l = E[J Π_{l+1} Jᵀ] · fan_out · Var(W),
    J being the Jacobian of φ(BN(h)), and Π the covariance of the signal between examples.
    """
    rng = np.random.default_rng(0)
    batch = min(spec.batch, MAX_BATCH)
    x, y = x[:batch], y[:batch]
    variances, kept = _kernel_variances(spec), 1 - spec.dropout
    mean, product = x.mean(1), x @ x.T / x.shape[1]  # over units, of what enters a layer: (batch,), (batch, batch)
    lengths, samples = [], []
    for layer, name in enumerate(spec.activations):
        covariance = variances[layer] * spec.sizes[layer] * product + spec.bias_std**2
        if layer == 0:
            h = x @ _first_kernel(rng, spec) + spec.bias_std * rng.standard_normal(SAMPLED_UNITS)
        else:
            h = _normal(rng, covariance, SAMPLED_UNITS)
        unit = _Units(h, spec.batch_norms[layer])
        mask = (rng.random(h.shape) < kept) / kept
        a = ACTIVATIONS[name].fn(unit.u, spec.alpha) * mask
        slope = ACTIVATIONS[name].derivative(unit.u, spec.alpha) * mask
        lengths.append(np.trace(covariance) / len(x))
        samples.append((unit, slope))
        new_mean, new_product = a.mean(1), a @ a.T / SAMPLED_UNITS
        if spec.skips[layer]:
            new_product = new_product + product + np.outer(new_mean, mean) + np.outer(mean, new_mean)
            new_mean = new_mean + mean
        mean, product = new_mean, new_product
    covariance = variances[-1] * spec.sizes[-2] * product + spec.bias_std**2
    z = _normal(rng, covariance, OUTPUT_DRAWS * spec.sizes[-1]).reshape(len(x), OUTPUT_DRAWS, -1).swapaxes(0, 1)
    errors = _output_errors(spec, z, y).swapaxes(0, 1).reshape(len(x), -1)
    gradient, log_scale = errors @ errors.T, 0.0  # of dL/da between examples
    log_signals: list[float] = []
    for layer in reversed(range(spec.depth)):
        size = np.trace(gradient)
        gradient, log_scale = gradient / size, log_scale + np.log(size)
        unit, slope = samples[layer]
        signal = unit.pull_back(slope * _normal(rng, gradient, SAMPLED_UNITS))
        log_signals.insert(0, log_scale + np.log((signal**2).mean()))
        arriving = spec.sizes[layer + 1] * variances[layer] * (signal @ signal.T) / SAMPLED_UNITS
        gradient = arriving + gradient if spec.skips[layer] else arriving
    return _Waves(np.array(log_signals), np.array(lengths))


def _normal(rng: np.random.Generator, covariance: np.ndarray, columns: int) -> np.ndarray:
    """Independent normal columns of that covariance (batch, batch), which may be singular: (batch, columns)."""
    batch = len(covariance)
    if not np.isfinite(covariance).all():
        return np.full((batch, columns), np.nan)
    lift = 1e-10 * np.trace(covariance) / batch + np.finfo(np.float64).tiny  # makes it definite, changes no digit
    return np.linalg.cholesky(covariance + lift * np.eye(batch)) @ rng.standard_normal((batch, columns))


def _first_kernel(rng: np.random.Generator, spec: RunSpec) -> np.ndarray:
    """Kernel of sampled units of the first layer, (features, units): few features leave z no more normal than W."""
    entry, shape = INITIALIZERS[spec.initializer], spec.sizes[:2]
    weights = np.sqrt(entry.variance(*shape)) * np.linspace(-4, 4, 2001)
    density = entry.density(weights, *shape)
    if density is None:  # an orthogonal kernel of one weight
        return spec.gain * rng.choice([-1.0, 1.0], (shape[0], SAMPLED_UNITS))
    share = np.cumsum(density)
    return spec.gain * np.interp(rng.random((shape[0], SAMPLED_UNITS)), share / share[-1], weights)


class _Units:
    """Pre-activations h (batch, units) on their way through batch norm, or past it."""

    def __init__(self, h: np.ndarray, normalised: bool) -> None:
        self.scale = 1 / np.sqrt(h.var(0) + BATCH_NORM_EPSILON) if normalised else None
        self.u = h if self.scale is None else (h - h.mean(0)) * self.scale

    def pull_back(self, gradient: np.ndarray) -> np.ndarray:
        """dL/dh from dL/du."""
        if self.scale is None:
            return gradient
        along = (gradient * self.u).mean(0) * self.u
        return self.scale * (gradient - gradient.mean(0) - along)
