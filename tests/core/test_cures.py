"""Single changes that may help: each can be run, changes something, and what cannot help is not offered."""

from dataclasses import replace

import pytest

from core.causes import CAUSES, cause_of, cures_of, linear_limit, setting_of
from core.cures import CURES, cure, suited
from core.diagnosis import diagnose
from core.initializers import INITIALIZERS
from core.spec import MAX_COST, RunSpec
from core.training import train

SPECS = [RunSpec(), RunSpec(dataset="digits", activation="relu", batch_size=1, batch_norm=True, widths=(64,) * 2),
         RunSpec(activation="linear", clip="global_norm", dropout=0.5), RunSpec(learning_rate=100.0, optimizer="adam"),
         RunSpec(dataset="sine", loss="mae", learning_rate=0.0, widths=(512, 1))]


@pytest.mark.parametrize("spec", SPECS, ids=range(len(SPECS)))
def test_every_candidate_is_another_run_that_may_be(spec):
    found = [one for name in CURES if (one := cure(spec, name))]
    assert found
    for one in found:
        other = one.of(spec)
        assert other != spec
        assert other == replace(spec, **one.values)
        assert other.cost <= MAX_COST
        assert one.label


def test_what_changes_nothing_is_no_candidate():
    good = RunSpec(activation="relu", initializer="he_normal", optimizer="adam", learning_rate=0.01, batch_size=32)
    names = {name for name in CURES if cure(good, name)}
    assert not names & {"relu", "initializer", "adam", "usual_rate", "batch_size", "no_clip", "no_dropout", "loss",
                        "no_batch_norm"}
    assert cure(replace(good, widths=(512,) * 8, samples=2000, steps=20), "width") is None  # no wider than may be


def test_an_activation_comes_with_the_initializer_that_was_derived_for_it():
    for name, initializer in (("relu", "he_normal"), ("tanh", "glorot_normal"), ("selu", "lecun_normal")):
        assert suited(name) == initializer
        assert name in INITIALIZERS[initializer].suits
    assert cure(RunSpec(gain=0.3), "relu").values == {
        "activation": "relu", "alpha": None, "initializer": "he_normal", "gain": 1.0}


def test_every_cause_names_cures_of_the_table_and_every_cure_has_a_cause():
    named = [name for cause in CAUSES.values() for name in cause.cures]
    assert set(named) == set(CURES)
    assert all(len(set(cause.cures)) == len(cause.cures) for cause in CAUSES.values())


@pytest.mark.parametrize(("query", "cause"), [
    ({}, "activation"),
    ({"activation": "relu", "widths": "32x30"}, "scale_small"),
    ({"activation": "tanh", "gain": "0.3"}, "scale_small"),
    ({"activation": "relu", "initializer": "he_normal", "gain": "3"}, "scale_large"),
    ({"dataset": "digits", "widths": "32x2", "activation": "relu", "learning_rate": "10", "batch_size": "256",
      "steps": "20"}, "rate_large"),
    ({"dataset": "breast_cancer", "widths": "64x4", "activation": "relu", "initializer": "he_normal",
      "learning_rate": "0.00001", "steps": "40"}, "rate_small"),
    ({"dataset": "moons", "widths": "16x2", "activation": "relu", "batch_norm": "1", "batch_size": "1", "steps": "60"},
     "batch_norm_one"),
    ({"widths": "8x2", "activation": "linear", "steps": "200"}, "linear"),
    ({"initializer": "zeros", "activation": "relu", "steps": "20"}, "only_output_bias"),
    ({"initializer": "ones", "activation": "tanh", "widths": "8x3", "steps": "20"}, "equal_units"),
    ({"widths": "4x2", "learning_rate": "0", "steps": "20"}, "rate_zero"),
    ({"widths": "2x20", "dataset": "moons", "activation": "relu", "initializer": "he_normal", "seed": "2",
      "steps": "20"}, "born_dead"),
    ({"dataset": "moons", "widths": "16x3", "activation": "tanh", "clip": "global_norm", "clip_threshold": "0.00001",
      "steps": "60"}, "clip"),
    ({"widths": "16x3", "activation": "tanh", "dropout": "0.9", "steps": "60"}, "dropout"),
])
def test_the_cause_is_named_where_the_numbers_show_it(query, cause):
    spec, notes = RunSpec.from_query(query | {"v": "1"})
    assert not notes
    verdict = diagnose(spec, list(train(spec)))
    assert verdict.cause == cause
    assert CAUSES[cause].sentence(spec, verdict.evidence) in verdict.sentences
    assert verdict.cures


def test_a_line_parts_what_it_parts():
    assert linear_limit(RunSpec(dataset="circles"))[0] > 0.95
    assert linear_limit(RunSpec(dataset="blobs")) == pytest.approx((0.0, 1.0), abs=0.02)
    assert 0.3 < linear_limit(RunSpec(dataset="diabetes"))[0] < 0.6
    assert cause_of("learned", setting_of(RunSpec()), {"start_signal_ratio": 1.0}) == ""


def test_no_two_cures_are_the_same_run():
    spec = RunSpec(dataset="digits", widths=(32,) * 2, activation="relu", optimizer="adam", learning_rate=0.3)
    for cause in CAUSES:
        runs = [one.of(spec) for one in cures_of(cause, spec)]
        assert len(set(runs)) == len(runs)
    names = [one.name for one in cures_of("rate_large", spec)]
    assert names[0] == "usual_rate"
    assert "adam" not in names
