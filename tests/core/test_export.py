"""The exported Keras script is the proof of the engine: it agrees with the run, for everything a run can be made of."""

import ast
import json
import subprocess
import sys
from functools import cache

import numpy as np
import pytest

from core.datasets import DATASETS
from core.export import keras_script
from core.initializers import INITIALIZERS
from core.losses import LOSSES
from core.optimizers import OPTIMIZERS
from core.own_data import arrays, give, prepare, read
from core.spec import CLIPS, FIELDS, RunSpec
from core.training import Snapshot, recorded_steps, train

SMALL = {"widths": (8, 6), "activation": "tanh", "steps": 20}
FLAT = SMALL | {"widths": (8,)}
CURIOUS = ("where(abs(y_true - y_pred) <= 0.5, (y_true - y_pred) ** 2, abs(y_true - y_pred) - 1 / 4)"
           " + 0.1 * tanh(maximum(y_pred, -1)) + sqrt(mean(exp(-y_pred)))")
_TABLE = read(("a;b;c\n" + "\n".join(f"{i % 7};{i * i % 11};{'uvw'[i % 3]}" for i in range(60))).encode())
OWN = prepare(_TABLE, _TABLE.usual)
SPECS: dict[str, RunSpec] = {
    # every optimizer, on full and on mini-batches; each kind of clipping, biting in most steps
    "sgd": RunSpec(**SMALL, optimizer="sgd", learning_rate=0.5, batch_size=30),
    "momentum": RunSpec(**SMALL, dataset="moons", optimizer="momentum", momentum=0.8),
    "nesterov": RunSpec(**SMALL, dataset="classification", optimizer="nesterov", batch_size=64, seed=42),
    "rmsprop": RunSpec(**SMALL, dataset="sine", optimizer="rmsprop", learning_rate=0.01, loss="log_cosh",
                       initializer="glorot_normal", gain=2.0),
    "adam, clip norm": RunSpec(**SMALL, dataset="digits", optimizer="adam", learning_rate=0.01, batch_size=100,
                               clip="norm", clip_threshold=0.02),
    "adamw": RunSpec(**SMALL, dataset="breast_cancer", optimizer="adamw", learning_rate=0.01, bias_std=0.5),
    "clip value": RunSpec(**SMALL, clip="value", clip_threshold=0.0005, learning_rate=5.0, loss="mse", noise=0.3,
                          initializer="random_uniform", gain=20),
    "clip global norm": RunSpec(**SMALL, dataset="blobs", clip="global_norm", clip_threshold=0.1, batch_norm=True,
                                learning_rate=1.0, batch_size=50, loss="cosine_similarity"),
    # batch norm and skip connections, everywhere, nowhere and by layer; widths that differ end a skip
    "batch norm": RunSpec(dataset="spirals", widths=(8,) * 4, activation="relu", initializer="he_normal",
                          batch_norm=True, batch_size=41, optimizer="momentum", learning_rate=0.02, steps=20),
    "skip": RunSpec(dataset="xor", samples=4, noise=0, test_fraction=0, widths=(2, 2, 2, 4, 4), activation="gelu",
                    initializer="lecun_normal", skip=True, gain=0.8, bias_std=0.1, batch_size=1, steps=20, seed=7),
    "mixed": RunSpec(dataset="random_targets", samples=200, widths=(10, 6, 6, 6, 5),
                     activation=("leaky_relu", "elu", "softplus", "sigmoid", "linear"), alpha=0.35,
                     batch_norm=(True, False, True, False, False), skip=True, initializer="orthogonal",
                     batch_size=32, learning_rate=0.05, loss="huber", steps=20, seed=3),
    "other activations": RunSpec(dataset="digits", samples=150, widths=(9, 7, 5, 5), initializer="he_uniform",
                                 activation=("selu", "silu", "mish", "relu"), loss="kl_divergence", steps=20,
                                 learning_rate=0.05),
    "placed by hand": RunSpec(**SMALL, dataset="points", points=((0, 0, 0), (0, 1, 1), (1, 0, 1), (1.25, -1, 0)),
                              optimizer="adam", learning_rate=0.05, batch_size=3),
    "nobody has placed any": RunSpec(**FLAT, dataset="points"),
    # what is left of the losses; initializers without a seed
    "ones": RunSpec(**FLAT, initializer="ones", loss="hinge", learning_rate=0.05),
    "zeros": RunSpec(**FLAT, dataset="diabetes", samples=100, initializer="zeros", loss="mae", batch_size=20),
    # outputs and scales that somebody gave
    "softmax on one unit": RunSpec(**SMALL, output="softmax"),
    "categorical on sigmoids": RunSpec(**SMALL, dataset="blobs", output="sigmoid", learning_rate=0.5),
    "binary on tanh": RunSpec(**FLAT, output="tanh", learning_rate=1e-5),
    "labels as numbers": RunSpec(**SMALL, dataset="blobs", output="relu", output_units=1, loss="mse",
                                 learning_rate=0.01),
    "more units than classes": RunSpec(**SMALL, dataset="blobs", output_units=9, batch_size=32),
    "two units for two classes": RunSpec(**SMALL, output="softmax", output_units=2, loss="categorical_crossentropy"),
    "one number for three": RunSpec(**SMALL, dataset="sine", output_units=3, output="sigmoid", standardise=True,
                                    loss="kl_divergence", learning_rate=0.01),
    "line": RunSpec(**SMALL, dataset="line", optimizer="adam", learning_rate=0.001),
    "classes of numbers": RunSpec(**FLAT, dataset="diabetes", standardise=False, test_fraction=0, optimizer="adam",
                                  learning_rate=0.001),
    "autoencoder": RunSpec(**FLAT, dataset="digits_auto", samples=200, loss="binary_crossentropy", output="sigmoid"),
    "own table": RunSpec(**SMALL, dataset="own", table=give(OWN), samples=50),
    # a loss that somebody typed
    "custom": RunSpec(**SMALL, dataset="sine", loss="custom", formula=CURIOUS, learning_rate=0.05, batch_size=50),
    "custom, classes": RunSpec(**SMALL, dataset="blobs", loss="custom", optimizer="adam", learning_rate=0.01,
                               formula="-mean(y_true * log(y_pred)) / mean(square(y_pred))"),
    # gradients far below what a float32 can square, probabilities that round to 0 and 1, more steps than are recorded
    "vanishing": RunSpec(widths=(4,) * 24, activation="sigmoid", initializer="random_normal", gain=4, steps=20),
    "saturated output": RunSpec(widths=(16,), activation="linear", gain=20, initializer="he_normal", steps=20,
                                learning_rate=0.01, noise=0.5),
    "long": RunSpec(widths=(2,), samples=16, test_fraction=0.25, steps=300, activation="tanh"),
    "overflow": RunSpec(dataset="diabetes", widths=(8, 8), activation="relu", initializer="he_normal",
                        learning_rate=10, steps=20),
}
_USED = {name for spec in SPECS.values()
         for name in (*spec.activations, spec.dataset, spec.initializer, spec.optimizer)}
SPECS |= {f"the rest, {name}": RunSpec(**FLAT | {field: name})
          for field in ("activation", "dataset", "initializer", "optimizer")
          for name in FIELDS[field].choices if name not in _USED}
DROPOUT = RunSpec(widths=(8, 8), activation="tanh", dropout=0.25, skip=True, steps=3)
RUN_ALL = """
import contextlib, io, json, runpy, sys
printed = {}
for path in sys.argv[1:]:
    with contextlib.redirect_stdout(io.StringIO()) as out:
        runpy.run_path(path, run_name="__main__")
    printed[path] = out.getvalue()
print(json.dumps(printed))
"""


@pytest.fixture(scope="module")
def printed(tmp_path_factory) -> dict[str, list[str]]:
    """What each script printed, run in a folder and a process where nothing of this project can be imported."""
    folder = tmp_path_factory.mktemp("scripts")
    (folder / "own_data.npz").write_bytes(arrays(OWN))
    paths = {}
    for i, (name, spec) in enumerate({**SPECS, "dropout": DROPOUT}.items()):
        paths[name] = folder / f"run_{i}.py"
        paths[name].write_text(keras_script(spec))
    process = subprocess.Popen([sys.executable, "-I", "-c", RUN_ALL, *map(str, paths.values())], cwd=folder,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    for name in SPECS:  # in the meantime
        run(name)
    out, errors = process.communicate()
    assert process.returncode == 0, errors
    outputs = json.loads(out)
    return {name: outputs[str(path)].splitlines() for name, path in paths.items()}


@cache
def run(name: str) -> list[Snapshot]:
    return list(train(SPECS[name]))


def rows(lines: list[str]) -> dict[int, np.ndarray]:
    """step -> (1 + layers,): loss and kernel gradient norms."""
    table = [[float(value) for value in line.split(",")] for line in lines[1:]]
    return {int(step): np.array(values) for step, *values in table}


def measured(snapshot: Snapshot) -> np.ndarray:
    return np.array([snapshot.loss, *snapshot.layers.kernel_gradient_norm])


@pytest.mark.parametrize("name", SPECS)
def test_keras_finds_the_loss_and_gradients_that_the_app_shows(name, printed):
    keras = rows(printed[name])
    snapshots = run(name)
    assert list(keras) == [snapshot.step for snapshot in snapshots]
    for snapshot in snapshots[:21]:
        if snapshot.finite:
            np.testing.assert_allclose(keras[snapshot.step], measured(snapshot), rtol=1e-3, err_msg=f"{snapshot.step}")
        else:
            assert not np.isfinite(keras[snapshot.step]).all()


@pytest.mark.parametrize("name", SPECS)
def test_the_header_names_every_layer(name, printed):
    hidden = [f"hidden_{layer}" for layer in range(1, SPECS[name].depth + 1)]
    assert printed[name][0].split(",") == ["step", "loss", *hidden, "output"]


def test_together_these_runs_have_every_kind_of_everything():
    specs = SPECS.values()
    assert {spec.optimizer for spec in specs} == set(OPTIMIZERS)
    assert {spec.dataset for spec in specs} == set(DATASETS)
    assert {spec.loss_name for spec in specs} == set(FIELDS["loss"].choices)
    assert {spec.output_activation for spec in specs} >= {out for loss in LOSSES.values() for out in
                                                          loss.outputs.values()}
    assert {spec.clip for spec in specs} == set(CLIPS)
    assert {name for spec in specs for name in spec.activations} == set(FIELDS["activation"].choices)
    assert {spec.initializer for spec in specs} == set(INITIALIZERS)


def test_these_runs_are_what_their_names_say(printed):
    """A clip that never bites, or an overflow that does not come, would prove nothing."""
    assert run("overflow")[-1].failure[0] == "overflow"
    vanishing = rows(printed["vanishing"])[0][1:]
    assert 0 < vanishing.min() < 1e-23
    assert list(rows(printed["long"])) == list(recorded_steps(300))
    for name in ("clip value", "adam, clip norm", "clip global norm"):
        # a norm above threshold · √entries means that some entry is above the threshold
        entries = SPECS[name].kernel_entries if name == "clip value" else 1
        limit = SPECS[name].clip_threshold * entries**0.5
        assert sum(values[1:].max() > limit for values in rows(printed[name]).values()) > 10


def test_the_scripts_are_tidy(tmp_path):
    """No unused import, no undefined name, the blank lines of PEP 8, no long line."""
    for i, spec in enumerate([*SPECS.values(), RunSpec(widths=(32,) * 50, dropout=0.5, bias_std=1)]):
        (tmp_path / f"run_{i}.py").write_text(keras_script(spec))
    ruff = [sys.executable, "-m", "ruff", "check", "--isolated", "--preview", "--no-cache", "--output-format=concise",
            "--select=E,F,W,I,B", "--line-length=120", str(tmp_path)]
    checked = subprocess.run(ruff, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("dropout", [0.0, 0.25])
def test_a_script_says_when_its_masks_are_not_those_of_the_app(dropout):
    script = keras_script(RunSpec(dropout=dropout))
    assert ("masks are Keras's own" in ast.get_docstring(ast.parse(script))) is bool(dropout)
    assert ("keras.layers.Dropout(0.25" in script) is bool(dropout)


def test_with_dropout_a_script_runs_with_masks_of_its_own(printed):
    keras, snapshots = rows(printed["dropout"]), list(train(DROPOUT))
    assert list(keras) == [0, 1, 2, 3]
    for snapshot in snapshots:
        assert keras[snapshot.step] == pytest.approx(measured(snapshot), rel=0.9)  # alike
        assert keras[snapshot.step] != pytest.approx(measured(snapshot), rel=1e-3)  # and not the same


def test_a_script_leaves_out_what_the_run_does_not_have():
    script = keras_script(RunSpec(dataset="xor", samples=4, noise=0, test_fraction=0, initializer="zeros"))
    for word in ("train_test_split", "StandardScaler", "itertools", "BatchNormalization", "Dropout", "Add()", "GAIN",
                 "BIAS", "SEEDS", "clip", "momentum"):
        assert word not in script.replace("which also does the clipping", "")


def test_a_link_puts_nothing_into_a_script_but_names_and_numbers():
    evil = '"); import os; os.system("true") #'
    asked = {name: evil for name in FIELDS} | {"widths": f"8,{evil}", "gain": "1e999", "activation": f"relu,{evil}"}
    spec, notes = RunSpec.from_query(asked)
    assert len(notes) >= len(FIELDS)
    imported = {alias.name for node in ast.walk(ast.parse(keras_script(spec))) if isinstance(node, ast.Import)
                for alias in node.names}
    assert imported == {"keras", "numpy", "tensorflow"}
    assert "os.system" not in keras_script(spec)
