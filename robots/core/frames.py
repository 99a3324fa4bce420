"""The live frame: where every robot is, packed for a map that draws it 5 times a second.

Little-endian. Header: version u8, flags u8 (bit 0: full snapshot), sequence u32, server time u64 (ms since the Unix
epoch), count u16. Then for each robot: index u16, x u16 (cm), y u16 (cm), heading i16 (mrad), status u8, battery u8
(percent, 255 = unknown). A receiver that sees a gap in the sequence asks for the snapshot. Pure; no clock.

Positions are the layout's own metres, so the frame reaches 655.35 m from the origin in x and y; what lies outside is
clamped to the edge of the frame, never wrapped to another place.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, IntFlag

VERSION = 1
SNAPSHOT = 0x01
BATTERY_UNKNOWN = 255
HEADER = struct.Struct("<BBIQH")
ROBOT = struct.Struct("<HHHhBB")


class FrameError(ValueError):
    """Bytes that are not a live frame of this version."""


class Status(IntEnum):
    """The low four bits of the status byte: the one thing a map symbol shows."""

    UNKNOWN = 0
    IDLE = 1
    DRIVING = 2
    ACTING = 3
    CHARGING = 4
    HELD = 5
    WAITING = 6
    ERROR = 7
    OUT = 8


class Mark(IntFlag):
    """The high four bits of the status byte."""

    NONE = 0
    STALE = 0x10
    DISCONNECTED = 0x20
    LOADED = 0x40
    ATTENTION = 0x80


@dataclass(frozen=True, slots=True)
class Blip:
    """One robot in a frame: `x`, `y` in m, `heading` in rad, `battery` in percent or None when unknown."""

    index: int
    x: float
    y: float
    heading: float
    status: Status
    marks: Mark = Mark.NONE
    battery: float | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """`at_ms`: server time, ms since the Unix epoch."""

    sequence: int
    at_ms: int
    blips: tuple[Blip, ...]
    snapshot: bool = False


def pack(blip: Blip) -> bytes:
    """The 12 bytes of one robot. Raises FrameError for an index that does not fit."""
    if not 0 <= blip.index <= 0xFFFF:
        raise FrameError(f"robot index {blip.index} is outside 0..65535")
    battery = BATTERY_UNKNOWN if blip.battery is None else round(min(max(blip.battery, 0.0), 100.0))
    return ROBOT.pack(
        blip.index,
        _centimetres(blip.x),
        _centimetres(blip.y),
        round(math.remainder(blip.heading, math.tau) * 1000),
        int(blip.status) | int(blip.marks),
        battery,
    )


def assemble(packed: Iterable[bytes], *, sequence: int, at_ms: int, snapshot: bool = False) -> bytes:
    """A frame of robots that are already packed; the sequence wraps at 2**32."""
    rows = list(packed)
    flags = SNAPSHOT if snapshot else 0
    return HEADER.pack(VERSION, flags, sequence & 0xFFFFFFFF, at_ms, len(rows)) + b"".join(rows)


def encode(frame: Frame) -> bytes:
    return assemble(map(pack, frame.blips), sequence=frame.sequence, at_ms=frame.at_ms, snapshot=frame.snapshot)


def decode(data: bytes) -> Frame:
    """Raises FrameError when `data` is not exactly one frame of this version."""
    if len(data) < HEADER.size:
        raise FrameError(f"a frame has at least {HEADER.size} bytes, this has {len(data)}")
    version, flags, sequence, at_ms, count = HEADER.unpack_from(data)
    if version != VERSION:
        raise FrameError(f"frame version {version} is not {VERSION}")
    if len(data) != HEADER.size + count * ROBOT.size:
        raise FrameError(f"a frame of {count} robots has {HEADER.size + count * ROBOT.size} bytes, not {len(data)}")
    return Frame(
        sequence=sequence,
        at_ms=at_ms,
        blips=tuple(_blip(*ROBOT.unpack_from(data, HEADER.size + i * ROBOT.size)) for i in range(count)),
        snapshot=bool(flags & SNAPSHOT),
    )


def _blip(index: int, x: int, y: int, heading: int, status: int, battery: int) -> Blip:
    word = status & 0x0F
    if word not in Status._value2member_map_:
        raise FrameError(f"status {word} is not one of {[s.value for s in Status]}")
    return Blip(
        index,
        x / 100,
        y / 100,
        heading / 1000,
        Status(word),
        Mark(status & 0xF0),
        None if battery == BATTERY_UNKNOWN else float(battery),
    )


def _centimetres(metres: float) -> int:
    return round(min(max(metres * 100, 0.0), 65535.0))
