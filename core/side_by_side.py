"""Several runs side by side: in which order, and what sets them apart in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from core.architecture import Architecture
from core.diagnosis import HEALTHY, KINDS, kinds, signal_ratio
from core.initializers import INITIALIZERS
from core.spec import RunSpec
from core.training import Snapshot
from core.words import count, say_share

ORDER = (*HEALTHY, *(kind for kind in reversed(KINDS) if kind not in HEALTHY))  # of verdicts, overflow last


class Entry(NamedTuple):
    """One of the runs: what it is called, its spec, and its history from step 0 on, empty before that is known."""

    label: str
    spec: RunSpec
    history: Sequence[Snapshot]


def under_each_initializer(spec: RunSpec) -> dict[str, RunSpec]:
    """The same run (data, seed, network) under every initializer, by the initializer's label."""
    return {entry.label: replace(spec, initializer=name) for name, entry in INITIALIZERS.items()}


def ranked(entries: Sequence[Entry]) -> list[Entry]:
    """In the order of their verdicts, what learns first, and of how level the signal was at step 0; without one, last.

    What stands still during a run decides between equal verdicts, so that runs trade places only with a new verdict.
    """
    return sorted(entries, key=_rank)


def _rank(entry: Entry) -> tuple[int, float]:
    if not entry.history:
        return len(ORDER), 0.0
    ratio = signal_ratio(entry.history[0].layers)
    uneven = 0.0 if ratio is None else abs(math.log10(ratio)) if 0 < ratio < math.inf else math.inf
    return ORDER.index(_kind(entry)), uneven


def verdicts_sentences(entries: Sequence[Entry]) -> tuple[str, ...]:
    """`verdicts_sentence` of each moment: every run is judged once, not once for each of its beginnings."""
    judged = [kinds(entry.spec, entry.history) for entry in entries]
    return tuple(
        _sentence([entry._replace(history=entry.history[:moment + 1]) for entry in entries],
                  [found[min(moment, len(found) - 1)] for found in judged if found])
        for moment in range(max(map(len, judged), default=0)))


def verdicts_sentence(entries: Sequence[Entry]) -> str:
    """How many have which verdict, and the widest spread between signals that reach layer 1: two sentences."""
    return _sentence(entries, [_kind(entry) for entry in entries if entry.history])


def _sentence(entries: Sequence[Entry], verdicts: Sequence[str]) -> str:
    known = [entry for entry in entries if entry.history]
    if not known:
        return "The first measurements come with TensorFlow."
    counts = ", ".join(f"{verdicts.count(kind)} {KINDS[kind].word.lower()}" for kind in ORDER if kind in verdicts)
    ratios = [(ratio, entry) for entry in known
              if entry.history[-1].finite and (ratio := signal_ratio(entry.history[-1].layers))]
    if len(ratios) < 2:
        return f"{counts.capitalize()}."
    (low, least), (high, most) = (choose(ratios, key=lambda pair: pair[0]) for choose in (min, max))
    return (f"{counts.capitalize()}. With {most.label}, layer 1 gets {say_share(high)} what layer {most.spec.depth} "
            f"gets; with {least.label}, {say_share(low)} it.")


def shares_right(entries: Sequence[Entry]) -> str:
    """What share of the training examples each run has right at its last step, and how large the networks are."""
    if not entries:
        return "The first measurements come with TensorFlow."
    shares = ", ".join(f"**{(entry.history[-1].accuracy or 0):.0%}** with {entry.label}" for entry in entries)
    parameters = [Architecture.of(entry.spec).parameters for entry in entries]
    sizes = (f"{count(parameters[0], 'parameter')} each" if len(set(parameters)) == 1
             else " and ".join(count(number, "parameter") for number in parameters))
    return f"On the right side after {count(entries[0].history[-1].step, 'step')}: {shares}; {sizes}."


def _kind(entry: Entry) -> str:
    return kinds(entry.spec, entry.history)[-1]
