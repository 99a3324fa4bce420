"""What people want, as rows. New missions and intents are inserted by web; everything after is written by dispatch."""

from __future__ import annotations

from django.db import models

from fleet.accounts.models import Site, User, public_id
from robots.models import LayoutVersion, Robot


def mission_id() -> str:
    return public_id("mis")


def interpretation_id() -> str:
    return public_id("int")


def attempt_id() -> str:
    return public_id("att")


def template_id() -> str:
    return public_id("tpl")


def feedback_id() -> str:
    return public_id("fbk")


class Interpretation(models.Model):
    """One reading of one text: what was understood, checked and shown. Dispatch binds to it by id, hash and expiry.

    Tainted (`tainted` is not empty) are words the requester did not write. Such a reading is dispatched by a person
    only; `asked_at` says since when a program has waited for that, `approves` which waiting reading this one is for.
    """

    public_id = models.CharField(max_length=32, unique=True, default=interpretation_id, editable=False)
    site = models.ForeignKey(Site, on_delete=models.CASCADE)
    text = models.TextField()
    requested_by = models.CharField(max_length=150)
    decision = models.CharField(max_length=8)  # plan | ask | refuse
    level = models.CharField(max_length=8)  # high | medium | low
    draft = models.JSONField(help_text="The planner's PlanDraft, untouched.")
    plan = models.JSONField(null=True)
    violations = models.JSONField(default=list)
    readback = models.TextField(blank=True)
    hash = models.CharField(max_length=64, help_text="Over text, plan and layout version: what the person saw.")
    layout = models.ForeignKey(LayoutVersion, null=True, on_delete=models.PROTECT)
    fallbacks = models.JSONField(default=list, help_text="Planners that gave no answer before this one: planner, why.")
    edits = models.JSONField(default=list, help_text="Answers and changed chips: start, end, id, name.")
    origins = models.JSONField(default=list, help_text="Where the words come from: start, end, origin.")
    tainted = models.JSONField(default=list, help_text="Parts that the requester did not write.")
    asked_at = models.DateTimeField(null=True, db_index=True, help_text="A program asked a person to approve it.")
    settled_at = models.DateTimeField(null=True, help_text="A person approved or declined it.")
    approves = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="readings_for_approval")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()


class Mission(models.Model):
    """`late` is a property (deadline against the clock), never a state. States: `missions.core.lifecycle`."""

    public_id = models.CharField(max_length=32, unique=True, default=mission_id, editable=False)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="missions")
    number = models.PositiveIntegerField(help_text="M-<number>: what people say.")
    state = models.CharField(max_length=12, default="queued", db_index=True)
    text = models.TextField()
    plan = models.JSONField()
    readback = models.TextField()
    interpretation = models.ForeignKey(Interpretation, null=True, on_delete=models.SET_NULL)
    requested_by = models.CharField(max_length=150)
    requested_by_user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    priority = models.SmallIntegerField(default=0, help_text="-1 low, 0 normal, 1 high; then people may fine-tune.")
    pinned_robot = models.ForeignKey(Robot, null=True, on_delete=models.PROTECT, related_name="+")
    not_before = models.DateTimeField(null=True)
    deadline = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    eta = models.DateTimeField(null=True)
    robot = models.ForeignKey(Robot, null=True, on_delete=models.PROTECT, related_name="missions")
    reason = models.CharField(max_length=300, blank=True, help_text="Why it waits, is paused, failed or was cancelled.")
    allocation = models.JSONField(null=True, help_text="Candidates with cost parts: why this robot.")
    repeat_of = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="repeats")
    round = models.PositiveIntegerField(default=1, help_text="Which round of a repeated mission this is.")
    version = models.PositiveIntegerField(default=1, help_text="Compare-and-swap counter.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["site", "number"], name="mission_number_once_per_site")]
        ordering = ["-id"]
        indexes = [models.Index(fields=["site", "state"])]

    @property
    def label(self) -> str:
        return f"M-{self.number}"


class Step(models.Model):
    """One grounded step. States: pending, active, done, skipped, failed, cancelled."""

    mission = models.ForeignKey(Mission, on_delete=models.CASCADE, related_name="steps")
    index = models.PositiveSmallIntegerField()
    op = models.CharField(max_length=12)
    line = models.CharField(max_length=300, help_text="The step read back.")
    payload = models.JSONField(help_text="The plan's step, grounded: station, node, item.")
    state = models.CharField(max_length=12, default="pending")
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    result = models.JSONField(null=True)

    class Meta:
        ordering = ["index"]
        constraints = [models.UniqueConstraint(fields=["mission", "index"], name="step_index_once_per_mission")]


class Attempt(models.Model):
    """One try of one mission on one robot. Runs at most once: its id keys the program, the orders and their actions."""

    public_id = models.CharField(max_length=32, unique=True, default=attempt_id, editable=False)
    mission = models.ForeignKey(Mission, on_delete=models.CASCADE, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    robot = models.ForeignKey(Robot, on_delete=models.PROTECT, related_name="attempts")
    state = models.CharField(max_length=12, default="active")  # active | done | failed | cancelled
    program = models.JSONField(null=True)
    program_sent_at = models.DateTimeField(null=True)
    program_sends = models.PositiveSmallIntegerField(default=0)
    program_accepted_at = models.DateTimeField(null=True)
    memory = models.JSONField(
        default=dict, help_text="What dispatch must remember between cycles (leg, waits, cancel)."
    )
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["mission", "number"], name="attempt_number_once_per_mission"),
            models.UniqueConstraint(
                fields=["mission"], condition=models.Q(state="active"), name="one_active_attempt_per_mission"
            ),
            models.UniqueConstraint(
                fields=["robot"], condition=models.Q(state="active"), name="one_active_attempt_per_robot"
            ),
        ]


class MissionEvent(models.Model):
    """Every change of a mission, with its actor and reason. Appended in the transaction of the change."""

    mission = models.ForeignKey(Mission, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField()
    kind = models.CharField(max_length=32)
    from_state = models.CharField(max_length=12, blank=True)
    to_state = models.CharField(max_length=12, blank=True)
    actor = models.CharField(max_length=150)
    reason = models.CharField(max_length=300, blank=True)
    data = models.JSONField(null=True)

    class Meta:
        ordering = ["id"]


class MissionIntent(models.Model):
    """A person's request about a mission (cancel, pause, resume, retry, reassign, prioritise). Dispatch acts on it."""

    mission = models.ForeignKey(Mission, on_delete=models.CASCADE, related_name="intents")
    kind = models.CharField(max_length=12)
    data = models.JSONField(default=dict)
    actor = models.CharField(max_length=150)
    reason = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    applied_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["id"]


class DispatchLease(models.Model):
    """One leader per site, fenced: `epoch` grows with every take-over and is stored with what the leader writes."""

    site = models.OneToOneField(Site, on_delete=models.CASCADE, primary_key=True)
    holder = models.CharField(max_length=80)
    epoch = models.BigIntegerField(default=0)
    expires_at = models.DateTimeField()


class ComposerText(models.Model):
    """A text somebody dispatched, for the arrow keys: the last few per person and site."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="+")
    text = models.TextField()
    used_at = models.DateTimeField()

    class Meta:
        ordering = ["-used_at", "-id"]
        indexes = [models.Index(fields=["user", "site", "-used_at"])]


class MissionTemplate(models.Model):
    """A text with placeholders such as {place}; of one person, or shared with everybody who dispatches at the site."""

    public_id = models.CharField(max_length=32, unique=True, default=template_id, editable=False)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="mission_templates")
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    text = models.TextField()
    shared = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name", "id"]


class PlannerFeedback(models.Model):
    """A text that was read wrongly: as typed, as understood, as meant. Evaluation data, by consent."""

    public_id = models.CharField(max_length=32, unique=True, default=feedback_id, editable=False)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="planner_feedback")
    mission = models.ForeignKey(Mission, null=True, on_delete=models.SET_NULL, related_name="feedback")
    interpretation = models.ForeignKey(Interpretation, null=True, on_delete=models.SET_NULL, related_name="feedback")
    text = models.TextField()
    language = models.CharField(max_length=8, blank=True)
    vocabulary = models.JSONField()
    understood = models.JSONField(help_text="decision, plan, confidence, model and version of what was shown.")
    decision = models.CharField(max_length=8, help_text="What would have been right: plan | ask | refuse.")
    correction = models.JSONField(null=True, help_text="The plan that was meant.")
    statement = models.CharField(max_length=300, help_text="What the person agreed to.")
    given_by = models.CharField(max_length=150)
    given_by_user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["interpretation", "given_by"], name="one_feedback_per_reading_and_person")
        ]
