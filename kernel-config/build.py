# SPDX-License-Identifier: Apache-2.0
"""Builds the guest's kernel from the locked Debian source, inside the build root, without network.

Example: PYTHONPATH=. python3 kernel-config/build.py --vmlinuz build/vmlinuz \\
             --config build/kernel.config --inputs build/kernel-inputs.json --jobs 2
"""

import argparse
import hashlib
import json
import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import check
import snapshot
from ci.lib import build_root, cache, debpkg, errors, fetch, progress

PROGRAM = "kernel-config"
HERE = Path(__file__).resolve().parent

# Where the source lies inside the build root: always here, so that no path of the host gets into the bits.
SOURCE = "/build/linux"
SEED = "hallmark.config"
# Left beside the log when the configuration is refused, to be looked at and perhaps taken.
RESOLVED = "kernel-resolved.config"

# What the kernel would otherwise take from the machine, the user and the clock.
FIXED = {
    "ARCH": "x86_64",
    "KBUILD_BUILD_TIMESTAMP": "Thu Jan  1 00:00:00 UTC 1970",
    "KBUILD_BUILD_USER": "hallmark",
    "KBUILD_BUILD_HOST": "hallmark",
    "KBUILD_BUILD_VERSION": "1",
    "KCONFIG_NOTIMESTAMP": "1",
    "KCONFIG_ALLCONFIG": SEED,
}

LOG_LINES_SHOWN = 30
PROGRESS_SECONDS = 15


def say(text: str) -> None:
    """One plain line of progress."""
    progress.say(f"{PROGRAM}: {text}")


def source_package(fetched: list[fetch.Fetched]) -> fetch.Fetched:
    """The one linux-source package of the lock."""
    found = [item for item in fetched if item.entry.name.startswith("linux-source-")]
    if len(found) != 1:
        raise errors.Fault(f"{HERE.name}/packages.lock: found {len(found)} linux-source packages, "
                           "expected one: correct packages.toml and run ci/lock")
    return found[0]


def cache_key(source_sha256: str) -> str:
    """SHA-256 in hex over all that decides the kernel's bits."""
    digest = hashlib.sha256()
    inputs = [HERE / "build.py", HERE / "check.py", *fragment_files()]
    parts = [build_root.identity(), source_sha256]
    for path in inputs:
        parts += [path.name, hashlib.sha256(path.read_bytes()).hexdigest()]
    for part in parts:
        digest.update(part.encode() + b"\0")
    return digest.hexdigest()


def fragment_files() -> list[Path]:
    """The fragments in the order in which they are joined."""
    return sorted((HERE / "fragments").glob("*.config"))


def make_kernel(into: Path, deb: Path, log: Path, jobs: int) -> None:
    """Unpacks, configures, checks and builds; leaves `vmlinuz` and `config` in `into`."""
    work = into / "work"
    work.mkdir()
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_bytes(b"")
    try:
        tree = unpack(deb, work, log)
        configure(tree, log)
        with steps_told(log):
            run_in(tree, ["make", f"-j{jobs}", "bzImage"], log)
        shutil.copyfile(tree / "arch/x86/boot/bzImage", into / "vmlinuz")
        shutil.copyfile(tree / ".config", into / "config")
    finally:
        shutil.rmtree(work)


def unpack(deb: Path, work: Path, log: Path) -> Path:
    """The kernel's source tree, out of the tarball in the package."""
    say("unpacking the source")
    debpkg.unpack(deb, work / "package")
    tarballs = sorted((work / "package/usr/src").glob("linux-source-*.tar.xz"))
    if len(tarballs) != 1:
        raise errors.Fault(f"{deb.name}: usr/src: found {len(tarballs)} source tarballs, expected one: "
                           "look into the package")
    tree = work / "linux"
    tree.mkdir()
    tarballs[0].rename(tree / "source.tar.xz")
    run_in(tree, ["tar", "--extract", "--xz", "--file=source.tar.xz", "--strip-components=1", "--no-same-owner"], log)
    (tree / "source.tar.xz").unlink()
    return tree


def configure(tree: Path, log: Path) -> None:
    """Sets every option from the fragments, all others to no, and proves that every line took.

    Starting from nothing keeps the list of what is in the kernel ours: an option that a newer kernel
    adds stays off until a fragment names it. (The kernel's tiny.config would add choices for size.)
    """
    say("configuring")
    fragments = check.read_fragments(fragment_files())
    try:
        assertions = check.all_of(fragments)
    except check.BadFragment as error:
        raise errors.Fault(str(error)) from None
    (tree / SEED).write_text("".join(fragments[name] for name in sorted(fragments)), encoding="utf-8")
    run_in(tree, ["make", "allnoconfig"], log)
    final = check.parse_final(".config", (tree / ".config").read_text(encoding="utf-8"))
    found = check.failures(assertions, final, check.known_symbols(tree))
    if found:
        for line in found:
            say(line)
        raise errors.Fault(f"found {len(found)} of {len(assertions)} lines of the fragments not in the final "
                           "configuration, expected all: correct those named above")
    say(f"all {len(assertions)} lines of the fragments are in the final configuration")
    shutil.copyfile(tree / ".config", log.with_name(RESOLVED))
    as_reviewed(log.with_name(RESOLVED))


def as_reviewed(config: Path) -> None:
    """Faults unless the configuration is the reviewed one of its kernel version; see snapshot.py."""
    good, lines = snapshot.compare(str(config), config.read_text(encoding="utf-8"))
    for line in lines:
        say(line)
    if not good:
        raise errors.Fault(f"{config}: found a configuration that is not the snapshot of its version (above), expected no "
                           f"difference: review it, then run: python3 kernel-config/snapshot.py --update {config}")


def run_in(tree: Path, argv: list[str], log: Path) -> None:
    """Runs a command in the source tree inside the build root; its output goes to the log."""
    with log.open("ab") as output:
        status = build_root.run(argv, binds=[(tree, SOURCE, False)], workdir=SOURCE, env=FIXED, output=output)
    if status != 0:
        for line in log.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_LINES_SHOWN:]:
            say(line)
        raise errors.Fault(f"{' '.join(argv)}: found exit status {status}, expected 0: see above and {log}")


@contextmanager
def steps_told(log: Path) -> Iterator[None]:
    """Says now and then how many steps of the build are behind."""
    begun = time.monotonic()
    skip = log.read_bytes().count(b"\n")
    done = threading.Event()

    def report() -> None:
        while not done.wait(PROGRESS_SECONDS):
            steps = log.read_bytes().count(b"\n") - skip
            say(f"building: {steps} steps, {time.monotonic() - begun:.0f} s")

    say("building (about 2000 steps)")
    reporter = threading.Thread(target=report, daemon=True)
    reporter.start()
    try:
        yield
    finally:
        done.set()
        reporter.join()


def deliver(source: Path, target: Path) -> None:
    """Copies a file out of the cache."""
    write(target, source.read_bytes())


def write(target: Path, content: bytes) -> None:
    """Writes a file beside its final name, then renames it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    temporary.write_bytes(content)
    temporary.rename(target)


def default_jobs() -> int:
    """As many as ci/build --jobs says, else one for each processor."""
    jobs = os.environ.get("HALLMARK_JOBS", "")
    return int(jobs) if jobs.isdecimal() and int(jobs) > 0 else len(os.sched_getaffinity(0))


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vmlinuz", required=True, type=Path, help="where the kernel goes")
    parser.add_argument("--config", required=True, type=Path, help="where its final configuration goes")
    parser.add_argument("--inputs", required=True, type=Path, help="where the record of its inputs goes (JSON)")
    parser.add_argument("--jobs", type=int, default=default_jobs(), help="compilers at a time")
    return parser.parse_args()


def main() -> int:
    """Fetches, builds unless the cache has it, and delivers the three outputs."""
    wanted = arguments()
    fetched = fetch.obtain(HERE / "packages.lock")
    source = source_package(fetched)
    log = wanted.vmlinuz.with_name("kernel-build.log")
    begun = time.monotonic()
    built = cache.directory("kernel", cache_key(source.entry.sha256),
                            lambda into: make_kernel(into, source.file, log, wanted.jobs))
    deliver(built / "vmlinuz", wanted.vmlinuz)
    deliver(built / "config", wanted.config)
    # Again for a kernel out of the cache: what was reviewed may have changed since it was built.
    as_reviewed(wanted.config)
    write(wanted.inputs, (json.dumps(fetch.record(fetched, "kernel"), indent=2) + "\n").encode())
    say(f"{source.entry.name} {source.entry.version}: vmlinuz {wanted.vmlinuz.stat().st_size} bytes "
        f"in {time.monotonic() - begun:.0f} s")
    return 0


if __name__ == "__main__":
    errors.run(PROGRAM, main)
