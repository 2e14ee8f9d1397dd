# SPDX-License-Identifier: Apache-2.0
"""The program ci/reproduce: two builds under two conditions, and the comparison of what they made."""

import argparse
import fnmatch
import json
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from ci.lib import artefacts, cache
from ci.lib.errors import Fault
from ci.lib.progress import say

ROOT = Path(__file__).resolve().parents[2]
NOBODY = "nobody"
LOG_LINES_SHOWN = 20
# At the top of the source, but not of a copy of it: what was built, and git's own.
LEFT_OUT = ("build*", ".git")

EXAMPLE = """example:
  ci/reproduce                              builds twice and compares
  ci/reproduce --against build              builds once, and compares with what build/ holds
  ci/reproduce --compare build other/build  compares two build folders, such as those of two hosts
  ci/reproduce --keep /tmp/twice            leaves both builds there

The two builds differ in path, number of jobs, umask, locale, time zone, time, in user and in the way into the build
root where this host has user namespaces for an unprivileged user. Downloads are shared, nothing else.

Exit status: 0 the same; 1 something differs; 2 the request is wrong or a build failed."""


@dataclass(frozen=True)
class Condition:
    """What a build may not notice."""

    folder: str  # below the work folder
    jobs: int
    umask: int
    locale: str
    zone: str
    user: str  # "": whoever runs this
    way: str  # into the build root, as HALLMARK_ENTER

    def __str__(self) -> str:
        return (f"{self.folder}: {self.jobs} jobs, umask {self.umask:03o}, {self.locale}, {self.zone}, "
                f"user {self.user or pwd.getpwuid(os.getuid()).pw_name}, build root entered as {self.way or 'it can'}")


def main() -> int:
    options = _options()
    if options.compare:
        return _tell(artefacts.compare(*map(_build_folder, options.compare)), options.json)
    with tempfile.TemporaryDirectory(prefix="hallmark-reproduce-") as scratch:
        work = options.keep.resolve() if options.keep else Path(scratch)
        work.mkdir(parents=True, exist_ok=True)
        work.chmod(0o755)
        first, second = conditions(options.jobs, namespaces_for(NOBODY))
        before = _build_folder(options.against) if options.against else build(first, work, options)
        return _tell(artefacts.compare(before, build(second, work, options)), options.json)


def conditions(jobs: int, unprivileged: bool) -> tuple[Condition, Condition]:
    """Two builds that differ in all that may not matter; without user namespaces for `nobody` both have one user."""
    if os.geteuid() == 0 and not unprivileged:
        say("reproduce: no user namespaces for an unprivileged user here: both builds run as root")
    as_root = os.geteuid() == 0
    first = Condition("first", jobs, 0o022, "C.UTF-8", "UTC", "", "root" if as_root else "")
    other_user, other_way = (NOBODY, "user") if as_root and unprivileged else ("", first.way)
    second = Condition("second/in a folder/deeper", jobs + 1, 0o077, "C", "<+14>-14", other_user, other_way)
    return first, second


def namespaces_for(user: str) -> bool:
    """Whether this user can make a user namespace; only root can ask for another user."""
    if os.geteuid() != 0:
        return False
    words = ["setpriv", "--reuid", user, "--clear-groups", "unshare", "--user", "--map-root-user", "--mount", "true"]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


def build(condition: Condition, work: Path, options: argparse.Namespace) -> Path:
    """Builds a copy of the source under a condition; returns its build folder."""
    say(f"reproduce: building in {condition}")
    place = work / condition.folder
    os.umask(condition.umask)
    source, home = place / "hallmark", place / "home"
    shutil.copytree(ROOT, source, symlinks=True, ignore=_left_out, copy_function=_copy)
    _share_downloads(home / "cache" / "hallmark")
    _open_up(work, place)
    if condition.user:
        _give(place, condition.user)
    words = ["ci/build", "--jobs", str(condition.jobs), *options.passed]
    if condition.user:
        words = ["setpriv", "--reuid", condition.user, "--clear-groups", *words]
    kept = {name: os.environ[name] for name in ("PATH", "http_proxy", "https_proxy", "no_proxy") if name in os.environ}
    environment = kept | {
        "HOME": str(home), "XDG_CACHE_HOME": str(home / "cache"), "LC_ALL": condition.locale, "TZ": condition.zone,
        "HALLMARK_ENTER": condition.way,
    }
    log = place / "build.log"
    begun = time.monotonic()
    with log.open("wb") as output:
        status = subprocess.run(words, cwd=source, env=environment, stdin=subprocess.DEVNULL, stdout=output,
                                stderr=subprocess.STDOUT, check=False).returncode
    if status != 0:
        for line in log.read_text(errors="replace").splitlines()[-LOG_LINES_SHOWN:]:
            say(line)
        raise Fault(f"ci/build in {condition.folder}: exit status {status}, expected 0; the end of its log is above")
    say(f"reproduce: built in {time.monotonic() - begun:.0f} s")
    return source / "build"


def _left_out(folder: str, names: list[str]) -> set[str]:
    if Path(folder) != ROOT:
        return set()
    return {name for name in names if any(fnmatch.fnmatch(name, pattern) for pattern in LEFT_OUT)}


def _copy(source: str, target: str) -> None:
    """Content and the right to execute; the rest of the mode is the umask's."""
    shutil.copyfile(source, target)
    if os.access(source, os.X_OK):
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(target, 0o777 & ~mask)


def _share_downloads(into: Path) -> None:
    # Each file is checked against its lock when it is used, so a copy is as good as a download.
    for kind in ("packages", "indexes"):
        target = into / kind
        target.mkdir(parents=True)
        for file in cache.folder(kind).iterdir():
            if file.is_file() and not file.name.startswith("."):
                shutil.copyfile(file, target / file.name)


def _open_up(work: Path, place: Path) -> None:
    """Whoever builds must be able to get to the place, whatever the umask."""
    for folder in [place, *place.parents]:
        if folder == work:
            return
        folder.chmod(0o755)


def _give(place: Path, user: str) -> None:
    owner = pwd.getpwnam(user)
    for path in [place, *place.rglob("*")]:
        os.chown(path, owner.pw_uid, owner.pw_gid, follow_symlinks=False)


def _build_folder(path: Path) -> Path:
    if not (path / "guest" / "manifest.json").is_file():
        raise Fault(f"{path}: no guest/manifest.json in it, expected a build folder; run ci/build")
    return path


def _tell(rows: list[artefacts.Row], as_json: bool) -> int:
    if as_json:
        print(json.dumps([row.as_json() for row in rows], indent=2))
    else:
        print(f"{'artefact':34} {'bytes':>12}  {'SHA-256':17}  result")
        for row in rows:
            print(f"{row.name:34} {row.size:12}  {row.sha256[:16]}…  {'same' if row.same else 'DIFFERENT'}")
            for line in row.differences:
                print(f"    {line}")
    return 0 if all(row.same for row in rows) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="reproduce", epilog=EXAMPLE, formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Builds the guest twice, as differently as this host allows, and compares every artefact.")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--compare", nargs=2, type=Path, metavar="BUILD", help="only compare these two build folders")
    how.add_argument("--against", type=Path, metavar="BUILD", help="build once and compare with this build folder")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="leave the builds in this folder")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)), metavar="N",
                        help="compilers at a time; the second build has one more")
    parser.add_argument("--frozen", action=argparse.BooleanOptionalAction, default=True,
                        help="stop where a locked file is gone, instead of resolving it anew")
    for name in ("mirror", "security-mirror", "snapshot"):
        parser.add_argument(f"--{name}", metavar="URL", help="as for ci/build")
    parser.add_argument("--json", action="store_true", help="a list of objects: name, size, sha256, same, differences")
    options = parser.parse_args()
    options.passed = ["--frozen"] if options.frozen else []
    for name in ("mirror", "security_mirror", "snapshot"):
        if value := getattr(options, name):
            options.passed += [f"--{name.replace('_', '-')}", value]
    return options
