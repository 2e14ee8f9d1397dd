# SPDX-License-Identifier: Apache-2.0
"""Which packages a list of names needs, worked out the same way for the same indexes.

Conflicts and Recommends are not looked at: packages are unpacked side by side, not installed.
"""

import re
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from ci.lib import version
from ci.lib.errors import Fault
from ci.lib.index import Package

_RELATION = re.compile(
    r"(?P<name>[a-z0-9][a-z0-9+.-]*)(?::(?P<architecture>[a-z0-9-]+))?\s*"
    r"(?:\(\s*(?P<operator><<|<=|=|>=|>>)\s*(?P<version>\S+?)\s*\))?"
)


@dataclass(frozen=True)
class Relation:
    """One alternative of a dependency: a name and perhaps a condition on the version."""

    name: str
    operator: str = ""
    version: str = ""

    def met_by(self, candidate: str) -> bool:
        return not self.operator or version.satisfies(candidate, self.operator, self.version)


class Pool:
    """What may be chosen: of each name the locked version where there is one, else the newest.

    Where versions are equal, the package that comes first in `packages` wins.
    """

    def __init__(self, packages: Iterable[Package], pinned: Iterable[Package] = ()) -> None:
        self._by_name: dict[str, Package] = {}
        self._locked: dict[str, Package] = {package.entry.name: package for package in pinned}
        for package in packages:
            known = self._by_name.get(package.entry.name)
            if known is None or version.key(package.entry.version) > version.key(known.entry.version):
                self._by_name[package.entry.name] = package
        self._providers: dict[str, list[tuple[str, str]]] = {}
        for package in sorted((self._by_name | self._locked).values(), key=lambda package: package.entry.name):
            for provided in filter(None, package.provides.split(",")):
                relation = parse_relation(provided)
                if relation:
                    self._providers.setdefault(relation.name, []).append((package.entry.name, relation.version))

    def real(self, relation: Relation) -> Package | None:
        """The package of that name, if its version will do."""
        for pool in (self._locked, self._by_name):
            package = pool.get(relation.name)
            if package and relation.met_by(package.entry.version):
                return package
        return None

    def providers(self, relation: Relation) -> list[Package]:
        """The packages that provide the name, in order of their own names."""
        # Debian Policy 4.7, section 7.5: a provided name without a version meets no condition on the version.
        names = [name for name, provided in self._providers.get(relation.name, [])
                 if not relation.operator or (provided and relation.met_by(provided))]
        return [found for name in names if (found := self.real(Relation(name)))]


def closure(pool: Pool, wanted: Iterable[str], *, dependencies: bool, without: Iterable[str] = ()) -> list[Package]:
    """The wanted packages and, if asked, all that they depend on except the names in `without`."""
    chosen: dict[str, Package] = {}
    waiting: deque[Package] = deque()
    excluded = frozenset(without)

    def take(package: Package) -> None:
        if package.entry.name not in chosen:
            chosen[package.entry.name] = package
            waiting.append(package)

    for name in sorted(wanted):
        package = pool.real(Relation(name))
        if package is None:
            raise Fault(f"packages.toml: {name}: in none of the set's suites, expected in one; correct it, add a suite")
        take(package)
    while waiting and dependencies:
        package = waiting.popleft()
        for alternatives in _depends(package):
            if any(relation.name in excluded for relation in alternatives):
                continue
            take(_choose(pool, alternatives, chosen, package))
    return [chosen[name] for name in sorted(chosen)]


def parse_relation(text: str) -> Relation | None:
    """One relation of a control field, without its architecture qualifier; None if it is not one."""
    match = _RELATION.fullmatch(text.strip())
    return Relation(match["name"], match["operator"] or "", match["version"] or "") if match else None


def _depends(package: Package) -> Iterable[list[Relation]]:
    for clause in filter(None, (part.strip() for part in package.depends.split(","))):
        relations = [parse_relation(alternative) for alternative in clause.split("|")]
        if None in relations:
            raise Fault(f"{package.entry.name}: Depends has {clause!r}, expected NAME (RELATION VERSION)")
        yield relations


def _choose(pool: Pool, alternatives: list[Relation], chosen: dict[str, Package], dependent: Package) -> Package:
    """What is there already, else the first alternative that exists, else the first that is provided."""
    for relation in alternatives:
        present = [package for package in (pool.real(relation), *pool.providers(relation))
                   if package and chosen.get(package.entry.name) is package]
        if present:
            return present[0]
    for relation in alternatives:
        found = pool.real(relation) or next(iter(pool.providers(relation)), None)
        if found:
            return _consistent(found, chosen, dependent)
    wanted = " | ".join(" ".join(filter(None, (r.name, r.operator, r.version))) for r in alternatives)
    raise Fault(
        f"{dependent.entry.name} {dependent.entry.version}: depends on {wanted}, which no suite of the set has, "
        "expected in one; add a suite, name it in without = [...], or renew what is locked: ci/lock FOLDER --renew NAME"
    )


def _consistent(found: Package, chosen: dict[str, Package], dependent: Package) -> Package:
    known = chosen.get(found.entry.name)
    if known is not None and known is not found:
        raise Fault(
            f"{dependent.entry.name}: needs {found.entry.name} {found.entry.version}, but {known.entry.version} is "
            f"locked; run: ci/lock FOLDER --renew {found.entry.name}"
        )
    return found
