"""What Gradients alone draws: the factors that make the signal vanish, clipping, and how often XOR is solved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt
import numpy as np
import pandas as pd

from core.charts.drawing import (
    FRAME,
    LABEL_COLUMN,
    base,
    colour_of,
    drawing,
    first_layer_labels,
    last_labels,
    layer_x,
    lines,
    points,
    row_share,
    signs,
    step_x,
    titled,
    y_of,
)
from core.charts.functions import ROW_HEIGHT
from core.charts.layers import PANEL_HEIGHT
from core.charts.moving import FOREVER, LIFE
from core.charts.rows import Rows, growing, grown, line, placed
from core.charts.scales import Scale
from core.charts.steps import CURVE_HEIGHT
from core.charts.theme import BLUE, LINE, MAGENTA, NEUTRAL, POINT, RUST, SERIES, TEAL, THIN, Series, alternatives
from core.diagnosis import KINDS
from core.lessons.gradients.chain import ACTIVATION, KERNEL, MEASURED, Chain, chain
from core.lessons.gradients.clipping import Clipped, history
from core.lessons.gradients.several_seeds import Reading, band, ratios
from core.lessons.gradients.xor_seeds import Share
from core.spec import RunSpec
from core.spread import SHARES, Spread
from core.training import Snapshot
from core.words import count, exactly

_BEFORE, _AFTER = alternatives(("before clipping", "after"))
_SERIES = (_BEFORE, _AFTER, Series("limit", NEUTRAL, dash=(6, 4), width=THIN))

CHAIN_HEIGHT = 340
BAR = 0.4  # of a layer's width
COLOURS = {KERNEL: TEAL, ACTIVATION: RUST, MEASURED: MAGENTA}


# --- the factors that make the signal vanish or explode --------------------------------------------------------------


def chain_scale(found: Chain) -> Scale:
    """A logarithmic axis of whole decades for every end of a bar, three decades at least."""
    ends = np.concatenate([*_ends(found), found.product, found.measured])
    ends = np.log10(ends[np.isfinite(ends) & (ends > 0)])
    low, high = (int(np.floor(ends.min(initial=0.0))), int(np.ceil(ends.max(initial=0.0))))
    return Scale(10.0 ** min(low, -2), 10.0 ** max(high, 1), log=True)


def _ends(found: Chain) -> list[np.ndarray]:
    """Where the bars begin and end, `(depth − 1,)` each, from the next layer to this one: one more than factors."""
    ends = [found.product[1:]]
    for factor in found.factors.values():
        ends.append(ends[-1] * factor)
    return ends


def chain_bars_frame(history: Sequence[Snapshot], spec: RunSpec, scale: Scale) -> pd.DataFrame:
    """For `chain_bars`: the bars, one a factor and layer, and the measured signal and the product as lines."""
    found = chain(spec, history)
    hidden = np.arange(1, spec.depth + 1)
    place = np.array([f"layer {n}" for n in hidden], object)
    lines_of = [line("signal", found.measured, scale, labelled=0, layer=hidden, place=place)]
    if not found.reason:
        lines_of.insert(0, line("theory", found.product, scale, labelled=0, points=False, layer=hidden, place=place))
    rows = placed(lines_of, scale, CHAIN_HEIGHT)
    ends = _ends(found)
    bars = [pd.DataFrame({
        "run": "", "series": name, "layer": hidden[:-1], "place": place[:-1], "value": factor,
        "from": start, "to": end, "left": left, "right": right,
        "exact": [f"×{number:.4g}" for number in factor]})
        for (name, factor), start, end, (left, right) in zip(
            found.factors.items(), ends, ends[1:], _sides(hidden[:-1], len(found.factors)), strict=False)]
    drawn = pd.concat(bars, ignore_index=True)
    with np.errstate(invalid="ignore"):
        there = np.isfinite(drawn["from"]) & np.isfinite(drawn["to"]) & (drawn["from"] > 0) & (drawn["to"] > 0)
    return pd.concat([rows, drawn[there]], ignore_index=True).fillna({"label": "", "says": "", "mark": "", "exact": ""})


def _sides(layer: np.ndarray, bars: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Left and right edge of each bar of a layer: the signal comes from the right."""
    width = 2 * BAR / bars
    return [(layer + BAR - (n + 1) * width, layer + BAR - n * width) for n in range(bars)]


@drawing
def chain_bars(depth: int, scale: Scale, factors: tuple[str, ...]):
    """Floating bars on a logarithmic axis, each as long as its factor, from the signal of a layer to that before it."""
    series = [SERIES["signal"], *([SERIES["theory"]] if MEASURED not in factors else [])]
    x, y = layer_x(depth), y_of("y", scale, LABEL_COLUMN)
    tooltip = [alt.Tooltip("place:N", title="where"), alt.Tooltip("series:N", title="what"),
               alt.Tooltip("exact:N", title="factor, or signal")]
    colours = alt.Scale(domain=list(factors), range=[COLOURS[name] for name in factors])
    edges = {"x": layer_x(depth, "left"), "x2": alt.X2("right:Q"), "y": y_of("from", scale, LABEL_COLUMN),
             "y2": alt.Y2("to:Q")}
    bars = base().transform_filter("isValid(datum.from)").mark_rect(opacity=0.75, strokeWidth=2, clip=True).encode(
        **edges, fill=alt.Fill("series:N", scale=colours, legend=alt.Legend(
            title=None, orient="bottom", direction="horizontal", symbolType="square", values=list(factors))),
        stroke=alt.Stroke("series:N", legend=None, scale=colours), tooltip=tooltip)
    curves = lines(x, y, series).transform_filter("!isValid(datum.from)")
    chart = alt.layer(bars, curves, points(x, y, series, tooltip, depth), *signs(x, y),
                      *first_layer_labels(x, scale, series))
    return titled(chart, f"Signal ÷ that of layer {depth}, log axis", CHAIN_HEIGHT), (
        f"Bar chart, {scale.words}: the signal in each of {depth} hidden layers at step 0, divided by that of layer "
        f"{depth}. From each layer to the one before it bars go down or up by its factors: {', '.join(factors)}; "
        "the output has none. Lines: the measured signal and what theory expects. The data table has the numbers.")


# --- clipping ---------------------------------------------------------------------------------------------------------


def clipping_frame(found: Sequence[Clipped], limit: float, steps: int, scale: Scale) -> pd.DataFrame | None:
    """For `clipping`: from step 0 on, a moment each; None where nothing is clipped or nothing is known yet."""
    if not found:
        return None
    ends = np.array([0, steps])
    level = line("limit", np.full(2, limit), scale, labelled=-1, points=False, step=ends) | {
        "since": np.zeros(2, int), "until": np.full(2, FOREVER)}
    before = [(moment, one.step, one.before) for moment, one in enumerate(found)]
    after = [(moment, one.step, one.after) for moment, one in enumerate(found) if one.after is not None]
    return grown([level, _line(_BEFORE.label, before, scale), _line(_AFTER.label, after, scale)], scale, CURVE_HEIGHT)


def clipping_frame_of(snapshots: Sequence[Snapshot], spec: RunSpec, scale: Scale) -> pd.DataFrame | None:
    """For `clipping`, of the snapshots of a run with clipping."""
    return clipping_frame(history(spec, snapshots), spec.clip_threshold, spec.steps, scale)


def _line(name: str, found: Sequence[tuple[int, int, float]], scale: Scale) -> Rows:
    """From moment, step and norm; broken where moments are missing between."""
    moment, step, norm = np.array(found, np.float64).reshape(-1, 3).T
    rows = growing(name, norm, moment.astype(int), scale, step=step.astype(int))
    missing = np.append(np.cumsum(np.diff(moment, prepend=moment[:1] - 1) > 1), np.zeros(len(moment), int))
    return rows | {"segment": np.where(rows["segment"] < 0, -1, rows["segment"] + missing)}


@drawing
def clipping(steps: int, scale: Scale, what: str):
    """The norm before and after clipping, and the limit (dashed)."""
    x, y = step_x(steps, [one.label for one in _SERIES]), y_of("y", scale)
    tooltip = [alt.Tooltip("step:Q", title="step"), alt.Tooltip("series:N", title="what"),
               alt.Tooltip("exact:N", title="norm")]
    chart = alt.layer(lines(x, y, _SERIES), points(x, y, _SERIES, tooltip), *signs(x, y),
                      *last_labels(x, scale, _SERIES))
    return titled(chart, f"Norm {what}, logarithmic axis", CURVE_HEIGHT), (
        f"Line chart, {scale.words}: norm {what} before and after clipping over {steps} steps, and the limit. "
        "The data table has the numbers."), LIFE


# --- how often runs reach their goal: a share with its interval for each kind of run ---------------------------------


def survey_frame(shares: Mapping[str, Share]) -> pd.DataFrame:
    """For `survey`: a row a kind of run, value the share solved, bottom and top its interval."""
    return pd.DataFrame([{
        "name": label, "solved": one.solved, "runs": one.runs, "value": one.solved / one.runs if one.runs else 0.0,
        "lowest": one.low, "highest": one.high, "label": f"{one.solved} of {one.runs}" if one.runs else "not counted",
    } for label, one in shares.items()])


@drawing
def survey(labels: tuple[str, ...], title: str):
    """A row for each kind of run: the share solved (point), its 95 % interval (bar), and the count."""
    x = alt.X("value:Q", scale=alt.Scale(domain=[-0.03, 1.42], nice=False), axis=alt.Axis(
        title="share of the seeds", values=[0, 0.25, 0.5, 0.75, 1], format=".0%", labelOverlap="greedy"))
    y = alt.Y("name:N", sort=None, scale=alt.Scale(domain=list(labels)), axis=alt.Axis(
        title=None, labelLimit=170, grid=True))
    tooltip = [alt.Tooltip("name:N", title="network"), alt.Tooltip("label:N", title="solved"),
               alt.Tooltip("lowest:Q", title="interval from", format=".1%"),
               alt.Tooltip("highest:Q", title="to", format=".1%")]
    counted = base().transform_filter("datum.runs > 0")
    chart = alt.layer(
        counted.mark_rule(strokeWidth=6, opacity=0.4, color=BLUE).encode(
            x=x.copy(), x2=alt.X2("highest:Q"), y=y, tooltip=tooltip).transform_calculate(value="datum.lowest"),
        counted.mark_point(filled=True, size=2 * POINT, color=BLUE, opacity=1).encode(x=x, y=y, tooltip=tooltip),
        base().mark_text(align="left").encode(x=alt.datum(1.05), y=y, text=alt.Text("label:N")))
    return titled(chart, title, FRAME + ROW_HEIGHT * len(labels)), (
        f"Dot chart, share of the seeds from 0 to 100 %: {title}, for {', '.join(labels)}, each with its 95 % "
        "interval. The data table has the numbers.")


# --- several seeds of one network -------------------------------------------------------------------------------------


def seeds_scale(readings: Sequence[Reading], quantity: str, spread: Spread | None) -> Scale:
    """The decades of the band and of theory's, 1/10 to 10 at least: a few seeds may lie beyond."""
    found = np.append(band(ratios(readings, quantity)), 1.0 if spread is None or spread.signal is None
                      else spread.signal)
    sizes = np.log10(found[np.isfinite(found) & (found > 0)])
    return Scale(10.0 ** min(int(np.floor(sizes.min())), -1), 10.0 ** max(int(np.ceil(sizes.max())), 1), log=True)


def seeds_frame(readings: Sequence[Reading], quantity: str, scale: Scale, spread: Spread | None) -> pd.DataFrame:
    """For `seeds`: rows of the `seed`s, of their `band` (value: the median), and of `theory`'s lines, by layer.

    value: the size in units of the last hidden layer's, exact in words; lowest, highest: the ends of the band.
    """
    found = ratios(readings, quantity)
    layers = found.shape[1]
    low, middle, high = band(found)
    said = [f"{exactly(m)} ({exactly(a)} to {exactly(b)})" for m, a, b in zip(middle, low, high, strict=True)]
    parts = [_over_layers("band", quantity, middle, scale, layers, label="median", exact=said, lowest=low,
                          highest=high)]
    parts += [_over_layers("seed", quantity, values, scale, layers, number=reading.seed,
                           verdict=KINDS[reading.kind].word)
              for reading, values in zip(readings, found, strict=True)]
    if spread is not None and spread.signal is not None:
        parts += [_over_layers("theory", "theory", values, scale, layers, number=number,
                               label=f"theory, {share:.0%}")
                  for number, (share, values) in enumerate(zip(SHARES, spread.signal, strict=True))]
    frame = pd.concat(parts, ignore_index=True)
    frame = frame[frame["value"].notna()].reset_index(drop=True)
    named = frame["label"] != ""
    frame["label_from"] = frame["y"].where(named)
    frame["label_y"] = np.nan
    frame.loc[named, "label_y"] = scale.apart(frame.loc[named, "y"].to_numpy(), row_share(PANEL_HEIGHT))
    return frame


def _over_layers(what: str, series: str, values: np.ndarray, scale: Scale, layers: int, *, number: int = 0,
                 verdict: str = "", label: str = "", exact: Sequence[str] = (), lowest: np.ndarray | None = None,
                 highest: np.ndarray | None = None) -> pd.DataFrame:
    """One line, labelled at the first layer."""
    places = np.arange(1, len(values) + 1)
    low, high = (values if end is None else end for end in (lowest, highest))
    return pd.DataFrame({
        "what": what, "series": series, "seed": number, "verdict": verdict, "layer": places,
        "place": ["output" if n == layers else f"layer {n}" for n in places], "value": values,
        "exact": exact or [exactly(value) for value in values], "lowest": low, "highest": high,
        "y": scale.place(values)[0], "bottom": scale.place(low)[0], "top": scale.place(high)[0],
        "label": [label, *[""] * (len(values) - 1)], "run": ""})


@drawing
def seeds(depth: int, scale: Scale, quantity: str, number: int):
    """A quantity in every layer over many seeds: median, 10 to 90 % band, theory's three lines, each seed on hover."""
    series = [SERIES[quantity], SERIES["theory"]]
    x, y = layer_x(depth), y_of("y", scale, LABEL_COLUMN)
    hovered = alt.selection_point(name="seed", fields=["seed"], on="pointerover", clear="pointerout", empty=False)
    area = base().transform_filter("datum.what == 'band'").mark_area(opacity=0.22, clip=True).encode(
        x=x, y=y_of("bottom", scale, LABEL_COLUMN), y2=alt.Y2("top:Q"), color=colour_of(series))
    median = base().transform_filter("datum.what == 'band'").mark_line(clip=True, strokeWidth=LINE).encode(
        x=x, y=y, color=colour_of(series))
    theory = base().transform_filter("datum.what == 'theory'").mark_line(
        clip=True, strokeWidth=THIN, strokeDash=list(SERIES["theory"].dash)).encode(
            x=x, y=y, color=colour_of(series), detail=[alt.Detail("seed:N")])
    each = base().transform_filter("datum.what == 'seed'")
    shown = alt.OpacityValue(0, condition={"param": "seed", "value": 1, "empty": False})
    line = each.mark_line(clip=True, strokeWidth=THIN).encode(x=x, y=y, color=colour_of(series), opacity=shown,
                                                              detail=[alt.Detail("seed:N")])
    tooltip = [alt.Tooltip("seed:N", title="seed"), alt.Tooltip("verdict:N", title="verdict"),
               alt.Tooltip("place:N", title="where"), alt.Tooltip("exact:N", title="of the last hidden layer's")]
    spots = each.mark_point(filled=True, size=POINT).encode(
        x=x, y=y, color=colour_of(series), opacity=shown, tooltip=tooltip).add_params(hovered)
    middle = base().transform_filter("datum.what == 'band'").mark_point(filled=True, size=POINT, opacity=1).encode(
        x=x, y=y, color=colour_of(series), tooltip=[alt.Tooltip("place:N", title="where"),
                                                    alt.Tooltip("exact:N", title="median (10 to 90 %)")])
    chart = alt.layer(area, theory, line, median, spots, middle, *first_layer_labels(x, scale, series))
    return titled(chart, f"{quantity.capitalize()} / the last hidden layer's, {count(number, 'seed')}: median, "
                         "10 to 90 %", PANEL_HEIGHT), (
        f"Line chart with a band, {scale.words}: size of the {quantity} in each of {depth} hidden layers and the "
        f"output, in units of the last hidden layer's: median and 10 to 90 % of {count(number, 'seed')}, and what "
        "theory expects of one example. The data table has the numbers.")
