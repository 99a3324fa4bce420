#!/usr/bin/env python3
"""Yardmaster's one entry: `python3 manage.py up`. Standard library only until the environment in `.venv` exists."""

import json
import os
import sys

# The syntax of this file stays readable for old interpreters, so that they print this sentence and not an error.
if sys.version_info < (3, 11):
    sys.exit(
        "Yardmaster needs Python 3.11 or newer; this is Python %d.%d (%s). Run it with a newer one, for example: "
        "python3.11 manage.py up" % (sys.version_info[0], sys.version_info[1], sys.executable)
    )

REPO = os.path.dirname(os.path.realpath(__file__))
# These run without Django's settings: they start the services that the settings name, or need none.
BEFORE_SETTINGS = ("up", "test", "doctor", "bench", "train", "evaluate")


def join_running_services():
    """Let `manage.py shell` and the like use the services of a running `up`, unless the environment names others."""
    state = os.environ.get("YARDMASTER_STATE") or os.path.join(REPO, ".state")
    if "DATABASE_URL" in os.environ:
        return
    try:
        with open(os.path.join(state, "run", "environment.json")) as file:
            found = json.load(file)
    except (OSError, ValueError):
        return
    for name, value in found.items():
        os.environ.setdefault(name, value)


def main():
    command = sys.argv[1] if len(sys.argv) > 1 else ""
    if sys.path[0] != REPO:
        sys.path.insert(0, REPO)
    from deploy import bootstrap

    bootstrap.enter(REPO, sys.argv, with_tests=command in ("test", "bench"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fleet.settings")
    if command in BEFORE_SETTINGS:
        from importlib import import_module

        import_module("fleet.management.commands." + command).Command().run_from_argv(sys.argv)
        return
    join_running_services()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
