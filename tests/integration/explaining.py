# SPDX-License-Identifier: Apache-2.0
"""hallmark-measure explain as its users call it, and its answer in few words."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("HALLMARK_BUILD", ROOT / "build"))
VECTORS = Path(os.environ.get("HALLMARK_VECTORS", ROOT / "../shared/vectors"))
PROGRAM = BUILD / "measure" / "hallmark-measure"

Option = dict[str, str | None]  # flag to its value; nothing where it isn't given
Change = dict[str, tuple[str | None, str | None]]  # flag to what was given and what was seen


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=120, check=False)


def flags(options: Option) -> list[str]:
    return [word for name, value in options.items() if value is not None for word in (name, value)]


def explained(mode: str, expected: str | Path, options: Option, *more: str | Path) -> dict[str, Any]:
    done = run("explain", mode, "--json", "--expected", expected, *flags(options), *more)
    assert done.returncode in (0, 1), done.stderr
    answer = json.loads(done.stdout)
    assert answer["equal"] == (done.returncode == 0)
    return answer


def changes(part: dict[str, Any]) -> list[Change]:
    """The explanations of one value."""
    return [{one["option"]: (one["given"], one["seen"]) for one in explanation["changes"]}
            for explanation in part["explanations"]]


def refused(*arguments: str | Path) -> str:
    """The one line with which a request is refused."""
    done = run("explain", *arguments)
    assert done.returncode == 2 and done.stdout == "" and done.stderr.count("\n") == 1, done
    return done.stderr
