"""A typed formula as a loss like those of the table: the same attributes, the same methods."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from core.activations import ACTIVATIONS
from core.formula import Formula, parse
from core.losses import ANY_TASK, LOSSES, Loss

CUSTOM = "custom"  # in place of a loss's name
FIRST = "mean(square(y_true - y_pred))"  # the course's example, which is the mean squared error


@dataclass(frozen=True)
class CustomLoss(Loss):
    """The mean of a formula's values; `mean` in the formula is over the batch it is given."""

    typed: Formula = field(kw_only=True)

    def tensor_fn(self, task: str, output: str | None = None) -> Callable[[Any, Any], Any]:
        """(y_true, z) -> loss of the batch; `output`, or the output activation of that task, is applied to z first."""
        activation = ACTIVATIONS[output or self.output_of(task)].keras_fn()
        return lambda y_true, z: self.typed.tensor(y_true, activation(z))

    def keras_code(self) -> str:
        """The name of the function that `keras_function` defines."""
        return "custom_loss"

    def keras_function(self) -> str:
        """Source of the loss as a function for `model.compile(loss=custom_loss)`."""
        return ("def custom_loss(y_true, y_pred):\n"
                '    """The loss of a batch, one number."""\n'
                f"    return {self._code(8)}\n")

    def keras_subclass(self) -> str:
        """Source of the same as a class for `model.compile(loss=CustomLoss())`."""
        return ("class CustomLoss(keras.losses.Loss):\n"
                '    """The same loss as a class, which can be given parameters and a name."""\n\n'
                "    def call(self, y_true, y_pred):\n"
                f"        return {self._code(12)}\n")

    def _code(self, indent: int) -> str:
        """The formula in lines of at most 88 characters; it may be broken anywhere, being inside of brackets."""
        lines = textwrap.wrap(self.typed.keras_code, 72, break_long_words=False, break_on_hyphens=False)
        return f"\n{' ' * indent}".join(lines)


def loss_of(name: str, formula: str) -> Loss:
    """The loss of that name; the formula counts for CUSTOM alone."""
    return custom_loss(formula) if name == CUSTOM else LOSSES[name]


@lru_cache(maxsize=128)
def custom_loss(text: str) -> CustomLoss:
    """The formula as a loss.

    Raises:
        FormulaError: what is wrong with it, and where.
    """
    formula = parse(text)

    def values(y: np.ndarray, p: np.ndarray) -> np.ndarray:
        return formula.values(y, p).mean(axis=-1)

    def slopes(y: np.ndarray, p: np.ndarray) -> np.ndarray:
        return len(p) * formula.slope(y, p)

    return CustomLoss(
        name=CUSTOM, label="Custom loss", short="Custom", formula=f"L = {formula.latex}",
        summary="A formula of your own, averaged over the batch.", source="typed in", values=values, slopes=slopes,
        outputs=ANY_TASK, keras_class="", typed=formula)
