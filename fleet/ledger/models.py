"""The audit ledger: append-only, hash-chained. The database computes the chain and refuses changes (migration 0002)."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class Entry(models.Model):
    """One recorded act. `hash` = SHA-256 over the hash before it and the row's canonical text, made by a trigger."""

    seq = models.BigIntegerField(unique=True, db_default=0, help_text="1, 2, 3 ... without a gap, from the trigger.")
    at = models.DateTimeField(db_default=Now(), help_text="When it was recorded; given by the trigger.")
    happened_at = models.DateTimeField(null=True, help_text="When it happened, where that was earlier.")
    site = models.CharField(max_length=40, blank=True, db_index=True)
    actor_kind = models.CharField(max_length=12)  # person | key | system | robot | model
    actor_id = models.CharField(max_length=64, blank=True)
    actor_name = models.CharField(max_length=150, blank=True)
    action = models.CharField(max_length=64, db_index=True)
    target_kind = models.CharField(max_length=32, blank=True)
    target_id = models.CharField(max_length=64, blank=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    reason = models.TextField(blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    result = models.CharField(max_length=16, default="done")  # done | refused | failed
    canonical = models.TextField(db_default="", help_text="The exact text that was hashed.")
    prev_hash = models.CharField(max_length=64, db_default="")
    hash = models.CharField(max_length=64, db_default="")

    class Meta:
        ordering = ["seq"]
        indexes = [models.Index(fields=["site", "-seq"], name="ledger_by_site")]
