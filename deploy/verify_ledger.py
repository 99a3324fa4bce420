#!/usr/bin/env python3
"""Check an exported audit ledger without Yardmaster: Python's standard library, one file.

    verify_ledger.py EXPORT.jsonl [--head ROWS:HASH]

Line 1 is the header, every other line a row. A row's hash is SHA-256 over the hash of the row before it (64 zeros for
the first) and the row's own text (`canonical`). A withheld row (of a site the export does not show) carries its hash
only: the chain is followed through it, its content cannot be checked. `--head` compares with what was noted down
elsewhere earlier: a ledger rewritten from some row on, header included, is consistent in itself and shows only there.
Exit code 0: every row is as it was written; 1: not, and the first bad row is named; 2: the file cannot be read.
"""

import argparse
import hashlib
import json
import sys
from pathlib import Path

FORMAT = "yardmaster-ledger-1"
START = "0" * 64


class Bad(Exception):
    """The first bad row and why."""


def check_row(line, seq, last):
    """The hash of row `seq`, which must follow `last`."""
    try:
        row = json.loads(line)
        given, previous, found = row["seq"], row["prev_hash"], row["hash"]
    except (ValueError, KeyError, TypeError):
        raise Bad(f"row {seq}: the line cannot be read") from None
    if given != seq:
        raise Bad(f"row {seq}: it is missing; row {given} stands in its place")
    if previous != last:
        raise Bad(f"row {seq}: it does not follow the row before it")
    if row.get("withheld") is True and "canonical" not in row:
        return found, False
    canonical = row.get("canonical")
    if not isinstance(canonical, str):
        raise Bad(f"row {seq}: it has no text")
    if hashlib.sha256((last + canonical).encode("utf-8", "surrogatepass")).hexdigest() != found:
        raise Bad(f"row {seq}: its text does not match its hash")
    try:
        written = json.loads(canonical)["seq"]
    except (ValueError, KeyError, TypeError):
        raise Bad(f"row {seq}: its text is not an entry") from None
    if written != seq:
        raise Bad(f"row {seq}: its text belongs to another row")
    return found, True


def check(lines, noted=None):
    """Number of rows, how many of them were withheld, and the last hash. Bad: the first bad row."""
    lines = iter(lines)
    header = json.loads(next(lines, "null"))
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise ValueError(f"the first line is no header of a {FORMAT} export")
    seq, withheld, last = 0, 0, START
    for line in lines:
        seq += 1
        last, shown = check_row(line, seq, last)
        if not shown and not header.get("site"):
            raise Bad(f"row {seq}: it is withheld, but the export is of all sites")
        withheld += not shown
        if noted and noted[0] == seq and noted[1] != last:
            raise Bad(f"row {seq}: its hash is not the one noted earlier; the history up to here was written anew")
    expected = max(header["rows"], noted[0] if noted else 0)
    if seq != expected:
        raise Bad(f"row {min(seq, header['rows']) + 1}: {expected} rows are expected, {seq} are there")
    if last != header["head"]:
        raise Bad(f"row {seq}: its hash is not the one of the header")
    return seq, withheld, last


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file")
    parser.add_argument("--head", metavar="ROWS:HASH")
    options = parser.parse_args()
    try:
        noted = None
        if options.head:
            rows, _, last = options.head.partition(":")
            noted = int(rows), last
        with Path(options.file).open(encoding="utf-8") as file:
            rows, withheld, last = check(file, noted)
    except Bad as bad:
        sys.stdout.write(f"BAD {bad}\n")
        return 1
    except (OSError, ValueError, KeyError, TypeError) as error:
        sys.stderr.write(f"cannot check {options.file}: {error}\n")
        return 2
    sys.stdout.write(f"ok: {rows} rows ({withheld} withheld), head {rows}:{last}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
