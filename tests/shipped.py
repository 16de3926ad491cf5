"""The runs that come with the app, all of them: for tests that look at a history and train none."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from core.runs import Run
from core.shipped import opening_runs
from core.spec import RunSpec
from core.training import Snapshot


def runs(file: Path = opening_runs.FILE) -> list[Run]:
    """The runs in the file."""
    return [opening_runs.unpacked(name, file) for name in opening_runs.names(file)]


@cache
def histories() -> dict[RunSpec, list[Snapshot]]:
    """The histories of the runs that come with the app."""
    return {run.spec: run.history for run in runs()}
