"""Random sites to train on: places in families, items in kinds, robots, and how people spell their names.

Names come from `grammars/<language>/names.txt`; a site of another language has English names half of the time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from random import Random

from inference.contract import Named, Vocabulary
from inference.planner.quantities import number_words
from inference.training.grammar import GRAMMARS, GrammarFileError

SECTIONS = ("family", "code", "place", "zone", "item", "sort", "kind", "robot", "robot_code", "elsewhere", "something")
Entry = tuple[str, tuple[str, ...]]
_HAN = "零一二三四五六七八九"
_DOZENS = ("doz", "doc", "dut", "dou", "duz", "dúz", "tuz")


@dataclass(frozen=True, slots=True)
class Site:
    """A vocabulary and what is needed to speak of it vaguely: `families` of places and sorts of items by their word."""

    vocabulary: Vocabulary
    families: Mapping[str, tuple[Named, ...]]
    sorts: Mapping[str, tuple[Named, ...]]
    names: Mapping[str, tuple[Entry, ...]]
    language: str


@lru_cache(maxsize=16)
def names(language: str, folder: Path = GRAMMARS) -> Mapping[str, tuple[Entry, ...]]:
    """The sections of `names.txt`: (name, aliases) each. Raises GrammarFileError for an unknown section."""
    out: dict[str, list[Entry]] = {section: [] for section in SECTIONS}
    section = ""
    path = folder / language / "names.txt"
    for number, raw in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("["):
            section = line.strip("[]")
            if section not in out:
                raise GrammarFileError(f"{path}:{number}: there is no section [{section}] of names")
            continue
        name, _, aliases = line.partition("=")
        more = tuple(a.strip() for a in aliases.split(",") if a.strip())
        for one in [name] if "=" in line or section in ("family", "sort") else name.split(","):
            if one.strip() or section in ("code", "robot_code"):
                # Codes keep their own last sign: "K-" and "AMR " are different ways to write one.
                out[section].append((one.strip() if section not in ("code", "robot_code") else one.lstrip(), more))
    return {key: tuple(rows) for key, rows in out.items()}


@dataclass(slots=True)
class _Making:
    rng: Random
    rows: Mapping[str, tuple[Entry, ...]]
    used: set[str] = field(default_factory=set)
    count: int = 0

    def named(self, name: str, aliases: tuple[str, ...], kind: str = "") -> Named | None:
        key = name.casefold()
        if key in self.used or not name.strip():
            return None
        self.used.add(key)
        kept = tuple(a for a in aliases if a.casefold() not in self.used and self.rng.random() < 0.7)
        self.used.update(a.casefold() for a in kept)
        self.count += 1
        slug = re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")
        opaque = not slug or self.rng.random() < 0.6
        return Named(f"{kind}{self.count}x{self.rng.randrange(100, 999)}" if opaque else slug, name, kept)

    def take(self, section: str, least: int, most: int) -> list[Entry]:
        rows = self.rows[section]
        return self.rng.sample(rows, min(len(rows), self.rng.randint(least, most)))


def make_site(language: str, rng: Random, english: bool = False) -> Site:
    """A site with 6 to 30 places, 4 to 14 items and 2 to 7 robots, at a random time of day."""
    make = _Making(rng, names("en" if english else language))
    places, families = _places(make)
    items, sorts = _items(make)
    robots = _robots(make)
    now = f"{rng.randrange(24):02d}:{rng.randrange(60):02d}"
    vocabulary = Vocabulary("s", now, tuple(places), tuple(items), tuple(robots), hash=f"{rng.getrandbits(48):x}")
    return Site(vocabulary, families, sorts, names(language), language)


def _places(make: _Making) -> tuple[list[Named], dict[str, tuple[Named, ...]]]:
    rng, places, families = make.rng, [], {}
    for head, aliases in make.take("family", 2, 4):
        letters = rng.random() < 0.25
        size = rng.randint(2, 6)
        first = rng.choice((1, 1, 1, 1, 2, 7, 11, 20))
        labels = list("ABCDEFGH")[:size] if letters else [str(first + n) for n in range(size)]
        if rng.random() < 0.2:
            labels = rng.sample(labels, max(2, size - 2))
        if rng.random() < 0.15 and make.rows["zone"]:
            labels = [z for z, _ in rng.sample(make.rows["zone"], min(size, 3, len(make.rows["zone"])))]
        joiner = "" if "a" > head[-1:].lower() > "" else " "
        if not head.isascii() and not any(c.isascii() and c.isalpha() for c in head):
            joiner = ""
        made = [make.named(f"{head}{joiner}{n}", tuple(f"{a}{joiner}{n}" for a in aliases), "p") for n in labels]
        members = tuple(m for m in made if m is not None)
        places += members
        families[head] = members
    if rng.random() < 0.4 and make.rows["code"]:
        code = rng.choice(make.rows["code"])[0]
        for n in rng.sample(range(1, 40), rng.randint(2, 5)):
            if (member := make.named(f"{code}{n}", (), "p")) is not None:
                places.append(member)
    for name, aliases in make.take("place", 3, 10):
        if (member := make.named(name, aliases, "p")) is not None:
            places.append(member)
    rng.shuffle(places)
    return places, families


def _items(make: _Making) -> tuple[list[Named], dict[str, tuple[Named, ...]]]:
    rng, items, sorts = make.rng, [], {}
    for name, aliases in make.take("item", 3, 9):
        if (member := make.named(name, aliases, "i")) is not None:
            items.append(member)
    for sort, aliases in make.take("sort", 0, 2):
        made = [
            make.named(sort.replace("%", kind), tuple(a.replace("%", kind) for a in aliases), "i")
            for kind, _ in make.take("kind", 2, 4)
        ]
        members = tuple(m for m in made if m is not None)
        items += members
        sorts[sort.replace("%", "").strip()] = members
    rng.shuffle(items)
    return items, sorts


def _robots(make: _Making) -> list[Named]:
    rng, robots = make.rng, []
    if rng.random() < 0.6:
        robots += [make.named(name, aliases, "r") for name, aliases in make.take("robot", 1, 5)]
    if (not robots or rng.random() < 0.4) and make.rows["robot_code"]:
        code = rng.choice(make.rows["robot_code"])[0]
        width = rng.choice((1, 2, 2, 3))
        robots += [make.named(f"{code}{n:0{width}d}", (), "r") for n in rng.sample(range(1, 30), rng.randint(2, 4))]
    return [r for r in robots if r is not None]


def spell(named: Named, rng: Random, language: str) -> str:
    """The name as a person types it: an alias, lower case, numbers in words, hyphens left out."""
    name = rng.choice(named.aliases) if named.aliases and rng.random() < 0.3 else named.name
    if rng.random() < 0.1:
        name = re.sub(r"(?<=[^\W\d_])-(?=\d)", rng.choice(("", " ")), name)
    if rng.random() < 0.08:
        name = re.sub(r"(?<= )\d{1,2}$", lambda m: in_words(int(m.group()), language), name)
    if rng.random() < 0.45:
        name = name.lower()
    return name


def no_robot_of(site: Site, rng: Random) -> str:
    """A robot's name, or a code, that the site does not have."""
    own = {label.casefold() for robot in site.vocabulary.robots for label in (robot.name, *robot.aliases)}
    names = [name for name, _ in site.names["robot"] if name.casefold() not in own]
    if names and rng.random() < 0.6:
        return rng.choice(names)
    return f"{rng.choice(('R', 'T', 'MX', 'Unit', 'AMR', 'K'))}{rng.choice('- ')}{rng.randint(50, 99)}"


def in_words(n: int, language: str) -> str:
    """The number as a word of the language where it has one word for it, else in digits."""
    if language == "zh" and 0 < n < 100:
        tens, ones = divmod(n, 10)
        return (_HAN[tens] if tens > 1 else "") + ("十" if tens else "") + (_HAN[ones] if ones or not tens else "")
    return _words_of(language).get(n, str(n))


@lru_cache(maxsize=16)
def _words_of(language: str) -> dict[int, str]:
    """Value -> the plainest word: the language's first one, no dozens."""
    english = set(number_words("en")) if language != "en" else set()
    out: dict[int, str] = {}
    for word, n in number_words(language).items():
        if word not in english and word[:3] not in _DOZENS:
            out.setdefault(n, word)
    return out
