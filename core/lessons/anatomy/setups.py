"""One-click set-ups of Anatomy, by part: runs worth seeing, each named after what will be seen."""

from __future__ import annotations

from dataclasses import replace

from core.datasets import DATASETS
from core.lessons.anatomy.families import FAMILIES
from core.lessons.anatomy.report import OPENS, SOURCE
from core.setups import Setup

_CIRCLES, _BLOBS = (replace(OPENS, dataset=name, noise=DATASETS[name].noise) for name in ("circles", "blobs"))

SETUPS: dict[str, tuple[Setup, ...]] = {
    "anatomy net": (
        Setup("Two hidden layers", OPENS, "Twelve units, then twelve more: 205 numbers wind the line between two "
              "spirals."),
        Setup("Two units enclose nothing", replace(_CIRCLES, widths=(2,), learning_rate=0.05),
              "Two units make two cuts: the line may bend, but it cannot close around the inner ring."),
        Setup("Three units do", replace(_CIRCLES, widths=(3,), learning_rate=0.05),
              "Three cuts make a triangle with round corners. One unit more is four parameters: 13 against 9."),
        Setup("Narrow and deep", replace(OPENS, widths=(4,) * 4), "Four layers of four units: 77 parameters where "
              "the first set-up has 205, and nearly as good on the same spirals."),
        Setup("Four classes", replace(_BLOBS, widths=(8,)), "One output a class, and "
              "softmax: the colour is the most likely class, paler where it is less sure."),
        Setup("9,729 parameters", SOURCE, "1,408 + 8,256 + 65 = 9,729 parameters. Ten inputs, so there is no "
              "plane to draw in; too many units to draw one by one."),
    ),
    "anatomy families": tuple(
        Setup(family.label, None, family.summary, {"part": "families", "family": name}, plays=False)
        for name, family in FAMILIES.items()),
}
