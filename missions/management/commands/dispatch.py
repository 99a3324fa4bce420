"""`manage.py dispatch`: leads every site whose lease is free, wakes on notifications, and sends mission programs."""

from __future__ import annotations

import gc
import logging
import os
import secrets
import signal
import socket
import threading
import time
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError, InterfaceError, close_old_connections
from django.utils import timezone

from fleet import progress
from fleet.accounts.models import Site
from fleet.listen import Listener
from missions import lease
from missions.dispatcher import SiteDispatcher
from missions.sending import ProgramSender
from missions.services import DISPATCH_CHANNEL

log = logging.getLogger(__name__)

PERIOD_S = 1.0
LOOK_FOR_SITES_S = 1.0
UNREADABLE_S = 15.0
"""A site whose record cannot be read is left alone for so long; another make of dispatch may be able to."""


class Command(BaseCommand):
    help = "Allocation and traffic: turns approved missions into orders. One leader per site; run two for a standby."

    def handle(self, *args: Any, **options: Any) -> None:
        runner = Runner()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: runner.stop.set())
        runner.run()


class Runner:
    """The loop: at most one second between two cycles, at once when something was said."""

    def __init__(self) -> None:
        self.stop = threading.Event()
        # two containers may share host name and process id; a lease must know them apart
        self.holder = f"{socket.gethostname()}:{secrets.token_hex(4)}:{os.getpid()}"
        self.sites: dict[int, SiteDispatcher] = {}
        self.looked = float("-inf")
        self.unreadable: dict[int, float] = {}

    def run(self) -> None:
        listener = Listener(DISPATCH_CHANNEL)
        sender = ProgramSender(self.stop)
        sender.start()
        self.turn()
        gc.freeze()  # road map and tables stay: a full collection in mid-cycle would cost milliseconds
        while not self.stop.is_set():
            self.turn()
            progress.beat("dispatch")
            listener.wait(PERIOD_S)
        for dispatcher in self.sites.values():
            lease.give_up(dispatcher.site, self.holder, timezone.now())
        sender.join(timeout=3)
        listener.close()

    def turn(self) -> None:
        """One cycle of every site we lead; a site whose cycle fails is read anew from the database."""
        try:
            self._lead()
        except (DatabaseError, InterfaceError) as error:
            log.warning("database not reachable: %s", error)
            close_old_connections()
            return
        for pk, dispatcher in list(self.sites.items()):
            try:
                dispatcher.cycle(timezone.now())
            except lease.LostLease as lost:
                log.warning("%s", lost)
                del self.sites[pk]
            except (DatabaseError, InterfaceError) as error:
                # nothing of this cycle was written, so nothing was sent; memory may be ahead of the rows
                log.warning("cycle of %s not committed: %s", dispatcher.site.slug, error)
                close_old_connections()
                self._reload(pk, dispatcher)
            except Exception:
                log.exception("cycle of %s failed", dispatcher.site.slug)
                self._reload(pk, dispatcher)

    def _reload(self, pk: int, dispatcher: SiteDispatcher) -> None:
        try:
            dispatcher.load()
        except Exception:
            log.exception("cannot read site %s back; giving it up", dispatcher.site.slug)
            del self.sites[pk]

    def _lead(self) -> None:
        if time.monotonic() - self.looked < LOOK_FOR_SITES_S:
            return
        self.looked = time.monotonic()
        for site in Site.objects.exclude(pk__in=list(self.sites)):
            if not site.layouts.exclude(published_at=None).exists() or self.unreadable.get(site.pk, 0.0) > self.looked:
                continue
            epoch = lease.acquire(site, self.holder, timezone.now())
            if epoch is None:
                continue
            dispatcher = SiteDispatcher(site, self.holder, epoch)
            try:
                dispatcher.begin()
            except (DatabaseError, InterfaceError):
                raise
            except Exception:
                # one site must not take the others with it
                log.exception("cannot read site %s; giving it up", site.slug)
                self.unreadable[site.pk] = self.looked + UNREADABLE_S
                lease.give_up(site, self.holder, timezone.now())
                continue
            self.sites[site.pk] = dispatcher
            log.info("leading site %s, epoch %d", site.slug, epoch)
