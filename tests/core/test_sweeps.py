"""A sweep: the same numbers by any executor, resumed where it stopped, and through the death of workers."""

import json
import os
import signal
import subprocess
import sys
import types
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest

from core import sweeps
from core.diagnosis import diagnose
from core.spec import FIELDS, RunSpec
from core.sweeps import DEATHS, MOST_RUNS, Outcome, Results, grid, main, processes, read_grid, sweep
from core.training import train

SMALL = RunSpec(samples=32, widths=(4, 4), activation="tanh", steps=20, learning_rate=0.5)
SPECS = [replace(SMALL, seed=seed, widths=widths) for widths in ((4, 4), (6,) * 3) for seed in range(3)]


class Serial(Executor):
    """One task at a time, in this process; `dies` says of which tasks a worker dies, with that error."""

    def __init__(self, dies=lambda batch: False, error=BrokenProcessPool) -> None:
        self.dies, self.error, self.broken, self.batches = dies, error, False, []

    def submit(self, task, batch):
        if self.broken:
            raise BrokenProcessPool("broken")
        future: Future = Future()
        self.batches.append(batch)
        if self.dies(batch):
            self.broken = self.error is BrokenProcessPool
            future.set_exception(self.error("a worker died"))
        else:
            future.set_result(task(batch))
        return future


@pytest.fixture(scope="module")
def expected():
    """The lines of the outcomes, run by run, without a sweep."""
    return lines(map(Outcome.of, SPECS))


@pytest.fixture
def own_main(monkeypatch):
    """A fresh process imports the main module of its parent; the tests of pages put the app in its place."""
    monkeypatch.setitem(sys.modules, "__main__", types.ModuleType("__main__"))


def lines(outcomes) -> set[str]:
    """Outcomes to the last bit; a text of a float64 is read as the same float64."""
    return {json.dumps(outcome.row()) for outcome in outcomes}


def stored(path: Path) -> set[str]:
    with Results(path) as results:
        return lines(results.read())


# --- one outcome ------------------------------------------------------------------------------------------------------


def test_an_outcome_is_what_its_run_shows():
    spec = replace(SMALL, test_fraction=0.5)
    history = list(train(spec))
    outcome, last = Outcome.of(spec), history[-1]
    assert outcome.verdict == diagnose(spec, history).kind
    assert (outcome.batch_loss, outcome.training_loss) == (last.loss, last.training_loss)
    assert outcome.accuracy == last.accuracy
    assert outcome.validation_accuracy == last.validation_accuracy
    assert outcome.signal_start == history[0].layers.signal_rms[0] / history[0].layers.signal_rms[1]
    assert outcome.signal_end == last.layers.signal_rms[0] / last.layers.signal_rms[1]
    assert (outcome.step, outcome.failure, outcome.error) == (20, "", "")
    assert len(outcome.row()) == 1 + len(FIELDS) + len(sweeps._MEASURED)  # no two columns of one name


def test_an_overflow_and_a_regression_are_outcomes_too():
    grown = Outcome.of(RunSpec(activation="relu", initializer="he_normal", gain=20, widths=(32,) * 20, steps=20,
                               samples=32, learning_rate=100))
    assert (grown.verdict, grown.failure) == ("overflow", "overflow")
    assert grown.step == grown.failed_step < 20
    regression = Outcome.of(RunSpec(dataset="sine", widths=(4,), steps=5, test_fraction=0))
    assert (regression.accuracy, regression.validation_loss, regression.signal_end) == (None, None, None)


def test_what_a_run_raises_is_its_outcome(monkeypatch):
    def fails(spec):
        raise MemoryError("no room")

    monkeypatch.setattr(sweeps, "train", fails)
    assert Outcome.of(SMALL) == Outcome(SMALL, error="MemoryError: no room")


@pytest.mark.parametrize("suffix", [".parquet", ".jsonl"])
def test_an_outcome_is_read_as_it_was_stored(tmp_path, suffix):
    path = tmp_path / "deep" / f"results{suffix}"
    odd = [Outcome(SMALL, "overflow", 3, np.inf, np.nan, -np.inf, 0.1 + 0.2, failure="overflow", failed_layer=2,
                   failed_step=3),
           Outcome(replace(SMALL, dataset="points", points=((0.5, -1.0, 1), (1.0, 2.0, 0)), batch_norm=(True, False)),
                   error="It fell: “out”\nof memory")]
    with Results(path) as results:
        results.add(odd[:1])
        results.add(odd[1:])
    assert stored(path) == lines(odd)
    assert {file.suffix for file in path.parent.iterdir()} == {suffix}


def test_the_last_outcome_of_a_run_counts_and_an_unfinished_line_does_not(tmp_path):
    path = tmp_path / "results.jsonl"
    with Results(path) as results:
        results.add([Outcome(SMALL, error="first"), Outcome(SMALL, "learned")])
    with path.open("a") as file:
        file.write('{"run": "v=1", "verd')
    assert stored(path) == lines([Outcome(SMALL, "learned")])
    with Results(path) as results:
        results.add([Outcome(SPECS[1], "learned")])
    assert stored(path) == lines([Outcome(SMALL, "learned"), Outcome(SPECS[1], "learned")])


def test_a_process_that_was_killed_leaves_what_it_had(tmp_path):
    """Before the parquet file is written there are the lines; after that they are not counted twice."""
    path = tmp_path / "results.parquet"
    killed = Results(path)
    killed.add([Outcome(SMALL, "learned")])  # and never closed
    assert not path.exists()
    assert stored(path) == lines([Outcome(SMALL, "learned")])
    assert path.exists()


@pytest.mark.parametrize(("name", "text", "word"), [
    ("a.csv", "", "parquet or .jsonl"), ("a.jsonl", "no row\n", "one row"), ("a.jsonl", "[1]\n", "one row"),
    ("a.jsonl", '{"run": "v=1"}\n', "Missing: verdict"), ("a.parquet", "no parquet", "and is none")])
def test_another_file_is_refused(tmp_path, name, text, word):
    (tmp_path / name).write_text(text)
    with pytest.raises(ValueError, match=word):
        next(sweep(SPECS, Serial(), tmp_path / name))
    assert (tmp_path / name).read_text() == text


# --- the same numbers -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [Serial, lambda: ThreadPoolExecutor(1), lambda: ThreadPoolExecutor(3)],
                         ids=["serial", "a thread", "threads"])
@pytest.mark.parametrize("order", [1, -1])
def test_the_numbers_are_the_same_by_any_executor_in_any_order(tmp_path, expected, make, order):
    found = list(sweep(SPECS[::order], make, tmp_path / "results.jsonl"))
    assert len(found) == len(SPECS)
    assert lines(found) == expected
    assert stored(tmp_path / "results.jsonl") == expected


def test_two_processes_find_the_same(tmp_path, expected, own_main):
    assert lines(sweep(SPECS, lambda: processes(2), tmp_path / "results.parquet")) == expected
    assert stored(tmp_path / "results.parquet") == expected


def test_an_executor_that_is_there_is_left_running(tmp_path):
    with ThreadPoolExecutor(1) as executor:
        list(sweep(SPECS[:1], executor, tmp_path / "results.jsonl"))
        assert executor.submit(int, 7).result() == 7


def test_equal_runs_are_trained_once(tmp_path):
    executor = Serial()
    assert len(list(sweep([SMALL, replace(SMALL), SMALL], executor, tmp_path / "results.jsonl"))) == 1
    assert sum(map(len, executor.batches)) == 1


def test_it_goes_on_where_it_stopped(tmp_path, expected):
    """After any number of outcomes the sweep is left; the next one trains the others alone."""
    path, first, second = tmp_path / "results.parquet", Serial(), Serial()
    stopped = sweep(SPECS, first, path, in_flight=1)
    some = [next(stopped), next(stopped)]
    stopped.close()
    known = stored(path)
    assert lines(some) <= known
    found = list(sweep(SPECS, second, path))
    assert lines(found) == expected
    assert lines(found[:len(known)]) == known
    trained = {spec for batch in second.batches for spec in batch}
    assert trained.isdisjoint(Outcome.from_row(json.loads(line)).spec for line in known)
    assert list(sweep(SPECS, Serial(dies=lambda batch: True), path)) == found[:len(known)] + found[len(known):]


def test_a_run_without_an_outcome_is_tried_again(tmp_path, expected):
    with Results(tmp_path / "results.jsonl") as results:
        results.add([Outcome(SPECS[0], error="MemoryError: no room")])
    assert lines(sweep(SPECS, Serial, tmp_path / "results.jsonl")) == expected


# --- tasks ------------------------------------------------------------------------------------------------------------


def test_a_task_has_as_many_runs_as_take_a_while_and_one_architecture_at_a_time():
    many = [replace(SMALL, seed=seed, widths=(width,) * 2) for seed in range(40) for width in (4, 8)]
    batches = sweeps._Batches(many)
    found = []
    while batch := batches.next():
        found.append(batch)
        batches.took(batch, 0.5 * sum(map(sweeps.seconds_expected, batch)))
    assert {spec for batch in found for spec in batch} == {*many}
    assert sum(map(len, found)) == len(many)
    assert len(found[2]) > len(found[0]) > 1  # runs turn out to take half as long as expected
    widths = [spec.widths for batch in found for spec in batch]
    assert widths == sorted(widths)


def test_a_long_run_is_a_task_of_its_own():
    long = [replace(SMALL, steps=20_000, widths=(32,) * 20, seed=seed) for seed in range(2)]
    assert sweeps._Batches(long).next() == (long[0],)


# --- workers that die -------------------------------------------------------------------------------------------------


def dying(times: int, of=lambda batch: True, error=BrokenProcessPool):
    """A function that makes executors; their workers die of the first so many tasks that are `of` the kind."""
    left, made = [times], []

    def dies(batch):
        if left[0] and of(batch):
            left[0] -= 1
            return True
        return False

    def make():
        made.append(Serial(dies, error))
        return made[-1]

    make.made = made
    return make


@pytest.mark.parametrize("in_flight", [1, 2, 8])
def test_a_worker_that_dies_is_replaced_and_its_runs_are_repeated(tmp_path, expected, in_flight, monkeypatch):
    monkeypatch.setattr(sweeps, "TASK_SECONDS", 0.15)
    make = dying(1)
    assert lines(sweep(SPECS, make, tmp_path / "results.jsonl", in_flight=in_flight)) == expected
    assert len(make.made) == 2


@pytest.mark.parametrize("error", [BrokenProcessPool, RuntimeError])
def test_a_run_that_no_worker_survives_is_given_up_and_the_others_are_not(tmp_path, expected, error):
    bad = SPECS[1]
    make = dying(100, lambda batch: bad in batch, error)
    found = {outcome.spec: outcome for outcome in sweep(SPECS, make, tmp_path / "results.jsonl")}
    assert found.keys() == {*SPECS}
    assert found[bad].error == f"Given up after {DEATHS} tries: {error.__name__}: a worker died"
    assert lines(outcome for spec, outcome in found.items() if spec != bad) < expected
    assert [spec for spec, outcome in found.items() if outcome.error] == [bad]


def test_an_executor_that_breaks_and_cannot_be_made_again_says_what_to_do(tmp_path):
    with pytest.raises(BrokenExecutor, match="start the sweep again"):
        list(sweep(SPECS, Serial(dies=lambda batch: True), tmp_path / "results.jsonl"))


@pytest.mark.nightly
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signal that a process cannot catch")
def test_a_process_that_is_killed_at_work_is_replaced(tmp_path, monkeypatch, own_main):
    monkeypatch.setattr(sweeps, "TASK_SECONDS", 0.1)  # a task a run
    specs = [replace(SMALL, seed=seed, widths=(16,) * 5, samples=256, steps=200) for seed in range(8)]
    pools, killed = [], False

    def make():
        pools.append(processes(2))
        return pools[-1]

    found = []
    for outcome in sweep(specs, make, tmp_path / "results.parquet"):
        found.append(outcome)
        if not killed:
            killed = True
            os.kill(next(iter(pools[0]._processes)), signal.SIGKILL)
    assert len(pools) == 2
    assert [outcome.error for outcome in found] == [""] * 8
    assert lines(found) == lines(map(Outcome.of, specs)) == stored(tmp_path / "results.parquet")


PARENT = """
import sys
from core.sweeps import processes
from os import getpid
if __name__ == "__main__":
    pool = processes(1)
    print(pool.submit(getpid).result(), flush=True)
    sys.stdin.read()
"""


def test_workers_end_when_the_sweep_is_killed(tmp_path):
    (tmp_path / "parent.py").write_text(PARENT)
    with subprocess.Popen([sys.executable, tmp_path / "parent.py"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True, env=os.environ | {"PYTHONPATH": str(Path(sweeps.__file__).parents[1])}) as parent:
        worker = psutil.Process(int(parent.stdout.readline()))
        assert worker.is_running()
        parent.kill()
        psutil.wait_procs([worker], timeout=60)
        assert not worker.is_running()


@pytest.mark.nightly
@pytest.mark.filterwarnings("default")  # Dask's own
def test_a_dask_worker_that_is_killed_at_work_is_replaced(tmp_path, monkeypatch, own_main):
    """A real scheduler on this machine with two worker processes."""
    monkeypatch.setattr(sweeps, "TASK_SECONDS", 0.1)  # a task a run
    distributed = pytest.importorskip("distributed", reason="needs requirements-dask.txt, which is optional",
                                      exc_type=ImportError)
    specs = [replace(SMALL, seed=seed, widths=(16,) * 5, samples=256, steps=200) for seed in range(8)]
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:
        found, before = [], {worker.pid for worker in cluster.workers.values()}
        with sweeps.of_dask(cluster.scheduler_address) as (executor, workers):
            assert workers == 2
            for outcome in sweep(specs, executor, tmp_path / "results.parquet"):
                if not found:
                    os.kill(min(before), signal.SIGKILL)
                found.append(outcome)
        assert {worker.pid for worker in cluster.workers.values()} != before
    assert lines(found) == lines(map(Outcome.of, specs)) == stored(tmp_path / "results.parquet")


# --- the grid ---------------------------------------------------------------------------------------------------------


def test_a_grid_is_every_combination_with_values_as_in_a_link_or_as_toml_has_them(tmp_path):
    (tmp_path / "grid.toml").write_text("""
        [run]
        activation = "tanh"
        batch_size = "none"
        steps = 50
        [grid]
        widths = ["32x3", [8, 4]]
        gain = [0.5, 2]
        batch_norm = [false]
    """)
    base = RunSpec(activation="tanh", steps=50)
    assert read_grid(tmp_path / "grid.toml") == [
        replace(base, widths=widths, gain=gain) for widths in ((32, 32, 32), (8, 4)) for gain in (0.5, 2.0)]


def test_equal_runs_of_a_grid_are_one():
    assert grid({"run": {"optimizer": "adam"}, "grid": {"momentum": [0.5, 0.9]}}) == [RunSpec(optimizer="adam")]
    assert grid({}) == [RunSpec()]


@pytest.mark.parametrize(("asked", "said"), [
    ({"runs": {}}, r"A table of the grid must be one of \[run\], \[grid\]. Received: 'runs'"),
    ({"run": 3}, r"\[run\] must be a table of fields. Received: 3"),
    ({"run": {"depth": 3}}, "A field of the grid must be one of dataset, .* Received: 'depth'"),
    ({"run": {"seed": 1}, "grid": {"seed": [1]}}, "In both: seed"),
    ({"grid": {"seed": 1}}, r"seed in \[grid\] must be a list of one value or more. Received: 1"),
    ({"grid": {"seed": []}}, "must be a list of one value or more"),
    ({"grid": {"seed": [1, "many"]}}, "seed must be a whole number from 0 .* Received: 'many'"),
    ({"grid": {"gain": [True]}}, "gain must be a number from 0 to 20"),
    ({"run": {"activation": "tan"}}, "activation must be one of"),
    ({"run": {"widths": [32, [1]]}}, "widths must be"),
    ({"run": {"dataset": "digits", "loss": "hinge"}}, "In the run with dataset = digits, loss = hinge"),
    ({"grid": {"seed": [*range(400)], "steps": [*range(1, 400)]}}, f"at most {MOST_RUNS} runs. Received: 159600"),
], ids=str)
def test_a_grid_that_cannot_be_says_what_is_wrong(asked, said):
    with pytest.raises(ValueError, match=said):
        grid(asked)


@pytest.mark.parametrize(("text", "said"), [(b"[run", "must be TOML"), (b"\xff", "must be TOML"),
                                            (None, "cannot be read: No such file")])
def test_a_file_that_is_no_grid_says_so(tmp_path, text, said):
    if text is not None:
        (tmp_path / "grid.toml").write_bytes(text)
    with pytest.raises(ValueError, match=said):
        read_grid(tmp_path / "grid.toml")


# --- the command ------------------------------------------------------------------------------------------------------


@pytest.fixture
def in_threads(monkeypatch):
    monkeypatch.setattr(sweeps, "processes", ThreadPoolExecutor)


@pytest.fixture
def command(tmp_path):
    (tmp_path / "grid.toml").write_text('[run]\nsamples = 32\nsteps = 20\nwidths = "4x2"\n[grid]\nseed = [0, 1, 2]\n')
    return [str(tmp_path / "grid.toml"), "--out", str(tmp_path / "results.parquet")]


def test_the_command_trains_the_grid_and_goes_on(command, in_threads, capsys):
    assert main(command) == 0
    out, err = capsys.readouterr()
    assert out == f"3 runs in {command[-1]}\n"
    assert "[##############################] 3 of 3" in err
    assert stored(Path(command[-1])) == lines(map(Outcome.of, read_grid(command[0])))
    assert main(command) == 0
    assert capsys.readouterr().err.count("of 3") == 1  # all were there


def test_the_command_says_how_many_have_no_outcome(command, in_threads, capsys, monkeypatch):
    monkeypatch.setattr(sweeps, "train", lambda spec: 1 / 0)
    assert main(command) == 1
    assert "3 of them without an outcome" in capsys.readouterr().out


def test_a_command_that_is_interrupted_says_how_to_go_on(command, capsys, monkeypatch):
    def interrupted(workers):
        raise KeyboardInterrupt

    monkeypatch.setattr(sweeps, "processes", interrupted)
    assert main(command) == 130
    assert "the same command goes on from here" in capsys.readouterr().err


@pytest.mark.parametrize(("more", "said"), [
    (["--workers", "0"], "--workers must be 1 or more. Received: 0."), (["--out", "a.csv"], "parquet or .jsonl")])
def test_a_wrong_command_is_told_in_a_sentence(command, capsys, more, said):
    assert main([*command, *more]) == 2
    assert said in capsys.readouterr().err


def test_dask_that_is_not_installed_is_asked_for(command, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert main([*command, "--dask", "tcp://localhost:1"]) == 2
    assert "requirements-dask.txt" in capsys.readouterr().err


def test_the_bar_says_how_much_is_left():
    assert sweeps.bar(0, 30, 0, 0.0) == f"[{'.' * 30}] 0 of 30"
    assert sweeps.bar(15, 30, 10, 10.0) == f"[{'#' * 15}{'.' * 15}] 15 of 30, about 30 s left"
    assert sweeps.bar(10, 400, 0, 20.0).endswith("about 13 min left")
    assert sweeps.bar(30, 30, 0, 9.0) == f"[{'#' * 30}] 30 of 30"
