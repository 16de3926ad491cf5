"""What the Anatomy page says: tables as `summary()` prints them, counts in words, and what a layer's output means."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.boundary import missing
from core.course_models import SOURCE_MODELS
from core.layer_table import Layer, Row, fixed, of_run, rows, total
from core.lessons.anatomy.families import FAMILIES, SENTENCES, VOCABULARY, Family
from core.spec import RunSpec
from core.training import Snapshot
from core.words import count, say

OPENS = RunSpec(dataset="spirals", widths=(12, 12), activation="tanh", optimizer="adam", learning_rate=0.02, steps=400)
SOURCE = RunSpec(dataset="random_targets", test_fraction=0.0, widths=(128, 64), activation="relu", optimizer="adam",
                 learning_rate=0.001, batch_size=32, steps=320)  # P11's model on P9's data, ten epochs
IMAGES = {"pixels", "image", "g_pixels", "copy"}  # layers whose 64 numbers are 8 × 8 pixels
ACROSS = {"cnn": 4, "gan": 5, "autoencoder": 5}  # maps side by side in the large picture of a family
_NUMBER = "{:,}"


# --- tables ---------------------------------------------------------------------------------------------------------


def layers_table(models: Sequence[Sequence[Layer]]) -> list[dict[str, str]]:
    """The rows of Keras's `summary()`, with the arithmetic beside each count and the totals below."""
    found = [_line(row) for layers in models for row in rows(layers)]
    every, left = sum(map(total, models)), sum(map(fixed, models))
    found.append(_totals("Total params", every, _sum(models)))
    if left:
        found += [_totals("Trainable params", every - left), _totals("Non-trainable params", left)]
    return found


def _line(row: Row) -> dict[str, str]:
    kind = row.layer.class_name.replace("Input", "InputLayer")
    return {"Layer (type)": f"{row.layer.name} ({kind})", "Output shape": f"(None, {', '.join(map(str, row.shape))})",
            "Param #": _NUMBER.format(row.parameters), "how it comes about": row.arithmetic}


def _totals(label: str, number: int, how: str = "") -> dict[str, str]:
    return {"Layer (type)": f"**{label}**", "Output shape": "", "Param #": f"**{number:,}**",
            "how it comes about": how}


def _sum(models: Sequence[Sequence[Layer]]) -> str:
    parts = [row.parameters for layers in models for row in rows(layers) if row.parameters]
    return " + ".join(map(_NUMBER.format, parts)) if 1 < len(parts) <= 8 else ""


def source_counts() -> list[dict[str, str]]:
    """Every network of the source's practical questions, its count with the arithmetic, and what the source states."""
    found = []
    for model in SOURCE_MODELS.values():
        learned = [row for row in rows(model.layers) if row.parameters]
        sizes = [row.shape[-1] for row in rows(model.layers) if row.layer.class_name in ("Input", "Dense")]
        left = fixed(model.layers)
        found.append({
            "Question": model.questions, "Network": f"{' → '.join(map(str, sizes))}, {model.about}",
            "Parameters": f"**{total(model.layers):,}**" + (f" ({left:,} not trained)" if left else ""),
            "Layer by layer": " + ".join(f"{row.parameters:,}" for row in learned),
            "In the source": f"{model.stated[0]:,}" if model.stated else "–"})
    return found


# --- the feed-forward net -------------------------------------------------------------------------------------------


def net_sentence(spec: RunSpec, history: Sequence[Snapshot]) -> str:
    """The net as arrows, its count, and where its training stands at the last state of a history."""
    layers = of_run(spec)
    dense = [row for row in rows(layers) if row.parameters]
    parts = " + ".join(f"{row.parameters:,}" for row in dense) if len(dense) <= 6 else f"{len(dense)} layers"
    left = fixed(layers)
    said = (f"**{' → '.join(map(str, spec.sizes)) if spec.depth <= 8 else count(spec.depth, 'hidden layer')}**: "
            f"{parts} = **{total(layers):,} parameters**" + (f", {left:,} of them not trained" * bool(left)) + ". ")
    if not history:
        return said + "Its weights come with TensorFlow."
    snapshot = history[-1]
    when = f"After {count(snapshot.step, 'step')}" if snapshot.step else "Before the first step"
    figures = f"{when} the loss is {say(snapshot.loss)}"
    if snapshot.accuracy is None:
        return said + figures + "."
    return said + figures + (f" and {snapshot.accuracy:.0%} of the training examples are on the right side"
                             + ("." if missing(spec) else " of the line." if spec.task == "binary" else ".")).replace(
        "%", " %")


# --- the families ---------------------------------------------------------------------------------------------------


def trained_sentence(name: str, figures: dict[str, np.ndarray]) -> str:
    """What a family was trained on and how well it did, with the numbers of `trained.figures`."""
    number = {label: float(value) for label, value in figures.items() if np.ndim(value) == 0}
    share = {label: f"{100 * value:.1f} %" for label, value in number.items()}
    digits = "1437 of scikit-learn's 1797 handwritten digits"
    return {
        "feed_forward": lambda: f"Trained on {digits}, 1500 batches of 64; {share['accuracy']} of the 360 others "
                                "right. The example is one of those.",
        "cnn": lambda: f"Trained on {digits}, 1500 batches of 64; {share['accuracy']} of the 360 others right, with "
                       "fewer parameters than the feed-forward net. The example is one of those.",
        "rnn": lambda: "Trained on made-up sine waves of random frequency and phase, 1500 batches of 64. On 500 new "
                       f"ones its next value is off by {say(number['error'])} (RMS); saying the last value again is "
                       f"off by {say(number['repeat'])}.",
        "lstm": lambda: "Trained on made-up sequences: a 1 or −1 first, then 29 steps of noise (standard deviation "
                        f"0.3); asked for the first. 1500 batches of 64; {share['accuracy']} of 500 new ones right.",
        "gan": lambda: f"Trained against each other on {digits}, 12 000 batches of 64. How real the discriminator "
                       f"finds digits, on average: 360 real ones not seen before {share['real']}, 200 made ones "
                       f"{share['made']}. At 50 % it cannot tell them apart.",
        "autoencoder": lambda: f"Trained on {digits}, 6000 batches of 64. Mean squared error on the 360 others "
                               f"{say(number['error'])}; with 4 principal components it is {say(number['pca'])}, with "
                               f"the mean image alone {say(number['mean'])}.",
        "transformer": lambda: "Trained to put six words in reverse order, on random words out of 16, 2500 batches of "
                               f"64; {share['accuracy']} of the words of 64 new ones right. It was shown random words, "
                               "never a sentence.",
    }[name]()


def example_name(family: Family, example: int) -> str:
    """The example in words."""
    return f"“{SENTENCES[example]}”" if family.name == "transformer" else f"{family.example} {example}"


def meaning(layer: str, output: np.ndarray, figures: dict[str, np.ndarray], example: int) -> str:
    """What a layer's output says, where that is a class, a number or words; else empty."""
    if layer == "classes":
        return f"says **{int(output.argmax())}** with {_percent(float(output.max()))}"
    if layer == "next":
        return f"says **{float(output[0]):.2f}**; the wave goes on with {float(figures['target'][example, 0]):.2f}"
    if layer == "first":
        began = "1" if figures["target"][example, 0] > 0.5 else "−1"
        return f"says: {_percent(float(output[0]))} that it began with 1; it began with **{began}**"
    if layer == "real":
        return f"real, it says, with **{_percent(float(output[0]))}**"
    if layer == "words":
        return " ".join(VOCABULARY[int(word)] for word in output)
    if layer == "positions":
        return " ".join(str(int(place) + 1) for place in output)
    if layer == "reversed":
        return "says “" + " ".join(VOCABULARY[word] for word in output.argmax(axis=-1)) + "”"
    return ""


def _percent(share: float) -> str:
    return "over 99.9 %" if share > 0.999 else "under 0.1 %" if share < 0.001 else f"{100 * share:.1f} %"


def pictured(layer: str, output: np.ndarray) -> np.ndarray | None:
    """A layer's output for `charts.pictures`; None where words say it all."""
    if layer in IMAGES:
        return output.reshape(1, 8, 8)
    if output.ndim == 3:
        return np.moveaxis(output, -1, 0)  # (rows, columns, maps) -> maps first
    if output.ndim == 2 and output.shape[1] > 1:
        return output.T  # (places, numbers): a row of the picture a place
    return None if output.size < 4 or layer in ("words", "positions") else output


def large_picture(name: str, layers: dict[str, np.ndarray], weights: Sequence[np.ndarray],
                  figures: dict[str, np.ndarray], example: int) -> np.ndarray:
    """The picture that shows what is special about a family; for the transformer the attention weights."""
    if name == "feed_forward":  # kernels (64, units) as pictures, times how active their units are
        return (weights[0] * layers["hidden"][example]).T.reshape(-1, 8, 8)
    if name == "gan":
        return np.concatenate([figures["digits"], layers["g_pixels"]]).reshape(-1, 8, 8)
    if name == "autoencoder":
        both = np.stack([layers["pixels"], layers["copy"]])  # (2, examples, 64): five digits, their copies, five more
        return np.concatenate([both[:, :5], both[:, 5:]]).reshape(-1, 8, 8)
    key = {"cnn": "conv_1", "rnn": "states", "lstm": "cells", "transformer": "attention_weights"}[name]
    found = layers[key][example]
    return np.moveaxis(found, -1, 0) if name == "cnn" else found


def families() -> dict[str, str]:
    return {name: family.label for name, family in FAMILIES.items()}
