# SPDX-License-Identifier: Apache-2.0
"""The image puller's registry client against a registry that lies: each time one clear line, and the next pull works."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from tests.integration.registry_client import DRIVER, Puller, basic
from tests.support.registries import (ELSEWHERE, INDEX, MANIFEST, Certificate, Image, Told, described, digest_of,
                                      index_of, ranged, raw, says)
from tests.support.relays import Proxy

pytestmark = pytest.mark.skipif(not DRIVER.is_file(), reason=f"{DRIVER} is not built")
GOOD = Image([b"good " * 1000])
BAD = Image([b"bad " * 100_000, b"second"])
LAYER = BAD.layers[0]
MANIFESTS = "/v2/bad/manifests/"
BLOB = f"/v2/bad/blobs/{digest_of(LAYER)}"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return Certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def registry(certificate: Certificate) -> Iterator[Told]:
    """Honest as it is."""
    with Told(certificate) as told:
        told.offer("good", GOOD)
        told.offer("bad", BAD)
        yield told


@pytest.fixture
def puller(tmp_path: Path, certificate: Certificate) -> Puller:
    return Puller(tmp_path, certificate)


def refused(puller: Puller, registry: Told, *words: str | Path, name: str = "bad:1") -> str:
    """The error of the bad image, by a client that pulls the good one behind it."""
    begin = time.monotonic()
    done = puller.run(*words, "pull", f"{registry.host}/{name}", f"{registry.host}/good:1", puller.folder)
    assert time.monotonic() - begin < 20
    assert done.returncode in (1, 2), done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert done.stderr.isprintable() or done.stderr[:-1].isprintable(), done.stderr
    assert json.loads(done.stdout)["image"] == digest_of(GOOD.manifest)
    return done.stderr


def test_the_registry_is_honest_otherwise(puller: Puller, registry: Told) -> None:
    assert puller.pull("pull", f"{registry.host}/bad:1")["image"] == digest_of(BAD.manifest)


def test_a_manifest_with_another_digest(puller: Puller, registry: Told) -> None:
    wanted = digest_of(BAD.manifest)
    registry.manifest("bad", wanted, GOOD.manifest)
    message = refused(puller, registry, name=f"bad@{wanted}")
    assert f"found bytes with the digest {digest_of(GOOD.manifest)}, expected {wanted}" in message


def test_a_manifest_that_its_own_header_contradicts(puller: Puller, registry: Told) -> None:
    for said, words in ((digest_of(GOOD.manifest), "expected sha256:"), ("sha256:x", "Docker-Content-Digest")):
        registry.answers[MANIFESTS + "1"] = says(BAD.manifest, Content_Type=MANIFEST, Docker_Content_Digest=said)
        assert words in refused(puller, registry)


def test_a_manifest_changed_between_tag_and_digest(puller: Puller, registry: Told) -> None:
    registry.manifest("bad", "1", index_of(BAD), INDEX)
    registry.manifest("bad", digest_of(BAD.manifest), GOOD.manifest)
    assert f"expected {digest_of(BAD.manifest)}" in refused(puller, registry)


def test_an_index_that_lies_of_a_size(puller: Puller, registry: Told) -> None:
    index = json.loads(index_of(BAD))
    index["manifests"][0]["size"] += 1
    registry.manifest("bad", "1", json.dumps(index).encode(), INDEX)
    assert f"{len(BAD.manifest)} bytes, expected {len(BAD.manifest) + 1} as the index says" in refused(puller, registry)


def test_an_index_of_indexes(puller: Puller, registry: Told) -> None:
    inner = index_of(BAD)
    outer = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [described(inner, INDEX)]}
    registry.manifest("bad", "1", json.dumps(outer).encode(), INDEX)
    assert "no image for linux/amd64" in refused(puller, registry)
    # One that calls itself a manifest.
    outer["manifests"] = [described(inner, MANIFEST)]
    registry.manifest("bad", "1", json.dumps(outer).encode(), INDEX)
    registry.manifest("bad", digest_of(inner), inner, INDEX)
    assert "mediaType" in refused(puller, registry)


def test_huge_manifests(puller: Puller, registry: Told) -> None:
    largest = 4 * 1024 * 1024
    registry.answers[MANIFESTS + "1"] = says(b" " * (largest + 1))
    assert f"more than {largest} bytes" in refused(puller, registry)

    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        while True:
            handler.wfile.write(b" " * 65536)

    registry.answers[MANIFESTS + "1"] = endless
    assert f"more than {largest} bytes" in refused(puller, registry)


@pytest.mark.parametrize(("document", "words"), [
    (b"<html>login</html>", "not JSON"),
    (b"[" * 100_000, "nested deeper"),
    (b'{"schemaVersion":1,"fsLayers":[]}', "schema 1"),
    (BAD.manifest.replace(b'"layers"', b'"manifests": [], "layers"'), "two ways"),
    (BAD.manifest.replace(b'"layers"', b'"layers": [], "layers"'), "stands twice"),
    (BAD.manifest.replace(b'"size": 6', b'"size": -6'), "layers[1].size"),
    (BAD.manifest.replace(digest_of(b"second").encode(), b"sha256:\\u0000\\n../.."), "sha256:??../.."),
])
def test_manifests_that_are_none(puller: Puller, registry: Told, document: bytes, words: str) -> None:
    assert document != BAD.manifest
    registry.manifest("bad", "1", document)
    assert words in refused(puller, registry)


def test_wrong_bytes_of_the_right_size(puller: Puller, registry: Told) -> None:
    registry.blob("bad", LAYER, ranged(LAYER[:-1] + b"!"))
    assert "another digest" in refused(puller, registry)
    registry.blob("bad", LAYER)
    registry.blob("bad", BAD.config, ranged(BAD.config.replace(b"amd64", b"amd65")))
    assert "found bytes with the digest" in refused(puller, registry)


def test_bodies_that_are_too_long(puller: Puller, registry: Told) -> None:
    registry.blob("bad", LAYER, says(LAYER + b"!"))
    assert f"found {len(LAYER) + 1} bytes, expected {len(LAYER)} as the manifest says" in refused(puller, registry)
    assert registry.paths().count(BLOB) == 1, "to ask again does not help"
    # It does not say how long it is.
    registry.blob("bad", LAYER, raw(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + LAYER + b"!"))
    assert f"found more than {len(LAYER)} bytes" in refused(puller, registry)
    assert (puller.folder / digest_of(LAYER).removeprefix("sha256:")).stat().st_size <= len(LAYER)


def test_bodies_that_are_too_short(puller: Puller, registry: Told) -> None:
    registry.blob("bad", LAYER, says(LAYER[:-1]))
    assert f"found {len(LAYER) - 1} bytes, expected {len(LAYER)}" in refused(puller, registry)
    assert registry.paths().count(BLOB) == 1
    short = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + LAYER[:-1]
    registry.blob("bad", LAYER, raw(short))
    assert f"found {len(LAYER) - 1} bytes, expected {len(LAYER)}" in refused(puller, registry)
    assert 2 <= registry.paths().count(BLOB) <= 8, "what was truncated may have been broken: asked again, not for ever"
    registry.blob("bad", LAYER, says(b""))
    assert f"found 0 bytes, expected {len(LAYER)}" in refused(puller, registry)


def cut(data: bytes, at: int) -> Callable[[BaseHTTPRequestHandler], None]:
    """Says that all of it comes, and breaks off."""
    return raw(f"HTTP/1.1 200 OK\r\nContent-Length: {len(data)}\r\n\r\n".encode() + data[:at])


def test_a_server_without_ranges_is_heard_anew(puller: Puller, registry: Told) -> None:
    registry.blob("bad", LAYER, [cut(LAYER, 1000), cut(LAYER, 500), cut(LAYER, 300_000), says(LAYER)])
    puller.pull("pull", f"{registry.host}/bad:1")
    assert puller.blob(LAYER) == LAYER
    ranges = [headers.get("Range") for path, headers in registry.asked if path == BLOB]
    assert ranges == [None, "bytes=1000-", "bytes=1000-", "bytes=300000-"]


@pytest.mark.parametrize("header", [
    f"bytes 999-{len(LAYER) - 1}/{len(LAYER)}", f"bytes 1000-{len(LAYER)}/{len(LAYER) + 1}", "bytes */400000", "",
    "bytes 1000-999/400000", "lines 1000-1001/400000", "bytes 1000-99999999999999999999/*",
])
def test_answers_of_another_range(puller: Puller, registry: Told, header: str) -> None:
    registry.blob("bad", LAYER, [cut(LAYER, 1000), says(LAYER[1000:], 206, Content_Range=header)])
    message = refused(puller, registry)
    assert "Content-Range" in message or f"a blob of {len(LAYER) + 1} bytes" in message


def test_a_range_that_nobody_asked_for(puller: Puller, registry: Told) -> None:
    part = says(LAYER, 206, Content_Range=f"bytes 0-{len(LAYER) - 1}/{len(LAYER)}")
    registry.blob("bad", LAYER, part)
    assert "Content-Range" in refused(puller, registry)


def test_slow_bytes(puller: Puller, registry: Told) -> None:
    def slow(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(LAYER)}\r\n\r\n".encode())
        for byte in LAYER[:300]:
            handler.wfile.write(bytes([byte]))
            time.sleep(0.1)

    registry.blob("bad", LAYER, slow)
    message = refused(puller, registry, "--slowest", "1000", "--slow-for", "1000", "--attempts", "2")
    assert "less than 1000 bytes a second for 1 s" in message
    assert registry.paths().count(BLOB) == 2


def test_redirects_in_a_circle(puller: Puller, registry: Told) -> None:
    registry.answers[BLOB] = says(b"", 307, Location=BLOB)
    assert "more than 5 redirects" in refused(puller, registry)
    assert registry.paths().count(BLOB) == 6


@pytest.mark.parametrize(("location", "words"), [
    ("http://localhost:1/x", "without TLS"), ("file:///etc/passwd", "Location"), ("ftp://localhost/x", "expected"),
    ("//user:secret@localhost/x", "without a user's name"), ("https://", "Location"),
    ("https://localhost:1/x?Signature=secret", "https://localhost:1/x"),
])
def test_redirects_to_where_nobody_should_go(puller: Puller, registry: Told, location: str, words: str) -> None:
    registry.answers[BLOB] = says(b"", 302, Location=location)
    message = refused(puller, registry, "--attempts", "1")
    assert words in message
    assert "secret" not in message


def test_credentials_go_to_no_other_host(puller: Puller, registry: Told, certificate: Certificate) -> None:
    challenge = says(b"", 401, WWW_Authenticate='Basic realm="x"')

    def known(answer: Callable[[BaseHTTPRequestHandler], None]) -> Callable[[BaseHTTPRequestHandler], None]:
        def check(handler: BaseHTTPRequestHandler) -> None:
            (answer if handler.headers.get("Authorization") == f"Basic {basic()}" else challenge)(handler)
        return check

    with Told(certificate) as other:
        for path, answer in list(registry.answers.items()):
            registry.answers[path] = known(answer)
        registry.answers[BLOB] = known(says(b"", 307, Location=f"https://{other.host}/elsewhere?x=y"))
        other.answers["/elsewhere"] = ranged(LAYER)
        puller.pull(*puller.auth(**{registry.host: basic(), other.host: basic("other")}), "pull", f"{registry.host}/bad:1")
        assert puller.blob(LAYER) == LAYER
        assert other.paths() == ["/elsewhere?x=y"]
        assert "Authorization" not in other.asked[0][1]
        # Nor when it asks for them.
        other.answers["/elsewhere"] = challenge
        message = puller.refuse(*puller.auth(**{registry.host: basic()}), "pull", f"{registry.host}/bad:1")
        assert "status 401" in message
        assert all("Authorization" not in headers for _, headers in other.asked)


def test_a_registry_elsewhere_leads_to_no_local_address(puller: Puller, registry: Told) -> None:
    with Proxy(registry.port) as proxy:
        through = ["--https-proxy", f"http://127.0.0.1:{proxy.port}", "--attempts", "1"]
        name = f"{ELSEWHERE}/bad:1"
        puller.pull(*through, "pull", name)
        count = len(proxy.asked)
        for host in (registry.host, "127.0.0.1", "2130706433", "[::1]", "169.254.169.254", "[::ffff:127.0.0.1]"):
            registry.answers[BLOB] = says(b"", 307, Location=f"https://{host}/latest/meta-data")
            message = puller.refuse(*through, "pull", name)
            assert "this machine or its own network: not asked" in message
        token = says(b"", 401, WWW_Authenticate='Bearer realm="https://localhost/token"')
        registry.answers[MANIFESTS + "1"] = token
        assert "this machine or its own network: not asked" in puller.refuse(*through, "pull", name)
        assert set(proxy.asked[count:]) == {f"CONNECT {ELSEWHERE}:443 HTTP/1.1"}


@pytest.mark.parametrize("answer", [
    b"", b"garbage\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20_000 + b"\r\n",
    b"HTTP/1.1 99999 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\n" * 5, b"\x00" * 1000, b"HTTP/1.1 302 Found\r\nLocation: \x1b[31m\r\nContent-Length: 0\r\n\r\n",
])
def test_garbage(puller: Puller, registry: Told, answer: bytes) -> None:
    registry.answers[MANIFESTS + "1"] = raw(answer)
    assert registry.host in refused(puller, registry, "--attempts", "2")
    registry.offer("bad", BAD)
    registry.answers[BLOB] = raw(answer)
    assert registry.host in refused(puller, registry, "--attempts", "2")


@pytest.mark.parametrize(("challenge", "words"), [
    ('Bearer realm="', "WWW-Authenticate"), ("Bearer", "without realm"), ('Bearer realm="file:///etc/passwd"', "realm: "),
    ('Bearer realm="http://localhost:1/token"', "without TLS"), ('Bearer realm="https://localhost:1/token"', "token"),
    ("x" * 9000, "WWW-Authenticate"), ("Negotiate", "status 401"),
])
def test_challenges_that_lead_nowhere(puller: Puller, registry: Told, challenge: str, words: str) -> None:
    registry.answers[MANIFESTS + "1"] = says(b"", 401, WWW_Authenticate=challenge)
    assert words in refused(puller, registry, "--attempts", "1")


@pytest.mark.parametrize("answer", [b"", b"{}", b'{"token":"a\\r\\nHost: b"}', b'{"token":""}', b"[" * 1000, b"x" * 2_000_000])
def test_tokens_that_are_none(puller: Puller, registry: Told, answer: bytes) -> None:
    registry.answers[MANIFESTS + "1"] = says(b"", 401, WWW_Authenticate=f'Bearer realm="https://{registry.host}/token"')
    registry.answers["/token"] = says(answer)
    assert "token" in refused(puller, registry)
    assert registry.paths().count(MANIFESTS + "1") == 1


def test_a_token_that_is_never_enough(puller: Puller, registry: Told) -> None:
    registry.answers[MANIFESTS + "1"] = says(b"", 401, WWW_Authenticate=f'Bearer realm="https://{registry.host}/token"')
    registry.answers["/token"] = says(b'{"token":"abc"}')
    assert "status 401" in refused(puller, registry)
    assert registry.paths().count(MANIFESTS + "1") == 2


def test_what_registries_say_is_quoted_without_control_bytes(puller: Puller, registry: Told) -> None:
    errors = json.dumps({"errors": [{"code": "DENIED", "message": "no\n\x1b[31mno"}]}).encode()
    registry.answers[MANIFESTS + "1"] = says(errors, 403)
    message = refused(puller, registry)
    assert "status 403 (DENIED: no??[31mno)" in message


def test_busy_servers_are_asked_again_as_they_say(puller: Puller, registry: Told) -> None:
    honest = registry.answers[MANIFESTS + "1"]
    registry.answers[MANIFESTS + "1"] = [says(b"", 503), says(b"", 429, Retry_After="1"), honest]
    begin = time.monotonic()
    puller.pull("pull", f"{registry.host}/bad:1")
    assert time.monotonic() - begin >= 1
    registry.answers[MANIFESTS + "1"] = says(b"", 429, Retry_After="100000")
    registry.asked.clear()
    assert "status 429" in refused(puller, registry)
    assert registry.paths().count(MANIFESTS + "1") == 1
    registry.answers[MANIFESTS + "1"] = says(b"", 500)
    assert "status 500" in refused(puller, registry)
    assert registry.paths().count(MANIFESTS + "1") == 1 + 5
    registry.answers[MANIFESTS + "1"] = says(b"", 400)
    registry.asked.clear()
    assert "status 400" in refused(puller, registry)
    assert registry.paths().count(MANIFESTS + "1") == 1


def test_an_insecure_registry_without_tls(puller: Puller, certificate: Certificate) -> None:
    with Told(None) as plain:
        plain.offer("good", GOOD)
        name = f"{plain.host}/good:1"
        assert plain.host in puller.refuse("--attempts", "1", "pull", name)
        assert plain.asked == []
        conf = puller.conf(f"[[registry]]\nlocation = '{plain.host}'\ninsecure = true\n")
        assert puller.pull(*conf, "pull", name)["image"] == digest_of(GOOD.manifest)


def test_a_registry_elsewhere_leads_to_no_name_of_this_machine(tmp_path: Path) -> None:
    """What a name stands for is seen only when it is asked."""
    alone = ["unshare", "--map-root-user", "--net", "--mount"]
    if subprocess.run([*alone, "true"], capture_output=True, check=False).returncode:
        pytest.skip("no namespaces here")
    done = subprocess.run([*alone, sys.executable, "-m", "tests.support.lonely_registry", tmp_path, DRIVER],
                          cwd=os.environ["HALLMARK_SOURCE"], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["innocent.example"]["status"] == 1
    assert "leads to 127.0.0.1, which is this machine or its own network: not asked" in told["innocent.example"]["stderr"]
    assert told["asked"] == []
    assert told["elsewhere.example"] == {"status": 0, "stderr": ""}
