"""Findings on programs that were only read: what the text alone proves or makes likely, and sound texts left alone."""

import pytest

from core.findings import findings
from core.keras_code import read
from tests.core.keras_programs import READ, RUNS

HEAD = """
import numpy as np
from tensorflow import keras
from tensorflow.keras import layers
from tensorflow.keras.models import Sequential
from tensorflow.keras.layers import *
X = np.random.rand(500, 10)
y = np.random.randint(0, 2, size=(500,))
three = np.random.randint(0, 3, size=(500,))
hot = keras.utils.to_categorical(three, 3)
"""
# kinds that are right, and a program
FAULTY = [
    ("output_activation",
     "m = Sequential([Dense(8, activation='relu', input_dim=10), Dense(1, activation='softmax')])\n"
     "m.compile('adam', 'binary_crossentropy')\nm.fit(X, y)"),
    ("output_units",
     "m = Sequential([Dense(8, activation='relu', input_dim=10), Dense(1, activation='sigmoid')])\n"
     "m.compile('adam', 'sparse_categorical_crossentropy')\nm.fit(X, three)"),
    ("output_activation", "m = Sequential()\nm.add(Dense(8, activation='relu', input_dim=10))\nm.add(Dense(3))\n"
     "m.compile('adam', 'categorical_crossentropy')\nm.fit(X, hot)"),
    ("loss", "m = Sequential([Dense(8, activation='relu', input_dim=10), Dense(3, activation='softmax')])\n"
     "m.compile('adam', keras.losses.CategoricalCrossentropy(from_logits=True))\nm.fit(X, hot)"),
    ("loss", "m = Sequential([Dense(8, activation='relu', input_dim=10), Dense(3, activation='softmax')])\n"
     "m.compile('adam', 'binary_crossentropy')\nm.fit(X, hot)"),
    ("labels", "m = Sequential([Dense(8, activation='relu', input_dim=10), Dense(3, activation='softmax')])\n"
     "m.compile('adam', 'sparse_categorical_crossentropy')\nm.fit(X, hot)"),
    ("learning_rate", "m = Sequential([Dense(8, activation='relu', input_dim=10), Dense(1, activation='sigmoid')])\n"
     "m.compile(keras.optimizers.Adam(1.0), 'binary_crossentropy')\nm.fit(X, y)"),
    ("learning_rate", "m = Sequential([Dense(8, activation='relu', input_dim=10), Dense(1, activation='sigmoid')])\n"
     "m.compile(keras.optimizers.SGD(learning_rate=0), 'binary_crossentropy')\nm.fit(X, y)"),
    ("learning_rate", "m = Sequential([Dense(8, activation='relu', input_dim=10), Dense(1, activation='sigmoid')])\n"
     "m.compile(keras.optimizers.Adam(1e-7), 'binary_crossentropy')\nm.fit(X, y)"),
    ("symmetric", "m = Sequential([Dense(8, activation='tanh', kernel_initializer='zeros', input_dim=10), "
     "Dense(1, activation='sigmoid', kernel_initializer='zeros')])\nm.compile('adam', 'binary_crossentropy')"),
    ("activation",
     "m = Sequential()\nm.add(Input((10,)))\nfor i in range(8):\n    m.add(Dense(16, activation='sigmoid'))\n"
     "m.add(Dense(1, activation='sigmoid'))\nm.compile('sgd', 'binary_crossentropy')\nm.fit(X, y)"),
    ("activation", "m = Sequential([Dense(8, input_dim=10), Dense(8), Dense(1, activation='sigmoid')])\n"
     "m.compile('adam', 'binary_crossentropy')\nm.fit(X, y)"),
    ("activation", "m = Sequential([Dense(8, activation='softmax', input_dim=10), Dense(3, activation='softmax')])\n"
     "m.compile('adam', 'categorical_crossentropy')\nm.fit(X, hot)"),
    ("batch_norm", "m = Sequential([Dense(8, activation='relu', input_dim=10), BatchNormalization(), "
     "Dense(1, activation='sigmoid')])\nm.compile('adam', 'binary_crossentropy')\nm.fit(X, y, batch_size=1)"),
    ("capacity", "m = Sequential([Dense(8, activation='relu', input_dim=10), Dropout(0.95), "
     "Dense(1, activation='sigmoid')])\nm.compile('adam', 'binary_crossentropy')\nm.fit(X, y)"),
    ("output_activation", "m = Sequential([Conv2D(8, 3, activation='relu', input_shape=(8, 8, 1)), Flatten(), "
     "Dense(10, activation='relu')])\nm.compile('adam', 'sparse_categorical_crossentropy')"),
    ("output_activation", "m = Sequential([LSTM(8, input_shape=(20, 1)), Dense(1, activation='softmax')])\n"
     "m.compile('adam', 'binary_crossentropy')"),
    ("output_activation loss", "i = keras.Input((10,))\nh = Dense(8, activation='relu')(i)\n"
     "o = Dense(3, activation='sigmoid')(h)\nm = keras.Model(i, o)\nm.compile('adam', 'categorical_crossentropy')\n"
     "m.fit(X, hot)"),
]
SOUND = [
    "m = Sequential([Dense(8, activation='relu', input_dim=10), Dense(1, activation='sigmoid')])\n"
    "m.compile('adam', 'binary_crossentropy')\nm.fit(X, y)",
    "m = Sequential([Dense(8, activation='relu', input_dim=10), Dense(3, activation='softmax')])\n"
    "m.compile('adam', 'categorical_crossentropy')\nm.fit(X, hot)",
    "m = Sequential([Dense(8, activation='relu', input_dim=10), Dense(3)])\n"
    "m.compile('adam', keras.losses.SparseCategoricalCrossentropy(from_logits=True))\nm.fit(X, three)",
    "m = Sequential([Dense(8, activation='relu', input_dim=10), Dense(1)])\nm.compile('adam', 'mse')",
    "m = Sequential([Conv2D(8, 3, activation='relu', input_shape=(8, 8, 1)), MaxPooling2D(), Flatten(), Dropout(0.5), "
    "Dense(10, activation='softmax')])\nm.compile('adam', 'sparse_categorical_crossentropy')",
    "m = Sequential([Embedding(1000, 16), LSTM(32), Dense(1, activation='sigmoid')])\n"
    "m.compile('adam', 'binary_crossentropy')",
    "m = Sequential([Embedding(1000, 16), Bidirectional(GRU(8, return_sequences=True)), "
    "Dense(5, activation='softmax')])\n"
    "m.compile('adam', 'sparse_categorical_crossentropy')",
    "i = keras.Input((20, 16))\nh = LayerNormalization()(i + MultiHeadAttention(2, 8)(i, i))\n"
    "m = keras.Model(i, Dense(1, activation='sigmoid')(GlobalAveragePooling1D()(h)))\n"
    "m.compile('adam', 'binary_crossentropy')",
    "m = Sequential([Dense(32, activation='relu', input_shape=(64,)), Dense(64, activation='sigmoid')])\n"
    "m.compile('adam', 'binary_crossentropy')",
    "m = Sequential([Dense(8, activation='relu', input_dim=10), Dense(1, activation='sigmoid')])\n"
    "m.compile(keras.optimizers.Adadelta(1.0), 'binary_crossentropy')\nm.fit(X, y)",
    "m = Sequential([Dense(8, activation='relu', input_dim=10), Dense(3, activation=mine)])\n"
    "m.compile('adam', 'categorical_crossentropy')\nm.fit(X, hot)",
    "m = Sequential([Dense(8, activation='tanh', kernel_initializer='zeros', input_dim=10), "
    "Dense(1, activation='sigmoid', kernel_initializer='he_normal')])\nm.compile('adam', 'binary_crossentropy')",
]
# Programs of tests/core/keras_programs.py in which something is wrong, and what.
KNOWN = {"xor": {"loss"}, "straight line, not scaled": {"input_scale", "target_scale"},
         "initializers and regularizers as objects": {"initialization"}}


@pytest.mark.parametrize(("kinds", "text"), FAULTY)
def test_a_fault_is_found_in_the_text(kinds, text):
    assert {one.kind for one in findings(read(HEAD + text))} & set(kinds.split())


@pytest.mark.parametrize("text", SOUND[:-1])
def test_a_sound_text_is_left_alone(text):
    assert [one.kind for one in findings(read(HEAD + text))] == ["nothing"]


def test_units_under_an_output_of_its_own_kernels_come_apart():
    assert {(one.kind, one.certain) for one in findings(read(HEAD + SOUND[-1]))} == {("initialization", False)}


def test_a_single_number_for_labels_is_no_array():
    text = HEAD + FAULTY[0][1].replace("m.fit(X, y)", "m.fit(X, np.random.randint(0, 2))")
    assert read(text).network.y is None


@pytest.mark.parametrize("name", RUNS | READ)
def test_programs_as_people_write_them_are_left_alone(name):
    code, _ = (RUNS | READ)[name]
    assert {one.kind for one in findings(read(code))} == KNOWN.get(name, {"nothing"})
