"""The simulated hall: motion, battery, loads, ranges, people and the picture."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robots.core.demo_site import demo_layout
from robots.simulation import camera
from robots.simulation.battery import Batteries, BatteryModel
from robots.simulation.build import build_world
from robots.simulation.floor import RACK, WALL, FloorPlan, RobotSpec, Station, World
from robots.simulation.kinematics import Drive, DriveLimits
from robots.simulation.range import clearances

DT = 0.05
HALL = FloorPlan((0.0, 0.0, 20.0, 12.0), racks=((8.0, 4.0, 10.0, 8.0),))


def world(*robots: RobotSpec, plan: FloorPlan = HALL, **options: object) -> World:
    return World(plan, robots or (RobotSpec("R-01", 2.0, 6.0),), seed=1, **options)  # type: ignore[arg-type]


def run(w: World, seconds: float) -> None:
    for _ in range(round(seconds / DT)):
        w.step(DT)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(allow_nan=True, allow_infinity=True), st.floats(allow_nan=True, allow_infinity=True)),
        min_size=1,
        max_size=20,
    )
)
def test_no_command_makes_the_drive_break_its_limits_or_go_backwards(commands: list[tuple[float, float]]) -> None:
    limits = DriveLimits()
    drive = Drive(np.zeros(1), np.zeros(1), np.zeros(1), limits)
    for v, omega in commands:
        before = float(drive.v[0])
        drive.command(0, v, omega)
        drive.step(DT)
        assert 0 <= drive.v[0] <= limits.max_speed and abs(drive.omega[0]) <= limits.max_rotation
        assert -limits.deceleration * DT - 1e-9 <= drive.v[0] - before <= limits.acceleration * DT + 1e-9
        assert -math.pi < drive.theta[0] <= math.pi and math.isfinite(drive.x[0])


def test_a_circle_closes() -> None:
    w = world()
    w.drive.v[:], w.drive.omega[:] = 0.5, 0.5
    w.drive.command(0, 0.5, 0.5)
    for _ in range(1000):
        w.step(2 * math.pi / 0.5 / 1000)
    assert (w.drive.x[0], w.drive.y[0]) == pytest.approx((2.0, 6.0), abs=1e-6)


def test_a_battery_drains_with_way_and_time_and_charges_faster_by_the_factor() -> None:
    model = BatteryModel(idle_per_hour=3, drive_per_km=4, charge_per_hour=60, factor=10)
    packs = Batteries(np.array([50.0, 50.0, 50.0]), model)
    packs.charging[2] = True
    packs.step(60.0, np.array([0.0, 100.0, 0.0]))
    assert packs.percent == pytest.approx([49.95, 49.55, 59.95])
    packs.step(36000.0, np.zeros(3))
    assert packs.percent[2] == 100.0


def test_loads_are_taken_from_and_put_down_at_counted_stations() -> None:
    shelf = Station(count=1)
    w = world(stations={"rack-a1": shelf})
    assert w.pick(0, "tote", "rack-a1") and shelf.count == 0
    assert not w.pick(0, "tote", "rack-a1")
    assert not w.drop(0, "box", "rack-a1")
    assert w.drop(0, "tote", "rack-a1") and shelf.count == 1 and w.handlers[0].carrying == []
    assert not w.drop(0)


def test_the_gripper_misses_as_often_as_it_is_told_and_alike_for_one_seed() -> None:
    grips = [[world(misses=0.3).pick(0, "t")] + [w.pick(0, "t") for w in [world(misses=0.3)] for _ in range(99)]]
    again = [[world(misses=0.3).pick(0, "t")] + [w.pick(0, "t") for w in [world(misses=0.3)] for _ in range(99)]]
    assert grips == again and 55 <= sum(grips[0]) <= 85


def test_ranges_see_robots_and_racks_ahead_but_not_behind() -> None:
    w = world(RobotSpec("A", 2.0, 6.0), RobotSpec("B", 5.0, 6.0))
    seen = clearances(w, np.array([0, 1]))
    assert seen.robot[0] == pytest.approx(2.4) and seen.robot[1] == math.inf
    assert seen.obstacle[1] == pytest.approx(8.0 - 5.0 - 0.3, abs=0.11)
    assert seen.person[0] == math.inf


def test_a_person_is_seen_all_round() -> None:
    plan = FloorPlan((0, 0, 20, 12), walks=(((2.0, 4.0), (2.0, 4.01)),))
    assert clearances(world(plan=plan), np.array([0])).person[0] == pytest.approx(2.0 - 0.3 - 0.25, abs=0.02)


def test_people_pass_a_standing_robot_and_wait_for_a_moving_one() -> None:
    plan = FloorPlan((0, 0, 20, 12), walks=(((1.0, 6.0), (18.0, 6.0)),))
    w = world(RobotSpec("A", 6.0, 6.0), plan=plan)
    nearest = math.inf
    far = w.people.x[0]
    for _ in range(1200):
        w.step(DT)
        nearest = min(nearest, float(np.hypot(w.people.x[0] - 6.0, w.people.y[0] - 6.0)))
        far = max(far, float(w.people.x[0]))
    assert far > 17 and nearest > 0.55


def test_people_walk_alike_for_one_seed() -> None:
    a, b = (build_world(demo_layout(), [RobotSpec("A", 5, 5)], seed=4) for _ in range(2))
    run(a, 10)
    run(b, 10)
    assert np.array_equal(a.people.x, b.people.x) and len(a.people.x) >= 3


def test_the_picture_shows_floor_rack_way_robot_and_person_where_they_are() -> None:
    plan = FloorPlan((0, 0, 20, 12), racks=((8, 4, 10, 8),), walks=(((5.0, 8.0), (5.0, 8.01)),))
    w = world(RobotSpec("A", 5.0, 6.0), RobotSpec("B", 5.0, 4.0), plan=plan)
    frame = camera.render(w, np.array([0]), [[(5.0, 6.0), (7.5, 6.0)]])[0]

    def at(forward: float, left: float) -> tuple[int, ...]:
        row, column = camera.pixel(np.array([forward]), np.array([left]))
        return tuple(int(c) for c in frame[row[0], column[0]])

    def looks_like(colour: tuple[int, ...], kind: int) -> bool:
        return max(abs(a - int(b)) for a, b in zip(colour, camera.PALETTE[kind], strict=True)) <= 12

    assert at(2.0, 0.0) == camera.WAY
    assert looks_like(at(4.0, 0.0), RACK)
    assert at(0.0, 2.0) == camera.PERSON and at(0.0, -2.0) == camera.ROBOT
    assert looks_like(at(2.0, 3.0), 0)


def test_an_empty_floor_is_no_covered_lens() -> None:
    w = world(RobotSpec("A", 50.0, 50.0), plan=FloorPlan((0, 0, 100, 100)))
    frame = camera.render(w, np.array([0]), [[(50.0, 50.0), (50.3, 50.0)]])[0]
    assert frame.mean(2).std() / 255 > 0.025, "else the robot model takes it for one and never moves again"


def test_every_node_and_lane_of_the_demonstration_site_is_free_of_racks_and_walls() -> None:
    layout = demo_layout()
    w = build_world(layout, [RobotSpec("A", 5, 5)], seed=1)
    place = {n.id: (n.x, n.y) for n in layout.nodes}
    for edge in layout.edges:
        (ax, ay), (bx, by) = place[edge.start], place[edge.end]
        t = np.linspace(0, 1, 50)
        cells = w.cells(ax + (bx - ax) * t, ay + (by - ay) * t)
        assert not np.isin(cells, (RACK, WALL)).any(), edge.id
