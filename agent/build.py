# SPDX-License-Identifier: Apache-2.0
"""Builds hallmark-guest inside the build root, so that its bits depend on nothing of this host.

Example: PYTHONPATH=. python3 agent/build.py --output build/agent/hallmark-guest --depfile build/agent/hallmark-guest.d
"""

import argparse
import hashlib
import os
import shutil
import tempfile
from pathlib import Path

from agent.libraries import build as libraries
from ci.lib import build_root, cache, errors

PROGRAM = "agent"
TOP = Path(__file__).resolve().parent.parent

# All that the compiler may see: the build fails on anything else that is reached for.
SOURCES = ["meson.build", "meson_options.txt", "common", "agent"]
SUFFIXES = {".build", ".txt", ".hpp", ".cpp", ".proto", ".py"}

# Where source and build lie inside the build root: always here, so that no path of the host gets into the bits.
SOURCE = "/src"
BUILD = "/build"
LIBRARIES = "/libraries"
BINARY = "agent/hallmark-guest"

STEPS = [
    ["meson", "setup", BUILD, SOURCE, "-Dpart=guest", f"-Dguest_libraries={LIBRARIES}", "-Doptimization=s"],
    ["meson", "compile", "-C", BUILD, "hallmark-guest"],
    ["strip", "--strip-all", "-o", f"{BUILD}/stripped", f"{BUILD}/{BINARY}"],
]
LOG_LINES_SHOWN = 30


def sources() -> list[Path]:
    """Every source file, by its path below the project's root."""
    found: list[Path] = []
    for name in SOURCES:
        path = TOP / name
        files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
        found += [file.relative_to(TOP) for file in files if file.suffix in SUFFIXES]
    return sorted(found)


def cache_key(files: list[Path], made_libraries: Path) -> str:
    """SHA-256 in hex over all that decides the program's bits."""
    digest = hashlib.sha256()
    digest.update(build_root.identity().encode() + b"\0")
    digest.update(made_libraries.name.encode() + b"\0")  # the hash of all that went into them
    for file in files:
        content = hashlib.sha256((TOP / file).read_bytes()).hexdigest()
        digest.update(f"{file}\0{content}\0".encode())
    return digest.hexdigest()


def make_binary(into: Path, files: list[Path], made_libraries: Path) -> None:
    """Compiles a copy of the sources; leaves `hallmark-guest` in `into`."""
    print(f"{PROGRAM}: building hallmark-guest in the build root", flush=True)
    with tempfile.TemporaryDirectory(prefix="hallmark-guest-") as name:
        source, build = Path(name, "source"), Path(name, "build")
        build.mkdir()
        for file in files:
            (source / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(TOP / file, source / file)
        for step in STEPS:
            run_step(step, [(source, SOURCE, True), (build, BUILD, False), (made_libraries, LIBRARIES, True)], Path(name, "log"))
        shutil.copyfile(build / "stripped", into / "hallmark-guest")
    (into / "hallmark-guest").chmod(0o755)


def run_step(argv: list[str], binds: list[build_root.Bind], log: Path) -> None:
    """Runs one command inside the build root; when it fails, the end of its output goes into the error."""
    with log.open("wb") as output:
        status = build_root.run(argv, binds=binds, workdir=BUILD, env=None, output=output)
    if status != 0:
        tail = log.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_LINES_SHOWN:]
        raise errors.Fault(f"{' '.join(argv)}: exit status {status}, expected 0; its last lines:\n  " + "\n  ".join(tail))


def deliver(source: Path, target: Path) -> None:
    """Copies a file to its final name in one step."""
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    shutil.copy(source, temporary)
    temporary.rename(target)


def main() -> int:
    """Builds unless the cache has it, delivers the program and the list of what it depends on."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", required=True, type=Path, help="where the program goes")
    parser.add_argument("--depfile", required=True, type=Path, help="where the list of its sources goes (for Ninja)")
    wanted = parser.parse_args()
    files = sources()
    made = libraries.obtain()
    built = cache.directory("guest-binary", cache_key(files, made), lambda into: make_binary(into, files, made))
    deliver(built / "hallmark-guest", wanted.output)
    names = " ".join(str(TOP / file).replace(" ", "\\ ") for file in files)
    wanted.depfile.write_text(f"{wanted.output}: {names}\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    errors.run(PROGRAM, main)
