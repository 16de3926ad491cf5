"""Every data set keeps its contract; the generators and the split are scikit-learn's."""

import subprocess
import sys
from collections import OrderedDict

import numpy as np
import pytest
from sklearn import datasets as sklearn_datasets
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from core import datasets
from core.datasets import DATASETS, KEPT, Split, put, split, train_size

NOISY = [name for name, dataset in DATASETS.items() if dataset.noisy]
REAL = [name for name, dataset in DATASETS.items() if dataset.standardised]
SIZES = (4, 5, 11, 40)


def test_the_names_that_links_rely_on():
    assert {*DATASETS} >= {
        "xor", "circles", "moons", "spirals", "blobs", "sine", "classification", "points", "random_targets",
        "digits", "breast_cancer", "diabetes",
    }


@pytest.mark.parametrize("name", DATASETS)
def test_an_entry_says_what_it_is(name):
    dataset = DATASETS[name]
    assert all([dataset.label, dataset.formula, dataset.summary, dataset.source])
    assert dataset.samples <= dataset.max_samples
    assert 0 <= dataset.noise <= 1
    assert len(set(dataset.feature_names)) == dataset.features
    assert len(dataset.target_names) == {"binary": 2}.get(dataset.task, dataset.outputs)
    assert dataset.classes == {"binary": 2, "regression": 0}.get(dataset.task, dataset.outputs)


@pytest.mark.parametrize("name", DATASETS)
@pytest.mark.parametrize("n", [*SIZES, None])
def test_load_gives_float32_of_the_stated_shape(name, n):
    dataset = DATASETS[name]
    n = n or dataset.max_samples
    x, y = dataset.load(3, n, dataset.noise)
    assert x.dtype == y.dtype == np.float32
    assert x.shape == (n, dataset.features)
    assert y.shape == (n, dataset.outputs)
    assert np.isfinite(x).all()
    assert np.isfinite(y).all()
    if dataset.task == "binary":
        assert set(np.unique(y)) <= {0, 1}
    if dataset.task == "multiclass":
        assert (y.sum(1) == 1).all()
        assert set(np.unique(y)) == {0, 1}


@pytest.mark.parametrize("name", DATASETS)
def test_the_seed_decides(name):
    dataset = DATASETS[name]
    first, again, other = (dataset.load(seed, 40, dataset.noise)[0] for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("name", DATASETS)
def test_noise_has_an_effect_exactly_where_the_entry_says_so(name):
    quiet, loud = (np.hstack(DATASETS[name].load(1, 40, noise)) for noise in (0.0, 0.5))
    assert np.array_equal(quiet, loud) is not DATASETS[name].noisy


@pytest.mark.parametrize("name", NOISY)
def test_noise_is_a_standard_deviation(name):
    clean, noisy = (np.hstack(DATASETS[name].load(1, 2000, noise)) for noise in (0.0, 0.25))
    x, y = np.split(noisy - clean, [DATASETS[name].features], axis=1)
    moved = y if DATASETS[name].task == "regression" else x
    assert moved.std() == pytest.approx(0.25, rel=0.05)


def test_xor_without_noise_is_its_truth_table():
    x, y = DATASETS["xor"].load(7, 4, 0.0)
    assert x.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert y.tolist() == [[0], [1], [1], [0]]


@pytest.mark.parametrize(("name", "generator"), [("circles", "make_circles"), ("moons", "make_moons")])
def test_rings_and_moons_are_those_of_scikit_learn(name, generator):
    x, y = DATASETS[name].load(5, 64, 0.2)
    options = {"factor": 0.5} if name == "circles" else {}
    expected_x, expected_y = getattr(sklearn_datasets, generator)(64, noise=0.2, random_state=5, **options)
    assert np.array_equal(x, expected_x.astype(np.float32))
    assert np.array_equal(y[:, 0], expected_y)


def test_spirals_wind_one_and_a_half_times_and_oppose_each_other():
    x, y = DATASETS["spirals"].load(0, 2000, 0.0)
    radius = np.hypot(*x.T)
    assert radius.max() <= 1
    direction = np.exp(1j * (3 * np.pi * radius + np.pi * y[:, 0]))
    np.testing.assert_allclose(x[:, 0] + 1j * x[:, 1], radius * direction, atol=2e-5)
    assert np.histogram(radius, [0, 0.5**0.5, 1])[0] == pytest.approx([1000, 1000], rel=0.1)


def test_blobs_lie_around_four_corners():
    x, y = DATASETS["blobs"].load(0, 2000, 0.2)
    centres = np.array([x[y[:, k] == 1].mean(0) for k in range(4)])
    np.testing.assert_allclose(centres, [[-1, -1], [-1, 1], [1, -1], [1, 1]], atol=0.05)


def test_sine_is_one_period():
    x, y = DATASETS["sine"].load(0, 500, 0.0)
    assert -np.pi <= x.min() < -3
    assert 3 < x.max() <= np.float32(np.pi)
    np.testing.assert_allclose(y, np.sin(x), atol=1e-6)


def test_the_line_is_in_numbers_as_they_come():
    x, y = DATASETS["line"].load(1, 200, 0.0)
    assert sorted(x[:, 0]) == [*range(200)]
    assert np.array_equal(y, 2 * x)
    parts = split("line", 200, 0.0, 0.2, 0)
    assert parts.y_train.max() > 380


def test_the_digits_that_are_their_own_target_lie_between_0_and_1():
    x, y = DATASETS["digits_auto"].load(0, 1797, 0.0)
    pixels = sklearn_datasets.load_digits(return_X_y=True)[0]
    np.testing.assert_allclose(x, pixels / 16, rtol=1e-6)
    assert np.array_equal(x, y)
    assert x is not y
    parts = split("digits_auto", 300, 0.0, 0.2, 0)
    assert np.array_equal(parts.x_train, parts.y_train)
    assert 0 == parts.y_train.min() < parts.y_train.max() == 1


def test_classification_with_seed_42_is_that_of_the_source():
    x, y = DATASETS["classification"].load(42, 1000, 0.0)
    expected_x, expected_y = sklearn_datasets.make_classification(
        n_samples=1000, n_features=20, n_informative=15, n_redundant=5, random_state=42
    )
    assert np.array_equal(x, expected_x.astype(np.float32))
    assert np.array_equal(y[:, 0], expected_y)


def test_random_targets_are_uniform_and_unrelated():
    x, y = DATASETS["random_targets"].load(0, 1000, 0.0)
    assert x.shape == (1000, 10)
    assert min(x.min(), y.min()) >= 0
    assert max(x.max(), y.max()) <= 1
    assert y.var() == pytest.approx(1 / 12, rel=0.1)
    assert abs(np.corrcoef(np.hstack([x, y]).T)[-1, :-1]).max() < 0.15


@pytest.mark.parametrize("name", REAL)
def test_a_real_set_of_full_size_is_all_of_it_and_a_smaller_one_a_part_without_repeats(name):
    dataset = DATASETS[name]
    options = {"scaled": False} if name == "diabetes" else {}
    x, target = getattr(sklearn_datasets, f"load_{name}")(return_X_y=True, **options)
    whole = np.hstack([x, target[:, None]]).astype(np.float32)

    def table(n):
        part_x, part_y = dataset.load(1, n, 0.0)
        return np.hstack([part_x, part_y.argmax(1)[:, None] if dataset.task == "multiclass" else part_y])

    assert np.array_equal(table(len(whole)), whole)
    part = {row.tobytes() for row in table(100).astype(np.float32)}
    assert len(part) == 100
    assert part <= {row.tobytes() for row in whole}
    with pytest.raises(ValueError, match=f"at most {len(whole)}.*Received: {len(whole) + 1}"):
        dataset.load(1, len(whole) + 1, 0.0)


def test_names_of_features_and_classes_are_those_of_the_data():
    cancer = sklearn_datasets.load_breast_cancer()
    assert DATASETS["breast_cancer"].feature_names == tuple(cancer.feature_names)
    assert DATASETS["breast_cancer"].target_names == tuple(cancer.target_names)
    assert DATASETS["diabetes"].feature_names == tuple(sklearn_datasets.load_diabetes().feature_names)
    digits = sklearn_datasets.load_digits()
    assert DATASETS["digits"].target_names == tuple(map(str, digits.target_names))
    assert DATASETS["digits"].features == len(digits.feature_names)


@pytest.mark.parametrize("name", DATASETS)
@pytest.mark.parametrize("test_fraction", [0.1, 0.2, 0.25, 0.3, 0.5])
@pytest.mark.parametrize("samples", SIZES)
def test_every_size_and_fraction_splits_and_train_size_foretells_it(name, test_fraction, samples):
    parts = split(name, samples, DATASETS[name].noise, test_fraction, 0)
    assert len(parts.x_train) == len(parts.y_train) == train_size(samples, test_fraction)
    assert len(parts.x_validation) == len(parts.y_validation) == samples - len(parts.x_train)


@pytest.mark.parametrize("name", [name for name in DATASETS if name not in REAL])
def test_a_toy_split_is_that_of_scikit_learn(name):
    dataset = DATASETS[name]
    x, y = dataset.load(3, 120, dataset.noise)
    labels = {"multiclass": y.argmax(1), "binary": y, "regression": None}[dataset.task]
    expected = train_test_split(x, y, test_size=0.2, random_state=3, stratify=labels)
    parts = split(name, 120, dataset.noise, 0.2, 3)
    assert parts.stratified == (dataset.task != "regression")
    for actual, wanted in zip(
        (parts.x_train, parts.x_validation, parts.y_train, parts.y_validation), expected, strict=True
    ):
        assert np.array_equal(actual, wanted)


@pytest.mark.parametrize("name", REAL)
def test_a_real_split_is_standardised_by_its_training_part(name):
    dataset = DATASETS[name]
    x, y = dataset.load(3, 300, 0.0)
    labels = {"multiclass": y.argmax(1), "binary": y, "regression": None}[dataset.task]
    x_train, x_validation, y_train, y_validation = train_test_split(
        x, y, test_size=0.25, random_state=3, stratify=labels
    )
    parts = split(name, 300, 0.0, 0.25, 3)
    inputs = StandardScaler().fit(x_train.astype(np.float64))
    np.testing.assert_allclose(parts.x_train, inputs.transform(x_train), atol=1e-5)
    np.testing.assert_allclose(parts.x_validation, inputs.transform(x_validation), atol=1e-5)
    if dataset.task == "regression":
        targets = StandardScaler().fit(y_train.astype(np.float64))
        np.testing.assert_allclose(parts.y_train, targets.transform(y_train), atol=1e-5)
        np.testing.assert_allclose(parts.y_validation, targets.transform(y_validation), atol=1e-5)
    else:
        assert np.array_equal(parts.y_train, y_train)
        assert np.array_equal(parts.y_validation, y_validation)


def test_a_constant_feature_is_centred_not_divided_by_zero():
    parts = split("digits", 300, 0.0, 0.0, 0)
    assert (parts.x_train[:, 0] == 0).all()  # the upper left pixel is never inked
    assert np.isfinite(parts.x_train).all()


def test_without_a_test_fraction_nothing_is_held_back_nor_shuffled():
    parts = split("xor", 4, 0.0, 0.0, 9)
    assert parts.x_train.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert parts.x_validation is None
    assert parts.y_validation is None


def test_classes_too_small_to_stratify_are_split_by_chance():
    parts = split("xor", 4, 0.0, 0.25, 0)  # one point held back cannot hold both classes
    assert not parts.stratified
    points = np.vstack([parts.x_train, parts.x_validation])
    assert sorted(points.tolist()) == [[0, 0], [0, 1], [1, 0], [1, 1]]


@pytest.mark.parametrize("test_fraction", [-0.1, 1.0, 0.9, float("nan")])
def test_a_fraction_that_leaves_nothing_is_refused(test_fraction):
    with pytest.raises(ValueError, match=r"test_fraction .* Received: .* of 4"):
        split("xor", 4, 0.0, test_fraction, 0)


def test_an_unknown_name_is_refused():
    with pytest.raises(KeyError, match=r"data set must be one of .*xor, .* Received: 'iris'"):
        split("iris", 4, 0.0, 0.0, 0)


def test_what_viewers_share_cannot_be_written_to():
    parts = split("moons", 40, 0.1, 0.2, 0)
    assert split("moons", 40, 0.1, 0.2, 0) is parts
    for array in (parts.x_train, parts.y_train, parts.x_validation, parts.y_validation):
        with pytest.raises(ValueError, match="read-only"):
            array[0, 0] = 1


# --- from elsewhere -------------------------------------------------------------------------------------------------


@pytest.fixture
def nothing_from_elsewhere(monkeypatch):
    monkeypatch.setattr(datasets, "_elsewhere", OrderedDict())


def other(seed):
    """The key of some examples, and others to be put in their place."""
    key = ("xor", 4, 0.0, 0.0, seed, (), None, None, "")
    return key, Split(np.full((1, 2), seed, np.float32), np.ones((1, 1), np.float32), None, None, False)


def test_examples_from_elsewhere_are_taken_as_they_are_and_cannot_be_written_to(nothing_from_elsewhere):
    key, examples = other(1)
    made = split(*key)
    put(key, examples)
    assert split(*key) is split(*key[:5]) is examples
    assert not examples.x_train.flags.writeable
    assert split("xor", 4, 0.0, 0.0, 2) is not examples
    assert len(made.x_train) == 4


def test_examples_from_elsewhere_are_read_once_when_they_are_needed(nothing_from_elsewhere):
    key, examples = other(1)
    reads = []
    put(key, lambda: reads.append(key) or examples)
    assert reads == []
    assert split(*key) is split(*key) is examples
    assert reads == [key]


def test_of_examples_from_elsewhere_the_least_recently_used_go_and_are_made_again(nothing_from_elsewhere):
    all_of_them = dict(map(other, range(KEPT + 1)))
    first, second, *_, last = all_of_them
    for key, examples in list(all_of_them.items())[:-1]:
        put(key, examples)
    assert split(*first) is all_of_them[first]  # used
    put(last, all_of_them[last])
    assert len(datasets._elsewhere) == KEPT
    assert split(*first) is all_of_them[first]
    assert split(*last) is all_of_them[last]
    assert split(*second).x_train.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    put(second, all_of_them[second])
    assert split(*second) is all_of_them[second]


def test_importing_the_table_imports_no_scikit_learn():
    code = "import sys, core.datasets; sys.exit('sklearn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
