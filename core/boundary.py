"""What a trained network says of every point of the plane: its prediction on a grid, and the line where it decides.

In NumPy, from the parameters that a snapshot carries, so it can be drawn before TensorFlow has been imported.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from core.activations import ACTIVATIONS
from core.architecture import Architecture
from core.network import BATCH_NORM_EPSILON, unflatten
from core.spec import RunSpec
from core.training import KEPT_PARAMETERS, kept_parameters
from core.words import count

GRID = 40  # cells in each direction
MARGIN = 0.15  # of the data's extent, on every side of them


def predict(spec: RunSpec, theta: np.ndarray, moving: np.ndarray | None, x: np.ndarray) -> np.ndarray:
    """Pre-activations z of the output in inference mode. Shapes: θ (parameters,), x (n, features) -> (n, outputs).

    moving: batch norm's moving means and variances as a snapshot has them; not asked for without batch norm.
    """
    architecture = Architecture.of(spec)
    widths = [width for width in architecture.normalised_widths for _ in ("mean", "variance")]
    stored = iter(np.split(moving, np.cumsum(widths)[:-1]) if widths and moving is not None else ())
    a = np.asarray(x, np.float32)
    with np.errstate(over="ignore", invalid="ignore"):  # a run that has overflowed has weights like that
        for layer, (kernel, bias, *normalisation) in enumerate(unflatten(architecture, theta)):
            z = a @ kernel + bias  # (n, units)
            if layer == architecture.depth:
                return z
            if normalisation:
                (scale, shift), mean, variance = normalisation, next(stored), next(stored)
                z = (z - mean) / np.sqrt(variance + BATCH_NORM_EPSILON) * scale + shift
            name, alpha = architecture.activation(layer)
            f = ACTIVATIONS[name].fn(z, alpha)
            a = f + a if architecture.skips[layer] else f
    raise AssertionError("a network has an output layer")


def probabilities(spec: RunSpec, z: np.ndarray) -> np.ndarray:
    """How likely each class is, from the output's z: (n, 1), that of class 1, for two classes; (n, k) for k.

    A tanh output (hinge loss) goes from −1 to 1, so it is halved and moved; a linear one is taken as the logits. Of an
    output that somebody gave, one unit is cut off at the two labels, and several are taken as logits.
    """
    if spec.output is not None:
        answers = ACTIVATIONS[spec.output].fn(z)
        if spec.task == "binary":
            return np.clip((answers + 1) / 2 if spec.loss == "hinge" else answers, 0, 1)
        return ACTIVATIONS["softmax"].fn(z if spec.output == "softmax" else answers)
    if spec.output_activation == "tanh":
        return (np.tanh(z) + 1) / 2
    return ACTIVATIONS["sigmoid" if spec.task == "binary" else "softmax"].fn(z)


def decision(spec: RunSpec, z: np.ndarray) -> np.ndarray:
    """From the only unit's z a number that is 0 where the run decides between two classes, in the shape of z."""
    if spec.output is None:
        return z
    return ACTIVATIONS[spec.output].fn(z) - (0 if spec.loss == "hinge" else 0.5)


def missing(spec: RunSpec) -> str:
    """Why a run has no boundary in the plane, as a sentence; empty if it has one."""
    if spec.task == "regression":
        return f"{spec.data_set.label} has numbers to predict; a picture in the plane is of classes."
    if spec.output_units:
        return f"The picture in the plane is of networks with {count(spec.data_set.outputs, 'output unit')} here."
    if spec.data_set.features != 2:
        return f"{spec.data_set.label} has {count(spec.data_set.features, 'input')}; a picture in the plane needs two."
    return "" if kept_parameters(spec) else (
        f"With more than {KEPT_PARAMETERS} parameters the network is not kept at every step, so it cannot be drawn.")


@dataclass(frozen=True, eq=False)
class Plane:
    """The part of the plane that is looked at: `low` and `high` of both axes, and the centres of its cells.

    centres: (2, GRID), along x₁ and along x₂; points: (GRID², 2), x₁ fastest.
    """

    low: tuple[float, float]
    high: tuple[float, float]
    centres: np.ndarray
    points: np.ndarray

    @property
    def cell(self) -> tuple[float, float]:
        """Width and height of a cell."""
        return ((self.high[0] - self.low[0]) / GRID, (self.high[1] - self.low[1]) / GRID)


@lru_cache(maxsize=32)
def plane(spec: RunSpec) -> Plane:
    """The plane around the run's data, the same in every step; of a run that `missing` lets pass."""
    x = spec.data().x_train
    low, high = x.min(axis=0).astype(float), x.max(axis=0).astype(float)
    room = MARGIN * np.maximum(high - low, 0.1)
    low, high = np.floor(10 * (low - room)) / 10, np.ceil(10 * (high + room)) / 10
    half = (high - low) / GRID / 2
    centres = np.stack([np.linspace(low[i] + half[i], high[i] - half[i], GRID) for i in range(2)])
    points = np.stack(np.meshgrid(*centres), axis=-1).reshape(-1, 2).astype(np.float32)
    return Plane((float(low[0]), float(low[1])), (float(high[0]), float(high[1])), centres, points)


def contour(values: np.ndarray, centres: Iterable[np.ndarray]) -> np.ndarray:
    """The line on which a function is 0, from its values (rows along x₂, columns along x₁), by marching squares.

    Returns straight pieces `(pieces, 4)`: x₁, x₂ of the beginning and of the end. Between two neighbouring centres of
    different sign the function is taken for linear, so a piece is exact for a linear one.
    """
    values, (x, y) = np.asarray(values, np.float64), np.meshgrid(*centres)
    corners = [(slice(None, -1), slice(None, -1)), (slice(None, -1), slice(1, None)),
               (slice(1, None), slice(1, None)), (slice(1, None), slice(None, -1))]  # round each square
    crossed, places = [], []
    for here, there in zip(corners, corners[1:] + corners[:1], strict=True):
        a, b = values[here], values[there]
        crossed.append((a >= 0) != (b >= 0))
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(crossed[-1], a / (a - b), 0)
        places.append(np.stack([x[here] + share * (x[there] - x[here]), y[here] + share * (y[there] - y[here])]))
    edges, points = np.stack(crossed), np.stack(places)  # (4, n-1, n-1), (4, 2, n-1, n-1)
    rank = np.cumsum(edges, axis=0)  # crossings of its square up to this edge; a square has 0, 2 or 4
    pieces = []
    for first in (1, 3):
        found = rank[-1] > first
        ends = [np.take_along_axis(points, np.argmax(edges & (rank == nth), axis=0)[None, None], axis=0)[0][:, found]
                for nth in (first, first + 1)]
        pieces.append(np.concatenate(ends).T)
    return np.concatenate(pieces)
