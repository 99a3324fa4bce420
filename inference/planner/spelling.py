"""The words of a text brought to the words of the site's names: inflected forms, run-together words, typing errors.

Only `norm` of a token changes, its span never. Each change carries how sure it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from rapidfuzz.distance import OSA

from inference.planner.inflection import stems
from inference.planner.names import Index, closest, is_han
from inference.planner.names import norm as normal
from inference.planner.quantities import VALUE_WORDS
from inference.planner.smallwords import EVERYDAY
from inference.planner.text import Token, listed, stem

# Words for sorts of things and places ("pallet", "dock"): everyday words, yet part of many names.
SORTS = frozenset({"container", "place_word"})
NOUNS = listed(
    "pallet pallets box boxes shelf shelves kiste kisten palette paletten caja cajas estante pasillo palé "
    "palés palet palets palettes caisse caisses paleta palety skrzynia karton robot robots robota caixa "
    "caixas palete paletes prateleira"
)
_TYPED, _INFLECTED, _SHORTENED = 0.87, 0.98, 0.85


@dataclass(slots=True)
class Spelling:
    """`doubts`: token index -> how sure its correction is; `fuzzy`: those that were typing errors."""

    tokens: list[Token] = field(default_factory=list)
    doubts: dict[int, float] = field(default_factory=dict)
    fuzzy: set[int] = field(default_factory=set)


def everyday(word: str, lang: str) -> bool:
    """A frequent word of the language that is no noun for a thing or place."""
    return word in EVERYDAY.get(lang, EVERYDAY["en"]) and word not in NOUNS


def corrected(
    tokens: Sequence[Token],
    index: Index,
    lang: str,
    lexicon: Mapping[tuple[str, ...], frozenset[str]],
    numbers: Mapping[str, int],
) -> Spelling:
    out = Spelling()
    for i, token in enumerate(tokens):
        norm = token.norm
        if (
            not token.is_word
            or len(norm) < 3
            or not norm.isascii()
            or is_han(norm)
            or norm in numbers
            or stem(norm) in index.by_word
        ):
            out.tokens.append(token)
            continue
        cats = lexicon.get((norm,))
        small = (cats is not None and not cats & SORTS) or everyday(norm, lang) or norm in VALUE_WORDS
        if not small and (form := _form(norm, index, lang)) is not None:
            out.doubts[len(out.tokens)] = _INFLECTED
            out.tokens.append(replace(token, norm=form))
        elif small or cats is not None:
            out.tokens.append(token)
        elif parts := index.joined.get(stem(norm)):
            _split(out, token, parts)
        else:
            out.tokens.append(_spelled(out, tokens, i, index, lang, numbers))
    return out


def _form(norm: str, index: Index, lang: str) -> str | None:
    """The site's word of which `norm` is another form."""
    found = {word for s in stems(norm, lang) for word in index.by_stem.get(s, ())}
    if not found:
        return None
    return min(found, key=lambda word: (OSA.distance(norm, word), word))


def _split(out: Spelling, token: Token, parts: tuple[str, ...]) -> None:
    cut = min(token.start + len(parts[0]), token.end)
    for norm, start, end in ((parts[0], token.start, cut), (parts[1], cut, token.end)):
        out.doubts[len(out.tokens)] = 0.95
        out.tokens.append(Token(norm, token.raw, start, end))


def _spelled(
    out: Spelling, tokens: Sequence[Token], i: int, index: Index, lang: str, numbers: Mapping[str, int]
) -> Token:
    token, norm = tokens[i], tokens[i].norm
    following = normal(tokens[i + 1].norm, dict(numbers)) if i + 1 < len(tokens) else ""
    before = normal(tokens[i - 1].norm, dict(numbers)) if i else ""
    if before + norm in index.letters or norm + following in index.letters:
        return token  # a name written apart
    if short := _shortened(norm, following, index, lang):
        out.doubts[len(out.tokens)] = _SHORTENED
        return replace(token, norm=short)
    name, name_d = closest(stem(norm), index.words, short=4) if len(norm) >= 4 else (None, 99)
    if name is None:
        beside = tuple(
            {
                w
                for n in (before, following)
                for _, _, bag in index.by_word.get(n, ())
                for w in bag
                if w.isalpha() and len(w) > 2
            }
        )
        name, name_d = closest(stem(norm), sorted(beside), short=4, near=True) if beside else (None, 99)
    noun = lang == "de" and i > 0 and token.raw[:1].isupper()
    word, word_d = closest(norm, index.known, short=5) if len(norm) >= 4 and not noun else (None, 99)
    best = name if name is not None and name_d <= word_d else word
    if best is None or (name is not None and word is not None and name_d == word_d and name != word and word_d > 0):
        return token
    at = len(out.tokens)
    out.fuzzy.add(at)
    out.doubts[at] = _TYPED
    return replace(token, norm=best)


def _shortened(norm: str, following: str, index: Index, lang: str) -> str | None:
    """ "rec 2" for "Receiving 2", "Rampe 2" for "Laderampe 2": the one word that begins or ends so."""
    if not following or not (following.isdigit() or len(following) == 1):
        return None
    found = {
        word
        for word in index.words
        if len(word) - len(norm) >= 2
        and (word.startswith(norm) or (len(norm) >= (4 if lang == "de" else 5) and word.endswith(stem(norm))))
        and any(following in bag for _, _, bag in index.by_word.get(word, ()))
    }
    return found.pop() if len(found) == 1 else None
