# SPDX-License-Identifier: Apache-2.0
"""kernel-config/snapshot.py: a change of the resolved configuration is refused for its own version, and shown for another."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.modules import TOP, load

FOLDER = TOP / "kernel-config"
snapshot = load("kernel-config/snapshot.py")

CONFIG = """\
#
# Automatically generated file; DO NOT EDIT.
# Linux/x86_64 7.2.12 Kernel Configuration
#
CONFIG_CC_VERSION_TEXT="gcc (Debian 14.2.0-19) 14.2.0"
CONFIG_CC_HAS_IBT=y
# CONFIG_LD_CAN_USE_IT is not set
CONFIG_SMP=y
CONFIG_CC_OPTIMIZE_FOR_PERFORMANCE=y
# CONFIG_MODULES is not set
CONFIG_CCISS=y
"""


@pytest.fixture
def taken(tmp_path: Path) -> Path:
    folder = tmp_path / "snapshots"
    snapshot.update("config", CONFIG, folder)
    return folder


def test_what_was_taken_holds(taken: Path) -> None:
    assert [path.name for path in taken.iterdir()] == ["linux-7.2.12.config"]
    assert snapshot.compare("config", CONFIG, taken) == (True, [])


def test_the_toolchain_does_not_count_and_choices_do(taken: Path) -> None:
    other = CONFIG.replace("14.2.0", "15.1.0").replace("CONFIG_CC_HAS_IBT=y", "# CONFIG_CC_HAS_IBT is not set")
    assert snapshot.compare("config", other, taken) == (True, [])
    good, _ = snapshot.compare("config", CONFIG.replace("_FOR_PERFORMANCE", "_FOR_SIZE"), taken)
    assert not good


@pytest.mark.parametrize(("old", "new"), [
    ("CONFIG_SMP=y\n", ""),
    ("# CONFIG_MODULES is not set", "CONFIG_MODULES=y"),
    ("CONFIG_CCISS=y\n", "CONFIG_CCISS=y\nCONFIG_NEW=y\n"),
])
def test_a_difference_of_the_same_version_is_refused_and_shown(taken: Path, old: str, new: str) -> None:
    good, lines = snapshot.compare("config", CONFIG.replace(old, new), taken)
    assert not good
    changed = [line for line in lines if line[0] in "+-" and not line.startswith(("+++", "---"))]
    assert 1 <= len(changed) <= 2 and any(line[1:] in old + new for line in changed)


def test_another_version_is_only_shown(taken: Path) -> None:
    good, lines = snapshot.compare("config", CONFIG.replace("7.2.12", "7.2.13").replace("CONFIG_SMP=y\n", ""), taken)
    assert good
    assert "no snapshot of 7.2.13" in lines[0] and "-CONFIG_SMP=y" in lines


def test_no_snapshot_at_all_is_refused(tmp_path: Path) -> None:
    good, lines = snapshot.compare("config", CONFIG, tmp_path / "none")
    assert not good and "--update config" in lines[0]


def test_the_newest_of_several_is_compared_with(taken: Path) -> None:
    (taken / "linux-7.2.9.config").write_text("CONFIG_OLD=y\n")
    _, lines = snapshot.compare("config", CONFIG.replace("7.2.12", "7.3"), taken)
    assert "compared with linux-7.2.12.config" in lines[0]


def test_taking_another_version_leaves_one_snapshot(taken: Path) -> None:
    snapshot.update("config", CONFIG.replace("7.2.12", "7.3"), taken)
    assert [path.name for path in taken.iterdir()] == ["linux-7.3.config"]


def test_what_is_no_configuration_ends_with_2(tmp_path: Path) -> None:
    wrong = tmp_path / "config"
    wrong.write_text("CONFIG_SMP=y\n")
    done = subprocess.run([sys.executable, FOLDER / "snapshot.py", wrong], capture_output=True, text=True, check=False)
    assert done.returncode == 2 and done.stderr.startswith(f"kernel-config: {wrong}: found no line")
    assert done.stderr.count("\n") == 1


def test_the_committed_snapshot_names_no_toolchain() -> None:
    paths = list(snapshot.FOLDER.glob("linux-*.config"))
    assert len(paths) == 1
    text = paths[0].read_text()
    assert snapshot.reviewed_text(text) == text
    assert snapshot.path_of(snapshot.version(paths[0].name, text)) == paths[0]
