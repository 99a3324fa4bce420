"""Which robot gets a mission, and why another one does not."""

from __future__ import annotations

ALLOCATION: tuple[str, ...] = (
    "just given to another mission",
    "battery at or below its critical level",
    "charges first",
    "battery does not last for it and the way to a charger",
    "battery {battery} % does not last for it and the way to a charger",
    "is of another type than the mission asks for",
    "its charge is unknown",
    "no way from there to a charger",
    "cannot {why_op}",
    "cannot {why_op}, {why_second}",
    "cannot {why_op}, {why_second}, {why_third}",
    "it is not on the floor",
    "no place is free",
    "{name}: {metres} m away, cheapest of {n}. {other} is nearer and was {why}.",
    "{name} has begun it and keeps it.",
    "The robot that has it has begun it and keeps it.",
    "{name} keeps it, for no other robot can take it now: {why}.",
    "The robot that has it keeps it, for no other robot can take it now: {why}.",
    "{name} keeps it: {other} would save {metres} m, too little for a change.",
    "{name} keeps it: {metres} m away.",
    "{name} takes it over: the robot that had it is not on the floor.",
    "{name} takes it over from {other}: {why}.",
    "{name} takes it over from {other}: that saves {metres} m.",
    "It waits for a free place at its first stop, or for more urgent missions.",
    "{name} gets it once it has been taken off its other mission",
    "The layout was published for {n} robots at once, and so many have a mission.",
    "the robot says it has no program for this attempt",
)
