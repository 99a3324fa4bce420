"""How a robot type's VDA 5050 may differ from the text: a row of the database, checked here, obeyed by `fleet_side`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from .errors import LocalProtocolError
from .topics import FROM_ROBOT, TO_ROBOT, TopicScheme

PARTS = ("deviation", "theta", "horizon", "descriptors", "speed")
"""Optional parts of an order that a robot may refuse: see `Quirks.omit`."""
MAX_PADDING_M = 0.2
"""Farther off, a robot would report a node while its contour still reaches into what that report frees."""
VERSIONS = ("2.0", "2.1", "3.0")


class Completion(StrEnum):
    """When an order counts as done.

    STANDARD: no node left and every action of it final (2.1 6.6.2, 6.10.2). LAST_NODE: the robot keeps states of nodes
    it has passed; the last node reached and every action final is enough. ACTIONS: it forgets action states when it is
    done; no node left and none of its actions in progress is enough.
    """

    STANDARD = "standard"
    LAST_NODE = "last_node"
    ACTIONS = "actions"


@dataclass(frozen=True, slots=True)
class Quirks:
    """`version`: what is sent, as "2.1.0". `accepts`: what may be received, as "2.1"; empty: the same major version.

    `qos`: topic -> 0..2 where it is not the standard's. `ignored_rejections`: error types that refuse nothing.
    `deviation_padding`: m, added to every allowed deviation.
    """

    version: str = "2.1.0"
    topics: TopicScheme = field(default_factory=TopicScheme)
    accepts: tuple[str, ...] = ()
    qos: Mapping[str, int] = field(default_factory=dict)
    completion: Completion = Completion.STANDARD
    ignored_rejections: frozenset[str] = frozenset()
    numeric_ids: bool = False
    deviation_padding: float = 0.0
    omit: frozenset[str] = frozenset()
    trust_factsheet: bool = True

    def __post_init__(self) -> None:
        """Raises LocalProtocolError, in words for the person who edits the type."""
        if short(self.version) not in VERSIONS:
            raise LocalProtocolError(f"VDA 5050 {self.version} is not spoken here; known are {', '.join(VERSIONS)}")
        if unknown := [text for text in self.accepts if text not in VERSIONS]:
            raise LocalProtocolError(f"{unknown[0]!r} is no version that can be read; known are {', '.join(VERSIONS)}")
        topics = {str(topic) for topic in (*FROM_ROBOT, *TO_ROBOT)}
        for topic, qos in self.qos.items():
            if topic not in topics or isinstance(qos, bool) or qos not in (0, 1, 2):
                raise LocalProtocolError(f"QoS {qos!r} of {topic!r}: name a VDA 5050 topic and 0, 1 or 2")
        if not 0 <= self.deviation_padding <= MAX_PADDING_M:
            raise LocalProtocolError(f"deviations are padded by 0 to {MAX_PADDING_M} m, not {self.deviation_padding}")
        if unknown := sorted(self.omit - set(PARTS)):
            raise LocalProtocolError(f"{unknown[0]!r} cannot be left out of an order; known are {', '.join(PARTS)}")

    def reads(self, version: str) -> bool:
        """Whether a message with this version in its header is read."""
        accepted = self.accepts or tuple(text for text in VERSIONS if text[0] == self.version[0])
        return short(version) in accepted


def short(version: str) -> str:
    """ "2.1.0" -> "2.1"."""
    return ".".join(version.split(".")[:2])
