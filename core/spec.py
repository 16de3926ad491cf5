"""RunSpec: what to train, as names and numbers. It is the key of every cache, of every link and of every export."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import pairwise
from typing import Any

from core.activations import ACTIVATIONS
from core.custom_loss import CUSTOM, FIRST, custom_loss, loss_of
from core.datasets import DATASETS, Dataset, Points, Split, split, train_size
from core.initializers import INITIALIZERS
from core.losses import LOSSES, Loss, default_loss
from core.optimizers import OPTIMIZERS
from core.registry import Registry, closest, one_of

QUERY_VERSION = "1"
QUERY_LIMIT = 600  # characters of one value in a link; 50 layers with an activation each need 11 a layer at most
MAX_COST = 2e11  # multiply-adds of the forward passes of one run: 10 to 40 s of one slow core
HIDDEN_ACTIVATIONS = tuple(name for name, entry in ACTIVATIONS.items() if entry.elementwise)
MOST_POINTS = 40
CLIPS = ("none", "value", "norm", "global_norm")


@dataclass(frozen=True)
class Field:
    """What one field of a RunSpec may be: its default, what sliders offer (low to high) and what core accepts at all.

    `kind` is one of `name`, `names`, `flag`, `flags`, `integer`, `integers`, `number`, `formula`, `points`; `choices`
    are the allowed names.
    """

    kind: str
    label: str
    help: str
    default: Any
    choices: tuple[str, ...] = ()
    low: float = 0
    high: float = 0
    minimum: float = 0
    maximum: float = 0
    step: float = 1
    log: bool = False
    optional: bool = False


FIELDS: dict[str, Field] = {
    "dataset": Field("name", "Data set", "What the network learns from.", "circles", tuple(DATASETS)),
    "samples": Field("integer", "Samples", "Examples, validation included.", None,
                     low=16, high=2000, minimum=4, maximum=2000, optional=True),
    "noise": Field("number", "Noise", "Standard deviation of the noise added to a made-up set.", None,
                   high=1, maximum=1, step=0.05, optional=True),
    "test_fraction": Field("number", "Validation share", "Share of the examples kept aside for validation.", 0.2,
                           high=0.5, maximum=0.9, step=0.05),
    "points": Field("points", "Points", "The examples placed by hand: two inputs and the class of each.", (),
                    low=-2, high=2, minimum=-5, maximum=5, step=0.01),
    "widths": Field("integers", "Hidden layers", "Units of each hidden layer, first to last.", (32,) * 10,
                    low=2, high=128, minimum=1, maximum=512),
    "activation": Field("names", "Activation", "The function after each hidden layer.", "sigmoid", HIDDEN_ACTIVATIONS),
    "alpha": Field("number", "α", "The activation's own parameter.", None,
                   high=2, maximum=10, step=0.05, optional=True),
    "initializer": Field("name", "Initializer", "How the kernels are drawn before step 0.", "glorot_uniform",
                         tuple(INITIALIZERS)),
    "gain": Field("number", "Gain", "Multiplies every initial kernel.", 1.0, low=0.1, high=4, maximum=20, step=0.1),
    "bias_std": Field("number", "Bias spread", "Standard deviation of the initial biases.", 0.0,
                      high=1, maximum=10, step=0.05),
    "batch_norm": Field("flags", "Batch norm", "Normalises z over the batch, before the activation.", False),
    "skip": Field("flag", "Skip connections", "Adds a layer's input to its output where the widths agree.", False),
    "dropout": Field("number", "Dropout", "Share of the units switched off at random in every step.", 0.0,
                     high=0.8, maximum=0.95, step=0.05),
    "loss": Field("name", "Loss", "What training makes small.", None, (*LOSSES, CUSTOM), optional=True),
    "formula": Field("formula", "Formula", "The loss, in y_true and y_pred, where it is a custom one.", FIRST),
    "optimizer": Field("name", "Optimizer", "How a gradient becomes a step.", "sgd", tuple(OPTIMIZERS)),
    "learning_rate": Field("number", "Learning rate", "Size of a step.", 0.1, low=1e-4, high=10, maximum=100, log=True),
    "momentum": Field("number", "Momentum", "Share of the last step that is kept.", 0.9,
                      high=0.99, maximum=0.999, step=0.01),
    "batch_size": Field("integer", "Batch size", "Examples in one step; none: all of them.", None,
                        low=1, high=512, minimum=1, maximum=2000, optional=True),
    "clip": Field("name", "Clipping", "Limits gradients before the update.", "none", CLIPS),
    "clip_threshold": Field("number", "Clip threshold", "The limit.", 1.0,
                            low=0.01, high=10, minimum=1e-6, maximum=1e6, log=True),
    "steps": Field("integer", "Steps", "Updates of the weights.", 300, low=20, high=2000, minimum=1, maximum=20000,
                   step=10),
    "seed": Field("integer", "Seed", "Decides the data, the initial kernels and the order of the batches.", 0,
                  high=99, maximum=2**31 - 1),
}
MAX_DEPTH = 50
_TABLES: dict[str, Registry[Any]] = {"dataset": DATASETS, "activation": ACTIVATIONS, "initializer": INITIALIZERS,
                                     "loss": LOSSES, "optimizer": OPTIMIZERS}


@dataclass(frozen=True)
class RunSpec:
    """One training run: data, network, loss, optimizer and how long.

    Equal runs are equal objects: what has no effect is set to its default (the momentum of Adam, the threshold of no
    clipping), a batch as large as the training part is None, `samples` and `noise` left out are the data set's own.

    Raises:
        ValueError: a value of the wrong kind, out of range, or at odds with another; the sentence names the field,
            what is allowed and what arrived.
    """

    dataset: str = FIELDS["dataset"].default
    samples: int = FIELDS["samples"].default  # None: the data set's own number
    noise: float = FIELDS["noise"].default
    test_fraction: float = FIELDS["test_fraction"].default
    points: Points = FIELDS["points"].default  # for the data set `points`: what is placed decides `samples`
    widths: tuple[int, ...] = FIELDS["widths"].default
    activation: str | tuple[str, ...] = FIELDS["activation"].default
    alpha: float | None = FIELDS["alpha"].default
    initializer: str = FIELDS["initializer"].default
    gain: float = FIELDS["gain"].default
    bias_std: float = FIELDS["bias_std"].default
    batch_norm: bool | tuple[bool, ...] = FIELDS["batch_norm"].default
    skip: bool = FIELDS["skip"].default
    dropout: float = FIELDS["dropout"].default
    loss: str | None = FIELDS["loss"].default
    formula: str = FIELDS["formula"].default  # what the loss `custom` computes
    optimizer: str = FIELDS["optimizer"].default
    learning_rate: float = FIELDS["learning_rate"].default
    momentum: float = FIELDS["momentum"].default
    batch_size: int | None = FIELDS["batch_size"].default
    clip: str = FIELDS["clip"].default
    clip_threshold: float = FIELDS["clip_threshold"].default
    steps: int = FIELDS["steps"].default
    seed: int = FIELDS["seed"].default

    def __post_init__(self) -> None:
        if self.dataset == "points" and self.points:
            object.__setattr__(self, "samples", None)
        for name in FIELDS:
            object.__setattr__(self, name, _checked(name, getattr(self, name)))
        self._check_together()
        for name, value in self._without_effect().items():
            object.__setattr__(self, name, value)
        if self.cost > MAX_COST:
            raise ValueError(
                f"steps × batch × kernel entries must be at most {MAX_COST:.0e} multiply-adds, so steps at most "
                f"{self.affordable_steps}. Received: {self.steps} steps, {self.cost:.1e} multiply-adds.")

    # --- what follows from the fields -------------------------------------------------------------------------------

    @property
    def data_set(self) -> Dataset:
        return DATASETS[self.dataset]

    @property
    def task(self) -> str:
        """`regression`, `binary` or `multiclass`."""
        return self.data_set.task

    @property
    def loss_name(self) -> str:
        return self.loss or default_loss(self.task)

    @property
    def loss_entry(self) -> Loss:
        """The loss itself, from the table or typed."""
        return loss_of(self.loss_name, self.formula)

    @property
    def output_activation(self) -> str:
        return self.loss_entry.outputs[self.task]

    @property
    def depth(self) -> int:
        """Number of hidden layers."""
        return len(self.widths)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Units from the input to the output: (features, *widths, outputs)."""
        return (self.data_set.features, *self.widths, self.data_set.outputs)

    @property
    def activations(self) -> tuple[str, ...]:
        """The activation of each hidden layer."""
        return (self.activation,) * self.depth if isinstance(self.activation, str) else self.activation

    @property
    def batch_norms(self) -> tuple[bool, ...]:
        """Whether each hidden layer is normalised."""
        return (self.batch_norm,) * self.depth if isinstance(self.batch_norm, bool) else self.batch_norm

    @property
    def skips(self) -> tuple[bool, ...]:
        """Whether each hidden layer adds its input to its output."""
        return tuple(self.skip and a == b for a, b in pairwise(self.sizes[:-1]))

    @property
    def train_samples(self) -> int:
        return train_size(self.samples, self.test_fraction)

    @property
    def batch(self) -> int:
        """Examples in a full batch of training."""
        return self.batch_size or self.train_samples

    @property
    def epoch_steps(self) -> int:
        """Steps in an epoch, a full pass over the training examples; the last batch may be short."""
        return -(-self.train_samples // self.batch)

    @property
    def epochs(self) -> float:
        """How many epochs the run takes."""
        return self.steps / self.epoch_steps

    @property
    def kernel_entries(self) -> int:
        return sum(a * b for a, b in pairwise(self.sizes))

    @property
    def cost(self) -> float:
        """Multiply-adds of all forward passes, the measure that is capped."""
        return float(self.kernel_entries) * self.batch * self.steps

    @property
    def affordable_steps(self) -> int:
        return int(MAX_COST // (self.kernel_entries * self.batch))

    def with_seeds(self, count: int) -> list[RunSpec]:
        """The same run with so many seeds, counted on from its own; after the largest comes 0."""
        seeds = int(FIELDS["seed"].maximum) + 1
        return [replace(self, seed=(self.seed + number) % seeds) for number in range(count)]

    def data(self) -> Split:
        """Training and validation arrays (cached, read-only)."""
        return split(*self.data_key)

    @property
    def data_key(self) -> tuple[Any, ...]:
        """What its examples depend on: the arguments of `core.datasets.split`."""
        return self.dataset, self.samples, self.noise, self.test_fraction, self.seed, self.points

    # --- validity ---------------------------------------------------------------------------------------------------

    def _check_together(self) -> None:
        data_set = self.data_set
        if self.dataset != "points":
            object.__setattr__(self, "points", ())
        if self.points:  # they are all there is, so nothing is held back
            object.__setattr__(self, "samples", len(self.points))
            object.__setattr__(self, "test_fraction", 0.0)
        if self.samples is None:
            object.__setattr__(self, "samples", data_set.samples)
        if self.noise is None or not data_set.noisy:
            object.__setattr__(self, "noise", data_set.noise)
        if self.samples > data_set.max_samples:
            raise ValueError(f"samples of {self.dataset} must be at most {data_set.max_samples}. "
                             f"Received: {self.samples}.")
        for name in ("activation", "batch_norm"):
            value = getattr(self, name)
            if isinstance(value, tuple) and len(value) != self.depth:
                raise ValueError(f"{name} must be one value or one for each of the {self.depth} hidden layers. "
                                 f"Received: {len(value)}.")
        fitting = fitting_losses(self.task)
        if self.loss_name not in fitting:
            raise ValueError(f"{self.loss} does not fit {self.dataset}, a {self.task} task: "
                             + one_of("loss", fitting, self.loss))
        held = self.samples - self.train_samples
        classes = len(data_set.target_names) if self.task != "regression" else 1
        if self.test_fraction and min(held, self.train_samples) < classes:
            raise ValueError(f"test_fraction must leave at least {classes} examples on either side of the split, or be "
                             f"0. Received: {self.test_fraction} of {self.samples} samples.")

    def _without_effect(self) -> dict[str, Any]:
        """The fields that change nothing in this run, with the value that says so."""
        quiet: dict[str, Any] = {}
        if self.loss == default_loss(self.task):
            quiet["loss"] = None
        if self.loss != CUSTOM:
            quiet["formula"] = FIRST
        if self.alpha is not None and {ACTIVATIONS[name].alpha for name in self.activations} <= {None, self.alpha}:
            quiet["alpha"] = None
        for name in ("activation", "batch_norm"):
            value = getattr(self, name)
            if isinstance(value, tuple) and len(set(value)) == 1:
                quiet[name] = value[0]
        if not any(self.skips):
            quiet["skip"] = False
        if "momentum" not in OPTIMIZERS[self.optimizer].hyperparameters:
            quiet["momentum"] = FIELDS["momentum"].default
        if self.batch_size and self.batch_size >= self.train_samples:
            quiet["batch_size"] = None
        if self.clip == "none":
            quiet["clip_threshold"] = FIELDS["clip_threshold"].default
        return quiet

    # --- links ------------------------------------------------------------------------------------------------------

    def to_query(self) -> dict[str, str]:
        """What differs from the default, as strings for a link, and the version of the defaults."""
        usual = {name: field.default for name, field in FIELDS.items()}
        usual |= {"samples": self.data_set.samples, "noise": self.data_set.noise}
        usual |= {"samples": self.samples, "test_fraction": self.test_fraction} if self.points else {}
        return {name: _written(getattr(self, name)) for name in FIELDS
                if getattr(self, name) != usual[name]} | {"v": QUERY_VERSION}

    @classmethod
    def from_query(cls, query: Mapping[str, Any]) -> tuple[RunSpec, list[str]]:
        """The nearest valid run to what a link says, and a sentence for each thing that had to be changed.

        Never raises on what a stranger typed; fields that are not in the query have their defaults.
        """
        notes: list[str] = []
        values: dict[str, Any] = {}
        if str(query.get("v", QUERY_VERSION)) != QUERY_VERSION:
            notes.append(one_of("v (the version of the link)", [QUERY_VERSION], query["v"]) + " Read as version 1.")
        unknown = [str(name)[:40] for name in query if name not in FIELDS and name != "v"]
        if unknown:
            more = f" and {len(unknown) - 3} more" if len(unknown) > 3 else ""
            named = ", ".join(map(repr, unknown[:3]))
            notes.append(f"The link names {named}{more}, which this page does not have; left out.")
        for name in FIELDS:
            if name in query:
                value, note = _nearest(name, query[name])
                notes += [note] if note else []
                if note is None or value is not None:
                    values[name] = value
        if values.get("points") and "dataset" not in query:
            values["dataset"] = "points"
        return _mend(values, notes), notes


def fitting_losses(task: str) -> list[str]:
    """The names of the losses a task can have, in the order of their menu."""
    return [name for name in FIELDS["loss"].choices if task in loss_of(name, FIRST).outputs]


# --- one value of one field ----------------------------------------------------------------------------------------


def _checked(name: str, value: Any) -> Any:
    """The value in its canonical type, or a ValueError that names the field, what is allowed and what arrived."""
    field = FIELDS[name]
    if value is None and field.optional:
        return None
    if field.kind == "names" and isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(_name(name, one) for one in value)
    if field.kind in ("name", "names"):
        return _name(name, value)
    if field.kind == "flags" and isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(_flag(name, one) for one in value)
    if field.kind in ("flag", "flags"):
        return _flag(name, value)
    if field.kind == "formula":
        return _formula(name, value)
    if field.kind == "integers":
        if isinstance(value, str) or not isinstance(value, Sequence) or not 1 <= len(value) <= MAX_DEPTH:
            raise ValueError(f"{name} must be 1 to {MAX_DEPTH} whole numbers, one a layer. Received: {_short(value)}.")
        return tuple(_number(name, one) for one in value)
    if field.kind == "points":
        return _points(name, value)
    return _number(name, value)


def _points(name: str, value: Any) -> Points:
    """The points with their coordinates rounded to 1/100, which keeps 40 of them short enough for a link."""
    field = FIELDS[name]
    wrong = ValueError(f"{name} must be at most {MOST_POINTS} triples of two numbers from {field.minimum:g} to "
                       f"{field.maximum:g} and a class, 0 or 1. Received: {_short(value)}.")
    if isinstance(value, str) or not isinstance(value, Sequence) or len(value) > MOST_POINTS:
        raise wrong
    placed = []
    for one in value:
        if isinstance(one, str) or not isinstance(one, Sequence) or len(one) != 3 or one[2] not in (0, 1):
            raise wrong
        try:
            x1, x2 = (round(float(_number(name, coordinate)), 2) + 0.0 for coordinate in one[:2])  # + 0.0: no −0
        except ValueError:
            raise wrong from None
        placed.append((x1, x2, int(one[2])))
    return tuple(placed)


def _name(name: str, value: Any) -> str:
    table = _TABLES.get(name)
    known = table[value].name if table is not None and isinstance(value, str) and value in table else value
    if not isinstance(known, str) or known not in FIELDS[name].choices:
        raise ValueError(one_of(name, FIELDS[name].choices, value))
    return known


def _formula(name: str, value: Any) -> str:
    """The formula in the one way of writing it, so that equal runs are equal."""
    try:
        return custom_loss(value).typed.text
    except (ValueError, TypeError, AttributeError) as error:
        what = f"; {error}" if isinstance(error, ValueError) else "."
        raise ValueError(f"{name} must be a text in y_true and y_pred{what} Received: {_short(value)}.") from None


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, (bool, int)) or value not in (0, 1):
        raise ValueError(f"{name} must be True or False. Received: {_short(value)}.")
    return bool(value)


def _number(name: str, value: Any) -> int | float:
    field = FIELDS[name]
    whole = field.kind in ("integer", "integers")
    kind = "an integer" if whole else "a number"
    wrong = ValueError(f"{name} must be {kind} from {field.minimum:.12g} to {field.maximum:.12g}. "
                       f"Received: {_short(value)}.")
    if isinstance(value, (bool, str)):
        raise wrong
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise wrong from None
    if not field.minimum <= number <= field.maximum or (whole and number != int(number)):
        raise wrong
    return int(value) if whole else number


def _short(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= 60 else shown[:57] + "..."


# --- links: reading what a stranger typed ---------------------------------------------------------------------------


def _written(value: Any) -> str:
    """A field's value as it stands in a link; `_parsed` reads it back."""
    if value is None:
        return "none"
    if isinstance(value, tuple) and value and isinstance(value[0], tuple):
        return ";".join(f"{x1:g},{x2:g},{label}" for x1, x2, label in value)
    if isinstance(value, tuple) and type(value[0]) is int:
        same = len(set(value)) == 1 and len(value) > 1
        return f"{value[0]}x{len(value)}" if same else ",".join(map(str, value))
    if isinstance(value, tuple):
        return ",".join(map(_written, value))
    if isinstance(value, float):
        short = f"{value:g}"
        return short if float(short) == value else repr(value)
    return str(int(value)) if isinstance(value, bool) else str(value)


def _nearest(name: str, written: Any) -> tuple[Any, str | None]:
    """(value, None) for a good value, (nearest or None, sentence) for another; None: take the default."""
    text = str(written).strip()
    field = FIELDS[name]
    if len(text) > QUERY_LIMIT:
        return None, f"{name} in the link is {len(text)} characters long (at most {QUERY_LIMIT}); left out."
    try:
        return _checked(name, _parsed(name, text)), None
    except (ValueError, OverflowError) as error:
        sentence = str(error)
    near: Any = None
    if field.kind == "name" or (field.kind == "names" and "," not in text):
        near = _near_name(name, text)
    elif field.kind == "names":
        near = tuple(_near_name(name, part) or field.default for part in text.split(","))[:MAX_DEPTH]
    elif field.kind in ("integer", "number"):
        near = _near_number(name, text)
    elif field.kind == "integers":
        widths = tuple(_near_number(name, part) for part in _expanded(text))[:MAX_DEPTH]
        near = widths if widths and None not in widths else None
    elif field.kind == "points":
        near = tuple(filter(None, map(_near_point, text.split(";"))))[:MOST_POINTS]
        return near or None, f"{sentence} {f'{len(near)} of them taken' if near else 'Left out'}."
    return near, f"{sentence} {'Left out' if near is None else f'Taken as {_written(near)}'}."


def _parsed(name: str, text: str) -> Any:
    kind = FIELDS[name].kind
    if FIELDS[name].optional and text == "none":
        return None
    if kind == "names" and "," in text:
        return tuple(part.strip() for part in text.split(","))
    if kind in ("flag", "flags"):
        flags = tuple(_FLAGS.get(part.strip().lower(), part) for part in text.split(","))
        return flags[0] if len(flags) == 1 else flags
    if kind == "integers":
        return tuple(_as_number(part) for part in _expanded(text))
    if kind == "points":
        return tuple(tuple(map(_as_number, one.split(","))) for one in text.split(";") if one.strip())
    return _as_number(text) if kind in ("integer", "number") else text


_FLAGS = {"1": True, "true": True, "on": True, "yes": True, "0": False, "false": False, "off": False, "no": False}


def _expanded(text: str) -> list[str]:
    """`32x3,8` -> 32 32 32 8 (as text); a count that is no number stays where it is and fails as one."""
    units: list[str] = []
    for part in text.split(","):
        width, times, count = part.strip().partition("x")
        if times and count.isascii() and count.isdigit():
            units += [width] * min(int(count), MAX_DEPTH + 1)
        else:
            units.append(part.strip())
        if len(units) > MAX_DEPTH:
            break
    return units


def _as_number(text: str) -> Any:
    try:
        number = float(text)
    except ValueError:
        return text
    return int(number) if number.is_integer() else number


def _near_name(name: str, text: str) -> str | None:
    table = _TABLES.get(name)
    lowered = text.strip().lower()
    if table is not None and lowered in table and table[lowered].name in FIELDS[name].choices:
        return table[lowered].name
    return closest(text, FIELDS[name].choices)


def _near_number(name: str, text: str) -> Any:
    field = FIELDS[name]
    number = _as_number(text.strip())
    if isinstance(number, str) or math.isnan(number):
        return None
    number = min(max(number, field.minimum), field.maximum)
    return round(number) if field.kind in ("integer", "integers") else float(number)


def _near_point(text: str) -> tuple[float, float, int] | None:
    x1, x2, label, *_ = [*(_near_number("points", part) for part in text.split(",")), None, None, None]
    return None if x1 is None or x2 is None or label is None else (x1, x2, int(label >= 0.5))


def _mend(values: dict[str, Any], notes: list[str]) -> RunSpec:
    """A valid run from fields that are each valid alone: mends what does not fit together, and says so."""
    data_set = DATASETS[values.get("dataset", FIELDS["dataset"].default)]
    depth = len(values.get("widths", FIELDS["widths"].default))
    if (values.get("samples") or 0) > data_set.max_samples:
        notes.append(f"{data_set.name} has {data_set.max_samples} samples. Received: {values['samples']}. "
                     "All of them are taken.")
        values["samples"] = data_set.max_samples
    for name in ("activation", "batch_norm"):
        value = values.get(name)
        if isinstance(value, tuple) and len(value) != depth:
            notes.append(f"{name} has {len(value)} entries for {depth} hidden layers. "
                         + ("The last one is repeated." if len(value) < depth else "The rest is left out."))
            values[name] = (value + value[-1:] * depth)[:depth]
    # Each of these removes one field that can be at odds with the others; what is left then is always valid.
    for name, mended in (("loss", None), ("test_fraction", 0.0)):
        try:
            return RunSpec(**values)
        except ValueError as error:
            if name in str(error).split("must")[0]:
                notes.append(f"{error} Taken as {_written(mended) if name == 'test_fraction' else 'its default'}.")
                values[name] = mended
    return _afford(values, notes)


def _afford(values: dict[str, Any], notes: list[str]) -> RunSpec:
    """The same run with as many steps, and then with as small a batch, as the cap on its cost allows."""
    cheapest = RunSpec(**values | {"steps": 1, "batch_size": 1})
    batch = min(values.get("batch_size") or cheapest.train_samples, int(MAX_COST // cheapest.kernel_entries))
    one = RunSpec(**values | {"steps": 1, "batch_size": batch})
    asked = values.get("steps", FIELDS["steps"].default)
    steps = max(1, min(asked, one.affordable_steps))
    if steps < asked:
        notes.append(f"A run of this size may take at most {steps} steps. Received: {asked}. Taken as {steps}.")
    return replace(one, steps=steps)


_DEFAULT = RunSpec()
assert {field.name for field in fields(RunSpec)} == set(FIELDS)
