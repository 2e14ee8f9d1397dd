# SPDX-License-Identifier: Apache-2.0
"""hallmark-kbs serve as its owner runs it: certificates that were given, signals, several simulated roots, tokens that
have expired, and endorsements that it fetches."""

import contextlib
import http.server
import json
import os
import resource
import signal
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

from tests.integration.kbs import (
    MEASUREMENT,
    PATH,
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
    un_b64u,
)

ARGUMENTS = {"capture_output": True, "text": True, "timeout": 60, "check": False}


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    platform = Platform(tmp_path_factory.mktemp("platform"))
    yield platform
    platform.close()


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """Another platform, under a root of its own."""
    platform = Platform(tmp_path_factory.mktemp("other"))
    yield platform
    platform.close()


@contextlib.contextmanager
def serving(folder: Path, *arguments: str | Path, authority: Path | None = None) -> Iterator[tuple[Kbs, Admin]]:
    """A broker that knows one launch digest and has one secret."""
    admin = Admin(folder)
    kbs = Kbs(folder / "data", "--admin-key", admin.public, *arguments, authority=authority)
    try:
        give_reference_value(kbs, admin, [MEASUREMENT])
        assert kbs.ask("POST", PATH, SECRET, token=admin.token()).status == 200
        yield kbs, admin
        kbs.stop()
    finally:
        kbs.process.kill()
        kbs.process.wait()


def gets_its_key(kbs: Kbs, platform: Platform) -> bool:
    key = TeeKey()
    session = kbs.auth()
    if kbs.attest(platform, key, session).status != 200:
        return False
    answer = kbs.ask("GET", PATH, cookie=session[0])
    return answer.status == 200 and key.open(answer.json()) == SECRET


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """A self-signed one, and its key."""
    crt, key = folder / f"{name}.crt", folder / f"{name}.key"
    make = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    make += ["-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", crt]
    subprocess.run(make, capture_output=True, check=True)
    return crt, key


def shown(kbs: Kbs) -> bytes:
    """The certificate that the broker shows now, in DER."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", kbs.port), timeout=20) as plain, context.wrap_socket(plain) as secure:
        return secure.getpeercert(binary_form=True) or b""


def der(path: Path) -> bytes:
    return ssl.PEM_cert_to_DER_cert(path.read_text())


def hang_up(kbs: Kbs) -> str:
    """SIGHUP, and what the broker says of it."""
    before = len(kbs.errors.read_text())
    kbs.process.send_signal(signal.SIGHUP)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        said = kbs.errors.read_text()[before:]
        if "not read again" in said:
            assert kbs.process.poll() is None
            return said
        time.sleep(0.02)
    raise AssertionError(f"nothing was said: {kbs.errors.read_text()}")


def test_a_certificate_that_was_given_is_the_one_that_is_shown(tmp_path: Path, platform: Platform) -> None:
    crt, key = certificate(tmp_path, "given")
    arguments = ["--trust-simulated", platform.root, *policies(tmp_path), "--certificate", crt, "--key", key]
    with serving(tmp_path, *arguments, authority=crt) as (kbs, _):
        assert shown(kbs) == der(crt)
        assert "certificate" not in kbs.told
        assert not (tmp_path / "data/tls.crt").exists()
        assert gets_its_key(kbs, platform)


def test_certificates_that_are_none(tmp_path: Path) -> None:
    crt, key = certificate(tmp_path, "one")
    _, stranger = certificate(tmp_path, "two")
    locked = tmp_path / "locked.key"
    lock = ["openssl", "ec", "-in", key, "-aes256", "-passout", "pass:x", "-out", locked]
    subprocess.run(lock, capture_output=True, check=True)
    for given, words in (
        ([crt, stranger], "the certificate's"),
        ([key, key], "one.key"),
        ([crt, crt], "TLS key"),
        ([crt, locked], "without a password"),
        ([crt, tmp_path / "none.key"], "none.key"),
        ([tmp_path / "none.crt", key], "none.crt"),
    ):
        command = [PROGRAM, "serve", "--data", tmp_path / "data", "--listen", "127.0.0.1:0"]
        done = subprocess.run([*command, "--certificate", given[0], "--key", given[1]], **ARGUMENTS)
        assert (done.returncode, done.stdout) == (2, ""), done
        assert words in done.stderr.splitlines()[-1]


def test_a_hangup_begins_a_new_log_that_follows_the_old_one(tmp_path: Path, platform: Platform) -> None:
    log, old = tmp_path / "data/audit.log", tmp_path / "data/audit.log.1"
    with serving(tmp_path, "--trust-simulated", platform.root, *policies(tmp_path)) as (kbs, _):
        assert gets_its_key(kbs, platform)
        log.rename(old)
        before = old.read_bytes()
        hang_up(kbs)
        assert gets_its_key(kbs, platform)
        assert old.read_bytes() == before
        tell = [json.loads(subprocess.run([PROGRAM, "audit", file, "--json"], **ARGUMENTS).stdout) for file in (old, log)]
        assert tell[1]["first_previous"] == tell[0]["last"]
        assert tell[1]["first_sequence"] == tell[0]["last_sequence"] + 1
        assert tell[1]["released"] > 0
        # Where the name can't be had, the log goes on in the old file, and so does the broker.
        log.rename(tmp_path / "data/audit.log.2")
        log.mkdir()
        assert "goes on in its old file" in hang_up(kbs)
        assert gets_its_key(kbs, platform)
        log.rmdir()
        hang_up(kbs)
        assert gets_its_key(kbs, platform)
        third = json.loads(subprocess.run([PROGRAM, "audit", log, "--json"], **ARGUMENTS).stdout)
        assert third["first_sequence"] > tell[1]["last_sequence"] + 1


def test_a_hangup_takes_another_certificate(tmp_path: Path, platform: Platform) -> None:
    crt, key = certificate(tmp_path, "first")
    new_crt, new_key = certificate(tmp_path, "second")
    arguments = ["--trust-simulated", platform.root, *policies(tmp_path), "--certificate", crt, "--key", key]
    with serving(tmp_path, *arguments, authority=crt) as (kbs, _):
        first = der(crt)
        new_crt.replace(crt)
        assert "certificate: stays as it was" in hang_up(kbs)  # its key is still the other's
        assert shown(kbs) == first
        new_key.replace(key)
        assert "certificate: read again" in hang_up(kbs)
        assert shown(kbs) == der(crt) != first


def test_a_hangup_takes_a_policy_that_was_changed(tmp_path: Path, platform: Platform) -> None:
    with serving(tmp_path, "--trust-simulated", platform.root, *policies(tmp_path)) as (kbs, admin):

        def in_force() -> str:
            return kbs.ask("GET", "/kbs/v0/resource-policy", token=admin.token()).body.decode()

        assert gets_its_key(kbs, platform)
        stricter = RELEASE.replace("simulated = true", "simulated = false")
        (tmp_path / "release.toml").write_text(stricter)
        said = hang_up(kbs)
        assert "appraisal policy: has not changed" in said and "release policy: read again" in said
        assert in_force() == stricter and not gets_its_key(kbs, platform)
        # One that can't be read changes nothing.
        (tmp_path / "release.toml").write_text("version = ")
        assert "release policy: stays as it was" in hang_up(kbs)
        assert in_force() == stricter
        # What an administrator has set is not undone by a file that nobody touched.
        (tmp_path / "release.toml").write_text(RELEASE)
        hang_up(kbs)
        assert in_force() == RELEASE
        body = json.dumps({"policy": b64u(stricter.encode())})
        assert kbs.ask("POST", "/kbs/v0/resource-policy", body, token=admin.token()).status == 200
        hang_up(kbs)
        assert in_force() == stricter
    # Without a file that was given it is the one in the data folder.
    kept = tmp_path / "data/release-policy.toml"
    assert kept.read_text() == stricter
    with serving(tmp_path, "--trust-simulated", platform.root) as (kbs, _):
        kept.write_text(RELEASE)
        hang_up(kbs)
        assert gets_its_key(kbs, platform)


def test_no_hangup_ends_a_broker(tmp_path: Path, platform: Platform) -> None:
    with serving(tmp_path, "--trust-simulated", platform.root, *policies(tmp_path)) as (kbs, _):
        done = threading.Event()

        def many() -> None:
            while not done.is_set():
                kbs.process.send_signal(signal.SIGHUP)
                time.sleep(0.005)

        thread = threading.Thread(target=many)
        thread.start()
        try:
            assert all(gets_its_key(kbs, platform) for _ in range(10))
        finally:
            done.set()
            thread.join()
        assert kbs.process.poll() is None


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_when_it_is_told_to(tmp_path: Path, by: signal.Signals) -> None:
    kbs = Kbs(tmp_path / "data")
    # Neither who idles nor who is slow keeps it.
    with socket.create_connection(("127.0.0.1", kbs.port)) as slow:
        slow.send(b"\x16\x03\x01")
        kbs.stop(by)
    assert "WARNING" in kbs.errors.read_text()


def test_several_simulated_roots_are_trusted_at_once(tmp_path: Path, platform: Platform, other: Platform) -> None:
    roots = ["--trust-simulated", platform.root, "--trust-simulated", other.root]
    with serving(tmp_path, *roots, *policies(tmp_path)) as (kbs, _):
        assert gets_its_key(kbs, platform)
        assert gets_its_key(kbs, other)
    warnings = kbs.errors.read_text()
    assert str(platform.root) in warnings and str(other.root) in warnings
    (tmp_path / "one").mkdir()
    with serving(tmp_path / "one", *roots[:2], *policies(tmp_path)) as (kbs, _):
        assert gets_its_key(kbs, platform)
        assert not gets_its_key(kbs, other)


def signed(claims: dict, header: str, key: ec.EllipticCurvePrivateKey) -> str:
    text = header + "." + b64u(json.dumps(claims).encode())
    r, s = utils.decode_dss_signature(key.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
    return text + "." + b64u(r.to_bytes(32, "big") + s.to_bytes(32, "big"))


def test_a_token_that_has_expired_releases_nothing(tmp_path: Path, platform: Platform) -> None:
    with serving(tmp_path, "--trust-simulated", platform.root, *policies(tmp_path)) as (kbs, _):
        token = kbs.attest(platform, TeeKey(), kbs.auth()).json()["token"]
        header, payload, _ = token.split(".")
        claims = json.loads(un_b64u(payload))
        now = int(time.time())
        assert 0 < claims["exp"] - now <= 300
        # The broker's own key, since nobody waits five minutes for a test.
        key = serialization.load_pem_private_key((tmp_path / "data/token.key").read_bytes(), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        for ends, status in ((now + 60, 200), (now - 120, 401)):
            times = {"iat": ends - 300, "exp": ends} | ({"nbf": ends - 300} if "nbf" in claims else {})
            answer = kbs.ask("GET", PATH, token=signed(claims | times, header, key))
            assert answer.status == status, answer.body
        assert answer.error() == "TokenVerifierError"
        last = kbs.audit(tmp_path / "data")[-1]
        assert last["event"] == "refused" and "expired" in last["why"]


def test_a_large_secret_reaches_a_slow_reader(tmp_path: Path, platform: Platform) -> None:
    large = os.urandom(1024 * 1024)
    with serving(tmp_path, "--trust-simulated", platform.root, *policies(tmp_path)) as (kbs, admin):
        assert kbs.ask("POST", PATH, large, token=admin.token()).status == 200
        key = TeeKey()
        session = kbs.auth()
        assert kbs.attest(platform, key, session).status == 200
        assert kbs.context is not None
        with socket.socket() as plain:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            plain.connect(("127.0.0.1", kbs.port))
            with kbs.context.wrap_socket(plain, server_hostname="127.0.0.1") as secure:
                secure.sendall(f"GET {PATH} HTTP/1.1\r\nCookie: {session[0]}\r\nConnection: close\r\n\r\n".encode())
                time.sleep(1)
                answer = b""
                while block := secure.recv(65536):
                    answer += block
        assert key.open(json.loads(answer.split(b"\r\n\r\n", 1)[1])) == large


def test_an_answer_is_one_record(tmp_path: Path, platform: Platform) -> None:
    with serving(tmp_path, "--trust-simulated", platform.root) as (kbs, _):
        assert kbs.context is not None
        with (
            socket.create_connection(("127.0.0.1", kbs.port), timeout=20) as plain,
            kbs.context.wrap_socket(plain, server_hostname="127.0.0.1") as secure,
        ):
            body = json.dumps({"version": "0.4.0", "tee": "snp"})
            secure.sendall(
                f"POST /kbs/v0/auth HTTP/1.1\r\nHost: h\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
            )
            # OpenSSL gives what one record holds at a time.
            head, _, rest = secure.recv(65536).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 ") and json.loads(rest)["nonce"]


def test_a_process_that_may_open_few_files(tmp_path: Path) -> None:
    def few(most: int) -> Callable[[], None]:
        return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))

    command = [PROGRAM, "serve", "--data", tmp_path / "data", "--listen", "127.0.0.1:0"]
    done = subprocess.run(command, preexec_fn=few(100), **ARGUMENTS)
    assert done.returncode == 2 and "limit of open files" in done.stderr
    process = subprocess.Popen(
        [*command, "--json"], preexec_fn=few(148), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        port = int(told["url"].rpartition(":")[2])
        context = ssl.create_default_context(cafile=told["certificate"])
        with contextlib.ExitStack() as opened:
            taken = 0
            for _ in range(40):
                plain = opened.enter_context(socket.create_connection(("127.0.0.1", port), timeout=20))
                with contextlib.suppress(OSError):
                    opened.enter_context(context.wrap_socket(plain, server_hostname="127.0.0.1"))
                    taken += 1
            assert taken == 20
    finally:
        process.terminate()
        assert process.wait(20) == 0


class Endorser(http.server.ThreadingHTTPServer):
    """Stands in for AMD's key distribution service: endorses the chips of one platform."""

    def __init__(self, platform: Platform) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        chain = {one["cert_type"]: bytes(one["data"]) for one in platform.evidence(bytes(64))["cert_chain"]}
        self.vcek = chain["VCEK"]
        self.chain = "".join(ssl.DER_cert_to_PEM_cert(chain[name]) for name in ("ASK", "ARK")).encode()
        self.refusals: list[tuple[int, dict[str, str]]] = []
        self.asked: list[str] = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Answers(http.server.BaseHTTPRequestHandler):
    server: Endorser

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        status, headers, body = 404, {}, b""
        if self.path.startswith("/vcek/v1/Milan/"):
            status, body = 200, self.server.chain if self.path.endswith("/cert_chain") else self.server.vcek
        if self.path.endswith("/crl"):
            status, body = 404, b""
        elif self.server.refusals:
            (status, headers), body = self.server.refusals.pop(0), b"no"
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class Bare:
    """A platform whose host hands out no certificates."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    def evidence(self, report_data: bytes) -> dict:
        return self.platform.evidence(report_data) | {"cert_chain": None}


@contextlib.contextmanager
def fetching(folder: Path, root: Path, endorser: Endorser) -> Iterator[Kbs]:
    try:
        with serving(folder, "--trust-simulated", root, *policies(folder), "--kds", endorser.url) as (kbs, _):
            yield kbs
    finally:
        endorser.shutdown()
        endorser.server_close()


def test_endorsements_are_fetched_once_and_kept(tmp_path: Path, platform: Platform) -> None:
    endorser = Endorser(platform)
    with fetching(tmp_path, platform.root, endorser) as kbs:
        assert gets_its_key(kbs, Bare(platform))
        first = [path for path in endorser.asked if not path.endswith("/crl")]
        assert len(first) == len(set(first)) > 0
        assert "SPL=" in first[0]
        assert gets_its_key(kbs, Bare(platform))
        assert [path for path in endorser.asked if not path.endswith("/crl")] == first


def test_a_service_that_asks_for_patience_gets_it(tmp_path: Path, platform: Platform) -> None:
    endorser = Endorser(platform)
    endorser.refusals = [(429, {"Retry-After": "2"})]
    with fetching(tmp_path, platform.root, endorser) as kbs:
        begun = time.monotonic()
        assert gets_its_key(kbs, Bare(platform))
        assert time.monotonic() - begun >= 2
        assert endorser.asked[0] == endorser.asked[1]


@pytest.mark.parametrize(("status", "headers"), [(429, {"Retry-After": "3600"}), (404, {}), (500, {})])
def test_a_service_that_refuses_is_not_asked_again_at_once(
    tmp_path: Path, platform: Platform, status: int, headers: dict[str, str]
) -> None:
    endorser = Endorser(platform)
    endorser.refusals = [(status, headers)] * 8
    with fetching(tmp_path, platform.root, endorser) as kbs:
        begun = time.monotonic()
        answer = kbs.attest(Bare(platform), TeeKey(), kbs.auth())
        assert answer.error() == "AttestationError"
        assert str(status) in answer.json()["detail"]
        asked = list(endorser.asked)
        assert len(asked) == len(set(asked))  # Milan's, and where the report doesn't tell, Genoa's
        assert kbs.attest(Bare(platform), TeeKey(), kbs.auth()).error() == "AttestationError"
        assert endorser.asked == asked
        assert time.monotonic() - begun < 20
        # A guest whose host hands its certificates out needs no service.
        assert gets_its_key(kbs, platform)


def test_an_endorsement_of_another_chip_is_none(tmp_path: Path, platform: Platform, other: Platform) -> None:
    endorser = Endorser(other)
    with fetching(tmp_path, platform.root, endorser) as kbs:
        assert kbs.attest(Bare(platform), TeeKey(), kbs.auth()).error() == "AttestationError"
        assert len(endorser.asked) > 0
