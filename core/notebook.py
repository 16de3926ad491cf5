"""A run as a Jupyter notebook: the question, the Keras code, charts of what it measured, and what to change.

Written as plain JSON in Jupyter's format 4.5, which takes nothing but a list of cells; a test holds it to `nbformat`.
"""

from __future__ import annotations

import json

from core.cures import CURES, cure
from core.export import script_parts
from core.spec import RunSpec

FORMAT, MINOR = 4, 5
MOST_CURES = 8  # named at the end
_KEEP = "rows.append([step, *values])"
_ROWS = "rows = []  # of each recorded step: step, loss, norm of dL/dW of every layer\n\n"
_BY_LAYER = """\
import altair as alt
import pandas as pd

names = [layer.name for layer in dense_layers]
table = pd.DataFrame(rows, columns=["step", "loss", *names])
shown = sorted({0, len(table) // 2, len(table) - 1})
norms = table.iloc[shown].melt(["step", "loss"], names, "layer", "norm")
norms = norms[np.isfinite(norms["norm"]) & (norms["norm"] > 0)]  # what a logarithmic axis has a place for

alt.Chart(norms, title="Norm of dL/dW, layer by layer, input on the left").mark_line(point=True).encode(
    x=alt.X("layer:N", sort=names, title=None), color=alt.Color("step:O"),
    y=alt.Y("norm:Q", title=None, scale=alt.Scale(type="log")))
"""
_BY_STEP = """\
losses = table[np.isfinite(table["loss"])]

alt.Chart(losses, title="Loss of the batch, step by step").mark_line().encode(
    x=alt.X("step:Q"), y=alt.Y("loss:Q", title=None, scale=alt.Scale(zero=False)))
"""
_TITLES = ("What it needs", "Data", "Model", "Training")


def notebook(spec: RunSpec, question: str, link: str = "") -> str:
    """The run as the text of an `.ipynb` file.

    question: what the page asks. link: the address that shows the same run in the app.
    """
    cells = [_markdown(f"# {question}", "The same run as in the Gradient laboratory, with Keras's own layers and "
                       "optimizer." + (f" There it can be played: <{link}>" if link else ""),
                       "Colab has all that it needs. Elsewhere: `pip install tensorflow scikit-learn altair pandas`."
                       + (" Its examples are those of a table; put `own_data.npz`, which the page has under *Data*, "
                          "beside this notebook." if spec.table else ""))]
    parts = script_parts(spec, _KEEP)
    for title, code in zip(_TITLES, [*parts[:-1], _ROWS + parts[-1]], strict=True):
        cells += [_markdown(f"## {title}"), _code(code)]
    cells += [_markdown("## How large the gradient is in every layer"), _code(_BY_LAYER),
              _markdown("## The loss"), _code(_BY_STEP), _markdown("## What to change", *_changes(spec))]
    return json.dumps({
        "cells": [cell | {"id": f"cell-{number}"} for number, cell in enumerate(cells)],
        "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
                     "language_info": {"name": "python"}},
        "nbformat": FORMAT, "nbformat_minor": MINOR}, ensure_ascii=False, indent=1)


def _changes(spec: RunSpec) -> list[str]:
    """What the constants of the script are worth changing to, and single changes that the app knows for this run."""
    half = spec.widths[:max(spec.depth // 2, 1)]
    widths = f"[{half[0]}] * {len(half)}" if len(set(half)) == 1 else str(list(half))
    cures = [found.label for name in CURES if (found := cure(spec, name))]
    ideas = [
        f"- `SEED = {spec.seed + 1}`: another draw. What stays the same was no luck.",
        f"- `LEARNING_RATE = {10 * spec.learning_rate:g}`, and `{spec.learning_rate / 10:g}`.",
        *([f"- `WIDTHS = {widths}`: half as deep."] if spec.depth > 1 and not spec.bias_std else []),
        f"- What the app tries as single changes: {', '.join(cures[:MOST_CURES])}."]
    return ["Change one thing, say what you expect, then run all cells again.", "\n".join(ideas)]


def _markdown(*paragraphs: str) -> dict[str, object]:
    return {"cell_type": "markdown", "metadata": {}, "source": _lines("\n\n".join(paragraphs))}


def _code(source: str) -> dict[str, object]:
    return {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": _lines(source)}


def _lines(text: str) -> list[str]:
    """As Jupyter keeps a text: a list of lines, each but the last with its end."""
    return text.rstrip("\n").splitlines(keepends=True)
