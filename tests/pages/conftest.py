"""A page as its visitors get it: through app.py, with an address of its own, or alone."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import OrderedDict
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest

from core import tensors
from core.runs import RUNS

ROOT = Path(__file__).parents[2]
SECONDS = 120  # for one run of a script, on a machine that is busy with other things


@pytest.fixture(autouse=True)
def fresh_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test finds what another has trained, or left unfinished; its workers find nothing of it to do."""
    monkeypatch.setattr(RUNS, "_runs", OrderedDict())


@pytest.fixture
def visit(monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """`visit("gradients", activation="relu")`: that page through app.py, after the run that follows its first paint.

    AppTest forgets before every run that the app calls st.navigation, and would run the page's file without app.py.
    """
    start = PagesManager.__init__

    def started(self: PagesManager, *args: object, **kwargs: object) -> None:
        start(self, *args, **kwargs)
        PagesManager.uses_pages_directory = False

    monkeypatch.setattr(PagesManager, "__init__", started)

    def opened(name: str, **query: str) -> AppTest:
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=SECONDS)
        app.session_state["painted"] = True
        if name != "home":
            app.switch_page(f"pages/{name}.py")
        app.query_params.update(query)
        return app.run()

    return opened


@pytest.fixture
def alone() -> Callable[..., AppTest]:
    """`alone("gradients")`: the page's file run by itself, as a fresh server does for a deep link."""

    def opened(name: str, **query: str) -> AppTest:
        app = AppTest.from_file(str(ROOT / "pages" / f"{name}.py"), default_timeout=SECONDS)
        app.session_state["painted"] = True
        app.query_params.update(query)
        return app.run()

    return opened


@pytest.fixture(scope="session")
def tensorflow() -> None:
    """TensorFlow is there before the test starts."""
    tensors.tensorflow()


@pytest.fixture(scope="session")
def keras_output(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """`keras_output("p6_forward")`: what pages/keras/p6_forward.py prints when run by itself, once a session."""
    folder = tmp_path_factory.mktemp("keras")  # where a file of it may leave logs and pictures

    @cache
    def output(name: str) -> str:
        script = (ROOT / "pages" / "keras" / f"{name}.py").resolve()
        done = subprocess.run([sys.executable, str(script)], cwd=folder, capture_output=True, text=True, timeout=600,
                              env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "2", "PYTHONIOENCODING": "utf-8"})
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    return output
