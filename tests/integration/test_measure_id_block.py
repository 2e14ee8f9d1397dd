# SPDX-License-Identifier: Apache-2.0
"""ID blocks: layout read by its offsets, signatures verified by the openssl program."""

import base64
import hashlib
import json
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.integration.test_measure_cli import refused, run

DIGEST = bytes(range(48)).hex()


def openssl(*arguments: str | Path) -> bytes:
    return subprocess.run(["openssl", *arguments], check=True, capture_output=True, timeout=60).stdout


@dataclass(frozen=True)
class Key:
    private: Path
    public: Path

    def wire(self) -> bytes:
        """The 0x404 bytes: curve 2, x and y little-endian, zeros."""
        point = openssl("pkey", "-pubin", "-in", self.public, "-outform", "DER")[-96:]
        x, y = (part[::-1] + bytes(24) for part in (point[:48], point[48:]))
        return (struct.pack("<I", 2) + x + y).ljust(0x404, b"\0")


def make_key(folder: Path, name: str, curve: str = "secp384r1") -> Key:
    key = Key(folder / f"{name}.pem", folder / f"{name}.pub")
    openssl("ecparam", "-genkey", "-name", curve, "-noout", "-out", key.private)
    openssl("pkey", "-in", key.private, "-pubout", "-out", key.public)
    return key


@pytest.fixture(name="keys")
def two_keys(tmp_path: Path) -> tuple[Key, Key]:
    return make_key(tmp_path, "id"), make_key(tmp_path, "author")


def der_integer(little_endian: bytes) -> bytes:
    value = int.from_bytes(little_endian, "little")
    content = value.to_bytes(value.bit_length() // 8 + 1, "big")
    return bytes([2, len(content)]) + content


def verified(signature: bytes, signed: bytes, key: Key, folder: Path) -> bool:
    assert signature[144:] == bytes(0x200 - 144)
    sequence = der_integer(signature[:72]) + der_integer(signature[72:144])
    (folder / "signature").write_bytes(bytes([0x30, len(sequence)]) + sequence)
    (folder / "signed").write_bytes(signed)
    done = subprocess.run(["openssl", "dgst", "-sha384", "-verify", key.public, "-signature", folder / "signature",
                           folder / "signed"], capture_output=True, timeout=60, check=False)  # fmt: skip
    return done.returncode == 0


def test_both_signatures(keys: tuple[Key, Key], tmp_path: Path) -> None:
    owner, author = keys
    out = tmp_path / "out"
    out.mkdir()
    done = run("id-block", "--launch-digest", DIGEST, "--id-key", owner.private, "--author-key", author.private,
               "--family-id", "11" * 16, "--image-id", "22" * 16, "--guest-svn", "7", "--policy", "0x70000",
               "--out", out)  # fmt: skip
    assert done.returncode == 0, done
    block = base64.b64decode((out / "id-block.base64").read_text(), validate=True)
    expected = bytes.fromhex(DIGEST) + b"\x11" * 16 + b"\x22" * 16 + struct.pack("<IIQ", 1, 7, 0x70000)
    assert block == expected
    auth = base64.b64decode((out / "id-auth.base64").read_text(), validate=True)
    assert len(auth) == 0x1000
    assert auth[:8] == struct.pack("<II", 1, 1) and auth[8:0x40] == bytes(0x38)
    assert auth[0x240:0x644] == owner.wire() and auth[0x644:0x680] == bytes(0x3C)
    assert auth[0x880:0xC84] == author.wire() and auth[0xC84:] == bytes(0x1000 - 0xC84)
    assert verified(auth[0x40:0x240], block, owner, tmp_path)
    assert verified(auth[0x680:0x880], auth[0x240:0x644], author, tmp_path)
    # The check itself can fail.
    assert not verified(auth[0x40:0x240], block, author, tmp_path)
    assert not verified(auth[0x40:0x240], bytes(1) + block[1:-1] + b"\1", owner, tmp_path)
    digests = [hashlib.sha384(key.wire()).hexdigest() for key in keys]
    assert done.stdout == f"id_key_digest {digests[0]}\nauthor_key_digest {digests[1]}\n"


def test_without_author(keys: tuple[Key, Key], tmp_path: Path) -> None:
    owner, _ = keys
    answer = json.loads(run("id-block", "--launch-digest", DIGEST, "--id-key", owner.private, "--json").stdout)
    auth = base64.b64decode(answer["id_auth"])
    assert auth[:8] == struct.pack("<II", 1, 0) and auth[0x680:] == bytes(0x1000 - 0x680)
    assert verified(auth[0x40:0x240], base64.b64decode(answer["id_block"]), owner, tmp_path)
    assert "author_key_digest" not in answer and answer["policy"] == "0x30000"


def test_line_for_qemu(keys: tuple[Key, Key]) -> None:
    owner, author = keys
    line = run("id-block", "--launch-digest", DIGEST, "--id-key", owner.private, "--author-key",
               author.private).stdout.splitlines()[0]  # fmt: skip
    options = dict(option.split("=", 1) for option in line.split(","))
    assert set(options) == {"id-block", "id-auth", "author-key-enabled"} and options["author-key-enabled"] == "on"
    assert len(base64.b64decode(options["id-block"], validate=True)) == 0x60


@pytest.mark.parametrize("form", [
    ["ec", "-outform", "DER"], ["pkcs8", "-topk8", "-nocrypt"], ["pkcs8", "-topk8", "-nocrypt", "-outform", "DER"],
])  # fmt: skip
def test_key_forms(form: list[str], keys: tuple[Key, Key], tmp_path: Path) -> None:
    owner, _ = keys
    openssl(*form, "-in", owner.private, "-out", tmp_path / "other")
    expected = hashlib.sha384(owner.wire()).hexdigest() + "\n"
    assert run("key-digest", tmp_path / "other").stdout == expected
    assert run("key-digest", owner.public).stdout == expected
    done = run("id-block", "--launch-digest", DIGEST, "--id-key", tmp_path / "other")
    assert done.returncode == 0 and done.stdout.endswith("id_key_digest " + expected)


def test_policy_of_another_launch(keys: tuple[Key, Key], tmp_path: Path) -> None:
    done = run("id-block", "--launch-digest", DIGEST, "--id-key", keys[0].private, "--policy", "0x30000",
               "--block-policy", "0xb0000", "--out", tmp_path)  # fmt: skip
    assert (done.returncode, done.stdout) == (1, "")
    assert "0xb0000" in done.stderr and "0x30000" in done.stderr
    assert not (tmp_path / "id-block.base64").exists()


def test_wrong_keys(tmp_path: Path) -> None:
    small = make_key(tmp_path, "small", "prime256v1")
    assert "P-384" in refused("id-block", "--launch-digest", DIGEST, "--id-key", small.private)
    key = make_key(tmp_path, "key")
    assert "private" in refused("id-block", "--launch-digest", DIGEST, "--id-key", key.public)
    openssl("ec", "-aes256", "-passout", "pass:secret", "-in", key.private, "-out", tmp_path / "locked")
    assert "passphrase" in refused("id-block", "--launch-digest", DIGEST, "--id-key", tmp_path / "locked")


@pytest.mark.parametrize(("option", "value", "word"), [
    ("--launch-digest", "00", "96"), ("--family-id", "0" * 31, "--family-id"), ("--image-id", "0" * 34, "32"),
    ("--guest-svn", "0x100000000", "--guest-svn"), ("--policy", "0x10000", "bit 17"),
    ("--policy", "0x8000000000030000", "reserved"),
])  # fmt: skip
def test_wrong_field(option: str, value: str, word: str, keys: tuple[Key, Key]) -> None:
    arguments = {"--launch-digest": DIGEST, "--id-key": str(keys[0].private)} | {option: value}
    assert word in refused("id-block", *(part for pair in arguments.items() for part in pair))


@pytest.mark.parametrize("command", ["id-block", "key-digest"])
def test_help_shows_an_example(command: str) -> None:
    assert "Example:\n  hallmark-measure " + command in run(command, "--help").stdout
