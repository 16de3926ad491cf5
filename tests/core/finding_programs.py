"""Small Keras programs, faulty and sound, in the style of questions on Stack Overflow, with what is wrong with each.

The kinds were written down before any of them was run; a faulty program is found if any finding is named, and found
right if one of its kinds is among them. Rows with even numbers were looked at while the thresholds of `core.findings`
were set, the others afterwards: of those, 43 of 45 faulty ones were found right at once, and no sound one was blamed.
The two (one ReLU unit; three sigmoid layers under a squared error) led to a change each. Rows that were not what they
claim were mended: two sound ones did not learn, the spirals were no spirals, and two programs did not run in Keras 3.

A row is `kinds ; data ; layers ; loss ; optimizer ; batch ; epochs`, and after that, where needed, `val=0.3` (a share
held back). `/logits` behind a loss is from_logits=True. Layers are separated by commas: `16 relu`,
`16 relu init=zeros`, `16 relu l2=0.1`, `16 relu bn` with batch norm behind it, `drop 0.5`, `act softmax`;
`3x 16 relu` is three of them.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from core.records import Record, read

FAULTY = """
output_activation ; pima_std ; 12 relu, 8 relu, 1 softmax ; bce ; Adam(0.001) ; 10 ; 8
output_activation ; cancer_std ; 16 relu, 1 softmax ; mse ; SGD(0.01) ; 32 ; 15
output_units output_activation ; iris_int ; 8 relu, 1 softmax ; mse ; Adam(0.001) ; 5 ; 15
output_units ; iris_int ; 16 relu, 1 sigmoid ; bce ; Adam(0.001) ; 5 ; 15
output_activation ; sin10 ; 32 relu, 1 sigmoid ; mse ; Adam(0.01) ; 32 ; 30
output_activation ; sin10 ; 32 tanh, 1 tanh ; mse ; Adam(0.01) ; 32 ; 30
output_activation ; sin ; 32 relu, 1 relu ; mse ; Adam(0.01) ; 32 ; 30
output_activation ; boston_std ; 13 relu, 1 sigmoid ; mse ; Adam(0.001) ; 5 ; 10
output_activation ; cancer_std ; 16 relu, 1 linear ; bce ; Adam(0.01) ; 32 ; 10
output_activation ; pima_std ; 12 relu, 1 relu ; bce ; Adam(0.01) ; 32 ; 10
output_activation ; iris_std ; 16 relu, 3 linear ; cce ; Adam(0.01) ; 16 ; 15
output_activation ; digits ; 32 relu, 10 relu ; cce ; SGD(0.1) ; 32 ; 5
output_activation loss ; digits ; 32 relu, 10 sigmoid ; cce ; SGD(0.01) ; 32 ; 5
loss ; cancer_std ; 16 relu, 1 sigmoid ; cce ; Adam(0.001) ; 32 ; 8
loss ; digits ; 32 relu, 10 softmax ; bce ; SGD(0.01) ; 32 ; 8
loss ; line ; 8 relu, 1 sigmoid ; bce ; Adam(0.001) ; 32 ; 20
labels ; cancer_pm ; 16 relu, 1 sigmoid ; bce ; Adam(0.01) ; 32 ; 10
labels output_units ; digits_column ; 32 relu, 10 softmax ; mse ; Adam(0.001) ; 32 ; 5
labels ; blobs12 ; 8 relu, 1 sigmoid ; bce ; Adam(0.01) ; 16 ; 15
loss ; iris_std ; 16 relu, 3 softmax ; cce/logits ; Adam(0.01) ; 16 ; 10
input_scale learning_rate ; line ; 8 relu, 1 linear ; mse ; SGD(0.01) ; 32 ; 20
input_scale target_scale ; line ; 1 linear ; mse ; SGD(0.01) ; 16 ; 20
input_scale ; wine ; 16 relu, 3 softmax ; cce ; SGD(0.01) ; 16 ; 20
input_scale ; cancer ; 16 sigmoid, 1 sigmoid ; bce ; SGD(0.01) ; 32 ; 20
input_scale ; digits255 ; 32 sigmoid, 10 softmax ; cce ; SGD(0.01) ; 64 ; 6
input_scale ; pima ; 12 relu, 8 relu, 1 sigmoid ; bce ; SGD(0.01) ; 32 ; 12
input_scale ; wine ; 16 tanh, 3 softmax ; cce ; Adam(0.001) ; 16 ; 20
input_scale ; boston ; 13 relu, 1 linear ; mse ; SGD(0.01) ; 32 ; 15
target_scale ; houses ; 16 relu, 1 linear ; mse ; Adam(0.001) ; 32 ; 15
target_scale learning_rate ; houses ; 16 relu, 1 linear ; mse ; SGD(0.1) ; 32 ; 15
target_scale ; diabetes ; 10 relu, 1 linear ; mse ; Adam(0.001) ; 32 ; 10
input_scale ; nan ; 16 relu, 1 sigmoid ; bce ; Adam(0.001) ; 32 ; 8
learning_rate ; digits ; 32 relu, 10 softmax ; cce ; Adam(1.0) ; 32 ; 6
learning_rate ; cancer_std ; 16 relu, 16 relu, 1 sigmoid ; bce ; SGD(50) ; 32 ; 15
learning_rate ; circles ; 16 relu, 16 relu, 1 sigmoid ; bce ; Adam(1.0) ; 16 ; 20
learning_rate ; moons ; 16 relu, 1 sigmoid ; bce ; SGD(0.00001) ; 32 ; 20
learning_rate ; digits ; 64 relu, 10 softmax ; cce ; Adam(0.000001) ; 64 ; 6
learning_rate ; sin ; 32 tanh, 1 linear ; mse ; SGD(0.0) ; 32 ; 10
learning_rate ; digits ; 32 relu, 10 softmax ; cce ; RMSprop(0.5) ; 32 ; 6
learning_rate slow ; xor ; 8 sigmoid, 1 sigmoid ; mse ; SGD(0.01) ; 4 ; 150
learning_rate slow activation loss ; xor ; 2 sigmoid, 1 sigmoid ; bce ; SGD(0.1) ; 1 ; 60
learning_rate ; moons ; 16 relu, 1 sigmoid ; bce ; SGD(0.1,clipnorm=0.00001) ; 32 ; 20
symmetric initialization ; digits ; 32 relu init=zeros, 10 softmax init=zeros ; cce ; SGD(0.1) ; 32 ; 5
symmetric initialization ; circles ; 16 tanh init=ones, 1 sigmoid init=ones ; bce ; Adam(0.01) ; 16 ; 15
symmetric initialization ; xor ; 8 tanh init=zeros, 1 sigmoid init=zeros ; mse ; SGD(0.5) ; 4 ; 60
initialization ; digits ; 3x 64 tanh init=normal1, 10 softmax init=normal1 ; cce ; SGD(0.001) ; 32 ; 5
initialization ; circles ; 2x 32 sigmoid init=normal5, 1 sigmoid init=normal5 ; bce ; SGD(0.001) ; 16 ; 15
activation vanishing ; digits ; 7x 16 sigmoid, 10 softmax ; cce ; SGD(0.1) ; 32 ; 6
activation vanishing ; circles ; 6x 16 sigmoid, 1 sigmoid ; bce ; Adam(0.001) ; 32 ; 20
vanishing initialization ; circles ; 5x 16 tanh init=normal01, 1 sigmoid ; bce ; SGD(0.01) ; 32 ; 20
activation capacity ; circles ; 16 linear, 16 linear, 1 sigmoid ; bce ; Adam(0.01) ; 16 ; 20
activation capacity ; xor ; 8 linear, 1 sigmoid ; bce ; SGD(0.5) ; 4 ; 80
activation ; digits ; 32 relu, 16 softmax, 10 softmax ; cce ; SGD(0.01) ; 32 ; 6
capacity ; xor ; 1 sigmoid ; bce ; SGD(0.5) ; 4 ; 80
capacity ; circles ; 1 sigmoid ; bce ; Adam(0.1) ; 16 ; 15
capacity ; spirals ; 1 tanh, 1 sigmoid ; bce ; Adam(0.05) ; 16 ; 20
capacity ; digits ; 32 relu, drop 0.9, 32 relu, drop 0.9, 10 softmax ; cce ; Adam(0.001) ; 32 ; 6
capacity ; moons ; 16 relu l2=10, 1 sigmoid l2=10 ; bce ; Adam(0.01) ; 16 ; 20
batch_norm ; cancer_std ; 8 relu, bn, 1 sigmoid ; bce ; SGD(0.01) ; 1 ; 1
batch_norm ; moons ; 16 relu, bn, 1 sigmoid ; bce ; Adam(0.01) ; 1 ; 2
labels ; rare ; 16 relu, 1 sigmoid ; bce ; SGD(0.01) ; 32 ; 12
labels ; rare ; 8 tanh, 8 tanh, 1 sigmoid ; mse ; SGD(0.01) ; 32 ; 12
labels ; onelabel ; 8 relu, 1 sigmoid ; bce ; Adam(0.01) ; 32 ; 8
output_activation ; multilabel ; 32 relu, 5 softmax ; cce ; Adam(0.01) ; 32 ; 10
overfit ; noisy_few ; 64 relu, 64 relu, 1 sigmoid ; bce ; Adam(0.01) ; 16 ; 60 ; val=0.5
overfit ; noisy_digits ; 128 relu, 128 relu, 10 softmax ; cce ; Adam(0.005) ; 32 ; 30 ; val=0.5
dead learning_rate ; boston_std ; 16 relu, 16 relu, 1 linear ; mse ; SGD(0.3) ; 32 ; 15
dead learning_rate overflow ; houses_std ; 16 relu, 16 relu, 1 relu ; mse ; SGD(5) ; 16 ; 15
output_activation target_scale ; auto255 ; 32 relu, 64 sigmoid ; bce ; Adam(0.001) ; 64 ; 6
output_activation target_scale ; auto_std ; 32 relu, 64 sigmoid ; mse ; Adam(0.001) ; 64 ; 6
slow batch_size learning_rate ; digits ; 32 relu, 10 softmax ; cce ; SGD(0.01) ; 1000 ; 10
exploding initialization overflow ; digits ; 3x 64 relu init=normal1, 10 softmax ; cce ; SGD(0.01) ; 32 ; 5
output_activation ; circles ; 16 relu, 1 tanh ; bce ; SGD(0.1) ; 16 ; 15
output_activation loss ; digits ; 32 relu, 10 softmax, act softmax ; cce ; SGD(0.01) ; 32 ; 6
input_scale target_scale slow ; line ; 8 relu, 1 linear ; mse ; Adam(0.001) ; 32 ; 20
input_scale target_scale learning_rate overflow ; square100 ; 16 relu, 1 linear ; mse ; SGD(0.01) ; 20 ; 20
input_scale target_scale slow ; square100 ; 16 relu, 1 linear ; mse ; Adam(0.001) ; 20 ; 30
capacity ; sin ; 1 relu, 1 linear ; mse ; Adam(0.01) ; 20 ; 30
slow learning_rate ; digits ; 32 relu, 10 softmax ; cce ; SGD(0.001) ; 64 ; 2
slow learning_rate batch_size activation ; iris_std ; 4 sigmoid, 3 softmax ; cce ; SGD(0.01) ; 150 ; 30
learning_rate dead ; sin ; 32 relu, 32 relu, 1 linear ; mse ; Adam(0.5) ; 20 ; 30
learning_rate overflow ; sin ; 32 tanh, 1 linear ; mse ; SGD(2.0) ; 20 ; 30
not_learning slow ; shuffled ; 16 relu, 3 softmax ; cce ; SGD(0.05) ; 16 ; 20
activation vanishing saturated learning_rate slow ; moons ; 3x 10 sigmoid, 1 sigmoid ; mse ; SGD(0.1) ; 32 ; 30
output_activation ; iris_std ; 8 relu, 3 relu ; mse ; SGD(0.01) ; 16 ; 20
loss output_activation ; iris_std ; 8 relu, 3 sigmoid ; mse ; SGD(0.01) ; 16 ; 20
input_scale ; sin100 ; 16 tanh, 1 linear ; mse ; Adam(0.01) ; 20 ; 30
capacity ; wine_std ; 8 relu, drop 0.8, 3 softmax, drop 0.8 ; cce ; Adam(0.01) ; 16 ; 12
loss ; pima_std ; 12 relu, 1 linear ; cce ; Adam(0.001) ; 16 ; 8
labels ; digits_column ; 32 relu, 10 softmax ; mae ; SGD(0.1) ; 32 ; 5
"""

SOUND = """
nothing ; xor50 ; 16 relu, 1 sigmoid ; bce ; Adam(0.05) ; 20 ; 25
nothing ; xor ; 8 tanh, 1 sigmoid ; mse ; Adam(0.1) ; 4 ; 100
nothing ; xor ; 16 relu, 1 sigmoid ; mse ; Adam(0.05) ; 4 ; 80
nothing ; xor ; 8 tanh, 1 sigmoid ; bce ; SGD(1.0) ; 4 ; 200
nothing ; xor_tanh ; 8 tanh, 1 tanh ; mse ; Adam(0.05) ; 4 ; 80
nothing ; xor50 ; 4 tanh, 1 sigmoid ; mse ; SGD(1.0) ; 4 ; 30
nothing ; sin ; 32 tanh, 1 linear ; mse ; Adam(0.01) ; 20 ; 40
nothing ; sin ; 32 relu, 32 relu, 1 linear ; mse ; Adam(0.005) ; 20 ; 40
nothing ; sin ; 32 tanh, 1 tanh ; mse ; Adam(0.01) ; 20 ; 40
nothing ; sin ; 16 tanh, 16 tanh, 1 linear ; mae ; Adam(0.01) ; 20 ; 40
nothing ; sin ; 32 elu, 1 linear ; huber ; RMSprop(0.005) ; 20 ; 40
nothing ; square ; 16 relu, 1 linear ; mse ; Adam(0.01) ; 20 ; 30
nothing ; square ; 32 relu, 32 relu, 1 relu ; mse ; Adam(0.005) ; 20 ; 30
nothing ; square ; 16 relu, 1 softplus ; mse ; Adam(0.01) ; 20 ; 30
nothing ; square ; 16 tanh, 1 sigmoid ; mse ; Adam(0.03) ; 20 ; 30
nothing ; line_std ; 1 linear ; mse ; SGD(0.1) ; 20 ; 20
nothing ; line_std ; 1 linear ; mse ; Adam(0.05) ; 20 ; 30
nothing ; line_std ; 8 linear, 1 linear ; mse ; SGD(0.05) ; 20 ; 20
nothing ; line_noisy ; 1 linear ; mse ; SGD(0.05) ; 20 ; 20
nothing ; line_noisy ; 8 relu, 1 linear ; mse ; Adam(0.01) ; 20 ; 20
nothing ; iris ; 16 relu, 3 softmax ; cce ; Adam(0.01) ; 8 ; 25
nothing ; iris ; 8 relu, 3 softmax ; cce ; Adam(0.01) ; 5 ; 25
nothing ; iris_std ; 8 tanh, 3 softmax ; cce ; SGD(0.1) ; 8 ; 25
nothing ; iris_std ; 3 softmax ; cce ; SGD(0.1) ; 8 ; 25
nothing ; iris_int ; 16 relu, 3 softmax ; scce ; Adam(0.01) ; 8 ; 25
nothing ; iris_int ; 10 relu, 10 relu, 3 softmax ; scce ; SGD(0.05,momentum=0.9) ; 8 ; 20
nothing ; iris_std ; 16 relu, 3 softmax ; mse ; Adam(0.01) ; 8 ; 25
nothing ; iris_int ; 16 relu, 3 linear ; scce/logits ; Adam(0.01) ; 8 ; 20
nothing ; wine_std ; 16 relu, 3 softmax ; cce ; Adam(0.01) ; 16 ; 15
nothing ; wine_std ; 16 sigmoid, 3 softmax ; cce ; Adam(0.03) ; 16 ; 20
nothing ; wine ; bn, 16 relu, 3 softmax ; cce ; Adam(0.01) ; 16 ; 15
nothing ; wine_std ; 32 relu, drop 0.5, 3 softmax ; cce ; Adam(0.01) ; 16 ; 15
nothing ; wine_std ; 16 relu l2=0.001, 3 softmax ; cce ; Adam(0.01) ; 16 ; 15
nothing ; cancer_std ; 16 relu, 1 sigmoid ; bce ; Adam(0.01) ; 32 ; 8
nothing ; cancer_std ; 1 sigmoid ; bce ; SGD(0.1) ; 32 ; 10
nothing ; cancer_std ; 8 tanh, 1 sigmoid ; bce ; SGD(0.1) ; 32 ; 10
nothing ; cancer_std ; 16 relu, 8 relu, 1 sigmoid ; mse ; Adam(0.005) ; 32 ; 10
nothing ; cancer_std ; 16 relu, 1 linear ; bce/logits ; Adam(0.01) ; 32 ; 8
nothing ; cancer_two ; 16 relu, 2 softmax ; cce ; Adam(0.01) ; 32 ; 8
nothing ; cancer_two ; 16 relu, 2 softmax ; bce ; Adam(0.01) ; 32 ; 8
nothing ; cancer_pm ; 16 relu, 1 tanh ; hinge ; Adam(0.01) ; 32 ; 10
nothing ; cancer_pm ; 16 relu, 1 tanh ; mse ; Adam(0.01) ; 32 ; 10
nothing ; cancer_std ; 8 relu, 1 sigmoid ; bce ; SGD(0.01) ; 1 ; 2
nothing ; cancer_std ; 30 relu, bn, 1 sigmoid ; bce ; Adam(0.005) ; 32 ; 8
nothing ; cancer_std ; 30 relu, drop 0.5, 15 relu, drop 0.5, 1 sigmoid ; bce ; Adam(0.005) ; 32 ; 12
nothing ; cancer ; 16 relu, 1 sigmoid ; bce ; Adam(0.001) ; 16 ; 25
nothing ; pima_std ; 12 relu, 8 relu, 1 sigmoid ; bce ; Adam(0.003) ; 10 ; 10
nothing ; pima_std ; 12 relu, 1 sigmoid ; bce ; SGD(0.1) ; 32 ; 15
nothing ; pima_std ; 1 sigmoid ; bce ; Adam(0.03) ; 32 ; 12
nothing ; pima_std ; 16 tanh, 1 sigmoid ; mse ; Adam(0.01) ; 32 ; 12
nothing ; digits ; 32 relu, 10 softmax ; cce ; Adam(0.003) ; 32 ; 6
nothing ; digits ; 64 relu, 64 relu, 10 softmax ; cce ; Adam(0.001) ; 32 ; 6
nothing ; digits ; 32 relu, 10 softmax ; cce ; SGD(0.1) ; 32 ; 8
nothing ; digits ; 32 tanh, 10 softmax ; cce ; SGD(0.1) ; 32 ; 8
nothing ; digits ; 32 sigmoid, 10 softmax ; cce ; Adam(0.01) ; 32 ; 6
nothing ; digits_int ; 64 relu, 10 softmax ; scce ; Adam(0.003) ; 64 ; 8
nothing ; digits_int ; 64 relu, drop 0.2, 10 softmax ; scce ; Adam(0.003) ; 32 ; 6
nothing ; digits_int ; 64 relu, 10 linear ; scce/logits ; Adam(0.003) ; 32 ; 6
nothing ; digits ; 10 softmax ; cce ; SGD(0.5) ; 32 ; 8
nothing ; digits ; 64 relu, drop 0.5, 64 relu, drop 0.5, 10 softmax ; cce ; Adam(0.003) ; 32 ; 8
nothing ; digits ; 3x 32 relu init=he_normal bn, 10 softmax ; cce ; SGD(0.1) ; 32 ; 5
nothing ; digits ; 5x 32 relu init=he_normal, 10 softmax ; cce ; Adam(0.001) ; 32 ; 8
nothing ; digits ; 64 relu, 10 softmax ; mse ; Adam(0.003) ; 32 ; 8
nothing ; digits16 ; 32 relu, 10 softmax ; cce ; Adam(0.003) ; 32 ; 8
nothing ; digits255 ; 64 relu, 10 softmax ; cce ; Adam(0.001) ; 32 ; 12
nothing ; digits ; 32 act=leaky, 10 softmax ; cce ; RMSprop(0.003) ; 32 ; 6
nothing ; digits ; 32 linear, act relu, 10 linear, act softmax ; cce ; Adam(0.003) ; 32 ; 6
nothing ; digits ; 2x 32 selu init=lecun_normal, 10 softmax ; cce ; Nadam(0.002) ; 32 ; 6
nothing ; digits ; 64 relu, 10 softmax ; kl_divergence ; Adam(0.003) ; 32 ; 6
nothing ; boston_std2 ; 13 relu, 1 linear ; mse ; Adam(0.01) ; 16 ; 20
nothing ; boston_std2 ; 32 relu, 16 relu, 1 linear ; mse ; Adam(0.005) ; 16 ; 15
nothing ; boston_std2 ; 1 linear ; mse ; SGD(0.02) ; 16 ; 15
nothing ; boston_std ; 32 relu, 16 relu, 1 linear ; mse ; Adam(0.01) ; 8 ; 30
nothing ; boston_std2 ; 16 tanh, 1 linear ; mae ; Adam(0.01) ; 16 ; 20
nothing ; houses_std ; 16 relu, 1 linear ; mse ; Adam(0.01) ; 16 ; 15
nothing ; diabetes_std ; 16 relu, 1 linear ; mse ; Adam(0.005) ; 16 ; 15
nothing ; diabetes_std ; 1 linear ; mse ; SGD(0.01) ; 16 ; 12
nothing ; diabetes_std ; 16 tanh, drop 0.2, 1 linear ; huber ; Adam(0.005) ; 16 ; 15
nothing ; circles ; 16 relu, 1 sigmoid ; bce ; Adam(0.02) ; 16 ; 25
nothing ; circles ; 16 tanh, 16 tanh, 1 sigmoid ; bce ; Adam(0.02) ; 16 ; 20
nothing ; circles ; 32 relu, 32 relu, 1 sigmoid ; bce ; SGD(0.1,momentum=0.9) ; 16 ; 20
nothing ; moons ; 16 relu, 16 relu, 1 sigmoid ; bce ; Adam(0.01) ; 16 ; 20
nothing ; moons ; 16 tanh, 1 sigmoid ; bce ; SGD(0.5) ; 16 ; 25
nothing ; moons ; 8 relu, 1 sigmoid ; mse ; Adam(0.02) ; 16 ; 20
nothing ; moons ; 16 relu, 1 sigmoid ; bce ; SGD(0.05) ; 1 ; 3
nothing ; blobs ; 8 relu, 3 softmax ; cce ; Adam(0.02) ; 16 ; 15
nothing ; blobs ; 3 softmax ; cce ; SGD(0.1) ; 16 ; 15
nothing ; spirals ; 32 tanh, 32 tanh, 1 sigmoid ; bce ; Adam(0.02) ; 16 ; 60
nothing ; auto ; 32 relu, 64 sigmoid ; bce ; Adam(0.005) ; 64 ; 12
nothing ; auto ; 32 relu, 64 sigmoid ; mse ; Adam(0.005) ; 64 ; 15
nothing ; auto ; 32 relu, 16 relu, 32 relu, 64 sigmoid ; mse ; Adam(0.005) ; 32 ; 12
nothing ; auto_std ; 32 relu, 64 linear ; mse ; Adam(0.005) ; 64 ; 12
nothing ; auto ; 16 linear, 64 linear ; mse ; Adam(0.005) ; 64 ; 12
nothing ; multilabel ; 32 relu, 5 sigmoid ; bce ; Adam(0.01) ; 32 ; 12
nothing ; rare_clear ; 16 relu, 1 sigmoid ; bce ; Adam(0.01) ; 32 ; 12
nothing ; noisy ; 8 relu, 1 sigmoid ; bce ; Adam(0.01) ; 32 ; 15
nothing ; noisy ; 1 sigmoid ; bce ; SGD(0.1) ; 32 ; 15
nothing ; digits ; 32 relu, 10 softmax ; cce ; Adam(0.001) ; 32 ; 3
nothing ; digits ; 64 relu, 10 softmax ; cce ; Adam(0.002) ; 32 ; 12 ; val=0.3
nothing ; moons ; 32 relu, 32 relu, 1 sigmoid ; bce ; Adam(0.01) ; 16 ; 25 ; val=0.3
nothing ; cancer_std ; 32 relu, 32 relu, 1 sigmoid ; bce ; Adam(0.005) ; 32 ; 15 ; val=0.3
nothing ; iris_std ; 16 relu, 3 softmax ; cce ; Adam(0.01) ; 8 ; 25 ; val=0.3
nothing ; digits ; 32 relu, 32 relu, 10 softmax ; cce ; SGD(0.05,momentum=0.9) ; 64 ; 8
nothing ; digits ; 32 gelu, 32 silu, 10 softmax ; cce ; AdamW(0.003) ; 32 ; 6
"""


SHORT = {"bce": "binary_crossentropy", "cce": "categorical_crossentropy", "scce": "sparse_categorical_crossentropy"}


class Program(NamedTuple):
    """One row. kinds: what may be found of it. number: its place in its table."""

    kinds: tuple[str, ...]
    data: str
    layers: tuple[str, ...]
    loss: str
    optimizer: str
    batch: int
    epochs: int
    held: float
    number: int

    @property
    def seen(self) -> bool:
        """Whether it was looked at while thresholds were set."""
        return self.number % 2 == 0


def _programs(table: str) -> list[Program]:
    rows = [[part.strip() for part in line.split(";")] for line in table.strip().splitlines()]
    return [Program(tuple(kinds.split()), data, _each(layers), loss, optimizer,
                    int(batch), int(epochs), float(more[0].removeprefix("val=")) if more else 0.0, number)
            for number, (kinds, data, layers, loss, optimizer, batch, epochs, *more) in enumerate(rows)]


def _each(layers: str) -> tuple[str, ...]:
    """The layers one by one."""
    found: list[str] = []
    for layer in layers.split(","):
        times, one, norm = re.fullmatch(r"(?:(\d+)x )?(.+?)( bn)?", layer.strip()).groups()
        found += [one, *["bn"] * bool(norm)] * int(times or 1)
    return tuple(found)


FAULTY_PROGRAMS, SOUND_PROGRAMS = _programs(FAULTY), _programs(SOUND)


# --- data -----------------------------------------------------------------------------------------------------------

Arrays = tuple[np.ndarray, np.ndarray]


def _standard(x: np.ndarray) -> np.ndarray:
    return (x - x.mean(0)) / np.where(x.std(0) > 0, x.std(0), 1)


def _one_hot(labels: np.ndarray) -> np.ndarray:
    return np.eye(labels.max() + 1, dtype="float32")[labels]


def _xor(times: int = 1) -> Arrays:
    x = np.tile(np.array([[0, 0], [0, 1], [1, 0], [1, 1]], "float32"), (times, 1))
    return x, (x[:, :1] != x[:, 1:]).astype("float32")


def _wave(height: float = 1.0) -> Arrays:
    x = np.linspace(-3, 3, 200)[:, None]
    return x, height * np.sin(x)


def _square() -> Arrays:
    x = np.linspace(-1, 1, 200)[:, None]
    return x, np.square(x)


def _line() -> Arrays:
    x = np.arange(200.0)[:, None]
    return x, 2 * x


def _line_noisy() -> Arrays:
    x = np.random.default_rng(5).standard_normal((300, 3))
    return x, x @ [[1.0], [-2.0], [0.5]] + np.random.default_rng(6).normal(0, 0.7, (300, 1))


def _bundled(name: str) -> Arrays:
    from sklearn import datasets

    bunch = getattr(datasets, f"load_{name}")()
    return bunch.data.astype("float64"), bunch.target


def _made(name: str, **arguments: object) -> Arrays:
    from sklearn import datasets

    x, y = getattr(datasets, f"make_{name}")(random_state=3, **arguments)
    return x, y


def _pima() -> Arrays:
    """Eight columns of the means and spreads of the Pima diabetes table, and labels that follow two of them."""
    random = np.random.default_rng(7)
    means = np.array([3.8, 120, 69, 20.5, 80, 32, 0.47, 33])
    spreads = np.array([3.4, 32, 19, 16, 115, 7.9, 0.33, 11.8])
    x = np.abs(random.normal(means, spreads, (500, 8)))
    score = 1.6 * (x[:, 1] - 120) / 32 + 0.9 * (x[:, 5] - 32) / 7.9 + 0.5 * (x[:, 7] - 33) / 11.8 - 0.9
    return x, (random.random(500) < 1 / (1 + np.exp(-score))).astype("float32")


def _boston() -> Arrays:
    """Thirteen columns of very different sizes, and prices of 5 to 50."""
    random = np.random.default_rng(8)
    sizes = np.array([8.6, 23, 6.9, 0.25, 0.12, 0.7, 28, 2.1, 8.7, 168, 2.2, 91, 7.1])
    means = np.array([3.6, 11, 11, 0.07, 0.55, 6.3, 68, 3.8, 9.5, 408, 18, 356, 12.6])
    x = np.abs(means + sizes * random.standard_normal((400, 13)))
    z = (x - x.mean(0)) / x.std(0)
    return x, np.clip(22.5 + 5 * z[:, 5] - 5 * z[:, 12] + 2 * z[:, 7] * z[:, 4] + random.normal(0, 2, 400), 5, 50)


def _houses() -> Arrays:
    x, y = _boston()
    return _standard(x), y * 10_000


def _spirals() -> Arrays:
    random = np.random.default_rng(9)
    turn = np.sqrt(random.random(200)) * 7
    side = np.repeat([0, 1], 100)
    angle = turn + np.pi * side
    return np.stack([turn * np.cos(angle), turn * np.sin(angle)], 1) / 4 + random.normal(0, 0.03, (200, 2)), side


def _rare(apart: float) -> Arrays:
    random = np.random.default_rng(10)
    y = (np.arange(600) % 20 == 0).astype("float32")
    return random.standard_normal((600, 4)) + apart * y[:, None], y


def _noisy(examples: int, features: int) -> Arrays:
    """Labels that follow the first column in six or seven of ten."""
    random = np.random.default_rng(11)
    x = random.standard_normal((examples, features))
    return x, (random.random(examples) < 1 / (1 + np.exp(-x[:, 0]))).astype("float32")


def _noisy_digits() -> Arrays:
    x, y = _bundled("digits")
    random = np.random.default_rng(12)
    y = np.where(random.random(len(y)) < 0.5, random.integers(0, 10, len(y)), y)
    return x[:300] / 16, _one_hot(y[:300])


def _with_nan() -> Arrays:
    x, y = _pima()
    x = _standard(x)
    x[17, 3] = np.nan
    return x, y


def _digits(scale: float, hot: bool = True) -> Arrays:
    x, y = _bundled("digits")
    return x[:1000] * scale, _one_hot(y[:1000]) if hot else y[:1000]


def _copied(x: np.ndarray) -> Arrays:
    return x, x


def _std(made: Arrays, both: bool = False) -> Arrays:
    return _standard(made[0]), _standard(made[1]) if both else made[1]


def _hot(made: Arrays) -> Arrays:
    return made[0], _one_hot(made[1])


DATA: dict[str, Callable[[], Arrays]] = {
    "xor": _xor, "xor50": lambda: _xor(50), "xor_tanh": lambda: (_xor()[0], 2 * _xor()[1] - 1),
    "sin": _wave, "sin10": lambda: _wave(10.0), "square": _square,
    "square100": lambda: (100 * _square()[0], 10_000 * _square()[1]),
    "sin100": lambda: (np.arange(200.0)[:, None], np.sin(np.arange(200.0)[:, None] / 10)),
    "shuffled": lambda: (np.random.default_rng(2).permutation(_bundled("iris")[0]), _hot(_bundled("iris"))[1]),
    "line": _line,
    "line_std": lambda: _std(_line(), both=True), "line_noisy": _line_noisy,
    "iris": lambda: _hot(_bundled("iris")), "iris_int": lambda: _std(_bundled("iris")),
    "iris_std": lambda: _hot(_std(_bundled("iris"))),
    "wine": lambda: _hot(_bundled("wine")), "wine_std": lambda: _hot(_std(_bundled("wine"))),
    "cancer": lambda: _bundled("breast_cancer"), "cancer_std": lambda: _std(_bundled("breast_cancer")),
    "cancer_two": lambda: _hot(_std(_bundled("breast_cancer"))),
    "cancer_pm": lambda: (_std(_bundled("breast_cancer"))[0], 2.0 * _bundled("breast_cancer")[1] - 1),
    "pima": _pima, "pima_std": lambda: _std(_pima()), "nan": _with_nan,
    "boston": _boston, "boston_std": lambda: _std(_boston()), "boston_std2": lambda: _std(_boston(), both=True),
    "houses": _houses, "houses_std": lambda: _std(_houses(), both=True),
    "diabetes": lambda: _std(_bundled("diabetes")), "diabetes_std": lambda: _std(_bundled("diabetes"), both=True),
    "digits": lambda: _digits(1 / 16), "digits16": lambda: _digits(1.0), "digits255": lambda: _digits(255 / 16),
    "digits_int": lambda: _digits(1 / 16, hot=False), "noisy_digits": _noisy_digits,
    "digits_column": lambda: (_digits(1 / 16)[0], _digits(1 / 16, hot=False)[1][:, None]),
    "auto": lambda: _copied(_digits(1 / 16)[0]), "auto255": lambda: _copied((_digits(255 / 16)[0]).round()),
    "auto_std": lambda: _copied(_standard(_digits(1 / 16)[0])),
    "circles": lambda: _made("circles", n_samples=300, noise=0.08, factor=0.5),
    "moons": lambda: _made("moons", n_samples=300, noise=0.15), "spirals": _spirals,
    "blobs": lambda: _hot(_made("blobs", n_samples=300, centers=3)),
    "blobs12": lambda: (lambda made: (made[0], made[1] + 1))(_made("blobs", n_samples=200, centers=2)),
    "multilabel": lambda: _std(_made("multilabel_classification", n_samples=400, n_features=12, n_labels=3)),
    "rare": lambda: _rare(0.6), "rare_clear": lambda: _rare(3.0), "noisy": lambda: _noisy(400, 4),
    "noisy_few": lambda: _noisy(120, 20), "onelabel": lambda: (_noisy(200, 4)[0], np.ones(200)),
}


# --- programs -------------------------------------------------------------------------------------------------------


def _initializer(keras, name: str):
    if name.startswith("normal"):
        spread = {"normal1": 1.0, "normal5": 5.0, "normal01": 0.01}[name]
        return keras.initializers.RandomNormal(stddev=spread, seed=1)
    return name


def _layer(keras, text: str):
    words = text.split()
    options = dict(word.split("=") for word in words if "=" in word)
    if words[0] == "drop":
        return keras.layers.Dropout(float(words[1]), seed=1)
    if words[0] == "bn":
        return keras.layers.BatchNormalization()
    if words[0] == "act":
        return keras.layers.Activation(words[1])
    arguments = {"kernel_initializer": _initializer(keras, options["init"])} if "init" in options else {}
    if "l2" in options:
        arguments["kernel_regularizer"] = keras.regularizers.L2(float(options["l2"]))
    activation = keras.layers.LeakyReLU() if options.get("act") == "leaky" else words[1]
    return keras.layers.Dense(int(words[0]), activation=activation, **arguments)


def _optimizer(keras, text: str):
    name, rate, more = re.fullmatch(r"(\w+)\(([\d.]+)(?:,(.*))?\)", text).groups()
    arguments = {key: float(value) for key, value in (one.split("=") for one in (more or "").split(",") if one)}
    return getattr(keras.optimizers, name)(float(rate), **arguments)


def _loss(keras, text: str):
    short, _, logits = text.partition("/")
    name = SHORT.get(short, short)
    return getattr(keras.losses, name.title().replace("_", ""))(from_logits=True) if logits else name


def recorded(program: Program, folder: Path) -> Record:
    """Trains a program with the recorder and reads the record."""
    import keras

    from core.watch import Watch

    keras.utils.set_random_seed(program.number)
    x, y = (array.astype("float32") for array in DATA[program.data]())
    held = int(len(x) * program.held)
    order = np.random.default_rng(1).permutation(len(x))
    x, y = x[order], y[order]
    train, validation = (x[held:], y[held:]), (x[:held], y[:held])
    model = keras.Sequential([keras.layers.Input(x.shape[1:]), *(_layer(keras, text) for text in program.layers)])
    numbers = program.loss in ("mse", "mae", "huber") and program.data not in ("xor", "xor50")
    model.compile(loss=_loss(keras, program.loss), optimizer=_optimizer(keras, program.optimizer),
                  jit_compile=False,  # compiling takes longer than such a training
                  metrics=[] if numbers else ["accuracy"])
    path = folder / "run.watch.json"
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "__array__ implementation", DeprecationWarning)  # Keras's own way with NumPy
        warnings.filterwarnings("ignore", "You are using a softmax", UserWarning)  # of one unit: it is what is faulty
        model.fit(*train, batch_size=program.batch, epochs=program.epochs, verbose=0,
                  validation_data=validation if held else None, callbacks=[Watch(path, *train)])
    return read(path.read_text())
