"""Three networks to try on the page My network, one for each way in; each has a fault that the page finds.

`python -m tests.make_examples` trains the recorded one and writes it anew, and the saved model; `one_softmax.txt` is
the code.
"""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent
EXAMPLES = {"record": "deep_sigmoid.watch.json", "code": "one_softmax.txt", "model": "ten_sigmoids.json"}


def read(way: str) -> str:
    """The text of the example of that way in."""
    return (FOLDER / EXAMPLES[way]).read_text(encoding="utf-8")
