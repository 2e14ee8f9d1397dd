# SPDX-License-Identifier: Apache-2.0
"""The confidential data hub and the REST server against a real hallmark-kbs, with an attestation agent, sealed secrets
and packets that share no code with them."""

import base64
import json
import os
import secrets
import signal
import socket
import stat
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.integration.attestation_agent import INTERNAL, Refused, assert_confined, field
from tests.integration.guest_sockets import UNIMPLEMENTED, FakeAgent, call
from tests.integration.kbs import BUILD, MEASUREMENT, PLATFORM, PROGRAM, Admin, Kbs, Platform, b64u
from tests.integration.test_kbs import policies

HUB = BUILD / "tests/drivers/data-hub-driver"
REST = BUILD / "tests/drivers/api-server-driver"
KEK, SECRET = secrets.token_bytes(32), b"for the guest alone \x00\xff"

pytestmark = pytest.mark.skipif(
    not all(path.is_file() for path in (HUB, REST, PROGRAM, PLATFORM)), reason="the programs are not built"
)


class Daemon:
    """A program that is ready once its socket answers."""

    def __init__(self, words: list[str | Path], errors: Path, address: str | tuple[str, int]) -> None:
        self.errors = errors
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("AA_", "KBS_"))}
        with errors.open("w") as output:
            self.process = subprocess.Popen(words, stderr=output, env=environment)
        for _ in range(400):
            with socket.socket(socket.AF_UNIX if isinstance(address, str) else socket.AF_INET) as peer:
                if peer.connect_ex(address) == 0:
                    return
            assert self.process.poll() is None, errors.read_text()
            time.sleep(0.05)
        raise AssertionError(f"{words[0]} does not listen")

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(20) == 0, self.errors.read_text()


class Guest:
    """A broker with secrets, an agent, and the data hub in front of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.platform = Platform(folder / "platform")
        self.admin = Admin(folder)
        self.kbs = Kbs(folder / "data", "--admin-key", self.admin.public, "--trust-simulated", self.platform.root,
                       *policies(folder))
        message = {"version": "0.1.0", "type": "sample", "payload": base64.b64encode(
            json.dumps({"snp_launch_measurement": [MEASUREMENT]}).encode()).decode()}
        assert self.kbs.ask("POST", "/kbs/v0/reference-value", json.dumps(message), token=self.admin.token()).status == 200
        self.signer = ec.generate_private_key(ec.SECP256R1())
        self.store("default/key/one", SECRET)
        self.store("default/key/kek", KEK)
        self.store("default/key/signer", json.dumps(self.jwk()).encode())
        self.store("other/key/one", b"not for this guest")
        self.agent = FakeAgent(folder / "aa.sock", self.platform, self.kbs)
        (folder / "cmdline").write_text("quiet\n")
        self.hub = self.start(f"""
            socket = "unix://{folder}/cdh.sock"
            services_dir = "/not/known/here"
            [aa]
            aa_socket = "unix://{folder}/aa.sock"
            [kbc]
            name = "cc_kbc"
            url = "{self.kbs.told["url"]}"
            kbs_cert = '''{Path(self.kbs.told["certificate"]).read_text()}'''
            [[credentials]]
            path = "{folder}/cdh/kbs/one"
            resource_uri = "kbs:///default/key/one"
            [[credentials]]
            path = "{folder}/cdh/sealed-secret/local"
            resource_uri = "kbs:///default/key/signer"
        """)

    def start(self, config: str) -> Daemon:
        (self.folder / "cdh.toml").write_text(config)
        return Daemon([HUB, self.folder, "-c", self.folder / "cdh.toml"], self.folder / "hub.err",
                      f"{self.folder}/cdh.sock")

    def store(self, path: str, secret: bytes) -> None:
        answer = self.kbs.ask("POST", f"/kbs/v0/resource/{path}", secret, token=self.admin.token())
        assert answer.status == 200, answer.body

    def jwk(self) -> dict:
        numbers = self.signer.public_key().public_numbers()
        return {"kty": "EC", "crv": "P-256", "x": b64u(numbers.x.to_bytes(32, "big")),
                "y": b64u(numbers.y.to_bytes(32, "big"))}

    def seal(self, payload: dict, kid: str) -> str:
        text = b64u(json.dumps({"alg": "ES256", "kid": kid}).encode()) + "." + b64u(json.dumps(payload).encode())
        r, s = utils.decode_dss_signature(self.signer.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
        return f"sealed.{text}.{b64u(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"

    def get(self, uri: str) -> bytes:
        answer = call(self.folder / "cdh.sock", "api.GetResourceService", "GetResource", field(1, uri))
        return bytes(answer.get(1, b""))

    def unseal(self, sealed: str) -> bytes:
        answer = call(self.folder / "cdh.sock", "api.SealedSecretService", "UnsealSecret", field(1, sealed))
        return bytes(answer.get(1, b""))

    def unwrap(self, packet: dict) -> bytes:
        request = {"op": "keyunwrap", "keywrapparams": {"ec": None, "optsdata": None},
                   "keyunwrapparams": {"dc": {"Parameters": {}},
                                       "annotation": base64.b64encode(json.dumps(packet).encode()).decode()}}
        answer = call(self.folder / "cdh.sock", "keyprovider.KeyProviderService", "UnWrapKey",
                      field(1, json.dumps(request)))
        return bytes(json.loads(bytes(answer[1]))["keyunwrapresults"]["optsdata"])

    def close(self) -> None:
        self.hub.stop()
        self.agent.close()
        self.kbs.stop()
        self.platform.close()


@pytest.fixture(scope="module")
def guest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guest]:
    guest = Guest(tmp_path_factory.mktemp("guest"))
    yield guest
    guest.close()


def failure(what: object, *arguments: object) -> Refused:
    with pytest.raises(Refused) as raised:
        what(*arguments)  # type: ignore[operator]
    return raised.value


def test_a_resource_is_granted_with_one_attestation(guest: Guest) -> None:
    for uri in ("kbs:///default/key/one", "kbs+resource:///default/key/one", "kbs://other.example/default/key/one"):
        assert guest.get(uri) == SECRET
    assert guest.agent.attested == 1


def test_it_works_confined(guest: Guest) -> None:
    assert guest.get("kbs:///default/key/one") == SECRET
    assert_confined(guest.hub.process)


def test_refusals_have_the_brokers_reason(guest: Guest) -> None:
    before = guest.agent.attested
    denied = failure(guest.get, "kbs:///other/key/one")
    assert denied.code == INTERNAL
    assert denied.message.startswith("[CDH] [ERROR]: Get Resource failed: kbs:///other/key/one: PolicyDeny: ")
    missing = failure(guest.get, "kbs:///default/key/none")
    assert missing.code == INTERNAL and "kbs:///default/key/none: " in missing.message
    assert "PluginNotFound" in failure(guest.get, "kbs+nothing:///a/b").message
    assert "resource URI" in failure(guest.get, "kbs:///default/../one").message
    assert guest.agent.attested == before, "no refusal is worth another attestation"


def test_a_token_that_is_not_taken_any_more_is_replaced(guest: Guest) -> None:
    before = guest.agent.attested
    # What a broker with another key would say of the token that the hub keeps.
    real = guest.agent.answers["GetToken"]
    guest.hub.stop()
    forged = json.dumps({"token": "e30.e30.AAAA", "tee_keypair": json.loads(
        bytes(real_token(guest)).decode())["tee_keypair"]})
    # As an agent that keeps its token: only who asks for a fresh one gets another.
    guest.agent.answers["GetToken"] = lambda request: real(request) if 1000 in request else field(1, forged)
    try:
        guest.hub = guest.start((guest.folder / "cdh.toml").read_text())
        assert guest.get("kbs:///default/key/one") == SECRET
    finally:
        guest.agent.answers["GetToken"] = real
    assert guest.agent.attested == before + 2


def real_token(guest: Guest) -> bytes:
    return bytes(call(guest.folder / "aa.sock", "attestation_agent.AttestationAgentService", "GetToken",
                      field(1, "kbs"))[1])


def test_an_agent_that_fails_says_why(guest: Guest) -> None:
    real = guest.agent.answers["GetToken"]

    def fail(_: dict) -> bytes:
        raise Refused(INTERNAL, "the verdict is contraindicated")

    guest.hub.stop()
    guest.agent.answers["GetToken"] = fail
    config = (guest.folder / "cdh.toml").read_text()
    try:
        guest.hub = guest.start(config[: config.index("[[credentials]]")])
        assert failure(guest.get, "kbs:///default/key/one").message == (
            "[CDH] [ERROR]: Get Resource failed: attestation agent: the verdict is contraindicated")
    finally:
        guest.agent.answers["GetToken"] = real
        guest.hub.stop()
        guest.hub = guest.start(config)


def test_credentials_are_written_for_their_owner_alone(guest: Guest) -> None:
    for name, content in (("kbs/one", SECRET), ("sealed-secret/local", json.dumps(guest.jwk()).encode())):
        path = guest.folder / "cdh" / name
        assert path.read_bytes() == content
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    told = json.loads((guest.folder / "cdh/ocicrypt_config.json").read_text())
    assert told == {"key-providers": {"attestation-agent": {"ttrpc": f"unix://{guest.folder}/cdh.sock"}}}
    assert "services_dir: unknown key" in (guest.folder / "hub.err").read_text()


def test_a_credential_elsewhere_stops_the_hub(guest: Guest) -> None:
    config = (guest.folder / "cdh.toml").read_text().replace("/cdh/kbs/one", "/cdh/../elsewhere").replace(
        "/cdh.sock", "/second/cdh.sock")
    (guest.folder / "second").mkdir()
    (guest.folder / "wrong.toml").write_text(config)
    done = subprocess.run([HUB, guest.folder, "-c", guest.folder / "wrong.toml"], capture_output=True, text=True,
                          timeout=60, check=False)
    assert done.returncode == 2 and "credentials: path" in done.stderr
    assert not (guest.folder / "elsewhere").exists()


VAULT = {"version": "0.1.0", "type": "vault", "name": "kbs:///default/key/one", "provider": "kbs",
         "provider_settings": {}, "annotations": {}}


def test_a_vault_is_unsealed(guest: Guest) -> None:
    for kid in ("kbs:///default/key/signer", "local"):
        assert guest.unseal(guest.seal(VAULT, kid)) == SECRET


def test_an_envelope_is_unsealed(guest: Guest) -> None:
    data_key, outer, inner = secrets.token_bytes(32), secrets.token_bytes(12), secrets.token_bytes(12)
    encoded = {
        "encrypted_key": AESGCM(KEK).encrypt(outer, data_key, None),
        "encrypted_data": AESGCM(data_key).encrypt(inner, b"in an envelope", None),
        "iv": inner,
    }
    envelope = {"version": "0.1.0", "type": "envelope", "provider": "kbs", "key_id": "kbs:///default/key/kek",
                **{name: base64.b64encode(value).decode() for name, value in encoded.items()},
                "wrap_type": "A256GCM", "provider_settings": {},
                "annotations": {"iv": base64.b64encode(outer).decode()}}
    assert guest.unseal(guest.seal(envelope, "local")) == b"in an envelope"


def test_a_sealed_secret_of_somebody_else_is_refused(guest: Guest) -> None:
    sealed = guest.seal(VAULT, "local")
    before = guest.signer
    guest.signer = ec.generate_private_key(ec.SECP256R1())
    try:
        forged = guest.seal(VAULT, "local")
    finally:
        guest.signer = before
    changed = sealed.split(".")
    changed[2] = b64u(json.dumps({**VAULT, "name": "kbs:///default/key/kek"}).encode())
    for text in (forged, ".".join(changed), "sealed.fakejwsheader." + sealed.split(".")[2] + ".fakesignature"):
        failed = failure(guest.unseal, text)
        assert failed.code == INTERNAL and failed.message.startswith("[CDH] [ERROR]: Unseal Secret failed: ")
    assert "leads elsewhere" in failure(guest.unseal, guest.seal(VAULT, "../kbs/one")).message


def test_keys_of_layers_are_unwrapped(guest: Guest) -> None:
    options, iv, counter = b'{"symkey":"AAAA","digest":"sha256:0"}', secrets.token_bytes(12), secrets.token_bytes(16)
    encryptor = Cipher(algorithms.AES(KEK), modes.CTR(counter)).encryptor()
    one = {"kid": "kbs:///default/key/kek", "iv": base64.b64encode(iv).decode(), "wrap_type": "A256GCM",
           "wrapped_data": base64.b64encode(AESGCM(KEK).encrypt(iv, options, None)).decode()}
    two = {"version": "0.1.0", "provider": "kbs", "kid": "kbs:///default/key/kek", "provider_settings": {},
           "annotations": {}, "iv": base64.b64encode(counter).decode(), "wrap_type": "A256CTR",
           "wrapped_data": base64.b64encode(encryptor.update(options) + encryptor.finalize()).decode()}
    assert guest.unwrap(one) == options
    assert guest.unwrap(two) == options
    assert "UnwrapKey failed: " in failure(guest.unwrap, {**one, "kid": "kbs:///default/key/one"}).message


def test_what_the_owners_key_provider_wraps_is_unwrapped(guest: Guest, tmp_path: Path) -> None:
    driver = BUILD / "tests/drivers/key-store-driver"
    tmp_path.chmod(0o700)
    store, master = tmp_path / "keys.sqlite", tmp_path / "master.key"
    subprocess.run([driver, store, master, "init"], check=True, timeout=60)
    options = secrets.token_bytes(64)
    request = {"op": "keywrap", "keywrapparams": {"ec": {"Parameters": {"attestation-agent": [""]}},
                                                  "optsdata": base64.b64encode(options).decode()}}
    done = subprocess.run([PROGRAM, "keyprovider", "--store", store, "--master-key", master],
                          input=json.dumps(request).encode(), stdout=subprocess.PIPE, timeout=60, check=True)
    packet = json.loads(bytes(json.loads(done.stdout)["keywrapresults"]["annotation"]))
    path = packet["kid"].removeprefix("kbs:///")
    key = subprocess.run([driver, store, master, "read", path], stdout=subprocess.PIPE, timeout=60, check=True).stdout
    guest.store("default/key/of-owner", key)
    assert guest.unwrap({**packet, "kid": "kbs:///default/key/of-owner"}) == options


def test_what_is_not_done_yet_says_so(guest: Guest) -> None:
    failed = failure(call, guest.folder / "cdh.sock", "keyprovider.KeyProviderService", "WrapKey", b"")
    assert failed.code == UNIMPLEMENTED and failed.message.startswith("[CDH] [ERROR]: WrapKey: ")


def test_offline_files_need_no_agent(tmp_path: Path) -> None:
    (tmp_path / "cmdline").write_text("quiet\n")
    (tmp_path / "keys.json").write_text(json.dumps({"default/key/1": base64.b64encode(SECRET).decode()}))
    (tmp_path / "cdh.conf").write_text(json.dumps({"kbc": {"name": "offline_fs_kbc"},
                                                   "socket": f"unix://{tmp_path}/cdh.sock"}))
    hub = Daemon([HUB, tmp_path], tmp_path / "hub.err", f"{tmp_path}/cdh.sock")
    answer = call(tmp_path / "cdh.sock", "api.GetResourceService", "GetResource", field(1, "kbs:///default/key/1"))
    assert answer[1] == SECRET
    hub.stop()


@pytest.fixture(scope="module")
def rest(guest: Guest) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Daemon([REST, "--features", "all", "--bind", f"127.0.0.1:{port}", "--cdh_addr",
                     f"unix://{guest.folder}/cdh.sock", "--aa_addr", f"unix://{guest.folder}/aa.sock"],
                    guest.folder / "rest.err", ("127.0.0.1", port))
    yield f"http://127.0.0.1:{port}"
    assert_confined(server.process)
    server.stop()


def ask(url: str, body: bytes | None = None) -> tuple[int, bytes, str]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body), timeout=30) as answer:
            return answer.status, answer.read(), answer.headers["Content-Type"]
    except urllib.error.HTTPError as error:
        return error.code, error.read(), error.headers["Content-Type"]


def test_rest_gives_what_the_daemons_give(guest: Guest, rest: str) -> None:
    octets = "application/octet-stream"
    assert ask(f"{rest}/cdh/resource/default/key/one") == (200, SECRET, octets)
    assert ask(f"{rest}/aa/evidence?runtime_data=aGk&encoding=base64") == (200, b'{"of":"6869"}', octets)
    assert ask(f"{rest}/aa/evidence?runtime_data=aGk") == (200, b'{"of":"61476b"}', octets)
    assert ask(f"{rest}/aa/additional-evidence?runtime_data=aGk") == (200, b"", octets)
    status, token, kind = ask(f"{rest}/aa/token?token_type=kbs")
    assert (status, kind) == (200, octets) and set(json.loads(token)) == {"token", "tee_keypair"}
    status, answer, kind = ask(f"{rest}/aa/aael", b'{"domain":"d","operation":"o","content":"c"}')
    assert (status, kind) == (200, "application/json") and json.loads(answer)["success"] == "false"
    status, answer, _ = ask(f"{rest}/info")
    assert status == 200 and json.loads(answer)["tee"] == "snp" and json.loads(answer)["feature"] == "all"


def test_rest_says_what_went_wrong(guest: Guest, rest: str) -> None:
    status, reason, _ = ask(f"{rest}/cdh/resource/other/key/one")
    assert status == 500 and b"[CDH] [ERROR]: Get Resource failed: " in reason and b"PolicyDeny" in reason
    assert ask(f"{rest}/aa/token?token_type=other")[:2] == (500, b"no such token")
    assert ask(f"{rest}/aa/token")[0] == 400
    assert ask(f"{rest}/aa/none")[0] == 404
    assert ask(f"{rest}/cdh/resource/default/key/one", b"x")[0] == 405


def test_rest_speaks_with_curl(guest: Guest, rest: str) -> None:
    done = subprocess.run(["curl", "-sS", "--fail", f"{rest}/cdh/resource/default/key/one"], stdout=subprocess.PIPE,
                          timeout=60, check=True)
    assert done.stdout == SECRET


@pytest.mark.parametrize("words", [["--features", "none"], ["--bind", "localhost:1"], ["--other"], ["word"]])
def test_rest_refuses_a_wrong_command_line(words: list[str]) -> None:
    done = subprocess.run([REST, *words], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and done.stderr.startswith("api-server-rest: ")
