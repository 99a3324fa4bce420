"""People, roles and keys: one verb, one function, one transaction, one ledger entry. Rights are decided here."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import available_timezones

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from fleet.ledger import services as ledger

from .keys import SHOWN, hash_key, new_secret
from .models import ApiKey, Membership, Planner, Role, Site, User
from .remembered import MEMORY
from .rights import SCOPES, Actor, can, rights_at, rights_of_scopes

By = Actor | str  # a name such as "seed" for our own commands, which run with the rights of the machine's account


def create_user(
    *, username: str, password: str, actor: By, email: str = "", full_name: str = "", superuser: bool = False
) -> User:
    """Add a person without any role. ValidationError: weak password, taken or malformed name."""
    if isinstance(actor, Actor) and not actor.superuser and (superuser or not _configures_somewhere(actor)):
        raise PermissionDenied("Adding people needs the role site_admin; adding a superuser needs a superuser.")
    first, _, last = full_name.strip().partition(" ")
    user = User(username=username, email=email, first_name=first, last_name=last, is_superuser=superuser)
    user.full_clean(exclude=["password"])
    validate_password(password, user)
    user.set_password(password)
    with transaction.atomic():
        user.save()
        after = {"username": username, "superuser": superuser}
        ledger.record(action="user.created", actor=actor, target=("user", user.pk), after=after)
    return user


def set_role(*, user: User, site: Site, role: str | None, actor: By, reason: str = "") -> None:
    """Give `user` one role at `site`; None takes it away. In force from the next request."""
    if isinstance(actor, Actor):
        if not can(actor, "configure", site):
            raise PermissionDenied("Changing roles needs the role site_admin at this site.")
        if actor.kind == "person" and actor.id == str(user.pk) and not actor.superuser:
            raise PermissionDenied("Nobody changes their own role. Ask another site admin.")
    if role is not None and role not in Role.values:
        raise ValidationError(f"{role!r} is not a role. The roles are {', '.join(Role.values)}.")
    with transaction.atomic():
        old = Membership.objects.select_for_update(no_key=True).filter(user=user, site=site).first()
        before = old.role if old else None
        if before == role:
            return
        if role is None:
            Membership.objects.filter(user=user, site=site).delete()
        else:
            Membership.objects.update_or_create(user=user, site=site, defaults={"role": role})
        ledger.record(
            action="role.changed",
            actor=actor,
            site=site,
            target=("user", user.pk),
            before={"username": user.get_username(), "role": before},
            after={"username": user.get_username(), "role": role},
            reason=reason,
        )
        transaction.on_commit(lambda: MEMORY.forget("person", str(user.pk)))


def create_site(*, slug: str, name: str, time_zone: str, actor: By) -> Site:
    """A new, empty site that moves only under supervision. ValidationError: taken or malformed slug, unknown zone."""
    if isinstance(actor, Actor) and not actor.superuser:
        raise PermissionDenied("Adding a site needs a superuser.")
    if time_zone not in available_timezones():
        raise ValidationError(f"{time_zone!r} is not a time zone. Example: Europe/Berlin.")
    site = Site(slug=slug, name=name, time_zone=time_zone)
    site.full_clean()
    with transaction.atomic():
        site.save()
        after = {"name": name, "time_zone": time_zone, "unattended": False}
        ledger.record(action="site.created", actor=actor, site=site, target=("site", site.public_id), after=after)
    return site


def set_reading(
    *, site: Site, actor: By, planner: str | None = None, keeps_feedback: bool | None = None, reason: str = ""
) -> bool:
    """Who reads the site's words ("": the installation's planner) and whether wrong readings may be stored.

    What is None stays. Saying the same again changes nothing and gives False. ValidationError: no such planner.
    """
    if isinstance(actor, Actor) and (actor.kind != "person" or not can(actor, "configure", site)):
        raise PermissionDenied("Changing how words are read needs a person with the role site_admin at this site.")
    if planner is not None and planner not in ("", *Planner.values):
        raise ValidationError(f"{planner!r} is not a planner. The planners are {', '.join(Planner.values)}.")
    wanted = {"planner": planner, "keeps_feedback": keeps_feedback}
    with transaction.atomic():
        found = Site.objects.select_for_update(no_key=True).get(pk=site.pk)
        before = {name: getattr(found, name) for name in wanted}
        changed = {name: value for name, value in wanted.items() if value is not None and value != before[name]}
        if changed:
            Site.objects.filter(pk=site.pk).update(**changed)
            ledger.record(
                action="site.reading_changed",
                actor=actor,
                site=site,
                target=("site", site.public_id),
                before={name: before[name] for name in changed},
                after=changed,
                reason=reason,
            )
    for name, value in {**before, **changed}.items():
        setattr(site, name, value)
    return bool(changed)


def create_key(
    *, site: Site, name: str, scopes: Iterable[str], actor: By, expires_at: datetime | None = None,
    created_by: User | None = None,
) -> tuple[ApiKey, str]:  # fmt: skip
    """A new key and its secret, which is shown this once and kept nowhere. Nobody gives a key more than they have."""
    wanted = sorted(set(scopes))
    if unknown := [scope for scope in wanted if scope not in SCOPES]:
        raise ValidationError(f"{', '.join(unknown)}: no such scope. The scopes are {', '.join(SCOPES)}.")
    if not wanted or not name.strip():
        raise ValidationError("A key needs a name and at least one scope.")
    if expires_at is not None and expires_at <= timezone.now():
        raise ValidationError("expires_at must lie in the future.")
    if isinstance(actor, Actor):
        if not can(actor, "keys", site):
            raise PermissionDenied("Making keys needs the role site_admin or integrator at this site.")
        if beyond := rights_of_scopes(frozenset(wanted)) - rights_at(actor, site):
            raise PermissionDenied(f"You do not have the right {', '.join(sorted(beyond))} yourself, so a key cannot.")
    secret = new_secret()
    with transaction.atomic():
        key = ApiKey.objects.create(
            site=site, name=name.strip(), prefix=secret[:SHOWN], hash=hash_key(secret), scopes=wanted,
            expires_at=expires_at, created_by=created_by,
        )  # fmt: skip
        after = {"name": key.name, "scopes": wanted, "expires_at": expires_at.isoformat() if expires_at else None}
        ledger.record(action="key.created", actor=actor, site=site, target=("key", key.public_id), after=after)
    return key, secret


def revoke_key(*, key: ApiKey, actor: By, reason: str = "") -> None:
    """End a key for good, from its next request on. Revoking again changes nothing."""
    if isinstance(actor, Actor) and not can(actor, "keys", key.site):
        raise PermissionDenied("Revoking keys needs the role site_admin or integrator at this site.")
    now = timezone.now()
    with transaction.atomic():
        if not ApiKey.objects.filter(pk=key.pk, revoked_at__isnull=True).update(revoked_at=now):
            return
        target = ("key", key.public_id)
        after = {"name": key.name}
        ledger.record(action="key.revoked", actor=actor, site=key.site, target=target, after=after, reason=reason)
    key.revoked_at = now
    MEMORY.forget("key", key.public_id)


def _configures_somewhere(actor: Actor) -> bool:
    return any(can(actor, "configure", site_id) for site_id in actor.site_ids)
