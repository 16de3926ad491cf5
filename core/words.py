"""How a number is said, the way a person would: 1/490 000, ×12, 0.69, 3.1·10⁻⁷."""

from __future__ import annotations

import math

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
SPACE = "\N{NARROW NO-BREAK SPACE}"  # between thousands: a number is never broken over two lines
LONGEST = 1e9  # from here on (and below its inverse) powers of ten are easier to read than rows of zeros


def power(exponent: int) -> str:
    """10⁻⁷; `1` and `10` for the exponents 0 and 1."""
    return {0: "1", 1: "10"}.get(exponent, f"10{str(exponent).translate(SUPERSCRIPTS)}")


def say(number: float, digits: int = 2) -> str:
    """A number to so many significant digits: 0.69, 490 000, 3.1·10⁻⁷, 0, NaN, ∞ or −∞."""
    if math.isnan(number):
        return "NaN"
    sign = "−" if number < 0 else ""
    size = abs(number)
    if math.isinf(size):
        return f"{sign}∞"
    if size == 0:
        return "0"
    mantissa, _, exponent = f"{size:.{digits - 1}e}".partition("e")
    rounded = float(f"{mantissa}e{exponent}")
    if 1e-3 <= rounded < LONGEST:
        places = max(digits - 1 - int(exponent), 0)
        return sign + f"{rounded:,.{places}f}".replace(",", SPACE)
    return f"{sign}{mantissa}·{power(int(exponent))}"


def exactly(number: float) -> str:
    """Seven significant digits, what a float32 holds: 2.040817e-06, 0.6931472."""
    return say(number) if not math.isfinite(number) else f"{number:.7g}"


def say_ratio(ratio: float, digits: int = 2) -> str:
    """How many times as large, for a ratio of at least 0: ×12, ×0.69, 1/490 000; 0, ∞ and NaN as they are."""
    if math.isnan(ratio) or math.isinf(ratio) or ratio == 0:
        return say(ratio)
    return _fraction(ratio, digits) or f"×{say(ratio, digits)}"


def say_share(ratio: float) -> str:
    """The same as words that go before "what …": 1/490 000 of, 0.69 of, 12 times, nothing of."""
    if ratio == 0:
        return "nothing of"
    return f"{say(ratio)} times" if ratio >= 1 else f"{_fraction(ratio) or say(ratio)} of"


def _fraction(ratio: float, digits: int = 2) -> str:
    """1/490 000, for a ratio under a tenth that is not too small to be said so; else an empty string."""
    return f"1/{say(1 / ratio, digits)}" if 1 / LONGEST <= ratio < 0.1 else ""


def count(number: int, thing: str) -> str:
    """1 layer, 2 layers, 1 200 steps."""
    return f"{number:,}".replace(",", SPACE) + f" {thing}{'' if number == 1 else 's'}"
