# SPDX-License-Identifier: Apache-2.0
"""README's table of what works of Confidential Containers' components: each row is backed by a test that there is."""

import re
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]


def rows() -> list[list[str]]:
    """Component, subject, state, tests."""
    text = (SOURCE / "README.md").read_text()
    table = text.split("| component | method, key or endpoint | here | test |\n|---|---|---|---|\n")[1]
    lines = table.split("\n\n")[0].splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def known_tests() -> set[str]:
    names = set()
    for file in (SOURCE / "tests").rglob("*_test.cpp"):
        names |= {f"{suite}.{name}" for suite, name in re.findall(r"^TEST(?:_F|_P)?\((\w+), (\w+)\)", file.read_text(), re.M)}
    for file in (SOURCE / "tests").rglob("test_*.py"):
        names |= set(re.findall(r"^def (test_\w+)", file.read_text(), re.M))
    return names


def test_every_row_is_backed_by_a_test() -> None:
    known = known_tests()
    assert len(rows()) > 20
    for row in rows():
        assert len(row) == 4, row
        assert re.match(r"works|differs|not yet|read and checked", row[2]), row
        named = re.findall(r"`([^`]+)`", row[3])
        assert named and set(named) <= known, row
