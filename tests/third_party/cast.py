"""The plain robots of the flow test: each has one habit, a mission, and the end that it must come to."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

from robots.core.layout import Layout
from tests.third_party.plain_robot import PlainRobot
from tests.third_party.plain_words import Habits

MAKER = "plain"
LENGTH_M, WIDTH_M = 0.6, 0.5


def sheet(version: str, actions: dict[str, tuple[str, ...]], **limits: Any) -> dict[str, Any]:
    """A factsheet with what its schema requires; `actions`: type -> keys of its parameters."""
    three = version.startswith("3")
    offered = []
    for kind, keys in actions.items():
        parameters = [{"key": key, "valueDataType": "STRING", "isOptional": key != "stationType"} for key in keys]
        scopes = ["INSTANT"] if kind in ANSWERS else ["NODE", "INSTANT"] if kind in CHARGES else ["NODE"]
        entry: dict[str, Any] = {"actionType": kind, "actionScopes": scopes}
        entry["actionParameters"] = parameters
        offered.append(entry | ({"pauseAllowed": True, "cancelAllowed": True} if three else {}))
    size = {"width": WIDTH_M, "length": LENGTH_M}
    required = limits.get("required", [])
    optional = [{"parameter": name, "support": "REQUIRED"} for name in required]
    lengths = limits.get("lengths", {})
    if three:
        return {
            "typeSpecification": {
                "seriesName": "plain", "mobileRobotKinematics": "DIFFERENTIAL", "mobileRobotClass": "CARRIER",
                "maximumLoadMass": 100, "localizationTypes": ["NATURAL"], "navigationTypes": ["VIRTUAL_LINE_GUIDED"],
            },
            "physicalParameters": {
                "minimumSpeed": 0, "maximumSpeed": 1.5, "maximumAcceleration": 1, "maximumDeceleration": 1,
                "minimumHeight": 0.5, "maximumHeight": 0.5, **size,
            },
            "protocolLimits": {
                "maximumStringLengths": {}, "maximumArrayLengths": lengths,
                "timing": {"minimumOrderInterval": 0.1, "minimumStateInterval": 0.1},
            },
            "protocolFeatures": {"optionalParameters": optional, "mobileRobotActions": offered},
            "mobileRobotGeometry": {}, "loadSpecification": {"loadSets": [{"setName": "one", "loadType": "KLT"}]},
        }  # fmt: skip
    return {
        "typeSpecification": {
            "seriesName": "plain", "agvKinematic": "DIFF", "agvClass": "CARRIER", "maxLoadMass": 100,
            "localizationTypes": ["NATURAL"], "navigationTypes": ["VIRTUAL_LINE_GUIDED"],
        },
        "physicalParameters": {
            "speedMin": 0, "speedMax": 1.5, "accelerationMax": 1, "decelerationMax": 1, "heightMin": 0.5,
            "heightMax": 0.5, **size,
        },
        "protocolLimits": {
            "maxStringLens": {}, "maxArrayLens": lengths, "timing": {"minOrderInterval": 0.1, "minStateInterval": 0.1},
        },
        "protocolFeatures": {"optionalParameters": optional, "agvActions": offered},
        "agvGeometry": {}, "loadSpecification": {"loadSets": [{"setName": "one", "loadType": "KLT"}]},
    }  # fmt: skip


PICKS = {"pick": ("stationType", "loadType"), "drop": ("stationType", "loadType")}
ENGINEER = ("engineer", "an-engineer-4711")
EPAL_TYPE = "plain-20-words"
EPAL = {"words": {"loadType": {"*": "EPAL"}}}
CHARGES: dict[str, tuple[str, ...]] = {"startCharging": (), "stopCharging": ()}
ANSWERS: dict[str, tuple[str, ...]] = {"retry": ("actionId",), "skipRetry": ("actionId",)}


@dataclass(frozen=True)
class Part:
    """`says`: words that the mission's account has to have. `does`: the actions that the robot must have done."""

    serial: str
    habit: str
    version: str
    node: str
    words: str
    habits: Habits = field(default_factory=Habits)
    ends: str = "completed"
    says: tuple[str, ...] = ()
    does: list[str] = field(default_factory=lambda: ["pick", "drop"])
    kind: dict[str, Any] = field(default_factory=dict)
    aside: float = 0.0

    def robot(self, layout: Layout) -> PlainRobot:
        here = layout.node(self.node)
        habits = dataclasses.replace(self.habits)
        where = (here.x, here.y + self.aside)
        return PlainRobot(self.serial, MAKER, self.version, where, layout.map_id, self.node, habits)


KNOWN = frozenset({"stationType", "loadType"})
THETA = "order.nodes.nodePosition.theta"
CAST = (
    Part("R-21", "2.1 without a factsheet, no node at the start, states on events only", "2.1.0", "N072-031",
         "bring a tote from rack A1 to pack 1", Habits(says_node_at_start=False, every=20.0), aside=0.7),
    Part("R-22", "2.0 with a factsheet that knows two parameters", "2.0.0", "N094-031",
         "bring a carton from rack B2 to staging 1",
         Habits(sheet=sheet("2.0.0", PICKS | CHARGES), known_parameters=KNOWN), kind=EPAL),
    Part("R-23", "2.1 that refuses its first order and needs theta", "2.1.0", "N116-031",
         "bring a crate from rack C1 to pack 3",
         Habits(sheet=sheet("2.1.0", PICKS | CHARGES, required=[THETA]), wants_theta=True, refusals=1)),
    Part("R-24", "2.1 that forgets its order and its actions at the end", "2.1.0", "N182-031",
         "bring labels from rack E2 to pack 4", Habits(forgets_order=True, forgets_actions=True, says_loads=False),
         kind={"completion": "actions"}),
    Part("R-25", "2.1 that takes few nodes, reports them late and fails a pick", "2.1.0", "N248-031",
         "bring spare parts from rack D3 to dock 1",
         Habits(sheet=sheet("2.1.0", PICKS | CHARGES, lengths={"order.nodes": 3, "order.edges": 2}), most_nodes=3,
                late_nodes=0.8, failures=1)),
    Part("R-26", "2.1 that goes on listing nodes it has passed", "2.1.0", "N314-031",
         "bring a drum from rack F1 to staging 2", Habits(keeps_passed_nodes=True), kind={"completion": "last_node"}),
    Part("R-27", "3.0 without a factsheet", "3.0.0", "N380-031",
         "bring frozen fish from cold storage A to dock 2", Habits(says_node_at_start=False)),
    Part("R-28", "3.0 that asks whether to try again", "3.0.0", "N050-343",
         "bring a carton from returns to dock 3",
         Habits(sheet=sheet("3.0.0", PICKS | CHARGES | ANSWERS), known_parameters=KNOWN, retriable=1)),
    Part("R-29", "2.0 that can only drive", "2.0.0", "N072-343", "go to inspection bench",
         Habits(sheet=sheet("2.0.0", CHARGES)), does=[], kind=EPAL),
    Part("R-30", "2.1 that always fails", "2.1.0", "N094-343", "bring a carton from rack G3 to dock 4",
         Habits(failures=99), ends="failed", says=("gripper is jammed",), does=[]),
)  # fmt: skip


def set_up(*others: tuple[str, str]) -> str:
    """For `manage.py shell`: registers the cast; `others` (serial, maker) only get a login with which to ask to join,
    and the engineer an account.

    Robots with the same version and quirks share a type: the road map is worked out for each type.
    """
    lines = [
        "import io, re",
        "from django.core.management import call_command",
        "from robots.models import RobotType",
        "def add(serial, maker, slug, version, interface, kind):",
        f"    size = ('--length', '{LENGTH_M}', '--width', '{WIDTH_M}', '--max-speed', '1.5', '--max-payload', '100')",
        "    if not RobotType.objects.filter(slug=slug).exists():",
        "        call_command('robot', 'type', slug, *size, '--protocol', version, '--interface', interface)",
        "        RobotType.objects.filter(slug=slug).update(**kind)",
        "    login('add', serial, '--manufacturer', maker, '--type', slug, '--site', 'demo')",
        "def login(verb, serial, *more):",
        "    said = io.StringIO()",
        "    call_command('robot', verb, serial, *more, stdout=said)",
        "    shown = dict(re.findall(r'^  (broker|user|password) +(\\S+)$', said.getvalue(), re.M))",
        "    print('login', serial, shown['broker'], shown['user'], shown['password'])",
    ]
    for part in CAST:
        lines.append(_add(part.serial, MAKER, part.version, part.kind))
    lines += [
        "from fleet.accounts.models import Site",
        "from fleet.accounts.services import create_user, set_role",
        f"name, word = {ENGINEER!r}",
        "engineer = create_user(username=name, password=word, actor='flows', full_name='Engineer')",
        "set_role(user=engineer, site=Site.objects.get(slug='demo'), role='site_admin', actor='flows')",
    ]
    lines += [f"login('invite', {serial!r}, '--manufacturer', {maker!r})" for serial, maker in others]
    return "\n".join(lines)


def _add(serial: str, maker: str, version: str, kind: dict[str, Any]) -> str:
    interface = "vda5050" if version.startswith("3") else "uagv"
    quirks = [str(kind.get("completion", name)).replace("_", "-") for name in kind]
    slug = "-".join(["plain", version[0] + version[2], *quirks])
    return f"add({serial!r}, {maker!r}, {slug!r}, {version!r}, {interface!r}, {kind!r})"
