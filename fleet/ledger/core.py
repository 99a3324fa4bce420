"""Checking the chain. Pure: rows in, the first bad one out.

Row n's hash is SHA-256 over the hash of row n-1 and row n's canonical text (JSON that PostgreSQL wrote, kept with the
row); row 1 follows 64 zeros. `deploy/verify_ledger.py` does the same for an export, without this package.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

START = "0" * 64


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its place, the text that was hashed, both hashes, and the columns as the application sees it."""

    seq: int
    canonical: str
    prev_hash: str
    hash: str
    columns: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class BadRow:
    """The first row that is not as it was written, and why we say so."""

    seq: int
    why: str


def chained(prev_hash: str, canonical: str) -> str:
    """The hash of a row."""
    return hashlib.sha256((prev_hash + canonical).encode()).hexdigest()


def verify(rows: Iterable[Row], *, head: tuple[int, str] | None = None) -> BadRow | None:
    """The first bad row of a whole ledger in order of `seq`, or None.

    `head` (number of rows, last hash) noted earlier and kept elsewhere also shows rows cut off at the end; nothing
    inside the ledger itself can.
    """
    seq, last = 0, START
    for row in rows:
        seq += 1
        if bad := _fault(row, seq, last):
            return bad
        last = row.hash
        if head is not None and seq == head[0] and last != head[1]:
            return BadRow(seq, "its hash is not the one noted earlier: the history up to here was written anew")
    if head is not None and seq < head[0]:
        return BadRow(seq + 1, f"it is missing: {head[0]} rows were there once, {seq} are left")
    return None


def _fault(row: Row, seq: int, last: str) -> BadRow | None:
    if row.seq != seq:
        return BadRow(seq, f"it is missing: row {row.seq} stands in its place")
    if row.prev_hash != last:
        return BadRow(seq, "it does not follow the row before it")
    if chained(last, row.canonical) != row.hash:
        return BadRow(seq, "its text does not match its hash")
    try:
        written = json.loads(row.canonical)
    except ValueError:
        return BadRow(seq, "its text is not JSON")
    if written.get("seq") != seq:
        return BadRow(seq, "its text belongs to another row")
    for name, value in row.columns.items():
        if written.get(name) != value:
            return BadRow(seq, f"its column {name} does not say what was hashed")
    return None
