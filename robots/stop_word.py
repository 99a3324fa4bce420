"""The retained word on a site's stops: what stands, and what was cleared lately, by whom and why.

Every web process has a journal of its own and learns from this topic what others did. Without the clearings a process
that still holds a stop would announce it again, the one that cleared it would contradict, and neither would give way.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from .core.stops import Latch
from .stop_journal import Act

CLEARED_KEPT = 20
MAX_ID = 32


def word(sequence: int, latches: Iterable[Latch], acts: Sequence[Act], about: Collection[str] = ()) -> str:
    """The message. `about`: stops whose clearing is told however long ago it was."""
    stops = [
        {"id": latch.id, "scope": latch.scope, "zone": latch.zone, "serials": sorted(latch.held), "at": latch.at,
         "by": latch.by}
        for latch in latches
    ]  # fmt: skip
    released = [act for act in acts if act["t"] == "released"]
    old, late = released[:-CLEARED_KEPT], released[-CLEARED_KEPT:]
    return json.dumps({"seq": sequence, "stops": stops, "cleared": [a for a in old if a["id"] in about] + late})


def read_word(payload: bytes, now: float) -> tuple[list[dict[str, Any]], list[Act]]:
    """The standing stops as rows for `latch_from_json` (without site), and the clearings as journal acts.

    What the database could not keep (ids that are too long, times that are none) is left out or put right: an act that
    it refused would keep back all that follow. Raises ValueError for what is not of this form.
    """
    message = json.loads(payload) if payload else {}
    try:
        stops = [row | {"at": _time(row["at"], now)} for row in message.get("stops", []) if _valid(row["id"])]
        cleared = [
            {"t": "released", "id": row["id"], "serials": [str(serial) for serial in row["serials"]],
             "by": str(row["by"]), "at": _time(row["at"], now), "reason": str(row["reason"]),
             "resume": str(row["resume"])}
            for row in message.get("cleared", [])
            if _valid(row["id"])
        ]  # fmt: skip
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"not a word on stops: {error!r}") from error
    return stops, cleared


def _valid(ident: object) -> bool:
    return isinstance(ident, str) and 0 < len(ident) <= MAX_ID


def _time(at: object, now: float) -> float:
    given = float(at) if isinstance(at, int | float) and math.isfinite(at) else now
    return min(max(given, 0.0), now)
