"""The bootstrap policy: shapes, determinism, tracking, and a confidence that falls with the picture's worth."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from inference.contract import Observation
from inference.policy import initialise
from inference.policy.compact import HORIZON, PROPRIOCEPTION, RESIDUAL, WAY, WEIGHTS, CompactNet, CompactPolicy, track
from robots.simulation.camera import station_view
from robots.simulation.floor import CONDITIONS

LEAST = 0.6


@pytest.fixture(scope="module")
def policy() -> CompactPolicy:
    return CompactPolicy.load()


def body(**values: float) -> np.ndarray:
    base = {"remaining": 5.0, "speed_limit": 1.5} | values
    return np.array([base.get(name, 0.0) for name in PROPRIOCEPTION], dtype=np.float32)


def picture() -> np.ndarray:
    """A floor with a dark rack on the right and the way straight ahead."""
    frame = np.full((1, 64, 64, 3), 150, dtype=np.uint8)
    frame[:, :, 50:] = 60
    frame[:, :52, 30:34] = np.array(WAY) * 255
    return frame


def seen(**changes: object) -> Observation:
    base = Observation(
        frames=picture(),
        proprioception=body(),
        target=(1.0, 0.0, 0.0),
        skill="move",
        text="go to pack 1",
        embodiment="cart",
        t_monotonic=10.0,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def test_it_is_small_and_the_shipped_weights_are_those_the_seed_makes(tmp_path: Path) -> None:
    assert sum(p.numel() for p in CompactNet().parameters()) < 500_000
    initialise.write(tmp_path)
    shipped = json.loads((WEIGHTS / "config.json").read_text())
    made = json.loads((tmp_path / "config.json").read_text())
    assert made == shipped


def test_weights_with_another_digest_are_refused(tmp_path: Path) -> None:
    initialise.write(tmp_path)
    path = tmp_path / "compact-0.safetensors"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(ValueError, match="digest"):
        CompactPolicy.load(tmp_path)


def test_a_decision_has_eight_rows_and_is_the_same_every_time_and_in_any_batch(policy: CompactPolicy) -> None:
    others = [seen(target=(0.5, 0.4, 0.0)), seen(frames=np.zeros((1, 64, 64, 3), np.uint8)), seen()]
    alone, [*_, batched] = policy.act([seen()])[0], policy.act(others)
    assert alone.chunk.shape == (HORIZON, 2) and alone.dt == 0.1 and alone.valid_until == pytest.approx(10.8)
    np.testing.assert_allclose(alone.chunk, batched.chunk, atol=1e-5)
    assert np.array_equal(alone.chunk, policy.act([seen()])[0].chunk)
    assert policy.act([]) == []


def test_it_drives_straight_to_a_target_ahead_and_turns_on_the_spot_to_one_behind(policy: CompactPolicy) -> None:
    ahead, left, behind = policy.act([seen(), seen(target=(1.0, 0.3, 0.0)), seen(target=(-1.0, 0.1, 0.0))])
    assert ahead.chunk[0][0] == pytest.approx(1.5) and abs(ahead.chunk[0][1]) < 1e-6
    assert left.chunk[0][1] > 0.2 and left.chunk[0][0] > 0
    assert behind.chunk[0][0] == 0 and behind.chunk[0][1] > 1


def test_it_brakes_towards_the_end_of_the_released_way_and_stops_there(policy: CompactPolicy) -> None:
    near, there = policy.act(
        [
            seen(target=(0.3, 0.0, 0.0), proprioception=body(remaining=0.3)),
            seen(target=(0.02, 0.0, 0.0), proprioception=body(remaining=0.02)),
        ]
    )
    assert 0.2 < near.chunk[0][0] < 0.7
    assert not there.chunk.any()


def test_a_trained_residual_could_not_leave_the_law_by_more_than_its_reach() -> None:
    net = initialise.network()
    with torch.no_grad():
        net.chunk_head.bias.fill_(50.0)
    frames = torch.zeros(1, 3, 64, 64)
    target, state = torch.tensor([[1.0, 0.2, 0.0]]), torch.from_numpy(body())[None]
    chunk, _, _ = net(frames, state, target, torch.tensor([0]), torch.tensor([0]))
    difference = (chunk - track(target, state)).abs()[0].amax(0)
    assert difference[0] <= RESIDUAL[0] + 1e-6 and difference[1] <= RESIDUAL[1] + 1e-6


def test_confidence_is_high_when_the_way_is_seen_and_falls_for_each_reason_not_to_trust_it(
    policy: CompactPolicy,
) -> None:
    dark = picture() // 40
    grey = np.full((1, 64, 64, 3), 120, dtype=np.uint8)
    without_way = picture()
    without_way[:, :52, 30:34] = 150
    good, no_way, *bad = policy.act(
        [
            seen(),
            seen(frames=without_way),
            seen(frames=dark),
            seen(frames=grey),
            seen(proprioception=body(v=1.0, still=1.5)),
            seen(proprioception=body(lateral_error=0.9)),
        ]
    )
    assert good.confidence is not None and good.confidence > 0.9
    assert no_way.confidence is not None and LEAST < no_way.confidence < good.confidence
    assert all(d.confidence is not None and d.confidence < LEAST for d in bad)


def test_a_standing_robot_may_see_a_picture_that_does_not_change(policy: CompactPolicy) -> None:
    assert policy.act([seen(proprioception=body(v=0.0, still=60.0))])[0].confidence > 0.9  # type: ignore[operator]


@pytest.mark.parametrize("condition", CONDITIONS)
@pytest.mark.parametrize("seed", range(5))
def test_an_inspection_reads_the_shelf_from_its_picture(policy: CompactPolicy, condition: str, seed: int) -> None:
    view = station_view(condition, np.random.default_rng(seed))[None]
    decision = policy.act([seen(frames=view, skill="inspect", target=(0.0, 0.0, 0.0))])[0]
    assert decision.result == condition
    assert decision.confidence is not None and decision.confidence > LEAST


def test_driving_gives_no_result_and_a_dark_shelf_no_confidence(policy: CompactPolicy) -> None:
    assert policy.act([seen()])[0].result is None
    dark = np.zeros((1, 64, 64, 3), np.uint8)
    assert policy.act([seen(frames=dark, skill="scan")])[0].confidence < LEAST  # type: ignore[operator]
