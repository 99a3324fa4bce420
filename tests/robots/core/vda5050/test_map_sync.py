"""Which map a robot loads, enables and deletes next, and when it must get no order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from robots.core.vda5050.map_sync import HostedMap, Step, next_step, wrong_map
from robots.core.vda5050.reports import MapInfo

ALL = frozenset({"downloadMap", "enableMap", "deleteMap"})
OLD, NEW = MapInfo("hall", "1", "ENABLED"), MapInfo("hall", "2", "DISABLED")
WANTED = HostedMap("hall", "2", offered=True, enabled=True)


def step(
    maps: list[MapInfo], *hosted: HostedMap, standing: bool = True, full: bool = False, actions: frozenset[str] = ALL
) -> Step | None:
    return next_step(maps, hosted, actions=actions, standing=standing, memory_full=full)


def test_a_version_is_loaded_ahead_and_enabled_once_the_robot_stands() -> None:
    assert step([OLD], WANTED) == Step("downloadMap", "hall", "2")
    waits = step([OLD, NEW], WANTED, standing=False)
    assert waits is not None
    assert (waits.kind, waits.why) == ("wait", "enabled as soon as the robot stands without an order")
    assert step([OLD, NEW], WANTED) == Step("enableMap", "hall", "2")
    assert step([MapInfo("hall", "1", "DISABLED"), MapInfo("hall", "2", "ENABLED")], WANTED) is None


def test_an_offered_version_is_loaded_and_nothing_more() -> None:
    assert step([OLD], HostedMap("hall", "2", offered=True)) == Step("downloadMap", "hall", "2")
    assert step([OLD, NEW], HostedMap("hall", "2", offered=True)) is None


def test_what_people_withdrew_is_deleted_unless_it_is_enabled() -> None:
    gone = HostedMap("hall", "2", withdrawn=True)
    assert step([OLD, NEW], gone) == Step("deleteMap", "hall", "2")
    assert step([MapInfo("hall", "2", "ENABLED")], gone) is None


def test_a_full_memory_is_emptied_of_versions_that_are_not_used() -> None:
    third = HostedMap("hall", "3", offered=True, enabled=True)
    assert step([OLD, NEW], third, full=True) == Step("deleteMap", "hall", "2")
    left = step([OLD], third, full=True)
    assert left is not None
    assert left.kind == "wait"
    assert step([OLD, MapInfo("other", "2", "DISABLED")], third, full=True) == left  # not ours to delete


def test_what_a_robot_cannot_do_a_person_has_to() -> None:
    load, enable = step([OLD], WANTED, actions=frozenset()), step([OLD, NEW], WANTED, actions=frozenset())
    assert load is not None and enable is not None
    assert load.why == "a person has to load it onto the robot"
    assert enable.why == "a person has to enable it at the robot"


def test_no_order_on_another_version_than_the_site_drives_on() -> None:
    assert wrong_map([OLD], [WANTED], "hall") == "has version 1 of the map hall enabled; the site drives on 2"
    assert wrong_map([NEW], [WANTED], "hall") == "has not enabled version 2 of the map hall yet"
    assert wrong_map([MapInfo("x", "1", "ENABLED")], [WANTED], "hall").startswith("does not have version 2")
    assert wrong_map([MapInfo("hall", "2", "ENABLED")], [WANTED], "hall") == ""
    assert wrong_map([OLD, MapInfo("hall", "2", "ENABLED")], [WANTED], "hall").startswith("has version 1 and 2")
    assert wrong_map([], [WANTED], "hall") == ""  # it reports no maps
    assert wrong_map([OLD], [HostedMap("hall", "2", offered=True)], "hall") == ""  # nothing is asked of it
    assert wrong_map([OLD], [WANTED], "yard") == ""


_NAMES = st.tuples(st.sampled_from(["hall", "yard"]), st.sampled_from("123"))
_MAPS = st.dictionaries(_NAMES, st.sampled_from(["ENABLED", "DISABLED"]), max_size=5)
_USE = st.tuples(st.booleans(), st.booleans(), st.booleans())


@given(_MAPS, st.dictionaries(_NAMES, _USE, max_size=5), st.booleans(), st.booleans())
def test_an_enabled_version_is_never_deleted_and_none_enabled_that_is_not_there(
    maps: dict[tuple[str, str], str], hosted: dict[tuple[str, str], tuple[bool, bool, bool]], standing: bool, full: bool
) -> None:
    infos = [MapInfo(*name, status) for name, status in maps.items()]
    ours = [HostedMap(*name, *use) for name, use in hosted.items()]
    found = next_step(infos, ours, actions=ALL, standing=standing, memory_full=full)
    if found is None:
        return
    name = (found.map_id, found.map_version)
    if found.kind == "deleteMap":
        assert maps[name] == "DISABLED"
    if found.kind == "enableMap":
        assert standing
        assert name in maps
        others = [version for (map_id, version), status in maps.items() if map_id == name[0] and status == "ENABLED"]
        assert others != [found.map_version]
    if found.kind == "downloadMap":
        assert name not in maps
        assert not full


def _apply(maps: dict[tuple[str, str], str], found: Step) -> None:
    key = (found.map_id, found.map_version)
    if found.kind == "downloadMap":
        maps[key] = "DISABLED"
    elif found.kind == "deleteMap":
        del maps[key]
    elif found.kind == "enableMap":
        maps.update({other: "DISABLED" for other in maps if other[0] == key[0]})
        maps[key] = "ENABLED"


_LOADED = st.dictionaries(st.tuples(st.just("hall"), st.sampled_from("1234")), st.just("DISABLED"), max_size=3)


@given(_LOADED, st.sampled_from("1234"))
def test_step_by_step_a_robot_comes_to_drive_on_the_wanted_version(
    maps: dict[tuple[str, str], str], wanted: str
) -> None:
    hosted = [HostedMap("hall", wanted, True, True), HostedMap("hall", "9", withdrawn=True)]
    for _ in range(6):
        infos = [MapInfo(name, version, status) for (name, version), status in maps.items()]
        found = next_step(infos, hosted, actions=ALL, standing=True)
        if found is None:
            break
        _apply(maps, found)
    assert maps["hall", wanted] == "ENABLED"
    assert wrong_map([MapInfo(*key, status) for key, status in maps.items()], hosted, "hall") == ""
