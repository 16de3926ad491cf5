"""What a network must beat to have learned anything: the best answer that ignores the input."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from core.activations import ACTIVATIONS
from core.blueprint import Values
from core.custom_loss import CustomLoss, loss_of
from core.datasets import split
from core.losses import Loss
from core.spec import RunSpec

GRID = 801  # answers tried where no formula is known
FARTHEST = 30.0  # z of an output that is not a target's size: sigmoid and tanh are 0 or 1 there to float32
WORST = 1e30  # in place of a loss that is not finite
FEW_OUTPUTS = 10  # of so many the best answers are searched for together
NO_ROOM = 1e-5  # nats or the like: where a guess has no more to lose, the loss asks for nothing
SOFT = 1e-6  # off a right answer, where a formula takes the logarithm of 0
NOTHING = 1e-12  # a guess with less than that to lose has nothing to learn
FAR_OUT = 1e6  # a z at which a loss that falls without limit shows it


class Yardstick(NamedTuple):
    """Losses, and a share of the training examples, against which a run is measured.

    guess: least loss of an answer that is the same for every input; NaN for a typed loss that falls without limit, and
        where the targets mean nothing to the loss.
    least: least loss of answers that may differ from input to input; NaN as above.
    right: share of the commonest class; NaN for regression.
    """

    guess: float
    least: float
    right: float

    def left(self, loss: Any) -> Any:
        """How much is left of what a guess has to lose: 1 for a guess, 0 for the least loss, above 1 for worse.

        A number, or an array in the shape of `loss`; NaN without a yardstick.
        """
        room = self.guess - self.least
        return (loss - self.least) / (room if room > 0 else np.nan)


def yardstick(spec: RunSpec) -> Yardstick:
    """The yardstick of the run's training examples and loss.

    With an output of one's own it is what any output might answer: a guess that this one cannot even make counts.
    """
    return _yardstick(spec.data_key, spec.task, spec.loss_name, spec.formula, spec.output_activation, spec.usual_output)


@lru_cache(maxsize=512)
def _yardstick(data_key: tuple[Any, ...], task: str, loss_name: str, formula: str, output_name: str,
               usual: bool) -> Yardstick:
    y = split(*data_key).y_train.astype(np.float64)  # (m, outputs)
    loss = loss_of(loss_name, formula)
    right = np.nan if task == "regression" else _commonest(y)
    if not usual and not isinstance(loss, CustomLoss):
        return Yardstick(*_of_any_output(loss, y), right)
    output = ACTIVATIONS[output_name].fn
    guess, least = _guess(loss, y, output), loss.least
    if isinstance(loss, CustomLoss):
        least = min(_least(loss, y, output), guess)
        if _best_of(loss, y, output(np.array([-FAR_OUT, FAR_OUT]))) < least - abs(least) - 1 or guess == -WORST:
            return Yardstick(np.nan, np.nan, right)
    return Yardstick(guess, least, right)


# loss -> the least loss of one answer to all, from what is known of the targets; Huber's and log-cosh's are bounds from
# above (Huber 1964: both lie under half the square and under the absolute error).
_OF_VALUES: dict[str, Callable[[Values], float | None]] = {
    "mse": lambda y: y.variance,
    "mae": lambda y: y.deviation,
    "huber": lambda y: None if y.variance is None or y.deviation is None else min(y.variance / 2, y.deviation),
    "log_cosh": lambda y: None if y.variance is None or y.deviation is None else min(y.variance / 2, y.deviation),
    "binary_crossentropy": lambda y: y.entropy,
    "categorical_crossentropy": lambda y: _entropy(y.classes) if y.one_hot else None,
    "sparse_categorical_crossentropy": lambda y: _entropy(y.classes),
    "hinge": lambda y: 2 * _rarer(y) if len(y.classes) == 2 else None,
    "squared_hinge": lambda y: 4 * _rarer(y) * (1 - _rarer(y)) if len(y.classes) == 2 else None,
}


def yardstick_of(loss: str | None, y: Values | None) -> Yardstick:
    """The yardstick of somebody's targets of which the array is not known; NaN for a guess that does not follow.

    The loss by its name in core.losses, or `sparse_categorical_crossentropy`, `squared_hinge`. Cross-entropies of
    targets between 0 and 1 have a least loss above 0 that is not known: 0 is taken.
    """
    formula = _OF_VALUES.get(loss or "")
    guess = formula(y) if formula and y else None
    shares = _shares(y.classes) if y else np.zeros(0)
    right = float(shares.max()) if len(shares) > 1 else np.nan
    known = guess is not None and guess > NOTHING
    return Yardstick(float(guess) if guess is not None and known else np.nan, 0.0 if known else np.nan, right)


def _shares(classes: Mapping[str, int]) -> np.ndarray:
    counts = np.array([count for count in classes.values() if count > 0], np.float64)
    return counts / counts.sum() if len(counts) else counts


def _entropy(classes: Mapping[str, int]) -> float | None:
    shares = _shares(classes)
    return float(-(shares * np.log(shares)).sum()) if len(shares) > 1 else None


def _rarer(y: Values) -> float:
    return float(_shares(y.classes).min(initial=0.5))
def _commonest(y: np.ndarray) -> float:
    """Share of the commonest class; labels stand in one column, or one-hot."""
    if y.shape[1] > 1:
        return float(y.mean(0).max())
    share = y.mean()
    return float(max(share, 1 - share) if y.max() <= 1 else np.unique(y, return_counts=True)[1].max() / len(y))


def _of_any_output(loss: Loss, y: np.ndarray) -> tuple[float, float]:
    """guess and least where the output is not the one that belongs to the loss, and may answer any number."""
    if not loss.accepts(y):
        return np.nan, np.nan
    guess = min(_guess(loss, y, ACTIVATIONS["linear"].fn), _value(loss, y, np.ones(y.shape[1])))
    least = min(_value(loss, y, answer) for answer in (y, 2 * y - 1))
    return (guess, least) if guess - least > NO_ROOM else (np.nan, np.nan)


def _value(loss: Loss, y: np.ndarray, answer: np.ndarray) -> float:
    """The loss of an answer to each example, or (outputs,) one to all; no more than ±WORST, where it is no number."""
    with np.errstate(all="ignore"):
        value = loss.fn(y, np.broadcast_to(answer, y.shape))
    return float(np.clip(np.nan_to_num(value, nan=WORST), -WORST, WORST))


def _guess(loss: Loss, y: np.ndarray, output: Callable[[np.ndarray], np.ndarray]) -> float:
    """The least loss of the answers that are the same for every example."""
    if loss.constant:
        return loss.fn(y, np.broadcast_to(loss.constant(y), y.shape))
    from scipy.optimize import minimize

    def of_z(z: np.ndarray) -> float:
        return _value(loss, y, output(z))

    # What is answered is what the output can say: f(z) of a z that is searched for from the mean target, and from a
    # grid where one output has several valleys or none.
    starts = [np.zeros(y.shape[1]), y.mean(0), 3 * (y.mean(0) == y.mean(0).max())]
    if y.shape[1] > FEW_OUTPUTS:
        return min(map(of_z, [*starts, _of_each_output(loss, y, output)]))
    if y.shape[1] == 1:
        starts += [min(_answers(y)[:, None], key=of_z)]
    bounds = [(-_room(y), _room(y))] * y.shape[1]
    with np.errstate(all="ignore"):
        return min(min(of_z(start), float(minimize(of_z, start, method="Powell", bounds=bounds).fun))
                   for start in starts)


def _of_each_output(loss: Loss, y: np.ndarray, output: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """The best z of each output for itself (outputs,), by golden section: of losses that are a mean over the outputs
    of something convex it is the best of all; of others a good one.
    """
    share = (5**0.5 - 1) / 2
    low, high = np.full((2, y.shape[1]), [[-_room(y)], [_room(y)]])

    def each(z: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            values = loss.per_example(y.reshape(-1, 1), np.broadcast_to(output(z), y.shape).reshape(-1, 1))
        return np.nan_to_num(values, nan=WORST).reshape(y.shape).mean(0)

    for _ in range(60):
        left, right = high - share * (high - low), low + share * (high - low)
        nearer = each(left) <= each(right)
        low, high = np.where(nearer, low, left), np.where(nearer, right, high)
    return (low + high) / 2


def _least(loss: CustomLoss, y: np.ndarray, output: Callable[[np.ndarray], np.ndarray]) -> float:
    """The least loss of a typed formula: of right answers, or, of one output, of the best answer to each example."""
    right = min(_value(loss, y, answer) for answer in (y, y * (1 - SOFT) + SOFT / 2))
    return right if y.shape[1] > 1 else min(right, _best_of(loss, y, output(_answers(y))))


def _best_of(loss: CustomLoss, y: np.ndarray, answers: np.ndarray) -> float:
    """The mean over the examples of the least of a typed formula's values for these answers, the same in all outputs.

    Exact where the formula takes no mean over the batch.
    """
    shape = (len(answers), *y.shape)  # each of them to all examples
    with np.errstate(all="ignore"):
        each = loss.typed.values(np.broadcast_to(y, shape), np.broadcast_to(answers[:, None, None], shape)).mean(-1)
    return float(np.clip(np.nan_to_num(each, nan=WORST), -WORST, WORST).min(0).mean())


def _answers(y: np.ndarray) -> np.ndarray:
    """Pre-activations of one output that are tried: around the targets, and as far as FARTHEST."""
    room = _room(y)
    return np.union1d(np.linspace(-room, room, GRID), np.linspace(y.min() - 1, y.max() + 1, GRID))


def _room(y: np.ndarray) -> float:
    return max(FARTHEST, 2 * float(np.abs(y).max()))
