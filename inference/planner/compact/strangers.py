"""Somebody is told to do the work whom the site does not know: "Gizmo, take ...", "niech Bolek zawiezie ...".

A robot's name that is not one of the site's is an ordinary unknown word to the linker, and the network passes over it
as over any talk. Then another robot would go. So a word that training never saw, where the one who does the work is
named, makes a question. Positions and leading words are those of the seven languages.
"""

from __future__ import annotations

import re

from inference.planner.compact.slots import Slotted
from inference.planner.text import listed

_LEADS = listed(
    "let have get tell ask send make want need can could will would lass lasst schick sag kann konnte soll que deja "
    "manda dile pide puede podria laisse dis envoie fais demande peut pourrait deixa pede diz pode niech kaz popros "
    "wyslij moze o el la le der die das den"
)
_FOLLOWS = listed(
    "should shall must can could will has needs please to soll sollte kann muss bitte darf debe tiene puede que doit "
    "peut devrait deve tem pode ma powinien moze musi niech"
)
_STARTS = frozenset({".", "!", "?", ";", ":", "\n"})
# "让小蓝去扫一下": whoever stands between 让 and 去 and is nobody in particular is not meant.
_HAN = re.compile(
    r"(?:让|叫|派|请)(?!机器|小车|车|任何|谁|它|他|她|人|一台|哪|大家|空|随便|司机|同事|我|你|您)"
    r"([\u4e00-\u9fff]{1,3}?)(?:去|把|将|来|到)"
)


def stranger(text: str, slotted: Slotted, known: frozenset[int]) -> str | None:
    """The words that name an unknown doer, as typed, or None. `known`: positions of words that training saw."""
    if any(label.startswith("R") for label in slotted.slots):
        return None
    words, spans = slotted.words, slotted.spans
    for n, word in enumerate(words):
        start, end = spans[n]
        raw = text[start:end]
        if not word.isalpha() or word[:1] == "<" or not word.isascii() or len(word) < 2:
            continue
        code = raw.isupper() and not text.isupper() and 2 <= len(raw) <= 6
        if (n in known and not code) or not raw[:1].isupper():
            continue
        before = words[n - 1] if n else "."
        after = words[n + 1] if n + 1 < len(words) else "."
        opening = before in _STARTS and n not in known
        called = after in (",", ":") and (before in _STARTS or before == ",") and n not in known
        if (
            opening
            or called
            or (before in _LEADS and after not in ("of", "de", ".") and n not in known and _acts(after))
        ):
            return raw
        if after in _FOLLOWS and (n not in known or code):
            return raw
    found = _HAN.search(text)
    return found.group(1) if found else None


def _acts(after: str) -> bool:
    """Whether the word behind a name goes on with what is to be done; a slot or a mark right behind it does not."""
    return after[:1] not in "<.,;!?"
