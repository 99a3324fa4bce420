"""The physical world as rows. Who writes what: docs/architecture.md."""

from .floor import (
    FloorRequest,
    ResourceHold,
    RobotTraffic,
    SiteTraffic,
    StopLatch,
    request_id,
    stop_id,
)
from .ground import Item, LayoutVersion, Stock, layout_id
from .link import (
    BadMessage,
    BrokerRefusal,
    Grant,
    JoinRequest,
    LinkMember,
    MapFile,
    RobotLink,
    ZoneSetVersion,
)
from .robot import Command, Factsheet, Robot, RobotState, RobotType, command_id, robot_id

__all__ = [
    "BadMessage",
    "BrokerRefusal",
    "Command",
    "Factsheet",
    "FloorRequest",
    "Grant",
    "Item",
    "JoinRequest",
    "LayoutVersion",
    "LinkMember",
    "MapFile",
    "ResourceHold",
    "Robot",
    "RobotLink",
    "RobotState",
    "RobotTraffic",
    "RobotType",
    "SiteTraffic",
    "Stock",
    "StopLatch",
    "ZoneSetVersion",
    "command_id",
    "layout_id",
    "request_id",
    "robot_id",
    "stop_id",
]
