"""How often a run reaches its goal over many seeds, and which change helps: only the ends of the runs are kept."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

from core.spec import RunSpec
from core.training import Trainer

FILE = Path(__file__).parents[2] / "shipped" / "xor_seeds.json"
# The course's network: 100 epochs over four points, one at a time.
XOR = RunSpec(dataset="xor", samples=4, noise=0.0, test_fraction=0.0, widths=(4,), activation="relu",
              optimizer="adam", learning_rate=0.001, batch_size=1, steps=400)
SEEDS = 100
EVERY = 1000  # steps of one training call at most, so that a tick stays short


class End(NamedTuple):
    """What is kept of a run: the share of its training examples that is right, and their loss."""

    accuracy: float
    loss: float

    @property
    def solved(self) -> bool:
        """Whether every training example is right."""
        return self.accuracy == 1.0


class Share(NamedTuple):
    """How many of so many runs, and the 95 % interval of the chance behind it (Wilson 1927)."""

    solved: int
    runs: int
    low: float
    high: float


def asks(spec: RunSpec) -> bool:
    """Whether the question makes sense: the four points of XOR."""
    return (spec.dataset, spec.samples, spec.noise, spec.test_fraction) == ("xor", 4, 0.0, 0.0)


def fixes(spec: RunSpec) -> dict[str, RunSpec]:
    """By label, the run as it is and with one thing changed, then with two."""
    wide = replace(spec, widths=(16,) * spec.depth)
    return {
        "as it is": spec,
        "Leaky ReLU": replace(spec, activation="leaky_relu", alpha=None),
        "tanh": replace(spec, activation="tanh", alpha=None),
        "16 units": wide,
        "ten times the epochs": replace(spec, steps=min(10 * spec.steps, 20_000)),
        "rate 0.02": replace(spec, learning_rate=0.02),
        "16 units, rate 0.02": replace(wide, learning_rate=0.02),
    }


def start(spec: RunSpec, number: int) -> Trainer:
    """The run with its seed and so many more, ready to be advanced."""
    return Trainer(spec.with_seeds(number + 1)[-1], recorded=(0, *range(EVERY, spec.steps, EVERY), spec.steps))


def end(trainer: Trainer) -> End:
    """What is kept of a run that has finished."""
    return End(trainer.snapshot.accuracy or 0.0, trainer.snapshot.training_loss)


def ends(spec: RunSpec, runs: int) -> list[End]:
    """The ends of so many runs, made on the spot."""
    found = []
    for number in range(runs):
        trainer = start(spec, number)
        while not trainer.finished:
            trainer.advance()
        found.append(end(trainer))
    return found


def share(found: Sequence[End]) -> Share:
    """How many are solved, with Wilson's interval at 95 %; from 0 to 1 where there are none yet."""
    from scipy.stats import binomtest

    solved = sum(one.solved for one in found)
    if not found:
        return Share(0, 0, 0.0, 1.0)
    interval = binomtest(solved, len(found)).proportion_ci(confidence_level=0.95, method="wilson")
    return Share(solved, len(found), float(interval.low), float(interval.high))


def solved_sentences(shares: Mapping[str, Share]) -> str:
    """How often it is solved as it is, and which change helps most: two sentences."""
    (_, now), *others = shares.items()
    if not now.runs:
        return "Not counted yet for this run. Count trains it with many seeds, here and now."
    text = (f"**Solved {now.solved} of {now.runs}** as it is; the chance behind that is between {now.low:.0%} and "
            f"{now.high:.0%} (95 % interval).")
    known = [(label, one) for label, one in others if one.runs]
    if not known:
        return text
    label, best = max(known, key=lambda pair: (pair[1].solved / pair[1].runs, pair[0]))
    clear = best.low > now.high
    return f"{text} {'Best' if clear else 'Best, but not clearly better'}: **{label}**, {best.solved} of {best.runs}."


# --- shipped ---------------------------------------------------------------------------------------------------------


@cache
def shipped() -> dict[str, tuple[End, ...]]:
    """The ends that came with the app, by the query of their run."""
    text = json.loads(FILE.read_text(encoding="utf-8"))
    return {query: tuple(End(*one) for one in rows) for query, rows in text.items()}


def query(spec: RunSpec) -> str:
    """The run as text, the key of the file."""
    return urlencode(spec.to_query())


def write() -> None:
    """Trains the course's network and every fix of it over all seeds, and writes the file."""
    rows = {query(spec): [[one.accuracy, round(one.loss, 6)] for one in ends(spec, SEEDS)]
            for spec in fixes(XOR).values()}
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(found)}" for name, found in rows.items())
    FILE.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")


if __name__ == "__main__":
    write()
