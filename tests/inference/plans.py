"""Hypothesis strategies for plans of the closed grammar, shared by the tests of the planner and of missions."""

from __future__ import annotations

from hypothesis import strategies as st

from inference.contract import Condition, Plan, Step

PLACES = ("inb", "row-1", "row-2", "lab", "plug", "home of the Gods", "x,y")
ITEMS = ("oats", "tape", "bin 9", "everything")
ROBOTS = ("finch", "r-2", "R 2")
STATES = ("blocked", "empty", "missing", "damaged", "full", "ok")

places, items, robots = st.sampled_from(PLACES), st.sampled_from(ITEMS), st.sampled_from(ROBOTS)
maybe_place, maybe_item = st.none() | places, st.none() | items
routes = st.lists(places, min_size=1, max_size=4).map(tuple)
seconds = st.integers(1, 90_000) | st.floats(1, 90_000, allow_nan=False)
clocks = st.builds("{:02d}:{:02d}".format, st.integers(0, 23), st.integers(0, 59))
percent = st.none() | st.integers(1, 100)
conditions = st.one_of(
    st.none(),
    st.builds(Condition, st.sampled_from(STATES)),
    st.builds(Condition, st.just("battery_below"), st.integers(0, 100).map(float)),
)
quantities = st.none() | st.integers(1, 5000)
steps = st.one_of(
    st.builds(Step, st.just("move"), at=places, condition=conditions),
    st.builds(Step, st.just("pick"), item=items, at=maybe_place, qty=quantities, condition=conditions),
    st.builds(
        Step, st.sampled_from(["drop", "scan", "inspect"]), at=maybe_place, item=maybe_item, condition=conditions
    ),
    st.builds(Step, st.just("wait"), seconds=seconds, condition=conditions),
    st.builds(Step, st.just("wait"), until=st.just("confirmed"), condition=conditions),
    st.builds(Step, st.just("charge"), at=maybe_place, to_pct=percent, condition=conditions),
    st.builds(Step, st.just("patrol"), places=routes, times=st.none() | st.integers(1, 500), condition=conditions),
    st.builds(Step, st.just("patrol"), places=routes, seconds=seconds, condition=conditions),
    st.builds(Step, st.sampled_from(["report", "home"]), condition=conditions),
)
repeats = st.fixed_dictionaries({"times": st.integers(1, 500)}) | st.fixed_dictionaries({"every_s": seconds})
plans = st.builds(
    Plan,
    steps=st.lists(steps, min_size=1, max_size=8).map(tuple),
    robot=st.none() | robots,
    priority=st.sampled_from(["low", "normal", "high"]),
    start=st.none() | st.fixed_dictionaries({"at": clocks}) | st.fixed_dictionaries({"in_s": seconds}),
    deadline=st.none() | st.fixed_dictionaries({"by": clocks}) | st.fixed_dictionaries({"within_s": seconds}),
    avoid=st.lists(places, max_size=3, unique=True).map(tuple),
    speed=st.sampled_from([None, "slow"]),
    repeat=st.none() | repeats,
)
