# SPDX-License-Identifier: Apache-2.0
"""The attestation agent against hallmark-kbs and an attestation service, with evidence of a simulated TEE."""

import base64
import datetime
import hashlib
import ipaddress
import json
import os
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from tests.integration.attestation_agent import (
    INTERNAL, INVALID_ARGUMENT, Agent, Guest, Refused, Tee, assert_confined, field,
)
from tests.integration.kbs import MEASUREMENT, Admin, Kbs, TeeKey, un_b64u
from tests.integration.test_kbs import PATH, SECRET, give_reference_value, policies

INIT_DATA = b'version = "0.1.0"\nalgorithm = "sha256"\n[data]\n"aa.toml" = ""\n'


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("keys")


@pytest.fixture(scope="module")
def tee(keys: Path) -> Iterator[Tee]:
    tee = Tee(keys, MEASUREMENT, hashlib.sha256(INIT_DATA).digest())
    yield tee
    tee.close()


@pytest.fixture(scope="module")
def admin(tmp_path_factory: pytest.TempPathFactory) -> Admin:
    return Admin(tmp_path_factory.mktemp("admin"))


@pytest.fixture(scope="module")
def kbs(tmp_path_factory: pytest.TempPathFactory, keys: Path, tee: Tee, admin: Admin) -> Iterator[Kbs]:
    folder = tmp_path_factory.mktemp("kbs")
    kbs = Kbs(folder / "data", "--admin-key", admin.public, "--trust-simulated", keys / "ark.pem", *policies(folder))
    assert kbs.ask("POST", PATH, SECRET, token=admin.token()).status == 200
    give_reference_value(kbs, admin, [MEASUREMENT])
    yield kbs
    kbs.stop()


def config_for(kbs: Kbs, more: str = "", certificate: str | None = None, url: str | None = None) -> str:
    pem = certificate or Path(kbs.told["certificate"]).read_text()
    return f'[token_configs.kbs]\nurl = "{url or kbs.told["url"]}"\ncert = """\n{pem}"""\n{more}'


@pytest.fixture
def guest(tmp_path: Path, tee: Tee) -> Guest:
    return Guest(tmp_path / "guest", tee)


class Opener(TeeKey):
    """The key that came with a token."""

    def __init__(self, pem: str) -> None:
        self.key = serialization.load_pem_private_key(pem.encode(), None)


def claims_of(token: str) -> dict:
    return json.loads(un_b64u(token.split(".")[1]))


@pytest.mark.parametrize("version", ["0.4.0", "0.3.0", "0.2.0"])
def test_a_token_opens_what_the_broker_releases(kbs: Kbs, guest: Guest, version: str) -> None:
    agent = Agent(guest, config_for(kbs, f'[hallmark]\nkbs_protocol = "{version}"\n'))
    got = json.loads(agent.token("kbs"))
    assert set(got) == {"token", "tee_keypair"}
    assert got["tee_keypair"].startswith("-----BEGIN PRIVATE KEY-----\n")
    released = kbs.ask("GET", PATH, token=got["token"])
    assert released.status == 200, released.body
    assert Opener(got["tee_keypair"]).open(released.json()) == SECRET
    assert agent.call("GetTeeType")[1] == b"snp"
    agent.stop()
    assert got["token"] not in agent.log.read_text() and "PRIVATE" not in agent.log.read_text()


def test_it_works_confined(guest: Guest) -> None:
    agent = Agent(guest, "")
    assert agent.call("GetTeeType")[1] == b"snp"
    assert_confined(agent.process)
    agent.stop()


def test_an_rsa_key_comes_as_pkcs1(kbs: Kbs, guest: Guest) -> None:
    agent = Agent(guest, config_for(kbs, 'tee_key_algorithm = "RSA-OAEP-256"\n'))
    got = json.loads(agent.token("kbs"))
    assert got["tee_keypair"].startswith("-----BEGIN RSA PRIVATE KEY-----\n")
    key = serialization.load_pem_private_key(got["tee_keypair"].encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    jwk = claims_of(got["token"])["submods"]["cpu0"]["ear.veraison.annotated-evidence"]["runtime_data_claims"]["tee-pubkey"]
    assert int.from_bytes(un_b64u(jwk["n"]), "big") == key.public_key().public_numbers().n
    agent.stop()


def test_a_token_is_kept_and_asked_for_once(kbs: Kbs, guest: Guest) -> None:
    agent = Agent(guest, config_for(kbs))
    with ThreadPoolExecutor(8) as callers:
        tokens = list(callers.map(lambda _: agent.token("kbs"), range(8)))
    assert len(set(tokens)) == 1
    assert agent.token("kbs") == tokens[0]
    assert agent.token("kbs", fresh=True) != tokens[0]
    agent.stop()


def test_evidence_is_fresh_and_bound(kbs: Kbs, guest: Guest) -> None:
    agent = Agent(guest, config_for(kbs))
    data = bytes(range(48))
    evidence = json.loads(bytes(agent.call("GetEvidence", field(1, data))[1]))
    assert bytes(evidence["attestation_report"]["report_data"]) == data + bytes(16)
    assert bytes(evidence["attestation_report"]["measurement"]).hex() == MEASUREMENT
    assert "VCEK" in [one["cert_type"] for one in evidence["cert_chain"]]
    with pytest.raises(Refused, match="65 bytes, expected at most 64") as refused:
        agent.call("GetEvidence", field(1, bytes(65)))
    assert refused.value.code == INVALID_ARGUMENT
    # The methods for what this guest does not have.
    assert agent.call("GetAdditionalEvidence", field(1, data)) == {}
    assert agent.call("GetAdditionalTees") == {}
    event = field(1, "a.example/b") + field(2, "Op") + field(3, "{}")
    assert agent.call("ExtendRuntimeMeasurement", event) == {1: 2}, "NOT_ENABLED"
    agent.stop()


def test_the_brokers_reason_reaches_the_caller(kbs: Kbs, guest: Guest, keys: Path, tmp_path: Path) -> None:
    # Another platform's keys: the evidence is not under the root that the broker trusts.
    forger = Tee(tmp_path / "other", MEASUREMENT)
    agent = Agent(Guest(tmp_path / "forged", forger), config_for(kbs))
    with pytest.raises(Refused, match="AttestationError: ") as refused:
        agent.token("kbs")
    assert "attempts" not in refused.value.message, "a broker that has said no is not asked again"
    assert refused.value.code == INTERNAL and refused.value.message.startswith("[AA] [ERROR]: ")
    assert kbs.told["url"] in refused.value.message
    agent.stop()
    forger.close()


def test_a_guest_that_does_not_match_gets_a_token_that_opens_nothing(
    kbs: Kbs, keys: Path, tmp_path: Path
) -> None:
    other = Tee(keys, "cd" * 48)
    agent = Agent(Guest(tmp_path / "changed", other), config_for(kbs))
    token = json.loads(agent.token("kbs"))["token"]
    assert claims_of(token)["submods"]["cpu0"]["ear.status"] != "affirming"
    assert kbs.ask("GET", PATH, token=token).error() == "PolicyDeny"
    agent.stop()
    other.close()


def test_a_broker_that_is_down_is_tried_again_and_named(kbs: Kbs, guest: Guest) -> None:
    agent = Agent(guest, config_for(kbs, url="https://127.0.0.1:1"))
    with pytest.raises(Refused, match=r"https://127\.0\.0\.1:1/.*after 5 attempts"):
        agent.token("kbs")
    agent.stop()


def self_signed(begins: datetime.timedelta, ends: datetime.timedelta, folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.timezone.utc)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now + begins).not_valid_after(now + ends)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(True, None), True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    folder.mkdir()
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").touch(0o600)
    (folder / "key.pem").write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))  # fmt: skip
    return folder / "cert.pem", folder / "key.pem"


YEAR = datetime.timedelta(days=365)
HOUR = datetime.timedelta(hours=1)


def test_another_certificate_than_the_configured_is_refused(kbs: Kbs, guest: Guest, tmp_path: Path) -> None:
    other, _ = self_signed(-HOUR, HOUR, tmp_path / "tls")
    agent = Agent(guest, config_for(kbs, certificate=other.read_text()))
    with pytest.raises(Refused, match="certificate") as refused:
        agent.token("kbs")
    assert "attempts" not in refused.value.message
    assert "the clock here says" not in refused.value.message
    agent.stop()


class TrustingGuest(Guest):
    """Where the system's authorities are others: a folder in place of /etc/ssl/certs."""

    def __init__(self, folder: Path, tee: Tee, certificates: Path) -> None:
        super().__init__(folder, tee)
        self.certificates = certificates

    def command(self, config: str | None, *arguments: str | Path) -> list[str | Path]:
        bind = 'mount --bind "$0" /etc/ssl/certs && exec "$@"'
        return ["unshare", "--mount", "sh", "-c", bind, self.certificates, *super().command(config, *arguments)]


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to change what the system trusts")
def test_authorities_that_are_named_are_all_that_are_trusted(kbs: Kbs, tee: Tee, tmp_path: Path) -> None:
    other, _ = self_signed(-HOUR, HOUR, tmp_path / "tls")
    system = tmp_path / "certs"
    system.mkdir()
    (system / "broker.pem").write_bytes(Path(kbs.told["certificate"]).read_bytes())
    (system / "ca-certificates.crt").write_bytes(other.read_bytes())  # the system's list has another than its folder
    subprocess.run(["openssl", "rehash", system], check=True)
    guest = TrustingGuest(tmp_path / "guest", tee, system)
    agent = Agent(guest, f'[token_configs.kbs]\nurl = "{kbs.told["url"]}"\n')
    assert json.loads(agent.token("kbs"))["token"]
    agent.stop()
    agent = Agent(guest, config_for(kbs, certificate=other.read_text()))
    with pytest.raises(Refused, match="certificate"):
        agent.token("kbs")
    agent.stop()


def test_certificates_that_are_none_are_named(kbs: Kbs, guest: Guest) -> None:
    broken = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n"
    agent = Agent(guest, config_for(kbs, certificate=broken))
    with pytest.raises(Refused, match="authorities: expected certificates in PEM"):
        agent.token("kbs")
    agent.stop()


@pytest.mark.parametrize(("begins", "ends"), [(YEAR, 2 * YEAR), (-2 * YEAR, -YEAR)], ids=["behind", "ahead"])
def test_a_clock_that_is_a_year_off_is_named(
    guest: Guest, tmp_path: Path, begins: datetime.timedelta, ends: datetime.timedelta
) -> None:
    certificate, key = self_signed(begins, ends, tmp_path / "tls")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)  # no request gets that far
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.handle_request)
    thread.start()
    url = f"https://127.0.0.1:{server.server_port}"
    agent = Agent(guest, f'[token_configs.kbs]\nurl = "{url}"\ncert = """\n{certificate.read_text()}"""\n')
    today = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d")
    with pytest.raises(Refused, match=f"certificate .*the clock here says {today}T"):
        agent.token("kbs")
    agent.stop()
    thread.join()
    server.server_close()


def test_a_broker_that_was_restarted_gives_new_tokens(
    guest: Guest, keys: Path, admin: Admin, tmp_path: Path
) -> None:
    arguments = ["--admin-key", admin.public, "--trust-simulated", keys / "ark.pem", *policies(tmp_path)]
    first = Kbs(tmp_path / "data", *arguments)
    agent = Agent(guest, config_for(first))
    old = agent.token("kbs")
    first.stop()
    assert agent.token("kbs") == old
    second = Kbs(tmp_path / "data", *arguments, listen=f"127.0.0.1:{first.port}")
    assert agent.token("kbs", fresh=True) != old
    agent.stop()
    second.stop()


class Service(BaseHTTPRequestHandler):
    """An attestation service as Trustee's restful-as is one, which looks at what the evidence is bound to."""

    challenges: list[dict] = []
    refuse = 0
    asked = 0

    def log_message(self, *_: object) -> None:
        pass

    def do_POST(self) -> None:
        type(self).asked += 1
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if type(self).refuse:
            type(self).refuse -= 1
            return self.answer(503, "busy")
        if self.path == "/challenge":
            type(self).challenges.append(body)
            return self.answer(200, base64.b64encode(b"n" * 32).decode())
        request = body["verification_requests"][0]
        evidence = json.loads(un_b64u(request["evidence"]))
        bound = request["runtime_data"]["structured"]
        canonical = json.dumps(bound, sort_keys=True, separators=(",", ":")).encode()
        seen = bytes(evidence["attestation_report"]["report_data"])
        good = (
            self.path == "/attestation" and body["policy_ids"] == [] and request["tee"] == "snp"
            and request["runtime_data_hash_algorithm"] == "sha384"
            and bound["nonce"] == base64.b64encode(b"n" * 32).decode() and bound["tee-pubkey"]["kty"] == "EC"
            and seen == hashlib.sha384(canonical).digest() + bytes(16)
        )  # fmt: skip
        now = int(time.time())
        claims = base64.urlsafe_b64encode(json.dumps({"iat": now, "exp": now + 300}).encode()).rstrip(b"=").decode()
        return self.answer(200 if good else 500, f"e30.{claims}.c2ln" if good else "not bound\nat all")

    def answer(self, status: int, text: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())


@pytest.fixture
def service() -> Iterator[str]:
    Service.challenges, Service.refuse, Service.asked = [], 0, 0
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_attestation_service_gets_evidence_bound_to_its_nonce_and_a_key(service: str, guest: Guest) -> None:
    Service.refuse = 1  # once too busy: asked again
    agent = Agent(guest, f'[token_configs.coco_as]\nurl = "{service}"\n')
    token = agent.token("coco_as").decode()
    assert token.count(".") == 2
    assert Service.challenges == [{"tee": "snp", "tee_params": ""}]
    assert agent.token("coco_as").decode() == token
    assert Service.asked == 3
    with pytest.raises(Refused, match=r"token type kbs: the configuration has no token_configs\.kbs\.url"):
        agent.token("kbs")
    with pytest.raises(Refused, match="token type 'x', expected kbs or coco_as"):
        agent.token("x")
    agent.stop()


def test_init_data_must_be_that_of_the_launch(guest: Guest, tee: Tee, tmp_path: Path) -> None:
    document = tmp_path / "initdata.toml"
    document.write_bytes(INIT_DATA)
    digest = hashlib.sha256(INIT_DATA).digest()
    for arguments in (["--initdata-toml", document], ["--initdata-digest", base64.b64encode(digest).decode()]):
        agent = Agent(guest, "", *arguments)
        assert agent.call("BindInitData", field(1, digest)) == {}
        with pytest.raises(Refused, match="HOSTDATA"):
            agent.call("BindInitData", field(1, bytes(32)))
        agent.stop()
    document.write_bytes(INIT_DATA + b"#")
    changed = Guest(tmp_path / "changed", tee)
    status, error = changed.refuses_to_start("", "--initdata-toml", document)
    assert status == 1 and "HOSTDATA" in error and digest.hex() in error
    assert not changed.socket.exists()


def test_init_data_goes_to_the_broker(kbs: Kbs, guest: Guest, tmp_path: Path) -> None:
    document = tmp_path / "initdata.toml"
    document.write_bytes(INIT_DATA)
    agent = Agent(guest, config_for(kbs), "--initdata-toml", document)
    claims = claims_of(json.loads(agent.token("kbs"))["token"])["submods"]["cpu0"]
    assert "aa.toml" in claims["ear.veraison.annotated-evidence"]["init_data_claims"]
    agent.stop()


def test_sample_evidence_only_where_it_is_asked_for(guest: Guest, tmp_path: Path) -> None:
    sample = '[hallmark]\nevidence = "sample"\n'
    nowhere = Guest(tmp_path / "nowhere", None)
    status, error = nowhere.refuses_to_start("")
    assert status == 1 and "no TEE" in error
    agent = Agent(nowhere, sample)
    assert agent.call("GetTeeType")[1] == b"sample"
    evidence = json.loads(bytes(agent.call("GetEvidence", field(1, b"abc"))[1]))
    assert evidence == {"svn": "1", "report_data": base64.b64encode(b"abc").decode()}
    agent.stop()
    status, error = guest.refuses_to_start(sample)
    assert status == 2 and "hallmark.evidence" in error


def test_bad_requests_are_one_line(guest: Guest, tmp_path: Path) -> None:
    for config, arguments, says in (
        ("[token_configs.kbs]\nurl = 1\n", [], "token_configs.kbs.url"),
        ("[token_configs\n", [], "line 1"),
        (None, ["-c", tmp_path / "none.toml"], "none.toml"),
        (None, ["--initdata-digest", "*"], "--initdata-digest"),
        (None, ["--attestation_sock", "127.0.0.1:1"], "--attestation_sock"),
        (None, ["--what"], "'--what'"),
    ):
        status, error = guest.refuses_to_start(config, *arguments)
        assert status == 2 and says in error and error.count("\n") == 1, (says, error)


def test_the_kernel_names_the_broker_and_unknown_keys_are_named(kbs: Kbs, tee: Tee, tmp_path: Path) -> None:
    guest = Guest(tmp_path / "guest", tee, f"quiet agent.aa_kbc_params=cc_kbc::{kbs.told['url']}")
    agent = Agent(guest, "aa_kbc_params = 1\n")
    # The system's authorities do not know it.
    with pytest.raises(Refused, match="certificate"):
        agent.token("kbs")
    agent.stop()
    log = agent.log.read_text()
    assert "aa_kbc_params: unknown key, ignored" in log and f"key broker {kbs.told['url']}" in log
