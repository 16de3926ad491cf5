"""How code trains a network: what `compile` and `fit` were asked for."""

from __future__ import annotations

import math
from typing import Any

from core.keras_code.arrays import Array, constant, values_of
from core.keras_code.graph import flat
from core.keras_code.names import (
    CLIPS,
    METRIC_ALIASES,
    NUMBER_NAMES,
    OPTIMIZERS,
    loss_name,
    optimizer_class,
    said_name,
    snake,
)
from core.keras_code.python import Call, Class, Follower, Function, Instance, Unknown, number, whole


def trained_with(follower: Follower, compiled: dict[str, Any]) -> dict[str, Any]:
    """The part of a blueprint that `compile` decides."""
    line = compiled.get("line")
    return {**_loss(follower, _single(follower, compiled.get("loss"), line, "loss"), line),
            **_optimizer(follower, compiled.get("optimizer", "rmsprop"), line),
            "metrics": _metrics(follower, compiled.get("metrics"), line)}


def _single(follower: Follower, value: Any, line: int | None, what: str) -> Any:
    """The one of a list or dictionary; of several the first, with a note."""
    if isinstance(value, dict) and not value.get("class_name"):
        value = list(value.values())
    if isinstance(value, list | tuple) and not any(isinstance(one, int | float | list | tuple) for one in value):
        if len(value) > 1:
            follower.note(line, f"There are {len(value)} of this: {what}. The first was read.")
        return value[0] if value else None
    return value


def _loss(follower: Follower, value: Any, line: int | None) -> dict[str, Any]:
    if value is None:
        return {"loss": None}
    if isinstance(value, Function | Instance | Class):
        inside = follower.enter(value, [Unknown("y_true"), Unknown("y_pred")], {}, value.node) if isinstance(
            value, Function) else None
        if not (isinstance(inside, Call) and inside.path.startswith("keras") and loss_name(inside)):
            return {"loss": "custom"}
        logits = inside.kwargs.get("from_logits", False)
        return {"loss": loss_name(inside), "from_logits": logits is True}
    found = loss_name(value)
    if found is None:
        why = "Keras has no loss of that name." if isinstance(value, str) else "The loss is not known here."
        follower.note(line, why)
        return {"loss": None if isinstance(value, str | Unknown) else "custom"}
    logits = False
    if isinstance(value, Call) and "crossentropy" in found:
        logits = value.kwargs.get("from_logits", value.args[0] if value.args and isinstance(value.args[0], bool) else
                                  False)
        if not isinstance(logits, bool):
            follower.note(line, "Whether the loss expects logits is not known without running the code.")
    return {"loss": found, "from_logits": logits is True}


def _optimizer(follower: Follower, value: Any, line: int | None) -> dict[str, Any]:
    found = optimizer_class(value)
    if found is None:
        follower.note(line, "The optimizer is not known here." if not isinstance(value, str) else
                      "Keras has no optimizer of that name.")
        return {"optimizer": None}
    args, kwargs = (value.args, value.kwargs) if isinstance(value, Call) else ([], {})
    given = dict(zip(OPTIMIZERS[found], args, strict=False)) | {NUMBER_NAMES.get(key, key): one
                                                              for key, one in kwargs.items()}
    numbers = dict(OPTIMIZERS[found])
    at = getattr(value, "line", None) or line
    for key, one in given.items():
        if key in CLIPS or key in ("name", "line") or one is None:
            continue
        if isinstance(one, int | float) and math.isfinite(one) and (key in numbers or (key in _SOMETIMES and one)):
            numbers[key] = float(one)
        elif key in numbers:
            numbers.pop(key)
            schedule = isinstance(one, Call)
            follower.note(at, f"{key} follows a schedule ({one.last}), which is not followed here." if schedule else
                          f"{key} is not known without running the code.")
    if numbers.get("decay"):
        follower.notes.append(f"decay={numbers['decay']:g} makes the learning rate smaller with every step in Keras 2; "
                              "Keras 3 has no such argument.")
    clips = [(name, float(given[key])) for key, name in CLIPS.items() if number(given.get(key))]
    clip, threshold = clips[0] if clips else ("none", None)
    return {"optimizer": found, "numbers": numbers, "clip": clip, "clip_threshold": threshold}


_SOMETIMES = ("decay", "weight_decay")  # where somebody gives them


def _metrics(follower: Follower, value: Any, line: int | None) -> tuple[str, ...]:
    if isinstance(value, dict):
        value = [inner for one in value.values() for inner in flat(one)]
    named = []
    for one in flat(value)[:50] if value is not None else ():
        said = said_name(one)
        if said is None:
            if not isinstance(one, Function | Instance):
                follower.note(line, "A metric is not known without running the code.")
            named.append("custom")
            continue
        plain = snake(said)
        named.append(METRIC_ALIASES.get(plain, plain)[:60])
    return tuple(named)


def fitted_with(follower: Follower, fitted: dict[str, Any]) -> dict[str, Any]:
    """The part of a blueprint that `fit` decides."""
    line = fitted.get("line")
    old = {"nb_epoch": "epochs", "X": "x", "samples_per_epoch": "samples"}
    given = {old.get(key, key): value for key, value in fitted.items()}
    x, y = _single(follower, given.get("x"), line, "input"), _single(follower, given.get("y"), line, "target")
    x, y = (constant(one) or one for one in (x, y))
    arrays = "y" in given and given["y"] is not None and "generator" not in given
    batch_size = given.get("batch_size", 32 if arrays else None)
    batch_size = 32 if batch_size is None and arrays else batch_size
    if isinstance(x, Call) and not arrays:
        batch_size = x.kwargs.get("batch_size", batch_size)
    values = {"batch_size": batch_size, "epochs": given.get("epochs", 1)}
    for key, value in values.items():
        if value is not None and not (whole(value) and value > 0):
            follower.note(line, f"{key} is not known without running the code.")
            values[key] = None
    held: Any = given.get("validation_split")
    validated = (number(held) and held > 0) or given.get("validation_data") is not None or isinstance(held, Unknown)
    x, y = (one.without_last(held) if isinstance(one, Array) and number(held) else one for one in (x, y))
    for one, name in ((x, "x"), (y, "y")):
        if isinstance(one, Array):
            follower.notes.extend(f"{name}: {sentence}" for sentence in one.done)
    return {**values, "validated": bool(validated), "x": values_of(x), "y": values_of(y),
            "steps": _steps(values, x, given)}


def _steps(values: dict[str, Any], x: Any, given: dict[str, Any]) -> int | None:
    """Updates in all: epochs times batches in an epoch, where both are known."""
    rounds = given.get("steps_per_epoch")
    if not whole(rounds):
        size = x.shape[0] if isinstance(x, Array) and x.shape else None
        rounds = -(-size // values["batch_size"]) if size and values["batch_size"] else None
    return rounds * values["epochs"] if rounds and rounds > 0 and values["epochs"] else None
