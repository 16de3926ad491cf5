"""The recipes of the README, tried on a copy: what is whole passes, and of what is half done the tests say what is
missing. A recipe touches the files that its edits name, and no other.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Edit:
    """A text that goes into a file, in place of another one, or at its end; without the file it is a new one."""

    file: str
    text: str
    instead_of: str = ""

    def make(self, root: Path) -> None:
        path = root / self.file
        path.parent.mkdir(exist_ok=True)
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        assert not self.instead_of or before.count(self.instead_of) == 1, f"{self.file} has changed: {self.instead_of}"
        after = before.replace(self.instead_of, self.text) if self.instead_of else before + self.text
        path.write_text(after, encoding="utf-8")


def under(line: str, entry: str, file: str) -> Edit:
    return Edit(file, line + entry, line)


ACTIVATION = under('ACTIVATIONS: Registry[Activation] = Registry(\n    "activation",\n    [\n', '''        Activation(
            name="softsign",
            label="Softsign",
            formula=r"f(z) = \\frac{z}{1 + |z|}",
            summary="Squeezes any number between −1 and 1 like tanh, but gets there more slowly.",
            source="Glorot & Bengio 2010",
            curve=lambda x: x / (1 + np.abs(x)),
            slope=lambda x: 1 / (1 + np.abs(x)) ** 2,
            output_range=(-1.0, 1.0),
        ),
''', "core/activations.py")

DATA_SET = [
    under('DATASETS: Registry[Dataset] = Registry(\n    "data set",\n    [\n', '''        Dataset(
            name="bars",
            label="Bars",
            formula=r"y = \\lfloor 3 x_1 \\rfloor \\bmod 2,\\quad x = u + \\sigma\\varepsilon,\\ u \\sim U[0, 1)^2",
            summary="Three upright bars, the one in the middle is class 1; noise is the standard deviation of both "
            "inputs.",
            source="A single hidden layer with two units is enough for it",
            load=_bars,
            task="binary",
            feature_names=PLANE,
            target_names=("outside", "in the middle"),
            samples=256,
            max_samples=MAX_GENERATED,
            noise=0.05,
            noisy=True,
        ),
''', "core/datasets.py"),
    under("    return x.astype(np.float32), _one_hot(labels, 4)\n", '''

def _bars(seed: int, n: int, noise: float) -> Data:
    rng = np.random.default_rng(seed)
    x = rng.uniform(size=(n, 2))
    x[:, 0] = (np.arange(n) % 3 + x[:, 0]) / 3  # the bars are equally full
    return (x + noise * rng.standard_normal((n, 2))).astype(np.float32), _column(np.arange(n) % 3 == 1)
''', "core/datasets.py")]

CHART = [
    Edit("core/lessons/curves/charts.py", '''

GAP = Scale(-1.0, 1.0)


@drawing
def gap(epochs: float):
    """How much larger the validation loss is than the training loss."""
    line = base().mark_line(color="tomato").encode(x=epoch_x(epochs), y=y_of("gap", GAP))
    return titled(line, "Gap: validation − training loss", HEIGHT), "A line chart.", LIFE


def gap_frame(spec: RunSpec, history: Sequence[Snapshot]) -> pd.DataFrame:
    """For `gap`: a row a recorded step, there from its moment on."""
    rows = [{"epoch": state.step / spec.epoch_steps, "gap": state.validation_loss - state.training_loss,
             "since": moment, "until": FOREVER} for moment, state in enumerate(history) if state.validation_loss]
    return pd.DataFrame(rows, columns=["epoch", "gap", "since", "until"])
'''),
    under("    ui.row(plots(view), main=True)\n", '''
    gaps = ui.once(drawn.gap_frame, view.spec, view) if view.history else None
    ui.chart("gap", (gaps, drawn.gap(view.spec.epochs)))
''', "pages/curves.py")]
CHART_MENDED = [
    Edit("core/lessons/curves/charts.py", "color=NEUTRAL", 'color="tomato"'),
    Edit("core/lessons/curves/charts.py", '''(
        f"Line chart, {GAP.words}: gap, the validation loss less the training loss, over {epochs:.3g} epochs."), LIFE
''', '"A line chart.", LIFE\n')]

PAGE = Edit("pages/enough.py", '''"""How many examples a network needs: the same one, with as many as one likes."""

from core.charts import accuracy, accuracy_frame
from pages import ui

link = ui.page("enough")
run = ui.live([link.spec])


def plots(view: ui.View) -> dict[str, ui.Plot]:
    return {"accuracy": (view.frame(accuracy_frame), accuracy(view.spec.steps))}


def draw(view: ui.View) -> None:
    ui.verdict(view)
    ui.row(plots(view), main=True)


with ui.workbench() as (panel, stage):
    with stage:
        run.charts(draw)
    with panel:
        ui.controls({"Data": ("dataset", "samples", "noise", "test_fraction", "seed")})
ui.below("enough", {"Why": "Why", "In Keras": lambda: ui.script("enough", link.spec),
                    "Data": lambda: ui.tables("enough", lambda: plots(*run.views()))})
''')
PROSE = Edit("pages/enough.md", "## Why\n\nThe fewer examples there are, the more of what is learned is chance.\n")
PLACE_ON_THE_MAP = under('''               "How do loss curves show under- and overfitting?"),
''', '''        Lesson("enough", "Examples", ":material/grid_view:", "How many examples are enough?"),
''', "pages/ui/course.py")
LESSON = Edit("core/lessons/enough/__init__.py", '"""How many examples a network needs."""\n')
SET_UPS = [Edit("core/lessons/enough/setups.py", '''"""One-click set-ups of the page: few examples and many."""

from core.setups import Setup
from core.spec import RunSpec

FEW, MANY = (RunSpec(samples=samples, widths=(8,), steps=60) for samples in (20, 400))
SETUPS = {"enough": (Setup("Few", FEW, "Training and validation part."), Setup("Many", MANY, "Come together."))}
'''), under('link = ui.page("enough")\n', 'ui.setups("enough")\n', "pages/enough.py")]

# What tests have to be run by their names, the edits, one after the other, with what the tests then say is missing, and
# where such tests are.
RECIPES: dict[str, tuple[str, list[tuple[Sequence[Edit], str]], Sequence[str]]] = {
    "an activation": ("softsign", [([ACTIVATION], "")], (
        "tests/core/test_activations.py", "tests/core/test_theory.py", "tests/core/test_export.py",
        "tests/core/test_spec.py", "tests/core/test_network.py", "tests/core/lessons/activations",
        "tests/pages/test_activations.py")),
    "a data set": ("bars", [(DATA_SET, "")], (
        "tests/core/test_datasets.py", "tests/core/test_export.py", "tests/core/test_spec.py",
        "tests/pages/test_matrix.py", "-k", "not test_matrix or bars")),
    "a chart": ("curves", [(CHART, "the colour tomato is not the theme's"), (CHART_MENDED, "")], (
        "tests/test_architecture.py", "tests/pages", "-k", "test_architecture or curves")),
    "a page": ("enough", [
        ([PAGE], "test_every_page_has_its_prose_and_every_prose_its_page"),
        ([PROSE], "test_every_page_stands_in_the_course_map"),
        ([PLACE_ON_THE_MAP], ""),
        ([LESSON], "No module named 'core.lessons.enough.setups'"),
        (SET_UPS, "")], (
        "tests/test_architecture.py", "tests/pages", "tests/e2e/test_first_visit.py",
        "-k", "test_architecture or test_home or enough")),
}


@pytest.mark.nightly
@pytest.mark.parametrize("recipe", RECIPES)
def test_a_recipe_of_the_readme(tmp_path, recipe):
    for folder in ("core", "pages", "tests", ".streamlit", ".ci"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("app.py", "pyproject.toml"):
        shutil.copy(ROOT / file, tmp_path)
    name, steps, tests = RECIPES[recipe]
    for edits, missing in steps:
        for edit in edits:
            edit.make(tmp_path)
        run = subprocess.run(
            [sys.executable, "-m", "pytest", "-vx", "-p", "no:cacheprovider", *tests], cwd=tmp_path,
            capture_output=True, text=True, check=False,
            env=os.environ | {"PYTHONPATH": str(tmp_path), "ALL_TESTS": ""})
        assert (run.returncode == 0) == (not missing), run.stdout[-3000:]
        assert (missing or name) in run.stdout
