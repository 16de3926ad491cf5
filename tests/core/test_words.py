"""Numbers as a person says them."""

import numpy as np
import pytest

from core.words import SPACE, count, exactly, power, say, say_ratio, say_share


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "0"), (-0.0, "0"), (0.693147, "0.69"), (12.34, "12"), (99.6, "100"), (0.0995, "0.10"), (0.5, "0.50"),
        (490_000, "490 000"), (489_999, "490 000"), (1_000_000, "1 000 000"), (9.99e8, "1.0·10⁹"), (3e38, "3.0·10³⁸"),
        (0.001, "0.0010"), (0.00099, "9.9·10⁻⁴"), (3.14e-7, "3.1·10⁻⁷"), (5e-324, "4.9·10⁻³²⁴"), (-2.5, "−2.5"),
        (np.float32(0.1), "0.10"), (np.inf, "∞"), (-np.inf, "−∞"), (np.nan, "NaN"),
    ],
)
def test_a_number_is_said_with_two_digits(number, said):
    assert say(number) == said.replace(" ", SPACE)


def test_more_digits_where_they_are_asked_for():
    assert say(0.693147, 3) == "0.693"
    assert say(12345, 1) == f"10{SPACE}000"
    assert [say_ratio(ratio, 3) for ratio in (0.2574, 0.0583)] == ["×0.257", "1/17.2"]


@pytest.mark.parametrize(
    ("ratio", "said", "share"),
    [
        (1 / 490_000, "1/490 000", "1/490 000 of"), (0.69, "×0.69", "0.69 of"), (12, "×12", "12 times"),
        (1, "×1.0", "1.0 times"), (0.0999, "1/10", "1/10 of"), (0, "0", "nothing of"),
        (1e-12, "×1.0·10⁻¹²", "1.0·10⁻¹² of"),
        (np.inf, "∞", "∞ times"), (np.nan, "NaN", "NaN of"),
    ],
)
def test_a_ratio_is_said_as_a_fraction_or_a_factor(ratio, said, share):
    assert say_ratio(ratio) == said.replace(" ", SPACE)
    assert say_share(ratio).replace(SPACE, " ") == share


@pytest.mark.parametrize("number", [1.17549435e-38, 0.1, 6.25e-7, 3.4e38, 1 / 3])
def test_what_is_said_exactly_gives_back_the_float32(number):
    assert float(exactly(np.float32(number))) == pytest.approx(float(np.float32(number)), rel=1e-6)


def test_what_is_not_finite_is_said_exactly_too():
    assert [exactly(x) for x in (np.nan, np.inf, -np.inf)] == ["NaN", "∞", "−∞"]


def test_powers_and_counts():
    assert [power(n) for n in (-12, 0, 1, 2)] == ["10⁻¹²", "1", "10", "10²"]
    assert [count(n, "step") for n in (0, 1, 1200)] == ["0 steps", "1 step", f"1{SPACE}200 steps"]
