"""Cures tried, not promised: the same run with one change each, trained in the queue that all viewers share.

Nothing here trains: a `Trial` says which runs are wanted now, and what those that are there have shown.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from core.cures import Cure
from core.diagnosis import BETTER, HEALTHY, diagnose, kinds
from core.runs import SLOTS, Run
from core.spec import RunSpec
from core.training import Snapshot
from core.yardstick import yardstick

BEST, SEEDS = 3, 3  # so many of the best are tried with so many seeds
WORK = 60.0  # seconds of training for all of them together; what has not been begun by then is not tried


@dataclass(frozen=True)
class Ended:
    """How a run ended, on all training examples: kind of verdict, loss, how much is left to lose, share right."""

    kind: str
    loss: float
    left: float
    accuracy: float | None

    @classmethod
    def of(cls, spec: RunSpec, history: Sequence[Snapshot]) -> Ended:
        """At the last state of a history."""
        last = history[-1]
        left = float(yardstick(spec).left(last.training_loss))
        return cls(kinds(spec, history)[-1], last.training_loss, left if math.isfinite(left) else math.inf,
                   last.accuracy)

    @property
    def rank(self) -> tuple[bool, float]:
        """The smaller the better: what learns before what does not, then by what is left."""
        return self.kind not in HEALTHY, self.left

    def better_than(self, before: Ended) -> bool:
        """Whether it learns, with visibly less left to lose than that, and than a guess."""
        return self.kind in HEALTHY and self.left < min(before.left, 1.0) - BETTER


@dataclass(frozen=True)
class Rung:
    """A cure and the ends of the runs that tried it, best first."""

    cure: Cure
    ends: tuple[Ended, ...]

    @property
    def middle(self) -> Ended:
        """The median end, of two the worse."""
        return self.ends[len(self.ends) // 2]


@dataclass
class Trial:
    """The cures that follow from the end of one run, tried in that order; `runs` grows with what was wanted.

    What is known of a run that has ended is worked out once: whoever watches asks every second.
    """

    spec: RunSpec
    runs: dict[RunSpec, Run] = field(default_factory=dict)
    _ended: dict[RunSpec, Ended] = field(default_factory=dict)
    _cures: tuple[Cure, ...] | None = None

    @property
    def cures(self) -> tuple[Cure, ...]:
        """What is tried; nothing before the run itself has ended."""
        run = self.runs.get(self.spec)
        if self._cures is None and run and run.finished:
            self._cures = diagnose(self.spec, run.history).cures
        return self._cures or ()

    def wanted(self) -> list[RunSpec]:
        """What is to be trained now, as many runs as there are workers: the run itself, each cure, then more seeds."""
        return self._unfinished([self.spec]) or self._unfinished([cure.of(self.spec) for cure in self.cures]) or (
            self._unfinished([rung.cure.of(seeded) for rung in self.rungs()[:BEST]
                              for seeded in self.spec.with_seeds(SEEDS)[1:]]))

    def rungs(self) -> list[Rung]:
        """The cures that have been tried, best first."""
        found = [Rung(cure, tuple(sorted(ends, key=lambda end: end.rank))) for cure in self.cures
                 if (ends := self._ends(cure))]
        return sorted(found, key=lambda rung: rung.middle.rank)

    def before(self) -> Ended | None:
        """How the run itself ended; None while it has not."""
        return self._end(self.spec)

    def untried(self) -> list[Cure]:
        """The cures of which no run has ended."""
        return [cure for cure in self.cures if not self._ends(cure)]

    @property
    def spent(self) -> float:
        """Seconds of work for all of them."""
        return sum(run.worked for run in self.runs.values())

    def _ends(self, cure: Cure) -> list[Ended]:
        return [end for spec in self.spec.with_seeds(SEEDS) if (end := self._end(cure.of(spec)))]

    def _end(self, spec: RunSpec) -> Ended | None:
        run = self.runs.get(spec)
        if spec not in self._ended and run and run.finished:
            self._ended[spec] = Ended.of(spec, run.history)
        return self._ended.get(spec)

    def _unfinished(self, specs: Sequence[RunSpec]) -> list[RunSpec]:
        """The first of them that are not there yet; of those not begun none when the work is spent."""
        spent = self.spent >= WORK
        return [spec for spec in specs if not (self.runs[spec].finished if spec in self.runs else spent)][:SLOTS]
