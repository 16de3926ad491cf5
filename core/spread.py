"""How much is luck: by how much the signal differs between networks that differ in nothing but their seed.

`core.theory` follows the mean square, which a few lucky networks make; this follows one example through one network.
Whether a ReLU is on is a fair coin, independent of how large the weights are: turning the signs of a unit's weights
round, those into it and those out of it, changes no product of matrices. So a layer of n units hands on

    |δ_l|² = Var(W_{l+1}) · χ²_K · |δ_{l+1}|²,   K ~ Binomial(n, ½),   given K > 0,

independently of every other layer, and forward |a_l|² = Var(W_l) · χ²_K · |a_{l−1}|² (Hanin & Nica 2018, arXiv
1812.05994). The logarithms add up: over layers of n units with He's variance 2/n the variance of ln |δ|² is
5 · Σ 1/n to leading order, and its mean minus half of that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

from core.initializers import INITIALIZERS
from core.spec import RunSpec

SHARES = (0.1, 0.5, 0.9)  # of the seeds that are below a line of the band
NORMAL = "random_normal"  # the initializer whose weights are normal; Keras's other normal ones cut off the tails
NARROWEST = 8  # units from which on other weights than normal ones give nearly the same band

# Nodes of the integral that turns a characteristic function into quantiles: in units of the inverse standard
# deviation, evenly spaced in ln t, since layers of 2 and of 512 units share them.
_STEP = 0.03
_LOWEST, _HIGHEST = 1e-4, 25.0
_REACH, _PLACES = 7.0, 281  # standard deviations to either side of the mean, and at how many places of them


@dataclass(frozen=True, eq=False)
class Spread:
    """How the signal of one example is spread over the seeds at step 0, hidden layers first to last; or why unknown.

    The signal is the RMS of dL/dz over the units of a layer, in units of the last hidden layer's.

    Attributes:
        log_mean, log_variance: of ln of the signal squared, (hidden layers,); 0 in the last. None without a theory.
        signal: the signal that SHARES of the networks stay below, (3, hidden layers). None without a theory.
        born_dead: chance that the example switches off every unit of some hidden layer; the other attributes are of
            the networks where it does not. NaN where it is not known; it does not depend on how the weights are drawn.
        reason: why there is no theory, one sentence; empty where there is one.
    """

    log_mean: np.ndarray | None
    log_variance: np.ndarray | None
    signal: np.ndarray | None
    born_dead: float
    reason: str = ""


@lru_cache(maxsize=128)
def predict(spec: RunSpec) -> Spread:
    """The spread of the signal of one example, before training.

    Exact for normal weights and one output. Ten layers, simulated: Keras's normal kernels, which are cut off at two
    standard deviations, have 0 to 5 % less variance of ln from 8 units on, uniform ones 8 to 16 % less, and ten outputs
    5 to 10 % more, because the error of several outputs depends on what came forward.

    Limits: one example. The examples of a batch share the weights but not which units are on: the band of a batch's RMS
    is narrower, and its middle nearer to 1. Only batch size 1 measures what is predicted here.
    """
    reason = _reason(spec)
    if reason:
        return Spread(None, None, None, np.nan if _not_alone(spec) else born_dead(spec.widths), reason)
    variance = INITIALIZERS[spec.initializer].variance
    scales = [spec.gain**2 * variance(*shape) * shape[1] / shape[0] for shape in pairwise(spec.widths)]
    moments = np.array([log_moments(units) for units in spec.widths[:-1]]).reshape(-1, 2)
    moments[:, 0] += np.log(scales)
    log_mean, log_variance = (np.append(np.cumsum(column[::-1])[::-1], 0.0) for column in moments.T)
    centred = _quantiles(spec.widths[:-1][::-1], SHARES)[:, ::-1]
    signal = np.exp((log_mean + np.hstack([centred, np.zeros((len(SHARES), 1))])) / 2)
    for array in (log_mean, log_variance, signal):
        array.setflags(write=False)
    return Spread(log_mean, log_variance, signal, born_dead(spec.widths))


def log_moments(units: int) -> tuple[float, float]:
    """Mean and variance of ln χ²_K with K ~ Binomial(units, ½) given K > 0: what a layer adds, without ln Var(W).

    E[ψ(K/2)] + ln 2, and E[ψ′(K/2)] + Var[ψ(K/2)].
    """
    from scipy.special import digamma, polygamma

    on, chance = _units_on(units)
    psi = digamma(on / 2)
    mean = float(chance @ psi)
    return mean + float(np.log(2)), float(chance @ polygamma(1, on / 2) + chance @ (psi - mean) ** 2)


def norm_quantiles(widths: Sequence[int], shares: Sequence[float] = SHARES) -> np.ndarray:
    """What ReLU layers with kernels of variance 2 / width make of a norm of 1: the norm that these shares of the
    networks stay below, (shares,).
    """
    mean = sum(log_moments(units)[0] + np.log(2 / units) for units in widths)
    return np.exp((mean + _quantiles(widths, shares)[:, -1]) / 2)


def born_dead(widths: Sequence[int]) -> float:
    """Chance that one example, without biases, switches off every unit of some ReLU layer: 1 − Π(1 − 2⁻ⁿ).

    Nothing then comes out but the output's bias, and no kernel gets a gradient (Rister & Rubin 2017; Lu et al. 2019,
    arXiv 1903.06733). A data set whose examples point apart is all dead less often.
    """
    return float(-np.expm1(np.sum(np.log1p(-(0.5 ** np.asarray(widths, np.float64))))))


def _reason(spec: RunSpec) -> str:
    """Why there is no theory of the spread of such a network, or an empty string."""
    if reason := _not_alone(spec):
        return reason
    if spec.initializer == "orthogonal":
        return "Theory knows the spread only for weights drawn independently; those of an orthogonal kernel are not."
    if min(spec.widths) < NARROWEST and spec.initializer != NORMAL:
        return (f"With fewer than {NARROWEST} units in a layer the spread depends on how the weights are drawn; theory "
                "knows it only for normal ones.")
    return ""


def _not_alone(spec: RunSpec) -> str:
    """Why a unit's being on is no fair coin, or not all that counts; an empty string where it is."""
    if set(spec.activations) != {"relu"}:
        return "Theory knows the spread only for ReLU layers: a unit that is on passes on all, one that is off nothing."
    if not INITIALIZERS[spec.initializer].random or spec.gain == 0:
        return "Theory knows the spread only for random weights; here all weights of a kernel are equal."
    if spec.bias_std:
        return "Theory knows the spread only for zero biases: with others a unit is not on for half of all inputs."
    if any(spec.batch_norms):
        return "Theory knows the spread of one example on its own; batch norm ties the examples of a batch together."
    if any(spec.skips):
        return "Theory knows the spread only for layers one after the other; a skip connection adds two of them."
    if spec.dropout:
        return "Theory knows the spread of the initial weights alone; dropout adds its own."
    return ""


def _units_on(units: int) -> tuple[np.ndarray, np.ndarray]:
    """How many units of a layer may be on, and the chance of each number, given that one is."""
    from scipy.special import comb

    on = np.arange(1, units + 1)
    chance = comb(units, on) * 0.5**units
    likely = chance > 1e-15 * chance.max()
    return on[likely], chance[likely] / chance[likely].sum()


def _quantiles(widths: Sequence[int], shares: Sequence[float]) -> np.ndarray:
    """Quantiles of Σ ln χ²_K over the first 1, 2, … of the widths, less their means: (shares, widths).

    From the characteristic functions φ(t) = E[e^{it ln χ²_K}] = E[2^{it} Γ(K/2 + it) / Γ(K/2)], whose product is that
    of the sum, by the inversion of Gil-Pelaez (1951): F(x) = ½ − (1/π) ∫ Im(e^{−itx} φ(t)) / t dt from 0 to ∞. A
    log-normal with the same mean and variance is right within 1 % from 20 units on, and at 8 too wide by a sixth.
    """
    if not widths:
        return np.zeros((len(shares), 0))
    deviations = np.sqrt(np.cumsum([log_moments(units)[1] for units in widths]))
    log_t = np.arange(np.log(_LOWEST / deviations[-1]), np.log(_HIGHEST / deviations[0]), _STEP)
    t = np.exp(log_t)
    of_width = {units: _log_characteristic(units, t) for units in set(widths)}
    found, log_phi = [], np.zeros(len(t), np.complex128)
    for units, deviation in zip(widths, deviations, strict=True):
        log_phi = log_phi + of_width[units]
        x = np.linspace(-_REACH * deviation, _REACH * deviation, _PLACES)
        below = 0.5 - np.exp(log_phi - 1j * np.outer(x, t)).imag.sum(axis=1) * _STEP / np.pi
        found.append(np.interp(shares, below, x))
    return np.array(found).T


def _log_characteristic(units: int, t: np.ndarray) -> np.ndarray:
    """ln E[e^{it (ln χ²_K − its mean)}] at each t."""
    from scipy.special import loggamma

    on, chance = _units_on(units)
    mean = log_moments(units)[0]
    gammas = loggamma(on[:, None] / 2 + 1j * t) - loggamma(on / 2)[:, None]
    with np.errstate(divide="ignore"):  # what is 0 contributes nothing
        return np.log(chance @ np.exp(gammas)) + 1j * t * (np.log(2) - mean)
