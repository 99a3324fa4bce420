"""The physical world as rows. Who writes what: docs/architecture.md; robot state belongs to link, holds to dispatch."""

from __future__ import annotations

from django.db import models

from fleet.accounts.models import Site, User, public_id


def robot_id() -> str:
    return public_id("rob")


def layout_id() -> str:
    return public_id("lay")


def request_id() -> str:
    return public_id("flr")


def command_id() -> str:
    return public_id("cmd")


def stop_id() -> str:
    return public_id("stp")


class LayoutVersion(models.Model):
    """One immutable version of a site's layout: the canonical JSON of `robots.core.layout.Layout`."""

    public_id = models.CharField(max_length=32, unique=True, default=layout_id, editable=False)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="layouts")
    number = models.PositiveIntegerField()
    document = models.JSONField()
    hash = models.CharField(max_length=64)
    note = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    published_at = models.DateTimeField(null=True, help_text="The newest published version is the one in force.")
    audit = models.JSONField(default=dict, help_text="Verdict of the traffic audit, see `robots.auditing`.")
    accepted_limit = models.PositiveIntegerField(
        null=True, help_text="Robots at once that a person accepted where the audit does not pass for the fleet."
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["site", "number"], name="layout_number_once_per_site")]
        ordering = ["-number"]


class Item(models.Model):
    """What can be carried: a kind of load that people name."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="items")
    slug = models.SlugField(max_length=60)
    name = models.CharField(max_length=80)
    aliases = models.JSONField(default=list)
    unit_mass = models.FloatField(default=10.0, help_text="kg")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["site", "slug"], name="item_slug_once_per_site")]


class Stock(models.Model):
    """How many of an item a station holds. `station` is the station's id in the layout."""

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="stock")
    station = models.CharField(max_length=60)
    quantity = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "station"], name="one_stock_row_per_place")]


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
    interface = models.CharField(max_length=40, default="uagv", help_text="First level of the VDA 5050 topics.")
    protocol = models.CharField(max_length=8, default="2.1.0")
    onboard = models.BooleanField(default=True, help_text="Runs our onboard worker: mission programs, motion lease.")


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
    connection = models.CharField(max_length=20, default="unknown")  # unknown | online | offline | connection_broken
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
    link = models.JSONField(default=dict, help_text="Bookkeeping of the link (header counters, unconfirmed order).")


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


class Command(models.Model):
    """A person's instant action on one robot. Created by web, advanced by link: never "done" on send."""

    public_id = models.CharField(max_length=32, unique=True, default=command_id, editable=False)
    robot = models.ForeignKey(Robot, on_delete=models.CASCADE, related_name="commands")
    kind = models.CharField(max_length=24)  # hold | resume | cancel_order | state_request | factsheet_request
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


class Factsheet(models.Model):
    """Every factsheet a robot sent that differs from the one before."""

    robot = models.ForeignKey(Robot, on_delete=models.CASCADE, related_name="factsheets")
    received_at = models.DateTimeField()
    hash = models.CharField(max_length=64)
    document = models.JSONField()

    class Meta:
        ordering = ["-received_at"]
