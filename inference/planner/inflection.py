"""Stems of words in several languages, crude on purpose: two words are forms of one when their stems meet.

Words are folded (accents off). Over-stemming is harmless because only words of one site's names are compared with each
other and with the words of one text, and the nearest of several wins.
"""

from __future__ import annotations

from functools import lru_cache

from inference.planner.text import stem

_PL_ENDINGS = (
    "", "a", "e", "i", "o", "u", "y", "ie", "ia", "iu", "ii", "io", "om", "ow", "em", "ej", "iej", "ym", "im", "ych",
    "ich", "ami", "iami", "ach", "iach", "ego", "emu", "ymi", "imi", "owi", "owie", "iem", "iom",
)  # fmt: skip
# What a Polish stem's last consonants become before some endings, and what they were.
_PL_SOFT = {"dz": ("d", "g"), "sz": ("ch", "s"), "cz": ("k",), "rz": ("r",), "c": ("t", "k"), "z": ("g",), "si": ("s",),
            "ci": ("t", "c"), "ni": ("n",), "zi": ("z",), "dzi": ("d",)}  # fmt: skip
_DE_ENDINGS = ("", "e", "en", "er", "es", "s", "n", "em", "ern", "nen", "se", "sen")
_ROMANCE = (("oes", "ao"), ("aes", "ao"), ("ais", "al"), ("eis", "el"), ("ois", "ol"), ("ns", "m"), ("aux", "al"),
            ("eaux", "eau"), ("ces", "z"), ("x", ""), ("es", ""), ("s", ""), ("as", ""), ("os", ""), ("a", ""),
            ("o", ""), ("e", ""))  # fmt: skip
_LEAST = 3


@lru_cache(maxsize=20_000)
def stems(word: str, lang: str) -> frozenset[str]:
    """The stems `word` may have in a text of `lang`; always with the word itself and its English singular."""
    out = {word, stem(word)}
    if len(word) < _LEAST or not word.isascii():
        return frozenset(out)
    if lang == "pl":
        for ending in _PL_ENDINGS:
            if word.endswith(ending) and len(word) - len(ending) >= _LEAST:
                _polish(word[: len(word) - len(ending)] if ending else word, out)
    elif lang == "de":
        for spelled in {word, word.replace("ae", "a").replace("oe", "o").replace("ue", "u")}:
            out.update(
                spelled[: len(spelled) - len(e)] if e else spelled
                for e in _DE_ENDINGS
                if spelled.endswith(e) and len(spelled) - len(e) >= _LEAST
            )
    elif lang in ("es", "fr", "pt"):
        for ending, instead in _ROMANCE:
            if word.endswith(ending) and len(word) - len(ending) + len(instead) > _LEAST:
                out.add(word[: -len(ending)] + instead)
    return frozenset(out)


def _polish(base: str, out: set[str]) -> None:
    out.add(base)
    for soft, hards in _PL_SOFT.items():
        if base.endswith(soft) and len(base) - len(soft) >= _LEAST - 1:
            out.update(base[: -len(soft)] + hard for hard in hards)
    if len(base) > 4 and base[-2] == "e" and base[-1] not in "aeiouy" and base[-3] not in "aeiouy":
        out.add(base[:-2] + base[-1])  # the e that comes and goes: "półek", "półka"
        if base[-3] == "i":
            out.add(base[:-3] + base[-1])
