# SPDX-License-Identifier: Apache-2.0
"""What an owner does with a running hallmark-kbs: values, policies and secrets by hallmark-kbs and hallmark-measure,
seen again through the protocol; and its files by hallmark-kbs audit and rewrap."""

import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from tests.integration.kbs import BUILD, MEASUREMENT, POLICY, PROGRAM, RELEASE, SECRET, Admin, Kbs, Platform, TeeKey

MEASURE = BUILD / "measure/hallmark-measure"
GUEST = BUILD / "guest"
# What hallmark-measure publish needs of an image.
PUBLISHED = ("manifest.json", "reference-values.json", "rvps-message.json")


def private_key(admin: Admin, folder: Path) -> Path:
    path = folder / "admin.pem"
    path.touch(0o600)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(admin.key.private_bytes(*form))
    return path


class Owner:
    """Someone at a terminal, who has the administrator's key."""

    def __init__(self, folder: Path) -> None:
        self.admin = Admin(folder)
        self.key = private_key(self.admin, folder)
        self.kbs = Kbs(folder / "data", "--admin-key", self.admin.public)
        self.data = folder / "data"

    def options(self, **changed: str | Path) -> list[str | Path]:
        options = {"kbs": self.kbs.told["url"], "admin-key": self.key, "certificate": self.kbs.told["certificate"]}
        options |= {name.replace("_", "-"): value for name, value in changed.items()}
        return [word for name, value in options.items() if value for word in (f"--{name}", value)]

    def run(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        return run(PROGRAM, *words, *self.options())

    def does(self, *words: str | Path) -> str:
        done = self.run(*words)
        assert (done.returncode, done.stderr) == (0, ""), done
        return done.stdout

    def values(self, name: str) -> list:
        return [json.loads(line) for line in self.does("reference-values", "show", name).splitlines()]

    def has_none(self, name: str) -> bool:
        done = self.run("reference-values", "show", name)
        return done.returncode == 1 and done.stdout == "" and "no value" in done.stderr


def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)


def fails(done: subprocess.CompletedProcess[str], status: int, *words: str) -> None:
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (status, "", 1), done
    for word in words:
        assert word in done.stderr


@pytest.fixture
def owner(tmp_path: Path) -> Iterator[Owner]:
    owner = Owner(tmp_path)
    yield owner
    owner.kbs.stop()


@pytest.fixture
def image(tmp_path: Path) -> Path:
    missing = [name for name in PUBLISHED if not (GUEST / name).is_file()]
    if missing:
        pytest.skip(f"{GUEST} lacks {', '.join(missing)}: build the guest image")
    folder = tmp_path / "image"
    folder.mkdir()
    for name in PUBLISHED:
        shutil.copyfile(GUEST / name, folder / name)
    return folder


def test_what_is_stored_and_allowed_here_is_what_a_guest_gets(tmp_path: Path) -> None:
    (tmp_path / "platform").mkdir()
    platform = Platform(tmp_path / "platform")
    admin = Admin(tmp_path)
    key = private_key(admin, tmp_path)
    kbs = Kbs(tmp_path / "data", "--admin-key", admin.public, "--trust-simulated", platform.root)
    access = ["--kbs", kbs.told["url"], "--admin-key", key, "--certificate", kbs.told["certificate"]]
    (tmp_path / "secret").write_bytes(SECRET)
    (tmp_path / "policy.toml").write_text(POLICY)
    (tmp_path / "release.toml").write_text(RELEASE)
    path = "/kbs/v0/resource/default/key/disk"

    def does(*words: str | Path) -> None:
        done = run(PROGRAM, *words, *access)
        assert (done.returncode, done.stderr) == (0, ""), done

    def asks() -> tuple[TeeKey, bytes | str]:
        tee = TeeKey()
        session = kbs.auth()
        assert kbs.attest(platform, tee, session).status == 200
        answer = kbs.ask("GET", path, cookie=session[0])
        return tee, tee.open(answer.json()) if answer.status == 200 else answer.error()

    try:
        does("set-resource", "default/key/disk", tmp_path / "secret")
        does("set-policy", tmp_path / "policy.toml")
        does("set-release-policy", tmp_path / "release.toml")
        assert asks()[1] == "PolicyDeny"
        does("reference-values", "set", "snp_launch_measurement", MEASUREMENT)
        assert asks()[1] == SECRET
        does("reference-values", "delete", "snp_launch_measurement")
        assert asks()[1] == "PolicyDeny"
        does("reference-values", "set", "snp_launch_measurement", "cd" * 48, MEASUREMENT)
        assert asks()[1] == SECRET
        # As guests write it; and what isn't there any more can't be deleted again.
        does("delete-resource", "kbs:///default/key/disk")
        assert asks()[1] == "PluginInternalError"
        fails(run(PROGRAM, "delete-resource", "default/key/disk", *access), 1, "default/key/disk")
    finally:
        kbs.stop()
        platform.close()


def test_publish_registers_an_image(owner: Owner, image: Path) -> None:
    assert owner.has_none("snp_launch_measurement")
    assert owner.does("reference-values", "list") == ""
    done = run(MEASURE, "publish", image, *owner.options())
    assert (done.returncode, done.stderr) == (0, ""), done
    snp = json.loads((image / "reference-values.json").read_text())["snp"]
    digests = {launch["launch_digest"] for launch in snp["launches"]}
    assert len(digests) > 1
    assert set(owner.values("snp_launch_measurement")) == digests
    policy = int(snp["policy"], 16)
    assert owner.values("snp_smt_allowed") == [bool(policy >> 16 & 1)]
    assert owner.values("snp_guest_abi_major") == [policy >> 8 & 0xFF]

    # A set for each document: who it is of, and which image it was made for.
    lines = owner.does("reference-values", "list").splitlines()
    manifest = hashlib.sha256((image / "manifest.json").read_bytes()).hexdigest()
    assert len(lines) == 1 and lines[0].startswith(f"hallmark-guest 0.1.0, manifest {manifest}: ")
    begins, ends = re.findall(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", lines[0])
    days = datetime.fromisoformat(ends[:-1]) - datetime.fromisoformat(begins[:-1])
    assert days == timedelta(days=365)  # as Trustee's

    # All of a build can be deleted, and nothing else.
    owner.does("reference-values", "set", "snp_host_data", "12" * 32)
    owner.does("reference-values", "delete", "--set", f"manifest {manifest}")
    assert owner.has_none("snp_launch_measurement") and owner.has_none("snp_smt_allowed")
    assert owner.values("snp_host_data") == ["12" * 32]
    fails(owner.run("reference-values", "delete", "--set", f"manifest {manifest}"), 1, manifest)
    owner.does("reference-values", "delete", "snp_host_data")

    # The message does the same, through either program.
    done = run(MEASURE, "publish", image, "--trustee", *owner.options())
    assert (done.returncode, done.stderr) == (0, ""), done
    assert set(owner.values("snp_launch_measurement")) == digests
    owner.does("reference-values", "delete", "snp_launch_measurement")
    owner.does("reference-values", "add", image / "reference-values.json")
    assert set(owner.values("snp_launch_measurement")) == digests


def test_publish_to_the_wrong_one_registers_nothing(owner: Owner, image: Path, tmp_path: Path) -> None:
    stranger = tmp_path / "stranger"
    stranger.mkdir()
    key = private_key(Admin(stranger), stranger)
    make = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    make += ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*make, "-keyout", stranger / "tls.key", "-out", stranger / "tls.crt"], capture_output=True, check=True)
    url = owner.kbs.told["url"]
    plain = url.replace("https://", "http://")
    for command in ([MEASURE, "publish", image], [PROGRAM, "reference-values", "add", image / "reference-values.json"]):
        fails(run(*command, *owner.options(admin_key=key)), 1, "401")
        fails(run(*command, *owner.options(admin_key=owner.admin.public)), 2, "admin.pub.pem")
        fails(run(*command, *owner.options(admin_key=tmp_path / "none.pem")), 2, "none.pem")
        for certificate in (stranger / "tls.crt", ""):
            fails(run(*command, *owner.options(certificate=certificate)), 2, "certificate")
        fails(run(*command, *owner.options(kbs=plain)), 2, "--insecure-http")
        # Nobody speaks plain HTTP there.
        assert run(*command, *owner.options(kbs=plain), "--insecure-http").returncode != 0
        fails(run(*command, *owner.options(kbs="https://127.0.0.1:1")), 2, "127.0.0.1:1")
    for name in ("snp_launch_measurement", "snp_smt_allowed"):
        assert owner.has_none(name)
    refused = [line for line in owner.kbs.audit(owner.data) if "AdminAuthAccess" in line.get("why", "")]
    assert len(refused) == 2


def test_publish_needs_the_program_beside_it(tmp_path: Path) -> None:
    """It is a program of its own, which someone may forget to copy."""
    alone = tmp_path / "hallmark-measure"
    shutil.copy(MEASURE, alone)
    words = ["publish", tmp_path, "--kbs", "https://127.0.0.1:1", "--admin-key", tmp_path / "admin.pem"]
    fails(run(alone, *words), 2, "hallmark-measure: ", str(tmp_path / "hallmark-measure-publish"))
    # Found beside the program, whatever name that was called by.
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/measure").symlink_to(alone)
    shutil.copy(BUILD / "measure/hallmark-measure-publish", tmp_path)
    fails(run(tmp_path / "bin/measure", *words), 2, "manifest.json")


def test_publish_of_a_folder_that_lacks_files(owner: Owner, image: Path, tmp_path: Path) -> None:
    (image / "reference-values.json").unlink()
    fails(run(MEASURE, "publish", image, *owner.options()), 2, "reference-values.json")
    (image / "manifest.json").unlink()
    fails(run(MEASURE, "publish", image, *owner.options()), 2, "manifest.json")
    fails(run(MEASURE, "publish", tmp_path / "nowhere", *owner.options()), 2, "nowhere")
    (image / "cut.json").write_text((image / "rvps-message.json").read_text()[:-9])
    fails(owner.run("reference-values", "add", image / "rvps-message.json", image / "cut.json"), 2, "cut.json")
    assert owner.has_none("snp_launch_measurement")


def test_values_have_types(owner: Owner) -> None:
    cases = {
        "snp_smt_enabled": (["true"], [True]),
        "snp_bootloader": (["4", "10"], [4, 10]),
        "snp_host_data": (["12" * 32], ["12" * 32]),  # digits only, and yet a digest
        "xfam": (["0600"], ["0600"]),
        "svn": (["7", "--text"], ["7"]),
    }
    for name, (words, values) in cases.items():
        owner.does("reference-values", "set", name, *words)
        assert sorted(owner.values(name)) == sorted(values), name
    owner.does("reference-values", "set", "snp_bootloader", "5")
    assert owner.values("snp_bootloader") == [5]
    owner.does("reference-values", "delete", "snp_bootloader")
    assert owner.has_none("snp_bootloader")
    fails(owner.run("reference-values", "delete", "snp_bootloader"), 1, "snp_bootloader")
    assert owner.values("snp_smt_enabled") == [True]
    # A name is one part of the address, whatever is in it.
    owner.does("reference-values", "set", "a/b?c=d%2f#e", "x")
    assert owner.values("a/b?c=d%2f#e") == ["x"]


def test_a_set_is_deleted_whole(owner: Owner) -> None:
    for name, value in (("svn", "1"), ("xfam", "0600")):
        owner.does("reference-values", "set", name, value)
    sets = [line.split(": ")[0].split(", ")[1] for line in owner.does("reference-values", "list").splitlines()]
    assert len(sets) == 2 and all(one.startswith("message ") for one in sets)
    for wrong in ([], ["svn", "--set", sets[0]]):
        fails(owner.run("reference-values", "delete", *wrong), 2, "--set")
    assert owner.values("svn") == [1]
    for one in sets:
        owner.does("reference-values", "delete", "--set", one)
    assert owner.does("reference-values", "list") == ""
    fails(owner.run("reference-values", "delete", "--set", sets[0]), 1, sets[0])


@pytest.mark.parametrize("command", [
    ["set-resource", "default/key/disk", "SECRET"],
    ["delete-resource", "default/key/disk"],
    ["set-policy", "POLICY"],
    ["set-release-policy", "RELEASE"],
    ["reference-values", "set", "svn", "1"],
    ["reference-values", "list"],
    ["reference-values", "show", "svn"],
    ["reference-values", "delete", "svn"],
    ["reference-values", "delete", "--set", "message 00"],
], ids=lambda command: " ".join(command))
def test_no_command_works_for_a_stranger(owner: Owner, tmp_path: Path, command: list[str]) -> None:
    stranger = tmp_path / "stranger"
    stranger.mkdir()
    key = private_key(Admin(stranger), stranger)
    files = {"SECRET": SECRET, "POLICY": POLICY.encode(), "RELEASE": RELEASE.encode()}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    words = [tmp_path / word if word in files else word for word in command]
    fails(run(PROGRAM, *words, *owner.options(admin_key=key)), 1, "401")
    fails(run(PROGRAM, *words, *owner.options(kbs="")), 2, "--kbs")
    fails(run(PROGRAM, *words, *owner.options(admin_key="")), 2, "--admin-key")
    fails(run(PROGRAM, *words, *owner.options(certificate=tmp_path / "none.crt")), 2, "none.crt")
    refused = [line for line in owner.kbs.audit(owner.data) if "AdminAuthAccess" in line.get("why", "")]
    assert len(refused) == 1
    assert not any(line["event"] == "released" for line in owner.kbs.audit(owner.data))


def test_policies_are_read_before_they_are_sent(owner: Owner, tmp_path: Path) -> None:
    def in_force(name: str) -> str:
        return owner.kbs.ask("GET", f"/kbs/v0/{name}-policy", token=owner.admin.token()).body.decode()

    (tmp_path / "policy.toml").write_text(POLICY)
    (tmp_path / "release.toml").write_text(RELEASE)
    owner.does("set-policy", tmp_path / "policy.toml")
    owner.does("set-release-policy", tmp_path / "release.toml")
    assert (in_force("attestation"), in_force("resource")) == (POLICY, RELEASE)
    fails(owner.run("set-policy", tmp_path / "release.toml"), 2, "release.toml")
    fails(owner.run("set-release-policy", tmp_path / "policy.toml"), 2, "policy.toml")
    fails(owner.run("set-policy", tmp_path / "none.toml"), 2, "none.toml")
    assert (in_force("attestation"), in_force("resource")) == (POLICY, RELEASE)


def test_resources_have_three_parts_and_a_size(owner: Owner, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(SECRET)
    for path in ("default/key", "default/key/..", "default/key/a/b", "kbs:///a/b", "https://a/b/c/d"):
        assert owner.run("set-resource", path, tmp_path / "secret").returncode == 2, path
    (tmp_path / "large").write_bytes(bytes(1024 * 1024 + 1))
    fails(owner.run("set-resource", "default/key/disk", tmp_path / "large"), 2, "large")
    fails(owner.run("set-resource", "default/key/disk", tmp_path / "none"), 2, "none")
    (tmp_path / "large").write_bytes(bytes(1024 * 1024))
    owner.does("set-resource", "default/key/disk", tmp_path / "large")


def test_audit_tells_whether_the_log_is_whole(owner: Owner, tmp_path: Path) -> None:
    owner.does("reference-values", "set", "svn", "1")
    log = owner.data / "audit.log"
    lines = log.read_bytes().splitlines()
    done = run(PROGRAM, "audit", log, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    # The log's chain: each line is followed by the digest of it.
    assert (found["lines"], found["last"]) == (len(lines), hashlib.sha256(lines[-1]).hexdigest())
    assert found["last"] in run(PROGRAM, "audit", log).stdout
    copy = tmp_path / "copy.log"
    copy.write_bytes(log.read_bytes().replace(b"administrator", b"Administrator", 1))
    owner.does("reference-values", "set", "svn", "2")
    copy.write_bytes(copy.read_bytes() + log.read_bytes().splitlines()[-1] + b"\n")
    fails(run(PROGRAM, "audit", copy), 1, "copy.log", "was changed")
    fails(run(PROGRAM, "audit", PROGRAM), 1, "audit l")
    fails(run(PROGRAM, "audit", tmp_path / "none.log"), 2, "none.log")


def test_rewrap_puts_the_store_under_another_key(owner: Owner, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(SECRET)
    owner.does("set-resource", "default/key/disk", tmp_path / "secret")
    old, new, short = owner.data / "master.key", tmp_path / "new.key", tmp_path / "short.key"
    for path, size in ((new, 32), (short, 31)):
        path.touch(0o600)
        path.write_bytes(os.urandom(size))
    store = ["--store", owner.data / "keys.sqlite"]
    fails(run(PROGRAM, "rewrap", *store, "--master-key", old, "--to", short), 2, "short.key")
    fails(run(PROGRAM, "rewrap", *store, "--master-key", new, "--to", old), 2, "keys.sqlite")
    done = run(PROGRAM, "rewrap", *store, "--master-key", old, "--to", new)
    assert (done.returncode, done.stderr) == (0, ""), done
    assert run(PROGRAM, "rewrap", *store, "--master-key", old, "--to", new).returncode != 0
    done = run(PROGRAM, "rewrap", *store, "--master-key", new, "--to", old)
    assert (done.returncode, done.stderr) == (0, ""), done
