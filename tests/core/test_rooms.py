"""A hall that follows its lecturer: who may lead, what is told, what counts, and what ends it."""

from __future__ import annotations

import hashlib
import json
import threading

import pytest

from core.rooms import (
    LASTS,
    LENGTH,
    LETTERS,
    MOST_PHONES,
    MOST_ROOMS,
    MOST_WRONG,
    PRESENT,
    WRONG_FOR,
    FullError,
    NoRoomError,
    NotTheLeaderError,
    Rooms,
    TooManyTriesError,
    as_code,
    code_of,
    new_key,
)

KEY = "0" * 31 + "1"
HEAD = {"run": "gradients 0a1b", "at": 12, "playing": True, "speed": 1}
ASKED = ("Which layer learns last?", ("the first", "the last", "all alike"))


def phone(number: int) -> str:
    return f"{number:032x}"


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def rooms(clock: Clock) -> Rooms:
    return Rooms(clock)


@pytest.fixture
def quick_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    """For many rooms: a code without the slow hash."""
    monkeypatch.setattr("core.rooms.code_of", lambda key: key[-LENGTH:])


def test_a_code_is_the_slow_hash_of_its_key():
    """RFC 7914's function, its bytes read as one number, its digits to base 22 from the last to the first."""
    slow = hashlib.scrypt(bytes.fromhex(KEY), salt=b"gradient laboratory", n=16384, r=8, p=1, dklen=16)
    number = int.from_bytes(slow)
    assert code_of(KEY) == "".join(LETTERS[number // 22**place % 22] for place in range(6))


def test_keys_are_random_and_a_code_has_letters_that_none_takes_for_others():
    keys = {new_key() for _ in range(200)}
    assert len(keys) == 200
    assert all(len(bytes.fromhex(key)) == 16 for key in keys)
    assert not set(LETTERS) & set("01258OIlBSZUAEL")
    assert len(set(LETTERS)) == len(LETTERS) == 22


@pytest.mark.parametrize("key", ["", "0" * 31, "0" * 33, "g" * 32, "0" * 31 + "\n", None, 7, ["0" * 32]])
def test_what_is_no_key_is_refused(rooms, key):
    with pytest.raises(ValueError, match="32 hexadecimal digits"):
        rooms.open(key)


def test_a_code_that_is_typed_is_read_with_gaps_and_small_letters():
    assert as_code(" kqr-34x ") == as_code("kqr 34x") == "KQR34X"


def test_after_a_restart_the_same_key_makes_the_same_room(clock):
    code = Rooms(clock).open(KEY)
    again = Rooms(clock)
    with pytest.raises(NoRoomError):
        again.look(code, phone(1))
    again.lead(code, KEY, "gradients")
    assert again.look(code, phone(1))["address"] == "gradients"


def test_a_room_is_not_made_again_by_a_key_of_another_one(rooms):
    code = code_of(KEY)
    with pytest.raises(NotTheLeaderError):
        rooms.lead(code, "f" * 32, "gradients")
    with pytest.raises(NoRoomError):
        rooms.look(code, phone(1))


def test_a_phone_is_told_where_its_lecturer_is_and_only_once(rooms, clock):
    code = rooms.open(KEY)
    assert rooms.look(code, phone(1))["address"] is None
    rooms.lead(code, KEY, "gradients?widths=64x20", HEAD)
    clock.now += 2.5
    told = rooms.look(code, phone(1))
    assert told["address"] == "gradients?widths=64x20"
    assert told["head"] == HEAD | {"age": 2.5}
    assert rooms.look(code, phone(1), told["version"]) is None
    rooms.lead(code, KEY, "gradients?widths=64x20")
    assert rooms.look(code, phone(1), told["version"]) is None
    rooms.lead(code, KEY, "losses")
    assert rooms.look(code, phone(1), told["version"])["address"] == "losses"
    json.dumps(told)


def test_a_stranger_with_the_halls_code_cannot_lead(rooms):
    code = rooms.open(KEY)
    rooms.lead(code, KEY, "gradients")
    for act in (lambda key: rooms.lead(code, key, "losses"), lambda key: rooms.ask(code, key, *ASKED),
                lambda key: rooms.reveal(code, key, 0, ""), lambda key: rooms.put_away(code, key),
                lambda key: rooms.close(code, key)):
        for key in ("f" * 32, code, "", KEY[:-1], KEY.upper() + "0", None):
            with pytest.raises(NotTheLeaderError):
                act(key)
    assert rooms.look(code, phone(1))["address"] == "gradients"


def test_another_key_with_the_same_code_does_not_lead_an_open_room(rooms, monkeypatch):
    monkeypatch.setattr("core.rooms.code_of", lambda key: "346346")
    rooms.open(KEY)
    with pytest.raises(NotTheLeaderError):
        rooms.open("f" * 32)


def test_answering_twice_counts_once_and_the_last_answer_is_it(rooms):
    code = rooms.open(KEY)
    rooms.ask(code, KEY, *ASKED)
    number = rooms.look(code, phone(1))["question"]["number"]
    rooms.answer(code, phone(1), number, 0)
    assert rooms.answer(code, phone(1), number, 2)["mine"] == 2
    rooms.answer(code, phone(2), number, 1)
    assert rooms.lead(code, KEY)["tally"] == [0, 1, 1]
    assert rooms.look(code, phone(1))["mine"] == 2  # as after a reload
    assert "mine" not in rooms.look(code, phone(3))


def test_the_answer_is_sent_when_it_is_revealed_and_then_none_counts_any_more(rooms):
    code = rooms.open(KEY)
    rooms.ask(code, KEY, *ASKED)
    before = rooms.look(code, phone(1))
    assert before["question"].keys() == {"number", "text", "choices"}
    rooms.reveal(code, KEY, 0, "Its signal is 1e-6 of the last one's.")
    told = rooms.look(code, phone(1), before["version"])
    assert (told["question"]["right"], told["question"]["because"]) == (0, "Its signal is 1e-6 of the last one's.")
    with pytest.raises(ValueError, match="question that is open"):
        rooms.answer(code, phone(1), before["question"]["number"], 1)
    assert rooms.lead(code, KEY)["tally"] == [0, 0, 0]


def test_phones_are_told_no_tally(rooms):
    code = rooms.open(KEY)
    rooms.ask(code, KEY, *ASKED)
    assert {"tally", "phones"} <= rooms.lead(code, KEY).keys()
    assert not {"tally", "phones"} & rooms.look(code, phone(1)).keys()


def test_an_answer_to_the_question_before_does_not_count(rooms):
    code = rooms.open(KEY)
    rooms.ask(code, KEY, *ASKED)
    number = rooms.look(code, phone(1))["question"]["number"]
    rooms.answer(code, phone(1), number, 0)
    rooms.ask(code, KEY, "Another?", ("yes", "no"))
    with pytest.raises(ValueError, match="question that is open"):
        rooms.answer(code, phone(1), number, 1)
    assert rooms.lead(code, KEY)["tally"] == [0, 0]
    rooms.put_away(code, KEY)
    assert "question" not in rooms.look(code, phone(1))


@pytest.mark.parametrize("choice", [-1, 3, True, 0.0, "0", None, [0]])
def test_what_is_no_choice_is_refused(rooms, choice):
    code = rooms.open(KEY)
    rooms.ask(code, KEY, *ASKED)
    number = rooms.look(code, phone(1))["question"]["number"]
    with pytest.raises(ValueError, match="from 0 to 2"):
        rooms.answer(code, phone(1), number, choice)


@pytest.mark.parametrize("address", ["https://elsewhere.org", "//elsewhere", "a/b", "gradients?" + "x" * 20_001, "A",
                                     "gradients?a=\n", 7, ["gradients"]])
def test_an_address_is_a_page_of_this_app(rooms, address):
    code = rooms.open(KEY)
    with pytest.raises(ValueError, match="a page and its query"):
        rooms.lead(code, KEY, address)


@pytest.mark.parametrize("wrong", [{"at": -1}, {"at": 1.5}, {"at": True}, {"at": 10**9}, {"run": 3}, {"run": "x" * 81},
                                   {"playing": 1}, {"speed": 3}, {"speed": "1"}, {"speed": [1]}])
def test_a_head_is_as_the_bar_has_it(rooms, wrong):
    code = rooms.open(KEY)
    with pytest.raises(ValueError, match="head must be"):
        rooms.lead(code, KEY, head=HEAD | wrong)


@pytest.mark.parametrize("number", ["", "0" * 31, "G" * 32, None, 5])
def test_a_phone_has_a_number_of_its_own(rooms, number):
    with pytest.raises(ValueError, match="32 hexadecimal digits"):
        rooms.look(rooms.open(KEY), number)


def test_a_room_ends_three_hours_after_who_leads_was_last_here(rooms, clock):
    code = rooms.open(KEY)
    clock.now += LASTS - 1
    rooms.lead(code, KEY)
    clock.now += LASTS - 1
    rooms.look(code, phone(1))
    clock.now += 1  # a phone that is left on does not keep it
    with pytest.raises(NoRoomError):
        rooms.look(code, phone(1))
    assert LASTS == 3 * 3600
    assert len(rooms) == 0


def test_who_closes_a_room_ends_it(rooms):
    code = rooms.open(KEY)
    rooms.close(code, KEY)
    with pytest.raises(NoRoomError):
        rooms.look(code, phone(1))


@pytest.mark.usefixtures("quick_codes")
def test_there_are_at_most_fifty_rooms(rooms, clock):
    for number in range(MOST_ROOMS):
        rooms.open(f"{number:032x}")
    with pytest.raises(FullError, match="50 rooms open"):
        rooms.open(f"{MOST_ROOMS:032x}")
    rooms.open(f"{0:032x}")  # one that is open is found
    clock.now += LASTS
    rooms.open(f"{MOST_ROOMS:032x}")
    assert len(rooms) == 1


def test_a_room_has_at_most_a_thousand_phones_and_who_is_in_stays(rooms):
    code = rooms.open(KEY)
    for number in range(MOST_PHONES):
        rooms.look(code, phone(number))
    with pytest.raises(FullError, match="1000 phones"):
        rooms.look(code, phone(MOST_PHONES))
    assert rooms.look(code, phone(0))
    assert rooms.lead(code, KEY)["phones"] == MOST_PHONES


def test_a_phone_that_sleeps_is_not_counted_and_is_as_before_when_it_wakes(rooms, clock):
    code = rooms.open(KEY)
    rooms.ask(code, KEY, *ASKED)
    told = rooms.look(code, phone(1))
    rooms.answer(code, phone(1), told["question"]["number"], 1)
    clock.now += PRESENT + 1
    assert rooms.lead(code, KEY)["phones"] == 0
    assert rooms.lead(code, KEY)["tally"] == [0, 1, 0]
    assert rooms.look(code, phone(1))["mine"] == 1
    assert rooms.lead(code, KEY)["phones"] == 1


def test_codes_cannot_be_guessed_by_trying(rooms, clock):
    code = rooms.open(KEY)
    rooms.look(code, phone(1), network="hall")
    for number in range(MOST_WRONG):
        with pytest.raises(NoRoomError):
            rooms.look(f"X{number:05}", phone(7), network="hall")
    for guess in ("Y00000", code):  # the right one is not told from a wrong one
        with pytest.raises(TooManyTriesError, match="10 minutes"):
            rooms.look(guess, phone(7), network="hall")
    with pytest.raises(TooManyTriesError):
        rooms.answer(code, phone(7), 0, 0, network="hall")
    assert rooms.look(code, phone(1), network="hall")  # who was in goes on
    assert rooms.look(code, phone(8), network="elsewhere")
    clock.now += WRONG_FOR
    assert rooms.look(code, phone(7), network="hall")


def test_keys_are_not_tried_without_limit_either(rooms):
    for number in range(MOST_WRONG):
        rooms._wrong.setdefault("hall", {})[f"X{number:05}"] = 1e9
    with pytest.raises(TooManyTriesError):
        rooms.lead("X99999", "f" * 32, network="hall")


def test_a_hall_whose_room_has_ended_is_no_guesser(rooms):
    for number in range(3 * MOST_WRONG):
        with pytest.raises(NoRoomError):
            rooms.look("XXXXXX", phone(number), network="hall")
    assert rooms.look(rooms.open(KEY), phone(1), network="hall")


def test_answers_from_many_threads_all_count(rooms):
    code = rooms.open(KEY)
    rooms.ask(code, KEY, *ASKED)
    number = rooms.look(code, phone(0))["question"]["number"]

    def some(first: int) -> None:
        for one in range(first, first + 50):
            rooms.answer(code, phone(one), number, one % 3)

    threads = [threading.Thread(target=some, args=(50 * part,)) for part in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert rooms.lead(code, KEY)["tally"] == [134, 133, 133]


@pytest.mark.parametrize(("text", "choices"), [("", ("a", "b")), ("x" * 601, ("a", "b")), ("Why?", ("a",)),
                                               ("Why?", ("a", "")), ("Why?", tuple("abcdefghi"))])
def test_a_question_is_short_and_has_choices(rooms, text, choices):
    code = rooms.open(KEY)
    with pytest.raises(ValueError, match="2 to 8 choices"):
        rooms.ask(code, KEY, text, choices)


def test_what_is_revealed_is_a_choice_of_what_is_asked(rooms):
    code = rooms.open(KEY)
    with pytest.raises(ValueError, match="question that is asked"):
        rooms.reveal(code, KEY, 0, "")
    rooms.ask(code, KEY, *ASKED)
    with pytest.raises(ValueError, match="question that is asked"):
        rooms.reveal(code, KEY, 3, "")
