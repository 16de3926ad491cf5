"""The README's recipe for an activation, tried on a copy: one entry in its table, and nothing else."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ENTRY = '''        Activation(
            name="softsign",
            label="Softsign",
            formula=r"f(z) = \\frac{z}{1 + |z|}",
            summary="Squeezes any number between −1 and 1 like tanh, but gets there more slowly.",
            source="Glorot & Bengio 2010",
            curve=lambda x: x / (1 + np.abs(x)),
            slope=lambda x: 1 / (1 + np.abs(x)) ** 2,
            output_range=(-1.0, 1.0),
        ),
'''
TABLE = 'ACTIVATIONS: Registry[Activation] = Registry(\n    "activation",\n    [\n'
TESTS = ("tests/core/test_activations.py", "tests/core/test_theory.py", "tests/core/test_export.py",
         "tests/core/test_spec.py", "tests/core/test_network.py", "tests/core/lessons/activations",
         "tests/pages/test_activations.py")


@pytest.mark.nightly
def test_an_activation_is_one_entry(tmp_path):
    for name in ("core", "pages", "tests", ".streamlit"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("app.py", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    table = tmp_path / "core" / "activations.py"
    before = table.read_text(encoding="utf-8")
    assert before.count(TABLE) == 1
    table.write_text(before.replace(TABLE, TABLE + ENTRY), encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "not nightly", *TESTS], cwd=tmp_path,
        capture_output=True, text=True, check=False, env=os.environ | {"PYTHONPATH": str(tmp_path)})
    assert run.returncode == 0, run.stdout[-3000:]
    assert "softsign" in subprocess.run(
        [sys.executable, "-c", "from core.spec import FIELDS; print(FIELDS['activation'].choices)"], cwd=tmp_path,
        capture_output=True, text=True, check=True).stdout
