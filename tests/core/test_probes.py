"""What is shown of a layer against its definition, worked out in float64 NumPy from back-propagation's arrays."""

from dataclasses import fields, replace

import numpy as np
import pytest

from core.activations import ACTIVATIONS
from core.network import backpropagate, initial_weights
from core.probes import Layers, norm
from core.spec import FIELDS, RunSpec
from core.training import Trainer, train
from tests.core import reference


def batch_of(spec: RunSpec, update: int) -> tuple[np.ndarray, np.ndarray]:
    """The batch of an update, by the rule that the design states."""
    data = spec.data()
    if spec.batch_size is None:
        return data.x_train, data.y_train
    a_epoch = -(-len(data.x_train) // spec.batch_size)
    epoch, within = divmod(update - 1, a_epoch)
    order = np.random.default_rng([spec.seed, epoch]).permutation(len(data.x_train))
    rows = order[within * spec.batch_size:][:spec.batch_size]
    return data.x_train[rows], data.y_train[rows]


def rms(array) -> float:
    return float(np.sqrt(np.mean(np.square(np.asarray(array, np.float64)))))


def length(array) -> float:
    return float(np.linalg.norm(np.asarray(array, np.float64)))


def by_definition(spec: RunSpec, weights, before, update: int) -> dict[str, list[float]]:
    """Every field of `Layers` at these weights; `before` are the weights one update earlier, None at step 0."""
    x, y = batch_of(spec, update)
    back = backpropagate(spec, weights, x, y)
    u = reference.forward(spec, weights, x).u
    names = [*spec.activations, spec.output_activation]
    result: dict[str, list[float]] = {field.name: [] for field in fields(Layers)}
    for layer, name in enumerate(names):
        alpha = spec.alpha if layer < spec.depth else None
        slope = np.abs(ACTIVATIONS[name].derivative(u[layer], alpha))
        kernel = np.asarray(weights[layer][0], np.float64)
        step = np.full_like(kernel, np.nan) if before is None else kernel - before[layer][0]
        with np.errstate(invalid="ignore"):
            ratio = np.float64(rms(step)) / rms(kernel)
        for field, value in {
            "kernel_gradient_norm": length(back.kernel_gradients[layer]),
            "bias_gradient_norm": length(back.bias_gradients[layer]),
            "signal_rms": rms(len(x) * back.signals[layer].astype(np.float64)),
            "activation_mean": np.mean(back.activations[layer], dtype=np.float64),
            "activation_std": np.std(back.activations[layer], dtype=np.float64),
            "saturated_fraction": np.mean(slope < 0.01 * ACTIVATIONS[name].largest_slope(alpha)),
            "dead_fraction": np.mean((slope == 0).all(axis=0)),
            "update_ratio": ratio,
            "kernel_norm": length(kernel),
        }.items():
            result[field].append(float(value))
    return result


SPECS = {
    "all alike": RunSpec(widths=(8,) * 6, activation="tanh", initializer="he_normal", batch_size=32, optimizer="adam",
                         learning_rate=0.01, steps=6),
    "all different": RunSpec(dataset="digits", samples=200, widths=(12, 8, 8, 8, 6),
                             activation=("relu", "tanh", "leaky_relu", "elu", "sigmoid"), alpha=0.3, gain=1.5,
                             batch_norm=(True, False, True, True, False), skip=True, bias_std=0.3, batch_size=64,
                             optimizer="momentum", clip="norm", clip_threshold=0.1, steps=6),
    "two runs of layers": RunSpec(dataset="sine", widths=(10, 10, 10, 4, 4), activation="softplus", steps=6,
                                  initializer="orthogonal", loss="huber"),
}
AT_STEP_0 = {
    "saturated": RunSpec(widths=(16,) * 4, activation="tanh", gain=8, bias_std=2),
    "dead": RunSpec(dataset="moons", widths=(16,) * 3, activation="relu", bias_std=1.5, loss="hinge"),
    **{activation: RunSpec(dataset="blobs", widths=(8, 8, 5), activation=activation, alpha=1.3, gain=2)
       for activation in FIELDS["activation"].choices},
}
TOLERANCE = {"rtol": 2e-4, "atol": 1e-6}


def check(layers: Layers, expected: dict[str, list[float]]) -> None:
    for field, values in expected.items():
        shown = getattr(layers, field)
        assert shown.dtype == np.float64
        # the step taken is a difference of float32 numbers
        tolerance = {"rtol": 1e-2, "atol": 1e-6} if field == "update_ratio" else TOLERANCE
        np.testing.assert_allclose(shown, values, **tolerance, err_msg=field)


@pytest.mark.parametrize("name", SPECS)
def test_every_field_is_what_its_definition_says(name):
    spec = SPECS[name]
    trainer = Trainer(spec)
    before = trainer.weights
    check(trainer.snapshot.layers, by_definition(spec, before, None, update=1))
    for step in range(1, 7):
        trainer.advance()
        assert trainer.snapshot.step == step
        weights = trainer.weights
        check(trainer.snapshot.layers, by_definition(spec, weights, before, step + 1))
        before = weights


@pytest.mark.parametrize("name", AT_STEP_0)
def test_every_activations_fields_are_what_their_definition_says(name):
    spec = AT_STEP_0[name]
    check(next(train(spec)).layers, by_definition(spec, initial_weights(spec), None, update=1))


def test_these_runs_show_what_their_names_say():
    saturated = next(train(AT_STEP_0["saturated"])).layers.saturated_fraction
    assert 0.2 < saturated[:-1].mean() < 0.95
    dead = next(train(AT_STEP_0["dead"])).layers.dead_fraction
    assert 0 < dead[:-1].max() < 1


@pytest.mark.parametrize(("activation", "gain"), [("sigmoid", 1.0), ("tanh", 0.35), ("softplus", 0.7)])
def test_a_tiny_gradient_is_never_shown_as_zero(activation, gain):
    """A float32 square is 0 below 1e-23; fifty layers go far below that, and not one kernel's gradient is zero."""
    spec = RunSpec(widths=(8,) * 50, activation=activation, gain=gain, steps=1)
    data = spec.data()
    back = backpropagate(spec, initial_weights(spec), data.x_train, data.y_train)
    layers = next(train(spec)).layers
    lengths = np.array([length(gradient) for gradient in back.kernel_gradients])
    np.testing.assert_allclose(layers.kernel_gradient_norm, lengths, rtol=1e-4)
    assert layers.kernel_gradient_norm.min() < 1e-23
    for shown, arrays in [(layers.kernel_gradient_norm, back.kernel_gradients),
                          (layers.bias_gradient_norm, back.bias_gradients), (layers.signal_rms, back.signals)]:
        assert (shown == 0).tolist() == [not array.any() for array in arrays]
        assert (shown > 0).all()


def test_zeros_are_shown_as_zeros():
    """With kernels of zeros nothing passes the output layer: every hidden gradient is exactly zero."""
    layers = next(train(RunSpec(dataset="moons", samples=55, widths=(8,) * 5, activation="tanh", initializer="zeros",
                                bias_std=0.4, steps=1))).layers
    assert (layers.kernel_gradient_norm[:-1] == 0).all()
    assert (layers.bias_gradient_norm[:-1] == 0).all()
    assert (layers.signal_rms[:-1] == 0).all()
    assert (layers.kernel_norm == 0).all()
    assert layers.kernel_gradient_norm[-1] > 0
    assert layers.signal_rms[-1] > 0


@pytest.mark.parametrize("activation", ["sigmoid", "softplus", "gelu"])
def test_a_layer_whose_activations_are_all_equal_has_exactly_no_spread(activation):
    layers = next(train(RunSpec(samples=55, widths=(7,) * 3, activation=activation, initializer="zeros"))).layers
    assert (layers.activation_std == 0).all()
    np.testing.assert_allclose(layers.activation_mean[:-1], ACTIVATIONS[activation].fn(np.zeros(3)), rtol=1e-6)


def test_the_signal_is_per_example_whatever_the_batch():
    """A data set twice over has the same loss, the same gradients and the same signal of each example."""
    spec = RunSpec(widths=(6, 6), activation="tanh")
    x, y = spec.data().x_train[:20], spec.data().y_train[:20]
    once = backpropagate(spec, initial_weights(spec), x, y)
    twice = backpropagate(spec, initial_weights(spec), np.tile(x, (2, 1)), np.tile(y, (2, 1)))
    for one, two in zip(once.signals, twice.signals, strict=True):
        assert rms(20 * one) == pytest.approx(rms(40 * two), rel=1e-5)


def test_gradients_are_shown_before_clipping():
    spec = RunSpec(widths=(6, 6), activation="tanh", steps=3)
    for clip in ("value", "norm", "global_norm"):
        one, other = (next(train(replace(spec, clip=kind, clip_threshold=1e-4))) for kind in ("none", clip))
        np.testing.assert_array_equal(one.layers.kernel_gradient_norm, other.layers.kernel_gradient_norm)


def test_the_update_ratio_is_nan_at_step_0_and_for_a_kernel_of_zeros():
    for spec in (RunSpec(widths=(4,), steps=2), RunSpec(widths=(4,), initializer="zeros", steps=2)):
        first, second, _ = train(spec)
        assert np.isnan(first.layers.update_ratio).all()
        assert np.isnan(second.layers.update_ratio[:-1]).all() == (spec.initializer == "zeros")


def test_saturated_is_a_share_of_the_activations_own_largest_slope():
    """A sigmoid's slope is 1/4 at most: with small weights all of them are near that, and none is saturated."""
    spec = RunSpec(widths=(64,) * 3, activation="sigmoid", steps=1)
    assert (next(train(spec)).layers.saturated_fraction == 0).all()


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ([3e-30, 4e-30], 5e-30), ([-3e20, 4e20], 5e20), ([0.0, 0.0], 0.0), ([-3.0, 0.0, 4.0], 5.0),
        ([2e-38, 0.0], 2e-38), ([3e38, 1e38], 3.1622776e38), ([1e-45, 0.0], 1.4012985e-45),
    ],
)  # fmt: skip
def test_norm_neither_underflows_nor_overflows(row, expected):
    assert norm(np.array([row], np.float32)) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("row", [[np.nan, 0.0], [0.0, np.nan], [np.inf, 1.0], [-np.inf, 0.0], [np.inf, -np.inf],
                                 [np.nan, np.inf], [np.nan, -3.0]])
def test_a_norm_of_what_is_not_finite_is_not_finite(row):
    assert not np.isfinite(norm(np.array([row, row], np.float32)))
