"""What a viewer has of a run, and what is made of it once for all who have the same: frames, charts, sentences."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.datasets import when_dropped
from core.runs import Run
from core.spec import RunSpec
from core.training import Snapshot
from pages.ui.text import Texts

MADE = 160  # frames, texts and the like of whole runs that are kept


@dataclass(frozen=True)
class View:
    """What a viewer has of a run: the recorded steps up to the last known one, or up to the play-head."""

    run: Run
    history: list[Snapshot]

    @property
    def spec(self) -> RunSpec:
        return self.run.spec

    @property
    def snapshot(self) -> Snapshot | None:
        """The last step; None before step 0 has been computed."""
        return self.history[-1] if self.history else None

    def frame(self, make: Callable[..., pd.DataFrame], *args: Any) -> pd.DataFrame | None:
        """`make(history, *args)`, made once for all viewers; None before step 0 has been computed."""
        return once(make, self, *args) if self.history else None

    def at_start(self, field: str) -> np.ndarray:
        """A field of `Layers` at step 0, shape (layers,): what axes are chosen by; empty before it is computed."""
        return getattr(self.history[0].layers, field) if self.history else np.zeros(0)


_made: OrderedDict[Any, Any] = OrderedDict()
_making = threading.RLock()


def once(make: Callable[..., Any], *args: Any) -> Any:
    """`make(*args)` with the histories in place of the views, kept for everybody who has the same of the same runs.

    The arguments are views, tuples and mappings of views, and what can be hashed; `make` is a function of core,
    so that all it depends on is among them.
    """
    assert "<" not in make.__qualname__, f"{make.__qualname__} may depend on more than its arguments"
    return _kept((make.__module__, make.__qualname__, *(_mapped(arg, _key_of) for arg in args)),
                 lambda: make(*(_mapped(arg, _history_of) for arg in args)))


def each(say: Callable[..., Any], *args: Any) -> Texts:
    """What `say(*args)` says at each moment, with the histories up to it in place of the views; kept as in `once`."""
    def all_of_them() -> Texts:
        lengths: list[int] = []
        for arg in args:
            _mapped(arg, lambda view: lengths.append(len(view.history)))
        return Texts(say(*(_mapped(arg, lambda view, end=moment + 1: view.history[:end]) for arg in args))
                     for moment in range(max(lengths)))

    assert "<" not in say.__qualname__, f"{say.__qualname__} may depend on more than its arguments"
    return _kept(("each", say.__module__, say.__qualname__, *(_mapped(arg, _key_of) for arg in args)), all_of_them)


def _kept(key: Any, make: Callable[[], Any]) -> Any:
    with _making:
        if key not in _made:
            _made[key] = make()
            while len(_made) > MADE:
                _made.popitem(last=False)
        _made.move_to_end(key)
        return _made[key]


def _forget(table: str) -> None:
    """Drops what was made of runs on a table that is not kept any more."""
    with _making:
        for key in [key for key in _made if any(spec.table == table for spec in _specs_of(key))]:
            del _made[key]


def _specs_of(key: Any) -> Iterator[RunSpec]:
    if isinstance(key, RunSpec):
        yield key
    elif isinstance(key, tuple):
        for part in key:
            yield from _specs_of(part)


when_dropped(_forget)


def _key_of(view: View) -> Any:
    return view.spec, len(view.history), view.run.shipped


def _history_of(view: View) -> list[Snapshot]:
    return view.history


def _mapped(arg: Any, of_view: Callable[[View], Any]) -> Any:
    """The argument with something else in place of each view; as a key, of tuples alone."""
    if isinstance(arg, View):
        return of_view(arg)
    if isinstance(arg, Mapping):
        pairs = {name: _mapped(one, of_view) for name, one in arg.items()}
        return tuple(pairs.items()) if of_view is _key_of else pairs
    if isinstance(arg, list | tuple):
        found = tuple(_mapped(one, of_view) for one in arg)
        return arg._make(found) if hasattr(arg, "_make") else found  # a named one keeps its names
    return arg
