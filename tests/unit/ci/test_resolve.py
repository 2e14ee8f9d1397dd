# SPDX-License-Identifier: Apache-2.0
"""What a small made-up index resolves to."""

import random

import pytest

from ci.lib import index, resolve
from ci.lib.errors import Fault


def package(name, version="1", depends="", provides="", suite="main"):
    stanza = {"Package": name, "Version": version, "Depends": depends, "Provides": provides}
    return index.package(stanza, suite)


def names(packages, wanted, pinned=(), **options):
    pool = resolve.Pool(packages, pinned)
    found = resolve.closure(pool, wanted, **{"dependencies": True, **options})
    return [f"{one.entry.name}={one.entry.version}" for one in found]


def test_closure_with_a_cycle():
    packages = [package("a", depends="b (>= 1), c"), package("b", depends="a"), package("c"), package("d")]
    assert names(packages, ["a"]) == ["a=1", "b=1", "c=1"]


def test_pre_dependencies_count():
    stanza = {"Package": "a", "Version": "1", "Pre-Depends": "b", "Depends": "c"}
    assert names([index.package(stanza, "main"), package("b"), package("c")], ["a"]) == ["a=1", "b=1", "c=1"]


def test_no_dependencies():
    assert names([package("a", depends="missing")], ["a"], dependencies=False) == ["a=1"]


def test_newest_version_wins_in_whatever_order():
    assert names([package("a", "1.9"), package("a", "1.10"), package("a", "1.2")], ["a"]) == ["a=1.10"]


def test_equal_versions_come_from_the_first_suite():
    pool = resolve.Pool([package("a", suite="first"), package("a", suite="second")])
    assert resolve.closure(pool, ["a"], dependencies=False)[0].entry.suite == "first"


def test_first_alternative_that_exists():
    packages = [package("a", depends="gone | b | c"), package("b"), package("c")]
    assert names(packages, ["a"]) == ["a=1", "b=1"]


def test_alternative_that_is_there_already():
    packages = [package("a", depends="b | c"), package("b"), package("c")]
    assert names(packages, ["a", "c"]) == ["a=1", "c=1"]


def test_provided_name_and_version():
    packages = [package("a", depends="virtual, libx (>= 2)"), package("p", provides="virtual"),
                package("x", provides="libx (= 3)")]
    assert names(packages, ["a"]) == ["a=1", "p=1", "x=1"]


@pytest.mark.parametrize("depends, provides", [
    ("v (>= 2)", "v"), ("v (>= 2)", "v (= 1)"), ("b (>= 2)", ""), ("b:any (<< 1)", ""),
])
def test_condition_that_nothing_meets(depends, provides):
    with pytest.raises(Fault, match="a 1: depends on"):
        names([package("a", depends=depends), package("b", provides=provides)], ["a"])


def test_locked_version_stays_and_newer_only_where_needed():
    packages = [package("a", "2", depends="b"), package("b", "2")]
    assert names(packages, ["a"], [package("b", "1")]) == ["a=2", "b=1"]
    packages = [package("a", "2", depends="b (>= 2)"), package("b", "2")]
    assert names(packages, ["a"], [package("b", "1")]) == ["a=2", "b=2"]


def test_without():
    assert names([package("a", depends="b, c"), package("b"), package("c")], ["a"], without=["c"]) == ["a=1", "b=1"]


def test_unknown_package():
    with pytest.raises(Fault, match="nothing-such: in none of the set's suites"):
        names([package("a")], ["nothing-such"])


def test_order_of_the_index_does_not_matter():
    packages = [
        package(f"p{i}", depends=", ".join(f"v{j} | p{j}" for j in range(i)), provides=f"v{i % 5}") for i in range(30)
    ]
    expected = names(packages, ["p29", "p7"])
    for seed in range(5):
        shuffled = packages[:]
        random.Random(seed).shuffle(shuffled)
        assert names(shuffled, ["p7", "p29"]) == expected
