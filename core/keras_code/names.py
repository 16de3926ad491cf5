"""What Keras calls its losses, activations, initializers, regularizers and optimizers, other spellings among them."""

from __future__ import annotations

import re
from typing import Any

from core.keras_code.python import Call, Named, number

LOSSES = ("mean_squared_error", "mean_absolute_error", "mean_absolute_percentage_error",
          "mean_squared_logarithmic_error", "binary_crossentropy", "binary_focal_crossentropy",
          "categorical_crossentropy", "categorical_focal_crossentropy", "sparse_categorical_crossentropy", "poisson",
          "kl_divergence", "cosine_similarity", "log_cosh", "huber", "hinge", "squared_hinge", "categorical_hinge",
          "ctc", "dice", "tversky", "circle")
LOSS_ALIASES = {"mse": "mean_squared_error", "mae": "mean_absolute_error", "mape": "mean_absolute_percentage_error",
                "msle": "mean_squared_logarithmic_error", "bce": "binary_crossentropy", "kld": "kl_divergence",
                "kullback_leibler_divergence": "kl_divergence", "cosine_proximity": "cosine_similarity",
                "cosine": "cosine_similarity", "logcosh": "log_cosh", "huber_loss": "huber",
                "mean_squared_error_loss": "mean_squared_error"}
# What Keras 3 takes where nothing is written, in the order of the positional arguments.
OPTIMIZERS: dict[str, dict[str, float]] = {
    "SGD": {"learning_rate": 0.01, "momentum": 0.0, "nesterov": 0.0},
    "RMSprop": {"learning_rate": 0.001, "rho": 0.9, "momentum": 0.0, "epsilon": 1e-7, "centered": 0.0},
    "Adam": {"learning_rate": 0.001, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7, "amsgrad": 0.0},
    "AdamW": {"learning_rate": 0.001, "weight_decay": 0.004, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7,
              "amsgrad": 0.0},
    "Adadelta": {"learning_rate": 0.001, "rho": 0.95, "epsilon": 1e-7},
    "Adagrad": {"learning_rate": 0.001, "initial_accumulator_value": 0.1, "epsilon": 1e-7},
    "Adamax": {"learning_rate": 0.001, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7},
    "Nadam": {"learning_rate": 0.001, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7},
    "Ftrl": {"learning_rate": 0.001, "learning_rate_power": -0.5, "initial_accumulator_value": 0.1,
             "l1_regularization_strength": 0.0, "l2_regularization_strength": 0.0,
             "l2_shrinkage_regularization_strength": 0.0, "beta": 0.0},
    "Lion": {"learning_rate": 0.001, "beta_1": 0.9, "beta_2": 0.99},
    "Adafactor": {"learning_rate": 0.001, "beta_2_decay": -0.8, "epsilon_1": 1e-30, "epsilon_2": 0.001,
                  "clip_threshold": 1.0, "relative_step": 1.0},
    "Lamb": {"learning_rate": 0.001, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7},
}
_OPTIMIZER_NAMES = {name.lower(): name for name in OPTIMIZERS} | {"gradientdescent": "SGD", "momentum": "SGD"}
NUMBER_NAMES = {"lr": "learning_rate", "eps": "epsilon", "beta1": "beta_1", "beta2": "beta_2", "rate":
                 "learning_rate", "alpha": "learning_rate"}
CLIPS = {"clipvalue": "value", "clipnorm": "norm", "global_clipnorm": "global_norm"}
INITIALIZERS = ("zeros", "ones", "constant", "random_normal", "random_uniform", "truncated_normal", "variance_scaling",
                "glorot_normal", "glorot_uniform", "he_normal", "he_uniform", "lecun_normal", "lecun_uniform",
                "orthogonal", "identity")
_INITIALIZER_ALIASES = {"normal": "random_normal", "gaussian": "random_normal", "uniform": "random_uniform", "zero":
                        "zeros", "one": "ones", "xavier": "glorot_uniform", "identity_initializer": "identity",
                        "orthogonal_initializer": "orthogonal", "random_normal_initializer": "random_normal",
                        "random_uniform_initializer": "random_uniform", "zeros_initializer": "zeros",
                        "ones_initializer": "ones", "constant_initializer": "constant",
                        "truncated_normal_initializer": "truncated_normal", "glorot_uniform_initializer":
                        "glorot_uniform", "glorot_normal_initializer": "glorot_normal"}
ACTIVATIONS = ("linear", "sigmoid", "tanh", "relu", "leaky_relu", "elu", "selu", "silu", "gelu", "softplus", "mish",
               "softmax", "softsign", "exponential", "hard_sigmoid", "relu6", "log_softmax", "hard_silu", "celu",
               "glu", "log_sigmoid", "hard_tanh", "tanh_shrink", "soft_shrink", "hard_shrink", "sparse_plus",
               "squareplus", "sparsemax", "sparse_sigmoid", "threshold")
_ACTIVATION_ALIASES = {"swish": "silu", "hard_swish": "hard_silu", "crelu": "relu", "re_lu": "relu",
                       "leaky_re_lu": "leaky_relu", "leakyrelu": "leaky_relu"}
METRIC_ALIASES = {"acc": "accuracy", "mse": "mean_squared_error", "mae": "mean_absolute_error"}


def snake(name: str) -> str:
    """BatchNormalization -> batch_normalization, as Keras names its layers."""
    inner = re.sub(r"\W+", "", name)[:100]
    inner = re.sub(r"(.)([A-Z][a-z0-9]+)", r"\1_\2", inner)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", inner).lower()


_LOSS_CLASSES = {"".join(part.capitalize() for part in name.split("_")).lower(): name for name in LOSSES}
_INITIALIZER_CLASSES = {name.replace("_", ""): name for name in INITIALIZERS}


def said_name(value: Any) -> str | None:
    """The name that a text, a class, a function or a call of one goes by."""
    if isinstance(value, str):
        return value
    return value.last if isinstance(value, Named | Call) else None


def loss_name(value: Any) -> str | None:
    """Keras's snake-case name of a loss, None for what is none of Keras's."""
    said = said_name(value)
    if said is None:
        return None
    plain = said.lower()
    return (plain if plain in LOSSES else LOSS_ALIASES.get(plain)
            or _LOSS_CLASSES.get(plain.replace("_", "") if said != plain else plain))


def initializer_name(value: Any) -> str | None:
    said = said_name(value)
    if said is None:
        return None
    plain = said.lower()
    return plain if plain in INITIALIZERS else _INITIALIZER_ALIASES.get(plain) or _INITIALIZER_CLASSES.get(plain)


def activation_name(value: Any) -> str | None:
    if value is None:
        return "linear"
    said = said_name(value)
    if said is None:
        return None
    plain = snake(said)
    plain = _ACTIVATION_ALIASES.get(plain, plain)
    return plain if plain in ACTIVATIONS else None


def regularizer_text(value: Any) -> str | None:
    """L2(0.001): the class with its numbers, the same for code and for a configuration."""
    said = said_name(value)
    if said is None:
        return None
    short = said.lower().replace("_", "")
    name = {"l1": "L1", "l2": "L2", "l1l2": "L1L2"}.get(short, said[:40])
    args, kwargs = (value.args, dict(value.kwargs)) if isinstance(value, Call) else ([], {})
    kwargs |= {{"l": short}.get(key, key): kwargs.pop(key) for key in ("l",) if key in kwargs}
    given = dict(zip({"L1": ("l1",), "L2": ("l2",)}.get(name, ("l1", "l2")), args, strict=False)) | kwargs
    if name in ("L1", "L2"):
        size = given.get(name.lower(), 0.01)
        return f"{name}({float(size):g})" if number(size) else f"{name}(?)"
    return f"{name}({', '.join(f'{key}={float(one):g}' for key, one in given.items() if number(one))})"


def optimizer_class(value: Any) -> str | None:
    said = said_name(value)
    if said is None:
        return None
    plain = said.lower().replace("_", "")
    return _OPTIMIZER_NAMES.get(plain) or _OPTIMIZER_NAMES.get(plain.removesuffix("optimizer"))
