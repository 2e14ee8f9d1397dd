# SPDX-License-Identifier: Apache-2.0
"""hallmark-kbs serve over loopback: evidence of a simulated platform, and a client that shares no code with it."""

import base64
import json
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.kbs import (
    ERRORS,
    MEASUREMENT,
    PATH,
    POLICY,
    PROGRAM,
    RELEASE,
    SECRET,
    Admin,
    Kbs,
    Platform,
    TeeKey,
    b64u,
    give_reference_value,
    policies,
)


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    platform = Platform(tmp_path_factory.mktemp("platform"))
    yield platform
    platform.close()


@pytest.fixture(scope="module")
def admin(tmp_path_factory: pytest.TempPathFactory) -> Admin:
    return Admin(tmp_path_factory.mktemp("admin"))


@pytest.fixture(scope="module")
def kbs(tmp_path_factory: pytest.TempPathFactory, platform: Platform, admin: Admin) -> Iterator[Kbs]:
    folder = tmp_path_factory.mktemp("kbs")
    kbs = Kbs(
        folder / "data", "--admin-key", admin.public, "--trust-simulated", platform.root, *policies(folder)
    )
    assert kbs.ask("POST", PATH, SECRET, token=admin.token()).status == 200
    yield kbs
    kbs.stop()


@pytest.fixture
def known(kbs: Kbs, admin: Admin) -> None:
    give_reference_value(kbs, admin, [MEASUREMENT])


@pytest.mark.parametrize("version", ["0.4.0", "0.3.0", "0.2.0"])
def test_a_guest_that_matches_gets_its_key(kbs: Kbs, platform: Platform, known: None, version: str) -> None:
    key = TeeKey()
    session = kbs.auth(version)
    attested = kbs.attest(platform, key, session, version)
    assert attested.status == 200, attested.body
    token = attested.json()["token"]
    for by in ({"cookie": session[0]}, {"token": token}):
        released = kbs.ask("GET", PATH, **by)
        assert released.status == 200, released.body
        assert SECRET not in released.body
        assert key.open(released.json()) == SECRET
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    cpu = claims["submods"]["cpu0"]
    assert cpu["ear.status"] == "affirming"
    assert cpu["ear.hallmark.simulated-tee"] is True
    assert cpu["ear.veraison.annotated-evidence"]["runtime_data_claims"]["tee-pubkey"] == key.jwk
    assert kbs.attest(platform, TeeKey(), session, version).json()["token"] == token


def test_a_guest_that_does_not_match_gets_nothing(kbs: Kbs, platform: Platform, admin: Admin) -> None:
    give_reference_value(kbs, admin, ["cd" * 48])
    session = kbs.auth()
    attested = kbs.attest(platform, TeeKey(), session)
    assert attested.status == 200, attested.body
    claims = json.loads(base64.urlsafe_b64decode(attested.json()["token"].split(".")[1] + "=="))
    assert claims["submods"]["cpu0"]["ear.status"] == "warning"  # AR4SI: 33
    refused = kbs.ask("GET", PATH, cookie=session[0])
    assert refused.error() == "PolicyDeny"
    assert kbs.ask("GET", PATH, token=attested.json()["token"]).error() == "PolicyDeny"


def test_other_resources_need_a_real_tee(kbs: Kbs, platform: Platform, admin: Admin, known: None) -> None:
    assert kbs.ask("POST", "/kbs/v0/resource/other/key/disk", b"x", token=admin.token()).status == 200
    session = kbs.auth()
    assert kbs.attest(platform, TeeKey(), session).status == 200
    assert kbs.ask("GET", "/kbs/v0/resource/other/key/disk", cookie=session[0]).error() == "PolicyDeny"


def test_replayed_and_borrowed_evidence_is_refused(kbs: Kbs, platform: Platform, known: None) -> None:
    key = TeeKey()
    one, two = kbs.auth(), kbs.auth()
    # The evidence of one session under the cookie of another, then its nonce has been used.
    assert kbs.attest(platform, key, (two[0], one[1])).error() == "AttestationError"
    assert kbs.attest(platform, key, two).error() == "AttestationError"
    assert kbs.ask("GET", PATH, cookie=two[0]).error() == "TokenNotFound"
    assert kbs.attest(platform, key, one).status == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"crv": "P-384"},
        {"alg": "RSA1_5"},
        {"x": b64u(bytes(31))},
        {"x": b64u(bytes(33))},
        {"y": b64u(bytes([1]) * 32)},  # not on the curve
        {"kty": "oct"},
        {"d": b64u(bytes(32))},
        {"kty": "RSA", "alg": "RSA-OAEP-256", "n": b64u(b"\xff" * 128), "e": "AQAB"},
    ],
)
def test_keys_that_secrets_can_not_be_wrapped_for(kbs: Kbs, platform: Platform, known: None, wrong: dict) -> None:
    key = TeeKey()
    key.jwk = {name: value for name, value in key.jwk.items() if wrong.get("kty") != "RSA" or name not in "crv x y"}
    key.jwk |= wrong
    session = kbs.auth()
    assert kbs.attest(platform, key, session).error() == "AttestationError"
    assert kbs.ask("GET", PATH, cookie=session[0]).error() == "TokenNotFound"


def test_tokens_that_are_not_ours(kbs: Kbs, platform: Platform, known: None) -> None:
    session = kbs.auth()
    token = kbs.attest(platform, TeeKey(), session).json()["token"]
    header, payload, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    claims["exp"] += 3600
    longer = b64u(json.dumps(claims).encode())
    none = b64u(json.dumps({"alg": "none"}).encode())
    for forged in (
        f"{header}.{longer}.{signature}",
        f"{none}.{payload}.",
        f"{header}.{payload}.{signature[:-4]}AAAA",
        f"{header}.{payload}",
        "x",
        token + "x" * 200,
    ):
        assert kbs.ask("GET", PATH, token=forged).error() == "TokenVerifierError"


def test_administrators_show_a_signed_token(kbs: Kbs, admin: Admin, tmp_path: Path) -> None:
    stranger = Admin(tmp_path)
    forged = (
        "",
        "x",
        stranger.token(),
        admin.token(begins=-7200, ends=-3600),
        admin.token(begins=3600, ends=7200),
        admin.token(algorithm="none"),
        admin.token(ends=365 * 24 * 3600),
    )
    for token in forged:
        for method, path in (("POST", PATH), ("DELETE", PATH), ("GET", "/kbs/v0/resource-policy")):
            assert kbs.ask(method, path, b"x", token=token).error() == "AdminAuthAccess"
    assert kbs.ask("GET", "/kbs/v0/resource-policy", token=admin.token()).body.decode() == RELEASE


def test_rego_is_answered_with_what_is_spoken_here(kbs: Kbs, admin: Admin) -> None:
    body = json.dumps({"type": "rego", "policy_id": "default_cpu", "policy": b64u(b"package policy")})
    answer = kbs.ask("POST", "/kbs/v0/attestation-policy", body, token=admin.token())
    assert answer.error() == "ParsePolicyError"
    assert "TOML" in answer.json()["detail"]
    broken = json.dumps({"type": "toml", "policy": b64u(b"version = 1\nname =")})
    assert kbs.ask("POST", "/kbs/v0/attestation-policy", broken, token=admin.token()).error() == "ParsePolicyError"
    assert kbs.ask("GET", "/kbs/v0/attestation-policy", token=admin.token()).body.decode() == POLICY


def test_paths_and_plugins_that_are_not_there(kbs: Kbs) -> None:
    assert kbs.ask("GET", "/kbs/v0/pkcs11/a/b/c").error() == "PluginNotFound"
    for path in ("/kbs/v0/resource/../../etc/passwd", "/kbs/v0/resource/a/b/..", "/kbs/v0/resource/a/b", "/x"):
        assert kbs.ask("GET", path).error() == "InvalidRequestPath"
    assert kbs.ask("GET", "/healthz").status == 200
    keys = kbs.ask("GET", "/.well-known/jwks.json").json()["keys"]
    assert [key["kty"] for key in keys] == ["EC"]
    assert "d" not in keys[0]


def test_bodies_that_are_too_large(kbs: Kbs) -> None:
    assert kbs.ask("POST", "/kbs/v0/attest", b"x" * (2 * 1024 * 1024 + 1)).status == 413
    assert kbs.ask("POST", "/kbs/v0/auth", b"x" * (2 * 1024 * 1024)).error() == "AttestationError"


def test_tls_is_new_enough_and_the_fingerprint_is_the_certificates(kbs: Kbs) -> None:
    der = ssl.PEM_cert_to_DER_cert(Path(kbs.told["certificate"]).read_text())
    openssl = subprocess.run(
        ["openssl", "x509", "-inform", "DER", "-noout", "-fingerprint", "-sha256"],
        input=der,
        capture_output=True,
        check=True,
    ).stdout.decode()
    assert openssl.strip().rpartition("=")[2].replace(":", "").lower() == kbs.told["certificate_sha256"]
    context = ssl.create_default_context(cafile=kbs.told["certificate"])
    for host in ("localhost", "127.0.0.1"):
        with socket.create_connection(("127.0.0.1", kbs.port)) as plain:
            with context.wrap_socket(plain, server_hostname=host) as secure:
                assert secure.version() == "TLSv1.3"
    old = ssl.create_default_context(cafile=kbs.told["certificate"])
    old.minimum_version = ssl.TLSVersion.TLSv1
    old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    with socket.create_connection(("127.0.0.1", kbs.port)) as plain, pytest.raises(ssl.SSLError):
        old.wrap_socket(plain, server_hostname="localhost")


def test_without_the_flag_nothing_simulated_is_trusted(tmp_path: Path, platform: Platform, admin: Admin) -> None:
    data = tmp_path / "data"
    kbs = Kbs(data, "--admin-key", admin.public, *policies(tmp_path))
    try:
        give_reference_value(kbs, admin, [MEASUREMENT])
        session = kbs.auth()
        assert kbs.attest(platform, TeeKey(), session).error() == "AttestationError"
        assert kbs.ask("GET", PATH, cookie=session[0]).error() == "TokenNotFound"
    finally:
        kbs.stop()
    assert "simulated" not in kbs.errors.read_text()


def test_what_was_stored_is_there_after_a_restart(tmp_path: Path, platform: Platform, admin: Admin) -> None:
    data = tmp_path / "data"
    arguments = ["--admin-key", admin.public, "--trust-simulated", platform.root, "--insecure-http"]
    kbs = Kbs(data, *arguments, *policies(tmp_path))
    assert kbs.scheme == "http"
    assert kbs.ask("POST", PATH, SECRET, token=admin.token()).status == 200
    give_reference_value(kbs, admin, [MEASUREMENT])
    key = TeeKey()
    session = kbs.auth()
    token = kbs.attest(platform, key, session).json()["token"]
    kbs.stop()
    assert "WARNING: plain HTTP" in kbs.errors.read_text()
    assert "simulated root" in kbs.errors.read_text()

    kbs = Kbs(data, *arguments)
    # Sessions are gone, tokens still count, and policies are those that were given before.
    assert kbs.ask("GET", PATH, cookie=session[0]).error() == "TokenNotFound"
    assert key.open(kbs.ask("GET", PATH, token=token).json()) == SECRET
    assert kbs.ask("DELETE", PATH, token=admin.token()).status == 200
    assert kbs.ask("GET", PATH, token=token).error() == "PluginInternalError"
    kbs.stop()
    assert (data.stat().st_mode & 0o777, (data / "token.key").stat().st_mode & 0o077) == (0o700, 0)
    for file in data.iterdir():
        assert SECRET not in file.read_bytes(), file
        assert token.encode() not in file.read_bytes(), file
    log = (data / "audit.log").read_text()
    assert "default/key/disk" in log and "affirming" in log


def test_a_slow_client_does_not_keep_others_waiting(kbs: Kbs) -> None:
    slow = [socket.create_connection(("127.0.0.1", kbs.port)) for _ in range(50)]
    begun = time.monotonic()
    assert kbs.ask("GET", "/healthz").status == 200
    assert time.monotonic() - begun < 10
    for connection in slow:
        connection.close()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--listen", "nowhere"], "expected ADDRESS:PORT"),
        (["--listen", "127.0.0.1:99999"], "port"),
        (["--listen", "192.0.2.1:0"], "192.0.2.1"),
        (["--certificate", "x"], "give both"),
        (["--trust-simulated", "missing.pem"], "missing.pem"),
        (["--admin-key", "missing.pem"], "missing.pem"),
        (["--policy", "missing.toml"], "missing.toml"),
    ],
)
def test_wrong_options_say_what_is_wrong(tmp_path: Path, arguments: list[str], words: str) -> None:
    done = subprocess.run(
        [PROGRAM, "serve", "--data", tmp_path / "data", *arguments],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 2
    assert words in done.stderr
    assert ERRORS not in done.stderr
