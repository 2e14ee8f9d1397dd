# SPDX-License-Identifier: Apache-2.0
"""The image puller's registry client against Debian's docker-registry, and against what stands between them."""

import gzip
import secrets
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.registry_client import BUILD, DRIVER, PASSWORD, USER, Puller, basic
from tests.support.registries import (ELSEWHERE, INDEX, REGISTRY, Certificate, DebianRegistry, Image, TokenServer, digest_of,
                                      index_of, write_layout)
from tests.support.relays import Proxy, Relay

SKOPEO = BUILD / "tests/tools/skopeo"
MEBIBYTE = 1024 * 1024
# bcrypt of the password, as docker-registry wants it: crypt(3) of glibc made it.
HASH = "$2y$05$abcdefghijklmnopqrstuubMHTpw5uKdtLGvKw5uzYhbpqtktcY3."

pytestmark = [
    pytest.mark.skipif(not DRIVER.is_file(), reason=f"{DRIVER} is not built"),
    pytest.mark.skipif(not SKOPEO.is_file(), reason=f"no {SKOPEO}: build it with: ninja tests/tools/skopeo"),
    pytest.mark.skipif(not REGISTRY.is_file(), reason=f"no {REGISTRY}: build it with: ninja boot/demo/docker-registry"),
]


def push(registry: DebianRegistry, certificate: Certificate, layout: Path, name: str, *words: str) -> None:
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(layout), "TMPDIR": str(layout)}
    done = subprocess.run([SKOPEO, "--insecure-policy", "copy", "--all", "--dest-cert-dir", certificate.folder,
                           "--dest-creds", f"{USER}:{PASSWORD}", *words, f"oci:{layout}:it",
                           f"docker://{registry.host}/{name}"],
                          env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return Certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(scope="module")
def image() -> Image:
    # Compressed, or skopeo would do it.
    return Image([gzip.compress(secrets.token_bytes(8 * MEBIBYTE), 1), gzip.compress(b"a small layer")])


ARM = Image([gzip.compress(b"arm")], "arm64")


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory, certificate: Certificate, image: Image) -> Iterator[DebianRegistry]:
    """With basic authentication; it has the image, and an index of it and another."""
    folder = tmp_path_factory.mktemp("registry")
    passwords = folder / "htpasswd"
    passwords.write_text(f"{USER}:{HASH}\n")
    with DebianRegistry(folder, certificate, {"htpasswd": {"realm": "test", "path": str(passwords)}}) as registry:
        push(registry, certificate, write_layout(folder / "one", image), "team/app:1")
        push(registry, certificate, write_layout(folder / "two", ARM, image), "team/both:1")
        push(registry, certificate, folder / "one", "team/docker:1", "--format", "v2s2")
        yield registry


@pytest.fixture
def puller(tmp_path: Path, certificate: Certificate) -> Puller:
    return Puller(tmp_path, certificate)


def test_an_image_that_skopeo_pushed_is_pulled(registry: DebianRegistry, puller: Puller, image: Image) -> None:
    told = puller.pull(*puller.auth(**{registry.host: basic()}), "pull", f"{registry.host}/team/app:1")
    assert told["named"] == told["image"] == digest_of(image.manifest)
    assert [layer["digest"] for layer in told["layers"]] == [digest_of(layer) for layer in image.layers]
    for layer in image.layers:
        assert puller.blob(layer) == layer
    by_digest = f"{registry.host}/team/app@{digest_of(image.manifest)}"
    assert puller.pull(*puller.auth(**{registry.host: basic()}), "pull", by_digest) == told | {"reference": by_digest}


def test_of_an_index_the_platforms_image_is_pulled(registry: DebianRegistry, puller: Puller, image: Image) -> None:
    told = puller.pull(*puller.auth(**{registry.host: basic()}), "pull", f"{registry.host}/team/both:1")
    assert told["named"] == digest_of(index_of(ARM, image))
    assert told["image"] == digest_of(image.manifest)
    assert told["architecture"] == "amd64"


def test_dockers_form_is_pulled(registry: DebianRegistry, puller: Puller) -> None:
    told = puller.pull(*puller.auth(**{registry.host: basic()}), "pull", f"{registry.host}/team/docker:1")
    assert told["type"] == "application/vnd.docker.distribution.manifest.v2+json"
    assert len(told["layers"]) == 2


def test_the_login_with_the_longest_key_is_taken(registry: DebianRegistry, puller: Puller) -> None:
    wrong = basic(password="wrong")
    keys = {registry.host: wrong, f"{registry.host}/team": wrong, f"{registry.host}/team/app": basic()}
    puller.pull(*puller.auth(**keys), "pull", f"{registry.host}/team/app:1")
    keys[f"{registry.host}/team/app"] = wrong
    message = puller.refuse(*puller.auth(**keys), "pull", f"{registry.host}/team/app:1")
    assert "status 401 (UNAUTHORIZED: authentication required)" in message
    assert f"check the credentials for {registry.host}" in message
    assert wrong not in message
    assert "wrong" not in message


def test_what_is_not_there_is_told(registry: DebianRegistry, puller: Puller) -> None:
    auth = puller.auth(**{registry.host: basic()})
    assert "has no such image" in puller.refuse(*auth, "pull", f"{registry.host}/team/app:none")
    assert "status 401" in puller.refuse("pull", f"{registry.host}/team/app:1")  # nobody said who asks


def test_another_certificate_is_refused(registry: DebianRegistry, puller: Puller, tmp_path: Path) -> None:
    name = f"{registry.host}/team/app:1"
    stranger = Puller(tmp_path, Certificate(tmp_path / "stranger"))
    auth = stranger.auth(**{registry.host: basic()})
    assert "certificate" in stranger.refuse(*auth, "pull", name)
    insecure = stranger.conf(f"[[registry]]\nlocation = '{registry.host}'\ninsecure = true\n")
    stranger.pull(*auth, *insecure, "pull", name)


def test_a_token_is_fetched_and_used(certificate: Certificate, tmp_path: Path, puller: Puller, image: Image) -> None:
    with TokenServer(certificate, f"{USER}:{PASSWORD}") as tokens:
        auth = {"token": {"realm": f"https://{tokens.host}/token", "service": "the registry", "issuer": "hallmark",
                          "rootcertbundle": str(certificate.path)}}
        with DebianRegistry(tmp_path / "registry", certificate, auth) as registry:
            push_with_root(registry, certificate, write_layout(tmp_path / "layout", image), "team/app:1")
            tokens.asked.clear()
            name = f"{registry.host}/team/app:1"
            puller.pull(*puller.auth(**{registry.host: basic()}), "pull", name)
            # One token for all requests, which allows to pull and nothing else.
            assert tokens.paths() == ["/token?service=the%20registry&scope=repository%3Ateam%2Fapp%3Apull"]
            message = puller.refuse("pull", name)
            assert "status 401" in message
            wrong = puller.auth(**{registry.host: basic(password="wrong")})
            assert "status 401" in puller.refuse(*wrong, "pull", name)


def push_with_root(registry: DebianRegistry, certificate: Certificate, layout: Path, name: str) -> None:
    """As push(), for a registry with a token server, whose certificate skopeo looks for among the system's."""
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(layout), "TMPDIR": str(layout),
                   "SSL_CERT_FILE": str(certificate.path)}
    done = subprocess.run([SKOPEO, "--insecure-policy", "copy", "--dest-creds", f"{USER}:{PASSWORD}",
                           f"oci:{layout}:it", f"docker://{registry.host}/{name}"],
                          env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr


def test_a_broken_layer_goes_on_where_it_broke(registry: DebianRegistry, puller: Puller, image: Image) -> None:
    # The second layer may come over a connection of its own.
    with Relay(registry.port, [3 * MEBIBYTE, 2 * MEBIBYTE, MEBIBYTE]) as line:
        puller.pull(*puller.auth(**{line.host: basic()}), "pull", f"{line.host}/team/app:1")
        assert 3 <= line.connections <= 5
        assert line.returned < 8.5 * MEBIBYTE, "bytes came twice"
    assert puller.blob(image.layers[0]) == image.layers[0]


def test_a_line_that_breaks_at_once_each_time_is_left(registry: DebianRegistry, puller: Puller) -> None:
    with Relay(registry.port, [MEBIBYTE] + [20_000] * 50) as line:
        message = puller.refuse(*puller.auth(**{line.host: basic()}), "--attempts", "4", "pull", f"{line.host}/team/app:1")
        assert line.connections <= 6
    assert f"{line.host}/team/app: blobs/sha256:" in message


def test_a_registry_that_comes_back_is_asked_again(registry: DebianRegistry, puller: Puller) -> None:
    with Relay(registry.port, [1, 1]) as line:  # the first connections break in the handshake
        puller.pull(*puller.auth(**{line.host: basic()}), "pull", f"{line.host}/team/app:1")


def test_connections_are_kept(registry: DebianRegistry, puller: Puller) -> None:
    with Relay(registry.port) as line:
        puller.pull(*puller.auth(**{line.host: basic()}), "pull", f"{line.host}/team/app:1")
        assert line.connections <= 2, "one, and another for the second layer, which comes at the same time"


def test_the_sinks_error_ends_the_transfer(registry: DebianRegistry, puller: Puller) -> None:
    with Relay(registry.port) as line:
        done = puller.run(*puller.auth(**{line.host: basic()}), "fill", f"{line.host}/team/app:1", str(MEBIBYTE))
        assert (done.returncode, done.stderr) == (1, "registry-driver: the sink is full\n")
        assert line.returned < 6 * MEBIBYTE


def test_mirrors_are_asked_first_and_blocked_registries_never(registry: DebianRegistry, puller: Puller) -> None:
    auth = puller.auth(**{registry.host: basic()})
    # A mirror that nobody serves, one that lacks the image, and one that has it; the original does not exist.
    conf = puller.conf("[[registry]]\nprefix = 'nowhere.invalid/x'\n"
                       "[[registry.mirror]]\nlocation = 'localhost:1/team'\n"
                       f"[[registry.mirror]]\nlocation = '{registry.host}/empty'\n"
                       f"[[registry.mirror]]\nlocation = '{registry.host}/team'\n")
    told = puller.pull(*auth, *conf, "pull", "nowhere.invalid/x/app:1")
    assert told["reference"] == "nowhere.invalid/x/app:1"
    conf = puller.conf(f"[[registry]]\nprefix = '{registry.host}'\nblocked = true\n")
    assert "registries.conf blocks" in puller.refuse(*auth, *conf, "pull", f"{registry.host}/team/app:1")


def test_where_no_mirror_has_it_all_are_named(registry: DebianRegistry, puller: Puller) -> None:
    conf = puller.conf("[[registry]]\nprefix = 'localhost:2/x'\n[[registry.mirror]]\nlocation = 'localhost:1/team'\n")
    message = puller.refuse(*conf, "--attempts", "2", "pull", "localhost:2/x/app:1")
    assert "localhost:2/x/app" in message
    assert "mirror localhost:1/team/app" in message


def test_short_names_are_searched_for(registry: DebianRegistry, puller: Puller) -> None:
    conf = puller.conf(f"unqualified-search-registries = ['{registry.host}']\n")
    told = puller.pull(*puller.auth(**{registry.host: basic()}), *conf, "pull", "team/app:1")
    assert told["reference"] == f"{registry.host}/team/app:1"


def test_a_proxy_is_asked_unless_excepted(registry: DebianRegistry, puller: Puller) -> None:
    auth = puller.auth(**{ELSEWHERE: basic(), registry.host: basic()})
    with Proxy(registry.port) as proxy:
        through = ["--https-proxy", f"http://127.0.0.1:{proxy.port}"]
        puller.pull(*auth, *through, "pull", f"{ELSEWHERE}/team/app:1")
        assert set(proxy.asked) == {f"CONNECT {ELSEWHERE}:443 HTTP/1.1"}
        count = len(proxy.asked)
        puller.pull(*auth, *through, "--no-proxy", "other.example,localhost", "pull", f"{registry.host}/team/app:1")
        assert len(proxy.asked) == count


def test_the_index_is_what_skopeo_pushed(registry: DebianRegistry, puller: Puller, image: Image) -> None:
    """Its digest may be demanded, and no other is taken for it."""
    auth = puller.auth(**{registry.host: basic()})
    index = digest_of(index_of(ARM, image))
    told = puller.pull(*auth, "pull", f"{registry.host}/team/both:1@{index}")
    assert told["named"] == index
    assert INDEX not in told["type"]
    assert "has no such image" in puller.refuse(*auth, "pull", f"{registry.host}/team/both:1@{digest_of(b'')}")
