"""Layouts and what lies on them: versions, items, stock."""

from __future__ import annotations

from django.db import models

from fleet.accounts.models import Site, User, public_id


def layout_id() -> str:
    return public_id("lay")


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
