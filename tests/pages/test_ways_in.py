"""Whatever is dropped or pasted on My network: it is read or gets a sentence, and what was read can be shown."""

import io
import json
import random
import time
import zipfile

import pytest

from core.findings import KINDS
from core.keras_code.python import MAX_TEXT
from core.rebuild import expected, rebuild
from core.shipped import brought as examples
from pages.ui import ways_in
from pages.ui.course import LESSONS
from tests.core.keras_programs import READ, RUNS
from tests.core.mutants import mutated, mutated_record, packed, shuffled, swapped
from tests.tiers import ALL

MUTANTS = 2000 if ALL else 200
CODE = examples.read("code")


def brought(data: str | bytes, way: str) -> ways_in.Brought:
    """Read as the page reads it, with everything that the page computes of what was read."""
    one = ways_in._read("file", data, way)
    assert (one.what is None) == bool(one.error)
    assert len(one.error) < 700
    one.error.encode()
    if one.what is None:
        assert one.findings == []
        return one
    assert one.findings
    assert all(finding.kind in KINDS for finding in one.findings)
    assert ways_in.layers_table(one) is not None
    assert one.history is not None
    expected(one.what.network)
    spec, _ = rebuild(one.what.network)
    assert spec.to_query() is not None
    return one


def elapsed(data: str | bytes, way: str) -> float:
    start = time.perf_counter()
    brought(data, way)
    return time.perf_counter() - start


def small_record() -> dict:
    """The example with every fifth of its moments."""
    content = json.loads(examples.read("record"))
    return content | {"moments": content["moments"][::30]}


def test_mutated_files_and_programs_are_shown_or_refused(capsys):
    random_, record, model = random.Random(11), small_record(), examples.read("model")
    programs = [code for code, _ in (RUNS | READ).values()]
    slowest = {"record": 0.0, "code": 0.0, "model": 0.0}
    for number in range(MUTANTS):
        program = random_.choice(programs)
        archive = packed(json.dumps(shuffled(json.loads(model), random_)))
        for way, data in (
                ("record", mutated_record(record, random_)),
                ("code", (swapped if number % 2 else mutated)(program, random_)),
                ("model", (mutated(model, random_), archive, archive[:random_.randrange(len(archive))])[number % 3])):
            slowest[way] = max(slowest[way], elapsed(data, way))
    with capsys.disabled():
        print(f"\n{MUTANTS} mutants a way, the slowest: "
              + ", ".join(f"{way} {seconds:.2f} s" for way, seconds in slowest.items()))


def bomb() -> bytes:
    """A .keras file that would unpack to a gigabyte of nothing, were it unpacked."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("config.json", "w") as file:
        for _ in range(100):
            file.write(b" " * 10_000_000)
    return stream.getvalue()


HOSTILE = {
    "nothing": "", "blank": " \n\t ", "an emoji": "🙂", "right to left": "שלום \u202e עולם",
    "binary": b"\x89PNG\r\n\x1a\n\0\xff",
    "a null": "\0", "half a character": "\ud800", "five megabytes": "[" + "1," * 2_500_000 + "1]",
    "deep": "[" * 100_000, "deep objects": '{"a":' * 100_000 + "1" + "}" * 100_000,
    "a number of many digits": '{"format": "watch", "version": ' + "9" * 100_000 + "}",
    "half a record": examples.read("record")[:5000], "half a model": examples.read("model")[:500],
    "an import": "__import__('os').system('touch /tmp/never')", "Python 2": "print 'hello'\nmodel = Sequential()",
    "PyTorch": "import torch.nn as nn\nmodel = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))",
    "much code": "x = 1\n" * (MAX_TEXT // 6), "too much code": "x" * (MAX_TEXT + 1),
    "another's JSON": '{"cells": [], "metadata": {}, "nbformat": 4}', "a list": "[1, 2, 3]", "a page": "<html></html>",
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("way", examples.EXAMPLES)
def test_what_is_none_gets_a_sentence(name, way):
    assert len(brought(HOSTILE[name], way).error) > 20


def test_an_archive_that_would_fill_the_memory_is_not_unpacked():
    assert "packed" in brought(bomb(), "model").error or "at most" in brought(bomb(), "model").error


@pytest.mark.parametrize(("data", "way", "other"), [
    (CODE, "record", "code"), (examples.read("record"), "code", "record"), (examples.read("model"), "record", "model"),
    (examples.read("record"), "model", "record")])
def test_what_belongs_to_another_way_in_says_where(data, way, other):
    assert f"bring it under “{LESSONS['own_network'].titles[other]}”" in brought(data, way).error
