# SPDX-License-Identifier: Apache-2.0
"""Builds the guest's static libraries from Debian's locked sources, inside the build root.

Example: PYTHONPATH=. python3 agent/libraries/build.py --into build/agent/libraries --stamp build/agent/libraries.stamp
"""

import argparse
import hashlib
import os
import shlex
import shutil
import tempfile
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ci.lib import build_root, cache, errors, fetch
from ci.lib.errors import Fault

PROGRAM = "libraries"
HERE = Path(__file__).resolve().parent
RECIPES = HERE / "recipes.toml"
LOCK = HERE / "packages.lock"
LOG_LINES_SHOWN = 30

# Where things lie inside the build root: always here, so that no path of the host gets into the bits.
SOURCE = "/src"
INPUTS = "/inputs"
BUILD_TRIPLET = "x86_64-linux-gnu"

LIBRARY_KEYS = {"source", "folder", "target", "archive", "headers", "configure"}


@dataclass(frozen=True)
class Recipe:
    """One library; paths are relative to its unpacked source."""

    source: str  # name of the source package
    folder: str  # where make runs
    target: str
    archive: str
    headers: tuple[str, ...]
    configure: tuple[str, ...]


def read_recipes(file: Path) -> tuple[list[str], list[Recipe]]:
    """The compiler's flags and the recipes. Strict: every group of arguments says why."""
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Fault(f"{file}: {error}") from error
    if set(document) != {"flags", "library"} or set(document["flags"]) != {"compiler"}:
        raise Fault(f"{file}: keys {sorted(document)}, expected [flags] with compiler, and [[library]] tables")
    return document["flags"]["compiler"], [_recipe(file, table) for table in document["library"]]


def _recipe(file: Path, table: dict) -> Recipe:
    name = table.get("source", "?")
    if set(table) != LIBRARY_KEYS:
        raise Fault(f"{file}: library {name}: keys {sorted(table)}, expected {sorted(LIBRARY_KEYS)}")
    return Recipe(
        name, table["folder"], table["target"], table["archive"], tuple(table["headers"].split()),
        _arguments(file, name, table["configure"]),
    )  # fmt: skip


def _arguments(file: Path, library: str, groups: list[dict]) -> tuple[str, ...]:
    for group in groups:
        if set(group) != {"why", "arguments"} or not str(group["why"]).strip():
            raise Fault(f"{file}: library {library}: a group with keys {sorted(group)}, expected why and arguments")
    return tuple(value for group in groups for value in group["arguments"])


def cache_key(sources: list[fetch.Fetched]) -> str:
    """SHA-256 in hex over all that decides the libraries' bits."""
    parts = [build_root.identity(), cache.file_key([RECIPES, Path(__file__).resolve()])]
    return hashlib.sha256("\n".join([*parts, *(one.entry.sha256 for one in sources)]).encode()).hexdigest()


def make(into: Path, sources: list[fetch.Fetched]) -> None:
    """Fills `into` with NAME.a and include/."""
    flags, recipes = read_recipes(RECIPES)
    for recipe in recipes:
        files = {one.entry.path.rpartition("/")[2]: one.file for one in sources if one.entry.name == recipe.source}
        print(f"{PROGRAM}: building {recipe.source} in the build root", flush=True)
        with tempfile.TemporaryDirectory(prefix="hallmark-library-") as scratch:
            _build(recipe, flags, files, Path(scratch), into)


def _build(recipe: Recipe, flags: list[str], files: dict[str, Path], scratch: Path, into: Path) -> None:
    tree, log = scratch / "tree", scratch / "log"
    tree.mkdir()
    upstream, changes = _one(recipe, files, ".orig.tar."), _one(recipe, files, ".debian.tar.")
    binds = [(tree, SOURCE, False), (files[upstream], f"{INPUTS}/{upstream}", True), (files[changes], f"{INPUTS}/{changes}", True)]

    def run(argv: list[str], folder: str = ".") -> None:
        with log.open("wb") as output:
            status = build_root.run(argv, binds=binds, workdir=f"{SOURCE}/{folder}", output=output)
        if status != 0:
            tail = log.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_LINES_SHOWN:]
            raise Fault(f"{recipe.source}: {argv[0]}: exit status {status}, expected 0; it said:\n  " + "\n  ".join(tail))

    run(["tar", "--extract", "--strip-components=1", "--no-same-owner", "--file", f"{INPUTS}/{upstream}"])
    run(["tar", "--extract", "--no-same-owner", "--file", f"{INPUTS}/{changes}"])
    _patch(tree, run)
    if not (tree / "configure").is_file():
        raise Fault(f"{recipe.source}: {upstream} has no configure, expected one; the build root has no autoconf")
    # All files as old as each other: make must not think that configure is older than what it was made from.
    run(["find", ".", "-exec", "touch", "--no-dereference", "--date=@0", "{}", "+"])
    compiler = [*flags, f"-ffile-prefix-map={SOURCE}=."]
    run(["./configure", f"--build={BUILD_TRIPLET}", *recipe.configure, f"CFLAGS={shlex.join(compiler)}"])
    run(["make", f"-j{os.environ.get('HALLMARK_JOBS') or os.cpu_count()}", "V=1", recipe.target], recipe.folder)
    run(["ranlib", "-D", recipe.archive])
    shutil.copyfile(tree / recipe.archive, into / Path(recipe.archive).name)
    for header in recipe.headers:
        _copy_headers(tree / header, into / "include")


def _one(recipe: Recipe, files: dict[str, Path], part: str) -> str:
    found = [name for name in files if part in name and not name.endswith(".asc")]
    if len(found) != 1:
        raise Fault(f"{LOCK}: source {recipe.source}: {len(found)} files with '{part}', expected one; run: ci/lock agent/libraries")
    return found[0]


def _patch(tree: Path, run: Callable[..., None]) -> None:
    """Applies Debian's patches in the order of debian/patches/series (quilt's format; dpkg-source(1), 3.0 (quilt))."""
    series = tree / "debian/patches/series"
    for line in series.read_text(encoding="utf-8").splitlines() if series.is_file() else []:
        name = line.partition("#")[0].strip()
        if name:
            run(["patch", "--strip=1", "--batch", "--fuzz=0", "--no-backup-if-mismatch", f"--input=debian/patches/{name}"])


def _copy_headers(source: Path, into: Path) -> None:
    into.mkdir(exist_ok=True)
    for header in sorted(source.glob("*.h")) if source.is_dir() else [source]:
        target = into / source.name / header.name if source.is_dir() else into / header.name
        target.parent.mkdir(exist_ok=True)
        shutil.copyfile(header, target)


def obtain() -> Path:
    """The folder with libcurl.a and include/, built if the cache does not have it."""
    sources = fetch.obtain(LOCK)
    return cache.directory("libraries", cache_key(sources), lambda into: make(into, sources))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--into", required=True, type=Path, help="folder that gets the archives and include/")
    parser.add_argument("--stamp", required=True, type=Path, help="written last")
    wanted = parser.parse_args()
    made = obtain()
    shutil.rmtree(wanted.into, ignore_errors=True)
    shutil.copytree(made, wanted.into)
    wanted.stamp.write_text(f"{made.name}\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    errors.run(PROGRAM, main)
