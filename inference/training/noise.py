"""What happens to a sentence between the head and the keyboard: vague and wrong names, typing errors, lost marks."""

from __future__ import annotations

import unicodedata
from random import Random
from typing import TYPE_CHECKING

from inference.training.sites import no_robot_of

if TYPE_CHECKING:
    from inference.training.sampler import Draw, Spoken

_MARKS = ",.;:!?，。；：！？、"
_NEAR = {
    "a": "sq", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "f": "dg", "g": "fh", "h": "gj", "i": "uo", "j": "hk",
    "k": "jl", "l": "k", "m": "n", "n": "bm", "o": "ip", "p": "o", "q": "wa", "r": "et", "s": "ad", "t": "ry",
    "u": "yi", "v": "cb", "w": "qe", "x": "zc", "y": "tu", "z": "x",
}  # fmt: skip


def vague(spoken: Spoken, draw: Draw) -> Spoken:
    """Now and then a name becomes one that the site does not have, or one that fits several records: then ask."""
    rng = draw.rng
    if spoken.decision != "PLAN" or rng.random() > 0.09:
        return spoken
    meant = {label for word in spoken.words for _, labels in word.parts for label in labels}
    spots = [n for n, (_, slot) in enumerate(spoken.pieces) if slot in meant and slot in draw.bound]
    if not spots:
        return spoken
    doers = [n for n in spots if draw.bound[spoken.pieces[n][1]][0] in draw.site.vocabulary.robots]
    spot = rng.choice(doers if doers and rng.random() < 0.5 else spots)
    slot = spoken.pieces[spot][1]
    record = draw.bound[slot][0]
    vocabulary = draw.site.vocabulary
    kind = "place" if record in vocabulary.places else "item" if record in vocabulary.items else "robot"
    families = draw.site.families if kind == "place" else draw.site.sorts
    wide = [word for word, members in families.items() if len(members) > 1]
    if kind == "robot":
        text, decision = no_robot_of(draw.site, rng), "unknown_robot"
    elif wide and rng.random() < 0.5:
        text, decision = rng.choice(wide).lower(), "ambiguous"
    elif kind == "place":
        head = rng.choice([*draw.site.families] or ["x"])
        numbered = f"{head} {rng.randint(40, 99)}"
        text = numbered if rng.random() < 0.4 else rng.choice(draw.site.names["elsewhere"])[0]
        decision = "unknown_place"
    else:
        text, decision = rng.choice(draw.site.names["something"])[0], "unknown_item"
    pieces = [(text, "?") if s == slot else (t, s) for t, s in spoken.pieces]
    return type(spoken)(pieces, [], f"ASK.{decision}")


def written(spoken: Spoken, draw: Draw) -> tuple[str, dict[str, tuple[int, int]]]:
    """The text as typed, and where each slot stands in it."""
    rng, language = draw.rng, draw.grammar.language
    lower, bare, errors, plain = (
        rng.random() < 0.3, rng.random() < 0.22, rng.random() < 0.2, language != "en" and rng.random() < 0.2
    )  # fmt: skip
    pieces = [(t, s) for t, s in spoken.pieces]
    rows = draw.grammar.sections.get("filler")
    if rows and rng.random() < 0.06:
        pieces = _filled(pieces, draw)
    text = ""
    spans: dict[str, tuple[int, int]] = {}
    for raw, slot in pieces:
        piece = raw
        if errors and (not slot or rng.random() < 0.15):
            piece = _misspelt(piece, rng, 0.1)
        if bare and not slot:
            piece = "".join(c for c in piece if c not in ",;!?" and not (c == "." and not slot))
        if lower:
            piece = piece.lower()
        if plain:
            piece = _unaccented(piece)
        text, span = _append(text, piece)
        if slot:
            spans.setdefault(slot, span)
    text = text.strip()
    if not lower and text[:1].islower() and rng.random() < 0.75:
        text = text[0].upper() + text[1:]
    if not bare and text[-1:].isalnum() and rng.random() < 0.6:
        text += "." if language != "zh" else "。"
    return text, spans


def _append(text: str, piece: str) -> tuple[str, tuple[int, int]]:
    """`piece` after `text` with single spaces and none before a mark; and where its words stand."""
    core = " ".join(piece.split())
    if not core:
        return (text if not text or text.endswith(" ") else text + " "), (len(text), len(text))
    if core[0] in _MARKS:
        text = text.rstrip()
    elif piece[0].isspace() and text and not text.endswith(" "):
        text += " "
    start = len(text)
    return text + core + (" " if piece[-1].isspace() else ""), (start, start + len(core))


def _filled(pieces: list[tuple[str, str]], draw: Draw) -> list[tuple[str, str]]:
    """A short noise at one of the places where words meet a slot."""
    at = [n for n, (_, slot) in enumerate(pieces) if slot]
    if not at:
        return pieces
    n = draw.rng.choice(at)
    filler = draw.production(draw.grammar.pick(draw.grammar.sections["filler"], draw.rng))
    return [*pieces[:n], *filler.pieces, (" ", ""), *pieces[n:]]


def _misspelt(text: str, rng: Random, rate: float) -> str:
    words = text.split(" ")
    for n, word in enumerate(words):
        if len(word) < 4 or not word.isalpha() or rng.random() > rate:
            continue
        at = rng.randrange(1, len(word) - 1)
        kind = rng.randrange(4)
        if kind == 0:
            word = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        elif kind == 1:
            word = word[:at] + word[at + 1 :]
        elif kind == 2:
            word = word[:at] + word[at] + word[at:]
        else:
            word = word[:at] + rng.choice(_NEAR.get(word[at].lower(), word[at])) + word[at + 1 :]
        words[n] = word
    return " ".join(words)


def _unaccented(text: str) -> str:
    """Accents left off, as people type on a foreign keyboard."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).replace("ł", "l")
