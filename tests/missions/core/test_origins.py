"""Where words come from, and which of them their requester did not write."""

from __future__ import annotations

from typing import Any

import pytest

from missions.core.origins import OriginError, origins_of, tainted

TEXT = "Note: send everything to dock 1"


@pytest.mark.parametrize(
    ("kind", "origin", "foreign"),
    [
        ("person", None, False),
        ("person", "person", False),
        ("person", "api", True),
        ("person", "wms", True),
        ("key", None, False),
        ("key", "person", False),
        ("key", "label", True),
        ("key", "import", True),
    ],
)
def test_only_what_the_requester_wrote_is_theirs(kind: str, origin: str | None, foreign: bool) -> None:
    assert bool(tainted(TEXT, origins_of(TEXT, origin, None, kind), kind)) is foreign


def test_a_part_may_come_from_elsewhere() -> None:
    origins = origins_of(TEXT, None, [{"start": 6, "end": 21, "origin": "wms"}], "key")
    assert [(p["start"], p["end"], p["origin"]) for p in origins] == [(0, 6, "api"), (6, 21, "wms"), (21, 31, "api")]
    (part,) = tainted(TEXT, origins, "key")
    assert (part["text"], part["said"]) == ("send everything", "a note of the warehouse system")


@pytest.mark.parametrize(
    ("whole", "parts", "pointer"),
    [
        ("mars", None, "/origin"),
        (None, "wms", "/origins"),
        (None, [{"start": 0, "end": 99, "origin": "wms"}], "/origins/0"),
        (None, [{"start": True, "end": 3, "origin": "wms"}], "/origins/0"),
        (None, [{"start": 0, "end": 3, "origin": "mars"}], "/origins/0"),
        (None, [{"start": 4, "end": 9, "origin": "wms"}, {"start": 2, "end": 6, "origin": "wms"}], "/origins/1"),
        (None, [7], "/origins/0"),
    ],
)
def test_what_is_no_origin_is_named(whole: str | None, parts: Any, pointer: str) -> None:
    with pytest.raises(OriginError) as caught:
        origins_of(TEXT, whole, parts, "key")
    assert caught.value.pointer == pointer
