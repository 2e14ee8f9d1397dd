# SPDX-License-Identifier: Apache-2.0
"""The host changes the disk, puts another in front, or adds to the command line: the guest never answers a challenge
with evidence that holds, on Hallmark's command line and on Kata's, whose verity table has no panic_on_corruption."""

import json
import re
import struct
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from ci.lib import build_root
from tests.boot.simulated import END_LIMIT, GUEST, TIME_LIMIT, Boot, boot, command, needs_guest, reference_values

pytestmark = needs_guest

SECTOR, BLOCK, MIB = 512, 4096, 1 << 20
LINES = ("hallmark", "kata-4.1-go")
# What each line says of a damaged block that init reads: the kernel panics, or init ends the guest.
CAUSE = {"hallmark": "panic", "kata-4.1-go": "damaged"}


class Disk:
    """The built disk, and where in it things are, as tools that share nothing with the image's makers say."""

    def __init__(self) -> None:
        self.bytes = bytearray((GUEST / "guest.img").read_bytes())
        self.manifest = json.loads((GUEST / "manifest.json").read_text())

    def partition(self, number: int) -> tuple[int, int]:
        """First byte and length."""
        start, sectors = struct.unpack_from("<II", self.bytes, 446 + 16 * (number - 1) + 8)
        return start * SECTOR, sectors * SECTOR

    def flip(self, offset: int) -> None:
        self.bytes[offset] ^= 1

    def dump(self, *arguments: str) -> str:
        """What dump.erofs of the build root says of partition 1."""
        start, length = self.partition(1)
        return dump_erofs(bytes(self.bytes[start : start + length]), arguments)


def dump_erofs(root: bytes, arguments: tuple[str, ...]) -> str:
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as output:
        image = Path(folder, "root.erofs")
        image.write_bytes(root)
        assert build_root.run(["dump.erofs", *arguments, "/root.erofs"], binds=[(image, "/root.erofs", True)],
                              output=output) == 0
        output.seek(0)
        return output.read().decode()


def superblock(disk: Disk) -> None:
    disk.flip(disk.partition(1)[0] + 1024)


def hash_block_at_the_top(disk: Disk) -> None:
    disk.flip(disk.partition(2)[0])


def hash_block_below(disk: Disk) -> None:
    disk.flip(disk.partition(2)[0] + BLOCK + 5)


def inode_of_init(disk: Disk) -> None:
    number = re.search(r"^NID: (\d+)", disk.dump("--path=/usr/bin/hallmark-guest"), re.MULTILINE)
    disk.flip(disk.partition(1)[0] + int(number[1]) * 32 + 8)


def extents(disk: Disk, path: str) -> list[int]:
    """Where in partition 1 the parts of a file begin, in bytes."""
    found = re.findall(r":\s*(\d+)\.\.\s*\d+ \|\s*\d+\s*$", disk.dump(f"--path={path}", "-e"), re.MULTILINE)
    return [int(start) for start in found]


def data_of_the_running_program(disk: Disk) -> None:
    disk.flip(disk.partition(1)[0] + extents(disk, "/usr/bin/hallmark-guest")[0] + 20 * 1024)


def block_that_nothing_else_reads(disk: Disk) -> None:
    """In the middle of the mathematics that no program of the guest calls."""
    starts = extents(disk, "/usr/lib/x86_64-linux-gnu/libm.so.6")
    disk.flip(disk.partition(1)[0] + starts[len(starts) // 2] + 100)


def partitions_swapped_in_the_table(disk: Disk) -> None:
    first, second = bytes(disk.bytes[446:462]), bytes(disk.bytes[462:478])
    disk.bytes[446:478] = second + first


def contents_swapped(disk: Disk) -> None:
    (data, _), (hashes, length) = disk.partition(1), disk.partition(2)
    front, back = bytes(disk.bytes[data : data + length]), bytes(disk.bytes[hashes : hashes + length])
    disk.bytes[data : data + length], disk.bytes[hashes : hashes + length] = back, front


def cut_short_in_the_data(disk: Disk) -> None:
    del disk.bytes[disk.partition(1)[0] + MIB :]


def cut_short_in_the_hashes(disk: Disk) -> None:
    del disk.bytes[disk.partition(2)[0] + 2 * BLOCK :]


ATTACKS: tuple[Callable[[Disk], None], ...] = (
    superblock, hash_block_at_the_top, hash_block_below, inode_of_init, data_of_the_running_program,
    block_that_nothing_else_reads, partitions_swapped_in_the_table, contents_swapped, cut_short_in_the_data,
    cut_short_in_the_hashes,
)


def boot_disk(platform: Path, folder: Path, disk: Disk, line: str) -> Boot:
    """Boots the built guest from another disk; all else is the published files."""
    for file in GUEST.iterdir():
        (folder / file.name).symlink_to(file.resolve())
    (folder / "guest.img").unlink()
    (folder / "guest.img").write_bytes(disk.bytes)
    arguments = command(platform, "--command-line", line)
    arguments[1] = folder
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=TIME_LIMIT + END_LIMIT, check=False)
    return Boot(done.returncode, json.loads(done.stdout), done.stderr)


def assert_no_evidence(done: Boot) -> None:
    assert done.status == 1, done
    assert done.answer["verdict"] == "refused"
    assert done.digests["report"] is None, "a guest with a damaged root answered a challenge"
    assert done.error.count("\n") == 1


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_a_changed_disk_ends_the_guest_before_it_answers(platform: Path, tmp_path: Path, line: str,
                                                         attack: Callable[[Disk], None]) -> None:
    disk = Disk()
    before = bytes(disk.bytes)
    attack(disk)
    assert disk.bytes != before
    done = boot_disk(platform, tmp_path, disk, line)
    assert_no_evidence(done)
    assert "panic" in done.error or CAUSE[line] in done.error, done.error


@pytest.mark.parametrize("line", LINES)
def test_a_block_that_only_init_reads_is_found_by_it(platform: Path, tmp_path: Path, line: str) -> None:
    """Verity alone fails open: on Kata's line nothing but init's own look at every block stops this guest."""
    disk = Disk()
    block_that_nothing_else_reads(disk)
    done = boot_disk(platform, tmp_path, disk, line)
    assert_no_evidence(done)
    assert CAUSE[line] in done.error


@pytest.mark.parametrize("line", LINES)
def test_a_disk_changed_under_a_running_guest_ends_it_when_asked(platform: Path, line: str) -> None:
    done = boot(platform, "--attack", "disk-while-running", "--command-line", line)
    assert_no_evidence(done)
    assert CAUSE[line] in done.error
    assert "boot" in [step["name"] for step in done.answer["steps"]], "the guest was to be ready before the change"


def test_an_honest_disk_passes_its_scrub(platform: Path) -> None:
    done = boot(platform, "--scrub")
    assert done.status == 0, done
    size = Disk().manifest["verity"]["data_blocks"] * BLOCK
    scrub = next(step for step in done.answer["steps"] if step["name"] == "scrub")
    assert scrub["detail"] == f"{size} bytes of the root are as measured"


@pytest.mark.parametrize("line", LINES)
def test_a_disk_in_front_is_not_taken_for_the_root(platform: Path, line: str) -> None:
    assert_no_evidence(boot(platform, "--attack", "disk-in-front", "--command-line", line))


def published(line: str) -> str:
    lines = json.loads((GUEST / "manifest.json").read_text())["command_lines"]
    return next(one["text"] for one in lines if one["name"] == line)


def assert_another_digest(done: Boot) -> None:
    assert done.status == 1, done
    assert done.digests["memory"] not in reference_values()
    assert "the command line that was loaded has SHA-256" in done.error


@pytest.mark.parametrize("line", LINES)
def test_a_wrong_root_hash_is_another_digest_and_does_not_boot(platform: Path, line: str) -> None:
    root_hash = Disk().manifest["verity"]["root_hash"]
    wrong = ("0" if root_hash[0] != "0" else "1") + root_hash[1:]
    text = published(line)
    assert root_hash in text
    done = boot(platform, "--command-line", line, "--attack-command-line", text.replace(root_hash, wrong))
    assert_no_evidence(done)
    assert_another_digest(done)


@pytest.mark.parametrize(("addition", "boots"), [
    ("init=/bin/sh", False),
    ("rd.break", True),
    ("systemd.debug-shell", True),
    ('dm-mod.create="evil,,,rw,0 2048 linear /dev/vda 0"', False),
])
def test_an_addition_to_the_command_line_is_another_digest_and_gives_no_shell(
        platform: Path, tmp_path: Path, addition: str, boots: bool) -> None:
    console = tmp_path / "console"
    done = boot(platform, "--attack", "typing", "--attack-command-line", f"{published('hallmark')} {addition}",
                "--console", console)
    assert_another_digest(done)
    assert (done.digests["report"] is not None) == boots
    assert "shell-42" not in console.read_text(errors="replace")


@pytest.mark.parametrize("line", LINES)
def test_nothing_listens_to_what_is_typed(platform: Path, tmp_path: Path, line: str) -> None:
    """Keyboard, serial port and console; SysRq among the keys. Until init runs the kernel's terminal echoes; then not even that."""
    console = tmp_path / "console"
    done = boot(platform, "--attack", "typing", "--command-line", line, "--console", console)
    assert done.status == 0, done
    said = console.read_text(errors="replace")
    assert "shell-42" not in said
    before, guest, since = said.partition("hallmark-guest")
    assert guest and "shell-" in before, "what was typed was to reach the console"
    assert "shell-" not in since, "init's console echoed what was typed"
