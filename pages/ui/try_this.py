"""One-click set-ups: runs worth seeing, by page, each named after what will be seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import cos, sin

import streamlit as st

from core import curves, optimizer_runs, own_loss, regularization, slopes, symmetry
from core.anatomy import OPENS, SOURCE
from core.custom_loss import FIRST
from core.families import FAMILIES
from core.mistake import CONFIDENT
from core.perceptron import AND, NETWORK, OR, XOR
from core.shipped import DEEP_RELU
from core.small_net import WEIGHTS
from core.spec import RunSpec
from core.surfaces import SURFACES
from pages.ui import link, player
from pages.ui.panel import followed


@dataclass(frozen=True)
class Setup:
    """A run to look at, in one sentence what to look for, and the page's own choices (as text) where they matter.

    spec: None where the run does not matter.
    plays: whether there is a run to watch.
    """

    label: str
    spec: RunSpec | None
    look: str
    own: Mapping[str, str] = field(default_factory=dict)
    plays: bool = True


_NET = {"x1": "0.5", "x2": "0.2", "x3": "0.1", "y": "1", "f": "sigmoid", "loss": "mse", "rate": "1",
        "updates": "40", "w": ",".join(f"{weight:g}" for weight in WEIGHTS)}
_FAR_OUT = ",".join(f"{weight:g}" for weight in (*WEIGHTS[:-1], -5))
_SURE = {"z": "6", "truth": "0"}  # the mistake of that network
_RULE = {"show": "rule", "rate": "0.1", "epochs": "100"}
_GAP = ((0, 0, 0), (0.3, 0.9, 0), (1, 0.35, 0), (0.45, 1.15, 1), (1.1, 0.55, 1), (1.2, 1.2, 1))
_RING = (*((round(cos(0.785 * i), 2), round(sin(0.785 * i), 2), 0) for i in range(8)), (0.1, 0.1, 1), (-0.2, 0.1, 1),
         (0, -0.2, 1))
_ON_XOR, _ON_AND, _ON_OR, _ON_GAP, _ON_RING = (
    replace(NETWORK, points=points) for points in (XOR, AND, OR, _GAP, _RING))

SETUPS: dict[str, tuple[Setup, ...]] = {
    "perceptron rule": (
        Setup("XOR cannot be (P1)", _ON_XOR, "The course's run: 100 epochs over XOR end with the predictions 1, 1, 0, "
              "0. Two are wrong, and no more epochs would help.", _RULE),
        Setup("AND", _ON_AND, "Only (1, 1) is class 1. Each mistake moves the line; after a few epochs it rests.",
              _RULE),
        Setup("OR", _ON_OR, "Only (0, 0) is class 0.", _RULE),
        Setup("A narrow gap", _ON_GAP, "A line exists, but there is little room for it: the narrower the gap, the more "
              "mistakes it takes.", _RULE),
        Setup("A ring", _ON_RING, "One class in the middle of the other: no line exists, and the rule never rests.",
              _RULE),
    ),
    "backprop": (
        Setup("The course's net (P6)", RunSpec(), "Input (0.5, 0.2, 0.1), sigmoid twice. Step through one update, then "
              "play the loop.", _NET, plays=False),
        Setup("ReLU", RunSpec(), "A hidden unit whose z is negative is off: its slope is 0, so δ and "
              "all gradients into it are 0.", _NET | {"f": "relu", "x3": "-2"}, plays=False),
        Setup("Sure and wrong", RunSpec(), "The output's z is far out, where σ is flat: the slope is "
              "tiny, and so is every gradient, although the answer is wrong.", _NET | {"w": _FAR_OUT}, plays=False),
        Setup("… with cross-entropy", RunSpec(), "The same net and mistake: ∂L/∂ŷ is as large as σ′ is small, and the "
              "product is ŷ − y.", _NET | {"w": _FAR_OUT, "loss": "binary_crossentropy"}, plays=False),
        Setup("The loop", RunSpec(), "Forward, loss, backward, update, again and again: ŷ moves to y.",
              _NET | {"rate": "0.5", "updates": "60"}),
    ),
    "perceptron hidden": (
        Setup("XOR solved", _ON_XOR, "The same four points, and four hidden units.", {"show": "hidden"}),
        Setup("One hidden unit", replace(_ON_XOR, widths=(1,)), "One hidden unit draws one line: XOR stays unsolved.",
              {"show": "hidden"}),
        Setup("The ring solved", replace(_ON_RING, widths=(8,)), "Eight hidden units close a curve around the middle.",
              {"show": "hidden"}),
    ),
    "gradients": (
        Setup("Sigmoid vanishes", RunSpec(),
              "The slope of a sigmoid is at most 1/4: with these kernels every layer passes on about a quarter of "
              "the signal."),
        Setup("Tanh with Glorot trains", RunSpec(dataset="digits", activation="tanh", widths=(128,) * 10,
                                                 batch_size=64),
              "At step 0 the signal shrinks to 0.4 toward the input, the kernel gradient does not: they differ."),
        Setup("ReLU with He, 50 layers", RunSpec(activation="relu", initializer="he_normal", widths=(64,) * 50,
                                                 learning_rate=0.01),
              "He's variance makes up for the half that ReLU switches off: the line stays level over 50 layers."),
        Setup("Explodes", RunSpec(activation="relu", initializer="he_normal", gain=1.5, widths=(32,) * 20),
              "Kernels half as large again: every layer multiplies the signal, and a few steps overflow."),
        Setup("Explodes, but clipped", RunSpec(activation="relu", initializer="he_normal", gain=1.5, widths=(32,) * 20,
                                               clip="global_norm"),
              "The same network with the gradient's norm limited to 1 before each update: nothing overflows, and the "
              "loss falls."),
        Setup("Batch norm makes ReLU grow", RunSpec(activation="relu", initializer="he_normal", batch_norm=True,
                                                    widths=(64,) * 20),
              "At step 0 the signal grows toward the input, ×1.21 a layer and more in the first; it still trains."),
        Setup("All zeros", RunSpec(activation="tanh", initializer="zeros"),
              "With every kernel 0 no signal gets through: only the last bias ever learns."),
        Setup("ReLU dies", RunSpec(activation="relu", initializer="he_normal", widths=(8,) * 10, learning_rate=3.0),
              "Large steps push units to where ReLU's slope is 0; once a whole layer is there, nothing comes back."),
        Setup("XOR with 4 ReLU (P2)", RunSpec(dataset="xor", samples=4, noise=0.0, test_fraction=0.0, widths=(4,),
                                              activation="relu", optimizer="adam", learning_rate=0.001, batch_size=1,
                                              steps=400),
              "100 epochs over four points: with most of 100 seeds at least one of them stays wrong. See which change "
              "helps, and below one seed's gradients."),
        Setup("Clipping in Keras (P9)", RunSpec(dataset="random_targets", test_fraction=0.0, widths=(128, 64),
                                                activation="relu", optimizer="adam", learning_rate=0.001,
                                                batch_size=32, clip="norm", steps=320),
              "clipnorm=1 limits the norm of every kernel and bias. It bites in the first six steps, with seed 2 in "
              "none; after that the gradients are smaller than that."),
    ),
    "anatomy net": (
        Setup("Two hidden layers", OPENS, "Twelve units, then twelve more: 205 numbers wind the line between two "
              "spirals."),
        Setup("Two units enclose nothing", replace(OPENS, dataset="circles", noise=None, widths=(2,),
                                                   learning_rate=0.05),
              "Two units make two cuts: the line may bend, but it cannot close around the inner ring."),
        Setup("Three units do", replace(OPENS, dataset="circles", noise=None, widths=(3,), learning_rate=0.05),
              "Three cuts make a triangle with round corners. One unit more is four parameters: 13 against 9."),
        Setup("Narrow and deep", replace(OPENS, widths=(4,) * 4), "Four layers of four units: 77 parameters where "
              "the first set-up has 205, and nearly as good on the same spirals."),
        Setup("Four classes", replace(OPENS, dataset="blobs", noise=None, widths=(8,)), "One output a class, and "
              "softmax: the colour is the most likely class, paler where it is less sure."),
        Setup("The source's model (P11)", SOURCE, "1,408 + 8,256 + 65 = 9,729 parameters. Ten inputs, so there is no "
              "plane to draw in; too many units to draw one by one."),
    ),
    "anatomy families": tuple(
        Setup(family.label, None, family.summary, {"part": "families", "family": name}, plays=False)
        for name, family in FAMILIES.items()),
    "activations curves": (
        Setup("Four curves", None, "The curve is what a unit passes forward, its slope what it lets back of "
              "a signal. Move the point z.", {"z": "2", "show": ",".join(slopes.SHOWN)}, plays=False),
        Setup("In the middle", None, "At z = 0 tanh lets back everything, SiLU and GELU half, and sigmoid a quarter: "
              "that is the most it ever does.", {"z": "0", "show": "sigmoid,tanh,silu,gelu"}, plays=False),
        Setup("The silent side", None, "Left of 0 ReLU passes on nothing in either direction; Leaky ReLU and "
              "ELU were made to leave something.", {"z": "-2", "show": "relu,leaky_relu,elu"}, plays=False),
    ),
    "activations deep": (
        Setup("Slopes multiply", slopes.DEEP, "The same ten layers, data and seed. At step 0 sigmoid leaves a quarter "
              "of the signal in every layer, tanh, ReLU and GELU most of it.",
              {"part": "deep", "show": ",".join(slopes.SHOWN), "kernels": slopes.USUAL}),
        Setup("ReLU without He", slopes.DEEP, "With Glorot's kernels ReLU keeps ×0.71 a layer at step 0, √(1/2): half "
              "the units are off, and nothing makes up for them.",
              {"part": "deep", "show": "tanh,relu,selu", "kernels": "glorot_normal"}),
        Setup("Skip connections", replace(slopes.DEEP, skip=True), "Each layer adds its input to its output, so the "
              "signal has a way back past every slope, sigmoid's too.",
              {"part": "deep", "show": "sigmoid,tanh", "kernels": slopes.USUAL}),
    ),
    "activations layers": (
        Setup("XOR, ReLU then tanh (P4)", slopes.XOR, "4 ReLU, 3 tanh, 1 sigmoid, 100 epochs with Adam at its usual "
              "rate: it ends without having learned XOR.", {"part": "layers"}),
        Setup("… at 20 times the rate", replace(slopes.XOR, learning_rate=0.02), "The same 100 epochs, and more seeds "
              "get there.", {"part": "layers"}),
        Setup("… and twice the units", replace(slopes.XOR, learning_rate=0.02, widths=(8, 4)), "8 ReLU and 4 tanh: "
              "with more units it is rare that too many of them are off.", {"part": "layers"}),
    ),
    "activations softmax": (
        Setup("Three logits", None, "Raising one logit raises its probability and lowers the others.",
              {"z1": "2", "z2": "1", "z3": "0", "c": "0"}, plays=False),
        Setup("Far ahead", None, "One logit is far ahead: its probability is nearly 1 and all slopes are nearly "
              "0.", {"z1": "6", "z2": "-2", "z3": "-4", "c": "0"}, plays=False),
        Setup("Shifted by 1000", None, "Adding 1000 to every logit changes no probability, but the formula as "
              "it stands overflows.", {"z1": "2", "z2": "1", "z3": "0", "c": "1000"}, plays=False),
    ),
    "activations linear": (
        Setup("Five layers, one matrix", None, "Without activations five layers are a straight line, the same "
              "as one matrix; with them the line bends.", {"stack": "5"}, plays=False),
        Setup("Twenty layers", None, "Still one matrix, however deep. And a deep sigmoid stack answers the same "
              "to everything.", {"stack": "20"}, plays=False),
    ),
    "losses": (
        Setup("Squared or absolute", CONFIDENT, "The squared error pulls harder the larger the error is, the absolute "
              "error always equally hard; Huber and log-cosh change from one to the other.",
              {"show": "curves", "over": "number"}, plays=False),
        Setup("Sure and wrong", CONFIDENT, "At logit −6 with label 1 the slope of the squared error has all but gone; "
              "that of cross-entropy is at its largest.", {"show": "curves", "over": "logit", "logit": "-6",
                                                           "label": "1"}, plays=False),
        Setup("KL and cross-entropy", CONFIDENT, "With a target of 0.7, KL divergence is cross-entropy minus a "
              "constant: its least value is 0, its slope is the same.",
              {"show": "curves", "over": "class", "t": "0.7"}, plays=False),
        Setup("One outlier", CONFIDENT, "One point far off the line moves the least-squares line; the other three "
              "hardly notice.", {"show": "outlier", "place": "11", "distance": "12"}, plays=False),
        Setup("Outlier in the middle", CONFIDENT, "Here it lifts the line and hardly turns it. The further out to the "
              "side it stands, the more it turns it.", {"show": "outlier", "place": "5", "distance": "12"},
              plays=False),
        Setup("A sure, wrong network", CONFIDENT, "It starts out sure that every example has label 1. "
              "Cross-entropy corrects that in a few steps, the squared error hardly moves.",
              {"show": "mistake"} | _SURE),
        Setup("The same with Adam", replace(CONFIDENT, optimizer="adam", learning_rate=0.001),
              "Adam divides a gradient by its own size, so a small one steps as far as a large one: the two losses "
              "learn almost alike.",
              {"show": "mistake"} | _SURE),
    ),
    "regularization dropout": (
        Setup("56 tumours (P5)", regularization.DROPOUT, "30 → 64 → 32 → 1 on 56 examples of the breast cancer data, "
              "50 epochs: both learn them by heart, dropout more slowly; new examples tell the two hardly apart.",
              {"part": "dropout"}),
        Setup("Where it helps: diabetes", regularization.DROPOUT_HELPS, "A regression on 221 patients: without dropout "
              "the validation loss turns and rises, with it it stays down.", {"part": "dropout"}),
        Setup("Too much", replace(regularization.DROPOUT_HELPS, dropout=0.9), "Nine of ten units dropped: what is left "
              "is too little to learn the training part.", {"part": "dropout"}),
    ),
    "regularization batch_norm": (
        Setup("56 tumours (P7)", regularization.BATCH_NORM, "30 → 64 → BN → 64 → 32 → BN → 32 → 1 on 56 examples: the "
              "seeds do not agree whether it helps.", {"part": "batch_norm"}),
        Setup("Large steps, all 56 at once", regularization.BATCH_NORM_HELPS, "Ten times the rate, full batches: "
              "without batch norm the kernels run off and the validation loss with them.", {"part": "batch_norm"}),
    ),
    "curves": (
        Setup("The course's run (P8)", curves.SOURCE, "1000 examples, 64 → 32 → 1, Adam, 50 epochs: both losses fall "
              "and stay down; the gap between them is no alarm."),
        Setup("Underfits: one unit", curves.TOO_SMALL, "The same data and 50 epochs at a larger rate, but a single "
              "hidden unit: both curves come to rest high up."),
        Setup("Underfits: too short", curves.TOO_SHORT, "A tenth of the rate and 10 epochs: both curves are still on "
              "their way down when it ends."),
        Setup("Overfits: few examples", curves.TOO_FEW, "160 examples to train on and ten times the rate: the training "
              "loss goes to 0, the validation loss turns early and rises."),
    ),
    "losses formula": (
        Setup("MSE, typed (P10)", own_loss.RUN, "The mean of the squared errors, typed: both lines are the same, "
              "and both runs.", {"show": "formula", "formula": FIRST}),
        Setup("Huber, typed", own_loss.RUN, "Squared for small errors, straight for large ones: where chooses between "
              "two formulas.", {"show": "formula", "formula": "where(abs(y_true - y_pred) <= 1, square(y_true - y_pred)"
                                " / 2, abs(y_true - y_pred) - 0.5)"}),
        Setup("Too high costs more", own_loss.RUN, "An error upward pulls nine times as hard as one downward: the "
              "network learns to stay low.", {"show": "formula", "formula":
                                              "maximum(0.9 * (y_pred - y_true), 0.1 * (y_true - y_pred))"}),
        Setup("Not a number", own_loss.RUN, "A cross-entropy without a sigmoid: the logarithm of a negative prediction "
              "is not a number, so the run ends before its first step.",
              {"show": "formula", "formula": "-(y_true * log(y_pred) + (1 - y_true) * log(1 - y_pred))"}),
        Setup("No slope", own_loss.RUN, "Counting the errors is what one would like to make small. It is a step: "
              "its slope is 0, so no gradient says where to go.",
              {"show": "formula", "formula": "where(abs(y_true - y_pred) > 0.1, 1, 0)"}, plays=False),
        Setup("Two classes", replace(own_loss.RUN, dataset="moons"), "A focal loss: what is nearly right hardly "
              "counts, so that the hard examples do.", {
                  "show": "formula", "formula": "-square(y_true - y_pred) * log(1.000001 - abs(y_true - y_pred))"}),
    ),
    "optimizers surface": (
        *(Setup(SURFACES[name].label, None, look, {
            "show": "surface", "surface": name, "x0": f"{SURFACES[name].start[0]:g}",
            "y0": f"{SURFACES[name].start[1]:g}", "rate": rate, "adaptive": "own", "moves": moves})
        for name, rate, moves, look in (
            ("ravine", "own", "100", "Across it is twenty times as steep as along. Gradient descent drops to the "
             "floor and walks along it, momentum swings across, Adam cuts the corner."),
            ("bowl", "own", "100", "Equally steep everywhere: gradient descent goes straight and needs nothing more."),
            ("saddle", "own", "150", "It starts next to the ridge. Dividing by the gradient's size leaves the "
             "ridge first."),
            ("beale", "own", "300", "Nearly flat around the minimum: what adds up its steps gets there first."),
            ("rosenbrock", "own", "600", "Into the bent valley is quick; along its floor gradient descent would take "
             "thousands of steps."),
        )),
        Setup("Too large a rate", None, "On the ravine the limit is 2/20 = 0.1 for gradient descent, 0.19 for "
              "momentum. At 0.2 both leave the chart and diverge.",
              {"show": "surface", "surface": "ravine", "x0": "-4", "y0": "1.5", "rate": "0.2", "adaptive": "own",
               "moves": "100"}),
    ),
    "optimizers network": (
        Setup("Deep sigmoid", optimizer_runs.DEEP, "Five sigmoid layers: a step of gradient descent changes a kernel "
              "by about a ten-thousandth of its size, one of Adam by tens of times as much.", {"show": "network"}),
        Setup("ReLU with He", replace(optimizer_runs.DEEP, activation="relu", initializer="he_normal",
                                      learning_rate=0.1), "Where the signal gets through, gradient descent learns too.",
              {"show": "network"}),
    ),
    "optimizers rates": (
        Setup("Gradient descent", optimizer_runs.RATED, "Nine rates, the same network: too small learns slowly, too "
              "large not at all.", {"show": "rates"}),
        Setup("Adam", replace(optimizer_runs.RATED, optimizer="adam"), "With Adam the good rates are smaller, because "
              "the rate is the length of a step.", {"show": "rates"}),
    ),
    "optimizers batches": (
        Setup("One to all", optimizer_runs.BATCHED, "The same number of steps with one, 8, 32 or all examples each: "
              "fewer are noisier.", {"show": "batches"}),
        Setup("At a large rate", replace(optimizer_runs.BATCHED, learning_rate=1.0), "A large rate makes the noise "
              "count: single examples never settle.", {"show": "batches"}),
    ),
    "initializers": (
        Setup("ReLU, 30 layers", DEEP_RELU, "ReLU halves the signal's mean square in every layer. He's variance makes "
              "up for that; with half of it, little is left after thirty layers.", {"show": "compare"}),
        Setup("Tanh, 20", RunSpec(activation="tanh", widths=(32,) * 20), "At step 0 LeCun and Glorot, here the "
              "same 1/32, keep the signal level; He's 2/32 makes it grow toward the input.", {"show": "compare"}),
        Setup("SELU, 30", RunSpec(activation="selu", widths=(32,) * 30, learning_rate=0.01),
              "SELU was made for LeCun's variance: there the signal stays nearest to level.", {"show": "compare"}),
        Setup("Sigmoid, 10", RunSpec(), "Its slope is at most 1/4: none of the eleven makes up for that.",
              {"show": "compare"}),
        Setup("ReLU, 3", RunSpec(activation="relu", widths=(32,) * 3),
              "Over three layers Glorot's factor does little harm; with the fixed 0.05 of random uniform layer 1 gets "
              "about a hundredth, with that of random normal a twentieth.",
              {"show": "compare"}),
        Setup("Batch norm", replace(DEEP_RELU, batch_norm=True), "Batch norm undoes any scale of the kernels: "
              "the random ones become nearly alike. Equal units it cannot tell apart.", {"show": "compare"}),
        Setup("Glorot (P3)", DEEP_RELU, "Var(W) = 2/(n_in + n_out), measured on a kernel that Keras drew.",
              {"show": "kernel", "kernel": "glorot_uniform", "fan_in": "64", "fan_out": "32"}, plays=False),
        Setup("Equal units", symmetry.RUN,
              "Every step changes equal units equally. Six of them do the work of one.", {"show": "units"},
              plays=False),
        Setup("Random biases", replace(symmetry.RUN, bias_std=0.1), "Kernels of ones, but biases that "
              "differ: now the units differ too. That alone does not make the network learn.",
              {"show": "units"}, plays=False),
    ),
}


def setups(page: str) -> None:
    """A row of set-ups; the one on the screen is marked, and what to look for stands below."""
    table = {setup.label: setup for setup in SETUPS[page]}
    now = link.current()
    active = next((setup for setup in table.values()
                   if setup.spec in (None, now.spec) and setup.own.items() <= now.own.items()), None)
    marked = active.label if active else None
    with st.container(key="setups", gap="xxsmall"):
        st.pills("Try this", list(table), label_visibility="collapsed", **followed(
            f"setups_{page}", marked, lambda label: _open(table[label] if label else active), {"default": marked},
            everywhere=page == now.page))
        st.caption(active.look if active else "Settings of your own. One click above brings a set-up back.")


def _open(setup: Setup | None) -> None:
    """Opens a set-up; a click on the one that is on the screen already opens it again."""
    if setup is None:
        return
    link.open_run(setup.spec or link.current().spec, setup.own)
    if setup.plays:
        player.play_from_start()
    else:
        player.look_afresh()
