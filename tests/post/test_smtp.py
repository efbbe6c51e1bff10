"""How the server is spoken to: certificates are verified, a wrong password blames no mail, nobody waits for ever."""

from __future__ import annotations

import socket
import ssl
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from alliance import mail
from alliance.mail import Declined, Letter, Unreachable, connected
from tests.smtp import Box, free_port, running, settings

LETTER = Letter("n1", "a@clinic.example", "医联体", "题目", "正文\n", "zh-Hans-CN", datetime(2026, 5, 10, tzinfo=UTC))


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for 127.0.0.1 that no authority has signed, with its key."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "mail.pem"
    plain = serialization.NoEncryption()
    kept = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path.write_bytes(kept + made.public_bytes(serialization.Encoding.PEM))
    return path


def test_a_certificate_is_verified_and_an_authority_of_ones_own_is_taken(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    box, port = Box(), free_port()
    server = replace(settings(port), tls="starttls")
    with running(box, port, tls_context=context, require_starttls=True):
        with pytest.raises(Unreachable, match="CERTIFICATE_VERIFY_FAILED"), connected(server):
            pass
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        with connected(server) as wire:
            wire.send(LETTER)
    assert [found["Subject"] for found in box.mails] == ["题目"]


def test_a_server_without_tls_is_not_spoken_to_when_tls_is_wanted() -> None:
    box, port = Box(), free_port()
    with (
        running(box, port),
        pytest.raises(Unreachable, match="STARTTLS"),
        connected(replace(settings(port), tls="starttls")),
    ):
        pass


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")
def test_a_wrong_password_is_no_fault_of_a_mail() -> None:
    def check(_server: object, _session: object, _envelope: object, _how: str, data: LoginPassword) -> AuthResult:
        return AuthResult(success=data.password == b"right", handled=False)

    box, port = Box(), free_port()
    with running(box, port, authenticator=check, auth_require_tls=False, auth_required=True):
        with pytest.raises(Unreachable, match="535"), connected(replace(settings(port), user="u", password="wrong")):
            pass
        with connected(replace(settings(port), user="u", password="right")) as wire:
            wire.send(LETTER)
        with pytest.raises(Unreachable, match="530"), connected(settings(port)) as wire:
            wire.send(LETTER)
    assert len(box.mails) == 1


def test_a_server_that_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "SECONDS", 1)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with pytest.raises(Unreachable, match="timed out"), connected(settings(silent.getsockname()[1])):
            pass


def test_an_answer_to_one_mail_does_not_touch_the_next() -> None:
    box, port = Box(), free_port()
    box.answers["gone@clinic.example"] = "550 5.1.1 no such mailbox"
    with running(box, port), connected(settings(port)) as wire:
        with pytest.raises(Declined, match="no such mailbox") as told:
            wire.send(replace(LETTER, to="gone@clinic.example"))
        wire.send(LETTER)
    assert told.value.final
    assert len(box.mails) == 1
