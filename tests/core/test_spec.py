"""A RunSpec says what is wrong with it, equal runs are equal objects, and every link leads to a valid run."""

import dataclasses
import math
import random
import string
from itertools import pairwise

import numpy as np
import pytest

from core.activations import ACTIVATIONS
from core.datasets import DATASETS
from core.fields import MAX_DEPTH, MOST_POINTS
from core.losses import LOSSES
from core.optimizers import OPTIMIZERS
from core.spec import CLIPS, FIELDS, MAX_COST, RunSpec

NUMBERS = [name for name, field in FIELDS.items() if field.value_type in ("integer", "number")]

FORMULAS = ["square(y_true-y_pred)", "abs(y_true - y_pred) ** 1.5", "where(y_pred > 0, 1e-7, 2) * (y_pred - y_true)"]


def random_value(name: str, rng: random.Random):
    """Any value that core accepts for the field on its own."""
    field = FIELDS[name]
    if field.optional and rng.random() < 0.3:
        return None
    if name == "widths":
        depth = rng.choice([1, 2, 5, MAX_DEPTH])
        return (rng.randint(1, 128),) * depth if rng.random() < 0.5 else tuple(rng.randint(1, 40) for _ in range(depth))
    if field.value_type in ("name", "names"):
        return rng.choice(field.choices)
    if field.value_type == "points":
        return tuple((rng.uniform(-5, 5), rng.choice([0, -1.25, 5]), rng.randint(0, 1))
                     for _ in range(rng.choice([0, 1, 3, MOST_POINTS])))
    if field.value_type == "formula":
        return rng.choice(FORMULAS)
    if field.value_type == "fingerprint":
        return ""
    if field.value_type in ("flag", "flags"):
        return rng.random() < 0.5
    if field.value_type == "integer":
        return rng.randint(int(field.minimum), int(field.maximum))
    return rng.choice([rng.uniform(field.minimum, field.maximum), field.minimum, field.maximum, field.low, field.high])


def random_spec(rng: random.Random) -> RunSpec:
    """A valid run, drawn until its fields fit together."""
    while True:
        values = {name: random_value(name, rng) for name in FIELDS if rng.random() < 0.6}
        depth = len(values.get("widths", FIELDS["widths"].default))
        if rng.random() < 0.3:
            values["activation"] = tuple(rng.choice(FIELDS["activation"].choices) for _ in range(depth))
        if rng.random() < 0.3:
            values["batch_norm"] = tuple(rng.random() < 0.5 for _ in range(depth))
        try:
            return RunSpec(**values)
        except ValueError:
            continue


# --- what it is -----------------------------------------------------------------------------------------------------


def test_the_fields_that_links_and_scripts_rely_on():
    assert [field.name for field in dataclasses.fields(RunSpec)] == list(FIELDS) == [
        "dataset", "samples", "noise", "test_fraction", "points", "table", "standardise", "widths", "activation",
        "alpha", "initializer", "gain", "bias_std", "batch_norm", "skip", "dropout", "loss", "formula", "output",
        "output_units", "optimizer", "learning_rate", "momentum", "batch_size", "clip", "clip_threshold", "steps",
        "seed",
    ]  # fmt: skip
    assert CLIPS == ("none", "value", "norm", "global_norm")


@pytest.mark.parametrize("name", FIELDS)
def test_an_entry_says_what_it_is_and_offers_only_what_core_accepts(name):
    field = FIELDS[name]
    assert field.label
    assert field.help.endswith(".")
    assert field.default is None or RunSpec(**{name: field.default})
    if field.value_type in ("integer", "number", "integers"):
        assert field.minimum <= field.low < field.high <= field.maximum
        assert field.low > 0 or not field.log
        for value in (field.low, field.high):
            assert RunSpec(**{name: (int(value),) if name == "widths" else value})


def test_it_is_frozen_and_a_key():
    spec = RunSpec(widths=[8, 8], activation=["relu", "tanh"], batch_norm=[True, False])
    assert spec.widths == (8, 8)
    assert spec.activation == ("relu", "tanh")
    assert {spec: 1}[RunSpec(widths=(8, 8), activation=("relu", "tanh"), batch_norm=(True, False))] == 1
    with pytest.raises(dataclasses.FrozenInstanceError):
        spec.seed = 1


def test_what_follows_from_the_fields():
    spec = RunSpec(dataset="digits", widths=(64, 64, 32), skip=True, activation="relu", batch_norm=(True, False, True),
                   batch_size=100, test_fraction=0.25, steps=50)
    assert spec.sizes == (64, 64, 64, 32, 10)
    assert spec.depth == 3
    assert spec.activations == ("relu",) * 3
    assert spec.batch_norms == (True, False, True)
    assert spec.skips == (True, True, False)
    assert (spec.task, spec.loss_name, spec.output_activation) == ("multiclass", "categorical_crossentropy", "softmax")
    assert spec.train_samples == len(spec.data().x_train) == 1347
    assert spec.kernel_entries == 64 * 64 + 64 * 64 + 64 * 32 + 32 * 10
    assert spec.cost == spec.kernel_entries * 100 * 50
    assert RunSpec().batch == RunSpec().train_samples == 204


@pytest.mark.parametrize("dataset", DATASETS)
def test_left_out_samples_and_noise_are_the_data_sets_own(dataset):
    spec = RunSpec(dataset=dataset)
    assert (spec.samples, spec.noise) == (DATASETS[dataset].samples, DATASETS[dataset].noise)
    assert spec == RunSpec(dataset=dataset, samples=spec.samples, noise=spec.noise)
    assert spec.data().x_train.shape == (spec.train_samples, spec.sizes[0])
    assert spec.data().y_train.shape == (spec.train_samples, spec.sizes[-1])


def test_points_placed_by_hand_are_the_data():
    xor = ((0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 0))
    spec = RunSpec(dataset="points", points=xor)
    assert (spec.samples, spec.test_fraction, spec.batch, spec.task) == (4, 0, 4, "binary")
    assert spec.data().x_train.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert spec.data().y_train.tolist() == [[0], [1], [1], [0]]
    assert spec.data().x_train.dtype == spec.data().y_train.dtype == np.float32
    assert spec.data().x_validation is None
    assert spec.to_query() == {"dataset": "points", "points": "0,0,0;0,1,1;1,0,1;1,1,0", "v": "1"}
    assert RunSpec.from_query(spec.to_query()) == (spec, [])
    one = dataclasses.replace(spec, points=((-0.5, 2, 1),))
    assert one.data().x_train.shape == (1, 2)
    assert RunSpec.from_query(one.to_query() | {"dataset": "circles"}) == (RunSpec(), [])


# --- what it refuses ------------------------------------------------------------------------------------------------

WRONG = [
    *((name, value) for name in NUMBERS for value in (
        FIELDS[name].maximum * 1.5 + 1, FIELDS[name].minimum - 0.5, math.nan, math.inf, -math.inf, "8", "", True, [1],
        {}, ..., 1j)),
    *((name, 2.5) for name in NUMBERS if FIELDS[name].value_type == "integer"),
    *((name, None) for name in FIELDS if not FIELDS[name].optional),
    *((name, value) for name in FIELDS if FIELDS[name].value_type in ("name", "names")
      for value in ("", "nonsense", "ReLU ", 3, b"relu", "<script>")),
    ("activation", "softmax"), ("activation", ("softmax",) * 10), ("activation", ()), ("activation", ["relu", 3]),
    ("activation", ("relu",) * 9),
    ("batch_norm", "yes"), ("batch_norm", 2), ("batch_norm", (True,) * 9), ("batch_norm", (True, "no")),
    ("skip", "0"), ("skip", (True,) * 10), ("skip", 0.5),
    ("widths", ()), ("widths", 8), ("widths", "8x3"), ("widths", (0,)), ("widths", (8, -1)), ("widths", (513,)),
    ("widths", (8,) * (MAX_DEPTH + 1)), ("widths", (8, 2.5)), ("widths", (8, math.nan)), ("widths", (True,)),
    ("widths", {"a": 1}),
    ("points", 3), ("points", "0,0,0"), ("points", ((0, 0, 0),) * (MOST_POINTS + 1)), ("points", ((0, 0),)),
    ("points", ((0, 0, 2),)), ("points", ((0, 5.01, 1),)), ("points", ((math.nan, 0, 1),)), ("points", (("0", 0, 1),)),
    ("points", ("001",)), ("points", (7,)), ("points", {1: 2}), ("points", ((0, 0, [1]),)),
    ("table", "xyz"), ("table", "0" * 15), ("table", "A" * 16), ("table", 3),
    ("formula", "y_true"), ("formula", ""), ("formula", 3), ("formula", b"y_pred"), ("formula", "__import__('os')"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), WRONG, ids=lambda part: repr(part)[:40])
def test_a_wrong_value_is_a_sentence_that_names_the_field_and_what_arrived(name, value):
    with pytest.raises(ValueError, match="Received: ") as error:
        RunSpec(**{name: value})
    sentence = str(error.value)
    assert sentence.startswith(name)
    assert " must be " in sentence
    assert sentence.endswith(".")
    assert len(sentence) < 400


def test_unknown_fields_are_refused():
    with pytest.raises(TypeError, match="depth"):
        RunSpec(depth=3)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("dataset", ["sine", "circles", "blobs"])
def test_a_loss_fits_exactly_the_tasks_of_its_entry(dataset, loss):
    if DATASETS[dataset].task in LOSSES[loss].outputs:
        spec = RunSpec(dataset=dataset, loss=loss)
        assert spec.output_activation == LOSSES[loss].outputs[spec.task]
    else:
        with pytest.raises(ValueError, match=f"{loss} does not fit {dataset}, a {DATASETS[dataset].task} task"):
            RunSpec(dataset=dataset, loss=loss)


@pytest.mark.parametrize("loss", FIELDS["loss"].choices)
@pytest.mark.parametrize("dataset", ["sine", "circles", "blobs"])
@pytest.mark.parametrize("output", ACTIVATIONS)
def test_with_an_output_of_its_own_every_loss_is_allowed(dataset, loss, output):
    spec = RunSpec(dataset=dataset, loss=loss, output=output)
    usual = spec.loss_entry.outputs.get(spec.task)
    assert spec.output_activation == output
    assert spec.output == (None if usual == output else output)
    assert spec.usual_output == (usual == output)
    assert RunSpec.from_query(spec.to_query()) == (spec, [])


@pytest.mark.parametrize(("dataset", "units", "said"), [
    ("blobs", 2, "1, for the class as a number, or at least 4"), ("blobs", 3, "or at least 4, one for each class"),
    ("digits_auto", 1, "must be 64, one for each number to predict"), ("digits_auto", 65, "must be 64"),
])
def test_output_units_that_mean_nothing_are_refused(dataset, units, said):
    with pytest.raises(ValueError, match=f"output_units of {dataset}, .*{said}.* Received: {units}"):
        RunSpec(dataset=dataset, output_units=units)
    spec, notes = RunSpec.from_query({"dataset": dataset, "output_units": str(units), "loss": "hinge"})
    assert spec == RunSpec(dataset=dataset)
    assert len(notes) == 2


@pytest.mark.parametrize(("dataset", "units"), [("circles", 1), ("circles", 2), ("circles", 5), ("blobs", 1),
                                                ("blobs", 4), ("blobs", 9), ("sine", 1), ("sine", 3)])
def test_targets_have_a_column_for_every_output_unit(dataset, units):
    spec = RunSpec(dataset=dataset, output_units=units, widths=(3,))
    usual = RunSpec(dataset=dataset).data()
    assert spec.sizes == (spec.data_set.features, 3, units)
    assert spec.output_units == (None if units == spec.data_set.outputs else units)
    for y, before in ((spec.data().y_train, usual.y_train), (spec.data().y_validation, usual.y_validation)):
        assert y.dtype == np.float32
        assert y.shape == (len(before), units)
        if spec.task == "regression":
            assert (y == before).all()
            continue
        labels = before.argmax(1) if before.shape[1] > 1 else before[:, 0]
        assert np.array_equal(y[:, 0] if units == 1 else y.argmax(1), labels)
        assert units == 1 or (y.sum(1) == 1).all()
    assert np.array_equal(spec.data().x_train, usual.x_train)


def test_standardising_can_be_asked_for_and_left_out():
    assert RunSpec(dataset="diabetes", standardise=True) == RunSpec(dataset="diabetes")
    assert RunSpec(dataset="sine", standardise=False) == RunSpec(dataset="sine")
    raw, scaled = (RunSpec(dataset=name, standardise=on).data() for name, on in (("diabetes", False), ("line", True)))
    assert raw.y_train.max() > 300
    assert raw.x_train.max() > 50
    for part in (scaled.x_train, scaled.y_train):
        assert part.mean() == pytest.approx(0, abs=1e-5)
        assert part.std() == pytest.approx(1, abs=1e-5)
    classes = RunSpec(dataset="blobs", standardise=True).data()
    assert classes.x_train.std() == pytest.approx(1, abs=1e-5)
    assert set(np.unique(classes.y_train)) == {0, 1}
    assert RunSpec(dataset="digits", standardise=False).to_query()["standardise"] == "0"


def test_a_real_set_has_no_more_samples_than_there_are():
    with pytest.raises(ValueError, match=r"samples of diabetes must be at most 442\. Received: 443\."):
        RunSpec(dataset="diabetes", samples=443)


@pytest.mark.parametrize(("dataset", "samples", "fraction"),
                         [("digits", 30, 0.2), ("circles", 4, 0.2), ("blobs", 12, 0.9), ("sine", 9, 0.9)])
def test_validation_leaves_room_for_every_class_on_either_side(dataset, samples, fraction):
    assert RunSpec(dataset=dataset, samples=samples, test_fraction=0).data().x_validation is None
    with pytest.raises(ValueError, match="test_fraction must leave at least"):
        RunSpec(dataset=dataset, samples=samples, test_fraction=fraction)


def test_cost_is_capped_and_the_sentence_says_how_many_steps_there_may_be():
    large = {"dataset": "digits", "widths": (512,) * 50, "activation": "relu"}
    with pytest.raises(ValueError, match=r"steps at most (\d+)\. Received: 2000 steps") as error:
        RunSpec(**large, steps=2000)
    affordable = int(str(error.value).split("steps at most ")[1].split(".")[0])
    assert RunSpec(**large, steps=affordable).cost <= MAX_COST
    with pytest.raises(ValueError, match="multiply-adds"):
        RunSpec(**large, steps=affordable + 1)


# --- equal runs are equal -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"optimizer": "adam", "momentum": 0.5}, {"optimizer": "adam"}),
        ({"optimizer": "sgd", "momentum": 0.1}, {}),
        ({"clip": "none", "clip_threshold": 5}, {}),
        ({"loss": "binary_crossentropy"}, {}),
        ({"dataset": "sine", "loss": "mse"}, {"dataset": "sine"}),
        ({"activation": "swish"}, {"activation": "silu"}),
        ({"activation": ("swish",) * 10}, {"activation": "silu"}),
        ({"activation": "tanh", "alpha": 0.7}, {"activation": "tanh"}),
        ({"activation": "leaky_relu", "alpha": 0.2}, {"activation": "leaky_relu"}),
        ({"activation": "elu", "alpha": 1}, {"activation": "elu"}),
        ({"batch_norm": (True,) * 10}, {"batch_norm": True}),
        ({"batch_norm": (0,) * 10}, {}),
        ({"batch_size": 204}, {}),
        ({"formula": "abs(y_pred)"}, {}),
        ({"loss": "custom"}, {"loss": "custom", "formula": "mean( square((y_true)-y_pred) )"}),
        ({"batch_size": 2000}, {}),
        ({"skip": True, "widths": (8, 4, 2, 1)}, {"widths": (8, 4, 2, 1)}),
        ({"dataset": "digits", "noise": 0.7}, {"dataset": "digits"}),
        ({"samples": 256, "noise": 0.1}, {}),
        ({"points": ((0, 0, 1),)}, {}),
        ({"dataset": "points", "points": [[0.001, -0.0, True]], "test_fraction": 0.5, "samples": 9},
         {"dataset": "points", "points": ((0.0, 0.0, 1),)}),
        ({"learning_rate": 1, "widths": [8.0, np.int64(8)]}, {"learning_rate": 1.0, "widths": (8, 8)}),
    ],
)
def test_what_has_no_effect_does_not_tell_runs_apart(one, other):
    assert RunSpec(**one) == RunSpec(**other)
    assert hash(RunSpec(**one)) == hash(RunSpec(**other))


@pytest.mark.parametrize(
    "changed",
    [
        {"optimizer": "momentum", "momentum": 0.5}, {"clip": "norm", "clip_threshold": 5}, {"loss": "mse"},
        {"activation": "leaky_relu", "alpha": 0.3}, {"batch_norm": (True, False) * 5}, {"batch_size": 203},
        {"loss": "custom", "formula": "abs(y_true - y_pred)"},
        {"skip": True}, {"noise": 0.2}, {"seed": 1}, {"activation": "elu", "alpha": 0.2},
        {"activation": ("leaky_relu", "elu") * 5, "alpha": 0.2},
    ],
)  # fmt: skip
def test_what_has_an_effect_does(changed):
    spec = RunSpec(**changed)
    assert spec != RunSpec()
    for name, value in changed.items():
        assert getattr(spec, name) == value


def test_normalising_is_stable():
    rng = random.Random(0)
    for _ in range(300):
        spec = random_spec(rng)
        assert dataclasses.replace(spec) == spec
        assert RunSpec(**dataclasses.asdict(spec)) == spec
        assert isinstance(hash(spec), int)
        assert spec.cost <= MAX_COST
        assert len(spec.activations) == len(spec.batch_norms) == len(spec.skips) == spec.depth
        assert spec.skips == tuple(spec.skip and a == b for a, b in pairwise(spec.sizes[:-1]))
        assert spec.momentum == FIELDS["momentum"].default or "momentum" in OPTIMIZERS[spec.optimizer].hyperparameters
        assert spec.alpha is None or any(ACTIVATIONS[name].alpha is not None for name in spec.activations)


# --- links ----------------------------------------------------------------------------------------------------------


def test_a_link_holds_what_differs_from_the_default():
    assert RunSpec().to_query() == {"v": "1"}
    spec = RunSpec(dataset="moons", widths=(32,) * 20, learning_rate=1e-4, skip=True, batch_norm=(True, False) * 10,
                   batch_size=16, activation="relu")
    assert spec.to_query() == {
        "dataset": "moons", "widths": "32x20", "activation": "relu", "learning_rate": "0.0001", "skip": "1",
        "batch_norm": ",".join(["1", "0"] * 10), "batch_size": "16", "v": "1",
    }  # fmt: skip
    assert RunSpec(widths=(64, 32)).to_query()["widths"] == "64,32"
    assert RunSpec(widths=(64,)).to_query()["widths"] == "64"


def test_every_run_comes_back_from_its_link():
    rng = random.Random(1)
    for _ in range(1000):
        spec = random_spec(rng)
        query = spec.to_query()
        assert all(isinstance(key, str) and isinstance(value, str) for key, value in query.items())
        assert RunSpec.from_query(query) == (spec, [])


def test_the_longest_link_there_can_be_comes_back():
    spec = RunSpec(widths=(512, *(511,) * (MAX_DEPTH - 1)), activation=("leaky_relu",) * (MAX_DEPTH - 1) + ("elu",),
                   batch_norm=(True,) * (MAX_DEPTH - 1) + (False,), steps=20)
    assert RunSpec.from_query(spec.to_query()) == (spec, [])


@pytest.mark.parametrize(
    ("query", "field", "taken", "said"),
    [
        ({"learning_rate": "1e9"}, "learning_rate", 100, "learning_rate must be a number from 0 to 100"),
        ({"learning_rate": "-1"}, "learning_rate", 0, "Received: -1"),
        ({"learning_rate": "nan"}, "learning_rate", 0.1, "Left out"),
        ({"learning_rate": "inf"}, "learning_rate", 100, "Taken as 100"),
        ({"learning_rate": "fast"}, "learning_rate", 0.1, "'fast'"),
        ({"steps": "1e999"}, "steps", 20000, "steps must be a whole number"),
        ({"steps": "12.4"}, "steps", 12, "Taken as 12"),
        ({"activation": "RELU"}, "activation", "relu", "Taken as relu"),
        ({"activation": "reluu"}, "activation", "relu", "Taken as relu"),
        ({"activation": "softmax"}, "activation", "sigmoid", "activation must be one of"),
        ({"activation": "qqqqq"}, "activation", "sigmoid", "Left out"),
        ({"activation": "relu,nonsense", "widths": "8,8"}, "activation", ("relu", "sigmoid"), "nonsense"),
        ({"activation": "relu,tanh", "widths": "8x4"}, "activation", ("relu", "tanh", "tanh", "tanh"), "repeated"),
        ({"activation": "relu,tanh,elu", "widths": "8x2"}, "activation", ("relu", "tanh"), "left out"),
        ({"batch_norm": "1,0", "widths": "8x3"}, "batch_norm", (True, False, False), "batch_norm has 2 entries"),
        ({"widths": "32x1000"}, "widths", (32,) * MAX_DEPTH, "1 to 50 whole numbers"),
        ({"widths": "9999"}, "widths", (512,), "512"),
        ({"widths": "32x-4"}, "widths", (32,) * 10, "Left out"),
        ({"widths": "a,b"}, "widths", (32,) * 10, "Left out"),
        ({"widths": ""}, "widths", (32,) * 10, "widths"),
        ({"skip": "perhaps"}, "skip", False, "skip must be True or False"),
        ({"dataset": "moon"}, "dataset", "moons", "Taken as moons"),
        ({"dataset": "diabetes", "samples": "2000"}, "samples", 442, "diabetes has 442 samples"),
        ({"dataset": "sine", "loss": "hinge"}, "loss", None, "hinge does not fit sine"),
        ({"dataset": "digits", "samples": "16"}, "test_fraction", 0, "test_fraction must leave"),
        ({"samples": "2"}, "samples", 4, "samples must be"),
        ({"loss": "custom", "formula": "2 * y_prd"}, "formula", "mean(square(y_true - y_pred))",
         "at position 5: 'y_prd' is not known here; write y_pred. Received: '2 * y_prd'. Left out."),
        ({"loss": "custom", "formula": "1+" * 250}, "formula", "mean(square(y_true - y_pred))", "at most 250"),
        ({"dataset": "points", "points": "0,0,0;9,1,1;a,b,c;1"}, "points", ((0, 0, 0), (5, 1, 1)), "2 of them taken"),
        ({"dataset": "points", "points": "0,0,7"}, "points", ((0, 0, 1),), "a class, 0 or 1"),
        ({"dataset": "points", "points": "0,0,1;" * 41}, "points", ((0, 0, 1),) * 40, "at most 40 triples"),
        ({"dataset": "points", "points": "somewhere"}, "points", (), "Left out"),
        ({"points": "nan,0,1"}, "points", (), "Left out"),
        ({"v": "7"}, "seed", 0, "version"),
        ({"<script>": "1"}, "seed", 0, "which this page does not have"),
        ({"seed": "9" * 5000}, "seed", 0, "5000 characters"),
        ({"dataset": "digits", "widths": "512x50", "steps": "20000"}, "widths", (512,) * 50, "may take at most"),
    ],
)
def test_a_bad_link_leads_to_the_nearest_run_and_says_so(query, field, taken, said):
    spec, notes = RunSpec.from_query(query)
    assert getattr(spec, field) == taken
    assert any(said in note for note in notes), notes
    assert all(note.endswith(".") for note in notes)
    assert RunSpec.from_query(spec.to_query()) == (spec, [])


def test_good_spellings_are_read_without_a_word():
    for query, field, taken in [
        ({"activation": "swish"}, "activation", "silu"), ({"skip": "true"}, "skip", True),
        ({"batch_norm": "On"}, "batch_norm", True), ({"widths": " 8x2 , 4"}, "widths", (8, 8, 4)),
        ({"learning_rate": "1e-2"}, "learning_rate", 0.01), ({"batch_size": "none"}, "batch_size", None),
        ({"steps": "50.0"}, "steps", 50), ({"loss": "none"}, "loss", None), ({"v": "1"}, "seed", 0),
    ]:  # fmt: skip
        spec, notes = RunSpec.from_query(query)
        assert (getattr(spec, field), notes) == (taken, [])


def test_nothing_a_stranger_types_raises():
    rng = random.Random(2)
    pieces = ["", "0", "-1", "1e400", "nan", "inf", "-inf", "none", "None", "relu", "8x3", "x", "8x", "x8", "1,1", ",",
              ",,,", "1e5x9", "٣", "½", "²", "1²", "0x10", "1_0", " 7 ", "\x00", "\ud800", "é", "💥", "'", '"', "{}",
              "true", "9" * 390, "8," * 190, "relu," * 70, "1," * 190, "[1]", "1+1j", "../..", "<b>"]  # fmt: skip
    for round_ in range(3000):
        query = {}
        for name in rng.sample([*FIELDS, "v", "nonsense"], rng.randint(1, 8)):
            piece = rng.choice(pieces)
            if round_ % 3 == 0:
                piece = "".join(rng.choices(string.printable, k=rng.randint(0, 30)))
            elif round_ % 3 == 1 and name in FIELDS and FIELDS[name].value_type != "names":
                value = random_value(name, rng)
                piece = "none" if value is None else str(value).strip("()").replace(" ", "")
            query[name] = piece if rng.random() < 0.95 else rng.choice([None, 3, ["a"], b"8", math.nan])
        spec, notes = RunSpec.from_query(query)
        assert RunSpec.from_query(spec.to_query()) == (spec, []), query
        assert all(isinstance(note, str) and len(note) < 1000 for note in notes)


def test_megabytes_in_a_link_are_left_out_in_one_short_sentence():
    for name in FIELDS:
        spec, notes = RunSpec.from_query({name: "1," * 1_000_000})
        assert spec == RunSpec()
        assert len(notes) == 1
        assert len(notes[0]) < 200
    spec, notes = RunSpec.from_query({f"field{i}" * 1000: "1" for i in range(1000)})
    assert spec == RunSpec()
    assert len(notes) == 1
    assert len(notes[0]) < 300


def test_a_link_with_points_alone_is_about_them():
    spec, notes = RunSpec.from_query({"points": "0,0,0;1,1,1"})
    assert (spec.dataset, spec.points, notes) == ("points", ((0, 0, 0), (1, 1, 1)), [])
