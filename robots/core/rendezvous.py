"""Who of several serves what: rendezvous hashing (Thaler and Ravishankar 1998, highest random weight). Pure.

Everybody who knows the same members comes to the same answer without talking; when a member comes or goes, only what it
gains or had moves.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256


def weight(member: str, key: str) -> bytes:
    """What `member` bids for `key`. The separator keeps ("a", "bc") and ("ab", "c") apart."""
    return sha256(f"{member}\0{key}".encode()).digest()


def owner(members: Iterable[str], key: str) -> str | None:
    """The member that serves `key`; None when there is none."""
    return max(members, key=lambda member: (weight(member, key), member), default=None)
