"""Templates of texts: `take {quantity} {item} from {place} to {place 2}`. The page fills them in."""

from __future__ import annotations

import re

PLACEHOLDER = re.compile(r"\{([^{}\n]{1,40})\}")
KINDS = ("place", "item", "robot")


def placeholders(text: str) -> list[str]:
    """The names between braces, each once, in order."""
    return list(dict.fromkeys(name.strip() for name in PLACEHOLDER.findall(text) if name.strip()))


def kind_of(name: str) -> str:
    """place | item | robot for `{place}`, `{place 2}` and so on; "" for any other name, which takes free text."""
    first = name.casefold().split()[0] if name.split() else ""
    return first if first in KINDS else ""
