"""The palette of .streamlit/config.toml: legible on its backgrounds, and told apart by everybody."""

import tomllib
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

CONFIG = tomllib.loads((Path(__file__).parents[1] / ".streamlit/config.toml").read_text())
THEME = CONFIG["theme"]
MODES = ("light", "dark")

# Linear sRGB as seen with one kind of cone missing (Machado, Oliveira & Fernandes 2009, severity 1).
SIGHT = {
    "normal": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def linear(colour: str) -> np.ndarray:
    """Linear sRGB of "#rrggbb", shape (3,), from 0 to 1."""
    value = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def luminance(colour: str) -> float:
    return float(linear(colour) @ [0.2126, 0.7152, 0.0722])


def contrast(a: str, b: str) -> float:
    """Contrast ratio, 1 to 21 (WCAG 2.2)."""
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


def cielab(colour: str, sight: str) -> np.ndarray:
    """CIELAB (L*, a*, b*) under D65 of what that sight makes of the colour."""
    to_xyz = [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
    xyz = to_xyz @ np.clip(SIGHT[sight] @ linear(colour), 0, 1) / [0.95047, 1.0, 1.08883]
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def ciede2000(first: np.ndarray, second: np.ndarray) -> float:
    """Perceived difference of two CIELAB colours; about 1 is just noticeable (Sharma, Wu & Dalal 2005)."""
    (l1, a1, b1), (l2, a2, b2) = first, second
    c_mean = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    stretch = 1 + 0.5 * (1 - np.sqrt(c_mean**7 / (c_mean**7 + 25**7)))
    a1, a2 = a1 * stretch, a2 * stretch
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = np.degrees(np.arctan2(b1, a1)) % 360, np.degrees(np.arctan2(b2, a2)) % 360
    turn = (h2 - h1 + 180) % 360 - 180  # the short way round
    delta_h = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2))
    l_mean, c_mean, h_mean = (l1 + l2) / 2, (c1 + c2) / 2, (h1 + turn / 2) % 360
    waves = ((-0.17, 1, -30), (0.24, 2, 0), (0.32, 3, 6), (-0.20, 4, -63))
    t = 1 + sum(size * np.cos(np.radians(times * h_mean + shift)) for size, times, shift in waves)
    s_l = 1 + 0.015 * (l_mean - 50) ** 2 / np.sqrt(20 + (l_mean - 50) ** 2)
    s_c, s_h = 1 + 0.045 * c_mean, 1 + 0.015 * c_mean * t
    rotation = -2 * np.sqrt(c_mean**7 / (c_mean**7 + 25**7))
    rotation *= np.sin(np.radians(60 * np.exp(-(((h_mean - 275) / 25) ** 2))))
    dl, dc, dh = (l2 - l1) / s_l, (c2 - c1) / s_c, delta_h / s_h
    return float(np.sqrt(dl**2 + dc**2 + dh**2 + rotation * dc * dh))


@pytest.mark.parametrize(
    ("first", "second", "published"),
    [  # from the published test data: the turn at blue, a hue at its jump, large and small differences
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, -1.3802, -84.2814), (50, 0, -82.7485), 1.0000),
        ((50, -0.001, 2.49), (50, 0.0011, -2.49), 4.7461),
        ((50, 2.5, 0), (73, 25, -18), 27.1492),
        ((50, 2.5, 0), (58, 24, 15), 19.4535),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_the_measure_of_difference_gives_the_published_numbers(first, second, published):
    assert ciede2000(np.array(first), np.array(second)) == pytest.approx(published, abs=1e-4)


def backgrounds(*modes: str) -> list[str]:
    return [THEME[mode][kind] for mode in modes for kind in ("backgroundColor", "secondaryBackgroundColor")]


@pytest.mark.parametrize("colour", THEME["chartCategoricalColors"])
def test_a_category_is_seen_on_every_background(colour):
    assert min(contrast(colour, background) for background in backgrounds(*MODES)) >= 3


@pytest.mark.parametrize("sight", SIGHT)
def test_any_two_categories_are_told_apart(sight):
    seen = [cielab(colour, sight) for colour in THEME["chartCategoricalColors"]]
    assert min(ciede2000(a, b) for a, b in combinations(seen, 2)) >= 12


@pytest.mark.parametrize("mode", MODES)
def test_layers_get_lighter_with_depth_and_each_is_seen(mode):
    colours = THEME[mode]["chartSequentialColors"]
    assert len(colours) == 10  # Streamlit ignores any other number
    assert min(contrast(colour, background) for colour in colours for background in backgrounds(mode)) >= 3
    assert (np.diff([luminance(colour) for colour in colours]) > 0).all()


@pytest.mark.parametrize("mode", MODES)
def test_text_is_read_on_both_backgrounds(mode):
    assert min(contrast(THEME[mode]["textColor"], background) for background in backgrounds(mode)) >= 7


@pytest.mark.parametrize("mode", MODES)
def test_captions_are_read_on_both_backgrounds(mode):
    for background in backgrounds(mode):  # Streamlit draws them with 60 % of the text's colour
        mixed = [
            round(0.6 * int(THEME[mode]["textColor"][i : i + 2], 16) + 0.4 * int(background[i : i + 2], 16))
            for i in (1, 3, 5)
        ]
        assert contrast("#{:02x}{:02x}{:02x}".format(*mixed), background) >= 4.5


@pytest.mark.parametrize("mode", MODES)
def test_the_primary_button_is_seen_and_its_white_label_read(mode):
    primary = THEME[mode]["primaryColor"]
    assert contrast(primary, "#ffffff") >= 4.5
    assert min(contrast(primary, background) for background in backgrounds(mode)) >= 3
