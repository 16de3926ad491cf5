"""A run is shared by all who watch it, and runs share the machine: on a clock of the test's own, then for real."""

import gc
import threading
import time
import weakref
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace

import pytest

from core import runs, tensors, training
from core.runs import CHUNK, LEAD, WATCHED, Run, Runs
from core.spec import RunSpec
from core.training import TRACES, TraceKey, kept_parameters, train
from tests.core.test_training import SMALL, digest

SPECS = [replace(SMALL, seed=seed, steps=20000) for seed in range(40)]


class Clock:
    """Stands in for the module `time`; goes on only when told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def perf_counter(self) -> float:
        return self.now


class Stage:
    """A clock, and trainers whose calls take exactly `cost` seconds on it and one step each."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.clock, self.cost, self.ready, self.trainers = Clock(), {}, {}, []
        stage = self

        class FakeTrainer:
            def __init__(self, spec: RunSpec) -> None:
                self.spec = self.key = spec
                self.step = 0
                self.snapshot = SimpleNamespace(step=0)
                stage.trainers.append(self)

            @property
            def finished(self) -> bool:
                return self.step >= self.spec.steps

            def advance(self):
                stage.clock.now += stage.cost.get(self.spec, 0.01)
                self.step += 1
                self.snapshot = SimpleNamespace(step=self.step)
                return self.snapshot

        patch.setattr(runs, "time", self.clock)
        patch.setattr(runs, "Trainer", FakeTrainer)
        patch.setattr(runs, "TRACES", SimpleNamespace(ready=lambda key: self.ready.get(key, "a trace"), get=str))
        patch.setattr(runs, "_prepare", lambda key, work: None)
        patch.setattr(tensors, "loaded", lambda: True)
        self.runs = Runs()

    def tick(self, spec: RunSpec, viewer: str = "somebody", until: int | None = None, pause: float = 0.01) -> Run:
        """A tick; `pause` seconds pass before it."""
        self.clock.now += pause
        return self.runs.tick(spec, viewer, until).run


@pytest.fixture
def stage(monkeypatch) -> Stage:
    return Stage(monkeypatch)


def steps(run: Run) -> int:
    return run.history[-1].step if run.history else -1


# --- one run, many viewers ------------------------------------------------------------------------------------------


def test_all_who_watch_a_run_watch_one_training(stage):
    seen = [stage.tick(RunSpec(widths=(8, 6), steps=1000), f"viewer {i % 30}") for i in range(120)]
    assert len({id(run) for run in seen}) == 1
    assert len(stage.trainers) == 1
    assert [snapshot.step for snapshot in seen[0].history] == list(range(steps(seen[0]) + 1))
    assert stage.runs.audience() == 30


def test_the_first_tick_gives_step_0_and_the_next_ones_a_chunk_each(stage):
    run = stage.tick(SPECS[0])
    assert [snapshot.step for snapshot in run.history] == [0]
    for tick in range(1, 10):
        stage.tick(SPECS[0])
        assert steps(run) == tick * round(CHUNK / 0.01)
    assert run.served == pytest.approx(9 * CHUNK)


def test_a_chunk_is_at_least_one_call_however_slow(stage):
    stage.cost[SPECS[0]] = 5.0
    assert [steps(stage.tick(SPECS[0])) for _ in range(4)] == [0, 1, 2, 3]


def test_nothing_goes_on_when_nobody_ticks(stage):
    run = stage.tick(SPECS[0])
    threads = threading.active_count()
    stage.clock.now += 3600
    assert steps(run) == 0
    assert threading.active_count() == threads
    assert stage.runs.audience() == 0


def test_until_is_where_it_stops_for_now(stage):
    for _ in range(5):
        assert steps(stage.tick(SPECS[0], until=3)) <= 3
    run = stage.runs.get(SPECS[0])
    assert steps(run) == 3
    for expected in (4, 5):
        stage.tick(SPECS[0], until=expected)
        assert steps(run) == expected
    stage.tick(SPECS[0], until=2)  # who looks back trains nothing
    assert steps(run) == 5
    stage.tick(SPECS[0], "somebody who plays")
    assert steps(run) > 5


def test_a_finished_run_is_read_and_not_touched(stage):
    spec = replace(SMALL, steps=6)
    while not stage.tick(spec).finished:
        pass
    run = stage.runs.get(spec)
    before = (run.served, list(run.history))
    stage.tick(spec)
    assert (run.served, run.history) == before
    assert steps(run) == 6
    assert run._trainer is None


def test_get_computes_nothing(stage):
    assert stage.runs.get(SPECS[0]) is stage.runs.get(SPECS[0])
    assert stage.trainers == []
    assert stage.runs.get(SPECS[0]).phase == "new"


# --- a tick hardly waits --------------------------------------------------------------------------------------------


def test_a_tick_returns_at_once_while_another_works_on_the_run(stage):
    run = stage.tick(SPECS[0])
    with run._lock:
        for _ in range(3):
            stage.tick(SPECS[0], "another")
    assert steps(run) == 0
    stage.tick(SPECS[0])
    assert steps(run) > 0


def test_a_tick_waits_a_moment_for_a_core_and_returns(stage, monkeypatch):
    monkeypatch.setattr(runs, "WAIT", 0.01)
    run = stage.tick(SPECS[0])
    for _ in range(runs.SLOTS):
        stage.runs._slots.acquire()
    stage.tick(SPECS[0])
    assert steps(run) == 0
    for _ in range(runs.SLOTS):
        stage.runs._slots.release()
    stage.tick(SPECS[0])
    assert steps(run) > 0


def test_who_just_came_counts_among_the_audience_for_a_while(stage):
    stage.runs.present("one", runs.STAYS)
    stage.runs.present("another", runs.STAYS)
    stage.tick(SPECS[0], "one")
    assert stage.runs.audience() == 2
    stage.clock.now += runs.STAYS + 1
    assert stage.runs.audience() == 0
    stage.tick(SPECS[0], "one")
    assert stage.runs.audience() == 1


def test_an_offered_run_is_read_once_when_somebody_asks_for_it(stage):
    reads = []

    def read() -> Run:
        reads.append(SPECS[0])
        return Run(SPECS[0], [SimpleNamespace(step=0)], phase="finished", shipped=True)

    stage.runs.offer(SPECS[0], read)
    assert not stage.runs.get(SPECS[1]).shipped
    assert reads == []
    run = stage.runs.get(SPECS[0])
    assert run.shipped
    assert stage.runs.opening(SPECS[0]) is run
    assert reads == [SPECS[0]]
    assert stage.runs.live(SPECS[0]) is not run
    assert not stage.runs.get(SPECS[0]).shipped


def test_an_error_in_a_chunk_leaves_nothing_locked(stage, monkeypatch):
    run = stage.tick(SPECS[0])
    with monkeypatch.context() as patch:
        patch.setattr(run._trainer, "advance", lambda: 1 / 0)
        for _ in range(runs.SLOTS + 2):
            with pytest.raises(ZeroDivisionError):
                stage.tick(SPECS[0])
    stage.tick(SPECS[0])
    assert steps(run) > 0


# --- many runs share the machine ------------------------------------------------------------------------------------


def test_runs_that_are_watched_share_the_time_evenly(stage):
    for round_ in range(100):
        for i, spec in enumerate(SPECS[:7]):
            stage.cost[spec] = (0.002, 0.01, 0.1)[i % 3]  # small networks and large ones
            for _ in range(1 + round_ % 2 * i):  # and some viewers tick more often
                stage.tick(spec, pause=0.001)
    served = [stage.runs.get(spec).served for spec in SPECS[:7]]
    assert max(served) - min(served) <= LEAD + 0.1 + CHUNK
    assert min(served) > 1


def test_nobody_starves_among_thirty(stage):
    for _ in range(10):
        before = [steps(stage.runs.get(spec)) for spec in SPECS[:30]]
        for _ in range(30):
            for spec in SPECS[:30]:
                stage.tick(spec, pause=0.0005)
        assert all(steps(stage.runs.get(spec)) > old or stage.runs.get(spec).finished
                   for spec, old in zip(SPECS[:30], before, strict=True))


def test_a_tick_says_how_many_runs_others_watch_and_how_many_have_to_wait(stage):
    ticks = [stage.runs.tick(spec, f"viewer {i}") for i, spec in enumerate(SPECS[:5])]
    assert [tick.others for tick in ticks] == [0, 1, 2, 3, 4]
    assert [tick.waiting for tick in ticks] == [max(0, others + 1 - runs.SLOTS) for others in range(5)]
    # a second run of one's own is nobody else's, one that two watch is somebody else's too
    assert stage.runs.tick(SPECS[5], "viewer 0").others == 4
    stage.runs.tick(SPECS[0], "viewer 1")
    assert stage.runs.tick(SPECS[5], "viewer 0").others == 5
    stage.clock.now += WATCHED + 1
    assert stage.runs.tick(SPECS[0], "viewer 0").others == 0


def test_a_newcomer_is_owed_nothing_for_the_time_before(stage):
    old = stage.tick(SPECS[0])
    for _ in range(1000):
        if steps(old) > 900:
            break
        stage.tick(SPECS[0])
    assert old.served > 2
    new = stage.tick(SPECS[1])
    for _ in range(3):  # the old one goes on beside the new one at once
        before = steps(old)
        stage.tick(SPECS[0])
        assert steps(old) > before
        stage.tick(SPECS[1])
    assert new.served == pytest.approx(old.served, abs=LEAD + CHUNK)


def test_who_comes_back_is_owed_nothing_for_the_time_away(stage):
    away, stays = stage.tick(SPECS[0]), stage.tick(SPECS[1])
    stage.clock.now += WATCHED + 1
    for _ in range(40):
        stage.tick(SPECS[1])
    assert stays.served > 1
    stage.tick(SPECS[0])
    assert away.served >= stays.served - LEAD
    before = steps(stays)
    stage.tick(SPECS[1])
    assert steps(stays) > before


def test_a_run_whose_trace_is_being_made_holds_nobody_up_and_is_owed_nothing(stage):
    ready, waiting = stage.tick(SPECS[0]), stage.tick(SPECS[1])
    stage.ready[SPECS[1]] = None
    for _ in range(50):
        before = steps(ready)
        stage.tick(SPECS[0])
        stage.tick(SPECS[1])
        assert steps(ready) > before
    assert (waiting.phase, steps(waiting)) == ("building", 0)
    assert ready.served > 1
    del stage.ready[SPECS[1]]
    for _ in range(10):  # now that it can train, both get on
        before = steps(ready) + steps(waiting)
        stage.tick(SPECS[1])
        stage.tick(SPECS[0])
        assert steps(ready) + steps(waiting) > before
    assert waiting.served == pytest.approx(ready.served, abs=LEAD + CHUNK)


def test_a_run_that_stands_where_it_was_asked_to_stop_holds_nobody_up(stage):
    playing, paused = stage.tick(SPECS[0]), stage.tick(SPECS[1])
    for _ in range(50):
        before = steps(playing)
        stage.tick(SPECS[0])
        stage.tick(SPECS[1], until=2)
        assert steps(playing) > before
    assert steps(paused) == 2


# --- the registry ---------------------------------------------------------------------------------------------------


def test_the_least_recently_used_unwatched_runs_make_room(stage):
    size = 10 * ((SMALL.depth + 1) * 72 + 4 * kept_parameters(SMALL) + 1000)
    stage.runs = Runs(kept_bytes=5 * size)
    kept = [stage.runs.get(spec) for spec in SPECS[:8]]
    for run in kept:
        run.history.extend([SimpleNamespace(step=0)] * 10)
    stage.runs.get(SPECS[0])  # used again
    stage.runs.tick(SPECS[1], "somebody")  # watched, and used
    stage.runs.get(SPECS[8])
    still = [stage.runs._runs.get(spec) is run for spec, run in zip(SPECS, kept, strict=False)]
    assert still[0]
    assert still[1]
    assert still[2:5] == [False] * 3
    assert still[7]
    assert sum(run.bytes for run in stage.runs._runs.values()) <= 5 * size + kept[1].bytes


def test_a_watched_run_is_never_dropped(stage):
    stage.runs = Runs(kept_bytes=0)
    watched = stage.tick(SPECS[0])
    for spec in SPECS[1:]:
        stage.runs.get(spec)
    assert stage.runs.get(SPECS[0]) is watched
    assert len(stage.runs._runs) <= 3


def test_there_are_never_more_than_five_hundred_and_one(stage):
    for seed in range(600):
        stage.runs.get(replace(SMALL, seed=seed))
    assert len(stage.runs._runs) <= 501


def test_a_shipped_history_is_shown_until_somebody_trains_it_live(stage):
    shipped = Run(SPECS[0], [SimpleNamespace(step=step) for step in range(5)], "finished", shipped=True)
    stage.runs.offer(SPECS[0], lambda: shipped)
    assert stage.runs.get(SPECS[0]) is shipped
    assert stage.tick(SPECS[0]) is shipped
    assert stage.trainers == []
    live = stage.runs.live(SPECS[0])
    assert live is not shipped
    assert (live.shipped, live.phase, live.history) == (False, "new", [])
    stage.tick(SPECS[0])
    assert stage.runs.live(SPECS[0]) is live  # a live one stays
    stage.runs.offer(SPECS[0], lambda: shipped)
    assert stage.runs.get(SPECS[0]) is live
    assert steps(stage.runs.get(SPECS[0])) == 0


# --- for real -------------------------------------------------------------------------------------------------------


def wait_until(condition: Callable[[], bool]) -> None:
    give_up = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < give_up
        time.sleep(0.001)


def play(registry: Runs, spec: RunSpec, viewer: str = "somebody") -> Run:
    """Ticks to the end, as a page would."""
    give_up = time.monotonic() + 120
    while time.monotonic() < give_up:
        run = registry.tick(spec, viewer).run
        if run.finished:
            return run
        time.sleep(0.002)
    raise AssertionError(f"{spec} did not finish: {run.phase}, step {steps(run)}")


def test_a_shared_run_is_what_train_gives():
    tensors.tensorflow()
    spec = replace(SMALL, steps=300, batch_size=30)
    run = play(Runs(), spec)
    assert digest(run.history) == digest(list(train(spec)))
    assert (run.phase, run.finished) == ("finished", True)


def test_viewers_in_threads_of_their_own_share_it_without_a_scratch():
    tensors.tensorflow()
    registry, spec = Runs(), replace(SMALL, steps=400, batch_size=30)
    threads = [threading.Thread(target=play, args=[registry, spec, f"viewer {i}"]) for i in range(8)]
    others = [threading.Thread(target=play, args=[registry, replace(spec, seed=seed)]) for seed in range(1, 4)]
    for thread in threads + others:
        thread.start()
    for thread in threads + others:
        thread.join()
    assert digest(registry.get(spec).history) == digest(list(train(spec)))
    assert all(registry.get(replace(spec, seed=seed)).finished for seed in range(1, 4))


def test_step_0_is_there_while_the_trace_is_made_in_the_background(monkeypatch):
    tensors.tensorflow()
    may_finish, real = threading.Event(), training._trace
    monkeypatch.setattr(training, "_trace", lambda key: (may_finish.wait(60), real(key))[1])
    registry, spec = Runs(), RunSpec(widths=(3,), activation="softplus", steps=5)
    assert TRACES.ready(TraceKey.of(spec)) is None
    for _ in range(4):
        run = registry.tick(spec, "somebody").run
        assert (run.phase, steps(run)) == ("building", 0)
    may_finish.set()
    assert steps(play(registry, spec)) == 5


def test_an_overflow_finishes_a_run():
    tensors.tensorflow()
    run = play(Runs(), RunSpec(dataset="diabetes", widths=(8, 8), activation="relu", initializer="he_normal",
                               learning_rate=10, steps=20))
    assert run.history[-1].failure[0] == "overflow"


def test_what_fails_in_the_background_is_raised_at_the_next_tick_and_tried_again():
    outcomes = iter([ValueError("no room"), None])
    done = threading.Event()

    def work():
        outcome = next(outcomes)
        done.set()
        if outcome:
            raise outcome

    runs._prepare("key", work)
    done.wait(60)
    wait_until(lambda: runs._preparing["key"].error)
    with pytest.raises(ValueError, match="no room"):
        runs._prepare("key", work)
    done.clear()
    runs._prepare("key", work)
    assert done.wait(60)


def test_a_trace_that_was_dropped_is_not_kept_by_its_making(monkeypatch):
    """The background must not hold what it made: 300 architectures would stay in memory."""
    class Trace:
        pass

    monkeypatch.setattr(training, "_trace", lambda key: Trace())
    traces = training._Traces(limit=1)
    runs._prepare("first", lambda: traces.get("first"))
    wait_until(lambda: traces.ready("first") is not None)
    made = weakref.ref(traces.ready("first"))
    traces.get("second")
    runs._prepare("last", lambda: None)
    wait_until(lambda: "last" not in runs._preparing)  # the background thread is done with both
    gc.collect()
    assert made() is None
    assert "first" not in runs._preparing


def test_who_comes_to_a_run_that_was_left_unfinished_sees_the_shipped_one(stage):
    shipped = runs.Run(SPECS[0], phase="finished", shipped=True)
    stage.runs.offer(SPECS[0], lambda: shipped)
    left = stage.runs.live(SPECS[0])
    assert stage.runs.opening(SPECS[0]) is shipped
    left.last_tick = time.monotonic()  # somebody is watching it
    assert stage.runs.opening(SPECS[0]) is left
    left.last_tick, left.phase = -runs.WATCHED, "finished"
    assert stage.runs.opening(SPECS[0]) is left


def test_a_run_is_under_way_for_others_while_they_train_it(stage):
    run = stage.tick(SPECS[0], "one")
    assert not run.under_way_for_others("another")  # step 0 is there as soon as a page is open
    stage.tick(SPECS[0], "one")
    assert run.under_way_for_others("another")
    assert not run.under_way_for_others("one")
    stage.clock.now += WATCHED
    assert not run.under_way_for_others("another")  # it was paused
    stage.tick(replace(SPECS[0], steps=2), "one")
    stage.tick(replace(SPECS[0], steps=2), "one")
    assert not stage.runs.get(replace(SPECS[0], steps=2)).under_way_for_others("another")  # it has finished


def test_a_shipped_run_is_never_dropped(stage):
    shipped = runs.Run(SPECS[0], phase="finished", shipped=True)
    few = runs.Runs(kept_bytes=0)
    few.offer(SPECS[0], lambda: shipped)
    for spec in SPECS[1:4]:
        few.get(spec)
    assert few.get(SPECS[0]) is shipped
