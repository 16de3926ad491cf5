"""What viewers gave is kept within its bounds: so many, so many bytes, so long."""

import threading

import pytest

from core.kept import Kept


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def kept(monkeypatch):
    monkeypatch.setattr(threading, "Timer", lambda seconds, function: threading.Thread(target=lambda: None))
    return Kept(most=3, most_bytes=100, seconds=60, clock=Clock())


def test_the_least_recently_used_goes_first(kept):
    for name in "abc":
        kept.put(name, name.upper(), 10)
    assert kept.get("a") == "A"
    kept.put("d", "D", 10)
    assert [kept.get(name) for name in "abcd"] == ["A", None, "C", "D"]
    assert len(kept) == 3


def test_bytes_count_together_and_each_alone(kept):
    kept.put("a", 1, 60)
    kept.put("b", 2, 50)
    assert (kept.get("a"), kept.get("b")) == (None, 2)
    kept.put("b", 3, 90)  # in its own place
    assert kept.get("b") == 3
    with pytest.raises(ValueError, match=r"at most 100 bytes\. Received: 101\."):
        kept.put("c", 4, 101)


def test_time_runs_from_when_it_was_last_put_and_asking_does_not_help(kept):
    kept.put("a", 1, 1)
    kept._clock.now = 59
    assert kept.get("a") == 1
    kept._clock.now = 60
    assert kept.get("a") is None
    kept.put("a", 1, 1)
    kept._clock.now = 100
    kept.put("a", 2, 1)
    kept._clock.now = 150
    assert kept.get("a") == 2


def test_it_goes_when_nobody_asks():
    kept = Kept(3, 100, seconds=-1)  # its time is over at once; a timer sweeps it
    gone = threading.Event()
    sweep = kept.sweep
    kept.sweep = lambda: (sweep(), gone.set())
    kept.put("a", 1, 1)
    assert gone.wait(30)
    assert kept._kept == {}


def test_many_threads_keep_it_in_bounds():
    kept = Kept(5, 1000, 60)

    def work(number):
        for i in range(100):
            kept.put(f"{number} {i % 7}", i, 30)
            kept.get(f"{number} {i % 5}")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(kept) == 5


def test_whoever_wants_to_know_is_told_what_has_gone(kept):
    told = []
    kept.when_dropped.append(lambda name: told.append((name, kept.get(name))))
    for name in "abcd":
        kept.put(name, name, 1)
    assert told == [("a", None)]
    kept._clock.now = 99
    kept.sweep()
    assert told[1:] == [("b", None), ("c", None), ("d", None)]
