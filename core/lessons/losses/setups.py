"""One-click set-ups of Losses, by part: runs worth seeing, each named after what will be seen."""

from __future__ import annotations

from dataclasses import replace

from core.custom_loss import FIRST
from core.lessons.losses import typed_report
from core.lessons.losses.confident_mistake import CONFIDENT
from core.setups import Setup

_SURE = {"z": "6", "truth": "0"}  # the mistake of that network

SETUPS: dict[str, tuple[Setup, ...]] = {
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
    "losses formula": (
        Setup("MSE, typed", typed_report.RUN, "The mean of the squared errors, typed: both lines are the same, "
              "and both runs.", {"show": "formula", "formula": FIRST}),
        Setup("Huber, typed", typed_report.RUN, "Squared for small errors, straight for large ones: where chooses "
              "between two formulas.", {"show": "formula", "formula": "where(abs(y_true - y_pred) <= 1, "
                                        "square(y_true - y_pred) / 2, abs(y_true - y_pred) - 0.5)"}),
        Setup("Too high costs more", typed_report.RUN, "An error upward pulls nine times as hard as one downward: the "
              "network learns to stay low.", {"show": "formula", "formula":
                                              "maximum(0.9 * (y_pred - y_true), 0.1 * (y_true - y_pred))"}),
        Setup("Not a number", typed_report.RUN, "A cross-entropy without a sigmoid: the logarithm of a negative "
              "prediction is not a number, so the run ends before its first step.",
              {"show": "formula", "formula": "-(y_true * log(y_pred) + (1 - y_true) * log(1 - y_pred))"}),
        Setup("No slope", typed_report.RUN, "Counting the errors is what one would like to make small. It is a step: "
              "its slope is 0, so no gradient says where to go.",
              {"show": "formula", "formula": "where(abs(y_true - y_pred) > 0.1, 1, 0)"}, plays=False),
        Setup("Two classes", replace(typed_report.RUN, dataset="moons"), "A focal loss: what is nearly right hardly "
              "counts, so that the hard examples do.", {
                  "show": "formula", "formula": "-square(y_true - y_pred) * log(1.000001 - abs(y_true - y_pred))"}),
    ),
}
