"""The link's own rows: who serves which robot, who wants to join, what could not be read, what was refused."""

from __future__ import annotations

from django.db import models

from fleet.accounts.models import Site, User, public_id

from .ground import LayoutVersion
from .robot import Robot, RobotType


def join_id() -> str:
    return public_id("jon")


def refusal_id() -> str:
    return public_id("brr")


def map_file_id() -> str:
    return public_id("map")


class LinkMember(models.Model):
    """A running link process. It serves robots only while its lease has not ended (by the database's clock)."""

    name = models.CharField(max_length=80, unique=True)
    started_at = models.DateTimeField()
    until = models.DateTimeField(help_text="End of its lease; renewed long before.")
    robots = models.PositiveIntegerField(default=0)
    figures = models.JSONField(default=dict, help_text="What it measures of itself: rates, ages, what was dropped.")


class RobotLink(models.Model):
    """Which link serves a robot. Whoever takes it over raises `epoch`; writes with an older one change nothing."""

    robot = models.OneToOneField(Robot, on_delete=models.CASCADE, related_name="served_by", primary_key=True)
    member = models.CharField(max_length=80)
    epoch = models.BigIntegerField(default=1)
    since = models.DateTimeField()


class JoinRequest(models.Model):
    """A robot that speaks on the broker and that nobody has admitted. Link writes what it says, a person decides."""

    public_id = models.CharField(max_length=32, unique=True, default=join_id, editable=False)
    manufacturer = models.CharField(max_length=128)
    serial = models.CharField(max_length=128)
    interface = models.CharField(max_length=80)
    major = models.CharField(max_length=20)
    version = models.CharField(max_length=20, blank=True, help_text="protocol version in its last header")
    connection = models.CharField(max_length=20, default="unknown")
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    factsheet = models.JSONField(null=True)
    position = models.JSONField(null=True, help_text="{x, y, theta, map_id, localized, last_node_id} as it reported")
    problem = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=10, default="waiting")
    """waiting | admitted | refused"""
    robot = models.ForeignKey(Robot, null=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=150, blank=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["manufacturer", "serial"], name="one_join_request_per_robot")]
        ordering = ["-last_at"]


class BadMessage(models.Model):
    """A message of a robot that could not be used, for the engineer. Bounded: see `robots.link_bad`."""

    robot = models.ForeignKey(Robot, null=True, on_delete=models.CASCADE, related_name="bad_messages")
    received_at = models.DateTimeField()
    topic = models.CharField(max_length=300)
    kind = models.CharField(max_length=20, help_text="`ProblemKind`")
    text = models.CharField(max_length=300)
    payload = models.BinaryField(help_text="The first 8 kB.")
    size = models.PositiveIntegerField()
    header_id = models.BigIntegerField(null=True)

    class Meta:
        indexes = [models.Index(fields=["robot", "-received_at"])]
        ordering = ["-received_at", "-id"]


class BrokerRefusal(models.Model):
    """Somebody did at the broker what he may not: wrote as another robot, failed to log in. Stays until looked at."""

    public_id = models.CharField(max_length=32, unique=True, default=refusal_id, editable=False)
    kind = models.CharField(max_length=16)
    """publish (the broker refused it) | subscribe | login | identity (own topic, another's name inside)"""
    user = models.CharField(max_length=128, help_text="Login or client id, as the broker names it.")
    topic = models.CharField(max_length=300, blank=True)
    robot = models.ForeignKey(Robot, null=True, on_delete=models.SET_NULL, related_name="+", help_text="Who did it.")
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    count = models.PositiveIntegerField(default=1)
    seen_at = models.DateTimeField(null=True, help_text="A person has looked at it.")
    seen_by = models.CharField(max_length=150, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "user", "topic"], condition=models.Q(seen_at__isnull=True), name="one_open_refusal_each"
            )
        ]
        ordering = ["-last_at"]


class ZoneSetVersion(models.Model):
    """A VDA 5050 3.0 zone set made from a layout. Immutable under its id (6.4.2)."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="zone_sets")
    zone_set_id = models.CharField(max_length=80, unique=True)
    map_id = models.CharField(max_length=60)
    layout = models.ForeignKey(LayoutVersion, on_delete=models.CASCADE, related_name="+")
    zone_types = models.JSONField(default=list, help_text="Types in it: a robot gets it only if it supports them all.")
    document = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)


class MapFile(models.Model):
    """A robot map that the fleet hosts: one file per map id, version and robot type (VDA 5050 6.3)."""

    public_id = models.CharField(max_length=32, unique=True, default=map_file_id, editable=False)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="map_files")
    type = models.ForeignKey(
        RobotType, null=True, on_delete=models.PROTECT, related_name="+", help_text="Whose format it is; null: any."
    )
    map_id = models.CharField(max_length=60)
    map_version = models.CharField(max_length=60)
    content = models.BinaryField()
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    offered = models.BooleanField(default=False, help_text="Robots are to load it ahead.")
    enabled = models.BooleanField(default=False, help_text="The version that robots are to drive on.")
    withdrawn_at = models.DateTimeField(null=True, help_text="Robots are to delete it, and get it no more.")
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["site", "map_id", "map_version", "type"], nulls_distinct=False, name="one_file_per_map_version"
            ),
            models.UniqueConstraint(
                fields=["site", "map_id", "type"],
                condition=models.Q(enabled=True),
                nulls_distinct=False,
                name="one_enabled_version_per_map",
            ),
        ]
        ordering = ["map_id", "-created_at"]


class Grant(models.Model):
    """What a robot asked for (a release zone, a replanned path, a corridor) and what it was told. Dispatch writes it.

    `state` granted counts as inside until the robot itself drops the request or says REVOKED (6.4.3).
    """

    robot = models.ForeignKey(Robot, on_delete=models.PROTECT, related_name="grants")
    request_id = models.CharField(max_length=80)
    kind = models.CharField(max_length=12)  # ACCESS | REPLANNING | CORRIDOR
    target = models.CharField(max_length=80, help_text="Zone id, or edge id of a corridor.")
    sequence_id = models.BigIntegerField(null=True, help_text="Of the edge.")
    state = models.CharField(max_length=10)
    """queued | granted | rejected | revoking | ended"""
    reason = models.CharField(max_length=300, blank=True)
    asked_at = models.DateTimeField()
    granted_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True, help_text="When the last answer was posted.")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["robot", "request_id"], condition=models.Q(ended_at__isnull=True), name="one_open_grant_each"
            )
        ]
        ordering = ["id"]
