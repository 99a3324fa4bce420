"""Words that mean *stop*, matched without a model: the button is there before anybody has read anything.

The page does the same with the same lists (`static/js/stopwords.js`), so that nothing travels while somebody
types "stop". A text that is nothing but such words is not read at all; one that goes on ("stop at dock 3 ...") is
read as well, because it may be a mission.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

STOP: dict[str, tuple[str, ...]] = {
    "en": ("stop", "halt", "freeze", "abort", "all stop", "hold it", "stand still"),
    "de": ("stopp", "stoppen", "stoppt", "anhalten", "haltet an", "halt an", "stehen bleiben", "stehenbleiben",
           "notaus"),
    "es": ("alto", "para", "parar", "pare", "paren", "detente", "detenga", "detener", "deten", "basta"),
    "fr": ("arrete", "arretez", "arreter", "stoppe", "stoppez", "halte"),
    "pl": ("zatrzymaj", "zatrzymac", "zatrzymajcie", "stoj", "stac", "przerwij"),
    "pt": ("pare", "parem", "parar", "para", "detenha", "alto"),
    "zh": ("停止", "停下", "停车", "停住", "急停", "暂停", "停"),
    "other": (
        "ferma", "fermare", "fermati", "fermate", "fermi", "dur", "pysayta", "stanna", "zastav", "стоп", "стой",
        "остановить", "止まれ", "停めて", "멈춰", "정지",
    ),
}  # fmt: skip
# Said around it, changing nothing: to whom, how soon, how politely.
AROUND: dict[str, tuple[str, ...]] = {
    "en": ("please", "everything", "everyone", "everybody", "all", "the", "robot", "robots", "site", "now", "it",
           "them", "at once", "immediately", "right", "hey", "no", "moving", "of", "that"),
    "de": ("bitte", "sofort", "jetzt", "alle", "alles", "roboter", "die", "den", "das", "mal", "nein"),
    "es": ("por favor", "todo", "todos", "ya", "ahora", "los", "el", "robots", "no", "inmediatamente"),
    "fr": ("s'il vous plait", "tout", "tous", "les", "le", "maintenant", "immediatement", "vite", "non"),
    "pl": ("prosze", "wszystko", "wszystkie", "roboty", "robota", "natychmiast", "teraz", "nie"),
    "pt": ("por favor", "tudo", "todos", "os", "o", "robos", "agora", "ja", "imediatamente", "nao"),
    "zh": ("请", "马上", "立刻", "立即", "全部", "所有", "机器人", "都", "快", "一下", "下来", "了", "吧", "的"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """`stop`: it begins as a stop; `only`: and says nothing else."""

    stop: bool
    only: bool


def folded(text: str) -> str:
    """Lower case without accents, so that "Arrêtez" and "arretez" are one word."""
    apart = unicodedata.normalize("NFKD", text.casefold().replace("ł", "l"))
    return unicodedata.normalize("NFC", "".join(c for c in apart if not "\u0300" <= c <= "\u036f"))


def lists() -> dict[str, list[str]]:
    """Both lists folded and longest first, for the page's script."""
    return {"stop": _ordered(STOP), "around": _ordered(AROUND)}


def _ordered(words: dict[str, tuple[str, ...]]) -> list[str]:
    return sorted({folded(word) for group in words.values() for word in group}, key=lambda word: (-len(word), word))


def find(text: str) -> Found:
    """Whether the text begins as a stop, and whether it is nothing else."""
    words, rest, stop = lists(), folded(text), False
    while True:
        rest = rest.lstrip(" \t\r\n.,;:!?¡¿。，！？、-")
        if not rest:
            return Found(stop, stop)
        word = _taken(rest, words["stop"])
        stop = stop or bool(word)
        word = word or _taken(rest, words["around"])
        if not word:
            return Found(stop, False)
        rest = rest[len(word) :]


def _taken(rest: str, words: list[str]) -> str:
    return next((word for word in words if rest.startswith(word) and _ends(word, rest)), "")


def _ends(word: str, rest: str) -> bool:
    """A word of letters ends where no letter follows; scripts without spaces know no such end."""
    following = rest[len(word) : len(word) + 1]
    return not following.isalnum() or ord(word[-1]) >= 0x2E80 or ord(following) >= 0x2E80
