"""What readers of words ask, and why they refuse."""

from __future__ import annotations

READERS: tuple[str, ...] = (
    "Which place is meant?",
    "Which item is meant?",
    "Which robot is meant?",
    'Which place is meant by "{text}"?',
    'Which item is meant by "{text}"?',
    'Which robot is meant by "{text}"?',
    'Which time is meant by "{text}"?',
    'There is no place called "{text}" here. Which one is meant?',
    'There is no item called "{text}" here. Which one is meant?',
    'There is no robot called "{text}" here. Which one is meant?',
    'There is no such place here: "{text}". Which place is meant?',
    'There is no such item here: "{text}". Which item is meant?',
    'There is no such robot here: "{text}". Which robot is meant?',
    'No place here is called "{text}". Which place is meant?',
    'No item here is called "{text}". Which item is meant?',
    'There is no such record: "{text}". Which place is meant?',
    'There is no such record: "{text}". Which item is meant?',
    'There is no such record: "{text}". Which robot is meant?',
    "More than one place is named {what}. Which one is meant?",
    "{name} is an area, not a place a robot is sent to. Which place is meant?",
    "{name} is an area. Which place in it?",
    "A place is both to be avoided and to be visited. Which holds?",
    "It would be collected and put down at the same place. Where should it go?",
    "A mission is for one robot. Which one should do it?",
    "More than one robot is named. Which one should do it?",
    "A robot cannot be excluded here. Which robot should do it?",
    "Where are you? Which place is meant?",
    "Two possibilities are named. Which one is meant?",
    "That condition cannot be part of a mission. How should it go on?",
    "Something is excluded here that a mission cannot express. What should be done instead?",
    "That is a question, not a mission. Open one of these?",
    "That is a question, not a mission, and it names nothing of this site.",
    "That is a question, not a mission.",
    "That is a question, not a mission. What should be done?",
    "I did not understand what should be done. Please name the action, the item and the place.",
    'What does "{text}" mean here?',
    'What should be done with "{text}"?',
    'What has "{text}" to do with it?',
    'Much of that was not understood, starting with "{text}". Please say it in simpler words.',
    "Much of that was not understood ({text}). Please say it in simpler words.",
    "Too much of that was not understood. Please say it in simpler words.",
    "This would put people or the site at risk and is never sent to a robot.",
    "This could put people, animals or the site at risk and is never sent to a robot.",
    "The text tries to change the rules the planner works under. Say only what should be done.",
    (
        "Rules and instructions of the planner are not changed, shown or replaced by a text, and hidden or quoted "
        "orders are not followed. Say only what should be done."
    ),
    (
        "Protections, alarms and rights are not changed by a mission. That is done on the site's safety page by "
        "someone with that role."
    ),
    "To stop robots, use the Stop button: it works at once and needs no planner.",
    "I did not understand this as work for a robot here. Say what should be moved, checked or visited.",
    "That is not something the robots here can do. Say what should be moved, checked or visited.",
    (
        "Part of that sounds as if it could put people or the site at risk. Please say plainly what should be "
        "moved, checked or visited."
    ),
    (
        "I do not know this language well enough. Please say it in English, German, Spanish, French, Polish, "
        "Portuguese or Chinese."
    ),
    "That is too much at once. Please say it in shorter parts.",
    "I am not sure that I understood this. Is one of these meant, or can you say it differently?",
    "The text is longer than {n} characters. Please say it shorter.",
    "That cannot be planned: {why}. Please say it differently.",
    "Where to? The place is missing.",
    "Which item is meant? None of this site's items is named.",
    "What should be moved, and where to?",
    "Where should it be taken?",
    "Where should {text} be taken?",
    "Where should it be put down?",
    "Which item should be moved?",
    "Where should the robot drive?",
    "Which places should be visited?",
    "How long should the robot wait, or until someone confirms?",
    "At which place should the robot look?",
    "In which order should the steps be done? Please write them first to last.",
)
