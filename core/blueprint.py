"""A network as somebody wrote it: what a recorder's file, code that was read and a run of this app have in common.

Names are Keras's own: classes for layers and optimizers, snake case for losses, activations and initializers. What is
not known is None, never a guess.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

MOST_DISTINCT, MOST_CLASSES = 1_000, 100
# Keras's name of a loss, and that in core.losses or in the rules of findings, where the two differ.
SAME_LOSS = {"mean_squared_error": "mse", "mean_absolute_error": "mae", "mean_absolute_percentage_error": "mape",
             "mean_squared_logarithmic_error": "msle"}
OF_TWO = ("binary_crossentropy", "binary_focal_crossentropy", "hinge", "squared_hinge")  # losses of two classes
OF_SEVERAL = ("categorical_crossentropy", "sparse_categorical_crossentropy", "categorical_focal_crossentropy",
              "categorical_hinge", "kl_divergence")
# Layers that are an activation, and which.
ACTIVATION_LAYERS = {"ReLU": "relu", "LeakyReLU": "leaky_relu", "ELU": "elu", "PReLU": "leaky_relu",
                     "Softmax": "softmax", "ThresholdedReLU": "relu"}


@dataclass(frozen=True)
class Part:
    """One layer.

    name: the layer's own. type: its Keras class (Dense, Conv2D, LSTM, Flatten, …). units: size of the last axis of its
    output. activation: None for a layer that has none to choose, `linear` where a layer with a kernel names none.
    initializer: of the kernel. parameters: how many it trains. rate: of Dropout the share, of LeakyReLU the slope below
    zero. bias: whether it has one. regularizer: of the kernel, as written. line: where it stands in the code, from 1.
    """

    name: str
    type: str
    units: int | None = None
    activation: str | None = None
    initializer: str | None = None
    parameters: int | None = None
    rate: float | None = None
    bias: bool | None = None
    regularizer: str | None = None
    line: int | None = None


@dataclass(frozen=True)
class Values:
    """What is known of an array of inputs or targets without the array; statistics are of its finite entries.

    shape: examples first, None where not known. dtype: NumPy's name. missing: how many entries are NaN or infinite.
    spread: standard deviation over all entries. integers: whether all are whole numbers. distinct: how many different
    values, None above 1,000. classes: value or column (of one-hot rows) -> how often, empty where there are more than
    100 or they are no classes. one_hot: rows of zeros with a single 1. constant_columns, equal_columns: columns that
    never change; that change and repeat an earlier one. column_spreads: the smallest and the largest standard deviation
    of a column that changes. variance, deviation, entropy: of a column about its mean, from its median (absolute), and,
    for values within 0 to 1, the binary entropy of its mean in nats; each the mean over the columns.
    """

    shape: tuple[int | None, ...]
    dtype: str = ""
    missing: int = 0
    minimum: float | None = None
    maximum: float | None = None
    mean: float | None = None
    spread: float | None = None
    integers: bool | None = None
    distinct: int | None = None
    classes: Mapping[str, int] = field(default_factory=dict)
    one_hot: bool = False
    constant_columns: int = 0
    equal_columns: int = 0
    column_spreads: tuple[float, float] | None = None
    variance: float | None = None
    deviation: float | None = None
    entropy: float | None = None

    @classmethod
    def of(cls, data: np.ndarray) -> Values:
        """All that is known of an array that is there, examples first."""
        columns = np.asarray(data, np.float64).reshape(len(data), -1)
        finite = columns[np.isfinite(columns)]
        if not finite.size:
            return cls(data.shape, data.dtype.name, columns.size)
        whole_numbers = bool((finite == np.round(finite)).all())
        one_hot = columns.shape[1] > 1 and bool(np.isin(columns, (0, 1)).all() and (columns.sum(1) == 1).all())
        labels, counts = np.unique(finite, return_counts=True)
        classes: dict[str, int] = {}
        if one_hot and columns.shape[1] <= MOST_CLASSES:
            classes = {str(n): int(count) for n, count in enumerate(columns.sum(0))}
        elif columns.shape[1] == 1 and whole_numbers and len(labels) <= MOST_CLASSES:
            classes = {f"{label:g}": int(count) for label, count in zip(labels, counts, strict=True)}
        spreads = columns.std(0)
        moving = spreads[np.isfinite(spreads) & (spreads > 0)]
        changing = columns.T[spreads > 0]
        known = not np.isfinite(columns).all()
        means = columns.mean(0)
        inside = not known and finite.min() >= 0 and finite.max() <= 1
        shares = np.clip(means, 1e-300, 1 - 1e-16)
        return cls(
            data.shape, data.dtype.name, int(columns.size - finite.size), float(finite.min()), float(finite.max()),
            float(finite.mean()), float(finite.std()), whole_numbers,
            len(labels) if len(labels) <= MOST_DISTINCT else None, classes, one_hot, int((spreads == 0).sum()),
            len(changing) - len({one.tobytes() for one in changing}),
            (float(moving.min()), float(moving.max())) if moving.size else None,
            None if known else float(columns.var(0).mean()),
            None if known else float(np.abs(columns - np.median(columns, 0)).mean()),
            float(-(shares * np.log(shares) + (1 - shares) * np.log1p(-shares)).mean()) if inside else None)


@dataclass(frozen=True)
class Blueprint:
    """Layers first to last, and how they are trained.

    sequential: whether each layer feeds the next and nothing else. loss: its Keras name, `custom` for a function of
    one's own. from_logits: whether the loss expects logits. optimizer: its Keras class. numbers: the optimizer's, by
    Keras's names (learning_rate, momentum, beta_1, …). clip: `none`, `value`, `norm` or `global_norm`, with
    clip_threshold. batch_size, epochs, steps: what `fit` was asked for. x, y: of the training part.
    """

    layers: tuple[Part, ...]
    input_shape: tuple[int | None, ...] | None = None  # of one example
    sequential: bool = True
    loss: str | None = None
    from_logits: bool = False
    optimizer: str | None = None
    numbers: Mapping[str, float] = field(default_factory=dict)
    clip: str = "none"
    clip_threshold: float | None = None
    metrics: tuple[str, ...] = ()
    batch_size: int | None = None
    epochs: int | None = None
    steps: int | None = None
    validated: bool | None = None
    x: Values | None = None
    y: Values | None = None
    keras: str = ""  # its version
