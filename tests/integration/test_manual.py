# SPDX-License-Identifier: Apache-2.0
"""The manual page of hallmark-measure: every command has its section and an example, and mandoc finds nothing wrong."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("HALLMARK_BUILD", ROOT / "build")) / "measure" / "hallmark-measure"
PAGE = ROOT / "docs" / "hallmark-measure.1"


def shown_by_help(*arguments: str) -> str:
    return subprocess.run([PROGRAM, *arguments, "--help"], capture_output=True, text=True, timeout=60, check=True).stdout


def commands() -> list[str]:
    listed = shown_by_help().split("Subcommands:\n", 1)[-1].split("\n\n", 1)[0]
    return re.findall(r"^  ([a-z][a-z-]*) ", listed, re.MULTILINE)


def test_every_command_has_an_example_with_options_that_it_knows() -> None:
    page = PAGE.read_text()
    names = commands()
    assert {"snp", "igvm", "inspect"} <= set(names)
    assert re.findall(r"^\.Ss (.*)$", page, re.MULTILINE) and set(re.findall(r"^\.Ss (.*)$", page, re.MULTILINE)) == set(names)
    for name in names:
        examples = re.findall(rf"^\.Dl hallmark-measure {name} (.*)$", page, re.MULTILINE)
        assert examples, name
        known = shown_by_help(name)
        # A mode has a help of its own.
        mode = examples[0].split()[0]
        if not mode.startswith("-") and f"\n  {mode} " in known:
            known += shown_by_help(name, mode)
        for option in re.findall(r"--[a-z-]+", examples[0]):
            assert option in known, (name, option)


def test_mandoc_finds_nothing_wrong() -> None:
    mandoc = shutil.which("mandoc")
    if mandoc is None:
        pytest.skip("mandoc is not installed")
    done = subprocess.run([mandoc, "-T", "lint", "-W", "warning", PAGE], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout
