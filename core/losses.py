"""Loss functions: one entry each, with its value, its slope, the output it belongs to and its Keras counterpart.

Shapes: y_true and y_pred are (batch, outputs). Targets are numbers for regression, one column of 0 and 1 for two
classes, one-hot rows for more. A loss averages over batch and outputs as Keras's loss classes do; categorical
cross-entropy, KL divergence and cosine similarity sum over the outputs of an example first. In the formulas m is the
number of examples, k runs over the outputs of one, and n = m · outputs is the number of predictions.

Units: the squared error has the square of the target's unit; absolute error and, far out, Huber and log-cosh have
the target's own; cross-entropies and KL divergence are in nats; hinge and cosine similarity have none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np

from core.activations import ACTIVATIONS
from core.registry import Item, Registry, one_of

TASKS = ("regression", "binary", "multiclass")
EPSILON = 1e-7  # keras.config.epsilon(): probabilities are clipped to [EPSILON, 1 - EPSILON]
HUBER_DELTA = 1.0  # Keras's default
LOGITS = ("sigmoid", "softmax")  # outputs of which Keras's cross-entropies take the logits instead


def _any_number(y: np.ndarray) -> bool:
    return True


def _are_probabilities(y: np.ndarray) -> bool:
    return bool(((y >= 0) & (y <= 1)).all())


def _are_labels(y: np.ndarray) -> bool:
    return bool(np.isin(y, (-1, 0, 1)).all())


@dataclass(frozen=True)
class Loss(Item):
    """One loss L(y, ŷ).

    Attributes:
        short: its name where there is little room, on a chart.
        values: (y_true, y_pred) -> (batch,), the loss of each example; `per_example` calls it.
        slopes: (y_true, y_pred) -> (batch, outputs), the slope of each example's loss; `derivative` calls it.
        outputs: task -> activation of the output layer. A task that is missing does not fit this loss.
        keras_class: its class in keras.losses.
        on_logits: training computes it from the output layer's pre-activation instead of its probabilities.
        accepts: y -> whether such targets mean anything to it.
        least: its smallest value, of a prediction that is right.
        constant: y (m, outputs) -> (outputs,), the one answer to all with the least loss; None where none is known.
    """

    short: str
    values: Callable[[np.ndarray, np.ndarray], np.ndarray]
    slopes: Callable[[np.ndarray, np.ndarray], np.ndarray]
    outputs: Mapping[str, str] = field(hash=False)
    keras_class: str
    on_logits: bool = False
    accepts: Callable[[np.ndarray], bool] = _any_number
    least: float = 0.0
    constant: Callable[[np.ndarray], np.ndarray] | None = None

    @property
    def tasks(self) -> tuple[str, ...]:
        """The tasks it fits, out of regression, binary and multiclass."""
        return tuple(self.outputs)

    def per_example(self, y_true, y_pred) -> np.ndarray:
        """The loss of each example. Shapes (batch, outputs), (batch, outputs) -> (batch,)."""
        return self.values(*_same_shape(y_true, y_pred))

    def fn(self, y_true, y_pred) -> float:
        """The loss of a batch: the mean of `per_example`."""
        return float(self.per_example(y_true, y_pred).mean())

    def derivative(self, y_true, y_pred) -> np.ndarray:
        """∂fn/∂ŷ, in the shape of y_pred; at a kink, and where a probability is clipped, what GradientTape gives."""
        y_true, y_pred = _same_shape(y_true, y_pred)
        return self.slopes(y_true, y_pred) / len(y_pred)

    def tensor_fn(self, task: str, output: str | None = None) -> Callable[[Any, Any], Any]:
        """A TensorFlow function (y_true, z) -> mean loss, z being the output layer's pre-activation.

        It applies the output activation itself: `output`, or the one of that task. Cross-entropies take z as logits
        under `trained_output`, as a Keras model does, and so never meet a rounded probability; under any other output
        they clip as Keras does. Imports TensorFlow.

        Raises:
            ValueError: the loss does not fit that task, and no output was given.
        """
        output = output or self.output_of(task)
        import keras

        # One output of a categorical cross-entropy is a mistake, of which the function of keras.losses warns.
        loss = keras.ops.categorical_crossentropy if self.name == "categorical_crossentropy" else (
            keras.losses.get(self.name))
        if self.on_logits and output in LOGITS:
            return lambda y_true, z: keras.ops.mean(loss(y_true, z, from_logits=True))
        activation = ACTIVATIONS[output].keras_fn()
        return lambda y_true, z: keras.ops.mean(loss(y_true, activation(z)))

    def output_of(self, task: str) -> str:
        """The output activation that belongs to it in that task.

        Raises:
            ValueError: the loss does not fit that task.
        """
        if task not in self.outputs:
            raise ValueError(one_of(f"task of {self.name}", self.tasks, task))
        return self.outputs[task]

    def trained_output(self, output: str) -> str:
        """The output that training differentiates where the model's is `output`.

        Keras (3.15, TensorFlow) gives both sigmoid and softmax a memory of their logits, and both cross-entropies reach
        for it: binary cross-entropy on a softmax is trained as if it were on a sigmoid, categorical cross-entropy on
        sigmoids as if on a softmax, whatever the model then answers.
        """
        return next(iter(self.outputs.values())) if self.on_logits and output in LOGITS else output

    def keras_code(self) -> str:
        """Python source of the loss in a compiled Keras model (`keras.losses.Huber()`)."""
        return f"keras.losses.{self.keras_class}()"


def default_loss(task: str) -> str:
    """The loss that maximises the likelihood of a task's targets: mse, binary or categorical cross-entropy."""
    defaults = dict(zip(TASKS, ("mse", "binary_crossentropy", "categorical_crossentropy"), strict=True))
    if task not in defaults:
        raise ValueError(one_of("task", TASKS, task))
    return defaults[task]


def _same_shape(y_true, y_pred) -> tuple[np.ndarray, np.ndarray]:
    y_pred = np.asarray(y_pred)
    if not np.issubdtype(y_pred.dtype, np.floating):
        y_pred = y_pred.astype(np.float64)
    y_true = np.asarray(y_true, dtype=y_pred.dtype)
    if y_true.shape != y_pred.shape or y_pred.ndim != 2 or not y_pred.size:
        raise ValueError(
            "y_true and y_pred must have one shape (batch, outputs) and not be empty. "
            f"Received: {y_true.shape} and {y_pred.shape}."
        )
    return y_true, y_pred


# mse, mae, huber and log_cosh are each the mean over the outputs of a function h of the error e = ŷ − y.


def _mean_over_outputs(h: Callable) -> Callable:
    return lambda y, p: h(p - y).mean(axis=-1)


def _slope_over_outputs(slope: Callable) -> Callable:
    return lambda y, p: slope(p - y) / p.shape[-1]


def _mean_target(y):
    """Bishop 2006, sections 1.5.5 and 4.3.2: the mean; of classes, their shares."""
    return y.mean(axis=0)


def _mean_direction(y):
    """The cosine is linear in the unit vector answered, so the best one points where the targets' point on average."""
    return (y / _lengths(y)).mean(axis=0)


def _huber(e):
    size = np.abs(e)
    return np.where(size <= HUBER_DELTA, e * e / 2, HUBER_DELTA * (size - HUBER_DELTA / 2))


def _binary_crossentropy(y, p):
    p = np.clip(p, EPSILON, 1 - EPSILON)
    return -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean(axis=-1)


def _binary_crossentropy_slope(y, p):
    clipped = np.clip(p, EPSILON, 1 - EPSILON)
    slope = (clipped - y) / (clipped * (1 - clipped))
    return np.where(clipped == p, slope, 0) / p.shape[-1]


def _normalised(p):
    """Keras divides by the sum first, so that what is not quite a distribution becomes one."""
    return p / p.sum(axis=-1, keepdims=True)


def _categorical_crossentropy(y, p):
    return -(y * np.log(np.clip(_normalised(p), EPSILON, 1 - EPSILON))).sum(axis=-1)


def _categorical_crossentropy_slope(y, p):
    q = _normalised(p)
    clipped = np.clip(q, EPSILON, 1 - EPSILON)
    slope = np.where(clipped == q, -y / clipped, 0)  # by q
    # q = p / S: dL/dp_j = (dL/dq_j − Σ_i q_i dL/dq_i) / S
    return (slope - (q * slope).sum(axis=-1, keepdims=True)) / p.sum(axis=-1, keepdims=True)


def _kl_divergence(y, p):
    y, p = np.clip(y, EPSILON, 1), np.clip(p, EPSILON, 1)
    return (y * np.log(y / p)).sum(axis=-1)


def _kl_divergence_slope(y, p):
    clipped = np.clip(p, EPSILON, 1)
    return np.where(clipped == p, -np.clip(y, EPSILON, 1) / clipped, 0)


def _lengths(v):
    """|v| of each row, at least EPSILON as in Keras. Shape (batch, 1)."""
    return np.maximum(np.linalg.norm(v, axis=-1, keepdims=True), EPSILON)


def _cosine_similarity(y, p):
    return -(y / _lengths(y) * p / _lengths(p)).sum(axis=-1)


def _cosine_similarity_slope(y, p):
    length = _lengths(p)
    y_unit, p_unit = y / _lengths(y), p / length
    along = (y_unit * p_unit).sum(axis=-1, keepdims=True) * p_unit
    return (np.where(length > EPSILON, along, 0) - y_unit) / length


def _signs(y):
    """Labels 0 and 1 become −1 and +1; others stay as they are, as in Keras."""
    return 2 * y - 1 if np.isin(y, (0, 1)).all() else y


def _hinge(y, p):
    return np.maximum(1 - _signs(y) * p, 0).mean(axis=-1)


def _hinge_slope(y, p):
    signs = _signs(y)
    return np.where(1 - signs * p >= 0, -signs, 0) / p.shape[-1]


ANY_TASK = MappingProxyType({"regression": "linear", "binary": "sigmoid", "multiclass": "softmax"})

LOSSES: Registry[Loss] = Registry(
    "loss",
    [
        Loss(
            name="mse",
            label="Mean squared error",
            short="MSE",
            formula=r"L = \frac{1}{n} \sum_i (y_i - \hat y_i)^2",
            summary="The mean of the squared errors: an error twice as large costs four times as much.",
            source="Legendre 1805; Bishop 2006, Pattern Recognition and Machine Learning, section 1.1",
            values=_mean_over_outputs(np.square),
            slopes=_slope_over_outputs(lambda e: 2 * e),
            outputs=ANY_TASK,
            keras_class="MeanSquaredError",
            constant=_mean_target,
        ),
        Loss(
            name="mae",
            label="Mean absolute error",
            short="MAE",
            formula=r"L = \frac{1}{n} \sum_i |y_i - \hat y_i|",
            summary="The mean size of the errors: every error pulls equally hard, so an outlier counts for less.",
            source="Boscovich 1757; Goodfellow, Bengio & Courville 2016, Deep Learning, section 6.2.1",
            values=_mean_over_outputs(np.abs),
            slopes=_slope_over_outputs(np.sign),
            outputs=ANY_TASK,
            keras_class="MeanAbsoluteError",
        ),
        Loss(
            name="huber",
            label="Huber",
            short="Huber",
            formula=r"\begin{gathered} L = \frac{1}{n} \sum_i h(y_i - \hat y_i) \\ "
            r"h(e) = \begin{cases} \tfrac{1}{2} e^2 & |e| \le \delta \\ "
            r"\delta\,(|e| - \tfrac{1}{2}\delta) & |e| > \delta \end{cases} \end{gathered}",
            summary="Squared for errors up to δ = 1 and only proportional beyond, so an outlier counts for less.",
            source="Huber 1964",
            values=_mean_over_outputs(_huber),
            slopes=_slope_over_outputs(lambda e: np.clip(e, -HUBER_DELTA, HUBER_DELTA)),
            outputs=ANY_TASK,
            keras_class="Huber",
        ),
        Loss(
            name="log_cosh",
            label="Log-cosh",
            short="Log-cosh",
            formula=r"L = \frac{1}{n} \sum_i \ln \cosh(\hat y_i - y_i)",
            summary="Half the squared error for small errors, proportional to large ones, and smooth everywhere.",
            source="Green 1990; Keras LogCosh",
            values=_mean_over_outputs(lambda e: np.logaddexp(e, -e) - np.log(e.dtype.type(2))),
            slopes=_slope_over_outputs(np.tanh),
            outputs=ANY_TASK,
            keras_class="LogCosh",
        ),
        Loss(
            name="binary_crossentropy",
            label="Binary cross-entropy",
            short="Binary CE",
            formula=r"\begin{aligned} L = -\frac{1}{n} \sum_i \bigl[\, & y_i \ln \hat y_i \\ "
            r"{} + {} & (1 - y_i) \ln(1 - \hat y_i) \,\bigr] \end{aligned}",
            summary="For yes or no: minus the logarithm of the probability given to what was true.",
            source="Bishop 2006, Pattern Recognition and Machine Learning, equation 4.90",
            values=_binary_crossentropy,
            slopes=_binary_crossentropy_slope,
            outputs=MappingProxyType({"binary": "sigmoid"}),
            keras_class="BinaryCrossentropy",
            constant=_mean_target,
            on_logits=True,
            accepts=_are_probabilities,
        ),
        Loss(
            name="categorical_crossentropy",
            label="Categorical cross-entropy",
            short="Categorical CE",
            formula=r"L = -\frac{1}{m} \sum_{i=1}^{m} \sum_k y_{ik} \ln \hat y_{ik}",
            summary="Minus the logarithm of the probability given to the true class; the other classes do not count.",
            source="Bishop 2006, Pattern Recognition and Machine Learning, equation 4.108",
            values=_categorical_crossentropy,
            slopes=_categorical_crossentropy_slope,
            outputs=MappingProxyType({"multiclass": "softmax"}),
            keras_class="CategoricalCrossentropy",
            constant=_mean_target,
            on_logits=True,
            accepts=_are_probabilities,
        ),
        Loss(
            name="kl_divergence",
            label="Kullback–Leibler divergence",
            short="KL",
            formula=r"L = \frac{1}{m} \sum_{i=1}^{m} \sum_k y_{ik} \ln \frac{y_{ik}}{\hat y_{ik}}",
            summary="How far the predicted distribution is from the true one; "
            "with one-hot targets the same as categorical cross-entropy.",
            source="Kullback & Leibler 1951",
            values=_kl_divergence,
            slopes=_kl_divergence_slope,
            outputs=MappingProxyType({"multiclass": "softmax"}),
            keras_class="KLDivergence",
            accepts=_are_probabilities,
            constant=_mean_target,
        ),
        Loss(
            name="cosine_similarity",
            label="Cosine similarity",
            short="Cosine",
            formula=r"\begin{aligned} L &= -\frac{1}{m} \sum_{i=1}^{m} \cos\angle(y_i, \hat y_i) \\ "
            r"&= -\frac{1}{m} \sum_{i=1}^{m} \frac{y_i \cdot \hat y_i}"
            r"{\lVert y_i \rVert\,\lVert \hat y_i \rVert} \end{aligned}",
            summary="Minus the cosine of the angle between target and prediction: "
            "−1 is the same direction, whatever the length (Keras's sign; textbooks write 1 − cos).",
            source="Salton & McGill 1983; Keras CosineSimilarity",
            values=_cosine_similarity,
            slopes=_cosine_similarity_slope,
            outputs=MappingProxyType({"multiclass": "linear"}),
            keras_class="CosineSimilarity",
            constant=_mean_direction,
            least=-1.0,
        ),
        Loss(
            name="hinge",
            label="Hinge",
            short="Hinge",
            formula=r"\begin{gathered} L = \frac{1}{n} \sum_i \max(0,\, 1 - y_i \hat y_i) \\ "
            r"y_i \in \{-1, +1\} \end{gathered}",
            summary="Zero once the prediction is on the right side by a margin of 1, "
            "until then as large as what is missing; labels 0 and 1 count as −1 and +1.",
            source="Cortes & Vapnik 1995",
            values=_hinge,
            slopes=_hinge_slope,
            outputs=MappingProxyType({"binary": "tanh"}),
            keras_class="Hinge",
            accepts=_are_labels,
        ),
    ],
)
