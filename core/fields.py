"""What one field of a run, or of a page, may be: how a value is checked, stands in a link, and is read from one.

    rate = Number("Learning rate", "Size of a step.", 0.1, low=1e-4, high=10, maximum=100)
    rate.checked("learning_rate", 0.5)       # 0.5, or a ValueError: what is allowed and what arrived
    rate.written(0.5)                        # "0.5", as it stands in a link
    rate.nearest("learning_rate", "1e9")     # (100.0, "learning_rate must be a number from 0 to 100. Received: …")
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, ClassVar

from core.registry import Registry, closest, one_of

QUERY_LIMIT = 600  # characters of one value in a link; 50 layers with an activation each need 11 a layer at most
MAX_DEPTH = 50
MOST_POINTS = 40
_FLAGS = {"1": True, "true": True, "on": True, "yes": True, "0": False, "false": False, "off": False, "no": False}


@dataclass(frozen=True)
class Field:
    """One field: its name for people, a sentence of help, its default, and whether it may be left to others (None).

    `checked` and `nearest` are given the field's name, which their sentences begin with.
    """

    label: str
    help: str
    default: Any
    optional: bool = field(default=False, kw_only=True)
    value_type: ClassVar[str]
    choices: ClassVar[tuple[str, ...]] = ()

    def checked(self, name: str, value: Any) -> Any:
        """The value in its canonical type, or a ValueError that names the field, what is allowed and what arrived."""
        return None if value is None and self.optional else self._checked(name, value)

    def parsed(self, text: str) -> Any:
        """What a text of a link says, unchecked; `written` writes it."""
        return None if self.optional and text == "none" else self._parsed(text)

    def written(self, value: Any) -> str:
        """A valid value as it stands in a link."""
        return "none" if value is None else self._written(value)

    def nearest(self, name: str, text: Any, otherwise: Any = None) -> tuple[Any, str | None]:
        """(value, None) for what is valid, (the nearest or `otherwise`, a sentence) for what is not. Never raises.

        Without anything near, and without `otherwise`, the value is None.
        """
        text = str(text).strip()
        if len(text) > QUERY_LIMIT:
            return otherwise, f"{name} in the link is {len(text)} characters long (at most {QUERY_LIMIT}); left out."
        try:
            return self.checked(name, self.parsed(text)), None
        except (ValueError, OverflowError) as error:
            near = self._near(text)
            near = otherwise if near is None else near
            return near, f"{error} {self._taken(near)}."

    def _taken(self, near: Any) -> str:
        return "Left out" if near is None else f"Taken as {self.written(near)}"

    def _checked(self, name: str, value: Any) -> Any:
        raise NotImplementedError

    def _parsed(self, text: str) -> Any:
        return text

    def _written(self, value: Any) -> str:
        return str(value)

    def _near(self, text: str) -> Any:
        return None


class Several(Field):  # no dataclass: it would hide the choices of a Name
    """Mixed into a kind of field: several of it, with commas between them in a link.

    alone: whether one of it may stand there too, for all layers.
    """

    alone: ClassVar[bool] = True

    def _checked(self, name: str, value: Any) -> Any:
        one = super()._checked
        return tuple(one(name, part) for part in value) if _several(value) else one(name, value)

    def _parsed(self, text: str) -> Any:
        return self._joined(map(super()._parsed, self._parts(text)))

    def _written(self, value: Any) -> str:
        return ",".join(map(super()._written, value if _several(value) else (value,)))

    def _near(self, text: str) -> Any:
        near = self._filled([*map(super()._near, self._parts(text)[:MAX_DEPTH])])
        return self._joined(near) if near and None not in near else None

    def _parts(self, text: str) -> list[str]:
        return [part.strip() for part in text.split(",")]

    def _filled(self, near: list[Any]) -> list[Any]:
        """The parts, with the usual one in place of None."""
        return near

    def _joined(self, parts: Iterable[Any]) -> Any:
        several = tuple(parts)
        return several[0] if self.alone and len(several) == 1 else several


# --- names ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Name(Field):
    """One of several names. table: where they come from, which knows them by other names too."""

    choices: tuple[str, ...] = ()  # type: ignore[misc]
    table: Registry[Any] | None = None
    value_type = "name"

    def _checked(self, name: str, value: Any) -> Any:
        table = self.table
        known = table[value].name if table is not None and isinstance(value, str) and value in table else value
        if not isinstance(known, str) or known not in self.choices:
            raise ValueError(one_of(name, self.choices, value))
        return known

    def _near(self, text: str) -> Any:
        lowered = text.strip().lower()
        if self.table is not None and lowered in self.table and self.table[lowered].name in self.choices:
            return self.table[lowered].name
        return closest(text, self.choices)


class Names(Several, Name):
    """A name, or one for each layer."""

    value_type = "names"

    def _filled(self, near: list[Any]) -> list[Any]:
        return near if len(near) == 1 else [one or self.default for one in near]


class Subset(Several, Name):
    """Any number of the names, in the order of the choices."""

    value_type = "subset"
    alone = False

    def _checked(self, name: str, value: Any) -> Any:
        unknown = [one for one in value if one not in self.choices]
        if unknown:
            raise ValueError(one_of(name, self.choices, ",".join(unknown)))
        return tuple(one for one in self.choices if one in value)

    def _parts(self, text: str) -> list[str]:
        return [*filter(None, super()._parts(text))]

    def _near(self, text: str) -> Any:
        return tuple(one for one in self.choices if one in self._parsed(text))

    def _taken(self, near: Any) -> str:
        return "Left out"


# --- switches -------------------------------------------------------------------------------------------------------


class Flag(Field):
    """On or off."""

    value_type = "flag"

    def _checked(self, name: str, value: Any) -> Any:
        if not isinstance(value, bool | int) or value not in (0, 1):
            raise ValueError(f"{name} must be True or False. Received: {short(value)}.")
        return bool(value)

    def _parsed(self, text: str) -> Any:
        return _FLAGS.get(text.strip().lower(), text)

    def _written(self, value: Any) -> str:
        return str(int(value))


class Flags(Several, Flag):
    """On or off, or one for each layer."""

    value_type = "flags"


# --- numbers --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Number(Field):
    """A number from minimum to maximum; sliders offer low to high, in steps or (log) in 1, 2, 5 a decade."""

    low: float = 0
    high: float = 0
    minimum: float = 0
    maximum: float = 0
    step: float = 1
    log: bool = False
    value_type = "number"
    whole: ClassVar[bool] = False

    def _checked(self, name: str, value: Any) -> Any:
        kind = "a whole number" if self.whole else "a number"
        wrong = ValueError(f"{name} must be {kind} from {self.minimum:.12g} to {self.maximum:.12g}. "
                           f"Received: {short(value)}.")
        if isinstance(value, bool | str):
            raise wrong
        try:
            number = float(value)
        except (TypeError, ValueError, OverflowError):
            raise wrong from None
        if not self.minimum <= number <= self.maximum or (self.whole and number != int(number)):
            raise wrong
        return int(value) if self.whole else number + 0.0  # no −0

    def _parsed(self, text: str) -> Any:
        return as_number(text)

    def _written(self, value: Any) -> str:
        shown = f"{value:g}"
        return shown if float(shown) == value else repr(value)

    def _near(self, text: str) -> Any:
        number = as_number(text.strip())
        if isinstance(number, str) or math.isnan(number):
            return None
        number = min(max(number, self.minimum), self.maximum)
        return round(number) if self.whole else float(number)


class Integer(Number):
    """A whole number."""

    value_type = "integer"
    whole = True


class Integers(Several, Integer):
    """1 to MAX_DEPTH whole numbers, one a layer; in a link `32x10` or `8,4,4`."""

    value_type = "integers"
    alone = False

    def _checked(self, name: str, value: Any) -> Any:
        if not _several(value) or not 1 <= len(value) <= MAX_DEPTH:
            raise ValueError(f"{name} must be 1 to {MAX_DEPTH} whole numbers, one a layer. Received: {short(value)}.")
        return super()._checked(name, value)

    def _written(self, value: Any) -> str:
        same = len(set(value)) == 1 and len(value) > 1
        return f"{value[0]}x{len(value)}" if same else super()._written(value)

    def _parts(self, text: str) -> list[str]:
        """`32x3,8` -> 32 32 32 8 (as text); a count that is no number stays where it is and fails as one."""
        units: list[str] = []
        for part in super()._parts(text):
            width, times, count = part.partition("x")
            if times and count.isascii() and count.isdigit():
                units += [width] * min(int(count), MAX_DEPTH + 1)
            else:
                units.append(part)
            if len(units) > MAX_DEPTH:
                break
        return units


class Numbers(Several, Number):
    """As many numbers as the default has."""

    value_type = "numbers"
    alone = False

    def _checked(self, name: str, value: Any) -> Any:
        with suppress(ValueError):
            if _several(value) and len(value) == len(self.default):
                return super()._checked(name, value)
        raise ValueError(f"{name} must be {len(self.default)} numbers from {self.minimum:g} to {self.maximum:g}. "
                         f"Received: {short(value)}.")

    def _filled(self, near: list[Any]) -> list[Any]:
        given = [*near, *self.default[len(near):]]
        return [usual if one is None else one for one, usual in zip(given, self.default, strict=False)]

    def _taken(self, near: Any) -> str:
        return "What was wrong or missing is taken as the nearest or the usual one"


# --- what somebody writes or places ---------------------------------------------------------------------------------


class Text(Field):
    """Any text that fits into a link."""

    value_type = "text"

    def _checked(self, name: str, value: Any) -> Any:
        if not isinstance(value, str) or len(value) > QUERY_LIMIT:
            raise ValueError(f"{name} must be a text of at most {QUERY_LIMIT} characters. Received: {short(value)}.")
        return value


@dataclass(frozen=True)
class FormulaText(Text):
    """A formula in the one way of writing it; `canonical` finds that, and raises ValueError for what is none."""

    canonical: Callable[[str], str] = str
    value_type = "formula"

    def _checked(self, name: str, value: Any) -> Any:
        try:
            return self.canonical(value)
        except (ValueError, TypeError, AttributeError) as error:
            what = f"; {error}" if isinstance(error, ValueError) else "."
            raise ValueError(f"{name} must be a text in y_true and y_pred{what} Received: {short(value)}.") from None


class Fingerprint(Field):
    """What a table that somebody gave is known by: 16 hexadecimal digits, or nothing."""

    value_type = "fingerprint"

    def _checked(self, name: str, value: Any) -> Any:
        if not isinstance(value, str) or (value and (len(value) != 16 or set(value) - set("0123456789abcdef"))):
            raise ValueError(f"{name} must be 16 hexadecimal digits, the fingerprint of a table. "
                             f"Received: {short(value)}.")
        return value

    def _near(self, text: str) -> Any:
        return ""

    def _taken(self, near: Any) -> str:
        return "Left out"


class Placed(Number):
    """Points placed by hand, `x₁,x₂,class;…`; coordinates are rounded to 1/100, which keeps them short in a link."""

    value_type = "points"

    def _checked(self, name: str, value: Any) -> Any:
        wrong = ValueError(f"{name} must be at most {MOST_POINTS} triples of two numbers from {self.minimum:g} to "
                           f"{self.maximum:g} and a class, 0 or 1. Received: {short(value)}.")
        if not _several(value) or len(value) > MOST_POINTS:
            raise wrong
        placed = []
        for one in value:
            if not _several(one) or len(one) != 3 or one[2] not in (0, 1):
                raise wrong
            try:
                x1, x2 = (round(float(super(Placed, self)._checked(name, place)), 2) + 0.0 for place in one[:2])
            except ValueError:
                raise wrong from None
            placed.append((x1, x2, int(one[2])))  # + 0.0 above: no −0
        return tuple(placed)

    def _parsed(self, text: str) -> Any:
        return tuple(tuple(map(as_number, one.split(","))) for one in text.split(";") if one.strip())

    def _written(self, value: Any) -> str:
        return ";".join(f"{x1:g},{x2:g},{label}" for x1, x2, label in value)

    def _near(self, text: str) -> Any:
        return tuple(filter(None, map(self._near_point, text.split(";"))))[:MOST_POINTS] or None

    def _near_point(self, text: str) -> tuple[float, float, int] | None:
        x1, x2, label, *_ = [*(super(Placed, self)._near(part) for part in text.split(",")), None, None, None]
        return None if x1 is None or x2 is None or label is None else (x1, x2, int(label >= 0.5))

    def _taken(self, near: Any) -> str:
        return f"{len(near)} of them taken" if near else "Left out"


# --- what they share ------------------------------------------------------------------------------------------------


def _several(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def short(value: Any) -> str:
    """A value as sentences show what arrived."""
    shown = repr(value)
    return shown if len(shown) <= 60 else shown[:57] + "..."


def as_number(text: str) -> Any:
    """The number that a text says, whole if it is; else the text."""
    try:
        number = float(text)
    except ValueError:
        return text
    return int(number) if number.is_integer() else number


