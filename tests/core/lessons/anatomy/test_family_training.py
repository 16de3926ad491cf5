"""The trained families: real Keras models with these weights put out these arrays, and are as good as is said."""

from functools import cache

import keras
import numpy as np
import pytest

from core.layer_table import rows, total
from core.lessons.anatomy import family_training as trained
from core.lessons.anatomy.families import EXAMPLES, FAMILIES, SENTENCES, VOCABULARY


@cache
def models(name: str) -> dict:
    """The family's Keras models with the shipped weights."""
    made, weights = trained.models(name), iter(trained.weights(name))
    for model in made.values():
        model.set_weights([next(weights) for _ in model.get_weights()])
    assert not list(weights)
    return made


def given(name: str):
    """What goes into the first model of a family, for all examples."""
    inputs = [row.layer.name for row in next(iter(map(rows, FAMILIES[name].models.values()))) if
              row.layer.class_name == "Input"]
    arrays = [trained.layers(name)[layer] for layer in inputs]
    return arrays if len(arrays) > 1 else arrays[0]


@pytest.mark.parametrize("name", FAMILIES)
def test_keras_puts_out_what_is_shown(name):
    shown, computed = trained.layers(name), trained.passed(name, models(name), given(name))
    assert shown.keys() == computed.keys()
    for layer, array in shown.items():
        np.testing.assert_allclose(array, computed[layer], rtol=1e-3, atol=1e-4, err_msg=layer)


@pytest.mark.parametrize("name", FAMILIES)
def test_every_layer_has_its_picture_in_the_shape_of_the_table(name):
    shown = trained.layers(name)
    for row in FAMILIES[name].rows:
        assert shown[row.layer.name].shape == (EXAMPLES, *row.shape), row.layer.name
    assert sum(weight.size for weight in trained.weights(name)) == sum(map(total, FAMILIES[name].models.values()))


@pytest.mark.parametrize("name", ["feed_forward", "cnn"])
def test_classifiers_are_as_good_as_said(name):
    *_, x, y = trained.digits()
    (model,) = models(name).values()
    right = np.asarray(model(x.reshape(-1, *model.input_shape[1:]))).argmax(axis=1) == y
    assert right.mean() == pytest.approx(trained.figures(name)["accuracy"], abs=1.5 / len(y))
    assert right.mean() > 0.95
    assert list(trained.layers(name)["classes"].argmax(axis=1)) == list(range(10))  # an example of each digit


def test_the_forecaster_is_as_good_as_said():
    x, y = trained.waves(np.random.default_rng(2), 500)
    (model,) = models("rnn").values()
    figures = trained.figures("rnn")
    assert np.sqrt(((np.asarray(model(x)) - y)**2).mean()) == pytest.approx(figures["error"], rel=0.01)
    assert figures["error"] < figures["repeat"] / 10


def test_the_lstm_remembers_over_all_steps():
    x, y = trained.first_values(np.random.default_rng(2), 500)
    (model,) = models("lstm").values()
    assert ((np.asarray(model(x)) > 0.5) == y).mean() == pytest.approx(trained.figures("lstm")["accuracy"], abs=0.003)
    np.testing.assert_allclose(  # the last state over time is what the layer puts out
        trained.layers("lstm")["states"][:, -1], trained.layers("lstm")["recurrent"], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(
        trained.layers("rnn")["states"][:, -1], trained.layers("rnn")["recurrent"], rtol=1e-4, atol=1e-5)
    cells = trained.layers("lstm")["cells"]  # a unit that tells the two beginnings apart at every later step
    apart = np.sign(cells[1::2].min(axis=0) - cells[::2].max(axis=0)), np.sign(
        cells[::2].min(axis=0) - cells[1::2].max(axis=0))
    assert any((side[5:] > 0).all(axis=0).any() for side in apart)


def test_the_autoencoder_beats_as_many_principal_components():
    from sklearn.decomposition import PCA

    x, _, x_held, _ = trained.digits()
    (model,) = models("autoencoder").values()
    figures = trained.figures("autoencoder")
    assert ((np.asarray(model(x_held)) - x_held)**2).mean() == pytest.approx(figures["error"], rel=0.01)
    pca = PCA(4).fit(x)
    copied = pca.inverse_transform(pca.transform(x_held))
    assert ((copied - x_held)**2).mean() == pytest.approx(figures["pca"], rel=0.01)
    assert figures["error"] < figures["pca"] < figures["mean"]


def test_the_discriminator_says_what_is_said_of_it():
    generator, discriminator = models("gan").values()
    *_, x_held, _ = trained.digits()
    figures = trained.figures("gan")
    assert np.asarray(discriminator(x_held)).mean() == pytest.approx(figures["real"], abs=0.01)
    noise = np.random.default_rng(2).standard_normal((200, 8)).astype(np.float32)
    assert np.asarray(discriminator(generator(noise))).mean() == pytest.approx(figures["made"], abs=0.01)


def test_the_transformer_reverses_every_sentence_and_looks_where_it_should():
    found = trained.layers("transformer")
    said = [" ".join(VOCABULARY[word] for word in words) for words in found["reversed"].argmax(axis=2)]
    assert said == [" ".join(reversed(sentence.split())) for sentence in SENTENCES]
    weights = found["attention_weights"]  # (examples, heads, places, words)
    np.testing.assert_allclose(weights.sum(axis=3), 1, rtol=1e-5)
    mirrored = weights.mean(axis=(0, 1))[np.arange(6), 5 - np.arange(6)]
    assert (mirrored > 1.5 / 6).all()  # more than a fair share


def test_training_draws_the_same_every_time():
    """Initial weights and the first updates of a family, twice."""
    def trained_for(steps: int) -> list[np.ndarray]:
        (model,) = trained.models("rnn").values()
        trained._fit(model, lambda rng: trained.waves(rng, 8), keras.losses.MeanSquaredError(), steps)
        return model.get_weights()

    first, second, start = trained_for(3), trained_for(3), trained_for(0)
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))
    assert not np.array_equal(first[0], start[0])
