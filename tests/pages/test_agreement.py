"""What a page says is what it shows: numbers in its sentences are those of its charts and tables, step by step.

Evidence has a name, and a label where several runs or layers have it. SAID finds it in sentences: a group of a pattern
is called after what it catches. SHOWN finds it, by the same names, in what is drawn and tabulated. What has a name in
both must be the same number, as far as it is written out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.charts import boundary, panels
from core.charts.moving import at
from core.charts.rows import table
from core.diagnosis import KINDS
from core.initializers import INITIALIZERS
from core.lessons.optimizers.race import LABELS
from core.losses import LOSSES
from core.setups import Setup
from pages.ui.course import LESSONS
from pages.ui.setups import SETUPS
from tests.pages.reading import bar, begun, opened, played, plays, rest, texts, titles, viewer, whole
from tests.tiers import only_nightly

Range = tuple[float, float]  # what a number that is written out, or drawn, may be
Evidence = dict[tuple[str, str], list[Any]]  # (name, label) -> every number found

# --- numbers --------------------------------------------------------------------------------------------------------

POWERS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
N = r"[−-]?\d+(?:[.,\u202f]\d+)*(?:·10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?"
RATIO = rf"(?:1/{N}|×?{N}|10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)"
SHARE = rf"(?:{RATIO} (?:of|times)|nothing of)"
PERCENT = rf"{N}\u202f? ?%"


def said_range(text: str) -> Range:
    """What a number may be that is said so: half a unit of its last digit to both sides."""
    text = re.sub(r" (of|times)$", "", text).replace("×", "").replace("−", "-")
    if text in ("nothing", "none"):
        return 0.0, 0.0
    if text.startswith("1/"):
        low, high = said_range(text[2:])
        return 1 / high, 1 / low
    scale = 0.01 if "%" in text else 1.0
    mantissa, _, power = re.sub(r"[\u202f, %]", "", text).partition("·10")
    scale *= 10.0 ** int(power.translate(POWERS)) if power else 1.0
    digits = mantissa.lstrip("-")
    unit = 10.0 ** -len(digits.partition(".")[2]) if "." in digits else 10.0 ** (
        len(digits) - len(digits.rstrip("0")) if len(digits) > 2 else 0)
    return tuple(sorted((scale * (float(mantissa) - unit / 2), scale * (float(mantissa) + unit / 2))))


def shown_range(value: Any) -> Range:
    """The same of what is shown: a text, a number as it is, or a range already."""
    return said_range(value) if isinstance(value, str) else value if isinstance(value, tuple) else (value, value)


def agree(said: str, shown: Any) -> bool:
    """Whether both may be the same number; a count, exactly."""
    if isinstance(shown, int | np.integer):
        return not re.search(r"\D", text := re.sub(r"[\u202f,]", "", said.replace("none", "0"))) and int(text) == shown
    if said in ("NaN", "∞"):
        return said == shown
    (low, high), (least, most) = said_range(said), shown_range(shown)
    if np.isnan(least) or np.isinf(most):
        return False
    slack = 2e-6 * max(abs(low), abs(high), abs(least))  # charts are sent as float32
    return low - slack <= most and least <= high + slack


def ratio(part: Any, whole_: Any) -> Range:
    """The range of part over whole, both positive."""
    (low, high), (least, most) = shown_range(float(part)), shown_range(float(whole_))
    return (low / most, high / least) if least else (np.nan, np.nan)


# --- what is said ---------------------------------------------------------------------------------------------------

NAME = r"[A-Z][\w -]*?(?: \(Xavier\))?"
RUNS = "|".join(map(re.escape, LABELS.values()))
SHORTS = "|".join(re.escape(loss.short) for loss in LOSSES.values())
WORDS = "|".join(sorted((kind.word.lower() for kind in KINDS.values()), key=len, reverse=True))
ITEM = "(?P<{0}>" + N + r") \((?P<{0}_low>" + N + ") to (?P<{0}_high>" + N + r")\)"

# A pattern, or the pattern of a passage and that of what is looked for in it.
SAID: tuple[str | tuple[str, str], ...] = (
    # verdicts
    rf"Layer 1 gets almost no learning signal, (?P<last_over_first>{N}) times less",
    rf"Layer 1 gets far too much learning signal, (?P<first_over_last>{N}) times",
    rf"(?:Signal:|Yet) layer 1 gets (?P<first_over_last>{SHARE}) (?:what layer|the signal)",
    rf"For the initial weights theory expects layer 1 to get (?P<theory_first_over_last>{SHARE}) what",
    rf"Kernel gradient: (?P<kernel_first>{N}) in layer 1, (?P<kernel_last>{N}) in layer",
    rf"Loss (?P<loss_of_batch>{N})(?: and|;|,)", rf"and (?P<right>{PERCENT}) right;",
    # Start
    rf"On the right side after (?P<step>{N}) step", rf"\*\*(?P<right>{PERCENT})\*\* with (?P<label>\d layers?)",
    # Perceptron
    r"Example (?P<example>\d+) is .*?, class (?P<class>\d)\..*?prediction is \*\*(?P<before>\d)\*\*",
    rf"(?P<corrections>{N}) corrections? in epoch (?P<epoch>{N}), (?P<wrong_after>{N}) wrong at its end",
    rf"Epoch (?P<first_clean>{N}) is the first without", rf", (?P<corrections>{N}) errors? an epoch, for ever",
    rf"At step (?P<step>{N}), (?P<right_count>{N}) of \d+ points? are on the right side; loss (?P<loss_of_batch>{N})\.",
    # Forward and backward
    rf"How wrong is (?P<guess>{N}) when (?P<wanted>{N}) is wanted",
    rf"Loss before (?P<loss_of_batch>{N}), after",
    # Anatomy
    rf"(?P<parameters>{N}) parameters(?:\*\*| are)", rf"(?P<right>{PERCENT}) of the training examples are on the right",
    rf"(?:After (?P<step>{N}) steps? )?the loss is (?P<loss_of_batch>{N})",
    r"says \*\*(?P<says>\d)\*\* with", rf"\*\*(?P<label>\w+)\*\* · .*?\n.*? · (?P<parameters>{N}) parameters",
    # Activations
    rf"\*\*(?P<label>{NAME})\*\* lets [\w ]+ back: (?P<one_layer>{RATIO}) in one layer, (?P<ten_layers>{RATIO}) in ten",
    rf"\*\*(?P<label>{NAME})\*\* lets [\w ]+ back: nothing, its slope is (?P<one_layer>0)",
    rf"ith \*\*(?P<label>{NAME})\*\*:? layer 1 gets (?P<all_layers>{SHARE}) what layer \d+ gets, (?P<now>{RATIO}) "
    rf"a layer(?: \((?P<start>{RATIO}) at step 0(?:, theory (?P<theory>{RATIO}))?\))?",
    r", (?P<label>seed\s\d+) has (?P<right_count>\d+) of", r"seeds?, (?P<solved>\w+) ha(?:s|ve) all of them",
    rf"p₁ rises by (?P<slope_1>{N}).*p₂ by (?P<slope_2>{N}) and p₃ by (?P<slope_3>{N})",
    r"one (?P<outputs>\d+) × (?P<inputs>\d+) matrix and \d+ biases: (?P<numbers>\d+) numbers",
    # Losses
    rf"(?P<label>{SHORTS})(?: and [\w -]+)? (?:is|are) steepest, slope (?P<slope>{N});",
    rf"(?P<label>{SHORTS})'s slope is (?P<slope>{N}),",
    rf"(?P<label>{SHORTS}) moves most: by (?P<moved>{N}) at the outlier, its slope from (?P<slope_before>{N}) to "
    rf"(?P<slope_after>{N})\.", rf"(?P<label>{SHORTS}) moves least: by (?P<moved>{N}),",
    rf"(?P<label>{SHORTS}) has (?P<right>{PERCENT}) of the training examples",
    rf"right, (?P<label>{SHORTS}) (?P<right>{PERCENT})",
    rf"By now the signal of MSE is (?P<output_share>{SHARE}) Binary CE's at the output, and "
    rf"(?P<first_share>{SHARE}) it",
    rf"t step 0 the signal of MSE (?:is|was) (?P<output_share_at_start>{SHARE}) Binary CE's at the output, and "
    rf"(?P<first_share_at_start>{SHARE}) it",
    rf"the slope is (?P<slope>{N}); central differences, .*?, give (?P<differences>{N})\.",
    rf"it began at (?P<loss_at_start>{N})", r"the loss is (?P<value>NaN|∞), because",
    # Gradients
    rf"before it: (?P<largest>{N}), at step (?P<largest_step>{N}); the limit is (?P<limit>{N})",
    rf"\*\*Solved (?P<solved>{N}) of (?P<runs>{N})\*\*",
    rf"\*\*(?P<label>[^*]+)\*\*, (?P<solved>{N}) of (?P<runs>{N})\.",
    # Initializers
    rf"ith (?P<label>{NAME}), layer 1 gets (?P<first_over_last>{SHARE}) what",
    rf"; with (?P<label>{NAME}), (?P<first_over_last>{SHARE}) it\.",
    rf"(?<![\d.])(?P<verdicts>\d+) (?P<label>{WORDS})(?=[,.])",
    rf"theory says \*\*(?P<theory_variance>{N})\*\*",
    r"\*\*(?P<label>[^*]+)\*\*\n\*\*All (?P<equal>\d+) units of a layer are equal",
    r"\*\*(?P<label>[^*]+)\*\*\n\*\*All (?P<different>\d+) units of a layer differ",
    # Optimizers
    rf"All start at .*?, (?P<height_at_start>{N}) above the minimum",
    rf"After (?P<step>{N}) steps? \*\*(?P<label>{RUNS})\*\* is lowest, (?P<height>{N}) above the minimum",
    (r"Arrived to stay.*", rf"(?P<label>{RUNS}) at step (?P<arrived>\d+)"),
    (r"After \d+ steps? \*\*[\w ]+\*\* has the lowest loss: .*? A usual", rf"(?P<label>{RUNS}) (?P<loss>{N})[,.] "),
    rf"Best is \*\*(?P<best_rate>{N})\*\*: its loss is (?P<best_loss>{N}), (?P<of_start>{SHARE}) what it was",
    rf"(?P<label>{RUNS}) up to {N} \(theory: (?P<limit>{N})",
    rf"that of a batch of (?P<label>\d+) by (?P<noise>{N}) times its size \(theory: (?P<noise_in_theory>{N})\)",
    # Regularization
    rf"(?P<label>without|dropout {N}|batch norm) \*\*{ITEM.format('validation')}\*\*",
    (r"Training loss: .*", rf"(?P<label>without|dropout {N}|batch norm) {ITEM.format('training')}"),
    r"\*\*(?P<kept>\d+) of (?P<units>\d+) units are kept",
    rf"Mean of the layer: (?P<mean_before>{N}) before, (?P<mean_in_pass>{N}) in this pass, (?P<mean_of_all>{N}) over",
    # Training curves
    rf"After (?P<epochs>{N}) epochs: training", rf"training loss (?P<training>{N})",
    rf"training loss {N}, validation (?P<validation>{N}) \(",
    rf"Right: (?P<right>{PERCENT}) of the training examples(?:, (?P<right_of_validation>{PERCENT}) of the validation)?",
    rf"smallest now, (?P<smallest>{N})\.", rf"Its smallest validation loss, (?P<smallest>{N}), was that of epoch "
    r"(?P<smallest_epoch>\d+)", r"stops after epoch (?P<stop_epoch>\d+) and keeps epoch (?P<smallest_epoch>\d+)",
)


def said(text: str) -> Evidence:
    """The evidence in the sentences of a page."""
    found: Evidence = {}
    for pattern in SAID:
        within, wanted = pattern if isinstance(pattern, tuple) else (r"(?s).*", pattern)
        for passage in re.finditer(within, text):
            for match in re.finditer(wanted, passage[0]):
                groups = match.groupdict()
                label = groups.pop("label", "").replace("\N{NO-BREAK SPACE}", " ")
                for name, number in groups.items():
                    if number is not None:
                        found.setdefault((name, label), []).append(number)
    return found


# --- what is shown --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shown:
    """The charts and tables of a page at a moment."""

    app: AppTest
    moment: int

    def frame(self, title: str) -> pd.DataFrame:
        """What the browser has of the chart whose title begins so."""
        return whole(self.app, next(i for i, one in enumerate(titles(self.app)) if one.startswith(title)))

    def has(self, title: str) -> bool:
        return any(one.startswith(title) for one in titles(self.app))

    def chart(self, title: str, moment: int | None = None) -> pd.DataFrame:
        """Its numbers at the moment, as the data tab has them; of the run on the stage alone."""
        found = table(self.frame(title), self.moment if moment is None else moment)
        return found[found["run"] == ""] if "run" in found else found

    def last(self, title: str, series: str, column: str = "value") -> Any:
        """The last number of a line."""
        rows = self.chart(title)
        return rows[rows["series"] == series][column].iloc[-1]

    def tables(self, column: str) -> list[pd.DataFrame]:
        """The tables that have such a column."""
        return [one.value for one in self.app.table if any(str(name).startswith(column) for name in one.value)]


Pairs = Iterator[tuple[str, str, Any]]  # name, label, number


def layers(shown: Shown, title: str, series: str) -> np.ndarray:
    """The numbers of a line over the hidden layers."""
    rows = shown.chart(title)
    return rows[(rows["series"] == series) & (rows["place"] != "output")].sort_values("layer")["value"].to_numpy()


def gradients(shown: Shown) -> Pairs:
    for series, name in (("signal", ""), ("theory", "theory_")):
        values = layers(shown, "Gradient", series)
        if len(values) > 1 and np.isfinite(values).all() and values[-1] > 0:
            yield f"{name}first_over_last", "", ratio(values[0], values[-1])
            yield f"{name}last_over_first", "", ratio(values[-1], values[0])
    kernels = layers(shown, "Gradient", "kernel gradient")
    yield "kernel_first", "", float(kernels[0])
    yield "kernel_last", "", float(kernels[-1])
    if shown.has("Loss"):
        yield "loss_of_batch", "", float(shown.last("Loss", "training"))
    if shown.has("Accuracy, share of examples") and len(shown.chart("Accuracy, share of examples")):
        yield "right", "", float(shown.last("Accuracy, share of examples", "training"))
    if shown.has("Norm "):
        rows = shown.chart("Norm ")
        before = rows[rows["series"] == "before clipping"]
        largest = before.loc[before["value"].idxmax()]
        yield from (("largest", "", float(largest["value"])), ("largest_step", "", int(largest["step"])),
                    ("limit", "", float(shown.last("Norm ", "limit"))))
    if shown.has("XOR solved"):
        for row in shown.frame("XOR solved").itertuples():
            label = "" if row.name == "as it is" else row.name
            yield from (("solved", label, int(row.solved)), ("runs", label, int(row.runs)))


def home(shown: Shown) -> Pairs:
    yield from (pair for pair in gradients(shown) if pair[0] != "right")
    accuracy = shown.chart("Accuracy")
    yield "step", "", int(accuracy["step"].max())
    for label, rows in accuracy.groupby("series"):
        yield "right", label, float(rows["value"].iloc[-1])


def rule(shown: Shown) -> Pairs:
    (rows,) = shown.tables("Before")
    looked = rows.index[rows["Example"].str.startswith("→")]
    for row in looked:
        yield from (("example", "", int(row) + 1), ("class", "", int(rows["Class"][row])),
                    ("before", "", int(rows["Before"][row].split()[0])))
    yield "wrong_after", "", int(rows["After"].str.contains("✗").sum())
    errors = shown.chart("Errors")
    if len(errors):
        yield from (("epoch", "", int(errors["epoch"].iloc[-1])), ("corrections", "", int(errors["errors"].iloc[-1])))
        clean = errors[errors["errors"] == 0]["epoch"]
        yield from (("first_clean", "", int(epoch)) for epoch in clean[:1])


def hidden(shown: Shown) -> Pairs:
    (rows,) = shown.tables("p(class 1)")
    yield "right_count", "", int((rows[""] == "✓").sum())
    yield "loss_of_batch", "", float(shown.last("Loss", "training"))
    yield "step", "", int(shown.last("Loss", "training", "step"))


def backprop(shown: Shown) -> Pairs:
    yield "loss_of_batch", "", float(shown.last("Loss", "training"))
    for rows in shown.tables("ŷ"):
        yield from (("guess", "", rows["ŷ"][0]), ("wanted", "", rows["y"][0]))


def net(shown: Shown) -> Pairs:
    (rows,) = shown.tables("Param #")
    yield "parameters", "", _integer(rows.loc[rows["Layer (type)"] == "**Total params**", "Param #"].item())
    if shown.has("Prediction"):
        points = boundary.measured(shown.frame("Prediction"), shown.moment)
        yield "right", "", float((points["class"] == points["says"]).mean())
    if shown.has("Loss"):
        yield "loss_of_batch", "", float(shown.last("Loss", "training"))
        yield "step", "", int(shown.last("Loss", "training", "step"))


def families(shown: Shown) -> Pairs:
    (rows,) = shown.tables("Param #")
    for row in rows.itertuples(index=False):
        yield "parameters", row[0].partition(" (")[0], _integer(row[2])
    for place, chart in enumerate(shown.app.get("vega_lite_chart")):
        if chart.proto.alt.endswith("numbers: classes."):
            yield "says", "", int(whole(shown.app, place)["value"].argmax())


def counts(shown: Shown) -> Pairs:
    (rows,) = shown.tables("Question")
    yield "parameters", "", _integer(rows.loc[rows["Question"] == "P9, P11", "Parameters"].item())


def _integer(text: str) -> int:
    return int(re.sub(r"\D", "", text))


def curves_of_activations(shown: Shown) -> Pairs:
    (rows,) = shown.tables("At z")
    for row in rows.itertuples(index=False):
        yield "one_layer", row[0], row[2].lstrip("−")
        yield "ten_layers", row[0], row[3]


def deep(shown: Shown) -> Pairs:
    (rows,) = shown.tables("One layer keeps")
    for row in rows.itertuples(index=False):
        label, theory, start, now, over_all = row
        yield from (("theory", label, theory), ("start", label, start), ("now", label, now),
                    ("all_layers", label, over_all.partition(", ")[0]))
        values = layers(shown, "Signal", label)
        yield "all_layers", label, ratio(values[0], values[-1])


def one_for_each(shown: Shown) -> Pairs:
    (rows,) = shown.tables("Right now")
    right = rows["Right now"].str.split(" of ", expand=True).astype(int)
    for label, number in zip(rows["Run"], right[0], strict=True):
        yield "right_count", label.replace("\N{NO-BREAK SPACE}", " "), int(number)
    yield "solved", "", int((right[0] == right[1]).sum())


def softmax(shown: Shown) -> Pairs:
    (slopes,) = [one.value for one in shown.app.latex if "bmatrix" in one.value]
    first = slopes.partition(r"\begin{bmatrix}")[2].partition(r"\\")[0]
    for place, number in enumerate(re.findall(r"[\d.]+", first), 1):
        yield f"slope_{place}", "", number


def linear(shown: Shown) -> Pairs:
    matrix, bias = ([line.count("&") + 1 for line in one.value.partition("bmatrix}")[2].split(r"\\")]
                    for one in shown.app.latex if "bmatrix" in one.value)
    yield from (("outputs", "", len(matrix)), ("inputs", "", matrix[0]), ("numbers", "", sum(matrix) + len(bias)))


def losses(shown: Shown) -> Pairs:
    shorts = {loss.label: loss.short for loss in LOSSES.values()}
    for rows in shown.tables("Moved"):
        for row in rows.itertuples(index=False):
            before, _, after = row.Slope.partition(" → ")
            yield from (("slope_before", row.Loss, before), ("slope_after", row.Loss, after),
                        ("moved", row.Loss, row.Moved))
        return
    for rows in shown.tables("Value"):
        for row in rows.to_dict("records"):
            yield "slope", "" if row["Loss"] == "Yours" else shorts.get(row["Loss"], row["Loss"]), row["Slope"]
            if row["Loss"] == "Yours":
                yield from (("differences", "", row["By central differences"]), ("value", "", row["Value"]))


def typed(shown: Shown) -> Pairs:
    yield from losses(shown)
    places = [i for i, one in enumerate(titles(shown.app)) if one == "Loss"]
    rows = table(whole(shown.app, places[-1]), shown.moment) if places else pd.DataFrame({"series": []})
    rows = rows[rows["series"] == "training"]
    if rows.empty:
        return
    yield from (("loss_of_batch", "", float(rows["value"].iloc[-1])), ("step", "", int(rows["step"].iloc[-1])),
                ("loss_at_start", "", float(rows["value"].iloc[0])))


def mistake(shown: Shown) -> Pairs:
    for label in ("MSE", "Binary CE"):
        yield "right", label, float(shown.last("Accuracy", label))
    for moment, when in ((shown.moment, ""), (0, "_at_start")):
        signal = shown.chart("Signal", moment).set_index(["series", "place"])["value"]
        for place, name in (("output", "output_share"), ("layer 1", "first_share")):
            yield f"{name}{when}", "", ratio(signal["MSE", place], signal["Binary CE", place])


def compare(shown: Shown) -> Pairs:
    frame = shown.frame("Gradient")
    numbers = panels.measured(frame, shown.moment)
    for label, rows in numbers[(numbers["series"] == "signal") & (numbers["place"] != "output")].groupby("run"):
        first, last = (_rounded(rows.sort_values("layer")["value"].iloc[place], panels.DIGITS) for place in (0, -1))
        if last[0] > 0 and np.isfinite(first[1]):
            yield "first_over_last", label, (first[0] / last[1], first[1] / last[0])
    now = at(frame, shown.moment)
    words = [re.findall(WORDS, text)[0] for text in now[(now["role"] == "text") & (now["run"] != "key")]["label"]]
    yield from (("verdicts", word, words.count(word)) for word in set(words))


def _rounded(number: float, digits: int) -> Range:
    """What a number with so many digits may have been."""
    half = 0.5 * 10.0 ** (np.floor(np.log10(number)) - digits + 1) if 0 < number < np.inf else 0.0
    return number - half, number + half


def kernel(shown: Shown) -> Pairs:
    app = opened(shown.app, "initializers", "Data")
    app.button_group(key="table_initializers").set_value("variances").run()
    rows = app.dataframe[-1].value.set_index("initializer")
    chosen = INITIALIZERS[app.session_state["link"].value("kernel")].label
    yield "theory_variance", "", float(rows.loc[chosen, "variance"])


def units(shown: Shown) -> Pairs:
    labels = re.findall(r"\*\*([^*\n]+)\*\*\n\*\*All", texts(shown.app))
    for place, label in enumerate(labels):
        groups = whole(shown.app, place).groupby("layer")["group"].agg(["nunique", "count"])
        if (groups["nunique"] == 1).all():
            yield "equal", label, int(groups["count"].iloc[0])
        if (groups["nunique"] == groups["count"]).all():
            yield "different", label, int(groups["count"].iloc[0])


def surface(shown: Shown) -> Pairs:
    heights = shown.chart("Height above")
    yield "height_at_start", "", float(heights["value"].iloc[0])
    yield "step", "", int(heights["step"].max())
    for label, rows in heights.groupby("series"):
        yield "height", label, float(rows["value"].iloc[-1])
    (rows,) = shown.tables("Arrived to stay")
    for row in rows.itertuples(index=False):
        if row[2].startswith("step "):
            yield "arrived", row[0], int(row[2].removeprefix("step "))


def under_optimizers(shown: Shown) -> Pairs:
    for label in set(shown.chart("Loss")["series"]):
        yield "loss", label, float(shown.last("Loss", label))


def rates(shown: Shown) -> Pairs:
    rows = shown.chart("Loss of the network")
    found = rows[rows["series"] == "loss"].set_index("x")["value"]
    start = rows[(rows["series"] == "at step 0") & rows["value"].notna()]["value"].iloc[0]
    yield from (("best_rate", "", float(found.idxmin())), ("best_loss", "", float(found.min())),
                ("of_start", "", ratio(found.min(), start)))
    for name in shown.frame("Height at the end")["name"]:
        if name:
            yield "limit", *name.split(": ")


def batches(shown: Shown) -> Pairs:
    noise = shown.chart("Noise")
    for series, name in (("measured", "noise"), ("theory", "noise_in_theory")):
        for row in noise[noise["series"] == series].itertuples():
            yield name, f"{row.x:g}", float(row.value)


def regularization(shown: Shown) -> Pairs:
    for title, name in (("Validation loss", "validation"), ("Training loss", "training")):
        for label, rows in shown.chart(title).groupby("series"):
            last = rows.iloc[-1]
            yield from ((name, label, float(last["value"])), (f"{name}_low", label, float(last["lowest"])),
                        (f"{name}_high", label, float(last["highest"])))
    for title, name in (("Before dropout", "mean_before"), ("This pass", "mean_in_pass"), ("Mean of", "mean_of_all")):
        if shown.has(title):
            rows = shown.frame(title)
            yield name, "", float(rows["value"].mean())
            if name == "mean_in_pass":
                yield from (("kept", "", int(rows["kept"].sum())), ("units", "", len(rows)))


def training_curves(shown: Shown) -> Pairs:
    for series in ("training", "validation"):
        yield series, "", float(shown.last("Loss", series))
    yield "epochs", "", float(shown.last("Loss", "training", "epoch"))
    yield "right", "", float(shown.last("Accuracy", "training"))
    yield "right_of_validation", "", float(shown.last("Accuracy", "validation"))
    marks = shown.chart("Loss")
    for mark in ("smallest", "stop"):
        for row in marks[marks["series"] == mark].itertuples():
            yield f"{mark}_epoch", "", int(row.epoch)
            yield mark, "", float(row.value)


# By the key of the set-ups: page and part; and of what has no set-ups.
SHOWN: dict[str, Callable[[Shown], Pairs]] = {
    "home": home, "perceptron rule": rule, "perceptron hidden": hidden, "backprop": backprop, "anatomy net": net,
    "anatomy families": families, "anatomy counts": counts, "activations curves": curves_of_activations,
    "activations deep": deep, "activations layers": one_for_each, "activations softmax": softmax,
    "activations linear": linear, "losses curves": losses, "losses outlier": losses, "losses mistake": mistake,
    "losses formula": typed, "gradients": gradients, "initializers compare": compare, "initializers kernel": kernel,
    "initializers units": units, "optimizers surface": surface, "optimizers network": under_optimizers,
    "optimizers rates": rates, "optimizers batches": batches, "regularization dropout": regularization,
    "regularization batch_norm": regularization, "curves": training_curves}


# --- and compared ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """A set-up, or a page or part that has none, with its query."""

    key: str
    name: str
    query: dict[str, str]

    @property
    def page(self) -> str:
        return self.key.partition(" ")[0]


def case(where: str, setup: Setup) -> Case:
    page, _, part = where.partition(" ")
    lesson = LESSONS[page]
    part = setup.own.get(lesson.parameter, part)
    query = (setup.spec.to_query() if setup.spec else {}) | dict(setup.own) | lesson.opens(part)
    return Case(f"{page} {part}".strip(), setup.label, query)


CASES = [case(where, setup) for where, table_ in SETUPS.items() for setup in table_]
CASES += [Case("home", "opening", {}), Case("anatomy counts", "opening", {"part": "counts"})]
FIRST = [next(one for one in CASES if one.key == key) for key in SHOWN]


def moments(app: AppTest) -> list[int]:
    """Beginning, middle and end; of a net that is followed number by number, also the stages that print some."""
    if not plays(app):
        return [0]
    last = bar(app)["known"] - 1
    return sorted({0, last // 2, last} | ({3, 4, 9} if viewer(app).run.startswith("backprop") else set()))


def pairs(text: str, shown: Evidence) -> list[tuple[str, str, str, Any]]:
    """What is in the sentences and in what is shown: name, label, as it is said, as it is shown."""
    return [(*key, one, other) for key, numbers in said(text).items() for one in numbers
            for other in shown.get(key, [])]


def evidence(shown: Shown, key: str) -> Evidence:
    found: Evidence = {}
    for name, label, number in SHOWN[key](shown):
        found.setdefault((name, label), []).append(number)
    return found


def compared(app: AppTest, key: str) -> dict[int, list[tuple[str, str, str, Any]]]:
    """The pairs at each moment."""
    if plays(app):
        played(begun(app))
    found = {}
    for moment in moments(app):
        if plays(app):
            rest(app, moment)
        text = texts(app)
        found[moment] = pairs(text, evidence(Shown(app, moment), key))
    return found


@pytest.mark.parametrize("case", only_nightly(CASES, but=FIRST), ids=lambda case: f"{case.key}: {case.name}")
def test_what_is_said_is_what_is_shown(visit, tensorflow, case):
    app = visit(case.page, **case.query)
    found = compared(app, case.key)
    every = [(moment, *pair) for moment, these in found.items() for pair in these]
    print(f"{case.key}, {case.name}: {len(every)} pairs at {len(found)} moments")
    assert every or not titles(app), "no pair, though there are charts"  # of a formula that is refused there are none
    assert [pair for pair in every if not agree(*pair[-2:])] == []


def test_planted_contradictions_are_found(visit, tensorflow):
    """Every number that is changed, and the sentence of another step."""
    app = visit("curves")
    for moment, these in compared(app, "curves").items():
        for name, label, said_, shown in these:
            other = shown + 1 if isinstance(shown, int) else 1.2 * shown + 0.1
            assert not agree(said_, other), (moment, name, label)
    middle, end = moments(app)[1:]
    told = said(texts(rest(app, middle)))
    later = evidence(Shown(rest(app, end), end), "curves")
    assert any(not agree(one, other) for key, numbers in told.items() for one in numbers
               for other in later.get(key, [])), "a sentence of another step"


@pytest.mark.parametrize(("text", "value", "same"), [
    ("0.693", 0.6934, True), ("0.693", 0.6936, False), ("850\u202f000", 848e3, True), ("850\u202f000", 840e3, False),
    ("1/490", 1 / 494, True), ("1/490", 1 / 500, False), ("3.1·10⁻¹²", 3.14e-12, True), ("3.1·10⁻¹²", 3.2e-12, False),
    ("97.8 %", 0.9782, True), ("98%", 0.97, False), ("12 times", 12.4, True), ("nothing of", 0.0, True),
    ("nothing of", 0.1, False), ("−0.10", -0.1, True), ("×0.256", 0.2561, True), ("4", 4, True), ("4", 5, False),
    ("9,729", 9729, True), ("none", 0, True), ("0.10", "0.1", True), ("0.10", "0.3", False)])
def test_numbers_agree_as_far_as_they_are_written_out(text, value, same):
    assert agree(text, value) is same
