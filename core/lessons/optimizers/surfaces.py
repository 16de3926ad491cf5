"""Loss surfaces of two weights to race optimizers on: functions with a known minimum and a gradient by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.registry import Item, Registry


@dataclass(frozen=True)
class Surface(Item):
    """A function f(x, y) of two numbers, on arrays of any shape.

    Attributes:
        fn: (x, y) -> f. slopes: (x, y) -> (∂f/∂x, ∂f/∂y).
        low, high: the corners (x, y) of the part that is drawn.
        minima: the points of least value, `least`.
        start: a point worth starting from.
        rate, adaptive_rate: learning rates that suit it from there, without and with division by the gradient's size.
        curvatures: the eigenvalues of the Hessian where they are the same everywhere, smallest first; else empty.
        keras_code: f as Python source.
    """

    fn: Callable[[Any, Any], Any]
    slopes: Callable[[Any, Any], tuple[Any, Any]]
    low: tuple[float, float]
    high: tuple[float, float]
    minima: tuple[tuple[float, float], ...]
    least: float
    start: tuple[float, float]
    rate: float
    adaptive_rate: float
    keras_code: str
    curvatures: tuple[float, ...] = ()

    def gradient(self, point: np.ndarray) -> np.ndarray:
        """The gradient at points `(..., 2)`, in that shape."""
        return np.stack(self.slopes(point[..., 0], point[..., 1]), axis=-1)

    def value(self, point: np.ndarray) -> np.ndarray:
        """f at points `(..., 2)`, shape (...)."""
        return self.fn(point[..., 0], point[..., 1])

    @property
    def largest_rate(self) -> float | None:
        """2/λ_max, from which on gradient descent diverges; None where the curvature is not the same everywhere.

        A step changes the distance along an eigenvector by 1 − ηλ, which shrinks it while 0 < ηλ < 2.
        """
        return 2 / self.curvatures[-1] if self.curvatures else None


STEEP = 20.0  # of the ravine, across; along it is 1


def _beale(x: Any, y: Any) -> Any:
    return (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2


def _beale_slopes(x: Any, y: Any) -> tuple[Any, Any]:
    a, b, c = 1.5 - x + x * y, 2.25 - x + x * y**2, 2.625 - x + x * y**3
    return (2 * (a * (y - 1) + b * (y**2 - 1) + c * (y**3 - 1)), 2 * x * (a + 2 * b * y + 3 * c * y**2))


def _rosenbrock(x: Any, y: Any) -> Any:
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


def _rosenbrock_slopes(x: Any, y: Any) -> tuple[Any, Any]:
    return -2 * (1 - x) - 400 * x * (y - x**2), 200 * (y - x**2)


SURFACES: Registry[Surface] = Registry("surface", [
    Surface(
        name="bowl", label="Bowl", formula=r"f(x, y) = \tfrac12 (x^2 + y^2)",
        summary="Equally steep on all sides: the gradient points straight at the minimum.",
        source="Boyd & Vandenberghe 2004, Convex Optimization, section 9.3",
        fn=lambda x, y: (x**2 + y**2) / 2, slopes=lambda x, y: (x, y), low=(-4.5, -4.5), high=(4.5, 4.5),
        minima=((0.0, 0.0),), least=0.0, start=(-4.0, 2.5), rate=0.1, adaptive_rate=0.1, curvatures=(1.0, 1.0),
        keras_code="(x**2 + y**2) / 2"),
    Surface(
        name="ravine", label="Ravine", formula=r"f(x, y) = \tfrac12 (x^2 + 20\, y^2)",
        summary="Twenty times steeper across than along its floor: a rate that is safe across is slow along it.",
        source="Boyd & Vandenberghe 2004, section 9.3; Goh 2017, Why Momentum Really Works",
        fn=lambda x, y: (x**2 + STEEP * y**2) / 2, slopes=lambda x, y: (x, STEEP * y), low=(-4.5, -2.5),
        high=(4.5, 2.5), minima=((0.0, 0.0),), least=0.0, start=(-4.0, 1.5), rate=0.05, adaptive_rate=0.1,
        curvatures=(1.0, STEEP), keras_code="(x**2 + 20 * y**2) / 2"),
    Surface(
        name="saddle", label="Saddle", formula=r"f(x, y) = \tfrac12 x^2 - \tfrac12 y^2 + \tfrac14 y^4",
        summary="Flat at the origin, down on two sides: near the ridge the slope along it is almost nothing.",
        source="Dauphin et al. 2014",
        fn=lambda x, y: x**2 / 2 - y**2 / 2 + y**4 / 4, slopes=lambda x, y: (x, y**3 - y), low=(-2.5, -1.8),
        high=(2.5, 1.8), minima=((0.0, -1.0), (0.0, 1.0)), least=-0.25, start=(-2.0, 0.01), rate=0.1,
        adaptive_rate=0.05, keras_code="x**2 / 2 - y**2 / 2 + y**4 / 4"),
    Surface(
        name="beale", label="Beale", formula=r"\begin{aligned} f(x, y) ={}& (1.5 - x + xy)^2 \\ {}+{}& "
        r"(2.25 - x + xy^2)^2 \\ {}+{}& (2.625 - x + xy^3)^2 \end{aligned}",
        summary="Nearly flat around its minimum, with walls a thousand times as steep in the corners.",
        source="Beale 1958; Moré, Garbow & Hillstrom 1981, problem 5",
        fn=_beale, slopes=_beale_slopes, low=(-4.5, -4.5), high=(4.5, 4.5), minima=((3.0, 0.5),), least=0.0,
        start=(1.0, 1.0), rate=0.01, adaptive_rate=0.05,
        keras_code="(1.5 - x + x * y)**2 + (2.25 - x + x * y**2)**2 + (2.625 - x + x * y**3)**2"),
    Surface(
        name="rosenbrock", label="Rosenbrock", formula=r"f(x, y) = (1 - x)^2 + 100\,(y - x^2)^2",
        summary="A bent valley: into it is quick, along its nearly level floor takes thousands of steps.",
        source="Rosenbrock 1960",
        fn=_rosenbrock, slopes=_rosenbrock_slopes, low=(-2.0, -1.0), high=(2.0, 3.0), minima=((1.0, 1.0),), least=0.0,
        start=(-1.2, 1.0), rate=0.001, adaptive_rate=0.02, keras_code="(1 - x)**2 + 100 * (y - x**2)**2"),
])
