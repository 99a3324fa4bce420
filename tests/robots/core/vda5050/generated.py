"""Any message that a version can say, for property tests. `INTERNAL` can say all of them."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cached_property
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from robots.core.vda5050 import messages as m
from robots.core.vda5050 import reports as r
from robots.core.vda5050.codec import INTERNAL
from robots.core.vda5050.curves import uniform_knots

SAYING = ("2.0", "2.1", "3.0", INTERNAL)
SERIOUS = (r.ErrorLevel.URGENT, r.ErrorLevel.CRITICAL)

ident = st.text(st.sampled_from("abcXYZ019_-.:"), min_size=1, max_size=8)
text = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=8)
num = st.floats(-1e6, 1e6)
size = st.floats(0, 1e6)
angle = st.floats(-math.pi, math.pi)
uint = st.integers(0, 2**32 - 1)
flag = st.booleans()
percent = st.floats(0, 100)
unit = st.floats(0, 1)
when = st.just("2026-11-21T07:43:05.123Z")


def opt(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


def some(strategy: st.SearchStrategy[Any], most: int = 3, least: int = 0) -> st.SearchStrategy[Any]:
    return st.lists(strategy, min_size=least, max_size=most).map(tuple)


def only(condition: bool, strategy: st.SearchStrategy[Any], otherwise: Any = None) -> st.SearchStrategy[Any]:
    return strategy if condition else st.just(otherwise)


_scalar = flag | st.integers(-(2**63), 2**64 - 1) | num | text


class Words:
    """Strategies of one version."""

    def __init__(self, version: str) -> None:
        self.version = version
        self.new = version in ("3.0", INTERNAL)
        self.full = version == INTERNAL

    def any_value(self) -> st.SearchStrategy[Any]:
        nested = st.recursive(_scalar, lambda x: st.lists(x, max_size=2) | st.dictionaries(text, x, max_size=2))
        # Text and schema of 2.0 differ on whether a value may be an object; the schema is checked with none.
        return nested.filter(lambda v: self.version != "2.0" or not isinstance(v, dict))

    def action(self, *, instant: bool = False) -> st.SearchStrategy[m.Action]:
        kinds = [b for b in m.BlockingType if self.new or b is not m.BlockingType.SINGLE]
        kinds = [m.BlockingType.NONE] if instant and self.version == "3.0" else kinds
        return st.builds(
            m.Action,
            ident,
            ident,
            st.sampled_from(kinds),
            some(st.builds(m.ActionParameter, ident, self.any_value()), 2),
            opt(text),
            only(self.new and (self.full or not instant), opt(flag)),
        )

    def position(self, *, state: bool = False) -> st.SearchStrategy[m.NodePosition]:
        ellipse = st.builds(m.DeviationEllipse, size, size, st.floats(-math.pi / 2, math.pi / 2))
        deviation = ellipse if self.new else size.map(lambda a: m.DeviationEllipse(a, a))
        theta = angle if state and self.version == "2.0" else opt(angle)
        return st.builds(m.NodePosition, num, num, ident, theta, opt(deviation), opt(st.floats(0, math.pi)))

    @st.composite
    @staticmethod
    def _curve(draw: st.DrawFn, weighted: bool) -> m.Trajectory:
        degree = draw(st.integers(1, 3))
        weight = st.floats(0.1, 10)
        point = st.builds(m.ControlPoint, num, num, weight if weighted else opt(weight))
        points = draw(some(point, degree + 3, degree + 1))
        return m.Trajectory(degree, uniform_knots(degree, len(points)), points)

    def curve(self, *, state: bool = False) -> st.SearchStrategy[m.Trajectory]:
        return Words._curve(weighted=state and self.version == "2.0")

    def corridor(self) -> st.SearchStrategy[m.Corridor]:
        loss = opt(st.sampled_from((m.ReleaseLoss.STOP, m.ReleaseLoss.RETURN)))
        point = opt(st.sampled_from(("KINEMATIC_CENTER", "CONTOUR")))
        return st.builds(m.Corridor, size, size, point, only(self.new, opt(flag)), only(self.new, loss))

    def order(self) -> st.SearchStrategy[m.Order]:
        return _order(self)

    def instant_actions(self) -> st.SearchStrategy[m.InstantActions]:
        return st.builds(m.InstantActions, some(self.action(instant=True)))

    def zone(self, kind: m.ZoneType) -> st.SearchStrategy[m.Zone]:
        z = m.ZoneType
        act = some(
            st.builds(
                m.ZoneAction,
                ident,
                st.sampled_from(m.BlockingType),
                some(st.builds(m.ActionParameter, ident, self.any_value()), 1),
                opt(text),
                opt(flag),
            ),
            2,
        )
        limits = ["SOFT", "RESTRICTED", *(["STRICT"] if kind is z.DIRECTED else [])]
        loss = [m.ReleaseLoss.STOP, m.ReleaseLoss.CONTINUE, m.ReleaseLoss.EVACUATE]
        directed = kind in (z.DIRECTED, z.BIDIRECTED)
        return st.builds(
            m.Zone,
            zone_id=ident,
            zone_type=st.just(kind),
            vertices=some(st.builds(m.Vertex, num, num), 5, 3),
            descriptor=opt(text),
            maximum_speed=only(kind is z.SPEED_LIMIT, size),
            release_loss=only(kind is z.RELEASE, st.sampled_from(loss)),
            entry_actions=only(kind is z.ACTION, act, ()),
            during_actions=only(kind is z.ACTION, act, ()),
            exit_actions=only(kind is z.ACTION, act, ()),
            factor=only(kind in (z.PRIORITY, z.PENALTY), unit),
            direction=only(directed, angle),
            limitation=only(directed, st.sampled_from(limits)),
        )

    def zone_set(self) -> st.SearchStrategy[m.ZoneSet]:
        return st.builds(m.ZoneSet, ident, ident, some(st.sampled_from(m.ZoneType).flatmap(self.zone)), opt(text))

    def responses(self) -> st.SearchStrategy[m.Responses]:
        one = st.builds(m.Response, ident, st.sampled_from(m.GrantType), opt(when))
        return st.builds(m.Responses, some(one))

    def pose(self) -> st.SearchStrategy[r.Position]:
        return st.builds(r.Position, num, num, angle, ident, flag, opt(unit), opt(size))

    def error(self) -> st.SearchStrategy[r.Error]:
        levels = [level for level in r.ErrorLevel if self.new or level not in SERIOUS]
        told = some(st.builds(r.Translation, ident, text), 2)
        return st.builds(
            r.Error,
            ident,
            st.sampled_from(levels),
            some(st.builds(r.Reference, ident, text), 2),
            opt(text),
            only(self.version != "2.0", opt(text)),
            only(self.new, told, ()),
            only(self.new, told, ()),
        )

    def action_states(self) -> st.SearchStrategy[Any]:
        # The schemas of 2.0 and 2.1 forgot PAUSED, the text has it; test_codec says it, test_schemas adds it.
        known = [s for s in r.ActionStatus if self.new or s is not r.ActionStatus.RETRIABLE]
        return some(st.builds(r.ActionState, ident, st.sampled_from(known), opt(text), opt(text), opt(text)))

    def path(self) -> st.SearchStrategy[Any]:
        return opt(st.builds(r.PlannedPath, self.curve(state=True), some(ident)))

    def waypoints(self) -> st.SearchStrategy[Any]:
        return some(st.builds(r.Waypoint, num, num, opt(angle), when))

    def state(self) -> st.SearchStrategy[r.State]:
        return _state(self)

    def connection(self) -> st.SearchStrategy[r.Connection]:
        known = [s for s in r.ConnectionState if self.new or s is not r.ConnectionState.HIBERNATING]
        return st.builds(r.Connection, st.sampled_from(known))

    def visualization(self) -> st.SearchStrategy[r.Visualization]:
        return st.builds(
            r.Visualization,
            opt(self.pose()),
            opt(st.builds(r.Velocity, opt(num), opt(num), opt(num))),
            only(self.new, self.path()),
            only(self.new, self.waypoints(), ()),
            only(self.new, opt(uint) if self.full else uint),
        )

    def factsheet(self) -> st.SearchStrategy[r.Factsheet]:
        return _factsheet(self)

    @cached_property
    def any_message(self) -> st.SearchStrategy[Any]:
        kinds = [self.order(), self.instant_actions(), self.state(), self.connection(), self.visualization()]
        kinds += [self.factsheet(), *([self.zone_set(), self.responses()] if self.new else [])]
        return st.one_of(kinds)


def _order(words: Words) -> st.SearchStrategy[m.Order]:
    """Nodes and edges in turn; in 3.0 an edge's ends are what its neighbours say."""
    node = st.builds(m.Node, ident, st.just(0), flag, opt(words.position()), some(words.action(), 1), opt(text))
    edge = st.builds(
        m.Edge,
        edge_id=ident,
        sequence_id=st.just(0),
        released=flag,
        start_node_id=ident,
        end_node_id=ident,
        actions=some(words.action(), 1),
        maximum_speed=opt(size),
        maximum_mobile_robot_height=opt(size),
        minimum_load_handling_device_height=opt(size),
        orientation=opt(angle),
        orientation_type=opt(st.sampled_from(("GLOBAL", "TANGENTIAL"))),
        direction=opt(text),
        reach_orientation_before_entering=opt(flag),
        maximum_rotation_speed=opt(size),
        length=opt(size),
        trajectory=opt(words.curve()),
        corridor=only(words.version != "2.0", opt(words.corridor())),
        descriptor=opt(text),
    )

    def joined(parts: tuple[list[m.Node], list[m.Edge], str, int, str | None, str | None]) -> m.Order:
        nodes = [replace(part, sequence_id=2 * i) for i, part in enumerate(parts[0])]
        edges = [replace(part, sequence_id=2 * i + 1) for i, part in enumerate(parts[1][: len(nodes) - 1])]
        if words.version == "3.0":
            ends = list(pairwise(nodes))
            edges = [
                replace(part, start_node_id=a.node_id, end_node_id=b.node_id)
                for part, (a, b) in zip(edges, ends, strict=False)
            ]
        return m.Order(parts[2], parts[3], tuple(nodes), tuple(edges), parts[4], parts[5])

    zone_set = only(words.version != "3.0", opt(ident))
    descriptor = only(words.new, opt(text))
    parts = (st.lists(node, min_size=1, max_size=3), st.lists(edge, max_size=2), ident, uint, zone_set, descriptor)
    return st.tuples(*parts).map(joined)


def _state(words: Words) -> st.SearchStrategy[r.State]:
    new, full = words.new, words.full
    whole = percent if full else st.integers(0, 100).map(float)
    box = st.builds(r.BoundingBox, num, num, num, opt(angle))
    dims = st.builds(r.Dimensions, size, size, opt(size))
    status = [s for s in r.RequestStatus if full or s is not r.RequestStatus.QUEUED]
    asked = st.sampled_from((r.RequestKind.ACCESS, r.RequestKind.REPLANNING))
    zone_request = st.builds(
        r.ZoneRequest, ident, asked, ident, ident, st.sampled_from(status), opt(words.curve(state=True))
    )
    edge_request = st.builds(
        r.EdgeRequest, ident, st.just(r.RequestKind.CORRIDOR), ident, uint, st.sampled_from(status)
    )
    modes = [x for x in r.OperatingMode if new or x not in (r.OperatingMode.STARTUP, r.OperatingMode.INTERVENED)]
    stops = [x for x in r.EmergencyStop if words.version != "3.0" or x is not r.EmergencyStop.AUTO_ACK]
    enabled = st.sampled_from(("ENABLED", "DISABLED"))
    power = (percent, flag, opt(num), opt(whole), opt(whole), only(new, opt(num)))
    info = (ident, st.sampled_from(("INFO", "DEBUG")), some(st.builds(r.Reference, ident, text), 1), opt(text))
    return st.builds(
        r.State,
        order_id=text,
        order_update_id=uint,
        last_node_id=text,
        last_node_sequence_id=uint,
        driving=flag,
        operating_mode=st.sampled_from(modes),
        power_supply=st.builds(r.PowerSupply, *power),
        safety_state=st.builds(r.SafetyState, st.sampled_from(stops), flag),
        node_states=some(st.builds(r.NodeState, ident, uint, flag, opt(words.position(state=True)), opt(text)), 2),
        edge_states=some(st.builds(r.EdgeState, ident, uint, flag, opt(words.curve(state=True)), opt(text)), 2),
        action_states=words.action_states(),
        instant_action_states=only(new, words.action_states(), ()),
        errors=some(words.error(), 2),
        position=opt(words.pose()),
        velocity=opt(st.builds(r.Velocity, opt(num), opt(num), opt(num))),
        loads=opt(some(st.builds(r.Load, opt(text), opt(text), opt(text), opt(size), opt(box), opt(dims)), 2)),
        paused=opt(flag),
        new_base_request=opt(flag),
        distance_since_last_node=opt(num),
        information=some(st.builds(r.Information, *info), 1),
        maps=only(words.version != "2.0", some(st.builds(r.MapInfo, ident, ident, enabled, opt(text)), 2), ()),
        zone_set_id=only(words.version != "3.0", opt(text)),
        zone_action_states=only(new, words.action_states(), ()),
        zone_sets=only(new, some(st.builds(r.ZoneSetInfo, ident, ident, enabled), 2), ()),
        zone_requests=only(new, some(zone_request, 2), ()),
        edge_requests=only(new, some(edge_request, 2), ()),
        planned_path=only(new, words.path()),
        intermediate_path=only(new, words.waypoints(), ()),
    )


def _factsheet(words: Words) -> st.SearchStrategy[r.Factsheet]:
    new = words.new
    types = st.sampled_from(("BOOL", "NUMBER", "INTEGER", "STRING", "OBJECT", "ARRAY"))
    scopes = [s for s in m.ActionScope if new or s is not m.ActionScope.ZONE]
    promise = only(new, opt(flag) if words.full else flag)
    action = st.builds(
        r.ActionDeclaration,
        ident,
        some(st.sampled_from(scopes)),
        some(st.builds(r.ParameterDeclaration, ident, types, flag, opt(text)), 2),
        only(new, some(st.sampled_from(m.BlockingType)), ()),  # see BLOCKING_TYPES in v2_factsheet
        opt(text),
        opt(text),
        promise,
        promise,
    )
    arrays = st.sampled_from(("order.nodes", "instantActions", "state.information", "information.infoReferences"))
    strings = st.sampled_from(("maximumMessageLength", "maximumIdLength", "maximumLoadIdLength"))
    support = st.sampled_from(("SUPPORTED", "REQUIRED"))
    versions = some(st.builds(r.SoftwareVersion, ident, text), 2)
    battery = st.builds(r.BatteryCharging, opt(percent), opt(percent), opt(percent), opt(size))
    return st.builds(
        r.Factsheet,
        series_name=text,
        kinematic=st.sampled_from(("DIFFERENTIAL", "OMNIDIRECTIONAL", "THREE_WHEEL")),
        robot_class=st.sampled_from(("FORKLIFT", "CARRIER")),
        maximum_load_mass=size,
        maximum_speed=size,
        maximum_acceleration=size,
        maximum_deceleration=size,
        maximum_height=size,
        width=size,
        length=size,
        minimum_speed=size,
        minimum_height=size if words.version == "3.0" else opt(size),
        localization_types=some(st.sampled_from(("NATURAL", "GRID"))),
        navigation_types=some(st.sampled_from(("VIRTUAL_LINE_GUIDED", "FREELY_NAVIGATING"))),
        maximum_array_lengths=st.dictionaries(arrays, st.integers(1, 2**32 - 1)),
        minimum_order_interval=size,
        minimum_state_interval=size,
        default_state_interval=opt(size),
        visualization_interval=opt(size),
        actions=some(action, 2),
        load_positions=some(text),
        load_sets=some(st.builds(r.LoadSet, ident, ident, some(text), opt(size)), 2),
        versions=only(words.version != "2.0", versions, ()),
        maximum_string_lengths=st.dictionaries(strings, st.integers(1, 2**32 - 1)),
        ids_numeric_only=flag,
        optional_parameters=some(st.builds(r.OptionalParameter, ident, support), 2),
        supported_zones=only(new, some(st.sampled_from(m.ZoneType)), ()),
        maximum_angular_speed=opt(size),
        battery_charging=only(new, opt(battery)),
    )


WORDS = {version: Words(version) for version in SAYING}
