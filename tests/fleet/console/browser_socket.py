"""A browser's end of a WebSocket over ASGI (channels.testing would pull in a whole web server)."""

from __future__ import annotations

from typing import Any

from asgiref.testing import ApplicationCommunicator
from channels.routing import URLRouter

from fleet.console.consumers import routes


class BrowserSocket(ApplicationCommunicator):
    """`path` may carry a query; `user` is who is signed in, None for nobody."""

    def __init__(self, path: str, user: Any) -> None:
        address, _, query = path.partition("?")
        scope = {
            "type": "websocket", "path": "/" + address, "query_string": query.encode(), "headers": [],
            "subprotocols": [], "user": user,
        }  # fmt: skip
        super().__init__(URLRouter(routes), scope)

    async def connect(self) -> None:
        await self.send_input({"type": "websocket.connect"})
        assert (await self.receive_output(3))["type"] == "websocket.accept"

    async def say(self, text: str) -> None:
        await self.send_input({"type": "websocket.receive", "text": text})

    async def hear(self, timeout: float = 3) -> Any:
        message = await self.receive_output(timeout)
        assert message["type"] == "websocket.send", message
        return message["bytes"] if message.get("bytes") is not None else message["text"]

    async def leave(self) -> None:
        await self.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.wait(3)
