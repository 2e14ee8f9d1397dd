# SPDX-License-Identifier: Apache-2.0
"""image/assemble.py: files appear whole, under their names, and only when they changed."""

import os

import pytest

from ci.lib.errors import Fault
from image import assemble, manifest

PUBLISHED = ["OVMF.amdsev.fd", "OVMF.fd", "guest-uki.img", "guest.efi", "guest.img", "manifest.json", "vmlinuz"]


@pytest.fixture
def artefacts(tmp_path):
    files = {}
    for key in manifest.ARTEFACTS:
        files[key] = tmp_path / key
        files[key].write_text(key)
    return files


def test_unchanged_files_are_not_touched(artefacts, tmp_path):
    into = tmp_path / "guest"
    assemble.publish(artefacts, "{}\n", into)
    assert sorted(os.listdir(into)) == PUBLISHED
    before = {name: os.stat(into / name).st_ino for name in os.listdir(into)}
    artefacts["kernel"].write_text("KERNEL")  # as long as before, and as old
    os.utime(artefacts["kernel"], (1, 1))
    os.utime(into / "vmlinuz", (1, 1))
    assemble.publish(artefacts, "{}\n", into)
    after = {name: os.stat(into / name).st_ino for name in os.listdir(into)}
    assert {name for name in after if after[name] != before[name]} == {"vmlinuz"}
    assert (into / "vmlinuz").read_text() == "KERNEL"


def test_failure_leaves_the_old_file_and_nothing_else(artefacts, tmp_path, monkeypatch):
    into = tmp_path / "guest"
    assemble.publish(artefacts, "{}\n", into)
    artefacts["kernel"].write_text("new")

    def disk_full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(assemble.os, "fsync", disk_full)
    with pytest.raises(Fault, match="vmlinuz: No space left on device"):
        assemble.publish(artefacts, '{"new": 1}\n', into)
    assert ((into / "vmlinuz").read_text(), (into / "manifest.json").read_text()) == ("kernel", "{}\n")
    assert sorted(os.listdir(into)) == PUBLISHED


def test_part_that_is_missing_or_empty_is_named(artefacts, tmp_path):
    (tmp_path / "empty").write_text("")
    for kernel in ("empty", "absent"):
        command = ["--version=1", f"--guest-binary={artefacts['disk']}", f"--kernel={tmp_path / kernel}", f"--into={tmp_path}"]
        command += [f"--audit={artefacts['disk']}", f"--firmware-amdsev={artefacts['disk']}", f"--firmware-generic={artefacts['disk']}"]
        with pytest.raises(Fault, match=f"{kernel}: missing or empty"):
            assemble.main(command)


@pytest.fixture
def key_of(tmp_path, monkeypatch):
    """The cache key that assemble.cached_uki would look for."""
    monkeypatch.setattr(assemble.cache, "directory", lambda kind, key, make: key)
    monkeypatch.setattr(assemble.build_root, "identity", lambda: "root")
    monkeypatch.setattr(assemble, "OS_RELEASE", tmp_path / "os-release")

    def key(kernel="kernel", line="a b", os_release="ID=x"):
        (tmp_path / "os-release").write_text(os_release)
        (tmp_path / "vmlinuz").write_text(kernel)
        return assemble.cached_uki(tmp_path / "vmlinuz", line)

    return key


def test_cached_uki_is_found_by_all_that_goes_in(key_of, tmp_path, monkeypatch):
    keys = [key_of(), key_of(kernel="kernem"), key_of(line="a c"), key_of(os_release="ID=y")]
    assert keys[0] == key_of()
    monkeypatch.setattr(assemble.build_root, "identity", lambda: "another root")
    keys.append(key_of())
    (tmp_path / "code").mkdir()
    monkeypatch.setattr(assemble, "HERE", tmp_path / "code")
    for changed in (None, *assemble.UKI_MAKERS):
        for name in assemble.UKI_MAKERS:
            (tmp_path / "code" / name).write_text("changed" if name == changed else "as it was")
        keys.append(key_of())
    assert len(set(keys)) == len(keys) == 6 + len(assemble.UKI_MAKERS)
    assert set(assemble.UKI_MAKERS) == {"assemble.py", "disk.py", "esp.py", "tools.py", "uki.py"}
