"""Every part of every page draws every kind of run, and what random links say, before and after it has been played.

With make test the tabs under a page are opened for one kind of run, and 50 layers wait for Play where a part compiles
several networks of them; with make test-all it is all of them.
"""

from __future__ import annotations

import random
from typing import Any

import pytest

from core.datasets import DATASETS
from core.runs import RUNS
from core.spec import FIELDS
from pages.ui import player
from tests.pages.reading import begun, ended, every_text, parts, plays, texts
from tests.tiers import ALL, only_nightly

SHORT = {"steps": "12", "v": "1"}
ENDS = {name: f"{field.maximum:g}" for name, field in FIELDS.items()
        if field.value_type in ("integer", "number") and name not in ("steps", "samples", "batch_size")}
KINDS = {
    "custom loss": {"dataset": "moons", "widths": "8", "activation": "relu", "loss": "custom",
                    "formula": "square(y_true-y_pred)"},
    "one unit": {"widths": "1", "activation": "relu"},
    "50 layers": {"widths": "4x50", "activation": "tanh"},
    "regression": {"dataset": "sine", "widths": "8x3"},
    "many classes": {"dataset": "digits", "samples": "200", "widths": "8x2"},
    "zeros": {"initializer": "zeros", "widths": "8x3"},
    "batch norm with one example": {"batch_norm": "1", "batch_size": "1", "widths": "8x2"},
    "no validation": {"test_fraction": "0", "widths": "8x2"},
    "placed points": {"dataset": "points", "points": "0,0,0;0,1,1;1,0,1;1,1,0", "widths": "4"},
    "softmax on one unit": {"output": "softmax", "widths": "8"},
    "labels as numbers": {"dataset": "blobs", "output": "relu", "output_units": "1", "loss": "mse", "widths": "8"},
    "a loss that does not fit": {"dataset": "moons", "output": "linear", "loss": "kl_divergence", "widths": "8"},
    "an autoencoder": {"dataset": "digits_auto", "samples": "200", "widths": "16", "output": "sigmoid",
                       "loss": "binary_crossentropy"},
    "unscaled": {"dataset": "line", "widths": "8", "activation": "relu"},
    "overflow": {"activation": "relu", "gain": "20", "learning_rate": "100", "widths": "16x12", "momentum": "0.9"},
    "every number at its end": {"widths": "4x2"} | ENDS,
}


# Outputs and inputs of one's own: on every third part in make test, on all of them at night.
RARE = ("softmax on one unit", "labels as numbers", "a loss that does not fit", "an autoencoder", "unscaled")

PARTS = list(parts())
NAMES = [" ".join((page, *part.values())) for page, part in PARTS]


@pytest.fixture(autouse=True)
def in_one_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run comes in one part after its first step; tests of the player have the others."""
    monkeypatch.setattr(player, "PARTS", (1,))


def draws(app) -> None:
    """The page draws without an error, before and after Play, and so does every tab under it."""
    texts(app)
    if plays(app):
        texts(ended(begun(app)))


CASES = [(page, part, kind) for page, part in PARTS for kind in KINDS]
OFTEN = [(page, part, kind) for page, part, kind in CASES if kind not in RARE or (page, part) in PARTS[::3]]


@pytest.mark.parametrize(("page", "part", "kind"), only_nightly(CASES, but=OFTEN),
                         ids=[f"{name}-{kind}" for name in NAMES for kind in KINDS])
def test_every_part_draws_every_kind_of_run(visit, tensorflow, page, part, kind):
    app = visit(page, **KINDS[kind] | SHORT | part)
    if kind == "50 layers" and not ALL and plays(app) and len(RUNS._runs) > 1:
        texts(app)
        return
    draws(app)
    if ALL or kind == "custom loss":
        every_text(app, page)


@pytest.mark.nightly
@pytest.mark.parametrize("dataset", DATASETS)
@pytest.mark.parametrize("page", ["anatomy", "gradients"])
def test_every_data_set_is_drawn_and_learned_from(visit, tensorflow, page, dataset):
    draws(visit(page, dataset=dataset, widths="4x2", **SHORT))


# --- random links ---------------------------------------------------------------------------------------------------

ODD = ("nan", "inf", "-1", "1e9", "none", "", "x", "0", "1,2", "'); x", "∞")


def odd_value(name: str, dice: random.Random) -> str:
    """A value of a field of a run: one of its own, at an end, just beyond one, or nonsense."""
    field = FIELDS[name]
    if dice.random() < 0.15:
        return dice.choice(ODD)
    if field.choices:
        return dice.choice(field.choices)
    if field.value_type in ("flag", "flags"):
        return dice.choice(("0", "1"))
    if name == "widths":
        return f"{dice.choice((1, 2, 8, 17))}x{dice.choice((1, 2, 5, 50))}"
    if name == "table":
        return dice.choice(("0123456789abcdef", "f" * 16, "0123"))
    if name == "formula":
        return dice.choice(("abs(y_true-y_pred)", "square(y_pred)", "log(y_pred)", "y_pred", "1/(y_true-y_pred)"))
    if name == "points":
        return ";".join(f"{dice.uniform(-5, 5):.2f},{dice.uniform(-5, 5):.2f},{dice.randrange(2)}"
                        for _ in range(dice.choice((1, 2, 7, 40))))
    low, high = field.minimum, field.maximum
    return f"{dice.choice((low, high, high * 1.01 + 1, dice.uniform(field.low, field.high or 1), field.low)):.6g}"


def odd_link(number: int) -> tuple[str, dict[str, Any]]:
    """A page, one of its parts, and values for some of the fields of its run."""
    dice = random.Random(number)
    page, part = dice.choice(PARTS)
    names = dice.sample([name for name in FIELDS if name != "steps"], dice.randint(1, 8))
    return page, {name: odd_value(name, dice) for name in names} | {"steps": dice.choice(("1", "12", "40"))} | part


LINKS = [odd_link(number) for number in range(200)]


@pytest.mark.parametrize(("page", "query"), only_nightly(LINKS, LINKS[:10]),
                         ids=lambda part: "&".join(map("=".join, part.items())) if isinstance(part, dict) else part)
def test_a_random_link_draws(visit, tensorflow, page, query):
    draws(visit(page, **query))


BROKEN = [  # links that once broke their page
    ("curves", {"dataset": "moons", "widths": "8", "activation": "relu", "loss": "custom",
                "formula": "square(y_true-y_pred)", "steps": "40"}),
    ("regularization", {"part": "batch_norm", "initializer": "zeros"}),
    ("activations", {"part": "layers", "seed": "2147483647"}),
]


@pytest.mark.parametrize(("page", "query"), BROKEN)
def test_a_link_that_broke_its_page_draws(visit, tensorflow, page, query):
    draws(visit(page, **query | {"v": "1"}))
