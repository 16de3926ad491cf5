"""Files and programs with pieces dropped, doubled, moved and replaced: what tests of readers are fed."""

from __future__ import annotations

import ast
import copy
import io
import json
import random
import zipfile
from typing import Any

STRANGE = [None, True, -1, 0, 10 ** 24, 1e299, -0.0, "", "inf", "\x00", "nan", [], {}, [[]], {"a": 1}, "a" * 10_000,
           [0] * 6000, "<script>", "__import__('os')", {"__class__": "x"}, "\ud800", "NaN", [None, None]]
WORDS = ("None", "-1", "10**9", "1e999", "[]", "()", "{}", "model", "x", "Dense", "True", "*", "**", "lambda: 0", "\0",
         "'relu'", "float('nan')", ":", "[0]", "(1, 2)", "\\", "é", "0", "units", "=", "range(10**12)", "\"", "@", "#")


def places(content: Any, path: tuple = ()) -> list[tuple]:
    """The ways to everything in a JSON value."""
    inside = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    return [path, *(place for key, value in inside for place in places(value, (*path, key)))]


def mutated_record(file: dict[str, Any], rng: random.Random) -> str:
    """The file with up to three entries replaced, dropped, doubled or renamed, or with some of its letters changed."""
    content = copy.deepcopy(file)
    if rng.random() < 0.6:
        for _ in range(rng.randint(1, 3)):
            path = rng.choice([place for place in places(content) if place])
            holder: Any = content
            for step in path[:-1]:
                holder = holder[step]
            what = rng.random()
            if what < 0.6:
                holder[path[-1]] = copy.deepcopy(rng.choice(STRANGE))
            elif what < 0.8:
                del holder[path[-1]]
            elif isinstance(holder, list):
                holder.append(copy.deepcopy(holder[path[-1]]))
            else:
                holder[rng.choice(["x", "step", "a" * 300, "\u202e", ""])] = holder.pop(path[-1])
        return json.dumps(content)
    text = json.dumps(content)
    for _ in range(rng.randint(1, 4)):
        start = rng.randrange(len(text))
        end = min(len(text), start + rng.choice([0, 1, 1, 1, 30, 4000]))
        text = text[:start] + rng.choice(["", "9" * 50, "[" * 3000, '"', "}", "NaN", "\\ud800", "e999", ",", text[:50],
                                          "\x00", "-", ": null", chr(rng.randrange(1, 0xd7ff))]) + text[end:]
    return text


def mutated(text: str, rng: random.Random) -> str:
    """The text with a few pieces dropped, doubled, moved or replaced."""
    for _ in range(rng.randint(1, 6)):
        a, b = sorted(rng.randrange(len(text) + 1) for _ in range(2))
        b = min(b, a + rng.choice((1, 3, 10, 60)))
        piece = rng.choice(("", text[a:b] * 2, rng.choice(WORDS), text[rng.randrange(len(text) + 1):][:20], "\n    "))
        text = text[:a] + piece + text[b:]
        if not text:
            return "x"
    return text


def swapped(text: str, rng: random.Random) -> str:
    """The text with constants and names exchanged, so that it stays Python."""
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return mutated(text, rng)
    pieces = [node for node in ast.walk(tree) if isinstance(node, ast.Constant | ast.Name | ast.Call | ast.Tuple)]
    for node in rng.sample(pieces, min(3, len(pieces))):
        other = rng.choice(pieces)
        if isinstance(node, ast.Name):
            node.id = rng.choice(["x", "model", "Dense", "keras", other.id if isinstance(other, ast.Name) else "np"])
        elif isinstance(node, ast.Constant):
            node.value = rng.choice([None, -1, 0, 10**9, 1e308, "relu", True, "", b"x", 2j, 3.5, Ellipsis])
        elif isinstance(node, ast.Call):
            node.args = [ast.Constant(rng.choice([None, -3, "x", 7])), *node.args][:rng.randint(0, 4)]
        else:
            node.elts = node.elts * rng.randint(0, 3)
    try:
        return ast.unparse(tree)
    except (ValueError, TypeError, RecursionError):
        return mutated(text, rng)


def shuffled(value: Any, rng: random.Random) -> Any:
    """A configuration with some of its values replaced by others of another kind."""
    if rng.random() < 0.01:
        return rng.choice([None, -1, 10**30, "x", [], {}, [[]], {"class_name": "Dense", "config": {}}, 1e308, True])
    if isinstance(value, dict):
        return {key: shuffled(one, rng) for key, one in value.items()}
    return [shuffled(one, rng) for one in value] if isinstance(value, list) else value


def packed(text: str, name: str = "config.json", kind: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An archive with one file."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", kind) as archive:
        archive.writestr(name, text)
    return stream.getvalue()
