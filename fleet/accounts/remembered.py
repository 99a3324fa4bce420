"""Who was let in a moment ago: so that stopping asks nobody, not even the database.

Only the stop path looks here. What is remembered is the result of a full check by this process, for the credential and
the site it was made for: for a minute it stands without asking again; while the database is down, for one shift.
Stopping is open to every role, so the worst a memory that is out of date can do is let somebody stop a site who lost
the right to a minute ago; the ledger names them.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass

from .rights import Actor

FRESH_S = 60.0
KEPT_S = 12 * 3600.0
DOWN_S = 30.0
CAPACITY = 5000


@dataclass(frozen=True, slots=True)
class SiteCard:
    """What a stop needs to know of a site. `id` is the row's."""

    id: int
    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class LetIn:
    actor: Actor
    site: SiteCard
    at: float


def credential_digest(kind: str, secret: str) -> str:
    """The memory holds no usable credential."""
    return hashlib.sha256(f"{kind}\n{secret}".encode()).hexdigest()


class Memory:
    """Bounded, for several threads. Times are seconds of one monotonic clock."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[str, str], LetIn] = OrderedDict()
        self._down_until = float("-inf")

    def note(self, credential: str, names: tuple[str, ...], actor: Actor, site: SiteCard, now: float) -> None:
        """This credential was just let in at the site, which goes by any of `names` (slug, public id)."""
        with self._lock:
            for name in names:
                self._known[credential, name] = LetIn(actor, site, now)
                self._known.move_to_end((credential, name))
            while len(self._known) > CAPACITY:
                self._known.popitem(last=False)

    def recall(self, credential: str, name: str, now: float) -> LetIn | None:
        """Whom to let in without asking the database, or None: ask it."""
        with self._lock:
            known = self._known.get((credential, name))
            limit = KEPT_S if now < self._down_until else FRESH_S
            return known if known is not None and 0 <= now - known.at <= limit else None

    def database_is_down(self, now: float) -> None:
        """Asking it failed; for half a minute nobody needs to find that out again by waiting for it."""
        with self._lock:
            self._down_until = now + DOWN_S

    def forget(self, kind: str, actor_id: str) -> None:
        """This actor signed out, lost a role, or its key was revoked."""
        with self._lock:
            for key in [k for k, v in self._known.items() if (v.actor.kind, v.actor.id) == (kind, actor_id)]:
                del self._known[key]


MEMORY = Memory()
