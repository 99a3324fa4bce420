"""Robots as people configured them and as they report themselves. State belongs to link."""

from __future__ import annotations

from django.db import models

from fleet.accounts.models import Site, public_id


def robot_id() -> str:
    return public_id("rob")


def command_id() -> str:
    return public_id("cmd")


class RobotType(models.Model):
    """A type of mobile robot: what it is, what it can do, and how its VDA 5050 differs from the text."""

    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    embodiment = models.CharField(max_length=20)  # cart | forklift | arm
    skills = models.JSONField(default=list)  # move pick drop scan inspect charge
    max_speed = models.FloatField(help_text="m/s")
    max_rotation = models.FloatField(default=1.2, help_text="rad/s")
    length = models.FloatField(help_text="m")
    width = models.FloatField(help_text="m")
    max_payload = models.FloatField(help_text="kg")
    capacity = models.PositiveSmallIntegerField(default=1, help_text="Units carried at once.")
    onboard = models.BooleanField(default=True, help_text="Runs our onboard worker: mission programs, motion lease.")
    protocol = models.CharField(max_length=8, default="2.1.0", help_text="The VDA 5050 version that is sent to it.")
    # How its VDA 5050 differs from the text; meaning and limits: `robots.core.vda5050.quirks`.
    interface = models.CharField(max_length=80, default="uagv", help_text="Topic levels before the version.")
    major = models.CharField(max_length=20, blank=True, help_text="Topic level of the version; empty: v and its major.")
    accepts = models.JSONField(
        default=list, blank=True, help_text='Versions it may send, as "2.0"; empty: its protocol\'s major.'
    )
    qos = models.JSONField(default=dict, blank=True, help_text='Topic -> quality of service, as {"order": 1}.')
    completion = models.CharField(max_length=12, default="standard", help_text="standard | last_node | actions")
    ignored_rejections = models.JSONField(
        default=list, blank=True, help_text="errorTypes of it that are no refusal of an order."
    )
    numeric_ids = models.BooleanField(default=False, help_text="It takes only digits as ids.")
    deviation_padding = models.FloatField(default=0.0, help_text="m added to every allowed deviation.")
    omit = models.JSONField(
        default=list,
        blank=True,
        help_text="Parts not sent: deviation, theta, horizon, descriptors, speed.",
    )
    words = models.JSONField(
        default=dict,
        blank=True,
        help_text='Values of action parameters as it knows them: {"loadType": {"totes": "EPAL", "*": "EPAL"}}.',
    )
    trust_factsheet = models.BooleanField(default=True, help_text="Send only what its factsheet declares.")


class Robot(models.Model):
    """A robot as people configured it. Its live state is `RobotState`."""

    public_id = models.CharField(max_length=32, unique=True, default=robot_id, editable=False)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="robots")
    type = models.ForeignKey(RobotType, on_delete=models.PROTECT)
    serial = models.CharField(max_length=60)
    manufacturer = models.CharField(max_length=60)
    name = models.CharField(max_length=60)
    aliases = models.JSONField(default=list)
    home = models.CharField(max_length=60, blank=True, help_text="Node it returns to.")
    login = models.CharField(max_length=64, blank=True, help_text="Its user at the broker; empty: its serial.")
    certificate = models.CharField(max_length=64, blank=True, help_text="SHA-256 of its client certificate.")
    in_service = models.BooleanField(default=True)
    live_index = models.PositiveIntegerField(help_text="Its number in the binary live frames; never reused at a site.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            # whoever made it: a stop, the broker and the task queues know a robot by its serial alone
            models.UniqueConstraint(fields=["serial"], name="one_robot_per_serial"),
            models.UniqueConstraint(fields=["site", "live_index"], name="live_index_once_per_site"),
        ]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class RobotState(models.Model):
    """What the robot last said. Written by link only. Times are receipt times on the server."""

    robot = models.OneToOneField(Robot, on_delete=models.CASCADE, related_name="state", primary_key=True)
    version = models.BigIntegerField(default=0, help_text="Grows with every write; readers ask for what is newer.")
    connection = models.CharField(max_length=20, default="unknown")
    """unknown | online | offline | hibernating | connection_broken"""
    connection_at = models.DateTimeField(null=True)
    state_at = models.DateTimeField(null=True)
    visualization_at = models.DateTimeField(null=True)
    operating_mode = models.CharField(max_length=16, blank=True)
    x = models.FloatField(null=True)
    y = models.FloatField(null=True)
    theta = models.FloatField(null=True)
    map_id = models.CharField(max_length=60, blank=True)
    localized = models.BooleanField(default=False)
    battery = models.FloatField(null=True, help_text="percent")
    charging = models.BooleanField(default=False)
    driving = models.BooleanField(default=False)
    paused = models.BooleanField(default=False)
    physical_stop = models.CharField(max_length=12, default="NONE", help_text="activeEmergencyStop, as reported.")
    field_violation = models.BooleanField(default=False)
    order_id = models.CharField(max_length=80, blank=True)
    order_update_id = models.BigIntegerField(default=0)
    last_node_id = models.CharField(max_length=60, blank=True)
    last_node_sequence_id = models.BigIntegerField(default=0)
    node_states = models.JSONField(default=list)
    action_states = models.JSONField(default=list)
    loads = models.JSONField(null=True, help_text="Null = unknown, [] = unloaded (VDA 5050 7.8).")
    errors = models.JSONField(default=list)
    new_base_request = models.BooleanField(default=False)
    problem = models.CharField(max_length=300, blank=True, help_text="What was wrong with its last bad message.")
    problem_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True, help_text="By the robot's clock; nothing is decided by it.")
    clock_offset = models.FloatField(null=True, help_text="s its clock is ahead of ours, estimated.")
    clock_spread = models.FloatField(null=True, help_text="s, how sure `clock_offset` is.")
    protocol = models.CharField(max_length=8, blank=True, help_text="The version in the header of its last state.")
    information = models.JSONField(default=list, help_text="For people only, never for logic (VDA 5050 6.6.4).")
    maps = models.JSONField(default=list, help_text="[{map_id, map_version, status}]")
    zone_sets = models.JSONField(default=list, help_text="[{zone_set_id, map_id, status}]")
    zone_requests = models.JSONField(
        default=list, help_text="[{request_id, kind, zone_id, zone_set_id, status, trajectory}]"
    )
    edge_requests = models.JSONField(default=list, help_text="[{request_id, kind, edge_id, sequence_id, status}]")
    planned_path = models.JSONField(default=list, help_text="[[x, y], ...] in m, sampled from its NURBS.")
    intermediate_path = models.JSONField(default=list, help_text="[[x, y, eta or null], ...]")
    link = models.JSONField(default=dict, help_text="Bookkeeping of the link (header counters, unconfirmed order).")


class Command(models.Model):
    """A person's instant action on one robot. Created by web, advanced by link: never "done" on send."""

    public_id = models.CharField(max_length=32, unique=True, default=command_id, editable=False)
    robot = models.ForeignKey(Robot, on_delete=models.CASCADE, related_name="commands")
    kind = models.CharField(max_length=24)
    """hold | resume, or a kind of `robots.core.commands.RULES`"""
    parameters = models.JSONField(default=dict)
    action_id = models.CharField(max_length=64, unique=True)
    state = models.CharField(max_length=12, default="created")  # created sent acknowledged effective failed timed_out
    actor = models.CharField(max_length=150)
    reason = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-id"]


class Factsheet(models.Model):
    """Every factsheet a robot sent that differs from the one before."""

    robot = models.ForeignKey(Robot, on_delete=models.CASCADE, related_name="factsheets")
    received_at = models.DateTimeField()
    version = models.CharField(max_length=8, default="2.1.0", help_text="The VDA 5050 version it is written in.")
    hash = models.CharField(max_length=64)
    document = models.JSONField()

    class Meta:
        ordering = ["-received_at"]
