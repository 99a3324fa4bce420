"""How deep a received message may be nested, looked at without recursion."""

from __future__ import annotations

from typing import Any

MAX_DEPTH = 32
"""Levels of arrays and objects. The deepest message of the standard has 8; the rest is room for action parameters."""


def deeper_than(value: Any, limit: int) -> bool:
    """Whether `value` has more than `limit` levels; level by level, so that the check cannot overflow the stack."""
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(limit):
        below: list[Any] = []
        for item in level:
            for part in item.values() if type(item) is dict else item:
                if type(part) is dict or type(part) is list:
                    below.append(part)
        if not below:
            return False
        level = below
    return bool(level)
