"""What the composer remembers: the last texts of each person, and templates with placeholders.

Both belong to one site. A template is its owner's until it is shared; then everybody who dispatches there may use it,
and its owner or a site admin may rename or delete it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from fleet.accounts.access import Actor, can
from fleet.accounts.models import Site, User
from fleet.ledger.services import record
from inference.contract import Vocabulary

from .core.placeholders import kind_of, placeholders
from .errors import PhraseRefused
from .models import ComposerText, MissionTemplate

KEPT = 30
MAX_TEMPLATES = 100
MAX_NAME, MAX_TEXT = 60, 1000


def remember(*, user: User, site: Site, text: str, now: datetime) -> None:
    """Put a text first among the person's own; the oldest beyond KEPT are forgotten."""
    mine = ComposerText.objects.filter(user=user, site=site)
    with transaction.atomic():
        mine.filter(text=text).delete()
        ComposerText.objects.create(user=user, site=site, text=text, used_at=now)
        old = list(mine.values_list("pk", flat=True)[KEPT:])
        ComposerText.objects.filter(pk__in=old).delete()


def history(user: User, site: Site) -> list[str]:
    """The person's last texts at the site, oldest first."""
    return list(ComposerText.objects.filter(user=user, site=site).values_list("text", flat=True)[:KEPT])[::-1]


def forget(*, user: User, site: Site) -> None:
    ComposerText.objects.filter(user=user, site=site).delete()


def templates(user: User, site: Site) -> QuerySet[MissionTemplate]:
    """Those this person may use: their own and the shared ones."""
    return MissionTemplate.objects.filter(Q(owner=user) | Q(shared=True), site=site).select_related("owner")


def may_change(template: MissionTemplate, actor: Actor) -> bool:
    own = actor.kind == "person" and str(template.owner_id) == actor.id
    return own or (template.shared and can(actor, "configure", template.site))


def save(*, site: Site, owner: User, name: str, text: str, shared: bool, actor: Actor) -> MissionTemplate:
    """A new template. The same name and text again gives the one there is. Raises PhraseRefused."""
    name, text = _name(name), text.replace("\0", "").strip()
    if not text or len(text) > MAX_TEXT:
        raise PhraseRefused(f"A template needs a text of at most {MAX_TEXT} characters.")
    with transaction.atomic():
        Site.objects.select_for_update(no_key=True).get(pk=site.pk)
        mine = MissionTemplate.objects.filter(site=site, owner=owner)
        if (same := mine.filter(name=name, text=text, shared=shared).first()) is not None:
            return same
        if mine.count() >= MAX_TEMPLATES:
            raise PhraseRefused(f"You have {MAX_TEMPLATES} templates here. Delete one first.")
        made = MissionTemplate.objects.create(site=site, owner=owner, name=name, text=text, shared=shared)
        if shared:
            _note("template.shared", made, actor, {"name": name, "text": text})
    return made


def rename(*, template: MissionTemplate, name: str, actor: Actor) -> None:
    """Raises PhraseRefused for a name that is none, or where it is somebody else's."""
    name = _name(name)
    _demand(template, actor)
    if template.name == name:
        return
    with transaction.atomic():
        MissionTemplate.objects.filter(pk=template.pk).update(name=name)
        if template.shared:
            _note("template.renamed", template, actor, {"from": template.name, "to": name})
    template.name = name


def delete(*, template: MissionTemplate, actor: Actor) -> None:
    _demand(template, actor)
    with transaction.atomic():
        if template.shared:
            _note("template.deleted", template, actor, {"name": template.name, "text": template.text})
        template.delete()


def card(template: MissionTemplate, actor: Actor, vocabulary: Vocabulary) -> dict[str, Any]:
    """A template as the composer lists it: with a field, and its suggestions, for each placeholder."""
    groups = {"place": vocabulary.places, "item": vocabulary.items, "robot": vocabulary.robots}
    fields = [{"name": name, "kind": kind_of(name)} for name in placeholders(template.text)]
    for field in fields:
        named = groups.get(field["kind"], ())
        field["options"] = sorted({n.name for n in named})  # type: ignore[assignment]
    return {
        "id": template.public_id, "name": template.name, "text": template.text, "shared": template.shared,
        "owner": template.owner.get_username(), "mine": str(template.owner_id) == actor.id,
        "may_change": may_change(template, actor), "fields": fields,
    }  # fmt: skip


def _name(name: str) -> str:
    name = " ".join(name.replace("\0", "").split())
    if not name or len(name) > MAX_NAME:
        raise PhraseRefused(f"A template needs a name of at most {MAX_NAME} characters.")
    return name


def _demand(template: MissionTemplate, actor: Actor) -> None:
    if not may_change(template, actor):
        raise PhraseRefused("Only its owner changes a template; a shared one also the site admin.")


def _note(action: str, template: MissionTemplate, actor: Actor, after: dict[str, Any]) -> None:
    record(action=action, actor=actor, site=template.site.slug, target=("template", template.public_id), after=after)
