"""Who may import whom, and what nobody may do: read from the source with `ast`, so it holds for files to come."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

from pages.ui.course import LESSONS
from tests.e2e.conftest import ESSENTIAL

ROOT = Path(__file__).parents[1]

# The flat modules of core, from the foundation up: each imports only from what stands before it.
CORE = ("registry", "words", "kept", "rooms", "blueprint", "keras_code", "tensors", "activations", "losses",
        "initializers", "optimizers", "datasets", "formula", "custom_loss", "own_data", "fields", "spec", "setups",
        "architecture", "layer_table", "course_models", "network", "probes", "records", "training", "theory", "rebuild",
        "yardstick", "cures", "causes", "diagnosis", "boundary", "spread", "side_by_side", "quiz", "runs", "trials",
        "cases", "finding", "mismatches", "troubles", "findings", "lectures", "papers", "sweeps", "handout", "export",
        "notebook")
# A file that people take with them: it imports TensorFlow and Keras at once, and nothing of the app imports it.
STANDS_ALONE = "core.watch"
# The floors of the house, from the foundation up: a module imports from its own room and from the floors below. A room
# is a package; of lessons, parts and pages each is one of its own, and none imports the one beside it.
FLOORS = ("core", "core.charts", "core.lessons", "core.shipped", "pages.ui", "pages.parts", "pages", "app")
ROOMS = ("core.charts", "core.shipped", "pages.ui")  # of one room each

# Who alone may import a package.
ONLY_IN = {"streamlit": ("app", "pages"), "altair": ("core.charts", "core.lessons.*.charts")}
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

    pages/keras holds scripts that pages show and nobody imports.
    """
    paths = [ROOT / "app.py", *sorted((ROOT / "core").rglob("*.py")), *sorted((ROOT / "pages").rglob("*.py"))]
    return {dotted(path.relative_to(ROOT)): path for path in paths
            if path.exists() and path.parent != ROOT / "pages" / "keras"}


def dotted(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def inside(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def floor(name: str) -> str | None:
    """The floor a module is on."""
    return max((floor for floor in FLOORS if inside(name, floor)), key=len, default=None)


def room(name: str) -> str:
    """The room a module is in: its package, a lesson, or itself."""
    where = floor(name) or ""
    below = name.removeprefix(where + ".").partition(".")[0] if name != where else ""
    return where if where in ROOMS or not below else f"{where}.{below}"


def above_or_beside(module: str, other: str) -> str | None:
    """Why a module may not import another one of the house, if so."""
    mine, others = floor(module), floor(other)
    if mine is None or others is None:
        return f"imports {other}, which is on no floor"
    if mine != others:
        return f"imports {other}, which is on a floor above" if FLOORS.index(others) > FLOORS.index(mine) else None
    if room(module) == room(other):
        return None
    if mine == "core":
        places = [CORE.index(name) if name in CORE else None
                  for name in (one.split(".")[1] if "." in one else "" for one in (module, other))]
        if None in places:
            return f"imports {other}: one of the two is not in CORE"
        return f"imports {other}, which stands after it" if places[1] > places[0] else None
    return f"imports {other}, which is beside it"


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
    running = set(map(id, at_import(tree)))
    for name, node in imports(module, tree, is_package):
        top = name.partition(".")[0]
        if top in ONLY_IN and not any(fnmatch(module, place) or fnmatch(module, place + ".*")
                                      for place in ONLY_IN[top]):
            yield node, f"imports {top}, which is for {' and '.join(ONLY_IN[top])}"
        if top in UNSAFE_MODULES:
            yield node, f"imports {top}, which runs what it reads"
        if STANDS_ALONE in (module, name.rpartition(".")[0], name) and (top in ("app", "core", "pages")):
            yield node, f"imports {name}, and {STANDS_ALONE} has nothing to do with the app, nor the app with it"
            continue
        if top in LAZY and inside(module, "core") and module != STANDS_ALONE and id(node) in running:
            yield node, f"imports {top} while it is imported itself: do it inside the function that needs it"
        if top in ("app", "core", "pages") and (fault := above_or_beside(module, name)):
            yield node, fault


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
    if floor(module) == "core" and module not in ("core", STANDS_ALONE) and module.split(".")[1] not in CORE:
        found.append((tree, "is not in CORE"))
    lines = {f"{module}:{getattr(node, 'lineno', 1)} {fault}": getattr(node, "lineno", 1) for node, fault in found}
    return sorted(lines, key=lines.__getitem__)


@pytest.mark.parametrize(("module", "path"), modules().items())
def test_a_module_keeps_to_its_place(module, path):
    assert faults(module, path.read_text(), path.name == "__init__.py") == []


@pytest.mark.parametrize(
    ("module", "source", "fault"),
    [
        ("core.spec", "from core.training import train", "core.training.train, which stands after it"),
        ("core.losses", "import core.initializers", "stands after it"),
        ("core.losses", "def f():\n    from core import initializers", "stands after it"),
        ("core.losses", "from . import initializers", "stands after it"),
        ("core.training", "from core.lessons.perceptron.rule import learn", "on a floor above"),
        ("core.charts.depth", "from ..lessons.curves import report", "on a floor above"),
        ("core.lessons.curves.report", "from core.lessons.perceptron.rule import learn", "which is beside it"),
        ("core.lessons.curves.charts", "from core.lessons.curves.report import best\nfrom ..losses import charts",
         "core.lessons.losses.charts, which is beside it"),
        ("core.lessons.curves.report", "from core.shipped import opening_runs", "on a floor above"),
        ("core.lessons.curves", "from pages import ui", "on a floor above"),
        ("core.training", "import pages.ui.player", "on a floor above"),
        ("pages.ui.player", "from pages.gradients import draw", "on a floor above"),
        ("pages.gradients", "from pages.losses import sweep", "which is beside it"),
        ("pages.parts.losses", "from pages.parts.activations import deep", "which is beside it"),
        ("core.training", "from core.helpers import tidy", "one of the two is not in CORE"),
        ("core.helpers", "import numpy", "is not in CORE"),
        ("core.watch", "import keras\nfrom core.records import read", "nothing to do with the app"),
        ("core.watch", "from . import probes", "nothing to do with the app"),
        ("core.export", "def f():\n    from core.watch import Watch", "nor the app with it"),
        ("pages.gradients", "from core import watch", "nor the app with it"),
        ("core.lessons.curves.report", "import altair", "imports altair"),
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
        ("core.watch", "import keras\nif keras:\n    import tensorflow as tf"),
        ("pages.gradients", "from core.charts import depth\nimport core.spec\nfrom pages.ui import player"),
        ("pages.ui.player", "import streamlit as st\nst.session_state['x'] = 1"),
        ("core.charts.depth", "import altair as alt\nfrom core.charts.theme import line\nfrom . import theme"),
        ("core.training", "from core.network import forward\nfrom core.registry import one_of"),
        ("core.lessons.curves.charts", "import altair\nfrom core.lessons.curves import report"),
        ("pages.curves", "from core.lessons.curves import report\nfrom pages.parts.curves import patience"),
        ("core.network", "def f():\n    import tensorflow as tf\n    return tf.constant(1)"),
        ("core.network", "if TYPE_CHECKING:\n    import tensorflow as tf"),
        ("core.export", "SCRIPT = 'keras.utils.set_random_seed(1); eval(x)'"),
        ("core.datasets", "rng = np.random.default_rng(seed)"),
    ],
)
def test_the_check_lets_pass_what_is_right(module, source):
    assert faults(module, source) == []


@pytest.mark.parametrize(("module", "path"), [(name, path) for name, path in modules().items() if any(
    fnmatch(name, place) or fnmatch(name, place + ".*") for place in ONLY_IN["altair"])])
def test_a_chart_has_its_frame_beside_its_drawing(module, path):
    """`name_frame` beside `name`; what is drawn by `_name` is asked for by `name`."""
    functions = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)]
    names = {node.name for node in functions}
    drawings = [node.name.lstrip("_") for node in functions if "drawing" in map(ast.unparse, node.decorator_list)]
    assert [name for name in drawings if not {name, f"{name}_frame"} <= names] == []


def test_every_page_has_its_prose_and_every_prose_its_page():
    pages = {path.stem for path in (ROOT / "pages").glob("*.py")} - {"__init__"}
    assert pages == {path.stem for path in (ROOT / "pages").glob("*.md")}


def test_every_page_stands_in_the_course_map():
    assert {path.stem for path in (ROOT / "pages").glob("*.py")} - {"__init__"} == {*LESSONS}


def test_every_lesson_has_its_page_and_its_set_ups():
    lessons = {path.name for path in (ROOT / "core" / "lessons").iterdir() if (path / "__init__.py").exists()}
    assert lessons <= {*LESSONS}
    assert all((ROOT / "core" / "lessons" / lesson / "setups.py").exists() for lesson in lessons)


def test_every_page_with_parts_has_them_in_a_file_of_their_own():
    sources = {path.stem: path.read_text() for path in (ROOT / "pages").glob("*.py")}
    with_parts = {page for page, source in sources.items() if "ui.parts(" in source}
    assert with_parts == {path.stem for path in (ROOT / "pages" / "parts").glob("*.py")}
    assert [page for page in with_parts if "ui.workbench(" in sources[page]] == []


def test_what_make_test_looks_at_in_a_browser_is_there():
    """A test that is renamed does not drop out of make test unnoticed."""
    written = "".join(path.read_text() for path in (ROOT / "tests" / "e2e").glob("test_*.py"))
    assert [name for name in ESSENTIAL if f"def {name}(" not in written] == []


def test_what_stands_alone_does():
    """The recorder needs Keras, TensorFlow, NumPy and Python, and nothing that would have to lie beside it."""
    tree = ast.parse((ROOT / "core" / "watch.py").read_text())
    tops = {name.partition(".")[0] for name, _ in imports(STANDS_ALONE, tree)}
    assert tops - sys.stdlib_module_names == {"keras", "tensorflow", "numpy"}


def test_importing_core_leaves_tensorflow_out():
    names = [name for name in modules() if inside(name, "core") and name != STANDS_ALONE]
    code = (
        "import importlib, sys\n"
        f"for name in {names}:\n"
        "    importlib.import_module(name)\n"
        f"    assert not sys.modules.keys() & {set(LAZY)}, f'{{name}} imports TensorFlow or Keras'\n"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
