# SPDX-License-Identifier: Apache-2.0
"""Trusted storage, on a kernel with device mapper: what the host finds on its disks, and what becomes of it when it
changes them."""

import hashlib
import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from ci.lib import build_root
from tests.boot.simulated import boot, needs_guest
from tests.boot.storage_machine import MIB, Machine, ask, mount, path, put_away

pytestmark = needs_guest

MARKER = "marker-of-the-pod-that-no-host-may-read"
COUNT = 60_000  # of the marker in the file: 2.3 MB
BLOCK = 4096
HEADER = 16384  # of one copy
KEY = "kbs:///default/key/disk"


def sum_of(text: str) -> str:
    """What the machine says of a file with that text COUNT times."""
    return f"{len(text) * COUNT} bytes, sum {sum(text.encode()) * COUNT}"


OLD, NEW = MARKER, MARKER.upper()  # of one length, so that one is written over the other


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    return Machine.make(tmp_path_factory.mktemp("machine"))


@dataclass
class Volume:
    """A volume that was made with a key of the broker: as it was with OLD in its file, and later, with NEW."""

    old: bytes
    new: bytes

    def file_blocks(self) -> list[int]:
        """Where most of the file's data lies: the run of changed blocks that is about as long as the file. On a slow
        host ext4 zeroes its tables of inodes meanwhile, and they are longer."""
        runs: list[list[int]] = [[]]
        for start in range(0, len(self.new), BLOCK):
            if self.old[start : start + BLOCK] == self.new[start : start + BLOCK]:
                runs.append([])
            else:
                runs[-1].append(start)
        size = len(NEW) * COUNT
        nearest = min(runs, key=lambda run: abs(len(run) * BLOCK - size))
        assert len(nearest) * BLOCK > size / 2, "tags lie between, but not many"
        return nearest


@pytest.fixture(scope="module")
def volume(machine: Machine, tmp_path_factory: pytest.TempPathFactory) -> Volume:
    disk = tmp_path_factory.mktemp("volume") / "disk"
    disk.touch()
    os.truncate(disk, 96 * MIB)
    old: list[bytes] = []
    steps = ["hub", mount("vol", sourceType="empty", key=KEY), f"write {path('vol/file')} {OLD} {COUNT}",
             *put_away("vol"), "wait", mount("vol", sourceType="encrypted", key=KEY),
             f"write {path('vol/file')} {NEW} {COUNT}", *put_away("vol")]
    run = machine.run(steps, [disk], lambda: old.append(disk.read_bytes()))
    assert run.steps == {1: "done", 2: "status 0", 3: "done", 4: "done", 5: "status 0", 6: "done", 7: "status 0",
                         8: "done", 9: "done", 10: "status 0"}, run.output
    return Volume(old[0], disk.read_bytes())


def test_a_scratch_disk_holds_no_plain_byte_and_no_header(machine: Machine, tmp_path: Path) -> None:
    """What was on it before is no reason to refuse it: it is the host's, and used up."""
    disk = tmp_path / "disk"
    disk.write_bytes(os.urandom(MIB) * 96)
    run = machine.run([mount("image", sourceType="empty"), f"write {path('image/file')} {MARKER} {COUNT}",
                       f"read {path('image/file')}", *put_away("image")], [disk])
    assert run.steps == {1: "status 0", 2: "done", 3: sum_of(MARKER), 4: "done", 5: "status 0"}, run.output
    content = disk.read_bytes()
    assert MARKER.encode()[:16] not in content
    assert b"LUKS\xba\xbe" not in content and b"SKUL\xba\xbe" not in content
    assert b"lost+found" not in content
    assert b"integrt" in content  # so it is this disk that was used


def test_a_volume_holds_no_plain_byte_and_cryptsetup_knows_it(volume: Volume) -> None:
    for content in (volume.old, volume.new):
        assert MARKER.encode()[:16] not in content and MARKER.upper().encode()[:16] not in content
        assert b"lost+found" not in content
    metadata = luks_metadata(volume.new)
    assert metadata["segments"]["0"]["encryption"] == "aes-xts-plain64"
    assert metadata["segments"]["0"]["integrity"]["type"] == "hmac(sha256)"
    assert metadata["keyslots"]["0"]["kdf"]["type"] == "pbkdf2"


def luks_metadata(disk: bytes) -> dict:
    """What the build root's cryptsetup reads in its header."""
    with tempfile.NamedTemporaryFile() as file, tempfile.TemporaryFile() as output:
        file.write(disk)
        file.flush()
        assert build_root.run(["cryptsetup", "luksDump", "--dump-json-metadata", "--disable-locks", "/disk"],
                              binds=[(Path(file.name), "/disk", True)], output=output) == 0
        output.seek(0)
        return json.loads(output.read())


def test_the_wrong_key_opens_nothing_and_nothing_is_formatted_again(machine: Machine, volume: Volume,
                                                                    tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.write_bytes(volume.new)
    run = machine.run(["hub", mount("vol", sourceType="encrypted", key="kbs:///default/key/other"),
                       mount("vol", sourceType="encrypted", key="kbs:///default/key/short"),
                       mount("vol", sourceType="encrypted", key="kbs:///default/key/none"),
                       mount("vol", sourceType="encrypted"),
                       mount("vol", sourceType="empty", key=KEY)], [disk])
    assert [run.steps[number] for number in range(2, 7)] == ["status 1"] * 3 + ["status 2", "status 1"], run.output
    reasons = ("this key does not open it", "31 bytes, expected 32", "no such resource", "option key: found ''",
               "something is on it")
    for refusal, reason in zip(run.refusals(), reasons, strict=True):
        assert reason in refusal
    assert disk.read_bytes() == volume.new


def test_the_data_hub_mounts_too_and_says_why_not(machine: Machine, volume: Volume, tmp_path: Path) -> None:
    """By the process beside it, which alone has the privileges for that."""
    disk = tmp_path / "disk"
    disk.write_bytes(volume.new)
    run = machine.run(["hub", ask("vol", sourceType="encrypted", key="kbs:///default/key/other"),
                       ask("vol", sourceType="encrypted", key=KEY), f"read {path('vol/file')}"], [disk])
    assert "this key does not open it" in bytes.fromhex(run.steps[2]).decode(errors="replace"), run.output
    assert bytes.fromhex(run.steps[3])[10:] in (b"", b"\x0a\x00"), run.output
    assert run.steps[4] == sum_of(NEW), run.output


# What an attacker makes of a header: each copy with a right checksum, but where that is the attack.
def _rewritten(disk: bytes, change: Callable[[dict], None], copies: tuple[int, ...] = (0, 1)) -> bytes:
    content = bytearray(disk)
    metadata = json.loads(bytes(content[BLOCK:HEADER]).rstrip(b"\0"))
    change(metadata)
    text = json.dumps(metadata, separators=(",", ":")).encode().ljust(HEADER - BLOCK, b"\0")
    for copy in copies:
        start = copy * HEADER
        content[start + BLOCK : start + HEADER] = text
        content[start + 0x1C0 : start + 0x200] = bytes(64)
        digest = hashlib.sha256(content[start : start + HEADER]).digest()
        content[start + 0x1C0 : start + 0x1E0] = digest
    return bytes(content)


HEADERS: dict[str, Callable[[bytes], bytes]] = {
    'segments.0.encryption: found "cipher_null-ecb"':
        lambda disk: _rewritten(disk, lambda m: m["segments"]["0"].update(encryption="cipher_null-ecb")),
    "segments.0.integrity: missing":
        lambda disk: _rewritten(disk, lambda m: m["segments"]["0"].pop("integrity")),
    "keyslots.0.kdf.time":
        lambda disk: _rewritten(disk, lambda m: m["keyslots"]["0"]["kdf"].update(type="argon2id", time=4)),
    'segments.0.offset: found "8388608"':
        lambda disk: _rewritten(disk, lambda m: m["segments"]["0"].update(offset="8388608")),
    "second copy has other metadata":
        lambda disk: _rewritten(disk, lambda m: m["segments"]["0"].update(encryption="cipher_null-ecb"), (1,)),
    "its checksum is not": lambda disk: disk[:0x40] + b"\x01" + disk[0x41:],
    "no LUKS2 header": lambda disk: bytes(HEADER) + disk[HEADER:],
}


def test_headers_of_an_attacker_are_refused_each_with_its_reason(machine: Machine, volume: Volume,
                                                                  tmp_path: Path) -> None:
    disks, steps = [], ["hub"]
    for number, make in enumerate(HEADERS.values()):
        disks.append(tmp_path / str(number))
        disks[-1].write_bytes(make(volume.new))
        steps.append(mount("vol", f"vd{chr(ord('c') + number)}", sourceType="encrypted", key=KEY))
    run = machine.run(steps, disks)
    assert [run.steps[number + 2] for number in range(len(HEADERS))] == ["status 1"] * len(HEADERS), run.output
    for refusal, reason in zip(run.refusals(), HEADERS, strict=True):
        assert reason in refusal


def test_a_header_swapped_between_its_check_and_its_use_is_not_read(machine: Machine, volume: Volume,
                                                                     tmp_path: Path) -> None:
    """The device is opened by the copy that was checked, whatever the disk says by then."""
    slow, disk = Machine.make(tmp_path, waits=True), tmp_path / "disk"
    disk.write_bytes(volume.new)
    theirs = next(iter(HEADERS.values()))(volume.new)[: 2 * HEADER]  # without a cipher
    swapped: list[bool] = []

    def swap() -> None:
        with disk.open("r+b") as file:
            file.write(theirs)
        swapped.append(True)

    run = slow.run(["hub", mount("vol", sourceType="encrypted", key=KEY), f"read {path('vol/file')}"], [disk],
                   swap)
    assert swapped and run.steps[2] == "status 0" and run.steps[3] == sum_of(NEW), run.output
    # From now on it is what every later mount refuses.
    again = machine.run(["hub", mount("vol", sourceType="encrypted", key=KEY)], [disk])
    assert again.steps[2] == "status 1" and "cipher_null-ecb" in again.refusals()[0], again.output


def test_a_volume_that_is_not_finished_leaves_its_disk_blank(tmp_path: Path) -> None:
    """So a guest that ends while it makes one makes it at its next boot."""
    slow, disk, blank, left = Machine.make(tmp_path, waits=True), tmp_path / "disk", bytes(16 * MIB), []
    disk.touch()
    os.truncate(disk, 96 * MIB)
    run = slow.run(["hub", mount("vol", sourceType="empty", key=KEY)], [disk], lambda: left.append(disk.read_bytes()))
    assert run.steps[2] == "status 0", run.output
    # In front of cryptsetup luksFormat, and then of cryptsetup open.
    assert len(left) == 2 and left[1] != left[0]
    assert [content[: 16 * MIB] == blank for content in left] == [True, True]
    assert luks_metadata(disk.read_bytes())["segments"]["0"]["encryption"] == "aes-xts-plain64"
    disk.write_bytes(left[1])
    again = slow.run(["hub", mount("vol", sourceType="empty", key=KEY), f"write {path('vol/file')} {OLD} {COUNT}",
                      *put_away("vol"), mount("vol", sourceType="encrypted", key=KEY), f"read {path('vol/file')}"], [disk])
    assert (again.steps[2], again.steps[6], again.steps[7]) == ("status 0", "status 0", sum_of(OLD)), again.output


def test_changed_and_swapped_sectors_are_errors_and_an_old_copy_of_all_is_not(machine: Machine, volume: Volume,
                                                                               tmp_path: Path) -> None:
    blocks = volume.file_blocks()
    one, other = blocks[len(blocks) // 3], blocks[len(blocks) // 2]
    changed, swapped, old_block = bytearray(volume.new), bytearray(volume.new), bytearray(volume.new)
    changed[one + 77] ^= 1
    swapped[one : one + BLOCK], swapped[other : other + BLOCK] = swapped[other : other + BLOCK], swapped[one : one + BLOCK]
    old_block[one : one + BLOCK] = volume.old[one : one + BLOCK]
    contents = {"good": volume.new, "changed": bytes(changed), "swapped": bytes(swapped), "oldblock": bytes(old_block),
                "old": volume.old}
    disks, steps = [], ["hub"]
    for number, (name, content) in enumerate(contents.items()):
        disks.append(tmp_path / name)
        disks[-1].write_bytes(content)
        steps += [mount(name, f"vd{chr(ord('c') + number)}", sourceType="encrypted", key=KEY), f"read {path(name)}/file"]
    run = machine.run(steps, disks)
    assert [run.steps[2 + 2 * number] for number in range(len(contents))] == ["status 0"] * len(contents), run.output
    read = dict(zip(contents, (run.steps[3 + 2 * number] for number in range(len(contents))), strict=True))
    assert read["good"] == sum_of(NEW)
    for name in ("changed", "swapped", "oldblock"):
        assert read[name].startswith("Input/output error at byte "), read
    # docs/storage.md says so: a whole disk of an earlier day is a good disk, and only the day is wrong.
    assert read["old"] == sum_of(OLD)


def test_an_old_copy_under_a_running_guest_is_never_mixed_in(machine: Machine, volume: Volume, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.write_bytes(volume.new)

    def put_back() -> None:
        with disk.open("r+b") as file:
            for block in volume.file_blocks():
                file.seek(block)
                file.write(volume.old[block : block + BLOCK])

    run = machine.run(["hub", mount("vol", sourceType="encrypted", key=KEY), f"read {path('vol/file')}", "wait",
                       f"read {path('vol/file')}"], [disk], put_back)
    assert run.steps[3] == sum_of(NEW), run.output
    assert run.steps[5].startswith("Input/output error at byte "), run.output


def test_what_a_scratch_disk_held_is_gone_with_its_boot(machine: Machine, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.touch()
    os.truncate(disk, 96 * MIB)
    write = [mount("image", sourceType="empty"), f"write {path('image/file')} {MARKER} 10", *put_away("image")]
    assert machine.run(write, [disk]).steps[2] == "done"
    run = machine.run(["hub", mount("image", sourceType="encrypted", key=KEY), mount("image", sourceType="empty"),
                       f"read {path('image/file')}"], [disk])
    assert [run.steps[number] for number in (2, 3, 4)] == ["status 1", "status 0", "No such file or directory"], run.output
    assert "no LUKS2 header" in run.refusals()[0]


def test_a_guest_puts_its_images_on_the_scratch_disk_that_it_is_given(platform: Path, tmp_path: Path) -> None:
    """And one that is too small for that is no guest, for nobody would know where its images went."""
    console = tmp_path / "console"
    done = boot(platform, "--scratch-disk", "128", "--console", console)
    assert done.status == 0, done.error + console.read_text(errors="replace")
    assert "images go to the scratch disk, encrypted" in console.read_text(errors="replace")
    done = boot(platform, "--scratch-disk", "32", "--console", console)
    assert done.status == 1
    assert "33554432 bytes, expected at least 67108864; power off" in console.read_text(errors="replace")
