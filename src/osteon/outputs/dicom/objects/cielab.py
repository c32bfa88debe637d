"""Colours as presentation states recommend them."""

from __future__ import annotations


def cielab(colour: tuple[int, int, int]) -> tuple[int, int, int]:
    """An sRGB colour as CIELab in 16 bits (PS3.3 section C.10.7.1.1), white point D50.

    Source of the formulas: IEC 61966-2-1 and CIE 15; Bradford-adapted matrix of sRGB to D50 of the ICC profile of sRGB.
    """
    red, green, blue = (_linear(value / 255.0) for value in colour)
    x = (0.4360747 * red + 0.3850649 * green + 0.1430804 * blue) / 0.9642
    y = 0.2225045 * red + 0.7168786 * green + 0.0606169 * blue
    z = (0.0139322 * red + 0.0971045 * green + 0.7141733 * blue) / 0.8249
    fx, fy, fz = _root(x), _root(y), _root(z)
    lightness, a, b = 116.0 * fy - 16.0, 500.0 * (fx - fy), 200.0 * (fy - fz)
    return _scaled(lightness / 100.0), _scaled((a + 128.0) / 255.0), _scaled((b + 128.0) / 255.0)


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _root(value: float) -> float:
    return value ** (1.0 / 3.0) if value > (6.0 / 29.0) ** 3 else value * (29.0 / 6.0) ** 2 / 3.0 + 4.0 / 29.0


def _scaled(share: float) -> int:
    return min(65535, max(0, round(share * 65535.0)))
