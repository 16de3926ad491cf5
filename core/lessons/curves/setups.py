"""One-click set-ups of Training curves, by part: runs worth seeing, each named after what will be seen."""

from __future__ import annotations

from core.lessons.curves import report as curves
from core.setups import Setup

SETUPS: dict[str, tuple[Setup, ...]] = {
    "curves": (
        Setup("A good fit", curves.SOURCE, "1000 examples, 64 → 32 → 1, Adam, 50 epochs: both losses fall "
              "and stay down; the gap between them is no alarm."),
        Setup("Underfits: one unit", curves.TOO_SMALL, "The same data and 50 epochs at a larger rate, but a single "
              "hidden unit: both curves come to rest high up."),
        Setup("Underfits: too short", curves.TOO_SHORT, "A tenth of the rate and 10 epochs: both curves are still on "
              "their way down when it ends."),
        Setup("Overfits: few examples", curves.TOO_FEW, "160 examples to train on and ten times the rate: the training "
              "loss goes to 0, the validation loss turns early and rises."),
    ),
}
