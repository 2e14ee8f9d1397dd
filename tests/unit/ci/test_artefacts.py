# SPDX-License-Identifier: Apache-2.0
"""ci/lib/artefacts.py: a difference is found, and named where it is."""

import json
import os
import struct
from pathlib import Path

import pytest

from ci.lib import artefacts


@pytest.fixture
def builds(tmp_path: Path) -> tuple[Path, Path]:
    """Two build folders with the same artefacts."""
    for name in ("first", "second"):
        (tmp_path / name / "guest").mkdir(parents=True)
        (tmp_path / name / "agent").mkdir()
        (tmp_path / name / "guest" / "vmlinuz").write_bytes(bytes(range(256)))
        (tmp_path / name / "guest" / "manifest.json").write_text('{"a": {"b": [1, 2]}, "c/d": "x"}')
        (tmp_path / name / "agent" / "hallmark-guest").write_bytes(b"\x7fELF")
    return tmp_path / "first", tmp_path / "second"


def differing(builds: tuple[Path, Path]) -> dict[str, list[str]]:
    return {row.name: row.differences for row in artefacts.compare(*builds) if not row.same}


def test_the_same_is_the_same(builds: tuple[Path, Path]) -> None:
    rows = artefacts.compare(*builds)
    assert [row.name for row in rows] == ["agent/hallmark-guest", "guest/manifest.json", "guest/vmlinuz"]
    assert all(row.same and not row.differences for row in rows)


def test_a_byte_is_named_by_its_offset(builds: tuple[Path, Path]) -> None:
    file = builds[1] / "guest" / "vmlinuz"
    content = bytearray(file.read_bytes())
    content[0x20] ^= 1
    content[0x30] ^= 1
    file.write_bytes(content)
    assert differing(builds)["guest/vmlinuz"][0] == "first difference at byte 0x20, 2 bytes differ"


def test_a_longer_file_differs_where_the_other_ends(builds: tuple[Path, Path]) -> None:
    with (builds[1] / "guest" / "vmlinuz").open("ab") as file:
        file.write(b"\0")
    assert differing(builds)["guest/vmlinuz"][0] == "first difference at byte 0x100, 0 bytes differ, sizes 256 and 257"


@pytest.mark.parametrize("missing", [0, 1])
def test_what_only_one_build_made_differs(builds: tuple[Path, Path], missing: int) -> None:
    (builds[missing] / "agent" / "hallmark-guest").unlink()
    assert differing(builds) == {"agent/hallmark-guest": [f"not in the {('first', 'second')[missing]} build"]}


def test_a_value_is_named_by_its_path(builds: tuple[Path, Path]) -> None:
    (builds[1] / "guest" / "manifest.json").write_text('{"a": {"b": [1, 3]}, "c/d": "x", "e": null, "f": "new"}')
    assert differing(builds)["guest/manifest.json"][:2] == ["/a/b/1: 2 and 3", '/f: null and "new"']


def test_json_that_differs_in_layout_only_still_differs(builds: tuple[Path, Path]) -> None:
    file = builds[1] / "guest" / "manifest.json"
    file.write_text(json.dumps(json.loads(file.read_text()), indent=2))
    assert differing(builds)["guest/manifest.json"][0].startswith("first difference at byte 0x1")


def portable_executable(linux: bytes) -> bytes:
    """The least of a PE image: headers, a section .linux, a section .cmdline."""
    start, sections = 0x40, [(b".linux", linux), (b".cmdline", b"quiet")]
    image = b"MZ".ljust(0x3C, b"\0") + struct.pack("<I", start) + b"PE\0\0"
    image += struct.pack("<HH12xHH", 0x8664, len(sections), 0, 0)
    body, place = b"", start + 24 + 40 * len(sections)
    for name, content in sections:
        image += struct.pack("<8sIIII16x", name, len(content), 0, len(content), place + len(body))
        body += content
    return image + body


def test_a_section_is_named(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.write_bytes(portable_executable(b"kernel"))
    second.write_bytes(portable_executable(b"kernal"))
    assert artefacts.sections(first, second) == ["section .linux: first difference at byte 0x4, 1 bytes differ"]


def test_files_of_two_trees_are_told_apart_by_content_mode_time_and_target(tmp_path: Path) -> None:
    for name in ("first", "second"):
        tree = tmp_path / name
        (tree / "etc").mkdir(parents=True)
        for file in ("same", "content", "mode", "time"):
            (tree / "etc" / file).write_text("text")
            os.utime(tree / "etc" / file, (0, 0))
        (tree / "link").symlink_to("etc/same" if name == "first" else "etc/time")
    (tmp_path / "second" / "etc" / "content").write_text("tent")
    os.utime(tmp_path / "second" / "etc" / "content", (0, 0))
    (tmp_path / "second" / "etc" / "mode").chmod(0o755)
    os.utime(tmp_path / "second" / "etc" / "time", (5, 5))
    (tmp_path / "second" / "extra").write_text("")
    for name in ("first", "second"):
        for path in (tmp_path / name / "etc", tmp_path / name / "link"):
            os.utime(path, (0, 0), follow_symlinks=False)
    assert artefacts.trees_differ(tmp_path / "first", tmp_path / "second") == [
        "/etc/content: first difference at byte 0x2, 1 bytes differ",
        "/etc/mode: mode 100644 and 100755",
        "/etc/time: time 0 and 5",
        "/extra: not in the first build",
        "/link: link to etc/same and etc/time",
    ]
