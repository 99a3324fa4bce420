"""At which node a robot is admitted: the one that it reports, if it stands there; else the one that it stands at."""

from __future__ import annotations

import math

import pytest

from robots.core.geometry import point_to_segment
from robots.core.traffic.state import EdgeVisit, ExtendBase, Visit
from robots.floor.floor import Floor
from robots.floor.orders import NODE_DEVIATION_M, STRAY_M, order_for
from robots.floor.whereabouts import Sight, node_to_admit
from robots.legs import Leg
from robots.models import Robot, RobotState, RobotType
from tests.missions.floor import Fleet, make_site

pytestmark = pytest.mark.django_db


@pytest.fixture
def floor() -> Floor:
    fleet = Fleet(make_site())
    fleet.turn()
    return fleet.dispatcher.floor


def lane(floor: Floor) -> tuple[int, int]:
    """The two ends of a lane so long that its middle is beside neither."""
    road = floor.traffic.road
    ends = ((a, b) for a, b in road.edge_ends if math.dist(road.points[a], road.points[b]) > 2.2 * STRAY_M)
    return next((a, b) for a, b in ends if sum(math.dist(p, road.points[a]) < 2 * STRAY_M for p in road.points) == 1)


def along(floor: Floor, metres: float, aside: float = 0.0) -> tuple[str, str, tuple[float, float]]:
    """Names of both ends of a lane, and the point so far along it and beside it."""
    road = floor.traffic.road
    a, b = lane(floor)
    (ax, ay), (bx, by) = road.points[a], road.points[b]
    length = math.dist((ax, ay), (bx, by))
    ux, uy = (bx - ax) / length, (by - ay) / length
    return road.names[a], road.names[b], (ax + ux * metres - uy * aside, ay + uy * metres + ux * aside)


def test_without_a_position_its_word_counts_if_it_is_a_node_of_ours(floor: Floor) -> None:
    name = floor.traffic.road.names[0]
    assert node_to_admit(floor, Sight(None, name, ())) == name
    for unknown in ("", "elsewhere"):
        assert node_to_admit(floor, Sight(None, unknown, ())) == ""


@pytest.mark.parametrize("said", ["", "elsewhere", "the far end"])
def test_one_that_passed_no_node_yet_is_taken_by_where_it_stands(floor: Floor, said: str) -> None:
    here, there, point = along(floor, NODE_DEVIATION_M - 0.1)
    at = there if said == "the far end" else said
    assert node_to_admit(floor, Sight(point, at, ())) == here, "what it passed long ago is not where it is"


def test_farther_off_only_along_a_lane(floor: Floor) -> None:
    here, _, point = along(floor, STRAY_M - 0.1)
    assert node_to_admit(floor, Sight(point, "", ())) == here
    _, _, beyond = along(floor, STRAY_M + 0.05)
    assert node_to_admit(floor, Sight(beyond, "", ())) == ""


def test_beside_a_node_and_on_no_lane_there_is_none(floor: Floor) -> None:
    road = floor.traffic.road
    here, _, (x, y) = along(floor, 0.0)
    round_it = [(x + 0.8 * math.cos(turn), y + 0.8 * math.sin(turn)) for turn in (n * math.pi / 12 for n in range(24))]
    clear = [
        point
        for point in round_it
        if all(point_to_segment(point, road.points[a], road.points[b]) > 0.5 for a, b in road.edge_ends)
    ]
    assert clear, "the demonstration layout has such places"
    assert {node_to_admit(floor, Sight(point, "", ())) for point in clear} == {""}
    assert node_to_admit(floor, Sight((x, y), "", ())) == here


def test_off_its_node_and_on_no_lane_there_is_none_though_an_order_would_be_taken(floor: Floor) -> None:
    road = floor.traffic.road
    here, _, (x, y) = along(floor, 0.0)
    turns = (n * math.pi / 12 for n in range(24))
    round_it = [(x + 0.49 * math.cos(turn), y + 0.49 * math.sin(turn)) for turn in turns]
    lanes = [(road.points[a], road.points[b]) for a, b in road.edge_ends]
    clear = [point for point in round_it if all(point_to_segment(point, *lane) > 0.3 for lane in lanes)]
    assert clear, "the demonstration layout has such places"
    assert {node_to_admit(floor, Sight(point, at, ())) for point in clear for at in ("", here)} == {""}


def test_the_node_that_it_reports_counts_before_one_that_is_nearer(floor: Floor) -> None:
    here, _, point = along(floor, NODE_DEVIATION_M)
    assert node_to_admit(floor, Sight(point, here, ())) == here


def test_far_from_every_node_there_is_none(floor: Floor) -> None:
    assert node_to_admit(floor, Sight((900.0, 900.0), "", ())) == ""
    assert node_to_admit(floor, Sight((900.0, 900.0), floor.traffic.road.names[0], ())) == ""


# --- what it does first ---


def newcomer(fleet: Fleet, point: tuple[float, float]) -> None:
    """R-99 appears there; it has passed no node and does nothing that it is told."""
    new = Robot.objects.create(
        site=fleet.site, type=RobotType.objects.get(), serial="R-99", manufacturer="yardmaster", name="R-99",
        live_index=99,
    )  # fmt: skip
    RobotState.objects.create(
        robot=new, connection="online", state_at=fleet.now, operating_mode="AUTOMATIC", localized=True, battery=80.0,
        loads=[], x=point[0], y=point[1],
    )  # fmt: skip
    fleet.deaf.add("R-99")


def corner(floor: Floor) -> tuple[int, int, int]:
    """A node that two lanes leave at right angles, and their other ends; nobody is there."""
    road, audit = floor.traffic.road, floor.traffic.audit
    taken = {node for state in floor.traffic.robots.values() for node in state.base}
    for a, b in road.edge_ends:
        for c in road.profile("cart").ahead[a]:
            (ax, ay), (bx, by), (cx, cy) = (road.points[n] for n in (a, b, c))
            square = abs((bx - ax) * (cx - ax) + (by - ay) * (cy - ay)) < 1e-6
            free = not taken & {a, b, c} and all(audit.pocket_of[n] < 0 for n in (a, b, c))
            if square and free and math.dist((ax, ay), (bx, by)) > 2 * STRAY_M:
                return a, b, c
    raise LookupError("the demonstration layout has no such corner")


def part_of_the_way(floor: Floor, start: int, end: int, metres: float) -> tuple[float, float]:
    (ax, ay), (bx, by) = floor.traffic.road.points[start], floor.traffic.road.points[end]
    share = metres / math.dist((ax, ay), (bx, by))
    return ax + (bx - ax) * share, ay + (by - ay) * share


@pytest.mark.parametrize("metres", [0.35, 0.45, 0.9, -0.9, -0.35])
def test_one_that_stands_on_a_lane_holds_it_and_drives_along_it_before_anything_else(metres: float) -> None:
    """Straight to the end of another lane it would cut the corner, over ground that nobody holds for it."""
    fleet = Fleet(make_site())
    fleet.turn()
    floor = fleet.dispatcher.floor
    road, (a, b, c) = floor.traffic.road, corner(floor)
    point = part_of_the_way(floor, a, b, metres) if metres > 0 else part_of_the_way(floor, b, a, -metres)
    newcomer(fleet, point)
    fleet.turn(3)
    ends = [road.names[a], road.names[b]]
    assert floor.base("R-99") == ends, "it is a one-way lane"
    kind = road.profile("cart")
    lane = {*kind.node_resources[a], *kind.node_resources[b]}
    lane.update(kind.edge_resources[road.edge_of[a, b]])
    assert {road.resources[resource] for resource in lane} <= fleet.holds("R-99")
    floor.drive("R-99", Leg("to-the-side", road.names[c]), 0.0)
    fleet.turn(2)
    nodes = [node for node in floor.orders["R-99"].nodes if node.released]
    assert [node.node_id for node in nodes[:2]] == ends
    first = nodes[0].position
    assert first is not None and first.allowed_deviation_xy is not None
    off = math.dist((first.x, first.y), point)
    assert off < first.allowed_deviation_xy.a < off + 0.5, "it may begin where it stands"


def test_one_that_stands_on_a_lane_whose_other_end_is_taken_is_told_so() -> None:
    fleet = Fleet(make_site())
    fleet.turn()
    floor = fleet.dispatcher.floor
    road = floor.traffic.road
    b = floor.traffic.robots["R-01"].end
    a = road.behind[b][0]
    newcomer(fleet, part_of_the_way(floor, a, b, 0.45))
    fleet.turn(3)
    assert not floor.known("R-99") and "R-01" in floor.refused["R-99"]


def test_one_beside_its_node_and_on_no_lane_is_told_to_come_onto_it() -> None:
    fleet = Fleet(make_site())
    fleet.turn()
    floor = fleet.dispatcher.floor
    road, (a, _, _) = floor.traffic.road, corner(floor)
    (x, y), turns = road.points[a], [n * math.pi / 12 for n in range(24)]
    points = [(x + 0.45 * math.cos(turn), y + 0.45 * math.sin(turn)) for turn in turns]
    newcomer(fleet, next(point for point in points if not node_to_admit(floor, Sight(point, "", ()))))
    fleet.turn(3)
    assert not floor.known("R-99") and "onto a node" in fleet.alarms()["R-99", "misplaced"]


def test_the_first_node_is_widened_along_the_first_edge_only() -> None:
    """D58. A robot that was pushed off its node is not led across a corner by an order that it may take from afar."""
    fleet = Fleet(make_site())
    fleet.turn()
    floor = fleet.dispatcher.floor
    a, b, c = corner(floor)
    names = floor.traffic.road.names

    def deviation(to: int, metres: float) -> float:
        floor.stands("R-01", *part_of_the_way(floor, a, b, metres))
        visits = (Visit(0, names[a]), Visit(2, names[to]))
        edge = EdgeVisit(1, floor.traffic.road.edge_names[floor.traffic.road.edge_of[a, to]])
        order = order_for(floor, ExtendBase("R-01", "new", True, True, visits, (edge,), ()))
        position = order.nodes[0].position
        assert position is not None and position.allowed_deviation_xy is not None
        return position.allowed_deviation_xy.a

    assert deviation(b, 0.0) == deviation(c, 0.0) == NODE_DEVIATION_M
    assert deviation(b, 0.9) == pytest.approx(1.1)
    assert deviation(c, 0.9) == NODE_DEVIATION_M
