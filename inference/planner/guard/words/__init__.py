"""Which words mean what, one module of data per language."""

from __future__ import annotations

from inference.planner.guard.words import de, en, en_phrases, es, fr, other, pl, pt, zh

LANGUAGES = {
    "en": en.CONCEPTS | en_phrases.CONCEPTS, "de": de.CONCEPTS, "es": es.CONCEPTS, "fr": fr.CONCEPTS, "pl": pl.CONCEPTS,
    "pt": pt.CONCEPTS, "zh": zh.CONCEPTS, "other": other.CONCEPTS,
}  # fmt: skip
