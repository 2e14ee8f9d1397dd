# SPDX-License-Identifier: Apache-2.0
"""ci/lib/reproduce.py: the two builds differ in all that may not matter, and the program's answers."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from ci.lib import reproduce

PROGRAM = reproduce.ROOT / "ci" / "reproduce"


def test_the_two_builds_differ_in_everything_but_what_this_host_refuses() -> None:
    first, second = reproduce.conditions(2, unprivileged=True)
    for name in ("folder", "jobs", "umask", "locale", "zone"):
        assert getattr(first, name) != getattr(second, name), name
    assert len(Path(first.folder).parts) != len(Path(second.folder).parts)
    if os.geteuid() == 0:
        assert (first.user, first.way) == ("", "root")
        assert (second.user, second.way) == ("nobody", "user")


def test_without_namespaces_both_builds_have_one_user() -> None:
    first, second = reproduce.conditions(1, unprivileged=False)
    assert (first.user, first.way) == (second.user, second.way)


def folder(path: Path, content: str) -> Path:
    (path / "guest").mkdir(parents=True)
    (path / "guest" / "manifest.json").write_text(content)
    return path


@pytest.mark.parametrize(("other", "status"), [('{"a": 1}', 0), ('{"a": 2}', 1)])
def test_comparing_two_folders_says_yes_or_no(tmp_path: Path, other: str, status: int) -> None:
    first, second = folder(tmp_path / "first", '{"a": 1}'), folder(tmp_path / "second", other)
    done = subprocess.run([PROGRAM, "--compare", first, second, "--json"], capture_output=True, text=True, check=False)
    assert done.returncode == status
    row, = json.loads(done.stdout)
    assert row["name"] == "guest/manifest.json" and row["same"] == (status == 0)
    assert ("/a: 1 and 2" in row["differences"]) == (status == 1)


def test_what_is_no_build_folder_ends_with_2(tmp_path: Path) -> None:
    done = subprocess.run([PROGRAM, "--compare", tmp_path, tmp_path], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == f"reproduce: {tmp_path}: no guest/manifest.json in it, expected a build folder; run ci/build\n"
