"""One dispatch leader per site: a lease row with a fencing number. A stale leader cannot commit, so cannot send."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from fleet.accounts.models import Site

from .models import DispatchLease

LEASE = timedelta(seconds=3)
"""A standby looks every second, so it leads at the latest 4 s after its predecessor was killed."""


class LostLease(RuntimeError):
    """Another process leads this site now: drop everything in memory."""


@transaction.atomic
def acquire(site: Site, holder: str, now: datetime) -> int | None:
    """The epoch if `holder` leads from now on; None while another's lease still runs. Taking over raises the epoch."""
    DispatchLease.objects.get_or_create(site=site, defaults={"holder": "", "expires_at": now})
    lease = DispatchLease.objects.select_for_update().get(site=site)
    if lease.holder != holder and lease.expires_at > now:
        return None
    lease.holder, lease.epoch, lease.expires_at = holder, lease.epoch + 1, now + LEASE
    lease.save()
    return lease.epoch


def renew(site: Site, holder: str, epoch: int, now: datetime) -> None:
    """Extend the lease inside the caller's transaction: its row lock fences this commit. Raises LostLease."""
    mine = DispatchLease.objects.filter(site=site, holder=holder, epoch=epoch)
    if not mine.update(expires_at=now + LEASE):
        raise LostLease(f"{holder} no longer leads site {site.slug} (epoch {epoch})")


def give_up(site: Site, holder: str, now: datetime) -> None:
    """Let a standby take over at once (clean stop)."""
    DispatchLease.objects.filter(site=site, holder=holder).update(expires_at=now)
