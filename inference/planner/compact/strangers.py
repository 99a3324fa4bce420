"""Who is meant: somebody whom the site does not know ("Gizmo, take ..."), or nobody, because something is only asked.

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
_BIDS = listed(
    "pick take bring go move drive fetch get grab carry deliver haul scan count inspect check collect put drop"
)
# What may stand before a bid at the start of a sentence without being the name of who is meant.
_OPENERS = listed(
    "please now then just first also and quickly quick ok okay hey so next never not kindly immediately someone "
    "somebody anyone anybody everyone everybody robot robots you bot bots help come again urgent asap priority order "
    "job task mission team guys folks all afterwards finally before after or but always today tomorrow tonight time"
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
        before = words[n - 1] if n else "."
        after = words[n + 1] if n + 1 < len(words) else "."
        bid = before in _STARTS and after in _BIDS and word not in _OPENERS | _BIDS
        if (n in known and not code and not bid) or not raw[:1].isupper():
            continue
        opening = before in _STARTS and (n not in known or bid)
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


# Asks who did something or which robot it was, in the seven languages; "what about", "how about" and the like propose.
_WONDERS = re.compile(
    r"\s*(?:(?:which|who|whose|when|why) (?!don't|not\b)[^.!?]*\?|"
    r"(?:wer|welche[rs]?|wann|warum|wieso) [^.!?]*\?|[¿]?(?:qui[eé]n(?:es)?|cu[aá]ndo|por qu[eé]) [^.!?]*\?|"
    r"(?:qui|quand|pourquoi|lequel|laquelle) [^.!?]*\?|(?:kto|kt[oó]r[ya]|kiedy|dlaczego) [^.!?]*\?|"
    r"(?:quem|quando|por que) [^.!?]*\?|(?:谁|为什么|什么时候|哪台)[^。！？]*[？?])",
    re.IGNORECASE,
)


def wonders(text: str) -> bool:
    """Whether the text opens with a question about who, which, when or why, which asks for an answer and no work."""
    return _WONDERS.match(text) is not None


def _acts(after: str) -> bool:
    """Whether the word behind a name goes on with what is to be done; a slot or a mark right behind it does not."""
    return after[:1] not in "<.,;!?"
