"""Who may import whom, and what nobody may do: read from the source with `ast`, so it holds for files to come."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# From the top of the house to its foundation. A module imports only from the lines below its own, never up or
# sideways; a package may use its own modules. The longest name that fits a module decides its line.
LAYERS = (
    ("app",),
    ("pages",),
    ("pages.ui",),
    ("core.shipped", "core.counting"),
    ("core.charts", "core.runs", "core.export", "core.mistake", "core.activation_report", "core.anatomy",
     "core.perceptron_report"),
    ("core.comparison", "core.optimizer_runs", "core.own_loss", "core.symmetry", "core.curves",
     "core.regularization", "core.boundary", "core.survey", "core.clipping"),
    ("core.training", "core.diagnosis", "core.linear_stack", "core.loss_scripts", "core.trained"),
    ("core.theory", "core.network", "core.probes", "core.slopes", "core.kernels", "core.activation_scripts",
     "core.families", "core.source_models"),
    ("core.architecture", "core.perceptron", "core.small_net_report", "core.structure"),
    ("core.spec", "core.fits", "core.loss_curves", "core.small_net"),
    ("core.custom_loss", "core.race"),
    ("core.activations", "core.losses", "core.initializers", "core.optimizers", "core.datasets",
     "core.surfaces"),
    ("core.registry", "core.tensors", "core.words", "core.formula"),
)
RANKS = {name: rank for rank, names in enumerate(LAYERS) for name in names}

# Who alone may import a package.
ONLY_IN = {"streamlit": ("app", "pages"), "altair": ("core.charts",)}
# Loaded where arrays are computed, inside functions, so that a page paints before they have loaded.
LAZY = ("tensorflow", "keras")
# What turns text or bytes from elsewhere into running code.
UNSAFE_CALLS = ("eval", "exec")
UNSAFE_MODULES = ("pickle", "cloudpickle", "dill", "shelve", "marshal")
UNSAFE_KEYWORDS = ("unsafe_allow_html", "allow_pickle")
# State that every viewer of the process shares.
GLOBAL_STATE = ("clear_session", "set_random_seed", "random.seed", "random.set_seed")


def modules() -> dict[str, Path]:
    """Every module of the app by its dotted name; a package has the name of its folder.

    pages/ui/keras holds scripts that pages show and nobody imports.
    """
    paths = [ROOT / "app.py", *sorted((ROOT / "core").rglob("*.py")), *sorted((ROOT / "pages").rglob("*.py"))]
    return {dotted(path.relative_to(ROOT)): path for path in paths
            if path.exists() and path.parent != ROOT / "pages" / "ui" / "keras"}


def dotted(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def inside(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def home(name: str) -> str | None:
    """The entry of LAYERS a module belongs to."""
    return max((entry for entry in RANKS if inside(name, entry)), key=len, default=None)


def imports(module: str, tree: ast.AST, is_package: bool = False) -> Iterator[tuple[str, ast.stmt]]:
    """Every module that the source imports, by its full name, with the statement."""
    package = module if is_package else module.rpartition(".")[0]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            source = ".".join([*above, *filter(None, [node.module])])
            for alias in node.names:  # `from core import spec` imports core.spec
                yield f"{source}.{alias.name}", node


def at_import(tree: ast.Module) -> Iterator[ast.AST]:
    """The nodes that run when the module is imported: no function bodies, no `if TYPE_CHECKING`."""
    waiting: list[ast.AST] = list(tree.body)
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            waiting.extend(node.orelse)
            continue
        waiting.extend(ast.iter_child_nodes(node))


def import_faults(module: str, tree: ast.Module, is_package: bool) -> Iterator[tuple[ast.AST, str]]:
    own = home(module)
    running = set(map(id, at_import(tree)))
    for name, node in imports(module, tree, is_package):
        top = name.partition(".")[0]
        if top in ONLY_IN and not any(inside(module, place) for place in ONLY_IN[top]):
            yield node, f"imports {top}, which is for {' and '.join(ONLY_IN[top])}"
        if top in UNSAFE_MODULES:
            yield node, f"imports {top}, which runs what it reads"
        if top in LAZY and inside(module, "core") and id(node) in running:
            yield node, f"imports {top} while it is imported itself: do it inside the function that needs it"
        if top in ("app", "core", "pages"):
            other = home(name)
            if own and other is None:
                yield node, f"imports {name}, which has no place in LAYERS"
            elif own and other and other != own and RANKS[other] <= RANKS[own]:
                yield node, f"imports {name}, which is above or beside it"


def name_faults(module: str, tree: ast.Module) -> Iterator[tuple[ast.AST, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in UNSAFE_CALLS:
            yield node, f"calls {node.func.id}"
        if isinstance(node, ast.keyword) and node.arg in UNSAFE_KEYWORDS:
            yield node.value, f"says {node.arg}"
        if isinstance(node, ast.Attribute | ast.Name):
            name = ast.unparse(node)
            if any(name == state or name.endswith("." + state) for state in GLOBAL_STATE):
                yield node, f"touches {name}, which every viewer shares"
            if name.endswith("session_state") and not inside(module, "pages.ui"):
                yield node, "touches session_state, whose keys are kept in pages.ui"


def faults(module: str, source: str, is_package: bool = False) -> list[str]:
    """What the module does that it may not: a sentence each, in the order of the lines."""
    tree = ast.parse(source)
    found = [*import_faults(module, tree, is_package), *name_faults(module, tree)]
    if home(module) is None and any(True for _ in imports(module, tree, is_package)):
        found.append((tree, "imports something, but has no place in LAYERS"))
    lines = {f"{module}:{getattr(node, 'lineno', 1)} {fault}": getattr(node, "lineno", 1) for node, fault in found}
    return sorted(lines, key=lines.__getitem__)


@pytest.mark.parametrize(("module", "path"), modules().items())
def test_a_module_keeps_to_its_place(module, path):
    assert faults(module, path.read_text(), path.name == "__init__.py") == []


@pytest.mark.parametrize(
    ("module", "source", "fault"),
    [
        ("core.spec", "from core.training import train", "above or beside"),
        ("core.losses", "import core.activations", "above or beside"),
        ("core.losses", "def f():\n    from core import activations", "above or beside"),
        ("core.losses", "from . import activations", "above or beside"),
        ("core.charts.depth", "from ..runs import Run", "above or beside"),
        ("core.training", "import pages.ui.player", "above or beside"),
        ("pages.ui.player", "from pages.gradients import draw", "above or beside"),
        ("core.training", "from core.helpers import tidy", "core.helpers.tidy, which has no place"),
        ("core.helpers", "import numpy", "no place in LAYERS"),
        ("core.runs", "import streamlit as st", "imports streamlit"),
        ("core.export", "import altair", "imports altair"),
        ("pages.gradients", "from altair import Chart", "imports altair"),
        ("core.network", "import tensorflow as tf", "inside the function"),
        ("core.network", "try:\n    from keras import ops\nexcept ImportError:\n    ops = None", "inside the function"),
        ("core.network", "class A:\n    import keras.ops", "inside the function"),
        ("core.network", "if TYPE_CHECKING:\n    pass\nelse:\n    import keras", "inside the function"),
        ("core.losses", "def custom(text):\n    return eval(text)", "calls eval"),
        ("core.losses", "exec('1')", "calls exec"),
        ("core.runs", "def load():\n    import pickle", "imports pickle"),
        ("core.datasets", "np.load(path, allow_pickle=True)", "allow_pickle"),
        ("pages.home", "st.markdown(text, unsafe_allow_html=True)", "unsafe_allow_html"),
        ("pages.home", "st.session_state['w'] = 1", "session_state"),
        ("pages.home", "from streamlit import session_state\nsession_state.w = 1", "session_state"),
        ("core.training", "tf.keras.backend.clear_session()", "clear_session"),
        ("core.training", "keras.utils.set_random_seed(1)", "set_random_seed"),
        ("core.datasets", "np.random.seed(0)", "np.random.seed"),
        ("core.datasets", "import random\nrandom.seed(0)", "random.seed"),
        ("core.training", "tf.random.set_seed(0)", "tf.random.set_seed"),
    ],
)
def test_the_check_finds_what_it_is_for(module, source, fault):
    assert any(fault in found for found in faults(module, source))


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("app", "import streamlit as st\nfrom pages.ui import frame"),
        ("pages.gradients", "from core.charts import depth\nimport core.spec\nfrom pages.ui import player"),
        ("pages.ui.player", "import streamlit as st\nst.session_state['x'] = 1"),
        ("core.charts.depth", "import altair as alt\nfrom core.charts.theme import line\nfrom . import theme"),
        ("core.training", "from core.network import forward\nfrom core.registry import one_of"),
        ("core.network", "def f():\n    import tensorflow as tf\n    return tf.constant(1)"),
        ("core.network", "if TYPE_CHECKING:\n    import tensorflow as tf"),
        ("core.export", "SCRIPT = 'keras.utils.set_random_seed(1); eval(x)'"),
        ("core.datasets", "rng = np.random.default_rng(seed)"),
    ],
)
def test_the_check_lets_pass_what_is_right(module, source):
    assert faults(module, source) == []


def test_every_page_has_its_prose_and_every_prose_its_page():
    pages = {path.stem for path in (ROOT / "pages").glob("*.py")} - {"__init__"}
    assert pages == {path.stem for path in (ROOT / "pages").glob("*.md")}


def test_importing_core_leaves_tensorflow_out():
    names = [name for name in modules() if inside(name, "core")]
    code = (
        "import importlib, sys\n"
        f"for name in {names}:\n"
        "    importlib.import_module(name)\n"
        f"    assert not sys.modules.keys() & {set(LAZY)}, f'{{name}} imports TensorFlow or Keras'\n"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
