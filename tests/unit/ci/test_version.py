# SPDX-License-Identifier: Apache-2.0
"""Versions are ordered as dpkg orders them."""

import itertools
import subprocess

import pytest

from ci.lib import version

VERSIONS = [
    "0", "1", "1.0", "1.0-1", "1.0-0", "1.0~rc1-1", "1.0~~", "1.0~", "1.0a", "1.0+b1", "1.0.1", "1.10", "1.9",
    "1.09", "01.9", "1:0.1", "0:1.0", "2.41-12+deb13u5", "2.41-12", "7.2.12-1~bpo13+1", "7.2.12-1", "1.0-1.1",
    "1-2-3", "1.0-1+b2",
    "1.0z", "1.0-1~deb13u1", "20250101", "1.0a1", "1.0a0", "1:11.1.3+ds-1~bpo13+1",
]
OPERATORS = {"<<": "lt-nl", "<=": "le-nl", "=": "eq", ">=": "ge-nl", ">>": "gt-nl"}


def dpkg_says(left: str, operator: str, right: str) -> bool:
    return subprocess.run(["dpkg", "--compare-versions", left, OPERATORS[operator], right], check=False).returncode == 0


@pytest.mark.parametrize("left", VERSIONS)
def test_order_is_dpkgs(left):
    for right in VERSIONS:
        for operator in ("<<", "="):
            assert version.satisfies(left, operator, right) == dpkg_says(left, operator, right), (left, operator, right)


def test_operators_agree_with_each_other():
    for left, right in itertools.product(VERSIONS, VERSIONS):
        less, equal = (version.satisfies(left, operator, right) for operator in ("<<", "="))
        assert version.satisfies(left, "<=", right) == (less or equal)
        assert version.satisfies(left, ">=", right) == (not less)
        assert version.satisfies(left, ">>", right) == (not less and not equal)
