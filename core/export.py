"""A run as a Keras script that works on its own: the same model, weights, data order and updates, by Keras's own means.

Every word of the script is written here or is source of `core.datasets`; of the run it holds names out of the tables
and numbers, so a link cannot put anything else into it.
"""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Callable, Iterable
from typing import Any

from core.activations import ACTIVATIONS
from core.custom_loss import CustomLoss
from core.datasets import Dataset
from core.initializers import INITIALIZERS, layer_seed
from core.optimizers import OPTIMIZERS
from core.spec import RunSpec
from core.training import EVENLY_SPACED, EVERY_STEP_UNTIL

CLIP_ARGUMENTS = {"value": "clipvalue", "norm": "clipnorm", "global_norm": "global_clipnorm"}


def keras_script(spec: RunSpec) -> str:
    """Source of a script that trains the run with Keras and prints the norm of dL/dW of every layer.

    It needs TensorFlow, NumPy and scikit-learn. Printed is a header `step,loss,` and the names of the layers, then a
    line for each recorded step, with the meaning of `Snapshot`: the loss and the norms before clipping of a
    training-mode pass on the batch of the next update. With dropout the masks are Keras's own, so that the numbers
    differ from the app's; without it they agree.
    """
    return "\n\n".join(script_parts(spec)) + "\n"


def script_parts(spec: RunSpec, keep: str = "") -> list[str]:
    """The script in its parts: heading and constants, data, model, training.

    keep: a statement that is run at each recorded step, with `step`, `loss` and `values`, the loss and a norm for each
    kernel.
    """
    parts = [f"{_heading(spec)}\n\n{_constants(spec)}", _data(spec), _model(spec), _training(spec, keep)]
    return [part.strip("\n") for part in parts]


def _heading(spec: RunSpec) -> str:
    lines = [
        '"""Trains a network with Keras and prints, step by step, how large the gradient of every layer is.',
        "",
        "Needs: pip install tensorflow scikit-learn",
        *_if(spec.dropout, "The dropout masks are Keras's own, so the numbers are not those of the app, only alike."),
        '"""',
        "",
        *_if(spec.batch_size, "import itertools", ""),
        "import keras",
        "import numpy as np",
        "import tensorflow as tf",
        *_if(spec.test_fraction, "from sklearn.model_selection import train_test_split"),
        *_if(spec.standardised, "from sklearn.preprocessing import StandardScaler"),
    ]
    return "\n".join(lines)


def _constants(spec: RunSpec) -> str:
    layers = range(spec.depth + 1)
    constants = {
        "SEED": spec.seed,
        "STEPS": spec.steps,
        "BATCH_SIZE": spec.batch_size,
        "LEARNING_RATE": spec.learning_rate,
        "GAIN": spec.gain if spec.gain != 1 else None,
        "BIAS_STD": spec.bias_std or None,
        "WIDTHS": _row(map(repr, spec.widths)),
        "BATCH_NORM": _row(map(repr, spec.batch_norm)) if isinstance(spec.batch_norm, tuple) else None,
        "KERNEL_SEEDS": _row(repr(layer_seed(spec.seed, layer)) for layer in layers),
        "BIAS_SEEDS": _row(repr(layer_seed(spec.seed, layer, 1)) for layer in layers) if spec.bias_std else None,
    }
    if not INITIALIZERS[spec.initializer].random:
        del constants["KERNEL_SEEDS"]
    comments = {
        "STEPS": "updates of the weights",
        "GAIN": "multiplies every initial kernel",
        "BIAS_STD": "standard deviation of the initial biases",
        "WIDTHS": "units of the hidden layers",
    }
    return "\n".join(f"{name} = {value}" + (f"  # {comments[name]}" if name in comments else "")
                     for name, value in constants.items() if value is not None)


# --- data -----------------------------------------------------------------------------------------------------------


def _data(spec: RunSpec) -> str:
    data_set = spec.data_set
    return "\n".join([*_examples(spec, data_set), *_scaling(spec), *_targets(spec, data_set)])


def _scaling(spec: RunSpec) -> list[str]:
    lines = ["x_train = StandardScaler().fit_transform(x_train)",
             *_if(spec.task == "regression", "y_train = StandardScaler().fit_transform(y_train)")]
    return lines if spec.standardised else []


def _targets(spec: RunSpec, data_set: Dataset) -> list[str]:
    """The targets for another number of output units, as `core.datasets.fitted` makes them."""
    units = spec.output_units
    if units is None:
        return []
    if not data_set.classes:
        return [f"y_train = np.repeat(y_train, {units}, axis=1)  # the same for every output unit"]
    labels = "y_train.argmax(1)" if data_set.task == "multiclass" else "y_train[:, 0].astype(int)"
    if units == 1:
        return [f"y_train = {labels}[:, None].astype(np.float32)  # the class as a number"]
    return [f"y_train = np.eye({units}, dtype=np.float32)[{labels}]  # one-hot"]


def _examples(spec: RunSpec, data_set: Dataset) -> list[str]:
    if spec.points:
        rows = _row(str(list(point)) for point in spec.points)
        return [_rule("Data"), "", f"points = np.array({rows}, np.float32)  # x₁, x₂, class",
                "x_train, y_train = points[:, :2], points[:, 2:]"]
    if spec.table:
        return _own_table(spec, data_set)
    examples = f"{data_set.load.__name__}(SEED, {spec.samples!r}, {spec.noise!r})"
    return [_rule("Data"), *_functions(data_set.load), "", "", *_taken_apart(spec, examples)]


def _own_table(spec: RunSpec, data_set: Dataset) -> list[str]:
    """A table that somebody gave, from the file that the page has of its examples."""
    rows = f"np.random.default_rng(SEED).permutation(len(x))[:{spec.samples}]"
    fewer = [f"rows = {rows}", "x, y = x[rows], y[rows]"] if spec.samples < data_set.max_samples else []
    return [_rule("Data"), "", "# The examples of the table, which the page has as a file.",
            'with np.load("own_data.npz") as arrays:', '    x, y = arrays["x"], arrays["y"]', *fewer,
            *_taken_apart(spec, "x, y")]


def _taken_apart(spec: RunSpec, examples: str) -> list[str]:
    if spec.test_fraction:
        labels = "y.argmax(1)" if spec.task == "multiclass" else "y"
        stratify = f", stratify={labels}" if spec.data().stratified else ""
        lines = [
            *_if(examples != "x, y", f"x, y = {examples}"),
            "# What is held back for validation is not needed here.",
            "x_train, _, y_train, _ = train_test_split(",
            f"    x, y, test_size={spec.test_fraction!r}, random_state=SEED{stratify})",
        ]
    else:
        lines = [f"x_train, y_train = {examples}"]
    return lines


def _functions(function: Callable[..., Any]) -> list[str]:
    """Source of a function of ours, without its types, after the source of those it calls."""
    named = [function.__globals__.get(name) for name in function.__code__.co_names]
    own = [value for value in named if inspect.isfunction(value) and value.__module__ == function.__module__]
    signature, newline, body = inspect.getsource(function).rstrip().partition("\n")
    untyped = re.sub(r": [\w.]+(?=[,)])", "", signature.partition(" ->")[0].removesuffix(":")) + ":"
    return [*(line for one in own for line in _functions(one)), "", "", untyped + newline + body]


# --- model ----------------------------------------------------------------------------------------------------------


def _model(spec: RunSpec) -> str:
    codes = [ACTIVATIONS[name].keras_code(spec.alpha) for name in spec.activations]
    same = isinstance(spec.activation, str)
    skip = any(spec.skips)
    after = "f" if skip else "a"  # what the activation gives, until a skip connection adds to it
    output = ACTIVATIONS[spec.output_activation].keras_code()
    lines = [
        _rule("Model"),
        "",
        *_kernels(spec),
        *_if(not same, f"activations = {_row(codes)}"),
        f"a = inputs = keras.Input(({spec.data_set.features},))",
        "for layer, units in enumerate(WIDTHS):",
        '    name = f"hidden_{layer + 1}"',
        "    z = keras.layers.Dense(units, kernel_initializer=kernels[layer], name=name)(a)",
        *_if(spec.batch_norm is True, "    z = keras.layers.BatchNormalization()(z)"),
        *_if(isinstance(spec.batch_norm, tuple),
             "    if BATCH_NORM[layer]:", "        z = keras.layers.BatchNormalization()(z)"),
        f"    {after} = keras.layers.Activation({codes[0] if same else 'activations[layer]'})(z)",
        *_if(spec.dropout, f"    {after} = keras.layers.Dropout({spec.dropout!r}, seed=SEED + layer)({after})"),
        *_if(skip, f"    a = keras.layers.Add()([f, a]){'' if all(spec.skips) else ' if a.shape[-1] == units else f'}"),
        "outputs = keras.layers.Dense(",
        f'    {spec.outputs}, {output}, kernel_initializer=kernels[-1], name="output")(a)',
        "model = keras.Model(inputs, outputs)",
        "dense_layers = [layer for layer in model.layers if isinstance(layer, keras.layers.Dense)]",
        *_if(spec.gain != 1, "for layer in dense_layers:", "    layer.kernel.assign(GAIN * layer.kernel)"),
        *_if(spec.bias_std, "for layer, seed in zip(dense_layers, BIAS_SEEDS, strict=True):",
             "    noise = np.random.default_rng(seed).standard_normal(layer.units)",
             "    layer.bias.assign(BIAS_STD * noise)"),
    ]
    return "\n".join(lines)


def _kernels(spec: RunSpec) -> list[str]:
    initializer = INITIALIZERS[spec.initializer]
    if not initializer.random:
        return [f"kernels = [{initializer.keras_code(0)}] * (len(WIDTHS) + 1)"]
    return ["# A seed for each layer: with one for all, layers of equal shape would start equal.",
            f"kernels = [{initializer.keras_code(0).replace('seed=0', 'seed=seed')} for seed in KERNEL_SEEDS]"]


# --- training -------------------------------------------------------------------------------------------------------

_BATCHES = '''

def batches():
    """The training batches, one an update; each epoch shuffles the examples anew."""
    for epoch in itertools.count():
        order = np.random.default_rng([SEED, epoch]).permutation(len(x_train))
        for start in range(0, len(order), BATCH_SIZE):
            rows = order[start:start + BATCH_SIZE]
            yield x_train[rows], y_train[rows]
'''

_STEP = '''

@tf.function
def loss_and_gradients(x, y):
    """The loss of a batch and its gradients, in training mode."""
    with tf.GradientTape() as tape:
        loss = loss_function(y, model(x, training=True))
    return loss, tape.gradient(loss, model.trainable_variables)


@tf.function
def update(gradients):
    """One step of the optimizer, which also does the clipping where there is any."""
    optimizer.apply(gradients, model.trainable_variables)


def kernel_norms(gradients):
    """Frobenius norm of every kernel's gradient, in float64 so that tiny squares do not vanish."""
    pairs = zip(model.trainable_variables, gradients, strict=True)
    kernels = [gradient for variable, gradient in pairs if variable.name == "kernel"]
    return [np.linalg.norm(gradient.numpy().astype("float64")) for gradient in kernels]

'''

_LOOP = '''
print("step", "loss", *[layer.name for layer in dense_layers], sep=",")
for step, (x, y) in zip(range(STEPS + 1), batches(), strict=False):
    loss, gradients = loss_and_gradients(x, y)
    values = [float(loss), *kernel_norms(gradients)]
    overflow = not np.isfinite(values).all()
    if step in recorded or overflow:
        print(step, *[f"{value:.9g}" for value in values], sep=",")KEEP
    if overflow or step == STEPS:
        break
    update(gradients)
'''


def _custom_loss(spec: RunSpec) -> list[str]:
    loss = spec.loss_entry
    return ["", *loss.keras_function().splitlines(), "", ""] if isinstance(loss, CustomLoss) else []


def _training(spec: RunSpec, keep: str) -> str:
    clipping = {CLIP_ARGUMENTS[spec.clip]: spec.clip_threshold} if spec.clip != "none" else {}
    loop = _LOOP.strip().replace("KEEP", f"\n        {keep}" if keep else "")
    if not spec.batch_size:
        loop = loop.replace("for step, (x, y) in zip(range(STEPS + 1), batches(), strict=False):",
                            "for step in range(STEPS + 1):").replace("(x, y)", "(x_train, y_train)")
    return "\n".join([
        _rule("Training"),
        "",
        *_custom_loss(spec),
        f"loss_function = {spec.loss_entry.keras_code()}",
        f"optimizer = {OPTIMIZERS[spec.optimizer].keras_code(spec.momentum, **clipping)}",
        "optimizer.build(model.trainable_variables)",
        *_if(spec.batch_size, _BATCHES.rstrip()),
        _STEP.rstrip(), "", "",
        "# Printed are steps 0 to 20, then at most 200 evenly spaced ones, and the last.",
        f"recorded = {{*range({EVERY_STEP_UNTIL + 1}), *np.linspace({EVERY_STEP_UNTIL}, "
        f"max(STEPS, {EVERY_STEP_UNTIL}), {EVENLY_SPACED + 1}).round()}}",
        loop,
    ])


# --- lines ----------------------------------------------------------------------------------------------------------


def _if(condition: object, *lines: str) -> list[str]:
    return list(lines) if condition else []


def _rule(title: str) -> str:
    return f"# --- {title} ".ljust(88, "-")


def _row(items: Iterable[str]) -> str:
    """A list, in lines of at most 88 characters, each item whole; `[32] * 20` where all are equal."""
    items = list(items)
    if len(set(items)) == 1 and len(items) > 3:
        return f"[{items[0]}] * {len(items)}"
    if sum(map(len, items)) + 2 * len(items) < 68:
        return "[" + ", ".join(items) + "]"
    whole = ", ".join(item.replace(" ", "\0") for item in items) + ","
    rows = textwrap.wrap(whole, 84, break_long_words=False, break_on_hyphens=False)
    return "\n".join(["[", *(f"    {row}" for row in rows), "]"]).replace("\0", " ")
