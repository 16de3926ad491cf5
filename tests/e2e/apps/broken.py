"""The app with a fault: theory fails for seed 13, with a ValueError, and for seed 14, with an error of its own."""

import runpy
from pathlib import Path

from core import theory

predict = theory.predict


def broken(spec):
    if spec.seed == 13:
        raise ValueError("thirteen must not be asked for.")
    if spec.seed == 14:
        raise RuntimeError("secret detail")
    return predict(spec)


if predict.__name__ != broken.__name__:  # this script runs again and again
    theory.predict = broken
runpy.run_path(str(Path(__file__).parents[3] / "app.py"), run_name="__main__")
