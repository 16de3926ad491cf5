"""Shapes and parameter counts by formula are Keras's own, for every family, every network of the source and runs."""

import re
import subprocess
import sys
from itertools import chain

import numpy as np
import pytest

from core.course_models import SOURCE_MODELS
from core.layer_table import RULES, build, fixed, of_run, rows, script, total
from core.lessons.anatomy.families import FAMILIES
from core.network import initial_weights
from core.spec import RunSpec

RUNS = {
    "plain": RunSpec(dataset="moons", widths=(5, 3)),
    "everything": RunSpec(dataset="blobs", widths=(4, 4, 6), batch_norm=(True, False, True), skip=True, dropout=0.2,
                          activation=("relu", "tanh", "elu")),
    "real": RunSpec(dataset="digits", widths=(20, 10), activation="gelu"),
}
TABLES = {f"{name} {title}": layers for name, family in FAMILIES.items() for title, layers in family.models.items()} | {
    name: model.layers for name, model in SOURCE_MODELS.items()} | {name: of_run(spec) for name, spec in RUNS.items()}


@pytest.mark.parametrize("layers", TABLES.values(), ids=list(TABLES))
def test_every_row_is_what_keras_says(layers):
    model = build(layers)
    found = rows(layers)
    assert len(found) == len(model.layers)
    for row in found:
        layer = model.get_layer(row.layer.name)
        assert type(layer).__name__ == row.layer.class_name.replace("Input", "InputLayer")
        assert tuple(layer.output.shape[1:]) == row.shape, row.layer.name
        assert layer.count_params() == row.parameters, row.layer.name
        assert sum(int(np.prod(weight.shape)) for weight in layer.non_trainable_weights) == row.fixed, row.layer.name
    assert model.count_params() == total(layers)
    assert sum(int(np.prod(weight.shape)) for weight in model.non_trainable_weights) == fixed(layers)


@pytest.mark.parametrize("layers", TABLES.values(), ids=list(TABLES))
def test_the_arithmetic_gives_the_count(layers):
    for row in rows(layers):
        factors = row.arithmetic.replace("×", "*")
        assert re.fullmatch(r"[\d *+()]*", factors)
        terms = re.sub(r"(\d+(?: \* \d+)*)", lambda found: str(np.prod([int(n) for n in found[1].split("*")])), factors)
        assert value(terms or "0") == row.parameters, row.arithmetic


def value(terms: str) -> int:
    """A sum of numbers in which brackets may be multiplied by one number: `3 * (4 + 5) + 6`."""
    terms = re.sub(r"(\d+) \* \(([\d +]+)\)", lambda found: str(int(found[1]) * value(found[2])), terms)
    return sum(int(number) for number in terms.split("+"))


def test_every_kind_of_layer_is_tried():
    assert {layer.class_name for layer in chain.from_iterable(TABLES.values())} == {*RULES, "Input"}


def test_the_source_s_counts():
    """P5, P7, P9 and P11 as the source and its screenshots state them."""
    counts = {name: [row.parameters for row in rows(model.layers) if row.layer.class_name != "Input"]
              for name, model in SOURCE_MODELS.items()}
    assert counts["P5"] == [1984, 0, 2080, 0, 33]
    assert counts["P7"] == [1984, 256, 4160, 2080, 128, 1056, 33]
    assert counts["P9, P11"] == [1408, 8256, 65]
    for name, (all_of_them, trainable, *left) in {
            "P5": (4097, 4097, 0), "P7": (9697, 9505, 192), "P9, P11": (9729, 9729)}.items():
        model = SOURCE_MODELS[name]
        assert model.stated == (all_of_them, trainable, *left)
        assert (total(model.layers), total(model.layers) - fixed(model.layers)) == (all_of_them, trainable)
        assert fixed(model.layers) == sum(left)


@pytest.mark.parametrize("spec", RUNS.values(), ids=list(RUNS))
def test_a_run_has_as_many_trainable_parameters_as_the_engine_trains(spec):
    layers = of_run(spec)
    engine = sum(part.size for layer in initial_weights(spec) for part in layer)
    assert total(layers) - fixed(layers) == engine


def test_the_scripts_run_as_pasted_and_print_the_counts(tmp_path):
    """All seven families in one process, one after the other."""
    scripts = {name: script(family.models, family.label) for name, family in FAMILIES.items()}
    scripts["run"] = script({"Model": of_run(RUNS["everything"])}, "A run")
    runner = tmp_path / "all.py"
    for name, source in scripts.items():
        (tmp_path / f"{name}.py").write_text(source, encoding="utf-8")
    runner.write_text("import runpy\n" + "".join(f"runpy.run_path('{name}.py')\n" for name in scripts))
    done = subprocess.run([sys.executable, str(runner)], cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    expected = [f"{title}: {total(layers)}" for family in FAMILIES.values() for title, layers in family.models.items()]
    printed = re.findall(r"^[\w-]+: \d+$", done.stdout, flags=re.MULTILINE)
    assert printed == [*expected, f"Model: {total(of_run(RUNS['everything']))}"]
