# SPDX-License-Identifier: Apache-2.0
"""Source packages in a lock: all their files, of one version, by the same rules as packages."""

import pytest

from ci.lib import fetch, lockfile, locking, relock, store
from ci.lib.errors import Fault


@pytest.fixture
def folder(archive, tmp_path, monkeypatch):
    """A folder that wants the source of aa and the package bb; not locked yet."""
    folder = tmp_path / "project/libraries"
    folder.mkdir(parents=True)
    monkeypatch.setattr(relock, "ROOT", tmp_path / "project")
    monkeypatch.chdir(tmp_path / "project")
    monkeypatch.setenv("HALLMARK_RELOCKED", str(tmp_path / "relocked"))
    (folder / "packages.toml").write_text(
        "[[set]]\nname='x'\nsuites=['trixie']\nsources=['aa']\n[[set]]\nname='y'\nsuites=['trixie']\npackages=['bb']\n"
    )
    archive.add("bb")
    archive.add("aa", "7.0")  # a package of the source's name is something else
    return folder


def lock(monkeypatch, *arguments):
    monkeypatch.setattr("sys.argv", ["lock", *arguments])
    return locking.main()


def read_sources(folder):
    return [entry for entry in lockfile.read(folder / "packages.lock") if entry.architecture == "source"]


def test_every_file_of_the_newest_version_is_locked_and_fetched(folder, archive, monkeypatch):
    archive.add_source("aa", "1.0-9")
    wanted = archive.add_source("aa", "1.0-10")
    archive.add_source("aa", "2.0-1", extra="Extra-Source-Only: yes\n")
    archive.add_source("other")
    archive.publish()
    lock(monkeypatch, "libraries")
    assert read_sources(folder) == wanted and len(wanted) == 3
    fetched = fetch.obtain(folder / "packages.lock")
    assert [(one.entry.name, one.locked) for one in fetched] == [("aa", True)] * 3 + [("bb", True)]
    assert {one.file.name.partition(".")[2] for one in fetched[:3]} == {
        "aa_1.0-10.debian.tar.xz", "aa_1.0-10.dsc", "aa_1.0.orig.tar.xz"
    }  # fmt: skip


def test_locked_version_stays_until_it_is_renewed_by_name(folder, archive, monkeypatch):
    old = archive.add_source("aa", "1.0-1")
    archive.publish()
    lock(monkeypatch, "libraries")
    archive.sources.clear()
    new = archive.add_source("aa", "1.0-2")
    archive.publish()
    lock(monkeypatch, "libraries")
    assert read_sources(folder) == old
    lock(monkeypatch, "libraries", "--renew", "aa")
    assert read_sources(folder) == new


@pytest.mark.parametrize("gone", ["aa_1.0-1.dsc", "aa_1.0-1.debian.tar.xz"])
def test_one_file_gone_takes_the_whole_version_with_it(folder, archive, monkeypatch, capsys, gone):
    archive.add_source("aa", "1.0-1")
    archive.publish()
    lock(monkeypatch, "libraries")
    archive.sources.clear()
    new = archive.add_source("aa", "1.0-2")
    archive.publish()
    (archive.root / "pool/main/a/aa" / gone).unlink()
    assert lock(monkeypatch, "libraries", "--check") == 1
    assert "aa 1.0-1: gone from the archive" in capsys.readouterr().out
    fetched = fetch.obtain(folder / "packages.lock")
    assert [one.entry for one in fetched if one.entry.name == "aa"] == new
    monkeypatch.setenv("HALLMARK_FROZEN", "1")
    with pytest.raises(Fault, match="aa 1.0-1: gone from the mirror"):
        fetch.obtain(folder / "packages.lock")


def test_snapshot_has_what_the_mirror_lost(folder, archive, monkeypatch):
    archive.add_source("aa")
    archive.publish()
    lock(monkeypatch, "libraries")
    (archive.root / "debian").mkdir()
    (archive.root / "pool").rename(archive.root / "debian/pool")
    monkeypatch.setenv("HALLMARK_SNAPSHOT", archive.url + "/{archive}")
    assert len(store.files(read_sources(folder), "test")) == 3


def test_damaged_file_is_refused(folder, archive, monkeypatch):
    archive.add_source("aa")
    archive.publish()
    lock(monkeypatch, "libraries")
    (archive.root / "pool/main/a/aa/aa_1.0.orig.tar.xz").write_bytes(b"upstream'S")
    with pytest.raises(Fault, match="the mirror is damaged or hostile"):
        fetch.obtain(folder / "packages.lock")


def test_source_that_no_suite_has_is_named(folder, archive, monkeypatch):
    archive.publish()
    with pytest.raises(Fault, match="source aa: in none of the set's suites"):
        lock(monkeypatch, "libraries")


def test_older_one_is_taken_by_name_only_where_the_newest_is_not_there(folder, archive, monkeypatch, capsys):
    old = archive.add_source("aa", "1.0-1", extra="Extra-Source-Only: yes\n")
    new = archive.add_source("aa", "1.0-2")
    archive.publish()
    lock(monkeypatch, "libraries", "--accept-older", "aa")
    assert read_sources(folder) == new and "WARNING" not in capsys.readouterr().err
    for entry in store.files(new, "test"):
        entry.unlink()
    (archive.root / "pool/main/a/aa/aa_1.0-2.dsc").unlink()
    lock(monkeypatch, "libraries")
    assert read_sources(folder) == new
    lock(monkeypatch, "libraries", "--accept-older", "aa")
    assert read_sources(folder) == old
    assert "WARNING: SOURCE AA 1.0-2 IS NOT IN THE ARCHIVE" in capsys.readouterr().err


@pytest.mark.parametrize("change, message", [
    (("pool/main/a/aa/", "pool/../../a/"), "path is"),
    (("pool/main/a/aa/", "/etc/"), "path is"),
    ((".dsc", ".exe"), "path is"),
    (("\tsource\t", "\tall\t"), "path is"),
])
def test_line_that_is_not_a_source_file_is_refused(folder, archive, monkeypatch, change, message):
    archive.add_source("aa")
    archive.publish()
    lock(monkeypatch, "libraries")
    path = folder / "packages.lock"
    path.write_text(path.read_text().replace(*change))
    with pytest.raises(Fault, match=message):
        lockfile.read(path)


def test_same_file_twice_is_refused(folder, archive, monkeypatch):
    archive.add_source("aa")
    archive.publish()
    lock(monkeypatch, "libraries")
    path = folder / "packages.lock"
    path.write_text(path.read_text() + next(line for line in path.read_text().splitlines() if ".dsc" in line) + "\n")
    with pytest.raises(Fault, match="aa is locked twice"):
        lockfile.read(path)


def test_hostile_index_gets_nothing_into_a_lock(folder, archive, monkeypatch):
    archive.add_source("aa")
    archive.sources[0] = archive.sources[0].replace("Directory: pool/main/a/aa", "Directory: pool/main/../../etc")
    archive.publish()
    with pytest.raises(Fault, match="expected one that stays in the archive"):
        lock(monkeypatch, "libraries")
    assert not (folder / "packages.lock").exists()
