# SPDX-License-Identifier: Apache-2.0
"""Only the file that was locked gets into the cache, whatever a mirror serves."""

import pytest

from ci.lib import download, lockfile, store
from ci.lib.errors import Fault


def in_cache(private_cache):
    return sorted(path.name for path in (private_cache / "packages").glob("*"))


def test_fetched_and_then_cached(archive, private_cache):
    entry = archive.add("a")
    assert store.files([entry], "test")[0].read_bytes() == (archive.root / entry.path).read_bytes()
    (archive.root / entry.path).unlink()
    assert store.files([entry], "test")[0].is_file()


@pytest.mark.parametrize("damage", [
    lambda content: bytes([content[0] ^ 1]) + content[1:],
    lambda content: content[:-1] + bytes([content[-1] ^ 0x80]),
    lambda content: content + b"x",
    lambda content: content[:-1],
    lambda content: b"",
], ids=["first-bit", "last-bit", "too-long", "too-short", "empty"])
def test_changed_file_is_refused_and_leaves_nothing(archive, private_cache, damage):
    entry = archive.add("a")
    path = archive.root / entry.path
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(Fault, match=r"a_1.0_all.deb: .*expected"):
        store.files([entry], "test")
    assert in_cache(private_cache) == []


def test_damaged_cache_is_fetched_again(archive):
    entry = archive.add("a")
    file = store.files([entry], "test")[0]
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    assert store.files([entry], "test")[0].read_bytes() == (archive.root / entry.path).read_bytes()


def test_snapshot_is_asked_last(archive, monkeypatch):
    entry = archive.add("a")
    old = archive.root / "old/debian" / entry.path
    old.parent.mkdir(parents=True)
    (archive.root / entry.path).rename(old)
    with pytest.raises(store.Missing):
        store.files([entry], "test")
    monkeypatch.setenv("HALLMARK_SNAPSHOT", archive.url + "/old/{archive}/")
    assert store.files([entry], "test")[0].read_bytes() == old.read_bytes()


def test_all_that_is_gone_is_named(archive):
    entries = [archive.add("a"), archive.add("b"), archive.add("c")]
    for entry in entries[:2]:
        (archive.root / entry.path).unlink()
    with pytest.raises(store.Missing) as caught:
        store.files(entries, "test")
    assert caught.value.entries == entries[:2]


def test_dead_mirror_is_a_fault_not_a_missing_file(private_cache, monkeypatch):
    monkeypatch.setenv("HALLMARK_MIRROR", "http://127.0.0.1:9")
    monkeypatch.setattr(download, "ATTEMPTS", 1)
    entry = lockfile.Entry("a", "1", "all", 1, "0" * 64, "trixie", "pool/a.deb")
    with pytest.raises(Fault, match="check the network"):
        store.files([entry], "test")


def test_no_other_scheme_is_opened(private_cache, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("x")
    with pytest.raises((Fault, OSError)):
        download.small(f"file://{secret}", 10)


def test_small_answers_are_bounded(archive):
    (archive.root / "big").write_bytes(b"x" * 1000)
    assert download.small(f"{archive.url}/big", 1000) == b"x" * 1000
    with pytest.raises(Fault, match="more than 999 bytes"):
        download.small(f"{archive.url}/big", 999)
