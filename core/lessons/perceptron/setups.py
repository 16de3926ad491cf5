"""One-click set-ups of Perceptron, by part: runs worth seeing, each named after what will be seen."""

from __future__ import annotations

from dataclasses import replace
from math import cos, sin

from core.lessons.perceptron.rule import NETWORK, OPENING, OR, XOR
from core.setups import Setup

_RULE = {"show": "rule", "rate": "0.1", "epochs": "100"}
_GAP = ((0, 0, 0), (0.3, 0.9, 0), (1, 0.35, 0), (0.45, 1.15, 1), (1.1, 0.55, 1), (1.2, 1.2, 1))
_RING = (*((round(cos(0.785 * i), 2), round(sin(0.785 * i), 2), 0) for i in range(8)), (0.1, 0.1, 1), (-0.2, 0.1, 1),
         (0, -0.2, 1))
_ON_XOR, _ON_OR, _ON_GAP, _ON_RING = (replace(NETWORK, points=points) for points in (XOR, OR, _GAP, _RING))

SETUPS: dict[str, tuple[Setup, ...]] = {
    "perceptron rule": (
        Setup("AND", OPENING, "Only (1, 1) is class 1. Each mistake moves the line; after a few epochs it rests.",
              _RULE),
        Setup("XOR cannot be", _ON_XOR, "After 100 epochs two of XOR's four points are still wrong, and more epochs "
              "would not help: the predictions are 1, 1, 0, 0.", _RULE),
        Setup("OR", _ON_OR, "Only (0, 0) is class 0.", _RULE),
        Setup("A narrow gap", _ON_GAP, "A line exists, but there is little room for it: the narrower the gap, the more "
              "mistakes it takes.", _RULE),
        Setup("A ring", _ON_RING, "One class in the middle of the other: no line exists, and the rule never rests.",
              _RULE),
    ),
    "perceptron hidden": (
        Setup("XOR solved", _ON_XOR, "The same four points, and four hidden units.", {"show": "hidden"}),
        Setup("One hidden unit", replace(_ON_XOR, widths=(1,)), "One hidden unit draws one line: XOR stays unsolved.",
              {"show": "hidden"}),
        Setup("The ring solved", replace(_ON_RING, widths=(8,)), "Eight hidden units close a curve around the middle.",
              {"show": "hidden"}),
    ),
}
