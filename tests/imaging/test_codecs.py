"""Damaged pixel data that a decoder of its own would not survive."""

from __future__ import annotations

import struct

import pytest

from osteon.core.errors import InputError
from osteon.imaging.codecs.codecs import Layout, decode_rle


@pytest.mark.parametrize("offsets", [(64, 64), (64, 9000), (64, 66)])
def test_an_empty_run_length_segment_is_an_error(offsets: tuple[int, int]) -> None:
    """The first or the last of two segments is empty, or lies behind the end."""
    header = struct.pack("<16L", 2, *offsets, *[0] * 13)
    segment = bytes([0x81, 7]) if offsets[1] != 64 else b""
    layout = Layout(rows=2, columns=2, samples=1, word_bytes=2, photometric="MONOCHROME2", planar=False)
    with pytest.raises(InputError, match="truncated"):
        decode_rle(header + segment, layout)
