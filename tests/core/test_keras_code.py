"""Code is read as Keras would build it, and nothing of it runs."""

import io
import json
import random
import sys
import time
import warnings
import zipfile
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from core.blueprint import Blueprint, Part
from core.export import keras_script
from core.keras_code import Reading, read, read_model
from core.keras_code import names as keras_names
from core.keras_code.names import CLIPS, OPTIMIZERS
from core.rebuild import rebuild
from core.spec import RunSpec
from tests.core.keras_programs import READ, RUNS
from tests.core.mutants import mutated, packed, shuffled, swapped
from tests.tiers import ALL

PAGES = sorted((Path(__file__).parents[2] / "pages" / "keras").glob("*.py"))
PROGRAMS = RUNS | READ
MUTANTS = 2000 if ALL else 200
SHOWN_NUMBERS = ("momentum", "nesterov", "amsgrad", "decay", "weight_decay")


def said(network: Blueprint) -> str:
    """A network in one line; what a layer has anyway is left out."""
    layers = " > ".join([str(network.input_shape), *map(layer_said, network.layers)])
    loss = f"{network.loss}{' from logits' if network.from_logits else ''}"
    numbers = network.numbers
    shown = [f"{name}={numbers[name]:g}" for name in SHOWN_NUMBERS if numbers.get(name)]
    rate = f"{numbers['learning_rate']:g}" if "learning_rate" in numbers else "None"
    clip = [] if network.clip == "none" else [f"{network.clip} {network.clip_threshold:g}"]
    fit = [] if network.epochs is None else [f"{network.batch_size} × {network.epochs}"]
    parts = [layers + ("" if network.sequential else " branched"), loss,
             " ".join([str(network.optimizer), rate, *shown, *clip]),
             " ".join(fit + ["validated"] * bool(network.validated))]
    return " | ".join(parts).strip()


def layer_said(part: Part) -> str:
    chosen = part.type in ("Activation", "Dense") or (part.bias is not None and part.type != "MultiHeadAttention")
    words = [part.type, "?" if part.units is None else part.units, part.activation or ("?" if chosen else ""),
             "" if part.rate is None else f"{part.rate:g}",
             part.initializer if part.initializer not in (None, "glorot_uniform") else "",
             part.regularizer or "", "no bias" if part.bias is False else ""]
    return " ".join(str(word) for word in words if word != "")


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_is_read(name):
    code, expected = PROGRAMS[name]
    assert said(read(code).network) == expected


def test_there_are_programs_of_every_kind():
    assert len(PROGRAMS) >= 40


# --- compared with Keras --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def built() -> dict[str, tuple[object, dict]]:
    """What Keras makes of the programs, run as they stand, and what `fit` was asked for; nothing is trained."""
    import keras

    found = {}
    fit = keras.Model.fit
    for name, (code, _) in RUNS.items():
        asked: dict = {}

        def record(self, x=None, y=None, batch_size=None, epochs=1, asked=asked, **more):
            asked |= {"x": x, "y": y, "batch_size": batch_size or 32, "epochs": epochs, **more}
            self(np.zeros((1, *np.shape(x)[1:]) if np.ndim(x) > 1 else (1, 1)))

        keras.Model.fit = record
        try:
            names: dict = {"__name__": "program"}
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # Keras's advice on older spellings
                exec(compile(code, name, "exec"), names)
        finally:
            keras.Model.fit = fit
        models = [value for value in names.values() if isinstance(value, keras.Model)]
        found[name] = next(model for model in reversed(models) if model.compiled), asked
    return found


def layers_of(model) -> list:
    """Layers and operations of a model, those of models within it in their place, inputs left out."""
    import keras

    found = []
    for layer in model.layers if isinstance(model, keras.Sequential) else getattr(model, "operations", model.layers):
        if isinstance(layer, keras.Model):
            found += layers_of(layer)
        elif not isinstance(layer, keras.layers.InputLayer):
            found.append(layer)
    return found


def trained(layer) -> int:
    return sum(int(np.prod(weight.shape)) for weight in getattr(layer, "trainable_weights", ()))


@pytest.mark.parametrize("name", RUNS)
def test_layers_are_those_that_keras_builds(name, built):
    import keras

    model, _ = built[name]
    network = read(RUNS[name][0]).network
    layers = layers_of(model)
    assert [part.type for part in network.layers] == [type(layer).__name__ for layer in layers]
    for part, layer in zip(network.layers, layers, strict=True):
        inner = getattr(layer, "layer", getattr(layer, "forward_layer", layer))
        assert part.parameters == trained(layer), part
        if name != "a class of its own":  # its layers know no output before they are called in a graph
            assert part.units == layer.output.shape[-1], part
        if part.activation:
            assert part.activation == keras.activations.get(inner.activation).__name__, part
        if isinstance(layer, keras.layers.Dense):
            kernel = keras_names.snake(type(layer.kernel_initializer).__name__)
            assert part.initializer == kernel
            assert part.bias is layer.use_bias
            assert (part.regularizer is None) is (layer.kernel_regularizer is None)
        if isinstance(layer, keras.layers.Dropout):
            assert part.rate == layer.rate
    if name != "a class of its own":
        assert network.input_shape == model.input_shape[1:]
        names = [layer.name for layer in layers if type(layer).__name__ in ("Dense", "Conv2D") and "dense" not in
                 layer.name and "conv2d" not in layer.name]
        assert set(names) <= {part.name for part in network.layers}


@pytest.mark.parametrize("name", RUNS)
def test_training_is_what_keras_was_asked_for(name, built):
    import keras

    model, asked = built[name]
    network = read(RUNS[name][0]).network
    assert network.optimizer == type(model.optimizer).__name__
    config = model.optimizer.get_config()
    assert dict(network.numbers) == pytest.approx({key: float(config[key]) for key in network.numbers}, rel=1e-6)
    clips = {CLIPS[key]: config[key] for key in CLIPS if config[key] is not None}
    assert {network.clip: network.clip_threshold} == (clips or {"none": None})
    loss = model.loss[0] if isinstance(model.loss, list) else model.loss
    if network.loss != "custom" and "wrapped" not in name:
        function = keras.losses.get(loss)
        assert network.loss == getattr(function, "__name__", getattr(function, "name", "")).removesuffix("_loss")
        assert network.from_logits is bool(getattr(function, "_fn_kwargs", {}).get("from_logits", False))
    if asked:
        assert (network.batch_size, network.epochs) == (asked["batch_size"], asked["epochs"])


@pytest.mark.parametrize("name", RUNS)
def test_what_is_said_of_the_data_holds(name, built):
    asked, network = built[name][1], read(RUNS[name][0]).network
    for values, array in ((network.x, asked.get("x")), (network.y, asked.get("y"))):
        if values is None:
            continue
        kept = int(len(array) * (1 - asked.get("validation_split", 0)))
        array = np.asarray(array)[:kept]
        assert values.shape == array.shape
        assert values.dtype in ("", array.dtype.name)
        assert values.minimum is None or values.minimum <= array.min()
        assert values.maximum is None or values.maximum >= array.max()
        assert values.integers in (None, bool((array == np.round(array)).all()))
        assert values.one_hot is (array.ndim > 1 and array.shape[-1] > 1 and bool((array.sum(-1) == 1).all()))
        if values.mean is not None:
            assert values.mean == pytest.approx(array.mean())
            assert values.spread == pytest.approx(array.std())
            assert values.distinct == len(np.unique(array))


def saved(model, folder: Path) -> bytes:
    """The .keras file of a model."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Keras 3.15 calls NumPy in a way that NumPy 2 warns of
        model.save(folder / "model.keras")
    return (folder / "model.keras").read_bytes()


@pytest.mark.parametrize("name", RUNS)
def test_a_saved_model_reads_like_its_code(name, built, tmp_path):
    """What the file knows: lines, batch size and epochs are not in it."""
    model, _ = built[name]
    if name == "a class of its own":
        pytest.skip("its code is not in a file")
    from_code, from_file = said(read(RUNS[name][0]).network), read_model(saved(model, tmp_path)).network
    expected = from_code.rpartition(" | " if " × " in from_code else " |")[0]
    expected = expected.replace("custom", "None") if "custom" in expected else expected
    found = said(from_file).removesuffix(" |")
    if name in ("a loss of its own", "a wrapped loss"):  # a function is not in a file
        found, expected = found.partition(" | ")[0], expected.partition(" | ")[0]
    assert found == expected
    assert [part.parameters for part in from_file.layers] == [
        part.parameters for part in read(RUNS[name][0]).network.layers]
    assert said(read(model.to_json()).network) == said(from_file)
    assert from_file.keras


def test_defaults_of_optimizers_are_those_of_keras():
    import keras

    for name, numbers in OPTIMIZERS.items():
        config = getattr(keras.optimizers, name)().get_config()
        assert numbers == pytest.approx({key: float(config[key]) for key in numbers}), name


def test_names_are_known_to_keras():
    import keras

    classes = {name for name, value in vars(keras.initializers).items() if isinstance(value, type)}
    assert {keras_names.initializer_name(name) for name in classes} - {None} == set(keras_names.INITIALIZERS)
    for name in keras_names.LOSSES:
        assert keras.losses.get(name)
    for alias, name in keras_names.LOSS_ALIASES.items():
        assert keras_names.loss_name(alias) == name
    functions = {name for name, value in vars(keras.activations).items() if callable(value)}
    for name in functions - {"get", "serialize", "deserialize"}:
        assert keras.activations.get(keras_names.activation_name(name)) is keras.activations.get(name), name


# --- what cannot be read --------------------------------------------------------------------------------------------


def unread(code: str) -> dict[int, str]:
    return {one.line: one.why for one in read(code).unread}


def test_what_cannot_be_read_is_named_with_its_line():
    lines = unread(READ["unknown numbers"][0])
    assert set(lines) == {5, 6, 8, 9}
    assert "How many units" in lines[5]
    assert "How often this loop runs" in lines[6]
    assert "activation" in lines[8]
    assert "learning_rate is not known" in lines[9]
    assert "schedule" in unread(READ["a schedule"][0])[5]
    assert "VGG16" in unread(READ["transfer"][0])[5]
    assert "Python 2" in unread(READ["Python 2"][0])[5]
    assert set(unread(READ["a notebook"][0])) == {2, 3}


def test_a_name_that_keras_does_not_have_is_named():
    reading = read("m = Sequential([Dense(1, activation='rellu', kernel_initializer='he')])\n"
                   "m.compile('adamm', 'binary_cross')")
    assert [one.line for one in reading.unread] == [1, 1, 2, 2]
    part = reading.network.layers[0]
    assert (part.activation, part.initializer, reading.network.loss, reading.network.optimizer) == (None,) * 4


@pytest.mark.parametrize(("code", "units"), [
    ("if q:\n    n = 4\nelse:\n    n = 5", None), ("n = 3\nif q:\n    n = 4", None), ("n = 3\nif q:\n    m = 4", 3),
    ("if q:\n    n = 4\nelse:\n    n = 4", 4), ("n = 1\nfor x in q:\n    n += 1", None),
    ("n = 1\nfor x in q:\n    n = n * 2", None), ("n = 4\nwhile n < q:\n    m = 1", 4), ("n = 2 if q else 3", None),
    ("n = 2 if 0 else 3", 3), ("n = int('7')", 7), ("n = len([1, 2])", 2), ("n = q.shape[1]", None),
    ("import numpy as np\nn = np.zeros((3, 6)).shape[1]", 6), ("n = 2 ** 3 // 3", 2), ("n = [4, 5][-1]", 5),
    ("n = {'a': 8}['a']", 8), ("n = (lambda k: k + 1)(1)", 2), ("n, *_ = range(9, 12)", 9), ("n = 2.5", None),
])
def test_a_number_is_known_or_left_open(code, units):
    """Never a guess: what only running the code would tell is None."""
    assert read(f"{code}\nm = Sequential([Dense(n, input_dim=2)])").network.layers[0].units == units


@pytest.mark.parametrize(("code", "words"), [
    ("", "no Keras network"), ("import numpy as np\nx = np.ones(3)", "no Keras network"),
    ("import torch\nimport torch.nn as nn\nnet = nn.Sequential(nn.Linear(2, 3))", "PyTorch"),
    ("import keras\nprint(keras.__version__)", "no network is made"),
    ("model = Sequential([Dense(3)\nmodel.compile()", "Line 1 "), ("x = (1,\ny = 2 3", "Line 1 "),
    ("x" * 200_001, "200000 characters"), ("{}", "class_name"), ("{\"a\": ", "begins like a model's JSON"),
    ("a\0b", "valid|holds characters"),
])
def test_a_text_without_a_network_gets_a_sentence(code, words):
    with pytest.raises(ValueError, match=words) as error:
        read(code)
    assert str(error.value)[0].isupper()


def test_data_that_stands_in_the_call_is_known():
    network = read("m = Sequential([Dense(1)])\nm.compile('sgd', 'mse')\n"
                   "m.fit([[0, 0], [0, 1], [1, 1]], [0, 1, 1], batch_size=2)").network
    assert (network.input_shape, network.x.shape, network.y.classes) == ((2,), (3, 2), {"0": 1, "1": 2})
    assert (network.steps, network.layers[0].parameters) == (2, 3)


def test_a_frozen_layer_trains_nothing():
    network = read("base = Sequential([Dense(4, input_dim=2)])\nbase.trainable = False\n"
                   "m = Sequential([base, Dense(1, trainable=True)])\nm.compile()").network
    assert [part.parameters for part in network.layers] == [0, 5]
    assert network.optimizer == "RMSprop"  # what compile takes where nothing is written


def test_several_models_are_said():
    reading = read(RUNS["the last of several"][0])
    assert any("3 models are in this code" in note for note in reading.notes)


def test_scaling_is_said():
    assert "x: standardised by StandardScaler" in read(READ["a pandas file"][0]).notes
    assert "x: divided by 255" in read(READ["mnist, Keras 2"][0]).notes
    network = read(READ["mnist, Keras 2"][0]).network
    assert (network.x.shape, network.x.minimum, network.x.maximum) == ((60000, 28, 28), 0, 1)
    assert (network.y.shape, network.y.one_hot, network.y.distinct) == ((60000,), False, 10)
    assert read(READ["Keras 1, convolutions"][0]).network.y.one_hot


# --- nothing runs, and nothing takes long ---------------------------------------------------------------------------


@pytest.mark.parametrize("attack", [
    "open(PATH, 'w').write('x')", "__import__('pathlib').Path(PATH).touch()", "import os; os.system('touch ' + PATH)",
    "raise SystemExit", "1 / 0", "assert False", "eval(\"open(PATH, 'w')\")", "exec(\"open(PATH, 'w')\")",
    "[].__class__.__base__.__subclasses__()", "while True: pass", "def f(): return f()\nf()",
    "class A:\n    def __init__(self): open(PATH, 'w')\nA()", "(lambda: open(PATH, 'w'))()",
    "print(f\"{open(PATH, 'w')}\")", "model.add(open(PATH, 'w'))", "np.save(PATH, 1)", "import antigravity, this",
])
def test_nothing_runs(attack, tmp_path):
    path = tmp_path / "written"
    before = set(sys.modules)
    code = (f"PATH = {str(path)!r}\nmodel = Sequential([Dense(2, input_dim=3)])\n{attack}\n"
            "model.add(Dense(1))\nmodel.compile('sgd', 'mse')")
    assert [part.units for part in read(code).network.layers] == [2, 1]
    assert not path.exists()
    assert not {"antigravity", "this"} & (set(sys.modules) - before)


HOSTILE = {
    "a huge power": "n = 10 ** 10 ** 10", "a huge text": "n = 'a' * 10 ** 9", "a huge list": "n = [0] * 10 ** 9",
    "a tower": "n = 9\nfor i in range(600): n = n ** n", "doubling texts": "s = 'a'\nfor i in range(500): s = s + s",
    "doubling lists": "s = [1]\nfor i in range(500): s += s",
    "nested lists": "s = [1]\nfor i in range(500): s = [s, s]\n"
    "import numpy as np\nx = np.array(s)\nq = s == s\nmodel.fit(s, s)",
    "nested loops": "for a in range(600):\n for b in range(600):\n  for c in range(600):\n   d = a * b * c",
    "endless recursion": "def f(x): return f(x + 1) + f(x + 2)\nf(0)",
    "a huge range": "for i in range(10 ** 18): x = i",
    "a range past everything": "for i in range(10 ** 400): x = i", "many layers": "for i in range(100): pass",
    "rounding": "n = round(5, -10 ** 9)", "formatting": "n = '%1000000000d' % 1", "a shift": "n = 1 << 10 ** 9",
    "a long sum": "n = " + "1 + " * 20_000 + "1", "many brackets": "n = " + "(" * 150 + "1" + ")" * 150,
    "many signs": "n = " + "-" * 5_000 + "1", "more signs": "n = " + "not " * 40_000 + "1",
    "a long chain": "n = a" + ".b" * 50_000, "calls of calls": "n = f" + "()" * 50_000,
    "many subscripts": "n = a" + "[0]" * 50_000, "one long line": "n = [" + "f(x), " * 30_000 + "]",
    "a long text": "n = '" + "x" * 190_000 + "'", "many names": "\n".join(f"n{i} = {i}" for i in range(15_000)),
    "deep indents": "".join(" " * i + "if x:\n" for i in range(90)) + " " * 90 + "y = 1",
    "deep loops": "".join(" " * i + "for x in q:\n" for i in range(18)) + " " * 18 + "y = y + 1",
    "lambdas": "f = lambda x: x\nfor i in range(600): f = (lambda g: lambda x: g(g(x)))(f)\nf(1)",
    "elifs": "if q: y = 1\n" + "elif q: y = 2\n" * 5_000,
    "big array": "import numpy as np\nx = np.zeros((10 ** 9, 10 ** 9))"
    "\ny = np.arange(10 ** 12)\nz = np.linspace(0, 1, 10 ** 12)\nmodel.fit(x, y)",
    "a big reshape": "import numpy as np\nx = np.ones(10).reshape(10 ** 12, -1)\nmodel.fit(x * 1e308 * 1e308, x)",
    "a huge one-hot": "y = to_categorical([0, 10 ** 11])\nmodel.fit(y, y)",
    "more classes": "y = to_categorical([0, 1], 10 ** 12)\nmodel.fit(y, y)",
    "many names and branches": "".join(f"n{i} = 1\n" for i in range(5_000)) + "if q: z = 1\nelse: z = 2\n" * 4_000,
    "models of models": "for i in range(6): model = Sequential([model] * 400)",
    "huge units": "model.add(Dense(10 ** 18))\nmodel.add(Dense(10 ** 18))",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_text_costs_little(name):
    code = f"model = Sequential([Dense(2, input_dim=3)])\n{HOSTILE[name]}\nmodel.add(Dense(1))\n"
    assert elapsed(code) < 20  # a wall against what never ends, no measure


def elapsed(code: str | bytes) -> float:
    """How long reading takes; anything but a Reading and a ValueError is a failure."""
    start, reading = time.perf_counter(), None
    with suppress(ValueError):
        reading = read(code) if isinstance(code, str) else read_model(code)
        assert isinstance(reading, Reading)
    if reading is not None:
        rebuild(reading.network)
    return time.perf_counter() - start


def test_too_many_layers_get_a_sentence():
    with pytest.raises(ValueError, match="at most 500 layers"):
        read("m = Sequential()\nfor i in range(60):\n    for j in range(10):\n        m.add(Dense(2))")


def test_mutated_programs_break_nothing(capsys):
    rng, codes = random.Random(0), [code for code, _ in PROGRAMS.values()]
    slowest = max(elapsed((swapped if n % 2 else mutated)(rng.choice(codes), rng)) for n in range(MUTANTS))
    with capsys.disabled():
        print(f"\n{MUTANTS} mutated programs, the slowest {slowest:.3f} s")


def test_mutated_files_break_nothing(built, tmp_path, capsys):
    rng, files, texts = random.Random(1), [], []
    for name in ("branches", "nested models", "sequences", "model.add"):
        files.append(saved(built[name][0], tmp_path))
        texts.append(built[name][0].to_json())
    slowest = 0.0
    for n in range(MUTANTS):
        data = bytearray(rng.choice(files))
        if n % 3 == 0:  # the archive's own bytes
            for _ in range(rng.randint(1, 20)):
                data[rng.randrange(len(data))] = rng.randrange(256)
            mutant: bytes | str = bytes(data[:rng.randrange(len(data)) if n % 2 else None])
        elif n % 3 == 1:
            mutant = packed(mutated(rng.choice(texts), rng))
        else:
            mutant = packed(json.dumps(shuffled(json.loads(rng.choice(texts)), rng)))
        slowest = max(slowest, elapsed(mutant))
    with capsys.disabled():
        print(f"\n{MUTANTS} mutated .keras files, the slowest {slowest:.3f} s")


@pytest.mark.parametrize(("data", "words"), [
    (b"", "no .keras file"), (b"PK\x03\x04", "no .keras file"), (b"\x89HDF\r\n\x1a\n" + b"0" * 100, "HDF5"),
    (packed("{}", "other.json"), "without one"), (packed(" " * 3_900_000), "packed to no less"),
    (packed(" " * 4_000_001), "at most 4 MB"), (packed("[]"), "class_name"),
    (packed("{" * 100_000, kind=zipfile.ZIP_STORED), "JSON|nested"),
    (packed("[" * 100_000, kind=zipfile.ZIP_STORED), "JSON"),
    (packed('{"class_name": "X", "config": {}}'), "Sequential or"),
])
def test_a_file_that_is_none_gets_a_sentence(data, words):
    with pytest.raises(ValueError, match=words):
        read_model(data)


def test_many_entries_are_refused():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for n in range(2_001):
            archive.writestr(f"{n}", "")
    with pytest.raises(ValueError, match="at most 2000 entries"):
        read_model(stream.getvalue())


# --- code of this project -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_the_scripts_of_the_pages_are_read(path):
    text = path.read_text()
    if "Sequential" not in text:
        with pytest.raises(ValueError, match="no network is made"):
            read(text)
        return
    reading = read(text)
    assert all(part.units and part.parameters is not None for part in reading.network.layers)
    assert (reading.network.loss is None) is (".compile(" not in text)


EXPORTED = {
    "plain": RunSpec(widths=(8, 6), activation="tanh"),
    "batches": RunSpec(dataset="moons", widths=(9,) * 6, activation="relu", optimizer="adam", learning_rate=0.02,
                       batch_size=30, batch_norm=True),
    "mixed": RunSpec(dataset="digits", widths=(12, 8, 8), activation=("leaky_relu", "elu", "softplus"), alpha=0.3,
                     initializer="he_normal", batch_norm=(True, False, True), dropout=0.2, clip="norm"),
    "zeros": RunSpec(dataset="sine", widths=(4,), initializer="zeros", optimizer="momentum", momentum=0.8),
}


@pytest.mark.parametrize("name", EXPORTED)
def test_exported_scripts_are_read(name):
    """They train in a loop of their own, so the optimizer and the loss are not in `compile`."""
    spec = EXPORTED[name]
    reading = read(keras_script(spec))
    dense = [part for part in reading.network.layers if part.type == "Dense"]
    assert [part.units for part in dense] == [*spec.widths, spec.sizes[-1]]
    assert {part.initializer for part in dense} == {spec.initializer}
    assert [part.activation for part in reading.network.layers if part.type == "Activation"] == list(spec.activations)
    assert reading.network.input_shape == (spec.sizes[0],)
    assert any("neither compiled nor fitted" in note for note in reading.notes)
    assert sum(part.type == "BatchNormalization" for part in reading.network.layers) == sum(spec.batch_norms)


# --- the same network here ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_is_rebuilt(name):
    network = read(PROGRAMS[name][0]).network
    spec, sentences = rebuild(network)
    assert isinstance(spec, RunSpec)
    assert all(sentence.endswith(".") for sentence in sentences)
    dense = [part for part in network.layers if part.type == "Dense"]
    if len(dense) > 1:
        assert spec.depth == len(dense) - 1
        assert all(width == (part.units or 32) for width, part in zip(spec.widths, dense, strict=False))
    if "learning_rate" in network.numbers:
        assert spec.learning_rate == network.numbers["learning_rate"]
    assert spec.clip == network.clip


def test_what_is_not_kept_is_said():
    spec, sentences = rebuild(read(RUNS["a small convolutional network"][0]).network)
    assert any("Conv2D (×2), MaxPooling2D (×2)" in sentence for sentence in sentences)
    assert (spec.task, spec.loss_name) == ("multiclass", "categorical_crossentropy")
    spec, sentences = rebuild(read(RUNS["xor"][0]).network)
    assert (spec.dataset, spec.loss_name, spec.output_activation) == ("circles", "mse", "sigmoid")
    spec, sentences = rebuild(read(RUNS["initializers and regularizers as objects"][0]).network)
    assert any("regularizers" in sentence for sentence in sentences)
    assert any("Adagrad" in sentence for sentence in sentences)
    assert spec.clip_threshold == 0.5


def test_a_rebuilt_run_has_the_shape_that_was_written():
    spec, _ = rebuild(read(RUNS["batch norm after, momentum from a dictionary"][0]).network)
    assert (spec.widths, spec.activation, spec.batch_norm, spec.dropout) == ((50, 25), "tanh", True, 0.1)
    assert (spec.optimizer, spec.momentum, spec.clip, spec.clip_threshold) == ("momentum", 0.8, "global_norm", 5)
    assert (spec.task, spec.loss) == ("regression", "mae")
