"""Controls of a run, made from the table of fields in core.spec: each shows what the address says and rewrites it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core.activations import ACTIVATIONS
from core.custom_loss import CUSTOM
from core.datasets import OWN, Points
from core.fields import MAX_DEPTH, QUERY_LIMIT
from core.formula import MAX_LENGTH
from core.optimizers import OPTIMIZERS
from core.spec import FIELDS, RunSpec, fitting_losses
from core.words import count, say
from pages.ui import link
from pages.ui.own_data import own_data

CLIP_LABELS = {"none": "None", "value": "Each entry (clipvalue)", "norm": "Each kernel and bias (clipnorm)",
               "global_norm": "All together (global_clipnorm)"}
BATCHES = (1, 2, 4, 8, 10, 16, 32, 64, 128, 256, 512)
LOG_STEPS = (1, 2, 5)
MOST_SLIDERS = 6  # for the units of one layer each
POINT = ("x1", "x2", "label")  # columns of the table of points

_VERSIONS = "versions"  # where the session keeps what each widget shows, and how often that was changed for it
Write = Callable[[RunSpec, Any], dict[str, Any]]  # (the run, the widget's value) -> the fields to change


def controls(groups: Mapping[str, Sequence[str]]) -> None:
    """A tab for each group with a control for each field named; `depth` and `width` are the two of `widths`.

    The controls of a closed tab are not made: they were a seventh of what a page costs the server.
    """
    if link.current().look.hides("controls"):
        return
    spec, page = link.current().spec, link.current().page
    tabs = st.tabs(list(groups), key=f"controls_{page}", on_change="rerun")
    for tab, names in zip(tabs, groups.values(), strict=True):
        if tab.open:
            with tab:
                for name in names:
                    control(spec, name)


def say_name(name: str, value: Any) -> str:
    """A field's name or names as a person reads them: He normal, ReLU → Tanh."""
    if isinstance(value, tuple):
        return " → ".join(say_name(name, one) for one in value)
    if value == CUSTOM:
        return "Custom formula"
    table = FIELDS[name].table
    return table[value].label if table is not None else CLIP_LABELS[value]


def say_value(spec: RunSpec, name: str) -> str:
    """What the run has in that field, short: Sigmoid, 20 × 32, batch norm, gain 2."""
    value, label = getattr(spec, name), FIELDS[name].label.lower()
    if name == "clip":
        return f"{label}: {say_name(name, value).lower()}"
    if name == "loss":
        return say_name(name, spec.loss_name)
    if name in ("output", "output_units"):
        return f"output {say_name('output', spec.output_activation)}" if name == "output" else (
            count(spec.outputs, "output unit"))
    if name == "table":
        return "another table" if spec.table else "no table"
    if name == "standardise":
        return "standardised" if spec.standardised else "as it comes"
    worded = _WORDED.get(FIELDS[name].value_type)
    return worded(name, value) if worded else f"{label} {'all' if value is None else say(value)}"


def _say_widths(_: str, widths: tuple[int, ...]) -> str:
    same = len(set(widths)) == 1
    return f"{len(widths)} × {widths[0]}" if same else " → ".join(map(str, widths[:4])) + " …" * (len(widths) > 4)


def _say_switch(name: str, on: Any) -> str:
    return ("" if on else "no ") + FIELDS[name].label.lower()


_WORDED: dict[str, Callable[[str, Any], str]] = {  # by the type of the field's value; others are numbers
    "name": say_name, "names": say_name, "flag": _say_switch, "flags": _say_switch, "integers": _say_widths,
    "formula": lambda _, text: text, "points": lambda _, points: count(len(points), "point"),
}


def control(spec: RunSpec, name: str) -> None:
    """The control of one field."""
    if link.current().look.hides("controls"):
        return
    if name in _SPECIAL:
        _SPECIAL[name](spec)
    else:
        _BY_TYPE[FIELDS[name].value_type](spec, name)


# --- kinds of controls -----------------------------------------------------------------------------------------------


def bound(name: str, value: Any, write: Write | None = None, first: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What the widget of that name needs to show what the address says and to rewrite it; see `followed`."""
    def act(moved: Any) -> None:
        link.change(**(write(link.current().spec, moved) if write else {name: moved}))

    return followed(f"control_{link.current().page}_{name}", value, act, first)


def followed(key: str, value: Any, act: Callable[[Any], None], first: Mapping[str, Any] | None = None,
             everywhere: bool = False) -> dict[str, Any]:
    """Key, callback and first value of a widget that shows `value`; `act` is given what somebody moves it to.

    Where something else has changed what it shows (a set-up, the back button), the widget is made anew under a numbered
    key: what the browser still says of the one before speaks of a widget that is gone.

    first: how this kind of widget is told, `{"default": value}` or `{"index": 2}`; left out, `{"value": value}`.
    everywhere: whether it is the same widget in all parts of the page, so that a second click is heard while the part
    that the first one opened is still being drawn.
    """
    page, part = link.current().place
    versions: dict[str, tuple[Any, int]] = st.session_state.setdefault(_VERSIONS, {})
    shown, number = versions.get(key, (value, 0))
    other = shown != value or st.session_state.get(_numbered(key, number), value) != value
    versions[key] = value, number + other
    widget = _numbered(key, number + other)
    return {"key": widget, "on_change": _moved, "args": (key, widget, (page, None if everywhere else part), act),
            **(first or {"value": value})}


def _numbered(key: str, number: int) -> str:
    return f"{key}_{number}" if number else key


def _moved(key: str, widget: str, place: link.Place, act: Callable[[Any], None]) -> None:
    versions: dict[str, tuple[Any, int]] = st.session_state.get(_VERSIONS, {})
    if key in versions and widget == _numbered(key, versions[key][1]) and link.heard(widget, place):
        value = st.session_state[widget]
        versions[key] = value, versions[key][1]
        act(value)


def _menu(name: str, value: Any, choices: Sequence[str]) -> None:
    """A menu of names; layers that differ are one more entry, so that the menu can say so."""
    options = [*choices] if value in choices else [*choices, value]
    st.selectbox(FIELDS[name].label, options, format_func=lambda one: say_name(name, one), help=FIELDS[name].help,
                 **bound(name, value, lambda _, one: {name: ",".join(one) if isinstance(one, tuple) else one},
                         {"index": options.index(value)}))


def _name(spec: RunSpec, name: str) -> None:
    _menu(name, getattr(spec, name), FIELDS[name].choices)


def _number(spec: RunSpec, name: str) -> None:
    field, value, quiet = FIELDS[name], getattr(spec, name), not _has_effect(spec, name)
    if field.log:
        _scale(name, float(value), _log_grid(field.low, field.high), "{:g}".format, disabled=quiet)
    else:
        _slider(name, value, disabled=quiet)


def _switch(spec: RunSpec, name: str) -> None:
    """A switch; on if any layer has it."""
    value = getattr(spec, name)
    some = isinstance(value, tuple)
    label = f"{FIELDS[name].label} ({sum(value)} of {len(value)} layers)" if some else FIELDS[name].label
    st.toggle(label, help=FIELDS[name].help, **bound(name, any(value) if some else value))


def _slider(name: str, value: float, disabled: bool = False) -> None:
    field = FIELDS[name]
    kind = int if field.whole else float
    low, high = min(field.low, value), max(field.high, value)
    st.slider(field.label, kind(low), kind(high), step=kind(field.step), help=field.help, disabled=disabled,
              **bound(name, kind(value)))


def _scale(name: str, value: Any, options: Sequence[Any], say: Callable[[Any], str], write: Write | None = None,
           disabled: bool = False) -> None:
    """A slider over given values; one from a link that is not among them is added in its place."""
    if value not in options:
        options = sorted([*options, value])
    st.select_slider(FIELDS[name].label, options, format_func=say, help=FIELDS[name].help, disabled=disabled,
                     **bound(name, value, write))


def _log_grid(low: float, high: float) -> list[float]:
    """1, 2 and 5 in every decade from low to high."""
    grid = [float(f"{digit}e{power}") for power in range(-6, 7) for digit in LOG_STEPS]
    return [number for number in grid if low <= number <= high]


def _has_effect(spec: RunSpec, name: str) -> bool:
    """Whether the field changes anything in this run."""
    if name == "clip_threshold":
        return spec.clip != "none"
    if name in ("samples", "test_fraction"):
        return not spec.points
    if name == "momentum":
        return name in OPTIMIZERS[spec.optimizer].hyperparameters
    return name != "noise" or spec.data_set.noisy


# --- fields that need more than their kind ---------------------------------------------------------------------------


def _depth(spec: RunSpec) -> None:
    def write(now: RunSpec, depth: int) -> dict[str, str]:
        return {name: ",".join(map(str, (value + value[-1:] * depth)[:depth]))
                for name in ("widths", "activation", "batch_norm")
                if isinstance(value := getattr(now, name), tuple)}

    st.slider("Depth", 1, MAX_DEPTH, help="Number of hidden layers.", **bound("depth", spec.depth, write))


def _width(spec: RunSpec) -> None:
    low, high = min(FIELDS["widths"].low, *spec.widths), max(FIELDS["widths"].high, *spec.widths)
    label = "Width" if len(set(spec.widths)) == 1 else f"Width ({say_value(spec, 'widths')})"
    st.slider(label, int(low), int(high), help="Units of each hidden layer. Moved, it makes all layers equally wide.",
              **bound("width", spec.widths[0], lambda now, width: {"widths": f"{width}x{now.depth}"}))


def _layer_widths(spec: RunSpec) -> None:
    """A slider for each hidden layer; one for all of them where there are too many."""
    def write(layer: int) -> Write:
        return lambda now, units: {"widths": ",".join(
            str(units if i == layer else one) for i, one in enumerate(now.widths))}

    if spec.depth > MOST_SLIDERS:
        _width(spec)
        return
    low, high = min(FIELDS["widths"].low, *spec.widths), max(FIELDS["widths"].high, *spec.widths)
    for layer, units in enumerate(spec.widths):
        st.slider(f"Units of layer {layer + 1}", int(low), int(high), **bound(f"units_{layer}", units, write(layer)))


def _layer_activations(spec: RunSpec) -> None:
    def write(layer: int) -> Write:
        return lambda now, name: {"activation": ",".join(
            name if i == layer else one for i, one in enumerate(now.activations))}

    for layer, (width, name) in enumerate(zip(spec.widths, spec.activations, strict=True)):
        options = FIELDS["activation"].choices
        st.selectbox(f"Layer {layer + 1} ({count(width, 'unit')})", options,
                     format_func=lambda one: say_name("activation", one),
                     **bound(f"activation_{layer}", name, write(layer), {"index": options.index(name)}))


def _alpha(spec: RunSpec) -> None:
    usual = next((ACTIVATIONS[name].alpha for name in spec.activations if ACTIVATIONS[name].alpha is not None), None)
    _slider("alpha", spec.alpha if spec.alpha is not None else usual or 0.0, disabled=usual is None)


def _samples(spec: RunSpec) -> None:
    field = FIELDS["samples"]
    low, high = min(int(field.low), spec.samples), spec.data_set.max_samples
    st.slider(field.label, low, high, help=field.help, disabled=not _has_effect(spec, "samples"),
              **bound("samples", spec.samples))


def _loss(spec: RunSpec) -> None:
    _menu("loss", spec.loss_name, fitting_losses(spec.task) if spec.output is None else FIELDS["loss"].choices)
    if spec.loss == CUSTOM:
        field = FIELDS["formula"]
        st.text_input(field.label, max_chars=MAX_LENGTH, help=field.help, **bound("formula", spec.formula))


def _output(spec: RunSpec) -> None:
    field = FIELDS["output"]
    st.selectbox(field.label, options := ["", *field.choices], help=f"{field.help} Once you choose one, every loss can "
                 "be chosen too, even a wrong one.",
                 format_func=lambda one: say_name("output", one) if one else "What fits",
                 **bound("output", spec.output or "", lambda _, one: {"output": one or None},
                         {"index": options.index(spec.output or "")}))


def _output_units(spec: RunSpec) -> None:
    field = FIELDS["output_units"]
    st.number_input(field.label, 1, int(field.maximum), help=f"{field.help} For classes, one unit learns the class "
                    "as a number, several learn one-hot rows.", **bound("output_units", spec.outputs))


def _standardise(spec: RunSpec) -> None:
    field = FIELDS["standardise"]
    st.toggle(field.label, help=field.help, **bound("standardise", spec.standardised))


def _dataset(spec: RunSpec) -> None:
    _name(spec, "dataset")
    if spec.dataset == OWN:
        own_data()


def _batch_size(spec: RunSpec) -> None:
    full = spec.train_samples
    options = [size for size in BATCHES if size < full] + [full]
    _scale("batch_size", spec.batch, options, lambda size: f"all {size}" if size == full else str(size),
           lambda now, size: {"batch_size": None if size >= now.train_samples else size})


def _seed(spec: RunSpec) -> None:
    field = FIELDS["seed"]
    st.number_input(field.label, 0, int(field.maximum), help=field.help, **bound("seed", spec.seed))


COORDINATE = {"min_value": FIELDS["points"].minimum, "max_value": FIELDS["points"].maximum, "required": True,
              "step": FIELDS["points"].step, "default": 0.5}


def _points(spec: RunSpec) -> None:
    """A table in which points are moved, added and deleted, and the same as a text; nothing for other data sets."""
    if spec.dataset != "points":
        return
    text = spec.to_query().get("points", "")
    key = f"points_{text}"  # a table of its own for every set of points: what was edited in it is in the link already
    st.data_editor(pd.DataFrame([*spec.points], columns=POINT), key=key, num_rows="dynamic", hide_index=True,
                   on_change=_edit_points, args=(key, link.current()), column_config={
                       "x1": st.column_config.NumberColumn("x₁", width=52, **COORDINATE),
                       "x2": st.column_config.NumberColumn("x₂", width=52, **COORDINATE),
                       "label": st.column_config.SelectboxColumn("class", width=62, options=[0, 1], required=True,
                                                                 default=1)})
    st.text_input("The same as text", max_chars=QUERY_LIMIT, help="x₁,x₂,class;x₁,x₂,class; and so on.",
                  **bound("points", text, lambda _, typed: {"dataset": "points", "points": typed}))


def _edit_points(key: str, before: link.Link) -> None:
    if link.heard(key, before.place) and link.current().spec.points == before.spec.points:
        rows = edited(before.spec.points, st.session_state[key])
        link.change(dataset="points", points=";".join(",".join(f"{row[name]:.12g}" for name in POINT) for row in rows))


def edited(before: Points, changes: Mapping[str, Any]) -> list[dict[str, float]]:
    """The rows of the table with what `st.data_editor` says was changed in it; rows that lack a number are left out."""
    rows = [dict(zip(POINT, point, strict=True)) | changes["edited_rows"].get(i, {}) for i, point in enumerate(before)
            if i not in changes["deleted_rows"]]
    return [row for row in [*rows, *changes["added_rows"]] if all(row.get(name) is not None for name in POINT)]


_BY_TYPE: dict[str, Callable[[RunSpec, str], None]] = {
    "name": _name, "names": _name, "flag": _switch, "flags": _switch, "integer": _number, "number": _number}
_SPECIAL: dict[str, Callable[[RunSpec], None]] = {
    "dataset": _dataset, "depth": _depth, "width": _width, "layer_widths": _layer_widths,
    "layer_activations": _layer_activations, "alpha": _alpha,
    "samples": _samples, "loss": _loss, "batch_size": _batch_size, "seed": _seed, "points": _points,
    "output": _output, "output_units": _output_units, "standardise": _standardise,
}
