"""Why a robot does what it does, in words a supervisor can act on; each reason names the owner or the rule.

Each says what would end the wait, and follows the owners from robot to robot up to the one at the root of it.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from robots.core.routing import NOTHING, UNREACHABLE
from robots.core.traffic.holdings import Refusal
from robots.core.traffic.planner import OPEN
from robots.core.traffic.state import RobotState, WaitReason

if TYPE_CHECKING:
    from robots.core.traffic.traffic import Traffic

Reason = tuple[str, str | None, str | None, str, str]
"""kind, resource, holder, text, what would end it"""
VERBS = frozenset(
    ("cannot", "does", "has", "holds", "is", "lets", "may", "needs", "reports", "says", "stands", "waits")
)
"""What a text begins with that goes on from the name of its robot; any other text is a sentence of its own."""


def sentence(name: str, text: str) -> str:
    """The reason `text` of the robot called `name`, as a sentence that names it."""
    first = text.partition(" ")[0]
    if first == name:
        return text
    return f"{name} {text}" if first in VERBS or text.startswith("driving to ") else f"{name}: {text}"


def explain_all(traffic: Traffic, now: float) -> None:
    """Set the reason of every robot as of now; `since` is kept from the cycle that gave the same reason first."""
    found = {state.id: _reason(traffic, state) for state in traffic.robots.values()}
    for state in traffic.robots.values():
        kind, resource, holder, text, ends = found[state.id]
        before = state.wait
        same = (before.kind, before.resource, before.holder) == (kind, resource, holder)
        chain = _chain(state.id, found) if kind.startswith("waiting") and holder is not None else ()
        if len(chain) > 1:
            ends = found[chain[-1]][4] or ends
        if same and (before.text, before.ends, before.chain) == (text, ends, chain):
            continue
        state.wait = WaitReason(kind, resource, holder, before.since if same else now, text, ends, chain)


def _chain(robot: str, found: dict[str, Reason]) -> tuple[str, ...]:
    """Who is waited for, by whom that one waits, and so on; ends at one that does not wait or was named already."""
    chain: list[str] = []
    holder = found[robot][2]
    while holder is not None and holder in found and holder != robot and holder not in chain:
        chain.append(holder)
        holder = found[holder][2] if found[holder][0].startswith("waiting") else None
    return tuple(chain)


def _reason(traffic: Traffic, state: RobotState) -> Reason:
    name = traffic.road.names
    if state.held is not None:
        return "held", None, state.id, state.held, f"when {state.id} can drive again"
    if len(state.base) > 1 and state.order_id is not None:
        return "driving", None, None, f"driving to {name[state.end]}", f"when {state.id} reports {name[state.base[1]]}"
    if state.arriving and traffic.tokens.enabled(state):
        return "at_goal", None, None, f"at {name[state.end]}", f"when {state.id} has done its work there"
    if state.id in traffic.refused:
        return _refused(traffic, traffic.refused[state.id])
    if state.goal is not None:
        rule = _rule(traffic, state, state.goal)
        if rule is not None:
            return rule
    if state.id in traffic.waits:
        node, holder = traffic.waits[state.id]
        return _robot(f"node:{name[node]}", holder)
    if state.goal is None:
        return "idle", None, None, "has nothing to do", "when it is given something to do"
    return _next_step(traffic, state)


def _rule(traffic: Traffic, state: RobotState, goal: int) -> Reason | None:
    """What keeps it from driving to its goal at all, whoever stands in its way."""
    name = traffic.road.names[goal]
    place = f"node:{name}"
    if traffic.tables.table(state) is None:
        return "waiting_for_turn", place, None, "its way is being worked out", "within a few cycles"
    if traffic.tables.seconds(state) == UNREACHABLE:
        return "no_way", place, None, *_no_way(traffic, state)
    if state.id not in traffic.cap.active and not state.arriving:
        text = f"waits for its turn: {traffic.cap.limit} robots are under way, as many as this floor takes"
        return "waiting_for_turn", None, None, text, "when one of those under way has reached its goal"
    other = traffic.tokens.waits(state)
    if other:
        if goal not in traffic.robots[other].base and traffic.robots[other].goal == goal:
            text = f"waits for {name}, which {other} has been given and is on its way to"
            return "waiting_for_place", place, other, text, f"when {other} has been there and left"
        if goal in (traffic.robots[other].goal, traffic.robots[other].base[0]):
            return "waiting_for_place", place, other, f"waits until {other} has left {name}", f"when {other} has left"
        text = f"waits for its turn in the dead end at {name}, where {other} is or goes"
        return "waiting_for_turn", place, other, text, f"when {other} has left that dead end"
    return None


def _refused(traffic: Traffic, refusal: Refusal) -> Reason:
    resource = None if refusal.resource is None else traffic.road.resources[refusal.resource]
    if (resource or "").startswith("zone:") and refusal.holder:
        ends = f"when {refusal.holder} or another one has left it"
        return "waiting_for_zone", resource, refusal.holder, refusal.text, ends
    if refusal.kind == "held" and refusal.holder in traffic.robots:
        return _robot(resource or "", refusal.holder)
    if refusal.kind == "door" or (resource or "").startswith("door:"):
        ends = f"when {refusal.holder} gives it back" if refusal.holder else "when it is given back"
        return "waiting_for_door", resource, refusal.holder or None, refusal.text, ends
    if refusal.kind == "zone":
        return "waiting_for_zone", resource, refusal.holder or None, refusal.text, "when the zone is opened"
    ends = f"when {refusal.holder} stands there no longer" if refusal.holder else "when that is settled"
    return "waiting_for_robot", resource, refusal.holder or None, refusal.text, ends


def _robot(resource: str, holder: str) -> Reason:
    text = f"waits for {holder}, which holds {resource.split(':', 1)[-1]}"
    return "waiting_for_robot", resource, holder, text, f"when {holder} has moved on"


def _next_step(traffic: Traffic, state: RobotState) -> Reason:
    """Nobody stood in the way, yet it was not moved: a rule bars its next node, or that was promised to another."""
    road, table = traffic.road, traffic.tables.table(state)
    nodes = traffic.fan(state.type).ahead[state.end]
    if not nodes or table is None:
        return "no_way", f"node:{road.names[state.goal or 0]}", None, *_no_way(traffic, state)
    node = min(nodes, key=lambda n: (traffic.led_round(state, state.end, n), table[n], n))
    resource = f"node:{road.names[node]}"
    if traffic.gate(state.id, state.end, node) != OPEN:
        return _barred(traffic, state, node)
    needed = traffic.fan(state.type).needed(state.end, node)
    for taken in needed:
        owner = traffic.ledger.owner(taken)
        if owner not in (None, state.id):
            return _refused(traffic, Refusal("held", taken, str(owner), f"{owner} holds {road.resources[taken]}"))
    first = traffic.due[node][0] if traffic.due.get(node) else state.id
    if first == state.id and len(needed) > 1:
        first = _rival(traffic, state, set(needed))
    if first != state.id:
        text = f"lets {first} go first at {road.names[node]}"
        return "waiting_for_robot", resource, first, text, f"when {first} has passed"
    text = f"waits for its turn at {road.names[node]}"
    return "waiting_for_turn", resource, None, text, "next cycle, when nobody more urgent needs it"


def _rival(traffic: Traffic, state: RobotState, needed: set[int]) -> str:
    """Another robot that is planned to come where footprints overlap; itself if there is none."""
    for robot in traffic.robots.values():
        if robot.id != state.id and robot.horizon and not needed.isdisjoint(_promised(traffic, robot)):
            return robot.id
    return state.id


def _barred(traffic: Traffic, state: RobotState, node: int) -> Reason:
    road, ways = traffic.road, traffic.ways
    name = road.names[node]
    resource = f"node:{name}"
    door = ways.door_of(road.edge_of[state.end, node])
    if door:
        owner = traffic.doors[door][0]
        return "waiting_for_door", f"door:{door}", owner, f"waits at {door}, which {owner} has", f"when {owner} is done"
    pocket = traffic.audit.pocket_of[node]
    holder = traffic.tokens.holder.get(pocket) if pocket >= 0 else None
    if holder is not None and holder != state.id:
        text = f"waits for its turn in the dead end at {name}, where {holder} is or goes"
        return "waiting_for_turn", resource, holder, text, f"when {holder} has left that dead end"
    for robot, nodes in ways.present.items():
        if node in nodes:
            return "waiting_for_robot", resource, robot, f"{robot} stands at {name}", f"when {robot} is taken away"
    if name in ways.obstacles:
        obstacle = ways.obstacles[name]
        return "waiting_for_zone", resource, obstacle.by, f"{name} is blocked, says {obstacle.by}", "when it is cleared"
    return "waiting_for_zone", resource, None, f"{name} is closed or to be avoided", "when it is opened"


def _promised(traffic: Traffic, robot: RobotState) -> set[int]:
    """Resources of what a robot holds and of what is planned for it."""
    fan = traffic.fan(robot.type)
    way = [robot.end, *robot.horizon]
    found = set(traffic.ledger.held(robot.id))
    for a, b in pairwise(way):
        if a != b:
            found.update(fan.needed(a, b) if (a, b) in traffic.road.edge_of else fan.stands[b])
    return found


def _no_way(traffic: Traffic, state: RobotState) -> tuple[str, str]:
    assert state.goal is not None
    road, type_id = traffic.road, state.type or None
    goal = road.names[state.goal]
    if road.distances(state.goal, profile=type_id)[state.end] == UNREACHABLE:
        return f"no way leads to {goal}", "when it is given another goal"
    if state.avoid and road.distances(state.goal, traffic.ways.closed, type_id)[state.end] != UNREACHABLE:
        return f"no way leads to {goal} without what must be avoided", "when that may be entered, or with another goal"
    closed = _closed(traffic, state, state.goal)
    if closed is not None:
        return f"the way to {goal} is closed: {closed[0]}", f"{closed[1]}, or with another goal"
    return f"the way to {goal} is closed", "when a zone, door or obstacle on the way is opened, or with another goal"


def _closed(traffic: Traffic, state: RobotState, goal: int) -> tuple[str, str] | None:
    """What closes the quickest way there would be, and what would open it; None where nothing on it can be named."""
    road, audit = traffic.road, traffic.audit
    rules = road.no_entry | audit.traps | audit.avoid | state.avoid
    ways = (road.path(state.end, goal, block, profile=state.type or None) for block in (rules, NOTHING))
    way = next(filter(None, ways), [])
    for step in pairwise(way):
        edge = road.edge_of[step]
        if not road.passable(edge, traffic.ways.closed):
            return _closure(traffic, edge)
    return None


def _closure(traffic: Traffic, edge: int) -> tuple[str, str] | None:
    road, ways, node = traffic.road, traffic.ways, traffic.road.edge_ends[edge][1]
    zone = traffic.ledger.zone_at(edge)
    if zone:
        name = next(z.name or z.id for z in road.layout.zones if z.id == zone)
        return f"zone {name} is {traffic.ledger.zone_state(zone)}", f"when zone {name} is opened"
    for place in (road.names[node], road.edge_names[edge]):
        if place in ways.obstacles:
            return f"{place} is blocked, says {ways.obstacles[place].by}", f"when {place} is cleared"
    robot = next((robot for robot, nodes in ways.present.items() if node in nodes), None)
    if robot is None:
        return None
    return f"{robot} stands at {road.names[node]}", f"when {robot} is taken away"
