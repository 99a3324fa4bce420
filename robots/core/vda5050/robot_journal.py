"""Orders and actions in a robot's journal, in the one form of storage; journals of older releases are read too.

A journal written before there was 3.0 has the words of 2.1 and does not name a version.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson

from .codec import INTERNAL, decode_body, encode_body
from .errors import LocalProtocolError
from .messages import Action, InstantActions, Order
from .topics import Topic


def order_written(order: Order) -> dict[str, Any]:
    return {"version": INTERNAL, "body": encode_body(order, INTERNAL)}


def read_order(saved: Mapping[str, Any]) -> Order:
    """Raises LocalProtocolError when the journal holds something else."""
    version, body = (saved["version"], saved["body"]) if "body" in saved else ("2.1.0", saved)
    order = decode_body(Topic.ORDER, body, version)
    if not isinstance(order, Order):
        raise LocalProtocolError("the journal holds something else than an order")
    return order


def action_written(action: Action) -> dict[str, Any]:
    written: dict[str, Any] = encode_body(InstantActions((action,)), INTERNAL)["actions"][0]
    return written


def read_action(saved: Mapping[str, Any]) -> Action:
    """2.1 and 3.0 write an action alike, but for what 3.0 adds and the name of its description."""
    body = dict(saved)
    if "actionDescription" in body:
        body["actionDescriptor"] = body.pop("actionDescription")
    message = decode_body(Topic.INSTANT_ACTIONS, {"actions": [body]}, INTERNAL)
    if not isinstance(message, InstantActions):
        raise LocalProtocolError("the journal holds something else than an action")
    return message.actions[0]


def digest(order: Order) -> str:
    """Tells whether an order message came before with another content (3.0 6.1.4.5)."""
    body = orjson.dumps(encode_body(order, INTERNAL), option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(body).hexdigest()[:32]
