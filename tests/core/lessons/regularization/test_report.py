"""Dropout and batch norm: the course's tables against Keras, one pass, z on a batch, runs with and without."""

from dataclasses import replace

import numpy as np
import pytest

from core.architecture import Architecture
from core.charts import moving
from core.course_models import SOURCE_MODELS
from core.layer_table import build, of_run
from core.lessons.regularization import charts, report
from core.lessons.regularization.charts import band_plots
from core.lessons.regularization.report import BATCH_NORM, BATCH_NORM_HELPS, DROPOUT, DROPOUT_HELPS, SEEDS
from core.network import dropout_mask, flatten, forward, initial_weights
from core.spec import RunSpec
from core.training import Snapshot, recorded_steps
from tests import shipped

HISTORIES = shipped.histories()
P5 = [("Dense", 64, 1984), ("Dropout", 64, 0), ("Dense", 32, 2080), ("Dropout", 32, 0), ("Dense", 1, 33)]
P7 = [("Dense", 64, 1984), ("BatchNormalization", 64, 256), ("Dense", 64, 4160), ("Dense", 32, 2080),
      ("BatchNormalization", 32, 128), ("Dense", 32, 1056), ("Dense", 1, 33)]


def groups(part: str, spec: RunSpec) -> dict:
    return {label: [HISTORIES[one] for one in report.over_seeds({label: run}, SEEDS)]
            for label, run in report.with_and_without(part, spec).items()}


@pytest.mark.parametrize(("question", "stated", "says"), [
    ("P5", P5, "1,984 + 2,080 + 33 = **4,097 parameters**: 4,097 trained, 0 not."),
    ("P7", P7, "1,984 + 256 + 4,160 + 2,080 + 128 + 1,056 + 33 = **9,697 parameters**: 9,505 trained, 192 not.")])
def test_the_table_is_the_source_s_and_keras_s(question, stated, says):
    layers = SOURCE_MODELS[question].layers
    table = report.layer_table(layers)
    assert [(row["Layer"], row["Output shape"], row["Parameters"]) for row in table] == [
        (kind, f"(None, {units})", f"{parameters:,}") for kind, units, parameters in stated]
    assert report.counted(layers) == says
    model = build(layers)
    assert [(type(layer).__name__, layer.count_params()) for layer in model.layers
            if type(layer).__name__ != "InputLayer"] == [(kind, parameters) for kind, _, parameters in stated]


def test_the_runs_are_of_these_networks():
    assert "**4,097 parameters**: 4,097 trained, 0 not" in report.counted(of_run(DROPOUT))
    assert "**9,697 parameters**: 9,505 trained, 192 not" in report.counted(of_run(BATCH_NORM))
    assert Architecture.of(BATCH_NORM).parameters == 9505
    assert DROPOUT.sizes == (30, 64, 32, 1)
    assert (DROPOUT.train_samples, DROPOUT.samples) == (56, 569)


def test_with_and_without_differ_in_that_alone():
    plain, used = report.with_and_without("dropout", DROPOUT).values()
    assert (plain.dropout, used) == (0.0, DROPOUT)
    assert replace(plain, dropout=0.5) == used
    plain, used = report.with_and_without("batch_norm", BATCH_NORM).values()
    assert not any(plain.batch_norms)
    assert used == BATCH_NORM
    assert list(report.with_and_without("dropout", plain)) == ["without", "dropout 0.5"]
    assert all(report.with_and_without("batch_norm", RunSpec())["batch norm"].batch_norms)


def test_seeds_follow_the_run_s_own():
    specs = report.over_seeds({"a": replace(DROPOUT, seed=7), "b": DROPOUT}, 3)
    assert [spec.seed for spec in specs] == [7, 8, 9, 0, 1, 2]


@pytest.mark.parametrize(("part", "spec", "lower", "says"), [
    ("dropout", DROPOUT, range(1, 5), "The seeds do not agree"),
    ("dropout", DROPOUT_HELPS, [5], "All seeds agree: here it helps."),
    ("batch_norm", BATCH_NORM, range(1, 5), "The seeds do not agree"),
    ("batch_norm", BATCH_NORM_HELPS, [5], "All seeds agree: here it helps.")])
def test_what_the_set_ups_claim(part, spec, lower, says):
    found = groups(part, spec)
    label = list(found)[1]
    ends = {name: np.array([history[-1].validation_loss for history in runs]) for name, runs in found.items()}
    count = int((ends[label] < ends["without"]).sum())
    assert count in lower
    text = report.ends_sentences(found)
    assert text.startswith(f"**Lower with {label} in {count} of 5 seeds.** {says}")


def test_dropout_makes_learning_by_heart_harder():
    for spec in (DROPOUT, DROPOUT_HELPS):
        found = groups("dropout", spec)
        without, used = ([history[-1].training_loss for history in runs] for runs in found.values())
        assert min(used) > max(without)
    shares = [history[-1].validation_accuracy for history in groups("dropout", DROPOUT)["without"]]
    assert np.median(shares) == pytest.approx(0.95, abs=0.015)  # as the prose says


def test_the_plain_network_overfits_the_diabetes_data_and_dropout_holds_it():
    found = groups("dropout", DROPOUT_HELPS)
    for label, least, most in (("without", 1.3, 9), ("dropout 0.5", 0.9, 1.15)):
        for history in found[label]:
            lowest = min(state.validation_loss for state in history)
            assert least < history[-1].validation_loss / lowest < most


def test_nothing_is_said_before_the_runs_begin_or_without_validation():
    assert report.ends_sentences({"without": [[]], "dropout 0.5": [[]]}) == ""


def test_one_pass_is_what_keras_s_dropout_does():
    import keras

    before = np.random.default_rng(0).random(4000)
    found = report.one_pass(before, 0.3, 1, seed=1)
    keras_after = np.asarray(keras.layers.Dropout(0.3, seed=1)(before[None], training=True))[0]
    for after in (found.after, keras_after):
        kept = after != 0
        assert kept.mean() == pytest.approx(0.7, abs=0.03)
        assert after[kept] == pytest.approx(before[kept] / 0.7, rel=1e-5)
    assert np.array_equal(found.kept, found.after != 0)


def test_the_mean_over_many_passes_is_the_layer_without_dropout():
    before = np.random.default_rng(0).random(64)
    found = report.one_pass(before, 0.5, 20_000, seed=0)
    assert found.mean == pytest.approx(before, abs=0.05)
    assert "over 20000 passes" in report.pass_sentence(found, 0.5, 20_000)
    last = report.one_pass(before, 0.5, 2, seed=0)
    assert np.array_equal(last.kept, report.masks(0.5, 64, 2, 0)[1])


def test_the_first_layer_is_that_of_the_first_example():
    from core.network import initial_weights

    kernel, bias = initial_weights(DROPOUT)[0]
    expected = np.maximum(DROPOUT.data().x_train[0] @ kernel + bias, 0)
    assert report.first_layer(DROPOUT) == pytest.approx(expected, abs=1e-5)


def test_z_on_a_batch_is_what_keras_s_batch_norm_makes_of_it():
    import keras

    stages = report.normalised_at(BATCH_NORM)
    assert tuple(stages) == report.STEPS
    for found in stages.values():
        layer = keras.layers.BatchNormalization()
        layer.build(found.z.shape)
        assert np.asarray(layer(found.z.astype(np.float32), training=True)) == pytest.approx(
            found.normalised, abs=2e-3)
        assert found.normalised.mean(0) == pytest.approx(0, abs=1e-6)
    assert np.array_equal(stages[0].scaled, stages[0].normalised)  # scale 1, shift 0
    assert np.abs(stages[200].scaled - stages[200].normalised).max() > 0.05
    assert stages[0].z.std(0).max() > 3 * stages[0].z.std(0).min()


def test_the_table_of_z_says_mean_0_and_spread_1():
    table = report.normalised_table(report.normalised_at(BATCH_NORM)[0])
    assert [row["z"] for row in table] == list(report.NORMALISED_LABELS)
    assert table[1]["mean of a unit"] == "0"
    assert table[1]["its standard deviation"] in ("1.0", "0.99 to 1.0", "1.0 to 1.0")


def test_nothing_is_judged_before_training_or_where_all_are_equal():
    first = [[Snapshot(0, 0.7, 0.5, loss, 0.5, None, True, None, training_loss=0.7)] for loss in (0.6, 0.8)]
    assert "Before the first step" in report.ends_sentences({"without": first, "dropout 0.5": first})
    last = [[replace(history[0], step=10)] for history in first]
    assert "makes no difference" in report.ends_sentences({"without": last, "dropout 0.5": last})
    worse = [[replace(history[0], validation_loss=0.9)] for history in last]
    assert "does harm" in report.ends_sentences({"without": last, "dropout 0.5": worse})
    assert "helps" in report.ends_sentences({"without": worse, "dropout 0.5": last})


def test_the_bands_are_those_of_every_moment_on_one_axis_that_step_0_sets():
    found = groups("dropout", DROPOUT)
    plots = band_plots(DROPOUT, found, SEEDS)
    begun = band_plots(DROPOUT, {label: [run[:1] for run in histories] for label, histories in found.items()}, SEEDS)
    assert all(plots[name][1] is begun[name][1] for name in ("validation", "training"))
    for name, field in (("validation", "validation_loss"), ("training", "training_loss")):
        for moment in (0, 10, 200):
            rows = moving.at(plots[name][0], moment)
            for label, histories in found.items():
                line = rows[(rows["series"] == label) & (rows["label"] == "")]
                assert len(line) == moment + 1
                values = [getattr(run[moment], field) for run in histories]
                assert line[["value", "lowest", "highest"]].iloc[-1].tolist() == [
                    np.median(values), min(values), max(values)]
    nothing = band_plots(DROPOUT, {label: [[]] for label in found}, SEEDS)
    assert all(frame is None for frame, _ in nothing.values())


# --- where they sit in a layer ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("step", "examples"), [(0, 16), (7, 16), (3, 8), (200, 16)])
def test_the_mask_is_that_with_which_the_network_itself_computes(step, examples):
    """What arrives at layer 2 is layer 1's output with those units left out and the others made larger."""
    spec = DROPOUT
    weights = initial_weights(spec)
    x = spec.data().x_train[:examples]
    passed = forward(Architecture.of(spec), flatten(weights), x, (spec.seed, step))
    kept = dropout_mask(spec, step, 0, examples)
    a = np.asarray(passed.activations[0]) * kept / (1 - spec.dropout)
    np.testing.assert_allclose(a @ weights[1][0] + weights[1][1], passed.pre_activations[1], rtol=1e-4, atol=1e-5)
    wrong = np.asarray(passed.activations[0]) * dropout_mask(spec, step + 1, 0, examples) / (1 - spec.dropout)
    assert not np.allclose(wrong @ weights[1][0] + weights[1][1], passed.pre_activations[1], atol=1e-2)


def test_the_picture_crosses_out_what_the_run_drops():
    kept = report.kept_units(DROPOUT)
    assert kept.shape == (len(recorded_steps(DROPOUT.steps)), 64)
    assert 0.45 < kept.mean() < 0.55
    stages = charts.stages_of(DROPOUT, 0)
    assert stages == {"z": True, "batch norm": False, "f": True, "dropout": True}
    frame = charts.layer_frame(stages, 64, kept)
    for moment in (0, 5, len(kept) - 1):
        assert charts.dropped(frame, moment)["kept"].tolist() == kept[moment, :charts.DRAWN].tolist()
        said = report.dropped_sentences(DROPOUT)[moment]
        assert f"**{(~kept[moment]).sum()} of 64 units**" in said
    drawn = charts.layer(tuple(stages.items()), 64)
    assert "this network has none: batch norm" in drawn.alt
    assert drawn.spec["transform"] == charts.KEPT
    onward = frame[(frame["what"] == "edge") & (frame["stage"] == "next layer")]
    assert (onward["mask"] != "").all()


def test_batch_norm_sits_between_z_and_f_and_its_numbers_are_those_of_the_batch():
    layer = BATCH_NORM.batch_norms.index(True)
    stages = charts.stages_of(BATCH_NORM, layer)
    assert list(stages) == ["z", "batch norm", "f", "dropout"]
    assert stages["batch norm"]
    assert not stages["dropout"]
    z = np.array([[1.0, 0.0], [3.0, 0.0], [5.0, 3.0]])
    found = report.Normalised(z, (z - z.mean(0)) / z.std(0), 2 * (z - z.mean(0)) / z.std(0) + 1)
    said = report.normalised_sentence(BATCH_NORM, 10, found)
    assert "Step 10, unit 1 of layer 1, over the 3 examples" in said
    assert "**mean 3.00, variance 2.67**; normalised, **mean 0, variance 1.00**" in said
    assert said.endswith("scaled and shifted, mean 1.00, variance 4.00.")
