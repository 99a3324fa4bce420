"""How a robot speaks: version, topics, intervals."""

from __future__ import annotations

from dataclasses import dataclass

from .topics import Topic, TopicScheme

SCHEMES = {"2": TopicScheme("uagv", "v2"), "3": TopicScheme("vda5050", "v3")}
"""The layouts of 2.x 6.3 and 3.0 4.2 by major version."""
HEARD = {
    "2": (Topic.ORDER, Topic.INSTANT_ACTIONS),
    "3": (Topic.ORDER, Topic.INSTANT_ACTIONS, Topic.ZONE_SET, Topic.RESPONSES),
}


@dataclass(frozen=True, slots=True)
class RobotSettings:
    """Intervals in seconds: `state_interval` at most 30 (6.10), 1.0 for a live map; `visualization_interval` 0: none.

    `node_tolerance`: metres around the first node of a new order that count as standing on it. `version`: "2.0.0",
    "2.1.0" or "3.0.0". `topics` None: as that version has them.
    """

    state_interval: float = 30.0
    visualization_interval: float = 0.0
    node_tolerance: float = 0.5
    topics: TopicScheme | None = None
    version: str = "2.1.0"

    @property
    def scheme(self) -> TopicScheme:
        return self.topics or SCHEMES[self.version[0]]

    @property
    def three(self) -> bool:
        """VDA 5050 3: instant and zone actions apart, zones, requests, hibernation, four error levels."""
        return self.version.startswith("3")

    @property
    def heard(self) -> tuple[Topic, ...]:
        """The topics a robot subscribes to."""
        return HEARD[self.version[0]]
