"""What link remembers of one robot's newest order."""

from __future__ import annotations

from typing import Any

from robots.core.vda5050.codec import encode_body
from robots.core.vda5050.events import OrderCancelled, OrderFinished
from robots.core.vda5050.messages import Node, Order
from robots.link_robot import LinkRobot, new_robot
from robots.stop_roster import Card


def body(order: str) -> dict[str, Any]:
    return encode_body(Order(order, 0, (Node("n1", 0, True),)))


def robot() -> LinkRobot:
    card = Card(1, "rob_1", "A", "A", "m", "demo", "uagv", "2.1.0", 0.6)
    return new_robot(card, site_pk=1, live_index=0, row=None)


def test_the_end_of_an_older_order_does_not_hide_that_the_newest_was_refused() -> None:
    a = robot()
    a.send("order", body("one"), 0.0)
    a.refuse(body("two"), "order one is not finished")
    for event in (OrderCancelled("one", True), OrderFinished("one", ())):
        a._order_event(event)
        assert (a.order["order_id"], a.order["state"]) == ("two", "rejected")
    a.refuse(body("three"), "still not")
    assert a.order["order_id"] == "three"
