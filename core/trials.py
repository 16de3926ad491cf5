"""Cures tried, not promised: the same run with one change each, trained in the queue that all viewers share.

Nothing here trains: a `Trial` says which runs are wanted now, and what those that are there have shown.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from core.cures import Cure
from core.diagnosis import HEALTHY, diagnose, kinds
from core.runs import SLOTS, Run
from core.spec import RunSpec
from core.training import Snapshot
from core.yardstick import yardstick

BEST, SEEDS = 3, 3  # so many of the best are tried with so many seeds
WORK = 60.0  # seconds of training for all of them together; what has not been begun by then is not tried
HELPS = 0.02  # of what a guess has to lose: less than that is no help


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
        return self.kind in HEALTHY and self.left < min(before.left, 1.0) - HELPS


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
    """The cures that follow from the end of one run, tried in that order; `runs` grows with what was wanted."""

    spec: RunSpec
    runs: dict[RunSpec, Run] = field(default_factory=dict)

    @property
    def cures(self) -> tuple[Cure, ...]:
        """What is tried; nothing before the run itself has ended."""
        run = self.runs.get(self.spec)
        return diagnose(self.spec, run.history).cures if run and run.finished else ()

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
        run = self.runs.get(self.spec)
        return Ended.of(self.spec, run.history) if run and run.finished else None

    def untried(self) -> list[Cure]:
        """The cures of which no run has ended."""
        return [cure for cure in self.cures if not self._ends(cure)]

    @property
    def spent(self) -> float:
        """Seconds of work for all of them."""
        return sum(run.worked for run in self.runs.values())

    def _ends(self, cure: Cure) -> list[Ended]:
        seeded = map(cure.of, self.spec.with_seeds(SEEDS))
        return [Ended.of(spec, self.runs[spec].history) for spec in seeded
                if spec in self.runs and self.runs[spec].finished]

    def _unfinished(self, specs: Sequence[RunSpec]) -> list[RunSpec]:
        """The first of them that are not there yet; of those not begun none when the work is spent."""
        spent = self.spent >= WORK
        return [spec for spec in specs if not (self.runs[spec].finished if spec in self.runs else spent)][:SLOTS]
