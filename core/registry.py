"""An ordered table of named things: the menus, formula cards, run options and tests all read the same one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar


@dataclass(frozen=True)
class Item:
    """What every entry of every table says about itself.

    Attributes:
        name: the Keras identifier, as it stands in links and scripts (`relu`, `he_normal`).
        label: the name a person reads (`ReLU`, `He normal`).
        formula: LaTeX, without dollar signs.
        summary: one sentence for somebody who meets it for the first time.
        source: paper or textbook, with its year.
    """

    name: str
    label: str
    formula: str
    summary: str
    source: str


ItemType = TypeVar("ItemType", bound=Item)


def one_of(argument: str, allowed: Iterable[object], received: object) -> str:
    """The sentence for a value that is not in a list: names the argument, what is allowed and what arrived."""
    shown = repr(received)
    if len(shown) > 60:
        shown = shown[:57] + "..."
    return f"{argument} must be one of {', '.join(map(str, allowed))}. Received: {shown}."


def closest(text: str, names: Iterable[str]) -> str | None:
    """The name that somebody may have meant, in other letters or misspelt; None if none is near."""
    close = difflib.get_close_matches(text.strip().lower()[:40], list(names), n=1)
    return close[0] if close else None


class UnknownNameError(KeyError):
    """A KeyError whose text reads as a sentence (a plain KeyError prints the repr of its message)."""

    def __str__(self) -> str:
        return str(self.args[0])


class Registry(Mapping[str, ItemType], Generic[ItemType]):
    """Entries by name, in the order in which menus show them.

    Args:
        noun: what the entries are, in the singular; errors name it (`activation`).
        items: the entries.
        aliases: other names that are accepted, each with the name it stands for.

    Raises:
        ValueError: two entries share a name, or an alias hides or misses an entry.
    """

    def __init__(self, noun: str, items: Iterable[ItemType], aliases: Mapping[str, str] | None = None) -> None:
        self.noun = noun
        self._items: dict[str, ItemType] = {}
        for item in items:
            if item.name in self._items:
                raise ValueError(f"two {noun} entries are named {item.name!r}")
            self._items[item.name] = item
        self.aliases = dict(aliases or {})
        for alias, name in self.aliases.items():
            if alias in self._items or name not in self._items:
                raise ValueError(f"the {noun} alias {alias!r} -> {name!r} hides an entry or points to none")

    def __getitem__(self, name: str) -> ItemType:
        """The entry of that name or alias; UnknownNameError (a KeyError) says what is allowed."""
        try:
            return self._items[self.aliases.get(name, name)]
        except (KeyError, TypeError):
            raise UnknownNameError(one_of(self.noun, self._items, name)) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)
