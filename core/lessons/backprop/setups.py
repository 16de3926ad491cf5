"""One-click set-ups of Forward and backward, by part: runs worth seeing, each named after what will be seen."""

from __future__ import annotations

from core.lessons.backprop.small_net import WEIGHTS
from core.setups import Setup
from core.spec import RunSpec

_NET = {"x1": "0.5", "x2": "0.2", "x3": "0.1", "y": "1", "f": "sigmoid", "loss": "mse", "rate": "1",
        "updates": "40", "w": ",".join(f"{weight:g}" for weight in WEIGHTS)}
_FAR_OUT = ",".join(f"{weight:g}" for weight in (*WEIGHTS[:-1], -5))

SETUPS: dict[str, tuple[Setup, ...]] = {
    "backprop": (
        Setup("One small net", RunSpec(), "Input (0.5, 0.2, 0.1), sigmoid twice. Step through one update, then "
              "play the loop.", _NET, plays=False),
        Setup("ReLU", RunSpec(), "A hidden unit whose z is negative is off: its slope is 0, so δ and "
              "all gradients into it are 0.", _NET | {"f": "relu", "x3": "-2"}, plays=False),
        Setup("Sure and wrong", RunSpec(), "The output's z is far out, where σ is flat: the slope is "
              "tiny, and so is every gradient, although the answer is wrong.", _NET | {"w": _FAR_OUT}, plays=False),
        Setup("… with cross-entropy", RunSpec(), "The same net and mistake: ∂L/∂ŷ is as large as σ′ is small, and the "
              "product is ŷ − y.", _NET | {"w": _FAR_OUT, "loss": "binary_crossentropy"}, plays=False),
        Setup("The loop", RunSpec(), "Forward, loss, backward, update, again and again: ŷ moves to y.",
              _NET | {"rate": "0.5", "updates": "60"}),
    ),
}
