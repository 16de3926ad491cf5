"""Rooms: a hall of phones that see what their lecturer sees, and answer.

Who opens a room has its private key, 128 random bits, and leads; the hall has its code, six letters that a slow hash
(scrypt) makes of the key. So a key makes the same room again when the server has been started anew, and from a code
nobody finds a key that leads. Everything lies in the memory of one process and ends with it. Of a phone only a random
number that it has made for itself is known.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

LETTERS = "34679CDFGHJKMNPQRTVWXY"  # none is taken for another, and no vowels, so that no words come about
LENGTH = 6  # of a code: 22^6, 113 million of them
MOST_ROOMS, MOST_PHONES = 50, 1000
LASTS = 3 * 3600.0  # s after the last sign of life of who leads
PRESENT = 15.0  # s for which a phone that was heard of is counted as there
MOST_WRONG, WRONG_FOR = 100, 600.0  # different wrong codes of one network, and for how many seconds they count
MOST_NETWORKS = 1000  # whose wrong codes are remembered
MOST_ADDRESS, MOST_TEXT, MOST_CHOICES = 20_000, 600, 8  # letters of an address and of a text; choices of a question
SPEEDS = (0.5, 1, 4)  # of the player's bar
_KEY, _PHONE = re.compile(r"[0-9a-f]{32}"), re.compile(r"[0-9a-f]{32}")
_ADDRESS = re.compile(r"[a-z0-9_]{0,40}(\?[!-~]*)?")


class RoomError(Exception):
    """What was asked for is not done, in a sentence."""


class NoRoomError(RoomError):
    """There is no room of that code."""


class NotTheLeaderError(RoomError):
    """The key is not this room's."""


class FullError(RoomError):
    """There are as many rooms, or as many phones in this room, as there may be."""


class TooManyTriesError(RoomError):
    """So many different wrong codes came from one network that it hears of no room for a while."""


def new_key() -> str:
    """128 random bits, as 32 hexadecimal digits."""
    return secrets.token_hex(16)


def code_of(key: str) -> str:
    """The code that a key makes; it takes about 50 ms and 16 MB, so that trying keys for a code takes years.

    Raises:
        ValueError: it is no key.
    """
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise ValueError("A room's key must have 32 hexadecimal digits. Received: another text.")
    slow = hashlib.scrypt(bytes.fromhex(key), salt=b"gradient laboratory", n=2**14, r=8, p=1, dklen=16)
    number = int.from_bytes(slow)
    letters = ""
    for _ in range(LENGTH):
        number, place = divmod(number, len(LETTERS))
        letters += LETTERS[place]
    return letters


def as_code(text: str) -> str:
    """What somebody typed as a code has it: capitals, no spaces, no dashes."""
    return re.sub(r"[\s\-–]", "", text[:40]).upper()


@dataclass(frozen=True)
class Head:
    """Where the lecturer's play-head is: of which run, at which moment, since when (s of the clock), if it plays."""

    run: str
    at: int
    playing: bool
    speed: float
    since: float


@dataclass(frozen=True)
class Question:
    """What the hall is asked; `right` is the place of the right choice and `because` what decides, once revealed."""

    number: int
    text: str
    choices: tuple[str, ...]
    right: int | None = None
    because: str = ""


@dataclass
class Room:
    """What is known of one room; phones and answers by the phone's own random number."""

    code: str
    digest: bytes  # SHA-256 of the key
    ends: float
    version: int = field(default_factory=lambda: secrets.randbelow(2**30))  # other than before a restart
    asked: int = field(default_factory=lambda: secrets.randbelow(2**30))
    address: str | None = None  # a page and its query, once who leads has said it
    head: Head | None = None
    question: Question | None = None
    phones: dict[str, float] = field(default_factory=dict)
    answers: dict[str, int] = field(default_factory=dict)

    def change(self, **values: Any) -> None:
        """Sets what a hall is told; it hears of it if it is something else than before."""
        if any(getattr(self, name) != value for name, value in values.items()):
            self.version += 1
            for name, value in values.items():
                setattr(self, name, value)


class Rooms:
    """All rooms of this process. Every function may be called from any thread.

    Args:
        clock: in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.served = False  # whether this server answers phones (pages.routes)
        self._clock = clock
        self._rooms: dict[str, Room] = {}
        self._wrong: OrderedDict[str, dict[str, float]] = OrderedDict()  # by network: wrong codes, until when
        self._lock = threading.RLock()

    # --- who leads ---------------------------------------------------------------------------------------------------

    def open(self, key: str) -> str:
        """Opens the room of a key, or finds it open; its code.

        Raises:
            ValueError: it is no key.
            FullError: there are MOST_ROOMS rooms.
            NotTheLeaderError: another key has made this code.
        """
        code = code_of(key)
        with self._lock:
            self._sweep()
            if code not in self._rooms:
                if len(self._rooms) >= MOST_ROOMS:
                    raise FullError(f"There are {MOST_ROOMS} rooms open, and there may be no more. One ends "
                                f"{LASTS / 3600:.0f} hours after its lecturer was last here.")
                self._rooms[code] = Room(code, _digest(key), self._clock() + LASTS)
            self._led(code, key)
        return code

    def lead(self, code: str, key: str, address: str | None = None, head: dict[str, Any] | None = None,
             network: str = "") -> dict[str, Any]:
        """Says where who leads is, as far as that is given, and hears how many phones are there and what they chose.

        A room that a restart has lost is opened again.

        Args:
            address: a page and its query, without host: `gradients?widths=64x20`.
            head: `run` (which one, as the bar calls it), `at` (its moment), `playing`, `speed`.
            network: where this comes from, for the count of wrong codes.

        Raises:
            ValueError, NotTheLeaderError, NoRoomError, FullError, TooManyTriesError
        """
        _check("address", address is None or (isinstance(address, str) and len(address) <= MOST_ADDRESS
                                              and bool(_ADDRESS.fullmatch(address))), "a page and its query")
        found = None if head is None else self._head(head)
        with self._lock:
            self._sweep()
            here = code in self._rooms
        if not here:
            self._miss(network, code)
            if code_of(key) != code:
                raise NotTheLeaderError("This link does not lead this room.")
            self.open(key)
        with self._lock:
            room = self._led(code, key)
            if address is not None:
                room.change(address=address)
            if found is not None:
                room.change(head=found)
            return self._tally(room)

    def ask(self, code: str, key: str, text: str, choices: Sequence[str]) -> None:
        """Asks the hall; an earlier question and its answers are gone.

        Raises:
            ValueError: the text or a choice is too long, or there are too many. NotTheLeaderError, NoRoomError
        """
        _check("question", all(0 < len(one) <= MOST_TEXT for one in (text, *choices))
               and 2 <= len(choices) <= MOST_CHOICES, f"2 to {MOST_CHOICES} choices, of {MOST_TEXT} letters at most")
        with self._lock:
            room = self._led(code, key)
            room.asked += 1
            room.answers = {}
            room.change(question=Question(room.asked, text, tuple(choices)))

    def reveal(self, code: str, key: str, right: int, because: str) -> None:
        """Tells the hall which choice is right, and takes no more answers.

        Raises:
            ValueError: nothing is asked, or it has no such choice. NotTheLeaderError, NoRoomError
        """
        with self._lock:
            room = self._led(code, key)
            one = room.question
            if one is None or not 0 <= right < len(one.choices):
                raise ValueError("What is revealed must be a choice of the question that is asked. Received: another.")
            room.change(question=Question(one.number, one.text, one.choices, right, because[:MOST_TEXT]))

    def put_away(self, code: str, key: str) -> None:
        """Ends the question. Raises: NotTheLeaderError, NoRoomError"""
        with self._lock:
            self._led(code, key).change(question=None)

    def close(self, code: str, key: str) -> None:
        """Ends the room. Raises: NotTheLeaderError, NoRoomError"""
        with self._lock:
            self._led(code, key)
            del self._rooms[code]

    # --- who follows -------------------------------------------------------------------------------------------------

    def look(self, code: str, phone: str, known: int | None = None, network: str = "") -> dict[str, Any] | None:
        """What a phone is told; None if that has not changed since the version that it knows.

        Args:
            phone: the random number that it has made for itself, 32 hexadecimal digits.
            network: where this comes from, for the count of wrong codes.

        Returns:
            version, address, head (with `age`, the s since it was there) and question, of what there is, and `mine`,
            the place of the choice that this phone has made.

        Raises:
            ValueError: phone is no such number. NoRoomError, FullError, TooManyTriesError
        """
        _check("phone", isinstance(phone, str) and bool(_PHONE.fullmatch(phone)), "32 hexadecimal digits")
        with self._lock:
            room = self._entered(code, phone, network)
            return None if known == room.version else self._told(room, phone)

    def answer(self, code: str, phone: str, number: int, choice: int, network: str = "") -> dict[str, Any]:
        """A phone's choice for the question of that number: the last one before it is revealed counts, and once.

        Raises:
            ValueError: it is no choice of a question that is open. NoRoomError, FullError, TooManyTriesError
        """
        _check("phone", isinstance(phone, str) and bool(_PHONE.fullmatch(phone)), "32 hexadecimal digits")
        with self._lock:
            room = self._entered(code, phone, network)
            one = room.question
            if one is None or one.number != number or one.right is not None:
                raise ValueError("An answer must be to the question that is open. Received: one to another question.")
            if type(choice) is not int or not 0 <= choice < len(one.choices):
                raise ValueError(f"An answer must be a choice from 0 to {len(one.choices) - 1}. Received: another.")
            room.answers[phone] = choice
            return self._told(room, phone)

    # --- what holds for all ------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        with self._lock:
            self._sweep()
            return len(self._rooms)

    def _sweep(self) -> None:
        now = self._clock()
        for code in [code for code, room in self._rooms.items() if room.ends <= now]:
            del self._rooms[code]

    def _led(self, code: str, key: str) -> Room:
        """The room of that code if the key is its own, which is a sign of life."""
        self._sweep()
        room = self._rooms.get(code)
        if room is None:
            raise NoRoomError("There is no room with this code. It may have ended.")
        if not isinstance(key, str) or not hmac.compare_digest(_digest(key), room.digest):
            raise NotTheLeaderError("This link does not lead this room.")
        room.ends = self._clock() + LASTS
        return room

    def _entered(self, code: str, phone: str, network: str) -> Room:
        """The room of that code, with a place in it for the phone.

        A phone that has one keeps it, whatever others of its network have tried.
        """
        self._sweep()
        room = self._rooms.get(code)
        if room is None:
            self._miss(network, code)
            raise NoRoomError("There is no room with this code. It may have ended, or a letter is wrong.")
        if phone not in room.phones:
            self._refuse_who_guesses(network)
            if len(room.phones) >= MOST_PHONES:
                raise FullError(f"This room has {MOST_PHONES} phones, and there is no place for another one.")
        room.phones[phone] = self._clock()
        return room

    def _miss(self, network: str, code: str) -> None:
        """A wrong code came; the same one again is no new guess, so that a hall whose room has ended counts as one."""
        with self._lock:
            self._refuse_who_guesses(network)
            self._wrong.setdefault(network, {})[code[:LENGTH + 1]] = self._clock() + WRONG_FOR
            self._wrong.move_to_end(network)
            while len(self._wrong) > MOST_NETWORKS:
                self._wrong.popitem(last=False)

    def _refuse_who_guesses(self, network: str) -> None:
        now = self._clock()
        wrong = {code: until for code, until in self._wrong.get(network, {}).items() if until > now}
        if network in self._wrong:
            self._wrong[network] = wrong
        if len(wrong) >= MOST_WRONG:
            raise TooManyTriesError(f"{MOST_WRONG} wrong codes came from this network. It can join again in "
                               f"{WRONG_FOR / 60:.0f} minutes.")

    def _head(self, head: dict[str, Any]) -> Head:
        run, at, playing, speed = (head.get(name) for name in ("run", "at", "playing", "speed"))
        _check("head", isinstance(run, str) and len(run) <= 80 and type(at) is int and 0 <= at < 10**6
               and isinstance(playing, bool) and speed in SPEEDS, "run, at, playing and speed as the bar has them")
        return Head(str(run), int(at or 0), bool(playing), float(speed or 1), self._clock())

    def _told(self, room: Room, phone: str) -> dict[str, Any]:
        told: dict[str, Any] = {"version": room.version, "address": room.address}
        if room.head:
            head = room.head
            told["head"] = {"run": head.run, "at": head.at, "playing": head.playing, "speed": head.speed,
                            "age": round(self._clock() - head.since, 3)}
        if room.question:
            one = room.question
            told["question"] = {"number": one.number, "text": one.text, "choices": list(one.choices)} | (
                {} if one.right is None else {"right": one.right, "because": one.because})
            if phone in room.answers:
                told["mine"] = room.answers[phone]
        return told

    def _tally(self, room: Room) -> dict[str, Any]:
        now = self._clock()
        told = self._told(room, "")
        told["phones"] = sum(now - seen <= PRESENT for seen in room.phones.values())
        if room.question:
            chosen = list(room.answers.values())
            told["tally"] = [chosen.count(place) for place in range(len(room.question.choices))]
        return told


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "replace")).digest()


def _check(name: str, holds: bool, allowed: str) -> None:
    if not holds:
        raise ValueError(f"{name} must be {allowed}. Received: something else.")


ROOMS = Rooms()
