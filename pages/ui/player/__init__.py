"""The player: a run goes to the browser in a few parts, and is played there; nothing on the server runs a picture.

    run = ui.live([link.spec])       # the bar, between set-ups and controls; on the screen it stands at the bottom
    with stage:
        run.charts(draw)             # draw(view), with whole runs: now, and again with each part that comes
        run.at_rest(draw_tables)     # draw_tables(view), cut at the play-head: now, and whenever that has come to rest

`replay` does the same for a list of states that is known from the beginning.

The bar (player.js) asks for the next part by its event `more` and says by `rest` where the head has come to rest. Its
answers are parts of the page that are drawn again: what `charts` has drawn, with the bar, and what `at_rest` has.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import streamlit as st

from core.runs import RUNS, Run, tensorflow_ready
from core.shipped import opening_runs
from core.spec import RunSpec
from core.training import recorded_steps
from pages.ui import link
from pages.ui.answers import MORE, REST, answers, redraw
from pages.ui.errors import guarded
from pages.ui.first_paint import end_of_first_paint
from pages.ui.turns import in_turn, out_of_turn
from pages.ui.views import View

FRAME = 32  # ms between two recorded steps: a run of 300 steps, 221 of them recorded, takes 7 s
PARTS = (1, 21)  # moments known after the first parts: the first picture at once, then what is soon there
PATIENCE = 0.6  # s after which a part is sent as it is, if it is
MUCH = 1.3  # times what was known: each part brings all of it again
LONGEST = 4.0  # s for which an answer waits
SOON = 0.3  # s for which a page waits for step 0: what takes longer is asked for by the bar

SHIPPED, TRAINING = "came with the app", "training"
_FOLDER = Path(__file__).parent
_KEY = "player"
_bar = st.components.v2.component("player", **{
    kind: (_FOLDER / f"player.{kind}").read_text(encoding="utf-8") for kind in ("html", "css", "js")})


@dataclass(frozen=True)
class Pace:
    """How long a state is shown while it plays, in ms at speed 1.

    The first `slow` states one by one, `slowly` ms each; from there on every `stride`-th one, `frame` ms each.
    """

    frame: float
    slow: int = 0
    slowly: float = 0.0
    stride: int = 1


USUAL = Pace(FRAME)


@dataclass
class Viewer:
    """What the server knows of one viewer's player.

    run: which runs are shown, as one short text; known: how many of their moments this viewer has; at: where the head
    has come to rest; wants: whether more than step 0 was asked for; asked: whether a part is waited for right now;
    told: what was last said to be waited for.
    begun, plays: how often something was brought to be looked at from its beginning, and whether the last one plays.
    """

    name: str = field(default_factory=lambda: uuid4().hex)
    run: str = ""
    known: int = 0
    at: int = 0
    wants: bool = False
    asked: bool = False
    begun: int = 0
    plays: bool = False
    turn: int = 0
    told: str = ""
    steps: Sequence[int] = ()
    link: link.Link | None = None

    def shows(self, run: str, steps: Sequence[int], at: int) -> None:
        """Looks at a run with these steps; what was known and asked for of another one is forgotten."""
        self.link, self.steps = link.current(), steps
        if run != self.run:
            self.run, self.known, self.at, self.wants, self.asked = run, 0, at, False, False

    def ask(self) -> None:
        """Asks for the next part: step 0 before anything is known, then all there will be."""
        self.asked, self.wants = True, self.wants or self.known > 0


def viewer() -> Viewer:
    return st.session_state.setdefault(_KEY, Viewer())


def step() -> int:
    """The step at which the head has come to rest; of states, the number of the one that is shown."""
    me, current = viewer(), link.current()
    return me.steps[min(me.at, len(me.steps) - 1)] if me.link is current else current.step


def play_from_start() -> None:
    """Called by callbacks that bring a run to be watched: it plays from step 0."""
    _begin(plays=True)


def look_afresh() -> None:
    """Called by callbacks that bring something else to look at: it is shown from its beginning."""
    _begin(plays=False)


def _begin(plays: bool) -> None:
    me = viewer()
    me.begun, me.plays, me.at = me.begun + 1, plays, 0


# --- what is played --------------------------------------------------------------------------------------------------


class Live:
    """Runs that are trained while they are watched, and earlier ones whose lines stay beside them."""

    def __init__(self, specs: Sequence[RunSpec], beside: Sequence[RunSpec] = ()) -> None:
        opening_runs.install()
        self.runs = [RUNS.get(spec) for spec in specs]
        self.beside = [RUNS.get(spec) for spec in beside]
        self.steps = max((recorded_steps(spec.steps) for spec in specs), key=len)
        self.name = _short(link.current().page, *specs)
        self.waits = TRAINING
        me = viewer()
        me.shows(self.name, self.steps, _moment_of(self.steps, link.current().step))
        self._want()
        if tensorflow_ready() and not (self._there() and all(run.history for run in self.beside)):
            with out_of_turn():
                for run in (self.runs[0], *self.beside):
                    run.wait(1, SOON)
        me.known = self._there() if self.finished or me.wants else min(self._there(), max(me.known, 1))

    @property
    def came(self) -> str:
        """Where the numbers are from, if this process has not computed them."""
        return SHIPPED if all(run.shipped for run in self.runs) else ""

    @property
    def finished(self) -> bool:
        return all(run.finished for run in (*self.runs, *self.beside))

    def _want(self) -> None:
        specs = [run.spec for run in (*self.runs, *self.beside)]
        runs = RUNS.want(viewer().name, specs, None if viewer().wants else 1)
        self.runs, self.beside = runs[:len(self.runs)], runs[len(self.runs):]

    def _there(self) -> int:
        """How many moments of all runs there are; of runs that ended, the longest."""
        unfinished = [len(run.history) for run in self.runs if not run.finished]
        return min(unfinished) if unfinished else max(len(run.history) for run in self.runs)

    def part(self) -> None:
        """Where a part was asked for, waits for it; the first of the fragments that answer does."""
        me = viewer()
        if not me.asked:
            return
        me.asked = False
        goal = next((part for part in PARTS if part > me.known), len(self.steps))
        began = time.monotonic()
        told = me.told
        while not self._enough(me, goal, time.monotonic() - began):
            self.waits = _waiting(self.runs, RUNS.waiting(me.name))
            if self.waits != told and time.monotonic() - began > SOON:
                break  # what is waited for is worth an answer
            self._want()
            least = min((*self.runs, *self.beside), key=lambda run: (run.finished, len(run.history)))
            with out_of_turn():
                least.wait(max(goal, len(least.history) + 1), 0.2)
            assert "_" not in st.session_state  # reading it lets a click in that has come meanwhile
        me.known = self._there()

    def _enough(self, me: Viewer, goal: int, waited: float) -> bool:
        there = self._there()
        if self.finished or (there >= goal and not all(run.finished for run in self.runs)):
            return True
        return waited > (PATIENCE if there > MUCH * me.known else LONGEST)

    def views(self, until: int | None = None) -> list[View]:
        """What this viewer has of each run, up to a moment."""
        known = viewer().known
        return [View(run, run.history[:known if until is None else min(until + 1, known)]) for run in self.runs]

    def charts(self, draw: Callable[..., None]) -> None:
        """Draws `draw(*views)` with all that is known, and again with each part that comes."""
        @answers(MORE, draw.__name__)
        def part() -> None:
            with guarded(draw.__name__):
                self.part()
                with in_turn(viewer().run):
                    draw(*self.views())

        end_of_first_paint()

    def at_rest(self, draw: Callable[..., None]) -> None:
        """Draws `draw(*views)` with what is known up to the play-head, whenever that has come to rest."""
        _at_rest(draw.__name__, lambda: draw(*self.views(viewer().at)))


class Replay:
    """States that are known from the beginning, moment 0 to the last."""

    def at_rest(self, draw: Callable[[int], None]) -> None:
        """Draws `draw(moment)` of the play-head, whenever that has come to rest."""
        _at_rest(draw.__name__, lambda: draw(viewer().at))


def _at_rest(name: str, draw: Callable[[], None]) -> None:
    @answers(REST, name)
    def moment() -> None:
        with guarded(name), in_turn(viewer().run):
            draw()


def live(specs: Sequence[RunSpec], beside: Sequence[RunSpec] = ()) -> Live:
    """The bar over runs that are trained while they are watched: step 0 at once, the rest when it is played.

    beside: earlier runs whose lines stay on the chart; where they are not there yet they are trained with them.
    """
    playing = Live(specs, beside)
    labels = [f"step {step} of {playing.steps[-1]}" for step in playing.steps]
    with st.container(key="player"):
        @answers(MORE, "bar")
        def bar() -> None:
            with guarded("bar"):
                playing.part()
                _mount(playing.name, labels, playing.finished, USUAL, playing.waits, playing.came)

    return playing


def replay(states: int, say: Callable[[int], str] | None = None, pace: Pace = USUAL) -> Replay:
    """The bar over so many states that are known already.

    `say(moment)` is its label in the bar; a list that changes keeps its place.
    """
    current, me = link.current(), viewer()
    name = _short(current.page, current.spec, *current.own.items(), states)
    me.shows(name, range(states), min(current.step or me.at * (current.page == _page_of(me)), states - 1))
    me.known = states
    labels = [say(moment) if say else f"step {moment} of {states - 1}" for moment in range(states)]
    with st.container(key="player"):
        answers(MORE, "bar")(lambda: _mount(name, labels, True, pace))
    return Replay()


def _short(page: str, *what: Any) -> str:
    return f"{page} {hashlib.blake2s(repr(what).encode(), digest_size=6).hexdigest()}"


def _page_of(me: Viewer) -> str:
    return me.run.partition(" ")[0]


def _moment_of(steps: Sequence[int], step: int) -> int:
    """The last recorded step that is not after that one, as a moment."""
    return sum(one <= step for one in steps) - 1


def _mount(name: str, labels: list[str], finished: bool, pace: Pace, waits: str = "", came: str = "") -> None:
    me = viewer()
    me.turn += 1  # the browser hears of an answer that brought nothing, too
    me.told = waits
    _bar(key="player_bar", on_more_change=_more, on_rest_change=_rest, data={
        "known": me.known, "finished": finished, "run": name, "page": _page_of(me), "labels": labels,
        "pace": asdict(pace), "waits": waits, "came": came, "opens": me.at, "begun": me.begun,
        "plays": me.plays, "turn": me.turn})


def _more() -> None:
    viewer().ask()
    redraw(MORE)


def _rest() -> None:
    me, bar = viewer(), st.session_state.get("player_bar")  # none on the page that was left for one without a bar
    said = bar and bar[REST]
    if said and said["run"] == me.run:
        me.at = int(said["at"])
    redraw(REST)


def _waiting(runs: Sequence[Run], others: int) -> str:
    """What is waited for."""
    phases = {run.phase for run in runs}
    if "loading" in phases or not tensorflow_ready():
        return "TensorFlow is loading, 5 to 20 s, once"
    if "building" in phases:
        return "preparing this architecture, up to a few seconds, once"
    return f"{TRAINING}, in turns with {others} others" if others else TRAINING
