"""The networks of the source's practical questions, layer by layer, with the parameter counts that it states."""

from __future__ import annotations

from dataclasses import dataclass

from core.layer_table import Layer, sequence


@dataclass(frozen=True)
class SourceModel:
    """A network of the source: which questions use it, what it is for, and its layers.

    stated: the counts that the source prints, all parameters, or all, trainable and not; empty where it prints none.
    """

    questions: str
    about: str
    layers: tuple[Layer, ...]
    stated: tuple[int, ...] = ()


def _dense(units: int, activation: str = "linear") -> tuple[str, dict]:
    return "Dense", {"units": units, "activation": activation}


_BATCH_NORM: tuple[str, dict] = ("BatchNormalization", {})
_DROPOUT: tuple[str, dict] = ("Dropout", {"rate": 0.5})

SOURCE_MODELS: dict[str, SourceModel] = {model.questions: model for model in (
    SourceModel("P2, P3", "XOR", sequence(2, _dense(4, "relu"), _dense(1, "sigmoid"))),
    SourceModel("P4", "XOR, two activations",
                sequence(2, _dense(4, "relu"), _dense(3, "tanh"), _dense(1, "sigmoid"))),
    SourceModel("P5", "dropout",
                sequence(30, _dense(64, "relu"), _DROPOUT, _dense(32, "relu"), _DROPOUT, _dense(1, "sigmoid")),
                (4097, 4097, 0)),
    SourceModel("P6", "by hand", sequence(3, _dense(4, "sigmoid"), _dense(1, "sigmoid"))),
    SourceModel("P7", "batch norm",
                sequence(30, _dense(64), _BATCH_NORM, _dense(64, "relu"), _dense(32), _BATCH_NORM, _dense(32, "relu"),
                         _dense(1, "sigmoid")), (9697, 9505, 192)),
    SourceModel("P8", "curves", sequence(20, _dense(64, "relu"), _dense(32, "relu"), _dense(1, "sigmoid"))),
    SourceModel("P9, P11", "clipping, structure",
                sequence(10, _dense(128, "relu"), _dense(64, "relu"), _dense(1)), (9729, 9729)),
)}
