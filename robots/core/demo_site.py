"""The demonstration warehouse as plain data: 60 x 36 m, two halls joined by a fire door and an open gate.

Lanes lie on a 2.2 m grid and are one-way: an outer ring counter-clockwise, an inner ring clockwise, eight aisles
alternating north and south, a parking lot in the north. Only the stubs to stations, chargers and parking places are
two-way, so a robot that works or waits stands beside the traffic, not in it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from robots.core.layout import Door, Edge, Layout, Node, Rack, Station, Wall, Zone

PITCH: Final = 2.2
X0: Final = 5.0
SOUTH_1, SOUTH_2, NORTH_2, NORTH_1, LOT = 5.0, 7.2, 27.0, 29.2, 32.6
ROWS: Final = tuple(round(9.4 + PITCH * i, 1) for i in range(8))
AISLES: Final = {number: 2 * number for number in range(1, 9)}
WIDTH, HEIGHT = 60.0, 36.0
FIRE_WALL: Final = 47.9
LANE_SPEED, AISLE_SPEED, STUB_SPEED = 1.5, 1.2, 0.6
NUMBERS: Final = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 7: "seven", 8: "eight"}
WEST, EAST, INNER_DOWN, INNER_UP, EAST_DOWN = 0, 23, 18, 19, 22


def _x(column: int) -> float:
    return round(X0 + PITCH * column, 1)


@dataclass
class _Draft:
    """What is being drawn; nodes are found by their place on the grid."""

    nodes: dict[str, Node] = field(default_factory=dict)
    edges: dict[str, Edge] = field(default_factory=dict)
    stations: list[Station] = field(default_factory=list)

    def node(self, x: float, y: float) -> str:
        name = f"N{round(x * 10):03d}-{round(y * 10):03d}"
        self.nodes.setdefault(name, Node(name, x, y))
        return name

    def edge(self, start: str, end: str, speed: float) -> None:
        name = f"{start}:{end}"
        self.edges.setdefault(name, Edge(name, start, end, speed))

    def lane(self, *points: tuple[float, float], speed: float = LANE_SPEED) -> None:
        ids = [self.node(x, y) for x, y in points]
        for start, end in pairwise(ids):
            self.edge(start, end, speed)

    def stub(self, lane: tuple[float, float], x: float, y: float) -> str:
        on, off = self.node(*lane), self.node(x, y)
        self.edge(on, off, STUB_SPEED)
        self.edge(off, on, STUB_SPEED)
        return off

    def place(
        self, key: str, name: str, kind: str, nodes: list[str], *aliases: str, capacity: int | None = None
    ) -> None:
        x = round(sum(self.nodes[n].x for n in nodes) / len(nodes), 3)
        y = round(sum(self.nodes[n].y for n in nodes) / len(nodes), 3)
        self.stations.append(Station(key, name, kind, tuple(nodes), x, y, tuple(aliases), capacity))


def _rings(draft: _Draft) -> None:
    columns = [_x(c) for c in range(24)]
    ys = (SOUTH_1, SOUTH_2, *ROWS, NORTH_2, NORTH_1)
    draft.lane(*[(x, SOUTH_1) for x in columns])
    draft.lane(*[(x, NORTH_1) for x in reversed(columns)])
    draft.lane(*[(_x(EAST), y) for y in ys])
    draft.lane(*[(_x(WEST), y) for y in reversed(ys)])
    draft.lane(*[(x, NORTH_2) for x in columns[1:23]])
    draft.lane(*[(x, SOUTH_2) for x in reversed(columns[1:23])])
    draft.lane(*[(_x(1), y) for y in ys[1:-1]])
    draft.lane(*[(_x(EAST_DOWN), y) for y in reversed(ys[1:-1])])
    draft.lane(*[(_x(INNER_DOWN), y) for y in reversed(ys)])
    draft.lane(*[(_x(INNER_UP), y) for y in ys])
    for low, high, there, back in ((WEST, 1, 1, 6), (EAST_DOWN, EAST, 1, 5)):
        draft.lane((_x(low), ROWS[there]), (_x(high), ROWS[there]))
        draft.lane((_x(high), ROWS[back]), (_x(low), ROWS[back]))
    draft.lane((_x(21), NORTH_1), (_x(21), NORTH_2))
    draft.lane((_x(20), SOUTH_2), (_x(20), SOUTH_1))


def _aisles(draft: _Draft) -> None:
    """Odd aisles run north, even ones south; each has five bays on its east side, beside the lane."""
    for number, column in AISLES.items():
        x = _x(column)
        ys = [SOUTH_1, SOUTH_2, *ROWS, NORTH_2, NORTH_1]
        draft.lane(*[(x, y) for y in (ys if number % 2 else reversed(ys))], speed=AISLE_SPEED)
        letter = "ABCDEFGH"[number - 1]
        bays = [draft.stub((x, y), round(x + 1.5, 1), y) for y in (ROWS[1], ROWS[3], ROWS[4], ROWS[6])]
        word = NUMBERS[number]
        for i, node in enumerate((bays[0], bays[1], bays[3]), start=1):
            draft.place(
                f"rack-{letter.lower()}{i}", f"Rack {letter}{i}", "rack", [node],
                f"{letter}{i}", f"shelf {letter}{i}", f"rack {letter} {i}", capacity=60,
            )  # fmt: skip
        draft.place(f"aisle-{number}", f"Aisle {number}", "inspection", [bays[2]], f"aisle {word}", f"row {number}")


def _west(draft: _Draft) -> None:
    """Goods in, along the west wall."""
    stubs = [draft.stub((_x(WEST), y), 3.1, y) for y in ROWS]
    for i in (1, 2, 3):
        draft.place(
            f"inbound-{i}", f"Inbound {i}", "receiving", [stubs[i - 1]],
            f"inbound {NUMBERS[i]}", f"inbound door {i}", f"goods in {i}", capacity=40,
        )  # fmt: skip
    draft.place("receiving", "Receiving", "receiving", stubs[3:5], "goods in", "goods-in", "reception", capacity=200)
    draft.place(
        "inspection-bench", "Inspection Bench", "inspection", [stubs[5]],
        "inspection", "QC", "QC bench", "quality control",
    )  # fmt: skip
    draft.place("quarantine", "Quarantine", "storage", [stubs[6]], "quarantine area", "quarantine cage", capacity=30)
    draft.place("returns", "Returns", "storage", [stubs[7]], "returns desk", "returned goods", capacity=60)


def _south(draft: _Draft) -> list[str]:
    """Packing benches and chargers along the south wall; gives the parking nodes between them."""
    stubs = {column: draft.stub((_x(column), SOUTH_1), _x(column), 3.1) for column in range(24)}
    for i, column in enumerate((4, 7, 10, 13), start=1):
        draft.place(
            f"pack-{i}", f"Pack {i}", "packing", [stubs[column], stubs[column + 1]],
            f"pack {NUMBERS[i]}", f"packing {i}", f"packing {NUMBERS[i]}", f"packing station {i}", f"pack station {i}",
            capacity=40,
        )  # fmt: skip
    for i, column in enumerate((16, 17, 18, 19, 20, 21, 22, 23), start=1):
        draft.place(
            f"charger-{i}", f"Charger {i}", "charger", [stubs[column]],
            f"charger {NUMBERS[i]}", f"charging station {i}", f"charge point {i}",
        )  # fmt: skip
    return [stubs[column] for column in (0, 1, 2, 3, 6, 9, 12, 15)]


def _east(draft: _Draft) -> list[str]:
    """Docks, cold storage and staging in the east hall; gives its parking nodes."""
    parking = []
    for i, y in enumerate(ROWS):
        node = draft.stub((_x(EAST), y), 57.5, y)
        number = i // 2 + 1
        if i % 2:
            draft.place(
                f"dock-{number}", f"Dock {number}", "dock", [node],
                f"dock {NUMBERS[number]}", f"outbound {number}", f"outbound {NUMBERS[number]}",
                f"loading dock {number}", capacity=60,
            )  # fmt: skip
        else:
            parking.append(node)
    inner = [draft.stub((_x(EAST_DOWN), y), 51.6, y) for y in ROWS]
    draft.place("staging-1", "Staging 1", "staging", inner[0:2], "staging one", "staging lane 1", capacity=80)
    draft.place("staging-2", "Staging 2", "staging", inner[2:4], "staging two", "staging lane 2", capacity=80)
    for letter, nodes in (("A", inner[4:6]), ("B", inner[6:8])):
        low = letter.lower()
        draft.place(
            f"cold-{low}", f"Cold Storage {letter}", "storage", nodes,
            f"cold {letter}", f"cold store {letter}", f"cold room {letter}", f"freezer {letter}", capacity=80,
        )  # fmt: skip
    parking += [draft.stub((_x(c), NORTH_1), _x(c), 31.0) for c in (20, 21, 22, 23)]
    return parking


def _lot(draft: _Draft) -> list[str]:
    """The parking lot north of the ring: one lane eastwards, places on both sides, a way in and out in the middle."""
    columns = range(20)
    draft.lane((_x(0), NORTH_1), *[(_x(c), LOT) for c in columns], (_x(19), NORTH_1))
    draft.lane((_x(9), LOT), (_x(9), NORTH_1))
    draft.lane((_x(10), NORTH_1), (_x(10), LOT))
    south = [draft.stub((_x(c), LOT), _x(c), 30.9) for c in columns if c not in (0, 9, 10, 19)]
    north = [draft.stub((_x(c), LOT), _x(c), 34.3) for c in columns]
    return [*north, *south]


def _racks() -> tuple[Rack, ...]:
    """Steel between the aisles, each side of a bay's lane; the aisle is 3.0 m wide: lane and bays."""
    low, high = ROWS[0] - 0.9, ROWS[-1] + 0.9
    lefts = [_x(column) - 0.8 for column in AISLES.values()]
    racks = [Rack("rack-0", round(lefts[0] - 0.7, 2), low, 0.6, round(high - low, 2))]
    for i, left in enumerate(lefts, start=1):
        width = 0.7 if i == len(lefts) else 1.4
        racks.append(Rack(f"rack-{i}", round(left + 3.0, 2), low, width, round(high - low, 2)))
    return tuple(racks)


def _walls() -> tuple[Wall, ...]:
    w, h, fire = WIDTH, HEIGHT, FIRE_WALL
    return (
        Wall(0, 0, w, 0), Wall(w, 0, w, h), Wall(w, h, 0, h), Wall(0, h, 0, 0),
        Wall(fire, 0, fire, SOUTH_1 - 1.1), Wall(fire, SOUTH_2 + 1.1, fire, NORTH_2 - 1.1),
        Wall(fire, NORTH_1 + 1.1, fire, h),
        Wall(49.9, 17.2, 52.3, 17.2), Wall(49.9, 21.55, 52.3, 21.55), Wall(49.9, 25.8, 52.3, 25.8),
        Wall(49.9, 17.2, 49.9, 25.8),
        Wall(49.0, 32.3, 60.0, 32.3),
    )  # fmt: skip


def _box(x1: float, y1: float, x2: float, y2: float) -> tuple[tuple[float, float], ...]:
    return ((x1, y1), (x2, y1), (x2, y2), (x1, y2))


def _zones() -> tuple[Zone, ...]:
    areas = tuple(
        Zone(f"aisle-{n}", f"Aisle {n}", "area", _box(_x(c) - 0.8, ROWS[0] - 0.9, _x(c) + 2.2, ROWS[-1] + 0.9))
        for n, c in AISLES.items()
    )
    return (
        Zone("break-room", "Break Room", "human_only", _box(49.0, 32.3, 59.9, 35.9)),
        Zone("packers-walkway", "Packers' Walkway", "human_only", _box(12.0, 0.1, 38.0, 1.3)),
        Zone("packing-area", "Packing Area", "speed", _box(12.0, 1.3, 38.0, 4.4), 0.5),
        Zone("cold-area", "Cold Storage", "area", _box(49.9, 17.2, 52.5, 25.8)),
        Zone("east-hall", "East Hall", "area", _box(FIRE_WALL, 0.0, WIDTH, HEIGHT)),
        *areas,
    )


def demo_layout() -> Layout:
    """The layout `manage.py seed` stores: the same bytes each time, see `layout_hash`."""
    draft = _Draft()
    _rings(draft)
    _aisles(draft)
    _west(draft)
    parking = [*_south(draft), *_east(draft), *_lot(draft)]
    for i, node in enumerate(parking, start=1):
        draft.place(f"parking-{i:02d}", f"Parking {i}", "parking", [node], f"bay {i}", f"parking bay {i}")
    pairs = (((_x(19), SOUTH_1), (_x(20), SOUTH_1)), ((_x(20), SOUTH_2), (_x(19), SOUTH_2)))
    passing = tuple(f"{draft.node(*a)}:{draft.node(*b)}" for a, b in pairs)
    fire_door = Door("fire-door", "Fire Door", FIRE_WALL, SOUTH_1 - 1.1, FIRE_WALL, SOUTH_2 + 1.1, passing)
    return Layout(
        "Demonstration Warehouse", "1", tuple(draft.nodes.values()), tuple(draft.edges.values()), tuple(draft.stations),
        _zones(), _racks(), _walls(), (fire_door,), WIDTH, HEIGHT, "floor-1",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class DemoItem:
    """A kind of goods. `weight` in kg per piece."""

    id: str
    name: str
    aliases: tuple[str, ...]
    weight: float


@dataclass(frozen=True, slots=True)
class DemoStock:
    station: str
    item: str
    quantity: int


@dataclass(frozen=True, slots=True)
class DemoRobot:
    """A simulated robot. `kind`: cart, forklift or arm. `node` is where it starts: a parking or charger node."""

    id: str
    name: str
    aliases: tuple[str, ...]
    kind: str
    node: str


def demo_items() -> tuple[DemoItem, ...]:
    return (
        DemoItem("totes", "Totes", ("tote", "blue totes", "tote boxes", "bins"), 8.0),
        DemoItem("pallets", "Pallets", ("pallet", "full pallets"), 400.0),
        DemoItem("cartons", "Cartons", ("carton", "cardboard boxes", "parcels"), 6.0),
        DemoItem("crates", "Crates", ("crate", "wooden crates"), 15.0),
        DemoItem("drums", "Drums", ("drum", "barrels", "barrel"), 60.0),
        DemoItem("frozen-fish", "Frozen Fish", ("fish", "fish boxes", "frozen goods"), 12.0),
        DemoItem("spare-parts", "Spare Parts", ("spare part", "spares", "parts kits"), 3.0),
        DemoItem("labels", "Label Rolls", ("labels", "label roll", "rolls of labels"), 1.0),
    )


def demo_stock() -> tuple[DemoStock, ...]:
    """What lies where at the start. An item without a place in an instruction is looked up here."""
    rows = (
        ("receiving", "totes", 48), ("receiving", "cartons", 30), ("inbound-1", "pallets", 6),
        ("inbound-2", "pallets", 8),
        ("inbound-2", "crates", 12), ("inbound-3", "drums", 10), ("rack-a1", "totes", 20), ("rack-b2", "cartons", 24),
        ("rack-c1", "crates", 16), ("rack-d3", "spare-parts", 40), ("rack-e2", "labels", 60), ("rack-f1", "drums", 8),
        ("rack-g3", "cartons", 18), ("rack-h1", "spare-parts", 25), ("cold-a", "frozen-fish", 30),
        ("cold-b", "frozen-fish", 14), ("returns", "cartons", 5), ("staging-1", "pallets", 3),
        ("quarantine", "drums", 1),
    )  # fmt: skip
    return tuple(DemoStock(*row) for row in rows)


def demo_robots(count: int = 12) -> tuple[DemoRobot, ...]:
    """`count` robots (1..60) at distinct parking and charger nodes, spread over the floor. Same count, same robots."""
    layout = demo_layout()
    parking = [s.nodes[0] for s in layout.stations if s.kind in ("parking", "charger")]
    if not 1 <= count <= min(60, len(parking)):
        raise ValueError(f"the demonstration site has places for 1 to {min(60, len(parking))} robots, not {count}")
    stride = 17
    starts = [parking[(i * stride) % len(parking)] for i in range(count)]
    kinds = ("cart", "cart", "forklift", "cart", "arm", "forklift")
    seen = dict.fromkeys(kinds, 0)
    robots = []
    for i, node in enumerate(starts, start=1):
        kind = kinds[(i - 1) % len(kinds)]
        seen[kind] += 1
        aliases = (f"robot {i}", f"R{i}", f"R-{i}") if i < 10 else (f"robot {i}", f"R{i}")
        robots.append(DemoRobot(f"R-{i:02d}", f"{kind.capitalize()} {seen[kind]}", aliases, kind, node))
    return tuple(robots)
