"""What dispatch granted, what people ask of the floor, and stops. Holds belong to the dispatch leader."""

from __future__ import annotations

from django.db import models

from fleet.accounts.models import Site, public_id

from .ground import LayoutVersion
from .robot import Robot


def request_id() -> str:
    return public_id("flr")


def stop_id() -> str:
    return public_id("stp")


class RobotTraffic(models.Model):
    """What dispatch has granted: the base is irrevocable, the horizon is not. Written by the dispatch leader only."""

    robot = models.OneToOneField(Robot, on_delete=models.CASCADE, related_name="traffic", primary_key=True)
    order_id = models.CharField(max_length=80, blank=True)
    order_update_id = models.BigIntegerField(default=0)
    order = models.JSONField(null=True, help_text="The last order or update sent, in our words, to stitch the next.")
    base = models.JSONField(default=list, help_text="Released visits: [{seq, node, ...}].")
    horizon = models.JSONField(default=list, help_text="Node ids planned beyond the base.")
    goal = models.CharField(max_length=60, blank=True)
    leg = models.JSONField(null=True, help_text="What is done at the goal: {order, goal, actions, first, speed}.")
    waiting = models.JSONField(null=True, help_text="Why it does not move: {kind, resource, holder, since, text}.")
    epoch = models.BigIntegerField(default=0, help_text="Fencing number of the leader that wrote it.")
    updated_at = models.DateTimeField(null=True)


class SiteTraffic(models.Model):
    """What a restart of dispatch needs: `Traffic.snapshot()` of one site, fenced by the leader's epoch."""

    site = models.OneToOneField(Site, on_delete=models.CASCADE, related_name="traffic", primary_key=True)
    layout = models.ForeignKey(LayoutVersion, on_delete=models.PROTECT)
    snapshot = models.JSONField(default=dict)
    epoch = models.BigIntegerField(default=0)
    updated_at = models.DateTimeField()


class ResourceHold(models.Model):
    """One row per held resource. The constraint is what makes giving it twice impossible, even by a bug."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE)
    resource = models.CharField(max_length=120)
    robot = models.ForeignKey(Robot, on_delete=models.PROTECT, related_name="holds")
    epoch = models.BigIntegerField(help_text="Fencing number of the leader that granted it.")
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["site", "resource"], name="one_holder_per_resource")]


class FloorRequest(models.Model):
    """What a person or a system wants of the floor. Web writes it, the dispatch leader applies it and says the outcome.

    `target` by kind: a zone's id (close_zone, open_zone), a door's (take_door, give_back_door), a node's or an edge's
    (block, clear), a robot's serial (free_ahead, retire). The last two take what was granted without evidence from the
    robot, so they are applied only when a second person has confirmed them.
    """

    KINDS = (
        "close_zone", "open_zone", "take_door", "give_back_door", "block", "clear", "free_ahead", "retire",
    )  # fmt: skip
    TWO_PERSONS = ("free_ahead", "retire")

    public_id = models.CharField(max_length=32, unique=True, default=request_id, editable=False)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="floor_requests")
    kind = models.CharField(max_length=16)
    target = models.CharField(max_length=60)
    data = models.JSONField(
        default=dict, help_text="take_door, block: {until: seconds of the epoch}; free_ahead: {at}."
    )
    actor = models.CharField(max_length=150)
    reason = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, help_text="Until when a second person may confirm.")
    confirmed_by = models.CharField(max_length=150, blank=True)
    confirmed_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    applied_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-id"]


class StopLatch(models.Model):
    """A software stop that stays until a person resumes. Journalled by web before, written here after."""

    public_id = models.CharField(max_length=32, unique=True, default=stop_id, editable=False)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="stops")
    scope = models.CharField(max_length=8)  # site | zone | robot
    zone = models.CharField(max_length=60, blank=True)
    serials = models.JSONField(default=list, help_text="Robots it ever held.")
    held = models.JSONField(default=list, help_text="Robots it still holds; empty once everybody was resumed.")
    reason = models.CharField(max_length=300, blank=True)
    requested_at = models.DateTimeField()
    requested_by = models.CharField(max_length=150)
    confirmed = models.JSONField(default=dict, help_text="serial -> time of the robot's own confirmation.")
    released_at = models.DateTimeField(null=True)
    released_by = models.CharField(max_length=150, blank=True)
    release_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-requested_at"]
