"""The one synchronous client for Valkey (or Redis) of this process. Short time-outs: nobody waits for a counter."""

from __future__ import annotations

from functools import lru_cache

import redis
from django.conf import settings

Unavailable = (redis.ConnectionError, redis.TimeoutError, redis.ResponseError)


@lru_cache(maxsize=1)
def client() -> redis.Redis:
    """Connects when first used; reconnects by itself."""
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5)
