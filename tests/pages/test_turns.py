"""Scripts have their turns one after the other, in rounds by link."""

from __future__ import annotations

import threading

import pytest

from pages.ui import turns as module
from pages.ui.turns import Turns, in_turn, out_of_turn


@pytest.fixture
def turns(monkeypatch: pytest.MonkeyPatch) -> Turns:
    turns = Turns()
    monkeypatch.setattr(module, "_TURNS", turns)
    return turns


def waiting(turns: Turns) -> int:
    with turns._lock:
        return sum(map(len, turns._queues.values()))


def queued(turns: Turns, links: str, had: list[str]) -> list[threading.Thread]:
    """A thread for each link that waits for its turn, in this order."""
    def script(link: str) -> None:
        with in_turn(link):
            had.append(link)

    threads = []
    for number, link in enumerate(links, 1):
        threads.append(threading.Thread(target=script, args=(link,)))
        threads[-1].start()
        while waiting(turns) < number:
            pass
    return threads


def test_who_opens_another_link_comes_after_one_of_the_hall(turns):
    had: list[str] = []
    with in_turn("a"):
        threads = queued(turns, "aaabac", had)
    for thread in threads:
        thread.join()
    assert "".join(had) == "abcaaa"
    assert not turns._taken


def test_only_one_has_a_turn_and_a_part_of_it_takes_no_other(turns):
    had: list[str] = []
    with in_turn("a"), in_turn("b"):
        threads = queued(turns, "b", had)
        assert had == []
    for thread in threads:
        thread.join()
    assert had == ["b"]


def test_while_one_waits_for_something_else_others_have_their_turns(turns):
    had: list[str] = []
    with in_turn("a"):
        threads = queued(turns, "bc", had)
        with out_of_turn():
            for thread in threads:
                thread.join()
            assert had == ["b", "c"]
        assert turns._taken


def test_an_error_ends_its_turn(turns):
    with pytest.raises(ValueError, match="broken"), in_turn("a"):
        raise ValueError("broken")
    assert not turns._taken
