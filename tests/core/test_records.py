"""Reading a recorder's file: what is right is read whole, everything else gets a sentence and costs nothing."""

import copy
import json
import math
import random
from dataclasses import fields
from typing import Any

import numpy as np
import pytest

from core.blueprint import Blueprint, Part, Values
from core.probes import LAYER_FIELDS
from core.records import MOST_BYTES, Moment, Record, read
from tests.core.mutants import mutated_record
from tests.tiers import ALL

PARTS = [{"name": "a", "type": "LSTM", "units": 4, "activation": "tanh", "initializer": "glorot_uniform",
          "parameters": 128, "rate": None, "bias": True, "regularizer": "L2(l2=0.01)", "line": None},
         {"name": "drop", "type": "Dropout", "units": 4, "activation": None, "initializer": None, "parameters": 0,
          "rate": 0.5, "bias": None, "regularizer": None, "line": None}]
ARRAY = {"shape": [60, 6, 3], "dtype": "float32", "missing": 1, "minimum": -2.5, "maximum": 3, "mean": 0.01,
         "spread": 1.0, "integers": False, "distinct": None, "classes": {}, "one_hot": False, "constant_columns": 0,
         "equal_columns": 2, "column_spreads": [0.5, 1.5], "variance": 1.0, "deviation": 0.8, "entropy": None}
LABELS = ARRAY | {"shape": [60], "dtype": "int64", "integers": True, "distinct": 2, "classes": {"0": 20, "1": 40},
                  "column_spreads": None, "entropy": 0.636}
NETWORK = {"layers": PARTS, "input_shape": [6, 3], "sequential": True, "loss": "mean_squared_error",
           "from_logits": False, "optimizer": "Adam", "numbers": {"learning_rate": 0.001, "beta_1": 0.9},
           "clip": "norm", "clip_threshold": 1.0, "metrics": ["accuracy"], "batch_size": 32, "epochs": 3, "steps": 6,
           "validated": True, "x": ARRAY, "y": LABELS, "keras": "3.15.1"}


def moment(step: int) -> dict[str, Any]:
    return {"step": step, "epoch": step // 2, "loss": 0.5 + step, "accuracy": 0.75,
            "logs": {"loss": 1, "val_loss": 2.5},
            "outputs": {"minimum": 0.1, "maximum": 0.9, "mean": 0.5, "spread": 0.25},
            "layers": {name: [0.5, None] if "fraction" in name else [0.5, "inf"] for name in LAYER_FIELDS}}


FILE = {"format": "watch", "version": 1, "network": NETWORK, "rows": ["a", "a · recurrent"], "parts": [0, 0],
        "signals": ["output", "output"], "stopped": "", "notes": ["One thing."], "moments": [moment(0), moment(1)]}


def test_what_is_in_the_file_is_read():
    record = read(json.dumps(FILE))
    assert (record.rows, record.parts, record.signals) == (("a", "a · recurrent"), (0, 0), ("output", "output"))
    assert record.network.layers == tuple(Part(**part) for part in PARTS)
    assert record.network.x == Values(**ARRAY | {"shape": (60, 6, 3), "column_spreads": (0.5, 1.5)})
    assert record.network.y.classes == {"0": 20, "1": 40}
    assert (record.network.numbers, record.network.clip) == ({"learning_rate": 0.001, "beta_1": 0.9}, "norm")
    one = record.moments[1]
    assert (one.step, one.epoch, one.loss, one.accuracy) == (1, 0, 1.5, 0.75)
    assert (one.logs, one.outputs["spread"]) == ({"loss": 1.0, "val_loss": 2.5}, 0.25)
    for name in LAYER_FIELDS:
        value = getattr(one.layers, name)
        assert value.dtype == np.float64
        assert value[0] == 0.5
        assert math.isnan(value[1]) if "fraction" in name else value[1] == math.inf
    assert (record.stopped, record.notes) == ("", ("One thing.",))


def test_the_file_mirrors_the_shapes_that_others_build_on():
    for content, shape in ((PARTS[0], Part), (ARRAY, Values), (NETWORK, Blueprint), (moment(0), Moment)):
        assert {*content} == {field.name for field in fields(shape)}
    assert {*FILE} - {"format", "version"} == {field.name for field in fields(Record)}


def changed(*path: Any, to: Any) -> str:
    content = copy.deepcopy(FILE)
    place: Any = content
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = to
    return json.dumps(content)


@pytest.mark.parametrize(("text", "sentence"), [
    ("", "not JSON at line 1"),
    ("{", "not JSON"),
    ("[" * 100_000, "nested five deep"),
    ('{"a":' * 100_000, "nested five deep"),
    ("[]", 'must begin with "format": "watch". Received: []'),
    ("1" * 5000, "at most 25 digits. Received: 5000"),
    ("[1e400]", "at most 1e+300"),
    ("[NaN]", "NaN is written null"),
    ("[-Infinity]", "Received: -Infinity"),
    ('{"format": "watch", "format": "watch"}', "Received: 'format' twice"),
    (" " * (MOST_BYTES + 1), "at most 1,000,000 bytes"),
    ("ü" * (MOST_BYTES // 2 + 1), "at most 1,000,000 bytes"),
    (changed("version", to=2), "of version 1. Received: 2"),
    (changed("version", to=True), "Received: True"),
    (changed("surplus", to=2), "a name 'surplus'"),
    (changed("network", to=[]), "network must be an object"),
    (changed("network", "layers", 0, "units", to=2.5), "network.layers[0].units must be a whole number"),
    (changed("network", "layers", 0, "name", to="a\u202eb"), "network.layers[0].name must be printable text"),
    (changed("network", "layers", 0, "name", to="\ud800"), "network.layers[0].name must be printable text"),
    (changed("network", "layers", 0, "name", to="a" * 201), "at most 200 characters"),
    (changed("network", "clip", to="hard"), "network.clip must be one of none, value"),
    (changed("network", "sequential", to=1), "network.sequential must be true or false"),
    (changed("network", "x", "column_spreads", to=[1]), "a list of 2 entries"),
    (changed("network", "y", "classes", to={str(n): 1 for n in range(101)}), "at most 100 entries"),
    (changed("rows", to=["a"]), "parts must have an entry for each of the 1 rows. Received: 2"),
    (changed("parts", 1, to=2), "the place of one of the 2 layers, from 0. Received: 2"),
    (changed("signals", 0, to="input"), "signals[0] must be one of pre-activation, output"),
    (changed("moments", 1, "step", to=0), "larger than the one before, 0. Received: 0"),
    (changed("moments", 1, "layers", "kernel_norm", to=[1.0]), "moments[1].layers.kernel_norm must be a list of 2"),
    (changed("moments", 1, "layers", "kernel_norm", 0, to=-1), "must be a number from 0"),
    (changed("moments", 1, "layers", "dead_fraction", 0, to=1.5), "from 0 to 1"),
    (changed("moments", 1, "loss", to="huge"), "moments[1].loss must be a number"),
    (changed("moments", 1, "loss", to=True), "Received: True"),
    (changed("moments", to=[0] * 5001), "at most 5000 entries"),
])
def test_what_is_wrong_gets_a_sentence(text, sentence):
    with pytest.raises(ValueError, match=r"Received|not JSON") as raised:
        read(text)
    assert sentence in str(raised.value)
    assert len(str(raised.value)) < 500
    str(raised.value).encode()


def test_bytes_are_no_text():
    with pytest.raises(ValueError, match=r"is read as text\. Received: bytes"):
        read(b"{}")


# --- mutated files --------------------------------------------------------------------------------------------------

def test_a_mutated_file_is_read_or_refused_and_nothing_else():
    rng, refused = random.Random(7), 0
    for _ in range(2000 if ALL else 200):
        sentence = ""
        try:
            record = read(mutated_record(FILE, rng))
            assert all(part < len(record.network.layers) for part in record.parts)
        except ValueError as error:
            sentence = str(error)
            refused += 1
        assert len(sentence) < 600
        assert sentence.encode().decode() == sentence
    assert refused > 100
