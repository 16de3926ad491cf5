"""Drawing in turns: one at a time, and whoever has nothing on the screen yet comes first."""

import threading
import time

import pytest

from pages.ui import faults
from pages.ui.faults import Turns


def started(*works) -> list[threading.Thread]:
    threads = [threading.Thread(target=work, daemon=True) for work in works]
    for thread in threads:
        thread.start()
    return threads


def joined(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()


def test_one_at_a_time_and_everybody_in_the_end():
    turns, inside, most, done = Turns(), [], [], []

    def draw(number: int) -> None:
        with turns.one(hurried=number % 3 == 0):
            inside.append(number)
            most.append(len(inside))
            time.sleep(0.001)
            inside.remove(number)
            done.append(number)

    joined(started(*(lambda number=number: draw(number) for number in range(30))))
    assert max(most) == 1
    assert sorted(done) == list(range(30))
    assert not turns.locked()


def test_who_is_in_a_hurry_is_first_however_late():
    turns, order = Turns(), []

    def draw(name: str, hurried: bool) -> None:
        with turns.one(hurried):
            order.append(name)

    with turns.one():
        patient = started(*[lambda: draw("patient", False)] * 5)
        while len(turns._change._waiters) < 5:
            time.sleep(0.001)
        hurried = started(lambda: draw("hurried", True))
        while turns._hurried < 1 or len(turns._change._waiters) < 6:
            time.sleep(0.001)
    joined(patient + hurried)
    assert order == ["hurried"] + ["patient"] * 5


def test_an_error_gives_the_turn_back():
    turns = Turns()
    with pytest.raises(ValueError, match="broken"), turns.one():
        raise ValueError("broken")
    with turns.one():
        assert turns.locked()


def test_a_turn_within_a_turn_is_the_same_one():
    with faults.turn(whole=True):
        assert not faults.page_awaited()  # by somebody else
        with faults.turn():
            assert not faults._PICTURE.locked()
        seen = []
        joined(started(lambda: seen.append(faults.page_awaited())))
        assert seen == [True]
    assert not faults.page_awaited()
