"""People, the sites they work at, and the keys programs use."""

from __future__ import annotations

import secrets
from zoneinfo import ZoneInfo

from django.contrib.auth.models import AbstractUser
from django.db import models


def public_id(prefix: str) -> str:
    """An opaque id such as `mis_x7Kq…`: 96 random bits, so that it cannot be guessed or counted."""
    return f"{prefix}_{secrets.token_urlsafe(12).replace('-', 'a').replace('_', 'b')}"


def site_id() -> str:
    return public_id("sit")


def key_id() -> str:
    return public_id("key")


class Role(models.TextChoices):
    """What a person may do at one site; `fleet.accounts.access` holds the table of rights."""

    VIEWER = "viewer", "Viewer"
    SUPERVISOR = "supervisor", "Supervisor"
    SITE_ADMIN = "site_admin", "Site admin"
    ML_ENGINEER = "ml_engineer", "ML engineer"
    INTEGRATOR = "integrator", "Integrator"
    AUDITOR = "auditor", "Auditor"


class Planner(models.TextChoices):
    """Who may read a site's words. Blank: whoever reads for the whole installation (`YARDMASTER_PLANNER`)."""

    COMPACT = "compact", "Compact: our own trained model"
    RULES = "rules", "Rules: deterministic, no model"
    QWEN = "qwen", "Qwen: a language model from a folder on this machine"
    ENDPOINT = "endpoint", "Endpoint: a language model on a server"


class User(AbstractUser):
    theme = models.CharField(
        max_length=8, default="auto", choices=[("auto", "Auto"), ("light", "Light"), ("dark", "Dark")]
    )
    language = models.CharField(max_length=8, blank=True, default="", help_text="Blank: what the browser asks for.")
    shortcuts = models.BooleanField(default=True, help_text="Single-key shortcuts (WCAG 2.1.4 wants a switch).")


class Site(models.Model):
    public_id = models.CharField(max_length=32, unique=True, default=site_id, editable=False)
    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    time_zone = models.CharField(max_length=64, default="UTC")
    planner = models.CharField(max_length=40, blank=True, default="", choices=Planner.choices)
    keeps_feedback = models.BooleanField(
        default=False, help_text="People may store texts that were read wrongly, as evaluation data."
    )
    unattended = models.BooleanField(
        default=False, help_text="Robots may move while no supervisor is signed in. Off: the motion lease needs one."
    )
    supervised_at = models.DateTimeField(null=True, editable=False, help_text="Last sign of life of a supervisor.")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


class Membership(models.Model):
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "site"], name="one_role_per_site")]


class ApiKey(models.Model):
    """A program's key: only its SHA-256 is kept; bound to one site; acts with its scopes and nothing else."""

    public_id = models.CharField(max_length=32, unique=True, default=key_id, editable=False)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="keys")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12, help_text="First characters, so that a person can tell keys apart.")
    hash = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)


class IdempotencyRecord(models.Model):
    """The stored reply to a POST that may move a robot, committed with its effect. Kept for 24 h."""

    caller = models.CharField(max_length=80)
    method = models.CharField(max_length=8)
    path = models.CharField(max_length=200)
    key = models.CharField(max_length=128)
    body_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField(default=dict, help_text="Location and ETag of the reply.")
    response = models.JSONField(null=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["caller", "method", "path", "key"], name="one_reply_per_idempotency_key")
        ]
