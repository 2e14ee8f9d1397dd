# SPDX-License-Identifier: Apache-2.0
"""image/assemble.py: files appear whole, under their names, and only when they changed."""

import os

import pytest

from ci.lib.errors import Fault
from image import assemble, manifest


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
    assert sorted(os.listdir(into)) == ["OVMF.amdsev.fd", "OVMF.fd", "guest.img", "manifest.json", "vmlinuz"]
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
    assert sorted(os.listdir(into)) == ["OVMF.amdsev.fd", "OVMF.fd", "guest.img", "manifest.json", "vmlinuz"]


def test_part_that_is_missing_or_empty_is_named(artefacts, tmp_path):
    (tmp_path / "empty").write_text("")
    for kernel in ("empty", "absent"):
        command = ["--version=1", f"--guest-binary={artefacts['disk']}", f"--kernel={tmp_path / kernel}", f"--into={tmp_path}"]
        command += [f"--audit={artefacts['disk']}", f"--firmware-amdsev={artefacts['disk']}", f"--firmware-generic={artefacts['disk']}"]
        with pytest.raises(Fault, match=f"{kernel}: missing or empty"):
            assemble.main(command)
