"""Live runs: a play-head of one's own over runs that everybody shares, and the bar that moves it; and replays.

While a viewer plays, a fragment reruns itself; each rerun draws a few pictures, and for each of them gives the runs one
short chunk of work and moves the play-head to the next recorded step. A tab that is closed stops asking, and with
nobody asking nothing is trained.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from random import uniform
from typing import Any, TypeVar
from uuid import uuid4

import numpy as np
import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core import shipped
from core.runs import RUNS, STAYS, Run, tensorflow_ready
from core.spec import RunSpec
from core.training import Snapshot, recorded_steps
from pages.ui.faults import guarded, page_awaited, repeated, turn
from pages.ui.text import PICTURE

FRAME = 0.07  # seconds between two recorded steps on the screen
BURST = 0.36  # seconds of pictures that one rerun draws: in the browser it redraws 1,500 components twice, each 600
LATE = 5  # frames of the first chart for one of the others
MEAN_OF = 8  # about so many drawings count in the mean of what they cost
RERUN = 0.005  # seconds of this process that a rerun takes besides drawing
ROOM = 2.0  # times what drawing for everybody takes: half is left for training, and for who opens a page
CATCH_UP = 1.0  # seconds by which a tick that comes late may move the play-head at most
LOADING = 1.0  # while TensorFlow is imported there is nothing to see, and importing needs the time
BUDGET = 0.06  # seconds of training a tick may do over all the runs of a page
AHEAD = 30  # recorded steps by which a run may be ahead of who watches it: two seconds
_KEY = "player"


@dataclass(frozen=True)
class View:
    """What a viewer sees of a run: the recorded steps up to the play-head."""

    run: Run
    history: list[Snapshot]

    @property
    def spec(self) -> RunSpec:
        return self.run.spec

    @property
    def snapshot(self) -> Snapshot | None:
        """The step at the play-head; None before step 0 has been computed."""
        return self.history[-1] if self.history else None

    def frame(self, make: Callable[..., pd.DataFrame], *args: Any) -> pd.DataFrame | None:
        """`make(history, *args)`; None before step 0 has been computed."""
        return make(self.history, *args) if self.history else None

    def frame_now(self, make: Callable[..., pd.DataFrame], *args: Any) -> pd.DataFrame | None:
        """`make(snapshot, *args)`; None before step 0 has been computed."""
        return make(self.snapshot, *args) if self.snapshot else None

    def at_start(self, field: str) -> np.ndarray:
        """A field of `Layers` at step 0, shape (layers,): what axes are chosen by; empty before it is computed."""
        return getattr(self.history[0].layers, field) if self.history else np.zeros(0)


@dataclass
class Head:
    """One viewer's play-head over something that is played.

    head: index of the moment that is shown, -1 while there is none.
    target: index of the moment up to which it plays; it plays while head < target.
    eager: whether what comes next plays from its start.
    frame: seconds between two moments.
    pace: seconds between two pictures; longer for everybody when many watch.
    own: a factor of one's own for the pace, so that those who start together do not all tick together for long.
    cost, cost_of_others: seconds of this process that drawing the first chart takes, and the others; running means.
    """

    page: str = ""
    head: int = -1
    target: int = 0
    eager: bool = False
    frame: float = FRAME
    pace: float = FRAME
    cost: float = 0.006
    cost_of_others: float = 0.02
    note: str = ""
    ticked: float = 0.0
    viewer: str = field(default_factory=lambda: uuid4().hex)
    own: float = field(default_factory=lambda: uniform(0.8, 1.2))
    verb = "Play"

    @property
    def steps(self) -> Sequence[int]:
        """The number of each moment, as a person counts."""
        raise NotImplementedError

    @property
    def last(self) -> int:
        """Index of the last moment."""
        return len(self.steps) - 1

    @property
    def recorded(self) -> int:
        """Index of the last moment that can be shown by now."""
        return self.last

    @property
    def ready(self) -> bool:
        """Whether a tick can move it on."""
        return True

    @property
    def playing(self) -> bool:
        return self.head < self.target

    @property
    def busy(self) -> bool:
        """Playing, and not just on the way to step 0."""
        return self.playing and self.target > 0

    @property
    def step(self) -> int:
        """The step that is shown, 0 while there is none."""
        return self.steps[max(self.head, 0)]

    def say(self, step: int) -> str:
        """A moment in words."""
        return f"step {step} of {self.steps[-1]}"

    def shown(self) -> Sequence[Any]:
        """What is handed to the page to draw."""
        raise NotImplementedError

    def start(self) -> None:
        """Plays to the end, from the beginning if it stands there."""
        if self.head >= self.last:
            self.head = 0
        self.target, self.ticked = self.last, time.monotonic()

    def tick(self) -> None:
        """Moves the play-head on by the time that has passed."""
        RUNS.present(self.viewer)
        self._move()

    def _move(self) -> None:
        now = time.monotonic()
        frames = max(1, round(min(now - self.ticked, CATCH_UP) / self.frame))
        self.ticked = now
        self.head = min(self.head + frames, self.target, self.recorded)
        self.target = min(self.target, self.last)

    @property
    def wanted_pace(self) -> float:
        """Seconds between two pictures that leave room for everybody who watches."""
        needed = RUNS.audience() * ROOM * (self.cost + RERUN + (self.cost_of_others + RERUN) / LATE)
        return max(self.frame, FRAME, needed * self.own)

    @property
    def out_of_pace(self) -> bool:
        """Whether its pace is so far from the wanted one that drawing the whole page to change it is worth it."""
        return not self.wanted_pace / 2 <= self.pace <= 4 * self.wanted_pace

    @property
    def burst(self) -> int:
        """How many pictures one rerun draws."""
        return max(1, round(BURST / self.pace))

    @property
    def every(self) -> float | None:
        """Seconds between two reruns; None while nothing moves."""
        return self.burst * self.pace if self.playing else None

    def pictures(self) -> Iterator[int]:
        """The pictures that one rerun is to draw, from 0: one, and more while it plays; waits for each moment."""
        start = time.monotonic()
        for number in range(self.burst):
            time.sleep(max(0.0, start + number * self.pace - time.monotonic()))
            if number and not self.playing:
                return
            yield number


@dataclass
class Player(Head):
    """A play-head over the runs of a page, which are trained while it plays."""

    runs: list[Run] = field(default_factory=list)
    joined: bool = False  # plays because others were watching already
    verb = "Train"

    @property
    def steps(self) -> Sequence[int]:
        """The steps that are recorded, the same for all runs of a page."""
        return max((recorded_steps(run.spec.steps) for run in self.runs), key=len)

    @property
    def last(self) -> int:
        """Index of the last recorded step of all; less where every run ended early."""
        if all(run.finished for run in self.runs):
            return max(len(run.history) for run in self.runs) - 1
        return len(self.steps) - 1

    @property
    def recorded(self) -> int:
        return min((len(run.history) - 1 for run in self.runs if not run.finished), default=self.last)

    @property
    def ready(self) -> bool:
        return tensorflow_ready()

    def shown(self) -> list[View]:
        return [View(run, run.history[:self.head + 1]) for run in self.runs]

    def follow(self, page: str, specs: list[RunSpec]) -> None:
        """Looks at other runs: plays from their start if it was playing, else shows them as far as they have come.

        What others are watching right now it watches with them.
        """
        playing = self.eager or (self.busy and self.page == page)
        self.page, self.eager, self.joined = page, False, False
        self.runs = [RUNS.opening(spec) for spec in specs]
        self.head, self.target = -1, 0
        if playing:
            self.start()
        elif self.recorded > 0:
            self.head = self.target = self.recorded
            if any(run.under_way_for_others(self.viewer) for run in self.runs):
                self.target, self.ticked, self.joined = self.last, time.monotonic(), True

    def start(self) -> None:
        """Plays to the end, from the beginning if it stands there.

        A run that came with the app is trained here and now, or played as it is while TensorFlow is not there yet.
        """
        if self.head < 0 or self.head >= self.last:
            if tensorflow_ready():
                self.runs = [RUNS.live(run.spec) for run in self.runs]
            self.head = -1
        self.target, self.ticked = self.last, time.monotonic()

    def tick(self) -> None:
        """Gives the runs that are furthest behind a chunk of work each, and moves the play-head on."""
        wanted = self.steps[min(self.target, self.head + AHEAD, len(self.steps) - 1)]
        RUNS.present(self.viewer)
        end = time.perf_counter() + (0 if page_awaited() else BUDGET)
        for run in sorted(self.runs, key=lambda run: len(run.history)):
            if time.perf_counter() < end:
                tick = RUNS.tick(run.spec, self.viewer, until=wanted)
                self.note = _waiting(tick.run, tick.waiting) or "with others" * self.joined
        self.runs = [run if run.finished else RUNS.get(run.spec) for run in self.runs]
        self._move()

    @property
    def every(self) -> float | None:
        if not self.playing:
            return None
        return super().every if tensorflow_ready() or self.runs[0].shipped else LOADING


@dataclass
class Replay(Head):
    """A play-head over a finished list of states, which are numbered from 0."""

    length: int = 1
    words: Callable[[int], str] | None = None

    @property
    def steps(self) -> Sequence[int]:
        return range(self.length)

    def say(self, step: int) -> str:
        step = min(step, self.last)  # the browser may still ask for one of a longer list
        return self.words(step) if self.words else super().say(step)

    @property
    def burst(self) -> int:
        """One: its charts may take clicks, and such a chart can be drawn once in a rerun."""
        return 1

    def shown(self) -> tuple[int]:
        return (self.head,)

    def follow(self, page: str, length: int, opens: int | None) -> None:
        """Looks at a list: another page's where it opens, a changed one at the place of the one before."""
        new, at_end, playing, eager = self.page != page, self.head >= self.last, self.busy, self.eager
        self.page, self.length, self.eager = page, length, False
        if new:
            self.head = self.last if opens is None else opens
        elif at_end:
            self.head = self.last
        self.head = self.target = 0 if eager else min(self.head, self.last)
        if eager or (playing and not new):
            self.start()


Kind = TypeVar("Kind", bound=Head)


def _waiting(run: Run, others: int) -> str:
    """What is being waited for, if anything."""
    if run.phase == "loading":
        return "TensorFlow is loading, 5 to 20 s, once"
    if run.phase == "building":
        return "preparing this architecture, up to a few seconds, once"
    if others > 0:
        return f"taking turns with {others} other trainings"
    return ""


def live(page: str, specs: list[RunSpec], draw: Callable[..., None]) -> Callable[[], list[View]]:
    """Draws `draw(*views)`, again and again while it plays, with the player's bar at the bottom of the window.

    Returns a function that gives the views as they are when it is called.
    """
    shipped.install()
    player = _player(Player)
    if player.eager or player.page != page or [run.spec for run in player.runs] != specs:
        player.follow(page, specs)
    _play(player, draw)
    return player.shown


def replay(page: str, length: int, draw: Callable[[int], None], say: Callable[[int], str] | None = None,
           opens: int | None = None, frame: float = FRAME) -> Callable[[], int]:
    """Draws `draw(index)` of a finished list of states, with the same bar: `ui.replay("page", len(states), draw)`.

    `say(index)` is its label in the bar, `opens` what is shown first (left out, the last), `frame` seconds for each;
    a list that changes keeps its place. Returns a function that gives the index as it is when called.
    """
    player = _player(Replay)
    player.words, player.frame = say, frame
    if player.eager or player.page != page or player.length != length:
        player.follow(page, length, opens)
    _play(player, draw)
    return lambda: player.head


def _player(kind: type[Kind]) -> Kind:
    """This viewer's play-head if it is of that kind, else a new one, which plays if it was about to."""
    before = st.session_state.get(_KEY)
    if isinstance(before, kind):
        return before
    player = st.session_state[_KEY] = kind(eager=before is not None and before.eager)
    return player


def _play(player: Head, draw: Callable[..., None]) -> None:
    """The bar, and the fragment that draws again and again while it plays."""
    if player.playing and player.ready:
        player.tick()
    RUNS.present(player.viewer, STAYS)
    player.pace = player.wanted_pace
    place = _bar(player)
    with st.container(key="live"):
        @repeated(player.every)
        def pictures(by_itself: bool) -> None:
            stage, bar = st.container(), place
            with guarded("live", then=pause):
                for st.session_state[PICTURE] in player.pictures() if by_itself else (0,):
                    if by_itself:
                        player.tick()
                    with turn(), deepcopy(stage):  # a copy starts at the top: each picture takes the last one's place
                        took = _draw(player, draw)
                    if by_itself:  # with its page a picture makes much else for the first time
                        player.cost += (took - player.cost) / MEAN_OF
                    if player.busy:
                        bar = _progress(player, bar)
            if by_itself and (not player.playing or player.out_of_pace):
                st.rerun()  # the bar's buttons change, or the pace does


def also(draw: Callable[..., None]) -> None:
    """More charts of `live` or `replay`, which comes first: drawn less often, so that the first one stays quick."""
    player = st.session_state[_KEY]
    with st.container(key="also"):
        @repeated(player.every and max(player.every, LATE * player.pace))
        def pictures(by_itself: bool) -> None:
            with guarded("also", then=pause), turn():
                took = _draw(player, draw)
                if by_itself:
                    player.cost_of_others += (took - player.cost_of_others) / MEAN_OF


def _draw(player: Head, draw: Callable[..., None]) -> float:
    """Draws what the player shows; seconds of this process that it took."""
    start = time.thread_time()
    draw(*player.shown())
    return time.thread_time() - start


# --- the bar ---------------------------------------------------------------------------------------------------------


def _bar(player: Head) -> DeltaGenerator:
    """Reset, Train, Play or Pause, Step, and the scrubber; the place of the progress bar that replaces it."""
    with st.bottom, st.container(key="player", horizontal=True, vertical_alignment="center"):
        st.button("Reset", icon=":material/replay:", on_click=reset, help="Back to step 0", key="player_reset")
        label, icon, act = ("Pause", "pause", pause) if player.busy else (player.verb, "play_arrow", start)
        st.button(label, icon=f":material/{icon}:", on_click=act, key="player_play", type="primary")
        st.button("Step", icon=":material/skip_next:", on_click=step, help="One recorded step", key="player_step")
        place = st.container(key="player_place")
        if not player.busy:
            with place:
                _scrubber(player)
        return place


def _progress(player: Head, at: DeltaGenerator) -> DeltaGenerator:
    """The progress bar, in that place; where it stands then, for the next one to take its place."""
    said = player.say(player.step) + (f" · {player.note}" if player.note else "")
    return at.progress(player.step / player.steps[-1], text=said)


def _scrubber(player: Head) -> None:
    if len(player.steps) > 1:
        st.session_state["player_scrub"] = player.step
        st.select_slider("Recorded step", player.steps, key="player_scrub", on_change=scrub,
                         label_visibility="collapsed", format_func=player.say)


# --- what its buttons do ---------------------------------------------------------------------------------------------


def play_from_start() -> None:
    """Called by callbacks that bring a run to be watched: it plays from step 0."""
    st.session_state.setdefault(_KEY, Player()).eager = True


def look_afresh() -> None:
    """Called by callbacks that bring something else to look at: it is shown as when its page is opened."""
    if _KEY in st.session_state:
        st.session_state[_KEY].page = ""


def start() -> None:
    st.session_state[_KEY].start()


def pause() -> None:
    player = st.session_state[_KEY]
    player.target = max(player.head, 0)


def step() -> None:
    player = st.session_state[_KEY]
    if player.head < player.last:
        player.target = player.head + 1


def reset() -> None:
    player = st.session_state[_KEY]
    player.head = min(player.head, 0)
    player.target = 0


def scrub() -> None:
    player = st.session_state.get(_KEY)
    if player is None or player.busy:  # the browser sends along a scrubber that has made way for something else
        return
    wanted = st.session_state["player_scrub"]
    if wanted not in player.steps:  # of another run, whose scrubber was there before
        return
    player.target = player.steps.index(wanted)
    player.head = min(player.target, player.recorded)
