"""The five tier colours can be told apart by everyone, on white and on near-black."""

import itertools
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest

from pages.shared.charts import theme

# Linear RGB seen with full protanopia, deuteranopia, tritanopia. Source: Machado, Oliveira, Fernandes 2009, table 1.
SEEN = {
    "normal": np.eye(3),
    "protanopia": np.array([[0.1523, 1.0526, -0.2049], [0.1145, 0.7863, 0.0992], [-0.0039, -0.0481, 1.0520]]),
    "deuteranopia": np.array([[0.3673, 0.8606, -0.2280], [0.2801, 0.6725, 0.0474], [-0.0118, 0.0429, 0.9689]]),
    "tritanopia": np.array([[1.2555, -0.0767, -0.1788], [-0.0784, 0.9308, 0.1476], [0.0047, 0.6914, 0.3039]]),
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = np.array([0.95047, 1.0, 1.08883])
STATIC = Path(theme.__file__).parents[2] / "static"


def _linear(colour: str) -> np.ndarray:
    share = np.array(theme.rgb(colour)) / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def _lab(linear: np.ndarray) -> np.ndarray:
    xyz = TO_XYZ @ linear.clip(0, 1) / WHITE
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("sight", SEEN)
def test_no_two_tiers_look_alike(sight):
    colours = [_lab(SEEN[sight] @ _linear(colour)) for colour in theme.TIER_COLOURS.values()]
    distances = [np.linalg.norm(colour - other) for colour, other in itertools.combinations(colours, 2)]
    assert min(distances) > 24


@pytest.mark.parametrize("sight", SEEN)
def test_levels_of_leaving_get_darker_step_by_step_for_every_sight(sight):
    lightness = [_lab(SEEN[sight] @ _linear(colour))[0] for colour in theme.LEVEL_COLOURS.values()]
    assert all(light - dark > 15 for light, dark in itertools.pairwise(lightness))


@pytest.mark.parametrize("level", theme.LEVEL_COLOURS)
def test_words_on_a_level_can_be_read_and_its_mark_has_its_colour(level):
    assert theme.contrast(theme.LEVEL_COLOURS[level], theme.LEVEL_INK[level]) >= 4.5
    assert _middle_pixel(STATIC / f"level_{level}.png") == theme.rgb(theme.LEVEL_COLOURS[level])


@pytest.mark.parametrize("tier", theme.TIER_COLOURS)
def test_words_on_a_tier_can_be_read(tier):
    assert theme.contrast(theme.TIER_COLOURS[tier], theme.TIER_INK[tier]) >= 4.5  # WCAG AA for text


@pytest.mark.parametrize("ground", ["#FFFFFF", "#171612"])
def test_lines_show_in_both_themes(ground):
    assert min(theme.contrast(colour, ground) for colour in (theme.GREY, theme.LINE, theme.ACCENT)) >= 3


@pytest.mark.parametrize("tier", theme.TIER_COLOURS)
def test_a_tier_mark_has_the_tiers_colour(tier):
    assert _middle_pixel(STATIC / f"tier_{tier}.png") == theme.rgb(theme.TIER_COLOURS[tier])


def _middle_pixel(png: Path) -> tuple[int, ...]:
    """Colour in the middle of a 16 x 16 RGBA picture whose rows carry no filter."""
    body = png.read_bytes()
    start = body.index(b"IDAT")
    (length,) = struct.unpack(">I", body[start - 4 : start])
    rows = zlib.decompress(body[start + 4 : start + 4 + length])
    middle = 8 * (1 + 16 * 4) + 1 + 8 * 4
    return tuple(rows[middle : middle + 3])
