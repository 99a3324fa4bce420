"""Messages that leave because a row was committed."""

from __future__ import annotations

from django.db import models


class Message(models.Model):
    """One message to send. At-least-once: every receiver is idempotent by the key inside the payload."""

    kind = models.CharField(max_length=8)  # mqtt | celery
    key = models.CharField(max_length=160, blank=True, help_text="What it is about; one unsent row per key and kind.")
    payload = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(auto_now_add=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["kind", "id"], name="outbox_unsent", condition=models.Q(sent_at__isnull=True)),
            models.Index(fields=["sent_at"], name="outbox_sent"),
        ]
