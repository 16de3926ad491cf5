"""A link from an answer to what shows it: a page, one of its parts, or one of its set-ups."""

from __future__ import annotations

from dataclasses import dataclass

from pages.ui.course import LESSONS, link_to
from pages.ui.setups import SETUPS


@dataclass(frozen=True)
class Experiment:
    """A link to a page with what is open there: `label` names the set-up or the part, and is empty for the page."""

    page: str
    query: dict[str, str]
    label: str

    @classmethod
    def read(cls, text: str) -> Experiment:
        """`optimizers rates / Adam` is a set-up, `optimizers rates` a part, and `optimizers` a page.

        Raises:
            KeyError: there is no such page, or no such part of it.
            LookupError: there is no such set-up.
        """
        table, _, label = (part.strip() for part in text.partition(" / "))
        page, _, part = table.partition(" ")
        opens = LESSONS[page].opens(part)
        if not label:
            return cls(page, opens, LESSONS[page].titles.get(part, ""))
        setup = next((setup for setup in SETUPS[table] if setup.label == label), None)
        if setup is None:
            raise LookupError(f"{table} has no set-up {label!r}.")
        return cls(page, (setup.spec.to_query() if setup.spec else {}) | opens | dict(setup.own), label)

    @property
    def title(self) -> str:
        """The page's title, and what is open there."""
        title = LESSONS[self.page].title
        return f"{title}: {self.label}" if self.label else title

    def link(self, purpose: str = "") -> None:
        """Draws it; one with a purpose leaves its page to the icon."""
        link_to(self.page, self.query, f"{purpose} · {self.label or self.title}" if purpose else self.title)
