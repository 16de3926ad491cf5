"""The ladder of cures that were tried: what is wanted next, in which order it stands, and where it ends."""

import math

from core import trials
from core.diagnosis import diagnose
from core.runs import SLOTS, Run
from core.spec import RunSpec
from core.training import train
from core.trials import BEST, SEEDS, Ended, Trial

SPEC = RunSpec(dataset="moons", widths=(8,) * 6, steps=40)


def done(spec: RunSpec, worked: float = 0.1) -> Run:
    return Run(spec, list(train(spec)), phase="finished", worked=worked)


def climbed(trial: Trial, worked: float = 0.1) -> Trial:
    """The trial after everything it wanted."""
    while wanted := trial.wanted():
        assert len(wanted) <= SLOTS
        trial.runs |= {spec: done(spec, worked) for spec in wanted}
    return trial


def test_first_the_run_then_its_cures_then_seeds_of_the_best():
    trial = Trial(SPEC)
    assert trial.wanted() == [SPEC]
    assert (trial.before(), trial.cures, trial.rungs()) == (None, (), [])
    trial.runs[SPEC] = done(SPEC)
    found = diagnose(SPEC, trial.runs[SPEC].history)
    assert trial.cures == found.cures
    assert trial.before().kind == found.kind
    assert trial.wanted() == [cure.of(SPEC) for cure in found.cures[:SLOTS]]
    climbed(trial)
    assert not trial.untried()
    counts = [len(rung.ends) for rung in trial.rungs()]
    assert sorted(counts) == [1] * (len(found.cures) - BEST) + [SEEDS] * BEST
    ranks = [rung.middle.rank for rung in trial.rungs()]
    assert ranks == sorted(ranks)
    assert {spec.seed for spec in trial.runs} == {0, 1, 2}


def test_when_the_work_is_spent_what_is_left_is_named_as_not_tried():
    trial = climbed(Trial(SPEC), worked=trials.WORK)
    assert len(trial.runs) == 1
    assert trial.untried() == list(trial.cures)
    half = climbed(Trial(SPEC), worked=trials.WORK / 3)
    assert 0 < len(half.untried()) < len(half.cures)
    assert half.spent < trials.WORK + SLOTS * trials.WORK / 3


def test_what_helps_learns_where_it_did_not_or_leaves_visibly_less():
    def end(kind: str, left: float) -> Ended:
        return Ended(kind, left, left, None)

    assert end("learning", 0.97).better_than(end("vanishing", 1.0))
    assert end("learning", 0.9).better_than(end("overflow", math.inf))
    assert not end("learning", 47.0).better_than(end("exploding", 600.0))  # right on many, and worse than a guess
    assert not end("vanishing", 0.5).better_than(end("vanishing", 1.0))
    assert end("learned", 0.05).better_than(end("learning", 0.5))
    assert not end("learning", 0.49).better_than(end("learning", 0.5))
    assert not end("overflow", 0.1).better_than(end("learning", 0.5))
