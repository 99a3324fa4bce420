"""`python -m fleet.supervisor.refusals LOG`: what the embedded broker refused, from its log to the fleet.

Mosquitto tells nobody when it drops a robot's message on another's topic: only its debug log says so, which
`mqtt.FILTERED` reduces to these lines. They are followed here, counted, and published once a second as JSON
`{"kind", "user", "topic", "count"}` to `broker_rules.REFUSED_TOPIC`. A broker of your own publishes the same there.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from fleet.supervisor import mqtt
from fleet.supervisor.broker_rules import REFUSED_TOPIC

PERIOD_S = 1.0
MOST = 200
"""Different refusals told of in a second; a flood of more says nothing new."""
READ_AT_ONCE = 1 << 20
LOOK_BACK_S = 30.0
"""What the broker wrote before this program had started; after a restart of it some is counted twice."""
# "1795247364: Denied PUBLISH from AGV-7 (d0, q1, r0, m3, 'uagv/v2/acme/AGV-8/state', ... (12 bytes))"
DENIED = re.compile(
    r"^(?P<at>\d+): Denied PUBLISH from (?P<user>.+?) \(d\d, q\d, r\d, m\d+, '(?P<topic>.*)', \.\.\. \(\d+ bytes\)\)$"
)
# "1795247364: Sending CONNACK to 10.0.0.7 (0, 5)": wrong password or user; the broker names no user, only the address
NOT_LET_IN = re.compile(r"^(?P<at>\d+): Sending CONNACK to (?P<user>\S+) \(0, (?:4|5|134|135)\)$")

Refusal = tuple[str, str, str]


def refusal_in(line: str, since: float = 0.0) -> Refusal | None:
    """(kind, user, topic) of a line of Mosquitto's log, or None when it tells of no refusal after `since`."""
    found = DENIED.match(line) or NOT_LET_IN.match(line)
    if found is None or int(found["at"]) < since:
        return None
    return ("publish", found["user"], found["topic"]) if found.re is DENIED else ("login", found["user"], "")


def counted(lines: Iterable[str], since: float = 0.0) -> Counter[Refusal]:
    return Counter(found for line in lines if (found := refusal_in(line, since)) is not None)


def messages(refusals: Counter[Refusal]) -> Iterator[tuple[str, bytes]]:
    for (kind, user, topic), count in refusals.most_common(MOST):
        body = {"kind": kind, "user": user, "topic": topic, "count": count}
        yield REFUSED_TOPIC, json.dumps(body).encode()


class Follower:
    """The lines of a log file, also across its turning over to a new file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("rb") if path.exists() else None
        self._partial = b""

    def lines(self) -> list[str]:
        """What is new and complete; of a flood the last megabyte."""
        found = self._rest()
        if self._turned_over():
            self._file = self.path.open("rb")
            found += self._rest()
        *lines, self._partial = (self._partial + found).split(b"\n")
        self._partial = self._partial[-READ_AT_ONCE:]
        return [line.decode(errors="replace") for line in lines]

    def _rest(self) -> bytes:
        if self._file is None:
            return b""
        size = os.fstat(self._file.fileno()).st_size
        if size - self._file.tell() > READ_AT_ONCE:
            self._file.seek(size - READ_AT_ONCE)
        return self._file.read()

    def _turned_over(self) -> bool:
        try:
            now = self.path.stat().st_ino
        except OSError:
            return False
        if self._file is not None and os.fstat(self._file.fileno()).st_ino == now:
            return False
        if self._file is not None:
            self._file.close()
        return True


def main(log: str, url: str) -> None:
    """Until it is ended. What cannot be handed over is kept, counted, for the next second."""
    follower, waiting, since = Follower(Path(log)), Counter[Refusal](), time.time() - LOOK_BACK_S
    while True:
        time.sleep(PERIOD_S)
        waiting += counted(follower.lines(), since)
        if waiting and mqtt.publish(url, messages(waiting)):
            waiting.clear()


if __name__ == "__main__":
    main(sys.argv[1], os.environ["MQTT_URL"])
