"""An external broker by `mqtts://`: asked over TLS, and only believed with a certificate that this machine trusts."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from fleet.supervisor import direct, mqtt, ports
from fleet.supervisor.process import Program, wait_until
from fleet.supervisor.state import State, open_state
from tests.conftest import require


def certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate for localhost and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "broker.crt", folder / "broker.key"
    paths[0].write_bytes(made.public_bytes(Encoding.PEM))
    paths[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return paths


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """The port of a Mosquitto that speaks TLS only, and its certificate."""
    found = mqtt.installed()
    require(found, "no mosquitto on PATH: install the package mosquitto")
    state: State = open_state(tmp_path / "state")
    crt, key = certificate(tmp_path)
    port = ports.any_free()
    config = tmp_path / "mosquitto.conf"
    lines = (f"listener {port} 127.0.0.1", f"certfile {crt}", f"keyfile {key}", "allow_anonymous true", "user root")
    config.write_text("\n".join(lines) + "\n")

    def ready() -> bool:
        with contextlib.suppress(OSError):
            return bool(ssl.get_server_certificate(("127.0.0.1", port), timeout=1))
        return False

    program = Program("mosquitto", (str(found), "-c", str(config)), ready=ready)
    child = direct.start(state, program)
    yield port, crt
    direct.stop(child, program)


def test_a_broker_over_tls_is_asked_over_tls(broker: tuple[int, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    port, crt = broker
    assert not mqtt.answers(f"mqtts://localhost:{port}"), "nobody vouches for its certificate"
    assert not mqtt.answers(f"mqtt://localhost:{port}"), "it does not speak without TLS"
    monkeypatch.setenv("SSL_CERT_FILE", str(crt))
    assert wait_until(lambda: mqtt.answers(f"mqtts://localhost:{port}"), 5)
    assert not mqtt.answers(f"mqtts://127.0.0.1:{port}"), "the certificate is for another name"
