"""The simulated camera: egocentric 64 x 64 RGB pictures, seen from above, drawn with numpy for the robots that ask.

0.15 m a pixel, the robot at row 52, column 31.5, its heading up: about 7.8 m ahead and 1.8 m behind are in view. The
released way is drawn into the picture (robot-model notes, section 5: the policy then only deviates locally).
`station_view` draws what the camera sees of a shelf when a robot inspects it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from robots.simulation.floor import World

Frame = NDArray[np.uint8]
Floats = NDArray[np.float64]
Point = tuple[float, float]

SIZE = 64
RESOLUTION = 0.15
ROW, COLUMN = 52.0, 31.5
PALETTE = np.array([(150, 150, 145), (62, 62, 70), (136, 96, 52), (206, 190, 120)], dtype=np.uint8)
"""By raster kind: free, wall, rack, area for people."""
GRAIN = np.random.default_rng(7).integers(0, 25, (SIZE, SIZE, 1)).astype(np.uint8)
"""How much lighter each 0.15 m of the floor is than the darkest: concrete is never uniform, a covered lens is."""
WAY = (20, 190, 90)
PERSON = (225, 60, 60)
ROBOT = (60, 90, 215)

_DARKEST = PALETTE - np.uint8(12)
_rows, _columns = np.mgrid[0:SIZE, 0:SIZE].astype(np.float32)
_FORWARD = ((ROW - _rows) * RESOLUTION).ravel()
_LEFT = ((COLUMN - _columns) * RESOLUTION).ravel()


def pixel(forward: Floats, left: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Row and column of points in the robot's frame (m); may lie outside the picture."""
    row = np.rint(ROW - forward / RESOLUTION).astype(np.int64)
    return row, np.rint(COLUMN - left / RESOLUTION).astype(np.int64)


def _disc(radius: float) -> NDArray[np.int64]:
    reach = int(np.ceil(radius / RESOLUTION))
    grid = np.mgrid[-reach : reach + 1, -reach : reach + 1].reshape(2, -1)
    disc: NDArray[np.int64] = grid[:, np.hypot(*grid) * RESOLUTION <= radius + RESOLUTION / 4]
    return disc


_DOT, _BODY, _ROBOT = _disc(0.15), _disc(0.3), _disc(0.35)


def render(world: World, indices: NDArray[np.int64], ways: Sequence[Sequence[Point]]) -> Frame:
    """One picture a robot, uint8 [n, 64, 64, 3]. `ways`: for each robot the released way ahead of it, world frame."""
    drive = world.drive
    x, y = drive.x[indices].astype(np.float32), drive.y[indices].astype(np.float32)
    cos, sin = np.cos(drive.theta[indices]).astype(np.float32), np.sin(drive.theta[indices]).astype(np.float32)
    px = x[:, None] + cos[:, None] * _FORWARD - sin[:, None] * _LEFT
    py = y[:, None] + sin[:, None] * _FORWARD + cos[:, None] * _LEFT
    grain = GRAIN[(px / RESOLUTION).astype(np.int32) % SIZE, (py / RESOLUTION).astype(np.int32) % SIZE]
    frames: Frame = (_DARKEST[world.cells(px, py)] + grain).reshape(len(indices), SIZE, SIZE, 3)
    for k, index in enumerate(indices):
        pose = (float(x[k]), float(y[k]), float(cos[k]), float(sin[k]))
        way = _sampled(ways[k])
        if len(way):
            _stamp(frames[k], pose, way[:, 0], way[:, 1], _DOT, WAY)
        others = np.arange(len(drive.x)) != index
        _stamp(frames[k], pose, drive.x[others], drive.y[others], _ROBOT, ROBOT)
        _stamp(frames[k], pose, world.people.x, world.people.y, _BODY, PERSON)
    return frames


def _stamp(
    frame: Frame,
    pose: tuple[float, float, float, float],
    x: Floats,
    y: Floats,
    shape: NDArray[np.int64],
    colour: tuple[int, int, int],
) -> None:
    """Draw `shape` at every world point in view."""
    dx, dy = x - pose[0], y - pose[1]
    near = (np.abs(dx) < 10) & (np.abs(dy) < 10)
    if not near.any():
        return
    dx, dy = dx[near], dy[near]
    row, column = pixel(dx * pose[2] + dy * pose[3], dy * pose[2] - dx * pose[3])
    rows, columns = (row[:, None] + shape[0]).ravel(), (column[:, None] + shape[1]).ravel()
    inside = (rows >= 0) & (rows < SIZE) & (columns >= 0) & (columns < SIZE)
    frame[rows[inside], columns[inside]] = colour


def _sampled(way: Sequence[Point], spacing: float = 0.15, reach: float = 9.0) -> Floats:
    """Points every `spacing` m along the way, no farther than `reach` m along it."""
    if not way:
        return np.empty((0, 2))
    points = np.asarray(way, dtype=np.float64)
    length = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    at = np.arange(0.0, min(length[-1], reach) + spacing / 2, spacing)
    return np.stack([np.interp(at, length, points[:, 0]), np.interp(at, length, points[:, 1])], axis=1)


CARDBOARD, SHELF, BACK = (190, 150, 95), (90, 90, 98), (40, 42, 48)
LABEL, TORN, BARRIER = (40, 200, 220), (215, 35, 40), (240, 220, 20)


def station_view(condition: str, random: np.random.Generator) -> Frame:
    """A shelf of 2 x 4 bays from the front, uint8 [64, 64, 3]: cardboard boxes, a cyan label, and what is wrong."""
    frame = np.empty((SIZE, SIZE, 3), dtype=np.uint8)
    frame[:] = BACK
    frame[[0, 1, 30, 31, 60, 61], :] = SHELF
    filled = {"empty": 0, "full": 8, "ok": 5, "blocked": 4, "damaged": 5, "missing": 4}.get(condition, 5)
    bays = random.permutation(8)[:filled]
    for bay in bays:
        top, left = 6 + 30 * (bay // 4), 2 + 16 * (bay % 4)
        frame[top : top + 22, left : left + 13] = CARDBOARD
    if condition == "damaged" and len(bays):
        top, left = 6 + 30 * (bays[0] // 4), 2 + 16 * (bays[0] % 4)
        frame[top + 4 : top + 18, left + 2 : left + 10] = TORN
    if condition == "blocked":
        frame[34:60, 6:58] = BARRIER
    if condition != "missing":
        frame[61:64, 24:40] = LABEL
    noise = random.integers(-8, 9, frame.shape, dtype=np.int16)
    noisy: Frame = np.clip(frame.astype(np.int16) + noise, 0, 255).astype(np.uint8)
    return noisy
