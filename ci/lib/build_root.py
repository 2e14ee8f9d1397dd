# SPDX-License-Identifier: Apache-2.0
"""The build root: locked packages, unpacked, in which the guest's binaries, the kernel and the image are made.

It is the same on every host, read-only, and has no network.
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from ci.lib import cache, debpkg, enter, fetch, overlay
from ci.lib.errors import Fault

HERE = Path(__file__).resolve().parent
FOLDER = HERE.parent / "build-root"
LOCK = FOLDER / "packages.lock"
OVERLAY = FOLDER / "overlay"
# What decides how packages become a tree; a change in it makes a new build root.
CODE = [HERE / "debpkg.py", HERE / "overlay.py"]

ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/nonexistent",
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
    # 2025-01-01T00:00:00Z: any fixed time will do, as long as it is not in the future of the packages' files.
    "SOURCE_DATE_EPOCH": "1735689600",
}

Bind = tuple[Path, str, bool]


def run(argv: Sequence[str], *, binds: Sequence[Bind] = (), workdir: str = "/", env: dict[str, str] | None = None,
        output=None, input=None) -> int:  # noqa: ANN001, A002 - as subprocess calls them
    """Run a command in the build root; returns its exit status (128 + N when signal N ended it).

    binds: (path outside, absolute path inside, read-only); everything else but /tmp is read-only.
    env: added to ENVIRONMENT. output: a file for stdout and stderr, or (stdout, stderr); None: those of this process.
    input: a file for stdin; None: nothing.
    """
    stdout, stderr = output if isinstance(output, tuple) else (output, output)
    done = _enter(way(), tree(), list(argv), binds, workdir, ENVIRONMENT | (env or {}), stdout, stderr, input)
    if done.returncode == enter.NOT_ENTERED:
        raise Fault(f"build root: {argv[0]} was not reached; its output says why (a bind that is missing?)")
    return done.returncode


def tree() -> Path:
    """The unpacked build root, made if the cache does not have it."""
    return cache.directory("build-root", identity(), _make)


@lru_cache(maxsize=1)
def identity() -> str:
    """SHA-256 (hex) of everything that is in the build root, and of its fixed environment."""
    parts = [cache.file_key(CODE), overlay.identity(OVERLAY), json.dumps(ENVIRONMENT, sort_keys=True)]
    parts += [f"{one.entry.name} {one.entry.sha256}" for one in sorted(_packages(), key=lambda one: one.entry)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def versions() -> dict[str, str]:
    """The version of every package in the build root, by name."""
    return {one.entry.name: one.entry.version for one in _packages()}


@lru_cache(maxsize=1)
def way() -> str:
    """How to get in: "user" (a user namespace), or "root" where that is refused. HALLMARK_ENTER names one."""
    asked = os.environ.get("HALLMARK_ENTER", "")
    if asked not in ("", "user", "root"):
        raise Fault(f"HALLMARK_ENTER: {asked!r}, expected user or root")
    said = []
    for one in [asked] if asked else ["user", "root"] if os.geteuid() == 0 else ["user"]:
        with tempfile.TemporaryFile() as output:
            if _enter(one, tree(), ["true"], (), "/", ENVIRONMENT, output, output, None).returncode == 0:
                return one
            output.seek(0)
            said.append(f"as {one}: {output.read().decode(errors='replace').strip()}")
    raise Fault(f"build root: can't be entered ({'; '.join(said)}), expected user namespaces or root; "
                "run as root (sudo), or allow user namespaces: sysctl kernel.apparmor_restrict_unprivileged_userns=0")


@lru_cache(maxsize=1)
def _packages() -> list[fetch.Fetched]:
    return fetch.obtain(LOCK)


def _make(into: Path) -> None:
    debpkg.unpack_all([one.file for one in _packages()], into, "the build root")
    overlay.lay(OVERLAY, into)


def _enter(how: str, root: Path, argv: list[str], binds: Sequence[Bind], workdir: str, environment: dict[str, str],
           stdout, stderr, stdin) -> subprocess.CompletedProcess:  # noqa: ANN001
    with tempfile.TemporaryDirectory(prefix="hallmark-root-") as stage:
        job = {
            "way": how, "root": str(root), "stage": stage, "argv": [str(word) for word in argv],
            "binds": [_bind(*bind) for bind in binds], "workdir": workdir, "environment": environment,
        }
        # -I -S: the helper starts faster, and nothing of the caller's Python set-up gets in.
        return subprocess.run([sys.executable, "-I", "-S", str(HERE / "enter.py"), json.dumps(job)], check=False,
                              stdin=stdin or subprocess.DEVNULL, stdout=stdout, stderr=stderr)


def _bind(outside: Path, inside: str, read_only: bool) -> tuple[str, str, bool]:
    path = Path(outside).resolve()
    if not path.exists():
        raise Fault(f"build root: {outside}: not there, expected what is to be seen inside as {inside}")
    if not inside.startswith("/") or ".." in inside.split("/"):
        raise Fault(f"build root: {inside}: expected an absolute path inside")
    return str(path), inside, read_only
