"""A layout version as a small drawing with what its audit found: plain SVG coordinates, no script needed to see it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from robots.core.layout import Layout, Node

MARGIN: Final = 1.0
MOST_LANES: Final = 8000
"""Beyond that lanes are a grey field at this size; only racks, walls and what was found are drawn."""


def picture(layout: Layout, audit: Mapping[str, Any]) -> dict[str, Any]:
    """Everything in units of the drawing: metres, y downwards from its upper edge."""
    nodes = {node.id: node for node in layout.nodes}
    xs = [n.x for n in layout.nodes] + [r.x for r in layout.racks] + [r.x + r.width for r in layout.racks]
    ys = [n.y for n in layout.nodes] + [r.y for r in layout.racks] + [r.y + r.height for r in layout.racks]
    left, right = min([*xs, 0.0]) - MARGIN, max([*xs, layout.width]) + MARGIN
    low, top = min([*ys, 0.0]) - MARGIN, max([*ys, layout.height]) + MARGIN
    pocket_of = {name: number for number, pocket in enumerate(audit["pockets"]) for name in pocket}
    inner: dict[int, list[tuple[str, str]]] = {}
    for edge in layout.edges:
        number = pocket_of.get(edge.start)
        if number is not None and pocket_of.get(edge.end) == number:
            inner.setdefault(number, []).append((edge.start, edge.end))

    def at(node: Node) -> str:
        return f"{node.x - left:.2f} {top - node.y:.2f}"

    def lines(pairs: Iterable[tuple[str, str]]) -> str:
        known = ((nodes[a], nodes[b]) for a, b in dict.fromkeys(pairs) if a in nodes and b in nodes)
        return "".join(f"M{at(a)}L{at(b)}" for a, b in known)

    def dots(names: Iterable[str]) -> str:
        return "".join(f"M{at(nodes[name])}h0" for name in names if name in nodes)

    size = max(right - left, top - low)
    advice = audit["advice"]
    few = len(layout.edges) <= MOST_LANES
    return {
        "width": round(right - left, 2),
        "height": round(top - low, 2),
        "stroke": round(size / 400, 3),
        "dot": round(min(0.9, size / 40), 3),
        "band": round(min(0.6, size / 60), 3),
        "racks": [
            (round(r.x - left, 2), round(top - r.y - r.height, 2), round(r.width, 2), round(r.height, 2))
            for r in layout.racks
        ],
        "walls": "".join(
            f"M{w.x1 - left:.2f} {top - w.y1:.2f}L{w.x2 - left:.2f} {top - w.y2:.2f}" for w in layout.walls
        ),
        "lanes": lines({(min(e.start, e.end), max(e.start, e.end)): None for e in layout.edges}) if few else "",
        "pockets": [
            {"names": ", ".join(pocket[:12]), "dots": dots(pocket), "lanes": lines(inner.get(number, ()))}
            for number, pocket in enumerate(audit["pockets"])
        ],
        "traps": dots(audit["traps"]),
        "advice": lines([(advice["from"], advice["to"])]) if advice else "",
    }
