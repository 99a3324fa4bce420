"""What a site calls its records, as the guard takes it."""

from __future__ import annotations

from inference.contract import Vocabulary


def labels(vocabulary: Vocabulary) -> tuple[str, ...]:
    """Names and aliases of all places, items and robots, for `check`."""
    records = (*vocabulary.places, *vocabulary.items, *vocabulary.robots)
    return tuple(label for record in records for label in (record.name, *record.aliases))
