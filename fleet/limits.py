"""How often somebody did something in the running window: one atomic count in Valkey."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Protocol

from fleet import valkey


@dataclass(frozen=True, slots=True)
class Policy:
    """At most `quota` in `window_s` seconds; `open_when_down`: whether to let pass when Valkey does not answer."""

    name: str
    quota: int
    window_s: int = 60
    open_when_down: bool = True


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one count said. `counted` is false when Valkey did not answer; `reset_s` seconds are left of the window."""

    policy: Policy
    used: int
    reset_s: int
    counted: bool = True

    @property
    def allowed(self) -> bool:
        return self.used <= self.policy.quota if self.counted else self.policy.open_when_down

    def headers(self) -> dict[str, str]:
        """`RateLimit` and `RateLimit-Policy` (IETF draft-ietf-httpapi-ratelimit-headers)."""
        name, left = self.policy.name, max(0, self.policy.quota - self.used)
        return {
            "RateLimit-Policy": f'"{name}";q={self.policy.quota};w={self.policy.window_s}',
            "RateLimit": f'"{name}";r={left};t={self.reset_s}',
        }


class Counter(Protocol):
    """What we need of redis-py's client."""

    def pipeline(self, transaction: bool = ...) -> Any: ...


def count(policy: Policy, caller: str, *, now: float | None = None, counter: Counter | None = None) -> Verdict:
    """Count one use by `caller` in the running window. `now` is Unix time in seconds."""
    now = time.time() if now is None else now
    window = int(now // policy.window_s)
    reset_s = policy.window_s - int(now % policy.window_s)
    key = f"limit:{policy.name}:{caller}:{window}"
    try:
        pipeline = (counter or valkey.client()).pipeline(transaction=True)
        pipeline.incr(key)
        pipeline.expire(key, policy.window_s * 2)
        used = int(pipeline.execute()[0])
    except valkey.Unavailable:
        return Verdict(policy, 0, reset_s, counted=False)
    return Verdict(policy, used, reset_s)
