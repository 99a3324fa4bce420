"""How times, amounts and readings are written on pages."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext

from fleet.accounts.models import Site
from fleet.language import said as edge

from .. import readings

register = template.Library()
BARS = 5
DAY = {"de": "%d.%m.%Y"}


@register.filter
def said(text: object) -> str:
    """A sentence of our own code in the reader's language; other text as it is."""
    return "" if text is None else edge.said(text)


@register.filter
def all_said(words: list[str] | tuple[str, ...]) -> list[str]:
    """As `said`, for each word of a list."""
    return edge.all_said(words)


@register.filter
def roles(text: str) -> str:
    """Names of roles joined by "or", in the reader's language."""
    return edge.roles(text)


@register.filter
def asked(text: str | None, reason: str | None) -> str:
    """A reader's question or refusal, by its sentence or else by its reason code."""
    return edge.question(reason, text)


@register.filter
def result_words(result: dict[str, Any] | None) -> str:
    """What a step found or did."""
    return readings.result_words(result) if result else ""


@register.filter
def readback_of(kept: Any, site: Site) -> str:
    """The plan of a mission or of an interpretation, read back in the reader's language."""
    return readings.readback_of(kept, site)


@register.filter
def at(table: dict[Any, Any] | None, key: Any) -> Any:
    """The entry of a table, or nothing."""
    return (table or {}).get(key, "")


@register.filter
def clock(moment: datetime | None, site: Site | None = None) -> SafeString | str:
    """14:02 in the site's zone (with the date when it is not today's), the full time with its offset on hover."""
    if moment is None:
        return ""
    local = moment.astimezone(site.zone) if site else moment
    return _time(moment, local, "%H:%M")


@register.filter
def clock_s(moment: datetime | None, site: Site | None = None) -> SafeString | str:
    """As `clock`, to the second."""
    if moment is None:
        return ""
    local = moment.astimezone(site.zone) if site else moment
    return _time(moment, local, "%H:%M:%S")


@register.filter
def day_clock(moment: datetime | None, site: Site | None = None) -> SafeString | str:
    if moment is None:
        return ""
    local = moment.astimezone(site.zone) if site else moment
    return _time(moment, local, DAY.get(get_language() or "", "%Y-%m-%d") + " %H:%M:%S")


def _time(moment: datetime, local: datetime, form: str) -> SafeString:
    full = local.strftime(DAY.get(get_language() or "", "%Y-%m-%d") + " %H:%M:%S %z")
    return format_html('<time datetime="{}" title="{}">{}</time>', moment.isoformat(), full, local.strftime(form))


@register.filter
def seconds(value: float | None) -> str:
    """A length of time as people say it: 42 s, 3 min, 1 h 5 min."""
    if value is None:
        return ""
    whole = max(0, int(value))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


@register.filter
def between(end: datetime | None, start: datetime | None) -> str:
    return seconds((end - start).total_seconds()) if end and start else ""


@register.filter
def plain(word: str) -> str:
    """A code as words: `step_done` -> `step done`."""
    return str(word).replace("_", " ")


@register.filter
def compact_json(value: Any) -> str:
    return "" if value in (None, {}, []) else json.dumps(value, ensure_ascii=False, sort_keys=True)


@register.filter
def pretty_json(value: Any) -> str:
    """A document as people read it, one value a line."""
    return json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True)


@register.simple_tag
def confidence_bars(value: float | None, level: str) -> SafeString:
    """Five bars; the number is only in the tooltip of what surrounds it."""
    lit = round((value or 0.0) * BARS) if isinstance(value, int | float) else 0
    lit = {"low": min(lit, 2), "medium": min(max(lit, 2), 4), "high": max(lit, 4)}.get(level, lit)
    rows = ((i * 10, "on" if i < lit else "off") for i in range(BARS))
    bars = format_html_join("", '<rect x="{}" y="0.5" width="8" height="9" class="{}"/>', rows)
    return format_html('<svg viewBox="0 0 50 10" aria-hidden="true">{}</svg>', bars)


@register.simple_tag
def marked_text(text: str, slots: list[dict[str, Any]], ignored: list[dict[str, Any]]) -> SafeString:
    """The text as typed: understood words underlined in the pattern of their chip, ignored words dotted."""
    spans = [
        (*slot["span"], "slot", slot["mark"], str(slot.get("label", "")), str(slot.get("name", "")), number)
        for number, slot in enumerate(slots)
        if slot.get("span")
    ]
    spans += [(part["start"], part["end"], "ignored", "", gettext("not understood"), "", -1) for part in ignored]
    out, at = [], 0
    for start, end, kind, mark, label, name, number in sorted(spans):
        if start < at or end <= start or end > len(text):
            continue
        out.append(format_html("{}", text[at:start]))
        if kind == "slot":
            words = '<u data-mark="{}" data-kind="{}" data-of="{}" title="{}">{}</u>'
            out.append(format_html(words, mark, name, number, label, text[start:end]))
        else:
            out.append(format_html('<s title="{}">{}</s>', label, text[start:end]))
        at = end
    out.append(format_html("{}", text[at:]))
    return mark_safe("".join(out))  # noqa: S308 (every part was escaped by format_html)
