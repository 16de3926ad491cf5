"""What is wrong with somebody's network: a table of rules, each with its reason and its source.

A mismatch of output, loss and targets shows in the program, so it is certain whatever the numbers are. What is only
unusual (a scale, a rate, an activation) is named where the numbers say that it hurts: where the verdict
(`core.diagnosis`) is that it does not learn, or where much is left of what a guess has to lose. Causes come before
symptoms. Thresholds that are not the verdict's were set on one half of `tests/core/finding_programs.py`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from core import mismatches, troubles
from core.cases import Case, case_of
from core.diagnosis import YOUNG
from core.finding import KINDS, Finding, Rule, asks_accuracy
from core.words import count

__all__ = ["KINDS", "Finding", "findings"]


def findings(what: Any) -> list[Finding]:
    """What is wrong with a network, most important first; one finding of kind `nothing` where nothing is.

    Args:
        what: a `core.records.Record`; anything with a `network`, such as what was read of code; anything with a `spec`
            and a `history`, such as a run of this app; or a pair of these two.

    Raises:
        TypeError: it is none of these.
    """
    case = case_of(what)
    with np.errstate(all="ignore"):  # what overflows is what is asked about
        program = _first_of_each(PROGRAM, case)
        training = _first_of_each(TRAINING, case)
        if any(one.certain for one in program):  # then it may follow from that
            training = [replace(one, certain=False) for one in training]
        kinds = {one.kind for one in program}
        found = program + [one for one in training if one.kind not in kinds]
        found.sort(key=lambda one: not one.certain)
        symptoms = [one for rule in SYMPTOMS if (one := rule.find(case))]
    if found:  # what mends the cause mends what is seen of it
        symptoms = [replace(one, fix="") if one.kind != "overfit" else one for one in symptoms]
    if any(one.certain for one in program):  # how fast it goes says little then
        symptoms = [one for one in symptoms if one.kind != "slow"]
    return found + symptoms or [_nothing(case)]


def _of_kind(kind: str, one: Finding | None) -> Finding | None:
    return one if one and one.kind == kind else None


def _first_of_each(rules: tuple[Rule, ...], case: Case) -> list[Finding]:
    """What rules find, of each kind the first."""
    found: dict[str, Finding] = {}
    for rule in rules:
        one = rule.find(case)
        if one and one.kind not in found:
            found[one.kind] = one
    return list(found.values())


def _nothing(case: Case) -> Finding:
    trained = case.measured is not None
    hit = (" Accuracy says nothing of numbers: look at the loss." if case.numbers and case.of_numbers
           and asks_accuracy(case) else "")
    step = case.number("step")
    begun = case.kind == "learned" or step >= YOUNG
    sentence = (("It learns, and nothing in its numbers is out of order." if begun else
                 f"Nothing in its numbers is out of order, but {count(int(step), 'step')} say little of how it learns.")
                if trained else
                "Nothing in the program is out of order; how it trains is not known.")
    return Finding("nothing", trained, None, sentence + hit, "",
                   {name: case.number(name) for name in ("loss", "guess", "left") if trained})


# --- the tables -------------------------------------------------------------------------------------------------------

GOODFELLOW = "Goodfellow, Bengio & Courville 2016, Deep Learning"
ISLAM = "Islam et al. 2019, A comprehensive study on deep learning bug characteristics"
UMLAUT = "Schoop, Huang & Hartmann 2021, UMLAUT"
KERAS = "Keras documentation, losses and metrics"

# What the program and its data show, however it was trained.
PROGRAM = (
    Rule("input_scale", "An input or a target is NaN or infinite.", "NaN in one example is NaN in every sum with it.",
         UMLAUT, mismatches.missing_numbers),
    Rule("output_units", "One output for more than two classes, an output too few for the labels, or several for one "
         "number.", "A class needs an output of its own.", f"{GOODFELLOW}, section 6.2.2; {ISLAM}",
         mismatches.units_for_targets),
    Rule("output_activation", "Softmax on one output.", "e^z / e^z is 1 whatever z is.", f"{UMLAUT}; {ISLAM}",
         mismatches.softmax_of_one),
    Rule("loss", "A loss of several classes with one output.", "The share of one output among one is always 1.", KERAS,
         mismatches.loss_of_one),
    Rule("output_activation", "Two of sigmoid and softmax, one on the other.",
         "The second sees numbers between 0 and 1 only, and cannot answer clearly.", UMLAUT,
         mismatches.activated_twice),
    Rule("loss", "`from_logits=True` on sigmoid or softmax.", "The loss applies the activation itself.", KERAS,
         mismatches.logits_twice),
    Rule("output_activation", "A cross-entropy of what is no probability, or of sigmoids that do not compete.",
         "A logarithm of 0 or less is cut off, and its slope is 0 there.", f"{GOODFELLOW}, section 6.2.2; {UMLAUT}",
         mismatches.not_a_probability),
    Rule("loss", "Cosine similarity with one output.", "The cosine of two numbers is the product of their signs.",
         KERAS, mismatches.direction_of_one),
    Rule("loss", "Binary cross-entropy of a softmax of more than two.", "It asks of every class yes or no.", ISLAM,
         mismatches.binary_of_many),
    Rule("loss", "A loss of classes, and targets that are numbers outside 0 to 1.",
         "The likelihood of a class says nothing of amounts.", f"{GOODFELLOW}, section 6.2.2",
         mismatches.amounts_as_classes),
    Rule("labels", "Class numbers in one column, and several outputs.", "Broadcasting compares each with the number.",
         KERAS, mismatches.broadcast),
    Rule("labels", "One-hot rows, and a sparse loss.", "It takes the number of the class.", KERAS,
         mismatches.one_hot_against_sparse),
    Rule("labels", "Labels outside what the loss is made for.", "The loss has no least value there.", KERAS,
         mismatches.label_range),
    Rule("labels", "All targets are equal.", "A constant answers them all.", UMLAUT, mismatches.one_label),
    Rule("output_activation", "Several ones in a target row, and softmax.", "Softmax shares out a single 1.",
         f"{GOODFELLOW}, section 6.2.2", mismatches.several_labels),
    Rule("output_activation", "Targets beyond the ends of the output's activation.",
         "What cannot be said is not learned.", f"{GOODFELLOW}, section 6.2.2; {ISLAM}",
         lambda case: _of_kind("output_activation", mismatches.out_of_reach(case))),
    Rule("output_activation", "A ReLU output that answers 0 only.", "ReLU's slope is 0 there.", "Lu et al. 2019",
         mismatches.silent_output),
    Rule("target_scale", "An autoencoder whose targets are beyond its output.", "What cannot be said is not learned.",
         f"{GOODFELLOW}, chapter 14", lambda case: _of_kind("target_scale", mismatches.out_of_reach(case))),
    Rule("batch_norm", "Batch norm of Dense units with a batch of one.", "The spread over one example is 0.",
         "Ioffe & Szegedy 2015", troubles.norm_of_one),
    Rule("symmetric", "All hidden kernels start as one number.", "Equal units get equal gradients.",
         f"{GOODFELLOW}, section 8.4", troubles.equal_units),
)

# What is unusual, where it hurts.
TRAINING = (
    Rule("activation", "No hidden activation, and it does not learn what it should.",
         "A product of matrices is a matrix.", f"{GOODFELLOW}, section 6.1", troubles.only_linear),
    Rule("activation", "Softmax in a hidden layer.", "Its units compete for one unit of output.", ISLAM,
         troubles.hidden_softmax),
    Rule("input_scale", "Inputs of RMS 20 and more, and it hurts.", "The gradient of the first kernel grows with its "
         "input, the curvature with its square.", "LeCun, Bottou, Orr & Müller 1998", troubles.input_scale),
    Rule("target_scale", "Targets of RMS 20 and more, and it hurts.", "The output's bias has all that way to go.",
         "Bishop 1995, Neural Networks for Pattern Recognition, section 8.2", troubles.target_scale),
    Rule("initialization", "Initial kernels that make the signal grow or shrink, and it hurts.",
         "A factor a layer is a power of the depth.", "Glorot & Bengio 2010; He et al. 2015", troubles.kernel_scale),
    Rule("capacity", "A penalty that shrinks the kernels to a fifth.", "The penalty outweighs the loss.",
         f"{GOODFELLOW}, section 7.1", troubles.shrunk),
    Rule("learning_rate", "A rate of 0; steps that are too large or too small by the verdict; a rate that few networks "
         "bear.", "Past 2 over the curvature a step overshoots; far below it nothing moves.",
         "LeCun, Bottou, Orr & Müller 1998; Smith 2017", troubles.rate),
    Rule("activation", "Sigmoid or tanh layers, and the signal vanishes or the loss stands still.",
         "Slopes under 1 multiply.", "Glorot & Bengio 2010", troubles.squeezing),
    Rule("capacity", "Dropout of three quarters and more, and it hurts; any behind the output.",
         "What is left is too little.",
         "Srivastava et al. 2014", troubles.dropped),
    Rule("capacity", "No hidden layer, or one of one or two units, and it stands still.",
         "One unit lets one number through; without a hidden layer the border is a plane.",
         "Minsky & Papert 1969", troubles.narrow),
    Rule("labels", "Always the commonest class, which is four fifths and more.",
         "Accuracy hardly counts the rare ones.", "He & Garcia 2009", troubles.imbalance),
    Rule("initialization", "A constant kernel, and it hurts.", "Its units start equal.", f"{GOODFELLOW}, section 8.4",
         troubles.constant_kernel),
    Rule("batch_norm", "Batch norm behind the output, and it hurts.", "The answers lose their mean and spread.",
         "Ioffe & Szegedy 2015", troubles.norm_at_the_end),
    Rule("output_activation", "ReLU and the like for classes with a loss of numbers, and it hurts.",
         "It is no probability, and ReLU may die.", ISLAM, mismatches.relu_of_classes),
    Rule("loss", "A loss of numbers on a probability, and it hurts.", "The slope is next to 0 where it is sure and "
         "wrong.", f"{GOODFELLOW}, section 6.2.2", mismatches.square_of_probability),
    Rule("loss", "Binary cross-entropy of one-hot labels, and it hurts.", "One of several classes is right, not any "
         "number of them.", f"{GOODFELLOW}, section 6.2.2",
         lambda case: _of_kind("loss", mismatches.yes_or_no_of_one_of_many(case))),
    Rule("output_activation", "Sigmoids for one-hot labels, and it hurts.", "They do not compete.",
         f"{GOODFELLOW}, section 6.2.2",
         lambda case: _of_kind("output_activation", mismatches.yes_or_no_of_one_of_many(case))),
    Rule("batch_size", "All examples in a batch and few steps, or one example with steps that are too large.",
         "The steps are few, or noisy.", "Bottou, Curtis & Nocedal 2018", troubles.batch),
    Rule("input_scale", "Columns whose spreads differ a hundredfold, and it hurts.", "One rate cannot suit both.",
         "LeCun, Bottou, Orr & Müller 1998", troubles.uneven_inputs),
    Rule("input_scale", "Inputs of RMS under 0.01, and it hurts.", "The gradient of the first kernel is as small.",
         "LeCun, Bottou, Orr & Müller 1998", troubles.tiny_inputs),
    Rule("input_scale", "Half the columns never change or repeat others, and it hurts.", "They say nothing.",
         UMLAUT, troubles.useless_columns),
    Rule("loss", "Accuracy of numbers, and it hurts.", "It counts exact hits.", KERAS, mismatches.accuracy_of_numbers),
)

# What is seen of it.
SYMPTOMS = (
    Rule("overflow", "The verdict.", "A number is beyond what float32 holds.", "core.diagnosis", troubles.overflow),
    Rule("dead", "The verdict, or nine tenths of a layer dead.", "No slope, no gradient.", "Lu et al. 2019",
         troubles.dead),
    Rule("exploding", "The verdict.", "The first layer is thrown about.", "core.diagnosis", troubles.exploding),
    Rule("vanishing", "The verdict.", "The first layer hardly learns.", "core.diagnosis", troubles.vanishing),
    Rule("saturated", "It does not learn, and half the slopes of a sigmoid or tanh layer are next to 0.",
         "Little passes back.", "Glorot & Bengio 2010", troubles.saturated),
    Rule("slow", "The verdict, or much left and steps for more than twice the run.", "It would get there in the end.",
         "core.diagnosis", troubles.slow),
    Rule("not_learning", "The verdict is that it does not learn, or is stuck.", "A constant answers as well.",
         "core.diagnosis", troubles.not_learning),
    Rule("overfit", "The validation loss is far above the training loss and its own best.",
         "What is learned are the examples.", f"{GOODFELLOW}, section 5.2", troubles.overfit),
)
assert {rule.kind for rule in (*PROGRAM, *TRAINING, *SYMPTOMS)} | {"nothing"} == set(KINDS)
