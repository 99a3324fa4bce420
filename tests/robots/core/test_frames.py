from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robots.core.frames import HEADER, ROBOT, Blip, Frame, FrameError, Mark, Status, assemble, decode, encode, pack

blips = st.builds(
    Blip,
    index=st.integers(0, 0xFFFF),
    x=st.floats(0, 655.35),
    y=st.floats(0, 655.35),
    heading=st.floats(-math.pi, math.pi),
    status=st.sampled_from(Status),
    marks=st.integers(0, 15).map(lambda bits: Mark(bits << 4)),
    battery=st.none() | st.floats(0, 100),
)


@settings(max_examples=100)
@given(st.lists(blips, max_size=30), st.integers(0, 2**32 - 1), st.integers(0, 2**63), st.booleans())
def test_round_trip_keeps_everything_to_its_resolution(rows, sequence, at_ms, snapshot):
    frame = decode(encode(Frame(sequence, at_ms, tuple(rows), snapshot)))
    assert (frame.sequence, frame.at_ms, frame.snapshot) == (sequence, at_ms, snapshot)
    assert len(frame.blips) == len(rows)
    for got, sent in zip(frame.blips, rows, strict=True):
        assert (got.index, got.status, got.marks) == (sent.index, sent.status, sent.marks)
        assert abs(got.x - sent.x) <= 0.00501 and abs(got.y - sent.y) <= 0.00501
        assert abs(math.remainder(got.heading - sent.heading, math.tau)) <= 0.00051
        assert (got.battery is None) == (sent.battery is None)
        if sent.battery is not None:
            assert abs(got.battery - sent.battery) <= 0.5


@settings(max_examples=100)
@given(st.binary(max_size=80))
def test_any_bytes_decode_or_are_refused(data):
    try:
        frame = decode(data)
    except FrameError:
        return
    assert len(data) == HEADER.size + len(frame.blips) * ROBOT.size


def test_the_layout_of_the_bytes():
    data = encode(Frame(7, 1_000, (Blip(3, 12.34, 0.5, -1.0, Status.DRIVING, Mark.LOADED | Mark.STALE, 80.4),)))
    assert data.hex() == "010007000000e80300000000000001000300d204320018fc5250"


def test_what_lies_outside_is_clamped_not_wrapped():
    (blip,) = decode(encode(Frame(0, 0, (Blip(1, -5.0, 900.0, 0.0, Status.IDLE),)))).blips
    assert (blip.x, blip.y) == (0.0, 655.35)


def test_refusals_name_the_fault():
    good = encode(Frame(1, 1, (Blip(1, 1, 1, 0, Status.IDLE),)))
    with pytest.raises(FrameError, match="version 2"):
        decode(b"\x02" + good[1:])
    with pytest.raises(FrameError, match="has 26 bytes, not 25"):
        decode(good[:-1])
    with pytest.raises(FrameError, match="70000"):
        pack(Blip(70000, 0, 0, 0, Status.IDLE))


def test_the_sequence_wraps():
    assert decode(assemble([], sequence=2**32 + 4, at_ms=0)).sequence == 4
