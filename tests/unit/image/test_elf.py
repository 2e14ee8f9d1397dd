# SPDX-License-Identifier: Apache-2.0
"""image/elf.py: against readelf on the host's own programs, and on trees where something is missing."""

import re
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from ci.lib.errors import Fault
from image import elf

PROGRAM = Path("/usr/bin/env")
LIBRARY = "/usr/lib/x86_64-linux-gnu/libc.so.6"
LOADER = "/lib64/ld-linux-x86-64.so.2"


@pytest.mark.skipif(shutil.which("readelf") is None, reason="readelf (package binutils) is not installed")
@pytest.mark.parametrize("program", ["/usr/bin/env", "/usr/bin/dpkg", LIBRARY])
def test_readelf_agrees(program):
    text = subprocess.run(["readelf", "-dl", program], check=True, capture_output=True, text=True).stdout
    found = elf.wants(Path(program).read_bytes())
    assert found.libraries == re.findall(r"\(NEEDED\)\s+Shared library: \[(.*?)\]", text)
    assert found.interpreter == next(iter(re.findall(r"program interpreter: (.*?)\]", text)), None)


def tree_with(folder: Path, names: list[str]) -> Path:
    for name in names:
        target = folder / name.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(PROGRAM if name == str(PROGRAM) else Path("/dev/null"), target)
    return folder


def test_complete_tree_passes(tmp_path):
    elf.check_needed_libraries(tree_with(tmp_path, [str(PROGRAM), LIBRARY, LOADER]))


@pytest.mark.parametrize(("present", "missing"), [([LIBRARY], "ld-linux-x86-64.so.2"), ([LOADER], "libc.so.6")])
def test_missing_file_is_named(tmp_path, present, missing):
    with pytest.raises(Fault, match=f"/usr/bin/env .*{missing}.* not in the root"):
        elf.check_needed_libraries(tree_with(tmp_path, [str(PROGRAM), *present]))


def test_links_are_followed_as_the_guest_would(tmp_path):
    """An absolute link leads to the guest's file, not to the host's of that name."""
    tree_with(tmp_path, [str(PROGRAM), "/usr/lib64/ld-linux-x86-64.so.2"])
    (tmp_path / "lib64").symlink_to("/usr/lib64")
    library = tmp_path / LIBRARY.lstrip("/")
    library.parent.mkdir(parents=True)
    library.symlink_to(LIBRARY.replace("libc.so.6", "libm.so.6"))  # the host has it, the tree has not
    with pytest.raises(Fault, match="needs libc.so.6"):
        elf.check_needed_libraries(tmp_path)


def test_loop_of_links_ends(tmp_path):
    tree_with(tmp_path, [str(PROGRAM), LIBRARY])
    (tmp_path / "lib64").symlink_to("lib64")
    with pytest.raises(Fault, match="ld-linux"):
        elf.check_needed_libraries(tmp_path)


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:40],
        lambda data: data[:32] + struct.pack("<Q", 1 << 60) + data[40:],
        lambda data: data[: len(data) // 64],
    ],
)
def test_damaged_program_is_named(tmp_path, damage):
    tree_with(tmp_path, [LIBRARY, LOADER])
    (tmp_path / "usr/bin").mkdir(parents=True)
    (tmp_path / "usr/bin/env").write_bytes(damage(PROGRAM.read_bytes()))
    with pytest.raises(Fault, match="/usr/bin/env: damaged ELF file"):
        elf.check_needed_libraries(tmp_path)
