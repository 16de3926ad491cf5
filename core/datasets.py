"""Data sets: toy problems of any size and real ones that ship with scikit-learn, and how one is split in two.

Nothing is downloaded. scikit-learn takes longer to import than a page may take to appear, so functions import it.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from functools import lru_cache
from threading import Lock
from typing import Literal

import numpy as np

from core.kept import Kept
from core.registry import Item, Registry

Task = Literal["regression", "binary", "multiclass"]
Data = tuple[np.ndarray, np.ndarray]  # x (samples, features), y (samples, outputs)
Points = tuple[tuple[float, float, int], ...]  # placed by hand: x₁, x₂ and the class, 0 or 1


@dataclass(frozen=True)
class Dataset(Item):
    """Where examples come from.

    Attributes:
        load: `load(seed, n, noise) -> (x, y)`, both float32: x (n, features); y (n, 1) for a regression and for two
            classes (0 and 1), one-hot (n, classes) for more; (n, outputs) for a regression with several targets.
        task: what is to be predicted.
        feature_names: a name for each column of x.
        target_names: the name of each class, or of each number to predict.
        samples: how many examples unless somebody asks for another number.
        max_samples: the most there are, or the most that are generated.
        noise: the default; between 0 and 1. What it scales is said in `summary`.
        noisy: whether `noise` has an effect.
        real: measured in the world.
        scaled: whether `load` has brought it into a range that networks bear.
    """

    load: Callable[[int, int, float], Data]
    task: Task
    feature_names: tuple[str, ...]
    target_names: tuple[str, ...]
    samples: int
    max_samples: int
    noise: float = 0.0
    noisy: bool = False
    real: bool = False
    scaled: bool = False

    @property
    def features(self) -> int:
        """Columns of x."""
        return len(self.feature_names)

    @property
    def outputs(self) -> int:
        """Columns of y: the number of classes if there are more than two, of numbers to predict, else 1."""
        return 1 if self.task == "binary" else len(self.target_names)

    @property
    def classes(self) -> int:
        """How many classes there are; 0 where numbers are predicted."""
        return 0 if self.task == "regression" else len(self.target_names)

    @property
    def standardised(self) -> bool:
        """Whether `split` standardises inputs and regression targets unless it is told."""
        return self.real and not self.scaled


def _column(values: np.ndarray) -> np.ndarray:
    return np.asarray(values, np.float32)[:, None]  # (n, 1)


def _one_hot(labels: np.ndarray, classes: int) -> np.ndarray:
    return np.eye(classes, dtype=np.float32)[labels]  # (n, classes)


def _xor(seed: int, n: int, noise: float) -> Data:
    corners = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])[np.arange(n) % 4]
    x = corners + noise * np.random.default_rng(seed).standard_normal((n, 2))
    return x.astype(np.float32), _column(corners[:, 0] != corners[:, 1])


def _circles(seed: int, n: int, noise: float) -> Data:
    from sklearn.datasets import make_circles

    x, labels = make_circles(n, noise=noise, factor=0.5, random_state=seed)
    return x.astype(np.float32), _column(labels)


def _moons(seed: int, n: int, noise: float) -> Data:
    from sklearn.datasets import make_moons

    x, labels = make_moons(n, noise=noise, random_state=seed)
    return x.astype(np.float32), _column(labels)


def _spirals(seed: int, n: int, noise: float) -> Data:
    rng = np.random.default_rng(seed)
    arm = np.arange(n) % 2
    radius = np.sqrt(rng.uniform(size=n))  # the root spreads the points evenly along the arm
    angle = 3 * np.pi * radius + np.pi * arm  # one and a half turns; the second arm starts opposite
    x = radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)]) + noise * rng.standard_normal((n, 2))
    return x.astype(np.float32), _column(arm)


def _blobs(seed: int, n: int, noise: float) -> Data:
    from sklearn.datasets import make_blobs

    corners = np.array([[-1, -1], [-1, 1], [1, -1], [1, 1]])
    x, labels = make_blobs(n, centers=corners, cluster_std=noise, random_state=seed)
    return x.astype(np.float32), _one_hot(labels, 4)


def _sine(seed: int, n: int, noise: float) -> Data:
    rng = np.random.default_rng(seed)
    x = rng.uniform(-np.pi, np.pi, n)
    return _column(x), _column(np.sin(x) + noise * rng.standard_normal(n))


def _classification(seed: int, n: int, noise: float) -> Data:
    from sklearn.datasets import make_classification

    x, labels = make_classification(n_samples=n, n_features=20, n_informative=15, n_redundant=5, random_state=seed)
    return x.astype(np.float32), _column(labels)


def _scattered(seed: int, n: int, noise: float) -> Data:
    x = np.random.default_rng(seed).uniform(-1, 1, (n, 2))
    return x.astype(np.float32), _column(np.arange(n) % 2)


def _line(seed: int, n: int, noise: float) -> Data:
    x = np.random.default_rng(seed).permutation(np.linspace(0, 199, n))
    return _column(x), _column(2 * x)


def _random_targets(seed: int, n: int, noise: float) -> Data:
    rng = np.random.default_rng(seed)
    return rng.random((n, 10)).astype(np.float32), rng.random((n, 1)).astype(np.float32)


def _rows(size: int, n: int, seed: int) -> np.ndarray:
    """All rows in their order if n is the size, else n different ones chosen by the seed."""
    if n > size:
        raise ValueError(f"samples must be at most {size}, all there are. Received: {n}.")
    return np.arange(size) if n == size else np.random.default_rng(seed).permutation(size)[:n]


def _digits(seed: int, n: int, noise: float) -> Data:
    from sklearn.datasets import load_digits

    x, labels = load_digits(return_X_y=True)
    rows = _rows(len(x), n, seed)
    return x[rows].astype(np.float32), _one_hot(labels[rows], 10)


def _digits_auto(seed: int, n: int, noise: float) -> Data:
    x = _digits(seed, n, noise)[0] / 16  # of 16 levels of grey
    return x, x.copy()


def _examples_of(fingerprint: str) -> Data:
    found = _given.get(fingerprint)
    if found is None:
        raise ValueError(gone(fingerprint))
    return found[1:]


@dataclass(frozen=True)
class Given:
    """`load` of a table that somebody gave; it holds the fingerprint and none of the examples.

    Raises:
        ValueError: the table has been dropped since.
    """

    fingerprint: str

    def __call__(self, seed: int, n: int, noise: float) -> Data:
        x, y = _examples_of(self.fingerprint)
        rows = _rows(len(x), n, seed)
        return x[rows], y[rows]


def give_examples(fingerprint: str, dataset: Dataset, x: np.ndarray, y: np.ndarray) -> None:
    """Takes in a table that somebody gave; it is dropped after two hours, or where others need the room."""
    _given.put(fingerprint, (dataset, x, y), x.nbytes + y.nbytes + 200 * (x.shape[1] + y.shape[1]))


def when_dropped(tell: Callable[[str], object]) -> None:
    """Has `tell(fingerprint)` called whenever a table that somebody gave has been dropped."""
    _given.when_dropped.append(tell)


def given(fingerprint: str) -> bool:
    """Whether that table is here."""
    return _given.get(fingerprint) is not None


def gone(fingerprint: str) -> str:
    """The sentence for a table that is not here."""
    return ("table must be the fingerprint of one that was given here in the last two hours. "
            f"Received: {fingerprint!r}.")


def dataset_of(name: str, fingerprint: str = "") -> Dataset:
    """The data set of that name; of `own`, the table with that fingerprint.

    Raises:
        UnknownNameError: there is no data set of that name.
        ValueError: there is no such table, or not any more.
    """
    if name != OWN or not fingerprint:
        return DATASETS[name]
    found = _given.get(fingerprint)
    if found is None:
        raise ValueError(gone(fingerprint))
    return found[0]


def _breast_cancer(seed: int, n: int, noise: float) -> Data:
    from sklearn.datasets import load_breast_cancer

    x, labels = load_breast_cancer(return_X_y=True)
    rows = _rows(len(x), n, seed)
    return x[rows].astype(np.float32), _column(labels[rows])


def _diabetes(seed: int, n: int, noise: float) -> Data:
    from sklearn.datasets import load_diabetes

    x, y = load_diabetes(return_X_y=True, scaled=False)
    rows = _rows(len(x), n, seed)
    return x[rows].astype(np.float32), _column(y[rows])


PLANE = ("x₁", "x₂")
MAX_GENERATED = 2000
_PIXELS = tuple(f"pixel {row},{column}" for row in range(8) for column in range(8))
KEPT = 64  # splits in memory: of those that are made here, and of those that come from elsewhere
OWN = "own"
# What viewers gave; with the tables they come from (`core.own_data`) 50 MB. A table of 2,000 rows has 0.7 MB at most.
_given: Kept[tuple[Dataset, np.ndarray, np.ndarray]] = Kept(20, 14e6, 7200.0)
_CELL_FEATURES = (
    "radius", "texture", "perimeter", "area", "smoothness",
    "compactness", "concavity", "concave points", "symmetry", "fractal dimension",
)  # fmt: skip

_MOONS = Dataset(
    name="moons",
    label="Moons",
    formula=r"x = (\cos t, \sin t)\ \text{or}\ (1 - \cos t, \tfrac12 - \sin t),\ t \in [0, \pi],"
    r"\ \text{plus}\ \sigma\varepsilon",
    summary="Two half circles that reach into each other; noise is the standard deviation around them.",
    source="scikit-learn make_moons (Pedregosa et al., 2011)",
    load=_moons,
    task="binary",
    feature_names=PLANE,
    target_names=("upper moon", "lower moon"),
    samples=256,
    max_samples=MAX_GENERATED,
    noise=0.1,
    noisy=True,
)

DATASETS: Registry[Dataset] = Registry(
    "data set",
    [
        Dataset(
            name="xor",
            label="XOR",
            formula=r"y = x_1 \oplus x_2,\quad x = c + \sigma\varepsilon,\ c \in \{0,1\}^2",
            summary="Four corners of a square: class 1 where exactly one coordinate is 1, else class 0; "
            "noise is the standard deviation around each corner.",
            source="Minsky & Papert, Perceptrons, 1969",
            load=_xor,
            task="binary",
            feature_names=PLANE,
            target_names=("equal", "different"),
            samples=256,
            max_samples=MAX_GENERATED,
            noise=0.1,
            noisy=True,
        ),
        Dataset(
            name="circles",
            label="Circles",
            formula=r"x = r\,(\cos t, \sin t) + \sigma\varepsilon,\quad r \in \{1, \tfrac12\}",
            summary="A ring within a ring; noise is the standard deviation around the rings.",
            source="scikit-learn make_circles (Pedregosa et al., 2011)",
            load=_circles,
            task="binary",
            feature_names=PLANE,
            target_names=("outer ring", "inner ring"),
            samples=256,
            max_samples=MAX_GENERATED,
            noise=0.1,
            noisy=True,
        ),
        _MOONS,
        Dataset(
            name="spirals",
            label="Spirals",
            formula=r"x = r\,(\cos(3\pi r + \pi y), \sin(3\pi r + \pi y)) + \sigma\varepsilon,\quad r = \sqrt{u},\ "
            r"u \sim U[0, 1)",
            summary="Two arms wound around each other one and a half times; "
            "noise is the standard deviation around the arms.",
            source="Lang & Witbrock, Learning to tell two spirals apart, 1988",
            load=_spirals,
            task="binary",
            feature_names=PLANE,
            target_names=("first arm", "second arm"),
            samples=256,
            max_samples=MAX_GENERATED,
            noise=0.03,
            noisy=True,
        ),
        Dataset(
            name="blobs",
            label="Blobs",
            formula=r"x = c_k + \sigma\varepsilon,\quad c_k \in \{-1, 1\}^2,\ \varepsilon \sim \mathcal N(0, I)",
            summary="Four round clouds of points, a class each; noise is the standard deviation of a cloud.",
            source="scikit-learn make_blobs (Pedregosa et al., 2011)",
            load=_blobs,
            task="multiclass",
            feature_names=PLANE,
            target_names=("lower left", "upper left", "lower right", "upper right"),
            samples=256,
            max_samples=MAX_GENERATED,
            noise=0.3,
            noisy=True,
        ),
        Dataset(
            name="sine",
            label="Sine",
            formula=r"y = \sin x + \sigma\varepsilon,\quad x \sim U[-\pi, \pi)",
            summary="One wave to follow; noise is the standard deviation of the target around it.",
            source="Bishop, Pattern Recognition and Machine Learning, 2006, section 1.1",
            load=_sine,
            task="regression",
            feature_names=("x",),
            target_names=("y",),
            samples=256,
            max_samples=MAX_GENERATED,
            noise=0.1,
            noisy=True,
        ),
        Dataset(
            name="line",
            label="Line, unscaled",
            formula=r"y = 2x,\quad x \in [0, 199]",
            summary="A straight line, in numbers as they come: inputs up to 199 and targets up to 398. "
            "The seed shuffles them.",
            source="LeCun, Bottou, Orr & Müller, Efficient BackProp, 1998, section 4.3, for what scale does",
            load=_line,
            task="regression",
            feature_names=("x",),
            target_names=("y",),
            samples=200,
            max_samples=MAX_GENERATED,
        ),
        Dataset(
            name="classification",
            label="Hypercube clusters",
            formula=r"x = A_k z + c_k,\quad z \sim \mathcal N(0, I_{15}),\ c_k\ \text{corners of a cube}",
            summary="Each class has two clusters at corners of a 15-dimensional cube; 5 more features are mixed from "
            "these 15, and 1 % of the labels are drawn at random.",
            source="scikit-learn make_classification; Guyon, Design of experiments for the NIPS 2003 variable "
            "selection benchmark, 2003",
            load=_classification,
            task="binary",
            feature_names=tuple(f"feature {i}" for i in range(1, 21)),
            target_names=("class 0", "class 1"),
            samples=1000,
            max_samples=MAX_GENERATED,
        ),
        Dataset(
            name="points",
            label="Points placed by hand",
            formula=r"x \in \mathbb R^2,\quad y \in \{0, 1\}",
            summary="Points that you place in the plane, each with its class; "
            "until you do, points and classes that have nothing to do with each other.",
            source="Rosenblatt, The perceptron, 1958, for two classes of points and what separates them",
            load=_scattered,
            task="binary",
            feature_names=PLANE,
            target_names=("class 0", "class 1"),
            samples=20,
            max_samples=MAX_GENERATED,
        ),
        replace(
            _MOONS,
            name=OWN,
            label="Own data",
            formula=r"x \in \mathbb R^d,\quad y = \text{a column of your table}",
            summary="A table of your own, as CSV or TSV; until you give one, two moons stand in for it.",
            source="A file of one's own; scikit-learn make_moons (Pedregosa et al., 2011)",
        ),
        Dataset(
            name="random_targets",
            label="Random targets",
            formula=r"x \sim U[0, 1)^{10},\quad y \sim U[0, 1)",
            summary="Ten random numbers and a target that has nothing to do with them: only learning by heart works.",
            source="Zhang et al., Understanding deep learning requires rethinking generalization, 2017",
            load=_random_targets,
            task="regression",
            feature_names=tuple(f"x{i}" for i in range(1, 11)),
            target_names=("y",),
            samples=1000,
            max_samples=MAX_GENERATED,
        ),
        Dataset(
            name="digits",
            label="Digits (real)",
            formula=r"x \in \{0, \dots, 16\}^{8 \times 8},\quad y \in \{0, \dots, 9\}",
            summary="Handwritten digits as 8 × 8 grey pixels: which of the ten is it?",
            source="Alpaydin & Kaynak, Optical recognition of handwritten digits, UCI, 1998",
            load=_digits,
            task="multiclass",
            feature_names=_PIXELS,
            target_names=tuple("0123456789"),
            samples=1797,
            max_samples=1797,
            real=True,
        ),
        Dataset(
            name="digits_auto",
            label="Digits as their own target (real)",
            formula=r"x \in [0, 1]^{8 \times 8},\quad y = x",
            summary="Handwritten digits as 8 × 8 grey pixels between 0 and 1; an autoencoder is to copy them.",
            source="Alpaydin & Kaynak, Optical recognition of handwritten digits, UCI, 1998; Hinton & Salakhutdinov, "
            "Reducing the dimensionality of data with neural networks, 2006",
            load=_digits_auto,
            task="regression",
            feature_names=_PIXELS,
            target_names=_PIXELS,
            samples=1797,
            max_samples=1797,
            real=True,
            scaled=True,
        ),
        Dataset(
            name="breast_cancer",
            label="Breast cancer (real)",
            formula=r"x \in \mathbb R^{30},\quad y \in \{\text{malignant}, \text{benign}\}",
            summary="Thirty measurements of cell nuclei under the microscope: is the tumour malignant or benign?",
            source="Wolberg, Street & Mangasarian, Breast cancer Wisconsin (diagnostic), UCI, 1995",
            load=_breast_cancer,
            task="binary",
            feature_names=(
                *(f"mean {name}" for name in _CELL_FEATURES),
                *(f"{name} error" for name in _CELL_FEATURES),
                *(f"worst {name}" for name in _CELL_FEATURES),
            ),
            target_names=("malignant", "benign"),
            samples=569,
            max_samples=569,
            real=True,
        ),
        Dataset(
            name="diabetes",
            label="Diabetes (real)",
            formula=r"x \in \mathbb R^{10},\quad y = \text{progression after a year}",
            summary="Age, sex, body mass, blood pressure and six blood values: how far did the disease go in a year?",
            source="Efron, Hastie, Johnstone & Tibshirani, Least angle regression, 2004",
            load=_diabetes,
            task="regression",
            feature_names=("age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"),
            target_names=("disease progression",),
            samples=442,
            max_samples=442,
            real=True,
        ),
    ],
)


@dataclass(frozen=True)
class Split:
    """Examples to train on and examples held back. Arrays are float32 and read-only.

    Attributes:
        x_train, y_train: shapes (train_size, features) and (train_size, outputs).
        x_validation, y_validation: the examples held back; None if there are none.
        stratified: whether each class has the same share in both parts.
    """

    x_train: np.ndarray
    y_train: np.ndarray
    x_validation: np.ndarray | None
    y_validation: np.ndarray | None
    stratified: bool


def train_size(samples: int, test_fraction: float) -> int:
    """How many examples `split` trains on; what is held back is rounded up, as scikit-learn does."""
    return samples - math.ceil(test_fraction * samples)


_elsewhere: OrderedDict[Hashable, Split | Callable[[], Split]] = OrderedDict()
_elsewhere_lock = Lock()


def put(fingerprint: Hashable, examples: Split | Callable[[], Split]) -> None:
    """Takes in examples that come from elsewhere, in the place of the least recently used if there are KEPT of them.

    Args:
        fingerprint: what equal examples share and others do not: the arguments of `split` that would make them, which
            then does not need scikit-learn; or a hash of their contents.
        examples: or what reads them, once they are needed.
    """
    with _elsewhere_lock:
        _elsewhere[fingerprint] = examples
        _elsewhere.move_to_end(fingerprint)
        if len(_elsewhere) > KEPT:
            _elsewhere.popitem(last=False)


def _from_elsewhere(fingerprint: Hashable) -> Split | None:
    with _elsewhere_lock:
        found = _elsewhere.pop(fingerprint, None)
        if found is None:
            return None
        _elsewhere[fingerprint] = read = _read_only(found() if callable(found) else found)  # as the last one used
        return read


def split(name: str, samples: int, noise: float, test_fraction: float, seed: int, points: Points = (),
          standardise: bool | None = None, units: int | None = None, table: str = "") -> Split:
    """The data set, shuffled and split by scikit-learn's `train_test_split` with the seed as its random state.

    What was `put` under these arguments is that already.

    Classes keep their shares in both parts where they can; where a class has a single example, or a part fewer
    examples than there are classes, the split is by chance. Inputs and regression targets are standardised with
    mean and standard deviation of the training part (a constant column is only centred).

    Args:
        name: of the data set.
        samples: between 1 and the data set's `max_samples`.
        noise: between 0 and 1.
        test_fraction: share held back; 0 holds back nothing and leaves the order as it is.
        seed: of the examples and of the split.
        points: the examples themselves, in place of what the data set would load.
        standardise: None for the data set's own way: most real ones are.
        units: columns of y where they are not the data set's; see `fitted`.
        table: of `own`, the fingerprint of the table.

    Raises:
        UnknownNameError: there is no data set of that name.
        ValueError: nothing would be left to train on, a real set has fewer examples, or a table is not here any more.
    """
    if table:  # is not kept beyond its time, so not in a cache
        return _split(dataset_of(name, table), samples, noise, test_fraction, seed, points, standardise, units)
    key = name, samples, noise, test_fraction, seed, points, standardise, units
    return _from_elsewhere((*key, table)) or _made(*key)


@lru_cache(maxsize=KEPT)
def _made(name: str, samples: int, noise: float, test_fraction: float, seed: int, points: Points,
          standardise: bool | None, units: int | None) -> Split:
    return _split(DATASETS[name], samples, noise, test_fraction, seed, points, standardise, units)


def _split(dataset: Dataset, samples: int, noise: float, test_fraction: float, seed: int, points: Points,
           standardise: bool | None, units: int | None) -> Split:
    if not (0 <= test_fraction < 1 and train_size(samples, test_fraction) >= 1):
        raise ValueError(
            "test_fraction must be at least 0 and leave an example to train on. "
            f"Received: {test_fraction} of {samples} samples."
        )
    x, y = _placed(points) if points else dataset.load(seed, samples, noise)
    x_validation = y_validation = None
    stratified = False
    if test_fraction > 0:
        from sklearn.model_selection import train_test_split

        labels = _labels(dataset, y)
        stratified = labels is not None and _can_stratify(labels, test_fraction)
        x, x_validation, y, y_validation = train_test_split(
            x, y, test_size=test_fraction, random_state=seed, stratify=labels if stratified else None
        )
    if dataset.standardised if standardise is None else standardise:
        x, x_validation = _standardise(x, x_validation)
        if dataset.task == "regression":
            y, y_validation = _standardise(y, y_validation)
    if units is not None:
        y = fitted(dataset, y, units)
        y_validation = None if y_validation is None else fitted(dataset, y_validation, units)
    return _read_only(Split(x, y, x_validation, y_validation, stratified))


def _read_only(one: Split) -> Split:
    for array in (one.x_train, one.y_train, one.x_validation, one.y_validation):
        if array is not None:
            array.setflags(write=False)
    return one


def _placed(points: Points) -> Data:
    table = np.array(points, np.float32)  # (n, 3)
    return table[:, :2], table[:, 2:]


def _labels(dataset: Dataset, y: np.ndarray) -> np.ndarray | None:
    """The class of each example, shape (samples,); None for a regression."""
    if dataset.task == "regression":
        return None
    return y.argmax(1) if dataset.task == "multiclass" else y[:, 0]


def fitted(dataset: Dataset, y: np.ndarray, units: int) -> np.ndarray:
    """Targets for another number of output units. Shapes (samples, outputs) -> (samples, units).

    One unit is given the class as a whole number from 0, several are given one-hot rows, with columns to spare that
    stay 0. A number to predict is given to every unit, which is what Keras makes of it.
    """
    labels = _labels(dataset, y)
    if labels is None:
        return y if y.shape[1] == units else np.repeat(y, units, axis=1)
    return _column(labels) if units == 1 else _one_hot(labels.astype(int), units)


def misfit(dataset: Dataset, units: int) -> str:
    """What number of output units the targets have a meaning for, if not this one; else an empty string."""
    if not dataset.classes:
        return "" if dataset.outputs in (1, units) else f"{dataset.outputs}, one for each number to predict"
    return "" if units == 1 or units >= dataset.classes else (
        f"1, for the class as a number, or at least {dataset.classes}, one for each class")


def _can_stratify(labels: np.ndarray, test_fraction: float) -> bool:
    """Whether each class has two examples at least, and either part room for one of each class."""
    counts = np.unique(labels, return_counts=True)[1]
    training = train_size(len(labels), test_fraction)
    return bool(counts.min() >= 2 and min(training, len(labels) - training) >= len(counts))


def _standardise(train: np.ndarray, validation: np.ndarray | None) -> tuple[np.ndarray, np.ndarray | None]:
    """(x − mean) / standard deviation, a column at a time, both taken from the training part."""
    mean = train.mean(0, dtype=np.float64)
    deviation = train.std(0, dtype=np.float64)
    deviation[np.ptp(train, axis=0) == 0] = 1.0

    def scaled(x: np.ndarray) -> np.ndarray:
        return ((x - mean) / deviation).astype(np.float32)

    return scaled(train), None if validation is None else scaled(validation)
