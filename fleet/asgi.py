"""The web process: Django for HTTP, Channels for the two sockets of a page, the stop path beside them."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
from collections.abc import Awaitable, Callable
from typing import Any

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fleet.settings")
http = get_asgi_application()  # before anything that imports models

from channels.auth import AuthMiddlewareStack  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402

from fleet.console.consumers import routes  # noqa: E402
from fleet.progress import beat  # noqa: E402
from robots.stop import controller  # noqa: E402

BEAT_S = 1.0
Message = dict[str, Any]


async def lifespan(
    scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
) -> None:
    """The stop path is up before the first page is asked for; the serving loop itself touches the progress file."""
    task: asyncio.Task[None] | None = None
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await asyncio.to_thread(controller)
            gc.freeze()  # what start-up made stays: collecting it again and again costs milliseconds in mid-request
            task = asyncio.create_task(_beat())
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
            await asyncio.to_thread(controller().close)
            await send({"type": "lifespan.shutdown.complete"})
            return


async def _beat() -> None:
    while True:
        beat("web")
        await asyncio.sleep(BEAT_S)


application = ProtocolTypeRouter(
    {
        "http": http,
        "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(routes))),
        "lifespan": lifespan,
    }
)
