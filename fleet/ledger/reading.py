"""Read the ledger for a check or an export."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, TextIO

from .core import BadRow, Row, verify
from .models import Entry

FORMAT = "yardmaster-ledger-1"
COLUMNS = (
    "site", "actor_kind", "actor_id", "actor_name", "action", "target_kind", "target_id", "before", "after", "reason",
    "request_id", "result",
)  # fmt: skip
CHUNK = 2000


def rows(up_to: int | None = None) -> Iterator[Row]:
    """The ledger's rows in order, streamed."""
    entries = Entry.objects.order_by("seq")
    if up_to is not None:
        entries = entries.filter(seq__lte=up_to)
    for entry in entries.iterator(chunk_size=CHUNK):
        yield row_of(entry)


def row_of(entry: Entry) -> Row:
    columns: dict[str, Any] = {name: getattr(entry, name) for name in COLUMNS}
    columns["at"] = _text(entry.at)
    columns["happened_at"] = _text(entry.happened_at)
    return Row(entry.seq, entry.canonical, entry.prev_hash, entry.hash, columns)


def _text(moment: datetime | None) -> str | None:
    """As the trigger writes it: UTC with microseconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ") if moment else None


def head() -> tuple[int, str] | None:
    """Number of rows and the last hash: what to note down elsewhere. None while the ledger is empty."""
    return Entry.objects.order_by("-seq").values_list("seq", "hash").first()


def check(noted: tuple[int, str] | None = None) -> BadRow | None:
    """The first bad row of the whole ledger."""
    return verify(rows(), head=noted)


def export(file: TextIO, *, now: datetime, site: str = "") -> tuple[int, str]:
    """Write the ledger as JSON lines: a header, then every row. Returns (rows, last hash).

    With `site`, the rows of other sites stand as their hashes only ("withheld"), so the chain can still be followed.
    """
    count, last = head() or (0, "0" * 64)
    header = {"format": FORMAT, "exported_at": _text(now), "site": site, "rows": count, "head": last}
    file.write(json.dumps(header, sort_keys=True) + "\n")
    for row in rows(up_to=count):
        line: dict[str, Any] = {"seq": row.seq, "prev_hash": row.prev_hash, "hash": row.hash}
        if site and row.columns["site"] != site:
            line["withheld"] = True
        else:
            line["canonical"] = row.canonical
        file.write(json.dumps(line, ensure_ascii=False) + "\n")
    return count, last
