"""What leaves the house when a site's names and numbers must not: handles that say nothing, restored afterwards.

Names that the linker found become `P1`, `I1`, `R1`; numbers and times `N1`. Words that occur in any name of the site
but were not linked, and digits left over, are blanked. A misspelt name that the linker did not recognise is a word like
any other and is sent: this hides a site's names, it does not hide what the person wrote beside them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from inference.contract import Named, Vocabulary
from inference.planner.lexicon import phrases
from inference.planner.llm.grounding import Grounded, Mention, Span
from inference.planner.llm.prompt import Shown
from inference.planner.llm.schema import Offer, Scalar, words_of
from inference.planner.text import fold, stem, tokenize

BLANK = "(name)"
_LETTERS = {"place": "P", "item": "I", "robot": "R"}


def redacted(grounded: Grounded) -> tuple[Offer, Shown]:
    """The offer whose handles say nothing, and the text in which nothing else stands. The handles lead back."""
    tables = {kind: _handles(letter, grounded.records(kind)) for kind, letter in _LETTERS.items()}
    numbers = [f"N{n}" for n in range(1, len(grounded.values) + 1)]
    kinds: dict[str, dict[Scalar, Scalar]] = {"count": {}, "seconds": {}, "percent": {}, "clock": {}}
    for handle, value in zip(numbers, grounded.values, strict=True):
        for kind, said in value.readings:
            if said in grounded.choices(kind):
                kinds[kind][handle] = said
    if grounded.one:
        kinds["count"][1] = 1  # the article "a", which says nothing of the site
    secret = _secret_words(grounded.request.vocabulary, grounded.language)
    mentions = tuple(_stand_in(mention, tables[mention.kind]) for mention in grounded.mentions)
    replaced: list[tuple[Span, str]] = [(m.span, text) for m, text in zip(grounded.mentions, mentions, strict=True)]
    replaced += [(v.span, handle) for v, handle in zip(grounded.values, numbers, strict=True)]
    offer = Offer(
        places=_bare(tables["place"]),
        items=_bare(tables["item"]),
        robots=_bare(tables["robot"]),
        counts=kinds["count"],
        seconds=kinds["seconds"],
        percents=kinds["percent"],
        clocks=kinds["clock"],
        words=tuple(word for word in words_of(grounded) if _blanked(word, secret) == word),
    )
    return offer, Shown(_rewritten(grounded.request.text, replaced, secret), mentions, tuple(numbers), named=False)


def _handles(letter: str, records: Iterable[Named]) -> dict[str, Named]:
    return {f"{letter}{n}": record for n, record in enumerate(records, 1)}


def _bare(table: dict[str, Named]) -> dict[str, Named]:
    """Records as the prompt may see them: the kind of a record names no record, but is free text and stays here."""
    return {handle: Named(record.id, record.name) for handle, record in table.items()}


def _stand_in(mention: Mention, table: dict[str, Named]) -> str:
    found = [h for h, n in table.items() if any(n.id == m.id for m in (mention.meant or mention.candidates))]
    return (" and " if mention.meant else " or ").join(found) or f"(unknown {mention.kind})"


def _secret_words(vocabulary: Vocabulary, language: str) -> frozenset[str]:
    """The words of all names, aliases and ids, without those that any text on warehouse work holds."""
    known, _ = phrases(language)
    records = (*vocabulary.places, *vocabulary.items, *vocabulary.robots)
    labels = (label for record in records for label in (record.name, *record.aliases, record.id))
    words = {token.norm for label in labels for token in tokenize(label) if token.is_word}
    return frozenset(form for word in words if (word,) not in known for form in (word, stem(word)))


def _rewritten(text: str, replaced: list[tuple[Span, str]], secret: frozenset[str]) -> str:
    out, at = [], 0
    for (start, end), stand_in in sorted(replaced):
        if start < at:
            continue  # within a longer one
        out += [_blanked(text[at:start], secret), f" {stand_in} "]
        at = end
    out.append(_blanked(text[at:], secret))
    return re.sub(r"[ \t]+", " ", "".join(out)).strip()


def _blanked(text: str, secret: frozenset[str]) -> str:
    out, at = [], 0
    for token in tokenize(text):
        if token.is_number:
            out += [text[at : token.start], "#"]
        elif token.is_word and (token.norm in secret or stem(fold(token.norm)) in secret):
            out += [text[at : token.start], BLANK]
        else:
            continue
        at = token.end
    out.append(text[at:])
    return "".join(out)
