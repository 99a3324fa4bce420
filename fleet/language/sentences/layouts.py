"""What the traffic audit says of a layout, and what follows from it."""

from __future__ import annotations

LAYOUTS: tuple[str, ...] = (
    "Only 1 robot can never lock up here, not {n}; add a loop or passing places.",
    "Only {safe} robots can never lock up here, not {n}; add a loop or passing places.",
    "No way leads back from {why}; no robot is sent there.",
    "Only one robot at a time can use {why}; a loop would lift that.",
    "{nodes} and {n} more",
    "{a} and {b} are closer than a robot is large; only one of them can be taken at a time.",
    "{a} and {b} are closer than a robot is large; only one of them can be taken at a time ({n} more like this).",
    "{n} nodes form chains of nodes that are too close to each other, so nothing counts on robots making way there; "
    "space the nodes at least a robot apart.",
    "Lanes {a} and {b} cross where there is no node; only one robot at a time passes.",
    "Lanes {a} and {b} cross where there is no node; only one robot at a time passes ({n} more like this).",
    "A robot that charges at {a} ({b}) cuts the road map in two; move it beside the lane.",
    "A robot that is parked at {a} ({b}) cuts the road map in two; move it beside the lane.",
    "Clear {a} first: what stands there cuts the road map.",
    "Open the lane from {a} to {b} in the other direction too: {safe} robots can then never lock up, {n} more than "
    "now.",
    "Open the lane from {a} to {b} in the other direction too: {n} more nodes can then be used by several robots at a "
    "time.",
    "Add a two-way lane between {a} and {b}: {safe} robots can then never lock up, {n} more than now.",
    "Add a two-way lane between {a} and {b}: {n} more nodes can then be used by several robots at a time.",
    "Add a loop or passing places, or use fewer robots.",
    "{n} robots can lock up on this layout, {safe} cannot",
    "The only way to {why} passes close to another node; keep them apart.",
    "Show the layout",
    "{n} robots are in service, but on layout version {a} only {safe} can never lock up. See Settings, Layouts.",
    "On this layout {n} robots can lock up, {safe} cannot. Accept the limit of {a} at once, or change the layout "
    "first.",
    "On this layout {n} robots can lock up, {safe} cannot. Accept the limit of {a} at once, not {b}, or change the "
    "layout first.",
    "This layout is safe for all {n} robots in service; there is no limit of {a} to accept.",
    "Version {n} is in force, with 1 robot at once at most.",
    "Version {n} is in force, with at most {safe} robots at once.",
)
