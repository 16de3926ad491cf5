"""RunSpec: what to train, as names and numbers. It is the key of every cache, of every link and of every export."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from itertools import pairwise
from typing import Any

from core.activations import ACTIVATIONS
from core.custom_loss import CUSTOM, FIRST, custom_loss, loss_of
from core.datasets import DATASETS, OWN, Dataset, Points, Split, dataset_of, misfit, split, train_size
from core.fields import Field, Fingerprint, Flag, Flags, FormulaText, Integer, Integers, Name, Names, Number, Placed
from core.initializers import INITIALIZERS
from core.losses import LOSSES, Loss, default_loss
from core.optimizers import OPTIMIZERS
from core.registry import one_of

QUERY_VERSION = "1"
MAX_WIDTH, MAX_STEPS = 512, 20000
MAX_COST = 2e11  # multiply-adds of the forward passes of one run: 10 to 40 s of one slow core
HIDDEN_ACTIVATIONS = tuple(name for name, entry in ACTIVATIONS.items() if entry.elementwise)
CLIPS = ("none", "value", "norm", "global_norm")
MOST_SEEDS = 2**31  # 0 to the largest

# What each field of a RunSpec may be: sliders offer low to high, core accepts minimum to maximum.
FIELDS: dict[str, Field] = {
    "dataset": Name("Data set", "What the network learns from.", "circles", tuple(DATASETS), DATASETS),
    "samples": Integer("Samples", "How many examples there are, validation included.", None,
                       low=16, high=2000, minimum=4, maximum=2000, optional=True),
    "noise": Number("Noise", "How far noise moves the examples of a made-up set: its standard deviation.", None,
                    high=1, maximum=1, step=0.05, optional=True),
    "test_fraction": Number("Validation share", "Share of the examples kept aside for validation.", 0.2,
                            high=0.5, maximum=0.9, step=0.05),
    "points": Placed("Points", "The examples placed by hand: two inputs and the class of each.", (),
                     low=-2, high=2, minimum=-5, maximum=5, step=0.01),
    "table": Fingerprint("Table", "The table that was given as data.", ""),
    "standardise": Flag("Standardise", "Brings inputs, and numbers to predict, to mean 0 and spread 1.", None,
                        optional=True),
    "widths": Integers("Hidden layers", "Units of each hidden layer, first to last.", (32,) * 10,
                       low=2, high=128, minimum=1, maximum=MAX_WIDTH),
    "activation": Names("Activation", "The function that each hidden layer applies to its sums.", "sigmoid",
                        HIDDEN_ACTIVATIONS, ACTIVATIONS),
    "alpha": Number("α", "The activation's own parameter.", None, high=2, maximum=10, step=0.05, optional=True),
    "initializer": Name("Initializer", "How the kernels are drawn before step 0.", "glorot_uniform",
                        tuple(INITIALIZERS), INITIALIZERS),
    "gain": Number("Gain", "Multiplies every initial kernel.", 1.0, low=0.1, high=4, maximum=20, step=0.1),
    "bias_std": Number("Bias spread", "Standard deviation of the initial biases.", 0.0, high=1, maximum=10, step=0.05),
    "batch_norm": Flags("Batch norm", "Brings each unit's sum to mean 0 and variance 1 over the batch, before its "
                        "activation; scale and shift are then learned.", False),
    "skip": Flag("Skip connections", "Adds a layer's input to its output where both are equally wide.", False),
    "dropout": Number("Dropout", "Share of the units switched off at random in every step.", 0.0,
                      high=0.8, maximum=0.95, step=0.05),
    "loss": Name("Loss", "The number that training makes small.", None, (*LOSSES, CUSTOM), LOSSES, optional=True),
    "formula": FormulaText("Formula", "The formula of a loss of your own, in y_true and y_pred.", FIRST,
                           canonical=lambda text: custom_loss(text).typed.text),
    "output": Name("Output activation", "The function after the output layer.", None, tuple(ACTIVATIONS), ACTIVATIONS,
                   optional=True),
    "output_units": Integer("Output units", "Units of the output layer.", None,
                            low=1, high=10, minimum=1, maximum=MAX_WIDTH, optional=True),
    "optimizer": Name("Optimizer", "How a gradient becomes a step.", "sgd", tuple(OPTIMIZERS), OPTIMIZERS),
    "learning_rate": Number("Learning rate", "How large the steps are: too small and learning takes long, too large "
                            "and the loss jumps.", 0.1, low=1e-4, high=10, maximum=100, log=True),
    "momentum": Number("Momentum", "Share of the last step that is added to the next.", 0.9, high=0.99, maximum=0.999,
                       step=0.01),
    "batch_size": Integer("Batch size", "How many examples each step is computed from; none means all.", None,
                          low=1, high=512, minimum=1, maximum=2000, optional=True),
    "clip": Name("Clipping", "Limits gradients before the update.", "none", CLIPS),
    "clip_threshold": Number("Clip threshold", "The largest entry or norm that clipping leaves of a gradient.", 1.0,
                             low=0.01, high=10, minimum=1e-6, maximum=1e6, log=True),
    "steps": Integer("Steps", "How often the weights are updated.", 300,
                     low=20, high=2000, minimum=1, maximum=MAX_STEPS, step=10),
    "seed": Integer("Seed", "Decides the data, the initial kernels and the order of the batches.", 0,
                    high=99, maximum=MOST_SEEDS - 1),
}


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
    table: str = FIELDS["table"].default  # for the data set `own`: the fingerprint of the table
    standardise: bool | None = FIELDS["standardise"].default  # None: as the data set usually is
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
    output: str | None = FIELDS["output"].default  # None: what fits loss and task
    output_units: int | None = FIELDS["output_units"].default  # None: what fits the targets
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
            self._set({"samples": None})
        self._set({name: one.checked(name, getattr(self, name)) for name, one in FIELDS.items()})
        if self.dataset != OWN:
            self._set({"table": ""})
        self._set({"_described": dataset_of(self.dataset, self.table)})  # without examples, and no field
        self._set(self._filled())
        self._check_together()
        self._set(self._without_effect())
        if self.cost > MAX_COST:
            raise ValueError(
                f"steps × batch × kernel entries must be at most {MAX_COST:.0e} multiply-adds, so steps at most "
                f"{self.affordable_steps}. Received: {self.steps} steps, {self.cost:.1e} multiply-adds.")

    def _set(self, values: Mapping[str, Any]) -> None:
        """While it is being made; afterwards it never changes."""
        for name, value in values.items():
            object.__setattr__(self, name, value)

    # --- what follows from the fields -------------------------------------------------------------------------------

    @property
    def data_set(self) -> Dataset:
        described: Dataset = vars(self)["_described"]
        return described

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
        return self.output or self.loss_entry.output_of(self.task)

    @property
    def outputs(self) -> int:
        """Units of the output layer."""
        return self.output_units or self.data_set.outputs

    @property
    def usual_output(self) -> bool:
        """Whether activation and units of the output are those that fit loss and targets."""
        return self.output is None and self.output_units is None

    @property
    def standardised(self) -> bool:
        """Whether inputs and numbers to predict are standardised."""
        return self.data_set.standardised if self.standardise is None else self.standardise

    @property
    def depth(self) -> int:
        """Number of hidden layers."""
        return len(self.widths)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Units from the input to the output: (features, *widths, outputs)."""
        return (self.data_set.features, *self.widths, self.outputs)

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
        return skips(self.sizes, self.skip)

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
        return [replace(self, seed=(self.seed + number) % MOST_SEEDS) for number in range(count)]

    def data(self) -> Split:
        """Training and validation arrays (cached, read-only)."""
        return split(*self.data_key)

    @property
    def data_key(self) -> tuple[Any, ...]:
        """What its examples depend on: the arguments of `core.datasets.split`."""
        return (self.dataset, self.samples, self.noise, self.test_fraction, self.seed, self.points, self.standardise,
                self.output_units, self.table)

    # --- validity ---------------------------------------------------------------------------------------------------

    def _filled(self) -> dict[str, Any]:
        """The fields that follow from others: those left out, and what placed points decide."""
        data_set, points = self.data_set, self.points if self.dataset == "points" else ()
        filled: dict[str, Any] = {"points": points}
        if points:  # they are all there is, so nothing is held back
            filled |= {"samples": len(points), "test_fraction": 0.0}
        elif self.samples is None:
            filled["samples"] = data_set.samples
        if self.noise is None or not data_set.noisy:
            filled["noise"] = data_set.noise
        return filled

    def _check_together(self) -> None:
        data_set = self.data_set
        if self.samples > data_set.max_samples:
            raise ValueError(f"samples of {self.dataset} must be at most {data_set.max_samples}. "
                             f"Received: {self.samples}.")
        for name in ("activation", "batch_norm"):
            value = getattr(self, name)
            if isinstance(value, tuple) and len(value) != self.depth:
                raise ValueError(f"{name} must be one value or one for each of the {self.depth} hidden layers. "
                                 f"Received: {len(value)}.")
        fitting = fitting_losses(self.task)
        if self.output is None and self.loss_name not in fitting:
            raise ValueError(f"{self.loss} does not fit {self.dataset}, a {self.task} task: "
                             + one_of("loss", fitting, self.loss))
        units = misfit(data_set, self.outputs)
        if units:
            raise ValueError(f"output_units of {self.dataset}, a {self.task} task, must be {units}. "
                             f"Received: {self.output_units}.")
        held = self.samples - self.train_samples
        classes = data_set.classes or 1
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
        if self.output == self.loss_entry.outputs.get(self.task):
            quiet["output"] = None
        if self.output_units == self.data_set.outputs:
            quiet["output_units"] = None
        if self.standardise == self.data_set.standardised:
            quiet["standardise"] = None
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
        return {name: one.written(getattr(self, name)) for name, one in FIELDS.items()
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
        for name, one in FIELDS.items():
            if name in query:
                value, note = one.nearest(name, query[name])
                notes += [note] if note else []
                if note is None or value is not None:
                    values[name] = value
        for name, belongs in (("points", "points"), ("table", OWN)):
            if values.get(name) and "dataset" not in query:
                values["dataset"] = belongs
        return _mend(values, notes), notes


def skips(sizes: tuple[int, ...], skip: bool) -> tuple[bool, ...]:
    """Which hidden layers of a network of these sizes add their input to their output: those as wide as it."""
    return tuple(skip and a == b for a, b in pairwise(sizes[:-1]))


def fitting_losses(task: str) -> list[str]:
    """The names of the losses a task can have, in the order of their menu."""
    return [name for name in FIELDS["loss"].choices if task in loss_of(name, FIRST).outputs]


# --- links: fields that do not fit together -------------------------------------------------------------------------


def _mend(values: dict[str, Any], notes: list[str]) -> RunSpec:
    """A valid run from fields that are each valid alone: mends what does not fit together, and says so."""
    try:
        data_set = dataset_of(values.get("dataset", FIELDS["dataset"].default), values.get("table", ""))
    except ValueError as error:
        notes.append(f"{error} Left out.")
        data_set = DATASETS[OWN]
        values["table"] = ""
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
    for name, mended in (("loss", None), ("output_units", None), ("test_fraction", 0.0)):
        try:
            return RunSpec(**values)
        except ValueError as error:
            if name in str(error).split("must")[0]:
                taken = "its default" if mended is None else FIELDS[name].written(mended)
                notes.append(f"{error} Taken as {taken}.")
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


assert {field.name for field in fields(RunSpec)} == set(FIELDS)
