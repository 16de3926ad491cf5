"""A one-click set-up: a run worth seeing, named after what will be seen. Each lesson has a table of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.spec import RunSpec


@dataclass(frozen=True)
class Setup:
    """A run to look at, in one sentence what to look for, and the page's own choices (as text) where they matter.

    spec: None where the run does not matter.
    plays: whether there is a run to watch.
    """

    label: str
    spec: RunSpec | None
    look: str
    own: Mapping[str, str] = field(default_factory=dict)
    plays: bool = True
