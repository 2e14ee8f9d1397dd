# SPDX-License-Identifier: Apache-2.0
"""The key store from outside: read by hand, killed while it writes, on a full disk, and under a key in a token."""

import hashlib
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.integration.softhsm import PIN, make_tokens

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("HALLMARK_BUILD", ROOT / "build"))
DRIVER = BUILD / "tests" / "drivers" / "key-store-driver"
KILLS = 200

pytestmark = pytest.mark.skipif(not DRIVER.is_file(), reason=f"{DRIVER} is not built")


class Store:
    """One store and the driver that uses it."""

    def __init__(self, folder: Path, key: str, environment: dict[str, str] | None = None) -> None:
        self.folder = folder
        self.file = folder / "keys.sqlite"
        self.key = key
        self.environment = os.environ | (environment or {})

    def command(self, *arguments: str) -> list[str]:
        return [str(DRIVER), str(self.file), self.key, *arguments]

    def run(self, *arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(self.command(*arguments), input=given, capture_output=True, env=self.environment,
                              timeout=60, check=False)

    def done(self, *arguments: str, given: bytes = b"") -> bytes:
        done = self.run(*arguments, given=given)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def failed(self, *arguments: str, given: bytes = b"", status: int = 2) -> str:
        done = self.run(*arguments, given=given)
        assert done.returncode == status and not done.stdout, done
        return done.stderr.decode()

    def dump(self) -> dict[str, tuple[int, str]]:
        rows = (line.split() for line in self.done("dump").decode().splitlines())
        return {path: (int(size), digest) for path, size, digest in rows}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tmp_path.chmod(0o700)
    return tmp_path


@pytest.fixture
def store(folder: Path) -> Store:
    made = Store(folder, str(folder / "master"))
    made.done("init")
    return made


def test_a_row_is_opened_by_hand(store: Store) -> None:
    """The format as it is written down, with another implementation of AES-GCM."""
    store.done("write", "default/key/one", given=b"a secret of the owner")
    master = (store.folder / "master").read_bytes()
    with sqlite3.connect(store.file) as database:
        settings = dict(database.execute("SELECT name, value FROM store"))
        rows = list(database.execute("SELECT path, wrapped_key, value FROM secrets"))
    assert [path for path, _, _ in rows] == ["default/key/one"]
    _, wrapped, value = rows[0]

    def unseal(key: bytes, sealed: bytes, purpose: bytes, name: bytes) -> bytes:
        assert sealed[0] == 1
        context = b"hallmark key store 1: " + purpose + b"\0" + settings["store_id"] + name
        return AESGCM(key).decrypt(sealed[1:13], sealed[13:], context)

    data_key = unseal(master, wrapped, b"key", b"default/key/one")
    assert len(data_key) == 32
    assert unseal(data_key, value, b"value", b"default/key/one") == b"a secret of the owner"
    assert len(unseal(master, settings["check"], b"check", settings["master_key"])) == 32
    named = hashlib.sha256(b"hallmark: the name of a master key" + master).hexdigest()[:16]
    assert settings["master_key"].decode() == f"file:{named}"


def test_nothing_but_the_store_stays_in_its_folder(store: Store) -> None:
    store.done("write", "a/b/c", given=b"x")
    assert sorted(path.name for path in store.folder.iterdir()) == ["keys.sqlite", "master"]
    assert store.file.stat().st_mode & 0o777 == 0o600


def test_exit_statuses(store: Store) -> None:
    assert "no such secret" in store.failed("read", "a/b/c", status=1)
    assert "segment" in store.failed("read", "a/../c")
    assert "already" in store.failed("init") or "exists" in store.failed("init")


def test_a_credential_of_systemd_is_a_master_key(store: Store) -> None:
    store.done("write", "a/b/c", given=b"x")
    credentials = store.folder / "credentials"
    credentials.mkdir()
    shutil.copy(store.folder / "master", credentials / "kbs-master")
    (credentials / "kbs-master").chmod(0o400)
    service = Store(store.folder, "credential:kbs-master", {"CREDENTIALS_DIRECTORY": str(credentials)})
    assert service.done("read", "a/b/c") == b"x"


# Killed in the middle.


def value_of(step: int) -> bytes:
    """The value that the driver's step writes."""
    part = f"{step}:".encode()
    size = (step * 7919) % 60_000
    return (part * (size // len(part) + 1))[:size]


def after(step: int) -> tuple[str, tuple[int, str] | None]:
    """The path that a step is about, and what is there after it."""
    value = value_of(step)
    there = None if step % 11 == 10 else (len(value), hashlib.sha256(value).hexdigest())
    return f"default/key/k{step % 5}", there


def churn_until_killed(store: Store, first: int, seconds: float) -> list[str]:
    with subprocess.Popen(store.command("churn", str(first)), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        time.sleep(seconds)
        child.send_signal(signal.SIGKILL)
        said, errors = child.communicate(timeout=30)
        assert child.returncode == -signal.SIGKILL and not errors, errors
    # A line without its end was not said.
    return said.decode().split("\n")[:-1]


def test_killed_at_random_nothing_stored_is_lost(store: Store) -> None:
    chance = random.Random(20261125)
    expected: dict[str, tuple[int, str]] = {}
    step = stored = interrupted = 0
    for _ in range(KILLS):
        open_step = None
        for line in churn_until_killed(store, step, chance.uniform(0.005, 0.08)):
            word, number = line.split()
            step = int(number) + 1
            open_step = int(number) if word == "begin" else None
            if word == "end":
                path, there = after(int(number))
                stored += 1
                expected.pop(path, None)
                if there:
                    expected[path] = there
        found = store.dump()
        if open_step is not None:
            # The step that was under way happened, or did not; there is no third.
            interrupted += 1
            path, there = after(open_step)
            assert found.get(path) in (expected.get(path), there)
            expected.pop(path, None)
            if path in found:
                expected[path] = found[path]
        assert found == expected
    assert stored > KILLS and interrupted > KILLS // 4, (stored, interrupted)


def test_killed_while_it_goes_over_to_another_master_key(store: Store) -> None:
    keys = [store.folder / "master", store.folder / "second"]
    keys[1].write_bytes(os.urandom(32))
    keys[1].chmod(0o600)
    for number in range(60):
        store.done("write", f"default/key/{number}", given=b"%d" % number)
    expected = store.dump()
    chance = random.Random(5)
    opened = [0, 0]
    for _ in range(40):
        child = subprocess.Popen(store.command("rewrap", str(keys[1 - keys.index(Path(store.key))])),
                                 stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.001, 0.05))
        child.kill()
        child.wait(timeout=30)
        fits = []
        for key in keys:
            store.key = str(key)
            if store.run("dump").returncode == 0:
                fits.append(key)
        assert len(fits) == 1, "one key opens it, and the other does not"
        store.key = str(fits[0])
        opened[keys.index(fits[0])] += 1
        assert store.dump() == expected
    assert min(opened) > 0, opened


# Disks and other processes.


def in_mount(folder: Path, options: str, script: str) -> subprocess.CompletedProcess[str]:
    """Runs a script with a small disk of its own mounted on the folder."""
    mount = f'mount -t tmpfs -o {options} none "{folder}" && '
    able = subprocess.run(["unshare", "-rm", "sh", "-c", mount + "true"], capture_output=True, check=False, timeout=30)
    if able.returncode != 0:
        pytest.skip(f"no mount namespace here: {able.stderr.decode().strip()}")
    return subprocess.run(["unshare", "-rm", "sh", "-ec", mount + script], capture_output=True, text=True, timeout=60,
                          check=False)


SMALL = f"""
d="{DRIVER}"; s="$FOLDER/keys"; m="$FOLDER/master"
"$d" "$s" "$m" init
printf old | "$d" "$s" "$m" write a/b/c
"""


def test_a_full_disk_leaves_the_old_value(folder: Path) -> None:
    script = SMALL.replace("$FOLDER", str(folder)) + """
    head -c 900000 /dev/zero | "$d" "$s" "$m" write a/b/c && exit 77
    "$d" "$s" "$m" read a/b/c
    printf new | "$d" "$s" "$m" write a/b/c
    "$d" "$s" "$m" read a/b/c
    """
    done = in_mount(folder, "mode=700,size=256k", script)
    assert done.returncode == 0, done
    assert done.stdout == "oldnew"
    assert "disk is full" in done.stderr and "nothing was changed" in done.stderr


def test_a_disk_that_can_only_be_read_is_named(folder: Path) -> None:
    script = SMALL.replace("$FOLDER", str(folder)) + f"""
    mount -o remount,ro "{folder}"
    printf new | "$d" "$s" "$m" write a/b/c && exit 77
    mount -o remount,rw "{folder}"
    "$d" "$s" "$m" read a/b/c
    """
    done = in_mount(folder, "mode=700,size=256k", script)
    assert done.returncode == 0, done
    assert done.stdout == "old"
    assert "only be read" in done.stderr


def test_a_second_process_waits_and_is_then_told(store: Store) -> None:
    for milliseconds, status in (("700", 0), ("8000", 2)):
        with subprocess.Popen(store.command("hold", milliseconds), stdout=subprocess.PIPE) as holder:
            assert holder.stdout is not None and holder.stdout.readline() == b"held\n"
            done = store.run("write", "a/b/c", given=milliseconds.encode())
            holder.kill()
        assert done.returncode == status, done
        if status:
            assert b"another process is using it" in done.stderr
    assert store.done("read", "a/b/c") == b"700"


# Under a key in a token.


@pytest.fixture
def token(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A token of its own, and a store whose master key was made in it."""
    module = make_tokens(folder, monkeypatch, "hallmark", "another")
    made = Store(folder, "pkcs11:token=hallmark;object=kbs", {"HALLMARK_MODULE": str(module),
                                                             "HALLMARK_PIN": str(folder / "pin")})
    made.done("init")
    return made


def pkcs11_tool(store: Store, *arguments: str) -> str:
    if not shutil.which("pkcs11-tool"):
        pytest.skip("pkcs11-tool is not installed (Debian package opensc)")
    done = subprocess.run(["pkcs11-tool", "--module", store.environment["HALLMARK_MODULE"], "--token-label", "hallmark",
                           "--login", "--pin", PIN, *arguments],
                          capture_output=True, text=True, check=False, timeout=60)
    return done.stdout + done.stderr


def test_the_key_in_the_token_never_leaves_it(token: Store) -> None:
    token.done("write", "a/b/c", given=b"secret")
    assert token.done("read", "a/b/c") == b"secret"
    seen = pkcs11_tool(token, "--list-objects", "--type", "secrkey")
    assert seen.count("Secret Key Object") == 1
    for word in ("AES length 32", "label:      kbs", "never extractable", "always sensitive", "encrypt, decrypt"):
        assert word in seen, seen
    assert "wrap" not in seen
    refused = pkcs11_tool(token, "--read-object", "--type", "secrkey", "--label", "kbs")
    assert "CKR_ATTRIBUTE_SENSITIVE" in refused or "error" in refused.lower(), refused
    assert sorted(path.name for path in token.folder.iterdir()) == ["keys.sqlite", "pin", "softhsm2.conf", "tokens"]


def test_the_token_is_needed(token: Store) -> None:
    token.done("write", "a/b/c", given=b"secret")
    tokens = token.folder / "tokens"
    tokens.rename(token.folder / "away")
    tokens.mkdir()
    assert "0 of" in token.failed("read", "a/b/c")
    tokens.rmdir()
    (token.folder / "away").rename(tokens)
    assert token.done("read", "a/b/c") == b"secret"


def test_wrong_pins_tokens_and_keys_are_named(token: Store) -> None:
    key = token.key
    assert "there already" in token.failed("init")
    token.key = "pkcs11:token=nobody;object=kbs"
    assert "0 of" in token.failed("dump")
    token.key = "pkcs11:object=kbs"
    assert "2 of" in token.failed("dump")
    token.key = "pkcs11:token=hallmark;object=other"
    assert "no AES key" in token.failed("dump")
    token.key = f"{key}?pin-value={PIN}"
    refused = token.failed("dump")
    assert "PIN" in refused and PIN not in refused
    token.key = "pkcs11:token=hallmark;colour=blue"
    assert "not known" in token.failed("dump")
    token.key = key
    (token.folder / "pin").chmod(0o644)
    assert "mode 0644" in token.failed("dump")
    (token.folder / "pin").chmod(0o600)
    (token.folder / "pin").write_text("99999999")
    wrong = token.failed("dump")
    assert "C_Login" in wrong and "99999999" not in wrong
    token.environment["HALLMARK_MODULE"] = "libsofthsm2.so"
    assert "named from the root" in token.failed("dump")


def test_keys_that_could_leave_are_refused(token: Store) -> None:
    """Made by another program: extractable, or written into the token from outside."""
    pkcs11_tool(token, "--keygen", "--key-type", "AES:32", "--label", "open", "--id", "01", "--extractable")
    pkcs11_tool(token, "--keygen", "--key-type", "AES:16", "--label", "short", "--id", "02", "--sensitive")
    (token.folder / "raw").write_bytes(os.urandom(32))
    pkcs11_tool(token, "--write-object", str(token.folder / "raw"), "--type", "secrkey", "--key-type", "AES:32",
                "--label", "imported", "--id", "03", "--sensitive")
    for label, words in {"open": ("CKA_EXTRACTABLE", "CKA_SENSITIVE"), "short": ("16 bytes",),
                         "imported": ("CKA_ALWAYS_SENSITIVE", "CKA_NEVER_EXTRACTABLE")}.items():
        token.key = f"pkcs11:token=hallmark;object={label}"
        said = token.failed("dump")
        assert any(word in said for word in words), said


def test_a_store_goes_from_a_file_to_a_token_and_back(token: Store) -> None:
    token.done("write", "a/b/c", given=b"secret")
    key = token.key
    raw = token.folder / "master"
    raw.write_bytes(os.urandom(32))
    raw.chmod(0o600)
    token.done("rewrap", str(raw))
    assert "not its master key" in token.failed("read", "a/b/c")
    token.key = str(raw)
    assert token.done("read", "a/b/c") == b"secret"
    token.done("rewrap", key)
    token.key = key
    assert token.done("read", "a/b/c") == b"secret"


def test_a_changed_row_does_not_open_in_the_token(token: Store) -> None:
    token.done("write", "a/b/c", given=b"secret")
    with sqlite3.connect(token.file) as database:
        (wrapped,) = database.execute("SELECT wrapped_key FROM secrets").fetchone()
        assert len(wrapped) == 61 and wrapped[0] == 1
        for offset in (1, 13, 44, 45, 60):
            changed = bytearray(wrapped)
            changed[offset] ^= 1
            database.execute("UPDATE secrets SET wrapped_key = ?", (bytes(changed),))
            database.commit()
            assert "key of a/b/c" in token.failed("read", "a/b/c")
        database.execute("UPDATE secrets SET wrapped_key = ?, path = 'a/b/d'", (wrapped,))
        database.commit()
    assert "key of a/b/d" in token.failed("read", "a/b/d")
