"""The tab Robot types of the settings: what they are, how their VDA 5050 differs from the text, and the form for it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.formats import localize
from django.utils.translation import gettext

from fleet.accounts.access import Actor, can
from fleet.accounts.models import Site
from robots import types
from robots.core.vda5050.errors import LocalProtocolError
from robots.core.vda5050.quirk_row import columns_of, level_of
from robots.core.vda5050.quirks import MAX_PADDING_M, PARTS, VERSIONS, Completion
from robots.core.vda5050.topics import FROM_ROBOT, TO_ROBOT
from robots.core.vda5050.words import EXAMPLE, read_words, usable
from robots.models import Robot, RobotType
from robots.type_api import EMBODIMENTS, SKILLS

PROTOCOLS = tuple(types.whole_version(text) for text in VERSIONS)
TOPICS = (*TO_ROBOT, *FROM_ROBOT)
PLAIN_DEFAULTS: Mapping[str, Any] = {"max_rotation": 1.2, "capacity": 1, "protocol": "2.1.0", "embodiment": "cart"}


@dataclass(frozen=True, slots=True)
class TypeRow:
    """One type of the table; `topics` "": its row does not hold together. `quirks`: in words, as far as it has any."""

    kind: RobotType
    robots: int
    elsewhere: int
    topics: str
    quirks: tuple[str, ...]


def type_tab(site: Site, actor: Actor, chosen: str) -> dict[str, Any]:
    kinds = list(RobotType.objects.order_by("name", "slug"))
    places = list(Robot.objects.values_list("type_id", "site_id"))
    shown = next((kind for kind in kinds if kind.slug == chosen), None)
    return {
        "types": [_row(kind, places, site) for kind in kinds],
        "shown": shown,
        "form": columns_of(shown) | {"words": _written(shown.words)} if shown else None,
        "wrong": {},
        "under_way": types.under_way(shown) if shown else [],
        "may_types": can(actor, "configure", site),
        "protocols": PROTOCOLS,
        "versions": VERSIONS,
        "parts": PARTS,
        "completions": [str(word) for word in Completion],
        "topics_qos": [(str(topic), topic.qos) for topic in TOPICS],
        "most_padding": MAX_PADDING_M,
        "words_example": EXAMPLE,
        "default_major": level_of(shown.protocol) if shown else "",
        "skills_known": SKILLS,
        "embodiments": EMBODIMENTS,
        "new": PLAIN_DEFAULTS,
    }


def _row(kind: RobotType, places: list[tuple[int, int]], site: Site) -> TypeRow:
    here = sum(pk == kind.pk and where == site.pk for pk, where in places)
    everywhere = sum(pk == kind.pk for pk, _ in places)
    try:
        scheme = types.quirks_of(kind).topics
        topics = f"{scheme.interface}/{scheme.major}"
    except LocalProtocolError:
        topics = ""
    return TypeRow(kind, here, everywhere - here, topics, tuple(_words(kind)))


def _words(kind: RobotType) -> list[str]:
    """The quirks that differ from the standard, one sentence each."""
    found = []
    if kind.accepts:
        found.append(gettext("It may send %(versions)s.") % {"versions": ", ".join(kind.accepts)})
    if kind.qos:
        found.append(gettext("QoS: %(qos)s.") % {"qos": ", ".join(f"{name} {qos}" for name, qos in kind.qos.items())})
    if kind.completion == Completion.LAST_NODE:
        found.append(gettext("An order is done at its last node."))
    if kind.completion == Completion.ACTIONS:
        found.append(gettext("An order is done when none of its actions runs."))
    if kind.ignored_rejections:
        found.append(gettext("No refusal: %(errors)s.") % {"errors": ", ".join(kind.ignored_rejections)})
    if kind.numeric_ids:
        found.append(gettext("Ids are digits only."))
    if kind.deviation_padding:
        found.append(gettext("Deviations are %(metres)s m wider.") % {"metres": localize(kind.deviation_padding)})
    if kind.omit:
        found.append(gettext("Not sent: %(parts)s.") % {"parts": ", ".join(kind.omit)})
    if not kind.trust_factsheet:
        found.append(gettext("Its factsheet is not trusted."))
    if words := usable(kind.words):
        found.append(gettext("Its own words for %(parameters)s.") % {"parameters": ", ".join(words)})
    return found


def _written(words: Any) -> str:
    """As it is edited: readable, and nothing where there are none."""
    return json.dumps(words, ensure_ascii=False, indent=2) if words else ""


def read_form(given: Any) -> tuple[dict[str, Any], dict[str, str]]:
    """The quirks that a form names, and what cannot be read of it: column -> text."""
    wrong: dict[str, str] = {}
    padding: Any = given.get("deviation_padding", "").strip().replace(",", ".") or "0"
    try:
        padding = float(padding)
    except ValueError:
        wrong["deviation_padding"] = "This must be a number of metres."
    words: Any = given.get("words", "")
    try:
        words = read_words(words)
    except LocalProtocolError as error:
        wrong["words"] = str(error)
    qos = {str(topic): given.get(f"qos_{topic}", "") for topic in TOPICS}
    values: dict[str, Any] = {
        "protocol": given.get("protocol", ""),
        "interface": given.get("interface", "").strip(),
        "major": given.get("major", "").strip(),
        "accepts": given.getlist("accepts"),
        "qos": {topic: int(text) for topic, text in qos.items() if text in ("0", "1", "2")},
        "completion": given.get("completion", ""),
        "ignored_rejections": [
            line.strip() for line in given.get("ignored_rejections", "").splitlines() if line.strip()
        ],
        "numeric_ids": given.get("numeric_ids") == "1",
        "deviation_padding": padding,
        "omit": given.getlist("omit"),
        "trust_factsheet": given.get("trust_factsheet") == "1",
        "words": words,
    }
    return values, wrong


def read_plain(given: Any) -> tuple[dict[str, Any], dict[str, str]]:
    """What a new type is, from its form."""
    values: dict[str, Any] = {name: given.get(name, "").strip() for name in ("slug", "name", "embodiment", "protocol")}
    wrong: dict[str, str] = {}
    for name in NUMBERS:
        text = given.get(name, "").strip().replace(",", ".")
        values[name] = text
        low, high = NUMBERS[name]
        try:
            value = float(text)
        except ValueError:
            wrong[name] = "This must be a number."
            continue
        if not low <= value <= high or (name == "capacity" and value != int(value)):
            wrong[name] = f"This must be between {low:g} and {high:g}."
        values[name] = int(value) if name == "capacity" and name not in wrong else value
    values["skills"] = [skill for skill in given.getlist("skills") if skill in SKILLS]
    if not values["skills"]:
        wrong["skills"] = "Tick at least one."
    values["onboard"] = given.get("onboard") == "1"
    return values, wrong


NUMBERS: Mapping[str, tuple[float, float]] = {
    "max_speed": (0.01, 20), "max_rotation": (0.01, 20), "length": (0.05, 30), "width": (0.05, 30),
    "max_payload": (0, 1e6), "capacity": (1, 1000),
}  # fmt: skip
