"""The seven families trained once: their weights, how well they did, and what ten examples look like in every layer.

`python -m core.lessons.anatomy.family_training` trains them (about two minutes) and writes the file; a test gives the
weights to real Keras models and compares what these put out. The app itself only reads the file: it needs no TensorFlow
for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from core.datasets import DATASETS
from core.layer_table import Layer, build
from core.lessons.anatomy.families import EXAMPLES, FAMILIES, LSTM_STEPS, NOISE, RNN_STEPS, SENTENCES, VOCABULARY, WORDS

FILE = Path(__file__).parents[2] / "shipped" / "families.npz"
HELD_OUT = 360  # of the 1797 digits
NOISE_LEVEL = 0.3  # standard deviation of what follows the first value in the sequences of the LSTM

Arrays = dict[str, np.ndarray]


def models(name: str, seed: int = 0) -> dict[str, Any]:
    """The Keras models of a family by their titles, with kernels drawn by a generator of their own."""
    rng = np.random.default_rng(seed)
    made = {title: build(layers) for title, layers in FAMILIES[name].models.items()}
    for model in made.values():
        model.set_weights([_drawn(rng, weight) for weight in model.get_weights()])
    return made


def _drawn(rng: np.random.Generator, weight: np.ndarray) -> np.ndarray:
    """Glorot normal for kernels; biases, scales and shifts as Keras begins with them."""
    if weight.ndim < 2:
        return weight
    return (rng.standard_normal(weight.shape) * np.sqrt(2 / (weight.shape[0] + weight.shape[-1]))).astype(np.float32)


# --- data -----------------------------------------------------------------------------------------------------------


def digits() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Images (n, 64) from 0 to 1 and labels (n,): those to train on, and those held out."""
    from sklearn.model_selection import train_test_split

    x, y = DATASETS["digits"].load(0, 1797, 0.0)
    labels = y.argmax(axis=1)
    x_train, x_held, y_train, y_held = train_test_split(
        x / 16, labels, test_size=HELD_OUT, random_state=0, stratify=labels)
    return x_train, y_train, x_held, y_held


def one_of_each(x: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The first example of each of the ten classes."""
    return x[[int(np.argmax(labels == digit)) for digit in range(EXAMPLES)]]


def waves(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Sine waves of a random frequency and phase: values (n, steps, 1), and the one that follows each (n, 1)."""
    frequency, phase = rng.uniform(0.2, 0.8, (n, 1)), rng.uniform(0, 2 * np.pi, (n, 1))
    wave = np.sin(frequency * np.arange(RNN_STEPS + 1) + phase).astype(np.float32)
    return wave[:, :-1, None], wave[:, -1:]


def first_values(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Sequences (n, steps, 1) that begin with 1 or −1, then noise; and whether it was 1 (n, 1)."""
    x = NOISE_LEVEL * rng.standard_normal((n, LSTM_STEPS, 1))
    first = np.arange(n) % 2
    x[:, 0, 0] = 2 * first - 1
    return x.astype(np.float32), first[:, None].astype(np.float32)


def sentences(words: Sequence[str] = SENTENCES) -> np.ndarray:
    """The sentences as numbers in the vocabulary, (n, WORDS)."""
    return np.array([[VOCABULARY.index(word) for word in sentence.split()] for sentence in words], np.int32)


def places(n: int) -> np.ndarray:
    """0, 1, … for each word of n sentences, (n, WORDS)."""
    return np.tile(np.arange(WORDS, dtype=np.int32), (n, 1))


# --- training -------------------------------------------------------------------------------------------------------


def _fit(model: Any, batch: Callable[[np.random.Generator], tuple[Any, np.ndarray]], loss: Any, steps: int,
         rate: float = 0.003) -> None:
    """Adam on batches that `batch` draws; one seed, so the same every time."""
    import keras
    import tensorflow as tf

    optimizer, rng = keras.optimizers.Adam(rate, clipnorm=1.0), np.random.default_rng(1)
    optimizer.build(model.trainable_variables)

    @tf.function(reduce_retracing=True)
    def step(x: Any, y: Any) -> None:
        with tf.GradientTape() as tape:
            value = loss(y, model(x, training=True))
        optimizer.apply(tape.gradient(value, model.trainable_variables), model.trainable_variables)

    for _ in range(steps):
        x, y = batch(rng)
        step([tf.constant(part) for part in x] if isinstance(x, list) else tf.constant(x), tf.constant(y))


def _rows_of(*arrays: np.ndarray, size: int = 64) -> Callable[[np.random.Generator], Any]:
    return lambda rng: tuple(array[chosen] for chosen in [rng.integers(len(arrays[0]), size=size)] for array in arrays)


def _classifier(name: str, shape: tuple[int, ...], steps: int) -> Callable[[], tuple[dict, Any, Arrays]]:
    def train() -> tuple[dict, Any, Arrays]:
        import keras

        x, y, x_held, y_held = digits()
        made = models(name)
        (model,) = made.values()
        _fit(model, _rows_of(x.reshape(-1, *shape), y), keras.losses.SparseCategoricalCrossentropy(), steps)
        right = _predicted(model, x_held.reshape(-1, *shape)).argmax(axis=1) == y_held
        return made, one_of_each(x_held, y_held).reshape(-1, *shape), {"accuracy": right.mean()}

    return train


def _rnn() -> tuple[dict, Any, Arrays]:
    import keras

    made = models("rnn")
    (model,) = made.values()
    _fit(model, lambda rng: waves(rng, 64), keras.losses.MeanSquaredError(), 1500)
    x, y = waves(np.random.default_rng(2), 500)
    return made, x[:EXAMPLES], {
        "error": np.asarray(_rms(_predicted(model, x) - y)), "repeat": np.asarray(_rms(x[:, -1] - y)),
        "target": y[:EXAMPLES]}


def _lstm() -> tuple[dict, Any, Arrays]:
    import keras

    made = models("lstm")
    (model,) = made.values()
    _fit(model, lambda rng: first_values(rng, 64), keras.losses.BinaryCrossentropy(), 1500)
    x, y = first_values(np.random.default_rng(2), 500)
    return made, x[:EXAMPLES], {"accuracy": ((_predicted(model, x) > 0.5) == y).mean(), "target": y[:EXAMPLES]}


def _gan() -> tuple[dict, Any, Arrays]:
    import keras
    import tensorflow as tf

    x, _, x_held, y_held = digits()
    made = models("gan")
    generator, discriminator = made.values()
    makes, judges = keras.optimizers.Adam(5e-4, beta_1=0.5), keras.optimizers.Adam(5e-4, beta_1=0.5)
    makes.build(generator.trainable_variables)
    judges.build(discriminator.trainable_variables)
    surprise = keras.losses.BinaryCrossentropy()

    @tf.function
    def step(real: Any, noise: Any) -> None:
        ones, zeros = tf.ones((len(real), 1)), tf.zeros((len(real), 1))
        with tf.GradientTape() as tape:
            made_up = generator(noise)
            loss = surprise(0.9 * ones, discriminator(real)) + surprise(zeros, discriminator(made_up))
        judges.apply(tape.gradient(loss, discriminator.trainable_variables), discriminator.trainable_variables)
        with tf.GradientTape() as tape:
            loss = surprise(ones, discriminator(generator(noise)))
        makes.apply(tape.gradient(loss, generator.trainable_variables), generator.trainable_variables)

    rng = np.random.default_rng(1)
    for _ in range(12000):
        step(tf.constant(x[rng.integers(len(x), size=64)]), tf.constant(_noise(rng, 64)))
    noise, real = _noise(np.random.default_rng(2), 200), one_of_each(x_held, y_held)
    return made, noise[:EXAMPLES], {
        "real": _predicted(discriminator, x_held).mean(),
        "made": _predicted(discriminator, _predicted(generator, noise)).mean(),
        "digits": real}


def _noise(rng: np.random.Generator, n: int) -> np.ndarray:
    return rng.standard_normal((n, NOISE)).astype(np.float32)


def _autoencoder() -> tuple[dict, Any, Arrays]:
    import keras
    from sklearn.decomposition import PCA

    x, _, x_held, y_held = digits()
    made = models("autoencoder")
    (model,) = made.values()
    _fit(model, _rows_of(x, x), keras.losses.MeanSquaredError(), 6000)
    pca = PCA(4).fit(x)
    return made, one_of_each(x_held, y_held), {
        "error": ((_predicted(model, x_held) - x_held)**2).mean(),
        "pca": ((pca.inverse_transform(pca.transform(x_held)) - x_held)**2).mean(),
        "mean": ((x.mean(axis=0) - x_held)**2).mean()}


def _transformer() -> tuple[dict, Any, Arrays]:
    import keras

    made = models("transformer")
    (model,) = made.values()

    def batch(rng: np.random.Generator) -> tuple[list[np.ndarray], np.ndarray]:
        words = rng.integers(len(VOCABULARY), size=(64, WORDS)).astype(np.int32)
        return [words, places(64)], words[:, ::-1]

    _fit(model, batch, keras.losses.SparseCategoricalCrossentropy(), 2500)
    (words, where), turned = batch(np.random.default_rng(2))
    shown = sentences()
    return made, [shown, places(len(shown))], {
        "accuracy": (_predicted(model, [words, where]).argmax(axis=2) == turned).mean()}


def _predicted(model: Any, x: Any) -> np.ndarray:
    return np.asarray(model(x, training=False))


def _rms(error: np.ndarray) -> float:
    return float(np.sqrt((error**2).mean()))


TRAINING: dict[str, Callable[[], tuple[dict, Any, Arrays]]] = {
    "feed_forward": _classifier("feed_forward", (64,), 1500), "cnn": _classifier("cnn", (8, 8, 1), 1500),
    "rnn": _rnn, "lstm": _lstm, "gan": _gan, "autoencoder": _autoencoder, "transformer": _transformer}


# --- what an example looks like in every layer ----------------------------------------------------------------------


def stages(layers: Sequence[Layer], model: Any, x: Any) -> Arrays:
    """What every layer puts out for the examples x, by name; an input is what goes in."""
    import keras

    found: Arrays = dict(zip([layer.name for layer in layers if layer.class_name == "Input"],
                             x if isinstance(x, list) else [x], strict=True))
    inner = [layer for layer in layers if layer.class_name != "Input"]
    outputs = keras.Model(model.input, [model.get_layer(layer.name).output for layer in inner])(x, training=False)
    found |= {layer.name: np.asarray(output) for layer, output in zip(inner, outputs, strict=True)}
    for layer in inner:
        if layer.class_name in ("SimpleRNN", "LSTM"):
            found |= _over_time(model.get_layer(layer.name), found[layers[0].name])
        if layer.class_name == "MultiHeadAttention":
            vectors = found[layer.inputs[0]]
            found["attention_weights"] = np.asarray(model.get_layer(layer.name)(
                vectors, vectors, return_attention_scores=True)[1])
    return found


def _over_time(layer: Any, x: np.ndarray) -> Arrays:
    """The state h, and for an LSTM the cell c, after every time step: (n, steps, units)."""
    parts = 2 if type(layer).__name__ == "LSTM" else 1
    state: Sequence[Any] = [np.zeros((len(x), layer.units), np.float32)] * parts
    states: list[list[np.ndarray]] = []
    for step in range(x.shape[1]):
        _, state = layer.cell(x[:, step], list(state))
        states.append([np.asarray(part) for part in state])
    names = ("states", "cells")[:len(states[0])]
    return {name: np.stack([state[i] for state in states], axis=1) for i, name in enumerate(names)}


def passed(name: str, made: Mapping[str, Any], x: Any) -> Arrays:
    """What every layer of a family puts out; the GAN's discriminator looks at what the generator has made."""
    found: Arrays = {}
    for title, layers in FAMILIES[name].models.items():
        found |= stages(layers, made[title], x)
        x = found[layers[-1].name]
    return found


# --- the file -------------------------------------------------------------------------------------------------------


def write(file: Path = FILE) -> None:
    """Trains the families and writes weights (`w`), layers (`s`) and figures (`f`) of each."""
    arrays: Arrays = {}
    for name, train in TRAINING.items():
        made, x, figures = train()
        weights = [weight for model in made.values() for weight in model.get_weights()]
        arrays |= {f"{name}|w|{number}": weight for number, weight in enumerate(weights)}
        arrays |= {f"{name}|s|{layer}": array.astype(np.float32) for layer, array in passed(name, made, x).items()}
        arrays |= {f"{name}|f|{label}": np.asarray(value, np.float32) for label, value in figures.items()}
        print(name, {label: value for label, value in figures.items() if np.ndim(value) == 0})
    np.savez_compressed(file, **arrays)  # type: ignore[arg-type]


@cache
def _file() -> Mapping[str, np.ndarray]:
    with np.load(FILE) as arrays:
        return dict(arrays)


def _part(name: str, part: str) -> Arrays:
    start = f"{name}|{part}|"
    return {key.removeprefix(start): array for key, array in _file().items() if key.startswith(start)}


def weights(name: str) -> list[np.ndarray]:
    """The trained weights in Keras's order."""
    return list(_part(name, "w").values())


def layers(name: str) -> Arrays:
    """What each layer puts out for ten examples, (EXAMPLES, *shape), with `states`, `cells`, `attention_weights`."""
    return _part(name, "s")


def figures(name: str) -> Arrays:
    """How well it did, and what the pictures need."""
    return _part(name, "f")


if __name__ == "__main__":
    write()
