"""A notebook runs from top to bottom as it stands, measures what the script measures, and is what Jupyter expects."""

from __future__ import annotations

import ast
import json
import subprocess
import sys

import nbformat
import pytest

from core.export import keras_script
from core.notebook import notebook
from core.spec import RunSpec
from core.training import train

QUESTION = "Why do the early layers of a deep network stop learning?"
LINK = "https://example.org/gradients?v=1&steps=20"
SPECS = {
    "sigmoid": RunSpec(steps=20, widths=(8,) * 4),
    "batches, overflow": RunSpec(dataset="moons", widths=(32,) * 20, activation="relu", initializer="he_normal",
                                 gain=4.0, batch_size=32, steps=30),
}
# What Jupyter does with the cells: one after the other in one namespace, and the value of a last expression is shown.
RUN = """
import ast, contextlib, io, json, sys
shown, printed = [], io.StringIO()
with contextlib.redirect_stdout(printed):
    space = {}
    for source in json.load(open(sys.argv[1])):
        tree = ast.parse(source)
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, "cell", "exec"), space)
        if last is not None:
            value = eval(compile(ast.Expression(last.value), "cell", "eval"), space)
            if hasattr(value, "to_dict"):
                shown.append(value.to_dict())
print(json.dumps({"shown": shown, "printed": printed.getvalue().splitlines()}, default=str))
"""


def cells(spec: RunSpec, kind: str) -> list[str]:
    return ["".join(cell["source"]) for cell in json.loads(notebook(spec, QUESTION, LINK))["cells"]
            if cell["cell_type"] == kind]


@pytest.mark.parametrize("name", SPECS)
def test_it_is_a_notebook_as_jupyter_checks_it(name):
    text = notebook(SPECS[name], QUESTION, LINK)
    nbformat.validate(nbformat.reads(text, as_version=4))
    assert (json.loads(text)["nbformat"], json.loads(text)["nbformat_minor"]) == (4, 5)


@pytest.mark.parametrize("name", SPECS)
def test_its_code_is_that_of_the_script(name):
    code = cells(SPECS[name], "code")
    for cell in code:
        ast.parse(cell)
    lines = "\n\n".join(code[:4]).splitlines()
    added = [line for line in lines if line.startswith("rows = []") or "rows.append" in line]
    assert len(added) == 2
    script = keras_script(SPECS[name]).splitlines()
    assert [line for line in lines if line and line not in added] == [line for line in script if line]


@pytest.mark.parametrize("name", SPECS)
def test_it_runs_and_draws_what_the_app_measures(name, tmp_path):
    (tmp_path / "cells.json").write_text(json.dumps(cells(SPECS[name], "code")))
    done = subprocess.run([sys.executable, "-c", RUN, "cells.json"], cwd=tmp_path, capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    history = list(train(SPECS[name]))
    assert len(found["printed"]) == len(history) + 1
    layers, losses = found["shown"]
    (rows,), (by_step,) = layers["datasets"].values(), losses["datasets"].values()
    norms = {row["layer"]: row["norm"] for row in rows if row["step"] == 0}
    assert [*norms] == [*[f"hidden_{layer + 1}" for layer in range(SPECS[name].depth)], "output"]
    assert [*norms.values()] == pytest.approx(history[0].layers.kernel_gradient_norm, rel=1e-3)
    finite = [state for state in history if state.finite]
    assert [row["step"] for row in by_step][:len(finite)] == [state.step for state in finite]
    assert by_step[0]["loss"] == pytest.approx(history[0].loss, rel=1e-3)
    assert len(rows) < 5000  # what Altair draws at most


def test_it_says_the_question_the_link_and_what_to_change():
    first, *_, last = cells(SPECS["sigmoid"], "markdown")
    assert first.startswith(f"# {QUESTION}")
    assert f"<{LINK}>" in first
    assert "WIDTHS = [8] * 2" in last
    assert "ReLU with He" in last


def test_a_table_of_one_s_own_is_asked_for():
    from core.own_data import give, prepare, read

    table = read(("a;b\n" + "\n".join(f"{i % 7};{i * i % 11}" for i in range(60))).encode())
    own = prepare(table, table.usual)
    give(own)
    spec = RunSpec(dataset="own", table=own.fingerprint)
    assert "own_data.npz" in cells(spec, "markdown")[0]
