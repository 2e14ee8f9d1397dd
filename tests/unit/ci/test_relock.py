# SPDX-License-Identifier: Apache-2.0
"""What happens when the archive moved on: frozen stops, otherwise it is resolved anew and said so."""

import pytest

from ci.lib import fetch, lockfile, locking, relock
from ci.lib.errors import Fault


@pytest.fixture
def folder(archive, tmp_path, monkeypatch):
    """A folder whose lock is made from the archive's aa (which needs bb)."""
    folder = tmp_path / "project/image"
    folder.mkdir(parents=True)
    monkeypatch.setattr(relock, "ROOT", tmp_path / "project")
    monkeypatch.chdir(tmp_path / "project")  # "image" must never mean the real one here
    monkeypatch.setenv("HALLMARK_RELOCKED", str(tmp_path / "relocked"))
    (folder / "packages.toml").write_text("[[set]]\nname='x'\nsuites=['trixie']\npackages=['aa']\n")
    archive.add("aa", depends="bb")
    archive.add("bb")
    archive.publish()
    lock(monkeypatch, "image")
    return folder


def lock(monkeypatch, *arguments):
    monkeypatch.setattr("sys.argv", ["lock", *arguments])
    return locking.main()


def forget(private_cache):
    for path in (private_cache / "packages").iterdir():
        path.unlink()


def versions(entries):
    return {entry.name: entry.version for entry in entries}


def move_on(archive, private_cache):
    """The archive drops bb 1.0 and has newer versions of both."""
    archive.stanzas.clear()
    archive.add("aa", "2.0", depends="bb")
    archive.add("bb", "2.0")
    archive.publish()
    (archive.root / "pool/main/bb_1.0_all.deb").unlink()
    if private_cache:
        forget(private_cache)


def test_locked_files_are_obtained(folder):
    fetched = fetch.obtain(folder / "packages.lock")
    assert [(one.entry.name, one.locked) for one in fetched] == [("aa", True), ("bb", True)]


def test_lock_is_the_same_each_time(folder, monkeypatch):
    before = (folder / "packages.lock").read_bytes()
    (folder / "packages.lock").unlink()
    lock(monkeypatch, "image")
    assert (folder / "packages.lock").read_bytes() == before


def test_frozen_stops_and_says_how_to_renew(folder, archive, private_cache, monkeypatch):
    fetch.obtain(folder / "packages.lock")
    move_on(archive, private_cache)
    monkeypatch.setenv("HALLMARK_FROZEN", "1")
    with pytest.raises(Fault, match=r"bb 1.0: gone from the mirror.*run: ci/lock image"):
        fetch.obtain(folder / "packages.lock")


def test_unfrozen_resolves_anew_only_what_is_gone(folder, archive, private_cache, tmp_path, capsys):
    fetch.obtain(folder / "packages.lock")
    before = (folder / "packages.lock").read_bytes()
    move_on(archive, private_cache)
    fetched = fetch.obtain(folder / "packages.lock")
    found = [(one.entry.name, one.entry.version, one.locked) for one in fetched]
    assert found == [("aa", "1.0", True), ("bb", "2.0", False)]
    assert "LOCKED FILES OF IMAGE ARE GONE" in capsys.readouterr().err
    assert (folder / "packages.lock").read_bytes() == before
    assert versions(lockfile.read(tmp_path / "relocked/image.lock")) == {"aa": "1.0", "bb": "2.0"}


def test_a_mirror_that_lists_what_it_does_not_have_is_told_of(folder, archive, private_cache):
    fetch.obtain(folder / "packages.lock")
    move_on(archive, private_cache)
    (archive.root / "pool/main/bb_2.0_all.deb").unlink()
    with pytest.raises(Fault, match=r"bb 2.0: listed by the index but not on the mirror"):
        fetch.obtain(folder / "packages.lock")


def test_second_run_takes_the_same_without_asking_the_index(folder, archive, private_cache):
    fetch.obtain(folder / "packages.lock")
    move_on(archive, private_cache)
    first = fetch.obtain(folder / "packages.lock")
    (archive.root / "dists/trixie/InRelease").unlink()
    assert fetch.obtain(folder / "packages.lock") == first


def test_expired_index_stops_resolving_anew(folder, archive, private_cache):
    fetch.obtain(folder / "packages.lock")
    move_on(archive, private_cache)
    archive.publish(valid_days=-1)
    with pytest.raises(Fault, match="--accept-expired trixie"):
        fetch.obtain(folder / "packages.lock")


def test_changed_wish_is_noticed(folder):
    wish = folder / "packages.toml"
    wish.write_text("# a comment changes nothing\n" + wish.read_text())
    fetch.obtain(folder / "packages.lock")
    wish.write_text(wish.read_text().replace("['aa']", "['aa', 'cc']"))
    with pytest.raises(Fault, match="does not answer packages.toml.*run: ci/lock image"):
        fetch.obtain(folder / "packages.lock")


def test_lock_keeps_what_can_be_had(folder, archive, private_cache, monkeypatch):
    fetch.obtain(folder / "packages.lock")
    move_on(archive, None)
    lock(monkeypatch, "image")
    assert versions(lockfile.read(folder / "packages.lock")) == {"aa": "1.0", "bb": "1.0"}  # bb is still in the cache
    forget(private_cache)
    lock(monkeypatch, "image")
    assert versions(lockfile.read(folder / "packages.lock")) == {"aa": "1.0", "bb": "2.0"}


def test_renewal_is_by_name(folder, archive, monkeypatch):
    fetch.obtain(folder / "packages.lock")
    move_on(archive, None)
    lock(monkeypatch, "image", "--renew", "aa")
    assert versions(lockfile.read(folder / "packages.lock")) == {"aa": "2.0", "bb": "1.0"}
    lock(monkeypatch, "image", "--renew-all")
    assert versions(lockfile.read(folder / "packages.lock")) == {"aa": "2.0", "bb": "2.0"}
    with pytest.raises(Fault, match="--renew nothing-such: not in image/packages.lock"):
        lock(monkeypatch, "image", "--renew", "nothing-such")


def test_check_answers_by_exit_status(folder, archive, private_cache, monkeypatch, capsys):
    assert lock(monkeypatch, "image", "--check") == 0
    move_on(archive, private_cache)
    assert lock(monkeypatch, "image", "--check") == 1
    assert "image: bb 1.0: gone from the archive" in capsys.readouterr().out
