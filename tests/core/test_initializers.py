"""Every initializer against Keras, its own theoretical density, and published formulas."""

import random
import runpy
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad

from core.activations import ACTIVATIONS
from core.initializers import INITIALIZERS, layer_seed

NAMES = (
    "zeros ones random_normal random_uniform glorot_normal glorot_uniform he_normal he_uniform lecun_normal "
    "lecun_uniform orthogonal"
)
FANS = [(64, 64), (200, 50), (30, 128)]

every = pytest.mark.parametrize("initializer", INITIALIZERS.values(), ids=lambda initializer: initializer.name)
every_random = pytest.mark.parametrize(
    "initializer", [i for i in INITIALIZERS.values() if i.random], ids=lambda initializer: initializer.name
)


def test_the_names_that_links_rely_on():
    assert {*INITIALIZERS} >= {*NAMES.split()}
    assert [name for name, entry in INITIALIZERS.items() if not entry.random] == ["zeros", "ones"]


@every
def test_an_entry_is_complete(initializer):
    for text in (initializer.label, initializer.formula, initializer.summary, initializer.source):
        assert text
        assert "$" not in text
    assert initializer.summary.endswith(".")
    assert all(name in ACTIVATIONS for name in initializer.suits)
    hash(initializer)


@pytest.mark.parametrize(
    ("name", "variance"),
    [
        ("zeros", 0),
        ("ones", 0),
        ("random_normal", 0.0025),
        ("random_uniform", 0.01 / 12),
        ("glorot_normal", 2 / 400),  # Glorot & Bengio 2010, equation 12
        ("glorot_uniform", 2 / 400),
        ("he_normal", 2 / 300),  # He et al. 2015, equation 10
        ("he_uniform", 2 / 300),
        ("lecun_normal", 1 / 300),  # LeCun et al. 1998, equation 16
        ("lecun_uniform", 1 / 300),
        ("orthogonal", 1 / 300),
    ],
)
def test_variance_is_the_published_formula(name, variance):
    assert INITIALIZERS[name].variance(300, 100) == pytest.approx(variance, rel=1e-12)


@every
@pytest.mark.parametrize("shape", [(3, 5), (7, 1), (16, 4)])
def test_sample_is_kerass_with_that_seed(initializer, shape):
    import keras

    kernel = initializer.sample(shape, seed=11)
    assert kernel.dtype == np.float32
    assert kernel.shape == shape
    assert kernel.flags.writeable  # a copy of its own, not a view into TensorFlow's memory
    by_name = keras.initializers.get(initializer.name)
    assert type(by_name).__name__ == initializer.keras_class
    configuration = by_name.get_config() | ({"seed": 11} if initializer.random else {})
    np.testing.assert_array_equal(kernel, type(by_name).from_config(configuration)(shape))


@every
def test_keras_code_fills_a_dense_layer_with_the_same_weights(initializer, tmp_path):
    script = tmp_path / "initializer_code.py"
    script.write_text(
        "import keras\n"
        f"layer = keras.layers.Dense(4, kernel_initializer={initializer.keras_code(seed=23)})\n"
        "layer.build((None, 6))\n"
    )
    layer = runpy.run_path(str(script))["layer"]
    np.testing.assert_array_equal(initializer.sample((6, 4), seed=23), layer.kernel.numpy())


@every_random
@pytest.mark.parametrize("fans", FANS)
def test_sampled_mean_and_variance(initializer, fans):
    weights = np.concatenate([initializer.sample(fans, seed).ravel() for seed in range(8)]).astype("float64")
    variance = initializer.variance(*fans)
    # standard errors: √(Var/N) of the mean, at most √(2/N) of the relative variance
    assert weights.mean() == pytest.approx(0, abs=5 * np.sqrt(variance / weights.size))
    assert weights.var() == pytest.approx(variance, rel=5 * np.sqrt(2 / weights.size))


def test_constant_initializers():
    assert (INITIALIZERS["zeros"].sample((3, 4), 0) == 0).all()
    assert (INITIALIZERS["ones"].sample((3, 4), 0) == 1).all()
    assert INITIALIZERS["zeros"].density([0.0], 3, 4) is None
    assert INITIALIZERS["ones"].density([1.0], 3, 4) is None


def support(initializer, fans) -> float:
    """Beyond this the density is 0 (or, of the plain normal, below 1e-16)."""
    return 1.0 if initializer.name == "orthogonal" else 9 * np.sqrt(initializer.variance(*fans))


@every_random
@pytest.mark.parametrize("fans", [*FANS, (3, 5), (4, 2)])
def test_density_integrates_to_one_and_has_the_variance(initializer, fans):
    variance, end = initializer.variance(*fans), support(initializer, fans)
    # density jumps at the ends of the uniform and of the truncated normal
    jumps = [edge for edge in np.sqrt(variance) * np.array([np.sqrt(3), 2 / 0.87962566103423978]) if edge < end]

    def integral(power):
        def integrand(x):
            return x**power * float(initializer.density(x, *fans))

        return 2 * quad(integrand, 0, end, points=jumps or None, limit=200)[0]

    assert integral(0) == pytest.approx(1, rel=1e-6)
    assert integral(2) == pytest.approx(variance, rel=1e-6)


def kolmogorov_smirnov(initializer, fans, weights) -> float:
    """p-value of independent weights under the density of that entry."""
    # distribution function on a grid of angles, x = end · sin θ: dense at the ends, where the density may have poles
    end = support(initializer, fans)
    angles = np.linspace(-np.pi / 2, np.pi / 2, 40_001)
    middles = (angles[1:] + angles[:-1]) / 2
    mass = initializer.density(end * np.sin(middles), *fans) * end * np.cos(middles) * np.diff(angles)
    cumulative = np.concatenate([[0], np.cumsum(mass)])
    assert cumulative[-1] == pytest.approx(1, abs=1e-3)
    return stats.kstest(weights, lambda x: np.interp(x, end * np.sin(angles), cumulative)).pvalue


@every_random
@pytest.mark.parametrize("fans", [(20, 60), (90, 40)])
def test_samples_follow_the_density(initializer, fans):
    if initializer.name == "orthogonal":  # the weights of one kernel depend on each other: one of each of 300 kernels
        weights = np.array([initializer.sample(fans, seed)[0, 0] for seed in range(300)])
    else:
        weights = initializer.sample(fans, 3).ravel()
    assert kolmogorov_smirnov(initializer, fans, weights) > 0.01
    assert kolmogorov_smirnov(initializer, fans, 1.5 * weights) < 0.01  # the test can tell


@pytest.mark.parametrize("fans", [(2, 2), (3, 1), (3, 5)])
def test_small_orthogonal_kernels_follow_the_density(fans):
    """Arcsine, uniform and parabola: two, three and five dimensions."""
    orthogonal = INITIALIZERS["orthogonal"]
    weights = np.array([orthogonal.sample(fans, seed)[-1, -1] for seed in range(400)])
    assert kolmogorov_smirnov(orthogonal, fans, weights) > 0.01


def test_densities_equal_scipys():
    x = np.linspace(-0.3, 0.3, 101)
    stddev = np.sqrt(2 / 100) / 0.87962566103423978
    truncated = stats.truncnorm(-2, 2, scale=stddev)
    np.testing.assert_allclose(INITIALIZERS["he_normal"].density(x, 100, 7), truncated.pdf(x), rtol=1e-10)
    assert truncated.var() == pytest.approx(2 / 100)
    np.testing.assert_allclose(INITIALIZERS["random_normal"].density(x, 9, 9), stats.norm(0, 0.05).pdf(x), rtol=1e-10)
    limit = np.sqrt(6 / 40)
    np.testing.assert_allclose(
        INITIALIZERS["glorot_uniform"].density(x, 10, 30), stats.uniform(-limit, 2 * limit).pdf(x), rtol=1e-10
    )
    # a coordinate w of a random unit vector: (1 + w) / 2 is Beta((n − 1)/2, (n − 1)/2)
    marginal = stats.beta(3.5, 3.5, loc=-1, scale=2)
    np.testing.assert_allclose(INITIALIZERS["orthogonal"].density(x, 8, 3), marginal.pdf(x), rtol=1e-10)


def test_density_outside_the_support_is_zero():
    outside = np.array([-2.0, -1.0, 1.0, 2.0])
    for fans in [(2, 2), (3, 1), (10, 40)]:
        assert (INITIALIZERS["orthogonal"].density(outside, *fans) == 0).all()
    assert (INITIALIZERS["he_uniform"].density(outside, 100, 9) == 0).all()
    assert (INITIALIZERS["he_normal"].density(outside, 100, 9) == 0).all()


def test_an_orthogonal_kernel_of_one_weight_has_no_density():
    orthogonal = INITIALIZERS["orthogonal"]
    assert orthogonal.density([0.0], 1, 1) is None
    assert {round(float(orthogonal.sample((1, 1), seed)[0, 0]), 6) for seed in range(12)} == {-1.0, 1.0}


@pytest.mark.parametrize("shape", [(8, 8), (12, 5), (5, 12)])
def test_orthogonal_preserves_lengths_as_far_as_the_shape_allows(shape):
    kernel = INITIALIZERS["orthogonal"].sample(shape, 4)
    product = kernel.T @ kernel if shape[0] >= shape[1] else kernel @ kernel.T
    np.testing.assert_allclose(product, np.eye(min(shape)), atol=1e-5)


@every_random
def test_each_layer_and_each_seed_get_weights_of_their_own(initializer):
    kernels = [
        initializer.sample((32, 32), layer_seed(seed, layer, part)).ravel()
        for seed, layer, part in [(0, 0, 0), (0, 1, 0), (0, 2, 0), (0, 0, 1), (1, 0, 0), (1, 1, 0)]
    ]
    correlations = np.corrcoef(kernels)[np.triu_indices(len(kernels), 1)]
    assert np.abs(correlations).max() < 5 / np.sqrt(32 * 32)


@every_random
def test_same_seed_same_numbers_in_any_thread_and_no_global_state(initializer):
    import keras

    first = initializer.sample((16, 8), 42)
    random.seed(1)  # what somebody else's code may do
    np.random.seed(1)
    keras.utils.set_random_seed(1)
    python_state, numpy_state = random.getstate(), np.random.get_state()[1].copy()
    with ThreadPoolExecutor(4) as threads:
        others = list(threads.map(lambda _: initializer.sample((16, 8), np.int64(42)), range(8)))
    assert all(np.array_equal(first, other) for other in others)
    assert not np.array_equal(first, initializer.sample((16, 8), 43))
    assert random.getstate() == python_state
    np.testing.assert_array_equal(np.random.get_state()[1], numpy_state)


def test_layer_seeds_are_distinct_stable_and_below_the_wrap():
    seeds = [layer_seed(seed, layer, part) for seed in range(40) for layer in range(51) for part in range(2)]
    assert len(set(seeds)) == len(seeds)
    assert min(seeds) >= 0
    assert max(seeds) < 2**31 - 2
    assert all(type(seed) is int for seed in seeds)
    # a link opened next year must train the same network
    assert (layer_seed(0, 0), layer_seed(0, 1), layer_seed(7, 20, 1)) == (497539178, 810681852, 1644346520)
