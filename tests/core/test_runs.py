"""A run is shared by all who want it, and runs share the machine: on a clock of the test's own, then with workers."""

import gc
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import pytest

from core import runs, tensors, training
from core.runs import CHUNK, PAUSE, SLOTS, WANTED, Run, Runs
from core.spec import RunSpec
from core.training import TRACES, TraceKey, kept_parameters, train
from tests.core.test_training import SMALL, digest

SPECS = [replace(SMALL, seed=seed, steps=20000) for seed in range(40)]
PATIENCE = 120  # seconds for what takes a moment


class Clock:
    """Stands in for the module `time`; goes on only when told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def perf_counter(self) -> float:
        return self.now


class Stage:
    """A clock, trainers whose calls take exactly `cost` seconds on it and one step each, and no worker but the test."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.clock, self.cost, self.trainers = Clock(), {}, []
        self.untraced: set[RunSpec] = set()  # those whose trace is being made
        self.asked: set[RunSpec] = set()  # those whose trace was needed
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

        def traced(key: RunSpec) -> bool:
            stage.asked.add(key)
            return key not in stage.untraced

        patch.setattr(runs, "time", self.clock)
        patch.setattr(runs, "Trainer", FakeTrainer)
        patch.setattr(runs, "traced", traced)
        patch.setattr(tensors, "loaded", lambda: True)
        self.use(Runs())

    def use(self, registry: Runs) -> None:
        self.runs = registry
        registry._workers = SLOTS  # so that it starts none

    def want(self, spec: RunSpec, viewer: str = "somebody", moments: int | None = None) -> Run:
        return self.runs.want(viewer, [spec], moments)[0]

    def chunk(self) -> Run | None:
        """What a worker does next, a moment later; the run it was for, None if there was nothing to do."""
        self.clock.now += 0.001
        run = self.runs._next()
        if run:
            run.work(run.goal())
        return run

    def share(self, specs: list[RunSpec], chunks: int) -> list[Run]:
        """So many chunks while each of the runs is wanted by a viewer of its own, who says so again and again."""
        for _ in range(chunks):
            wanted = [self.want(spec, f"viewer of {spec.seed}") for spec in specs]
            assert self.chunk()
        return wanted


@pytest.fixture
def stage(monkeypatch) -> Stage:
    return Stage(monkeypatch)


def steps(run: Run) -> int:
    return run.history[-1].step if run.history else -1


# --- one run, many viewers ------------------------------------------------------------------------------------------


def test_all_who_want_a_run_have_one_trained(stage):
    wanted = []
    for i in range(120):
        wanted.append(stage.want(RunSpec(widths=(8, 6), steps=1000), f"viewer {i % 30}"))
        stage.chunk()
    assert len({id(run) for run in wanted}) == 1
    assert len(stage.trainers) == 1
    assert [snapshot.step for snapshot in wanted[0].history] == list(range(steps(wanted[0]) + 1))


def test_the_first_chunk_gives_step_0_and_the_next_ones_train(stage):
    run = stage.want(SPECS[0])
    stage.chunk()
    assert [snapshot.step for snapshot in run.history] == [0]
    for chunk in range(1, 10):
        stage.chunk()
        assert steps(run) == chunk * round(CHUNK / 0.01)
    assert run.served == pytest.approx(9 * CHUNK)


def test_a_chunk_is_at_least_one_call_however_slow(stage):
    stage.cost[SPECS[0]] = 5.0
    for step in range(4):
        run = stage.want(SPECS[0])
        stage.chunk()
        assert steps(run) == step


def test_nothing_goes_on_when_nobody_asks_any_more(stage):
    run, start = stage.want(SPECS[0]), stage.clock.now
    while stage.chunk():
        pass
    assert WANTED <= stage.clock.now - start < WANTED + 2 * CHUNK
    before = steps(run)
    assert before > 100
    stage.clock.now += 3600
    assert stage.chunk() is None
    stage.want(SPECS[0])
    assert stage.chunk() is run
    assert steps(run) > before


def test_moments_are_where_it_stops_for_now(stage):
    run = stage.want(SPECS[0], moments=4)
    while stage.chunk():
        pass
    assert len(run.history) == 4
    stage.want(SPECS[0], moments=5)
    while stage.chunk():
        pass
    assert len(run.history) == 5
    stage.want(SPECS[0], moments=2)  # who looks back trains nothing
    assert stage.chunk() is None
    stage.want(SPECS[0], "another", moments=7)  # who wants most has it trained
    while stage.chunk():
        pass
    assert len(run.history) == 7
    stage.want(SPECS[0], "another")
    stage.chunk()
    assert len(run.history) > 7


def test_a_viewer_wants_what_he_said_last(stage):
    first = stage.want(SPECS[0])
    second, third = stage.runs.want("somebody", SPECS[1:3])
    for _ in range(10):
        assert stage.chunk() in (second, third)
    assert first.history == []
    assert steps(second) > 0
    assert steps(third) > 0
    assert stage.runs.want("somebody", []) == []
    assert stage.chunk() is None


def test_a_run_that_is_wanted_twice_is_one(stage):
    one, other = stage.runs.want("somebody", [SPECS[0], SPECS[0]])
    assert one is other


def test_step_0_alone_needs_no_trace(stage):
    stage.untraced.add(SPECS[0])
    run = stage.want(SPECS[0], moments=1)
    while stage.chunk():
        pass
    assert (run.phase, steps(run), stage.asked) == ("building", 0, set())
    stage.want(SPECS[0], moments=2)
    stage.chunk()
    assert (run.phase, steps(run), stage.asked) == ("building", 0, {SPECS[0]})


def test_step_0_of_a_new_run_comes_before_everything_else(stage):
    stage.share(SPECS[:5], 50)
    new = stage.want(SPECS[5])
    assert stage.chunk() is new
    assert steps(new) == 0


def test_a_finished_run_is_read_and_not_touched(stage):
    spec = replace(SMALL, steps=6)
    run = stage.want(spec)
    while stage.chunk():
        pass
    assert (run.phase, run.finished, steps(run), run._trainer) == ("finished", True, 6, None)
    assert stage.want(spec) is run
    assert stage.chunk() is None


def test_get_computes_nothing(stage):
    assert stage.runs.get(SPECS[0]) is stage.runs.get(SPECS[0])
    assert stage.chunk() is None
    assert stage.trainers == []
    assert stage.runs.get(SPECS[0]).phase == "new"


# --- many runs share the machine ------------------------------------------------------------------------------------


def test_runs_share_the_time_evenly(stage):
    for i, spec in enumerate(SPECS[:7]):
        stage.cost[spec] = (0.002, 0.01, 0.1)[i % 3]  # small networks and large ones
    for chunk in range(300):
        for i, spec in enumerate(SPECS[:7]):
            for viewer in range(1 + i if chunk % 2 else 1):  # some have more viewers, who ask more often
                stage.want(spec, f"viewer {viewer} of {i}")
        stage.chunk()
    served = [stage.runs.get(spec).served for spec in SPECS[:7]]
    assert max(served) - min(served) <= 0.1 + CHUNK
    assert min(served) > 1


def test_nobody_starves_among_thirty(stage):
    stage.share(SPECS[:30], 30)
    for _ in range(10):
        before = [steps(stage.runs.get(spec)) for spec in SPECS[:30]]
        shared = stage.share(SPECS[:30], 60)
        assert all(steps(run) > old for run, old in zip(shared, before, strict=True))


def test_a_newcomer_is_owed_nothing_for_the_time_before(stage):
    [old] = stage.share(SPECS[:1], 100)
    assert old.served > 2
    before = steps(old)
    old, new = stage.share(SPECS[:2], 6)  # the old one goes on beside the new one at once
    assert steps(old) > before
    assert new.served == pytest.approx(old.served, abs=2 * CHUNK)


def test_who_comes_back_is_owed_nothing_for_the_time_away(stage):
    away, _ = stage.share(SPECS[:2], 10)
    stage.clock.now += WANTED
    [stays] = stage.share(SPECS[1:2], 100)
    assert stays.served > away.served + 2
    before = steps(stays)
    stage.share(SPECS[:2], 4)
    assert away.served == pytest.approx(stays.served, abs=2 * CHUNK)
    assert steps(stays) > before


def test_a_run_whose_trace_is_being_made_holds_nobody_up_and_is_owed_nothing(stage):
    stage.untraced.add(SPECS[1])
    ready, waiting = stage.share(SPECS[:2], 200)
    assert (waiting.phase, steps(waiting)) == ("building", 0)
    assert ready.served > 2
    stage.untraced.clear()
    before = steps(ready)
    stage.share(SPECS[:2], 6)  # now that it can train, both get on
    assert steps(ready) > before
    assert steps(waiting) > 0
    assert waiting.served == pytest.approx(ready.served, abs=2 * CHUNK)


def test_a_run_that_is_as_far_as_it_is_wanted_holds_nobody_up_and_is_owed_nothing(stage):
    for _ in range(100):
        paused, playing = stage.want(SPECS[0], "one", moments=3), stage.want(SPECS[1], "another")
        stage.chunk()
    assert len(paused.history) == 3
    assert playing.served > 2
    before = steps(playing)
    stage.share(SPECS[:2], 4)
    assert steps(playing) > before
    assert paused.served == pytest.approx(playing.served, abs=2 * CHUNK)


def test_a_run_that_a_worker_has_is_not_for_another(stage):
    taken = stage.want(SPECS[0])
    assert stage.runs._next() is taken
    assert stage.chunk() is None
    stage.want(SPECS[1], "another")
    assert stage.chunk() is not taken
    taken.work(taken.goal())
    assert stage.runs._next()


def test_how_many_runs_of_others_are_in_the_way(stage):
    for i, spec in enumerate(SPECS[:5]):
        stage.want(spec, f"viewer {i}")
        assert stage.runs.waiting(f"viewer {i}") == max(0, i + 1 - SLOTS)
    # a second run of one's own is nobody else's
    stage.runs.want("viewer 0", [SPECS[0], SPECS[5], SPECS[6]])
    assert stage.runs.waiting("viewer 0") == min(4, 7 - SLOTS)
    # one that somebody else wants too is no other run
    stage.runs.want("viewer 0", SPECS[:4])
    assert stage.runs.waiting("viewer 0") == min(1, 5 - SLOTS)
    stage.clock.now += WANTED
    stage.want(SPECS[0], "viewer 0")
    assert stage.runs.waiting("viewer 0") == 0


def test_runs_that_have_nothing_to_do_are_in_nobodys_way(stage):
    for i, spec in enumerate(SPECS[:5]):
        stage.want(spec, f"viewer {i}", moments=1)
    while stage.chunk():
        pass
    stage.want(SPECS[5], "viewer 5")
    assert stage.runs.waiting("viewer 5") == 0


# --- the registry ---------------------------------------------------------------------------------------------------


def test_the_least_recently_used_unwanted_runs_make_room(stage):
    size = 10 * ((SMALL.depth + 1) * 72 + 4 * kept_parameters(SMALL) + 1000)
    stage.use(Runs(kept_bytes=5 * size))
    kept = [stage.runs.get(spec) for spec in SPECS[:8]]
    for run in kept:
        run.history.extend([SimpleNamespace(step=0)] * 10)
    stage.runs.get(SPECS[0])  # used again
    stage.want(SPECS[1])  # wanted, and used
    stage.runs.get(SPECS[8])
    still = [stage.runs._runs.get(spec) is run for spec, run in zip(SPECS, kept, strict=False)]
    assert still == [True, True, False, False, False, True, True, True]
    assert sum(run.bytes for run in stage.runs._runs.values()) <= 5 * size


def test_wanted_runs_are_never_dropped(stage):
    stage.use(Runs(kept_bytes=0))
    wanted = stage.runs.want("somebody", SPECS[:3])
    while not all(run.history for run in wanted):
        stage.chunk()
    for spec in SPECS[3:]:
        stage.runs.get(spec)
    assert [stage.runs.get(spec) for spec in SPECS[:3]] == wanted
    stage.clock.now += WANTED
    stage.runs.get(SPECS[3])
    stage.runs.get(SPECS[-2])
    assert not any(spec in stage.runs._runs for spec in SPECS[:3])


def test_there_are_never_more_than_five_hundred_and_one(stage):
    for seed in range(600):
        stage.runs.get(replace(SMALL, seed=seed))
    assert len(stage.runs._runs) <= 501


def shipped_run(spec: RunSpec = SPECS[0]) -> Run:
    return Run(spec, [SimpleNamespace(step=step) for step in range(5)], phase="finished", shipped=True)


def test_an_offered_run_is_read_once_when_somebody_asks_for_it(stage):
    reads = []
    stage.runs.offer(SPECS[0], lambda: reads.append(SPECS[0]) or shipped_run())
    assert not stage.runs.get(SPECS[1]).shipped
    assert reads == []
    assert stage.runs.get(SPECS[0]).shipped
    assert stage.runs.get(SPECS[0]) is stage.runs.get(SPECS[0])
    assert reads == [SPECS[0]]


def test_a_shipped_run_is_what_is_wanted(stage):
    shipped = shipped_run()
    stage.runs.offer(SPECS[0], lambda: shipped)
    assert stage.runs.get(SPECS[0]) is stage.want(SPECS[0]) is shipped
    assert stage.chunk() is None
    assert not shipped._wants  # it lives as long as the process and needs to know of nobody


def test_a_shipped_run_is_never_dropped(stage):
    shipped, few = shipped_run(), Runs(kept_bytes=0)
    few.offer(SPECS[0], lambda: shipped)
    for spec in SPECS[1:4]:
        few.get(spec)
    assert few.get(SPECS[0]) is shipped


# --- what goes wrong ------------------------------------------------------------------------------------------------


def broken() -> None:
    raise ValueError("broken")


def failing(stage: Stage, patch: pytest.MonkeyPatch) -> Run:
    """A run that has just failed, after step 0."""
    run = stage.want(SPECS[0])
    stage.chunk()
    with patch.context() as broken_for_now:
        broken_for_now.setattr(run._trainer, "advance", broken)
        assert stage.chunk() is run
    assert stage.chunk() is None  # it is left alone
    return run


def test_what_went_wrong_is_raised_to_who_wants_the_run_and_then_tried_again(stage, monkeypatch):
    failed = failing(stage, monkeypatch)
    with pytest.raises(ValueError, match="broken"):
        stage.want(SPECS[0])
    run = stage.want(SPECS[0])
    while stage.chunk() and steps(run) < 9:
        pass
    assert [snapshot.step for snapshot in run.history] == list(range(steps(run) + 1))
    assert [snapshot.step for snapshot in failed.history] == [0]


def test_what_went_wrong_is_raised_to_who_waits_for_the_run_and_tried_again_when_it_is_wanted(stage, monkeypatch):
    failed = failing(stage, monkeypatch)
    assert failed.wait(1, PATIENCE)  # which was there
    for _ in range(2):
        with pytest.raises(ValueError, match="broken"):
            failed.wait(2, PATIENCE)
    assert stage.chunk() is None
    assert stage.want(SPECS[0], "another") is not failed  # who is told already is not told again
    assert stage.chunk()


def test_what_failed_in_the_background_is_raised_as_well(stage, monkeypatch):
    run = stage.want(SPECS[0])
    stage.chunk()
    with monkeypatch.context() as patch:
        patch.setattr(runs, "traced", lambda key: broken())
        stage.chunk()
    with pytest.raises(ValueError, match="broken"):
        run.wait(2, PATIENCE)
    with monkeypatch.context() as patch:
        patch.setattr(tensors, "loaded", lambda: False)
        patch.setattr(runs, "load_tensorflow", broken)
        stage.want(SPECS[0])
        stage.chunk()
    with pytest.raises(ValueError, match="broken"):
        stage.want(SPECS[0])
    run = stage.want(SPECS[0])
    stage.chunk()
    stage.chunk()
    assert run.wait(2, PATIENCE)


def test_a_run_says_that_it_waits_for_tensorflow_and_goes_on_once_it_is_there(stage, monkeypatch):
    asked = []
    run = stage.want(SPECS[0])
    with monkeypatch.context() as patch:
        patch.setattr(tensors, "loaded", lambda: False)
        patch.setattr(runs, "load_tensorflow", lambda: asked.append("TensorFlow"))
        for _ in range(3):
            assert stage.chunk() is None
            assert (run.phase, run.history) == ("loading", [])
    assert asked
    stage.chunk()
    assert (run.phase, steps(run)) == ("building", 0)


# --- with workers, for real -----------------------------------------------------------------------------------------


def wait_until(condition: Callable[[], bool]) -> None:
    give_up = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < give_up
        time.sleep(0.001)


@pytest.fixture
def registry(monkeypatch) -> Iterator[Runs]:
    """Runs with workers of their own, at rest when the test is over."""
    made = Runs()
    yield made
    with made._change:
        left = list(made._runs.values())
        made._runs.clear()
    wait_until(lambda: not any(run.busy for run in left))


def play(registry: Runs, spec: RunSpec, viewer: str = "somebody", moments: int | None = None) -> Run:
    """Wants and waits, as a page would, to the end or so far."""
    give_up = time.monotonic() + PATIENCE
    while time.monotonic() < give_up:
        [run] = registry.want(viewer, [spec], moments)
        if run.wait(moments or spec.steps + 1, WANTED / 2) or run.finished:
            return run
    raise AssertionError(f"{spec} did not come so far: {run.phase}, step {steps(run)}")


def test_a_shared_run_is_what_train_gives(registry):
    tensors.tensorflow()
    spec = replace(SMALL, steps=300, batch_size=30)
    run = play(registry, spec)
    assert digest(run.history) == digest(list(train(spec)))
    assert (run.phase, run.finished) == ("finished", True)


def test_viewers_in_threads_of_their_own_share_it_without_a_scratch(registry):
    tensors.tensorflow()
    spec = replace(SMALL, steps=400, batch_size=30)
    threads = [threading.Thread(target=play, args=[registry, spec, f"viewer {i}"]) for i in range(8)]
    threads += [threading.Thread(target=play, args=[registry, replace(spec, seed=seed), f"of {seed}"])
                for seed in range(1, 4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert digest(registry.get(spec).history) == digest(list(train(spec)))
    assert all(registry.get(replace(spec, seed=seed)).finished for seed in range(1, 4))


def test_a_run_that_was_tried_again_is_what_train_gives(registry, monkeypatch):
    tensors.tensorflow()
    spec = replace(SMALL, steps=40)
    run = play(registry, spec, moments=9)
    with monkeypatch.context() as patch:
        patch.setattr(run._trainer, "advance", broken)
        with pytest.raises(ValueError, match="broken"):
            play(registry, spec)
    assert digest(play(registry, spec).history) == digest(list(train(spec)))


def test_step_0_is_there_while_the_trace_is_made_in_the_background(registry, monkeypatch, request):
    tensors.tensorflow()
    may_finish, made, real = threading.Event(), [], training._trace
    request.addfinalizer(may_finish.set)  # whatever fails here, it keeps nobody else waiting
    monkeypatch.setattr(training, "_trace", lambda key: (made.append(key), may_finish.wait(PATIENCE), real(key))[2])
    spec = RunSpec(widths=(3,), activation="softplus", steps=5)
    other = replace(spec, seed=7)  # of the same architecture
    assert TRACES.ready(TraceKey.of(spec)) is None
    registry.want("somebody", [spec, other])
    wait_until(lambda: made)
    for one in (spec, other):
        run = play(registry, one, moments=1)
        assert (run.phase, steps(run)) == ("building", 0)
    may_finish.set()
    assert steps(play(registry, spec)) == steps(play(registry, other)) == 5
    assert made == [TraceKey.of(spec)]


def test_an_overflow_finishes_a_run(registry):
    tensors.tensorflow()
    spec = RunSpec(dataset="diabetes", widths=(8, 8), activation="relu", initializer="he_normal", learning_rate=10,
                   steps=20)
    run = play(registry, spec)
    assert run.history[-1].failure[0] == "overflow"
    assert run.wait(21, PATIENCE)  # there will be no more


class Gate:
    """Trainers without TensorFlow that stop before each step until they are let through, or fail there."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.passes, self.arrived, self.wide, self.fails = threading.Semaphore(0), [], False, False
        gate = self

        class GatedTrainer:
            finished, key = False, None

            def __init__(self, spec: RunSpec) -> None:
                self.spec, self.snapshot = spec, SimpleNamespace(step=0)

            def advance(self):
                gate.arrived.append(self.spec)
                assert gate.wide or gate.passes.acquire(timeout=PATIENCE)
                if gate.fails:
                    broken()
                self.snapshot = SimpleNamespace(step=self.snapshot.step + 1)
                return self.snapshot

        patch.setattr(runs, "Trainer", GatedTrainer)
        patch.setattr(runs, "traced", lambda key: True)
        patch.setattr(tensors, "loaded", lambda: True)
        patch.setattr(runs, "WANTED", PATIENCE)

    def let_through(self, steps: int = 1) -> None:
        for _ in range(steps):
            self.passes.release()


@pytest.fixture
def gate(registry, monkeypatch) -> Iterator[Gate]:
    made = Gate(monkeypatch)
    yield made
    made.wide = True
    made.let_through(SLOTS)


def started(*works: Callable[[], object]) -> list[threading.Thread]:
    threads = [threading.Thread(target=work, daemon=True) for work in works]
    for thread in threads:
        thread.start()
    return threads


def joined(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive()


def waited_for(run: Run, viewers: int) -> None:
    wait_until(lambda: len(run._waiters) == viewers)


def test_workers_begin_when_something_is_wanted_and_sleep_while_nothing_is(registry, gate, monkeypatch):
    naps, wait = {}, registry._change.wait  # for how long each worker sleeps, None: until it is woken

    def noted(seconds: float | None) -> None:
        naps[threading.get_ident()] = seconds
        wait(seconds)

    monkeypatch.setattr(registry._change, "wait", noted)
    registry.get(SPECS[0])
    assert registry._workers == 0
    for moments in (1, 1, 2, 3):
        [run] = registry.want("somebody", SPECS[:1], moments)
        gate.let_through(moments - len(run.history) if run.history else 0)
        assert run.wait(moments, PATIENCE)
        assert registry._workers == SLOTS
        wait_until(lambda: list(naps.values()) == [None] * SLOTS)
    assert steps(run) == 2


def test_a_run_has_one_worker_at_a_time_and_others_are_at_work_beside_it(registry, gate):
    wanted = registry.want("somebody", SPECS[:1])
    wait_until(lambda: gate.arrived)
    time.sleep(5 * PAUSE)  # another would have come by now
    assert gate.arrived == SPECS[:1]
    wanted += registry.want("another", SPECS[1:5])
    wait_until(lambda: len(gate.arrived) == SLOTS)
    assert len(set(gate.arrived)) == SLOTS
    assert sum(run.busy for run in wanted) == SLOTS


def test_who_waits_is_woken_when_his_own_need_is_met(registry, gate):
    woken = []

    def wait(moments: int) -> None:
        assert run.wait(moments, PATIENCE)
        woken.append(moments)

    [run] = registry.want("somebody", SPECS[:1], moments=2)
    early, late = started(*[lambda: wait(2)] * 100), started(*[lambda: wait(3)] * 200)
    waited_for(run, 300)
    gate.let_through()
    joined(early)
    assert woken == [2] * 100
    assert len(run._waiters) == 200
    registry.want("somebody", SPECS[:1], moments=3)
    gate.let_through()
    joined(late)
    assert woken == [2] * 100 + [3] * 200
    assert not run._waiters


def test_who_waits_in_vain_is_told(registry, gate):
    run = registry.get(SPECS[0])
    assert run.wait(0, PATIENCE)
    assert not run.wait(1, 0.01)  # nobody wants it
    registry.want("somebody", SPECS[:1], moments=1)
    assert run.wait(1, PATIENCE)
    assert not run.wait(2, 0.01)


def test_all_who_wait_are_told_what_went_wrong_and_the_worker_lives_on(registry, gate):
    told = []

    def wait(run: Run) -> None:
        with pytest.raises(ValueError, match="broken"):
            run.wait(2, PATIENCE)
        told.append(run)

    gate.fails = True
    for _ in range(SLOTS + 1):
        [run] = registry.want("somebody", SPECS[:1])
        threads = started(*[partial(wait, run)] * 20)
        waited_for(run, 20)
        gate.let_through()
        joined(threads)
        assert told[-20:] == [run] * 20
    gate.fails = False
    [run] = registry.want("somebody", SPECS[:1], moments=2)
    gate.let_through()
    assert run.wait(2, PATIENCE)


# --- in the background ----------------------------------------------------------------------------------------------


def test_what_fails_in_the_background_is_raised_at_the_next_call_and_tried_again():
    outcomes = iter([ValueError("no room"), None])
    done = threading.Event()

    def work():
        outcome = next(outcomes)
        done.set()
        if outcome:
            raise outcome

    runs._prepare("key", work)
    done.wait(PATIENCE)
    wait_until(lambda: runs._preparing["key"].error)
    with pytest.raises(ValueError, match="no room"):
        runs._prepare("key", work)
    done.clear()
    runs._prepare("key", work)
    assert done.wait(PATIENCE)


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
