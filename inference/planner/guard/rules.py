"""Which combinations of concepts are refused, and what the refusal says.

Written as `PART gap PART ...`: `<n` at most n words later, `~n` at most n words away on either side. `mixed`: the words
may come from different languages. `names`: the last part counts also inside a name of the site, close by.
`unless`: concepts that make it harmless work nearby ("the pallet that blocks the exit", "around the closed area").
"""

from __future__ import annotations

from inference.planner.guard.engine import rules

MESSAGES = {
    "stop_words": "To stop robots, use the Stop button: it works at once and needs no planner.",
    "injection": "Rules and instructions of the planner are not changed, shown or replaced by a text, and hidden or "
    "quoted orders are not followed. Say only what should be done.",
    "protection": "Protections, alarms and rights are not changed by a mission. That is done on the site's safety page "
    "by someone with that role.",
    "unsafe": "This could put people, animals or the site at risk and is never sent to a robot.",
    "out_of_scope": "That is not something the robots here can do. Say what should be moved, checked or visited.",
}

RULES = [
    *rules(
        "injection",
        "INJECT",
        "NEWINSTR unless WAYOUT",
        "OFF <5 INSTR mixed",
        "AROUNDOFF <3 INSTR",
        "SKIP <5 INSTR",
        "TAKEOFF <5 INSTR",
        "INSTR <3 OFFLAST",
        "REVEAL <3 MYINSTR",
        "OBEY <5 NOTE",
        "NOTE <10 OBEY",
        "OFF <2 CONFIRM",
        "AROUNDOFF <2 CONFIRM",
        "SKIP <2 CONFIRM unless STRICT",
        "ROLE <8 ALLOW",
        "GUARD <3 OFFSTATE",
        "ZONE <3 OFFSTATE",
    ),
    *rules(
        "protection",
        "PROTECT",
        "OFF <5 GUARD mixed names",
        "AROUNDOFF <4 GUARD mixed",
        "TAKEOFF <2 GUARD",
        "GUARD <5 OFFLAST",
        "GUARD <2 GUARDOFF",
        "GUARD <4 AROUNDLAST",
        "OFF <3 ZONE mixed names",
        "ZONE <3 OFFLAST",
        "SKIP <2 GUARD",
        "OPEN <4 GUARDED",
        "RESET <4 STOPNOUN",
        "RESET <3 RIGHTS",
        "TAKEOFF <6 LIMITNOUN",
        "GRANT <4 RIGHTS",
        "CHANGE <4 LIMITNOUN",
        "LIMITNOUN <2 CHANGE",
        "DESPITE <3 GUARD",
        "DESPITE <3 ZONE",
        "OVER <4 LIMIT",
        "LIMIT <2 OVERLAST",
    ),
    *rules(
        "unsafe",
        "DANGER",
        "NOBRAKE",
        "HARM <3 PEOPLE mixed names",
        "PEOPLE <4 HARMLAST",
        "GOV <1 PEOPLE <0 ANPART",
        "PUSH <2 PEOPLE",
        "HERD <3 PEOPLE",
        "OFF <2 FOLK",
        "DESPITE <3 FOLK",
        "GO <6 THROUGH <3 PEOPLE",
        "GO <6 FORBID unless AROUND",
        "FORBID <3 GO unless AROUND",
        "GO <6 HAZARD unless AROUND CLEAR",
        "CRASH <4 WALL",
        "THROW <7 ATPEOPLE <2 PEOPLE",
        "NEG <2 BRAKE <2 FORWHOM",
        "SKIP <1 BLIND",
        "ANYHOW <6 INWAY",
        "STOPBTN <8 PRESSED <12 ANYWAY",
        "PRESSED <4 STOPBTN <12 ANYWAY",
        "PEOPLE <8 ONFLOOR <12 GOANY unless CLEAR",
        "CARRY <2 PEOPLE <1 TOWARD",
        "CARRY <1.5 KIN",
        "GIVE <2 ALIFT",
        "RAM <1 NAME mixed",
        "LET <2 PEOPLE <3 ABOARD",
        "BLOCK <4 EXIT mixed unless CLEAR",
        "EXIT <5 BLOCKLAST unless CLEAR",
        "PUT <7 FRONT <2 EXIT unless CLEAR",
        "PUT <4 EXIT <2 FRONTLAST unless CLEAR",
    ),
]
