"""`python -m fleet.supervisor.amqtt_broker CONFIG.json`: amqtt with our users and access rules, for demonstrations.

CONFIG.json: {"port": 1883, "users": {name: password}, "may": {name: {"write": [filter], "read": [filter]}}}.
See `mqtt.DEMONSTRATION_ONLY` for why nothing else.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import signal
import sys
from pathlib import Path
from typing import Any

from amqtt.broker import Broker
from amqtt.contexts import Action
from amqtt.plugins.base import BaseAuthPlugin, BaseTopicPlugin
from amqtt.session import Session

from fleet.supervisor.broker_rules import FLEET

CONFIG: dict[str, Any] = {"port": 1883, "users": {}, "may": {}}


class Users(BaseAuthPlugin):
    """Only the configured users, by password."""

    async def authenticate(self, *, session: Session) -> bool | None:
        expected = CONFIG["users"].get(session.username or "")
        return expected is not None and hmac.compare_digest(expected, session.password or "")


class Topics(BaseTopicPlugin):
    """The fleet anything; a robot its own topics, each in its direction."""

    async def topic_filtering(
        self, *, session: Session | None = None, topic: str | None = None, action: Action | None = None
    ) -> bool | None:
        if session is None or not topic or not session.username:
            return False
        return allowed(session.username, topic, reading=action != Action.PUBLISH)


def allowed(user: str, topic: str, *, reading: bool) -> bool:
    """Whether `user` may read or write `topic` (or subscribe to the filter `topic`)."""
    if user == FLEET:
        return True
    may = CONFIG["may"].get(user, {})
    return any(covers(rule, topic) for rule in may.get("read" if reading else "write", ()))


def covers(rule: str, topic: str) -> bool:
    """Whether every topic that matches the filter `topic` also matches the filter `rule`."""
    wanted, asked = rule.split("/"), topic.split("/")
    for index, part in enumerate(wanted):
        if part == "#":
            return True
        if index >= len(asked) or asked[index] == "#":
            return False
        if part not in ("+", asked[index]):
            return False
    return len(wanted) == len(asked)


async def _serve() -> None:
    here = "fleet.supervisor.amqtt_broker"
    broker = Broker(
        {
            "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{CONFIG['port']}"}},
            "plugins": {f"{here}.Users": {}, f"{here}.Topics": {}},
        }
    )
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    await broker.start()
    await stopped.wait()
    await broker.shutdown()


def main(path: str) -> None:
    """Serve until SIGTERM."""
    CONFIG.update(json.loads(Path(path).read_text()))
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    asyncio.run(_serve())


if __name__ == "__main__":
    # By its real name, because amqtt loads the plugins by name and would otherwise get a second copy of CONFIG.
    from fleet.supervisor import amqtt_broker

    amqtt_broker.main(sys.argv[1])
