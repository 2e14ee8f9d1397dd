# SPDX-License-Identifier: Apache-2.0
"""The manual pages: every command has its section and an example, and mandoc finds nothing wrong."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("HALLMARK_BUILD", ROOT / "build"))
# Each program, and some of the commands that it has for certain.
PROGRAMS = {
    "hallmark-kbs": (BUILD / "relying-party/hallmark-kbs", {"serve", "verify", "keyprovider", "rewrap"}),
    "hallmark-measure": (BUILD / "measure/hallmark-measure", {"snp", "igvm", "inspect"}),
}


def page_of(name: str) -> Path:
    return ROOT / "docs" / f"{name}.1"


def shown_by_help(program: Path, *arguments: str) -> str:
    return subprocess.run([program, *arguments, "--help"], capture_output=True, text=True, timeout=60, check=True).stdout


def commands(program: Path) -> list[str]:
    listed = shown_by_help(program).split("Subcommands:\n", 1)[-1].split("\n\n", 1)[0]
    return re.findall(r"^  ([a-z][a-z-]*) ", listed, re.MULTILINE)


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_command_has_examples_with_options_that_it_knows(name: str) -> None:
    program, some = PROGRAMS[name]
    page = page_of(name).read_text()
    names = commands(program)
    assert some <= set(names)
    sections = re.findall(r"^\.Ss (.*)$", page, re.MULTILINE)
    assert sections and set(sections) == set(names)
    for command in names:
        examples = re.findall(rf"^\.Dl {name} {command} (.*)$", page, re.MULTILINE)
        assert examples, command
        for example in examples:
            known = shown_by_help(program, command)
            # A mode has a help of its own.
            mode = example.split()[0]
            if not mode.startswith("-") and f"\n  {mode} " in known:
                known += shown_by_help(program, command, mode)
            for option in re.findall(r"--[a-z-]+", example):
                assert option in known, (command, option)


def test_every_difference_to_sev_snp_measure_is_listed() -> None:
    described = shown_by_help(BUILD / "measure/sev-snp-measure").split("--compat NAME", 1)[1]
    names = re.findall(r"^ +([a-z]+(?:-[a-z]+)+): ", described, re.MULTILINE)
    assert "svsm-fcw" in names
    assert re.findall(r"^\.It Cm ([a-z-]+)$", page_of("hallmark-measure").read_text(), re.MULTILINE) == names


@pytest.mark.parametrize("name", PROGRAMS)
def test_mandoc_finds_nothing_wrong(name: str) -> None:
    mandoc = shutil.which("mandoc")
    if mandoc is None:
        pytest.skip("mandoc is not installed")
    lint = [mandoc, "-T", "lint", "-W", "warning", page_of(name)]
    done = subprocess.run(lint, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout
