"""What a robot's factsheet says that it can do (2.1 section 6.15, 3.0 section 7.10), from the document as received.

A robot that sent none, or one without the part in question, has declared nothing: then the standard alone counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .facts import Speech
from .skills import ACTION_OF


@dataclass(frozen=True, slots=True)
class Offer:
    """One action: where it may be used, and the names of its parameters."""

    scopes: frozenset[str]
    parameters: frozenset[str]


@dataclass(frozen=True, slots=True)
class Declared:
    """`actions` None: it declares none at all, which says nothing about what it can do."""

    actions: Mapping[str, Offer] | None = None
    load_types: tuple[str, ...] = ()

    def cannot(self, skills: Sequence[str]) -> frozenset[str]:
        """Those of the skills whose action it does not offer on nodes."""
        if self.actions is None:
            return frozenset()
        return frozenset(skill for skill in skills if skill in ACTION_OF and not self._offers(ACTION_OF[skill], "NODE"))

    def speech(self, *, onboard: bool) -> Speech:
        """How it is spoken to. A robot of another make need not take an order while it charges (3.0, 7.8)."""
        if onboard:
            return Speech()
        pick = (self.actions or {}).get("pick")
        instant = self.actions is None or self._offers("stopCharging", "INSTANT")
        return Speech(
            program=False,
            quantity=pick is not None and "quantity" in pick.parameters,
            unplug="instant" if instant else "order",
        )

    def _offers(self, action: str, scope: str) -> bool:
        offer = (self.actions or {}).get(action)
        return offer is not None and (not offer.scopes or scope in offer.scopes)


def declared(sheet: Mapping[str, Any]) -> Declared:
    """Whatever is there; parts that are not as the standard has them count as absent."""
    features = _part(sheet, "protocolFeatures")
    offered = _list(features, "mobileRobotActions") or _list(features, "agvActions")
    actions = {
        str(item["actionType"]): Offer(
            frozenset(str(scope) for scope in _list(item, "actionScopes")),
            frozenset(str(p.get("key")) for p in _list(item, "actionParameters") if isinstance(p, Mapping)),
        )
        for item in offered
        if isinstance(item, Mapping) and item.get("actionType")
    }
    sets = [s for s in _list(_part(sheet, "loadSpecification"), "loadSets") if isinstance(s, Mapping)]
    return Declared(
        actions=actions or None,
        load_types=tuple(dict.fromkeys(str(s["loadType"]) for s in sets if s.get("loadType"))),
    )


def _part(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = document.get(name)
    return found if isinstance(found, Mapping) else {}


def _list(document: Mapping[str, Any], name: str) -> Sequence[Any]:
    found = document.get(name)
    return found if isinstance(found, list) else ()
