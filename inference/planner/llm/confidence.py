"""How sure a model was, from the log-probabilities of the tokens it wrote, before any mask.

Only what carries meaning counts: values, and where a list ends or goes on. Keys and brackets follow from the schema, so
their probabilities say how well a model knows JSON, not how well it understood. A mask hides doubt (of one allowed id
it makes a certainty), which is why the probability is taken before it.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

_SPACE = re.compile(r"[ \t\n\r]*")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_SCALAR = re.compile(r"null|true|false|-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Certainty:
    """`overall`: product of the probabilities of all that carries meaning. `parts`: JSON pointer -> its probability."""

    overall: float
    parts: Mapping[str, float]


def certainty(text: str, tokens: Sequence[tuple[bytes, float]] | None) -> Certainty | None:
    """None when the probabilities are missing, are not numbers, or do not belong to `text`."""
    if not tokens or any(math.isnan(logprob) or logprob > 1e-3 for _, logprob in tokens):
        return None
    raw = b"".join(piece for piece, _ in tokens)
    start = raw.find(text.encode())
    if not text or start < 0:
        return None
    spans = list(_meaning(text))
    offsets = _byte_offsets(text)
    parts: dict[str, float] = {}
    total, at = 0.0, -start
    for piece, logprob in tokens:
        end = at + len(piece)
        touched = [pointer for pointer, first, last in spans if offsets[first] < end and at < offsets[last]]
        if touched:
            total += min(logprob, 0.0)
        for pointer in touched:
            parts[pointer] = parts.get(pointer, 0.0) + min(logprob, 0.0)
        at = end
    return Certainty(math.exp(total), {pointer: math.exp(value) for pointer, value in parts.items()})


def _byte_offsets(text: str) -> list[int]:
    out = [0]
    for character in text:
        out.append(out[-1] + len(character.encode()))
    return out


def _meaning(text: str) -> Iterator[tuple[str, int, int]]:
    """(JSON pointer, first, last) of each value, and of each comma or bracket that continues or ends a list."""
    spans: list[tuple[str, int, int]] = []
    _value(text, _skip(text, 0), "", spans)
    yield from spans


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _value(text: str, at: int, pointer: str, spans: list[tuple[str, int, int]]) -> int:
    if text[at] == "{":
        at = _skip(text, at + 1)
        while text[at] != "}":
            key = _match(_STRING, text, at)
            at = _value(text, _skip(text, _skip(text, at + len(key)) + 1), f"{pointer}/{json.loads(key)}", spans)
            at = _skip(text, at)
            at = _skip(text, at + 1) if text[at] == "," else at
        return at + 1
    if text[at] == "[":
        at, number = _skip(text, at + 1), 0
        while text[at] != "]":
            at = _skip(text, _value(text, at, f"{pointer}/{number}", spans))
            number += 1
            if text[at] == ",":
                spans.append((f"{pointer}/-", at, at + 1))
                at = _skip(text, at + 1)
        spans.append((f"{pointer}/-", at, at + 1))
        return at + 1
    end = at + len(_match(_STRING if text[at] == '"' else _SCALAR, text, at))
    spans.append((pointer, at, end))
    return end


def _match(pattern: re.Pattern[str], text: str, at: int) -> str:
    found = pattern.match(text, at)
    if found is None:
        raise json.JSONDecodeError("no value", text, at)
    return found[0]
