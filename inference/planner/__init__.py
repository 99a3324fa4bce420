"""Words to plan drafts. `get_planner(name)` loads a planner; only the named one is imported.

A planner is a module of this package (or a subpackage) that registers a factory here: copy one to add one.
"""

from __future__ import annotations

from importlib import import_module

from inference.contract import Planner

# name -> "module:callable without arguments giving a Planner". The module is imported when its planner is asked for,
# so that naming a planner that needs torch costs nothing where torch is absent.
PLANNERS: dict[str, str] = {
    "rules": "inference.planner.baseline:RulesPlanner",
    "compact": "inference.planner.compact.planner:from_bundle",
    "qwen": "inference.planner.qwen:from_settings",
    "endpoint": "inference.planner.endpoint:from_settings",
}


def get_planner(name: str) -> Planner:
    """The planner called `name`. Raises LookupError naming the planners there are, and PlannerUnavailable (see
    `errors`) for one that cannot be loaded here; loading a checkpoint takes seconds to minutes.
    """
    try:
        module, _, factory = PLANNERS[name].partition(":")
    except KeyError:
        raise LookupError(f"there is no planner {name!r}; there are: {', '.join(sorted(PLANNERS))}") from None
    planner = getattr(import_module(module), factory)()
    if not isinstance(planner, Planner):
        raise LookupError(f"{PLANNERS[name]} does not give a planner")
    return planner
