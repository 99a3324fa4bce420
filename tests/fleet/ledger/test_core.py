"""Any change to an exported ledger is found, by the app's checker and by the stand-alone one, at the same row."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.ledger.core import START, Row, chained, verify

VERIFIER = Path(__file__).resolve().parents[3] / "deploy" / "verify_ledger.py"


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("verify_ledger", VERIFIER)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


alone = _load()
TEXTS = st.text(max_size=12)


def ledger(reasons: list[str]) -> list[Row]:
    rows, last = [], START
    for seq, reason in enumerate(reasons, start=1):
        canonical = json.dumps({"seq": seq, "reason": reason, "site": "demo"}, ensure_ascii=False)
        rows.append(Row(seq, canonical, last, last := chained(last, canonical), {"reason": reason, "site": "demo"}))
    return rows


def exported(rows: list[Row], head: Row | None = None, **header: Any) -> list[str]:
    head = head or rows[-1]
    lines: list[dict[str, Any]] = [{"format": alone.FORMAT, "site": "", "rows": head.seq, "head": head.hash, **header}]
    lines += [{"seq": r.seq, "prev_hash": r.prev_hash, "hash": r.hash, "canonical": r.canonical} for r in rows]
    return [json.dumps(line) for line in lines]


def first_bad(lines: list[str], noted: tuple[int, str] | None = None) -> int | None:
    try:
        alone.check(lines, noted)
    except alone.Bad as bad:
        return int(str(bad).split()[1].rstrip(":"))
    return None


@given(st.lists(TEXTS, min_size=1, max_size=8))
@settings(max_examples=50)
def test_an_untouched_ledger_passes(reasons: list[str]) -> None:
    rows = ledger(reasons)
    assert verify(rows) is None
    assert verify(rows, head=(rows[-1].seq, rows[-1].hash)) is None
    assert alone.check(exported(rows)) == (len(rows), 0, rows[-1].hash)


@given(st.lists(TEXTS, min_size=2, max_size=8), st.data())
@settings(max_examples=100)
def test_a_changed_row_is_the_first_bad_one(reasons: list[str], data: st.DataObject) -> None:
    rows = ledger(reasons)
    at = data.draw(st.integers(0, len(rows) - 1))
    row = rows[at]
    forged = json.dumps({"seq": row.seq, "reason": row.columns["reason"] + "!", "site": "demo"}, ensure_ascii=False)
    change = data.draw(
        st.sampled_from(
            [
                {"canonical": forged},
                {"canonical": ""},
                {"seq": row.seq + 1},
                {"prev_hash": hashlib.sha256(b"x").hexdigest()},
                {"hash": chained(row.prev_hash, forged)},
            ]
        )
    )
    rows[at] = replace(row, **change)
    bad = verify(rows)
    assert bad is not None and bad.seq == at + 1
    assert first_bad(exported(rows, ledger(reasons)[-1])) == at + 1


@given(st.lists(TEXTS, min_size=2, max_size=8), st.data())
@settings(max_examples=100)
def test_a_dropped_row_is_named(reasons: list[str], data: st.DataObject) -> None:
    rows = ledger(reasons)
    head = rows[-1]
    at = data.draw(st.integers(0, len(rows) - 1))
    del rows[at]
    bad = verify(rows, head=(head.seq, head.hash))
    assert bad is not None and bad.seq == at + 1
    assert first_bad(exported(rows, head)) == at + 1


@given(st.lists(TEXTS, min_size=2, max_size=8), st.data())
@settings(max_examples=100)
def test_two_rows_that_changed_places_are_found_at_the_first(reasons: list[str], data: st.DataObject) -> None:
    rows = ledger(reasons)
    head = rows[-1]
    one = data.draw(st.integers(0, len(rows) - 2))
    two = data.draw(st.integers(one + 1, len(rows) - 1))
    rows[one], rows[two] = rows[two], rows[one]
    bad = verify(rows)
    assert bad is not None and bad.seq == one + 1
    assert first_bad(exported(rows, head)) == one + 1


@given(st.lists(TEXTS, min_size=1, max_size=8), st.data())
@settings(max_examples=50)
def test_an_inserted_row_is_found(reasons: list[str], data: st.DataObject) -> None:
    rows = ledger(reasons)
    head = rows[-1]
    at = data.draw(st.integers(0, len(rows) - 1))
    rows.insert(at, rows[at])
    assert (bad := verify(rows)) is not None and bad.seq == at + 2
    assert first_bad(exported(rows, head)) == at + 2


def test_a_ledger_rewritten_from_a_row_on_shows_only_against_a_noted_head() -> None:
    old, new = ledger(["a", "b", "c"]), ledger(["a", "x", "c"])
    assert verify(new) is None
    bad = verify(new, head=(3, old[-1].hash))
    assert bad is not None and bad.seq == 3
    assert first_bad(exported(new)) is None
    assert first_bad(exported(new), (3, old[-1].hash)) == 3


def test_a_column_that_no_longer_says_what_was_hashed_is_found() -> None:
    rows = ledger(["a", "b"])
    rows[1] = replace(rows[1], columns={"reason": "other", "site": "demo"})
    bad = verify(rows)
    assert bad is not None and (bad.seq, "reason" in bad.why) == (2, True)


def test_withheld_rows_keep_the_chain_but_only_in_an_export_of_one_site() -> None:
    rows = ledger(["a", "b", "c"])
    lines = exported(rows, site="demo")
    lines[2] = json.dumps({"seq": 2, "prev_hash": rows[1].prev_hash, "hash": rows[1].hash, "withheld": True})
    assert alone.check(lines) == (3, 1, rows[2].hash)
    lines[0] = exported(rows)[0]
    assert first_bad(lines) == 2
    forged = {"seq": 2, "prev_hash": rows[1].prev_hash, "hash": "0" * 64, "withheld": True}
    assert first_bad([exported(rows, site="demo")[0], lines[1], json.dumps(forged), lines[3]]) == 3


@pytest.mark.parametrize("lines", [[], ["{}"], ["[]"], ["no json"]])
def test_what_is_no_export_is_refused_as_such(lines: list[str]) -> None:
    with pytest.raises(ValueError):
        alone.check(lines)


def test_the_stand_alone_verifier_is_short_and_needs_only_the_standard_library() -> None:
    text = VERIFIER.read_text()
    imports = {line.split()[1] for line in text.splitlines() if line.startswith(("import ", "from "))}
    assert imports == {"argparse", "hashlib", "json", "pathlib", "sys"}
    assert len(text.splitlines()) <= 100
