# SPDX-License-Identifier: Apache-2.0
"""The resolved kernel configuration as it was last reviewed, in snapshots/, one file for each kernel version.

The fragments say what is wanted; what Kconfig makes of them shows only in the result. So the result is
committed, without the lines that only tell of the toolchain, and every change of it is seen in a review.

Example: python3 kernel-config/snapshot.py build/kernel-config/kernel.config            compares
         python3 kernel-config/snapshot.py --update build/kernel-config/kernel.config   takes it as reviewed
"""

import argparse
import difflib
import re
import sys
from pathlib import Path

PROGRAM = "kernel-config"
FOLDER = Path(__file__).resolve().parent / "snapshots"

_VERSION = re.compile(r"^# Linux/x86(?:_64)? (\d+\.\d+(?:\.\d+)?) Kernel Configuration$", re.MULTILINE)
# What Kconfig found out about compiler, assembler and linker. CC_OPTIMIZE_FOR_* are choices.
_TOOLCHAIN = re.compile(r"(?:# )?CONFIG_(?:(?:AS|BINDGEN|CC|CLANG|GAS|GCC\d*|LD|LLD|PAHOLE|RUST|RUSTC)_(?!OPTIMIZE)"
                        r"|TOOLS_SUPPORT_RELR\b)")


class BadConfiguration(Exception):
    """A file that is no resolved kernel configuration; the message is one line."""


def version(name: str, text: str) -> str:
    """The kernel version that a configuration names in its head."""
    if match := _VERSION.search(text):
        return match[1]
    raise BadConfiguration(f"{name}: found no line '# Linux/x86_64 VERSION Kernel Configuration', "
                           "expected a configuration that the kernel's own build wrote")


def reviewed_text(text: str) -> str:
    """The configuration without the lines that name the toolchain."""
    return "".join(line for line in text.splitlines(keepends=True) if not _TOOLCHAIN.match(line))


def path_of(kernel: str, folder: Path = FOLDER) -> Path:
    """Where the snapshot of a kernel version lies."""
    return folder / f"linux-{kernel}.config"


def compare(name: str, text: str, folder: Path = FOLDER) -> tuple[bool, list[str]]:
    """Whether the configuration may be built, and the lines to say.

    It may not where the snapshot of its own version differs, or where there is none at all. Another version's
    snapshot only shows what the newer kernel changed.
    """
    kernel = version(name, text)
    own = path_of(kernel, folder)
    snapshot = own if own.is_file() else _newest(folder)
    if snapshot is None:
        return False, [f"{folder.name}: found no snapshot, expected one: take it with kernel-config/snapshot.py --update {name}"]
    difference = _difference(snapshot, reviewed_text(text), kernel)
    if snapshot == own:
        return not difference, difference
    return True, [f"no snapshot of {kernel}: compared with {snapshot.name}; review and take it with --update", *difference]


def update(name: str, text: str, folder: Path = FOLDER) -> Path:
    """Takes the configuration as its version's snapshot, in place of those of other versions."""
    target = path_of(version(name, text), folder)
    folder.mkdir(exist_ok=True)
    draft = target.with_suffix(".part")
    draft.write_text(reviewed_text(text), encoding="utf-8")
    draft.rename(target)
    for other in folder.glob("linux-*.config"):
        if other != target:
            other.unlink()
    return target


def _newest(folder: Path) -> Path | None:
    def number(path: Path) -> list[int]:
        return [int(part) for part in re.findall(r"\d+", path.name)]
    return max(folder.glob("linux-*.config"), key=number, default=None)


def _difference(snapshot: Path, text: str, kernel: str) -> list[str]:
    before = snapshot.read_text(encoding="utf-8").splitlines()
    return list(difflib.unified_diff(before, text.splitlines(), snapshot.name, f"{kernel}, resolved", lineterm="", n=1))


def main() -> int:
    """0 it is as reviewed, or taken; 1 it differs; 2 the input cannot be read."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", type=Path, nargs="?", metavar="CONFIG", help="a resolved configuration (.config)")
    parser.add_argument("--update", action="store_true", help="take it as the snapshot of its version")
    parser.add_argument("--list", action="store_true", help="print the snapshots' paths, for the build")
    options = parser.parse_args()
    if options.list:
        print("\n".join(str(path) for path in sorted(FOLDER.glob("*.config"))))
        return 0
    if options.config is None:
        parser.error("CONFIG: none named, expected a resolved configuration")
    try:
        text = options.config.read_text(encoding="utf-8")
        if options.update:
            print(f"{PROGRAM}: taken as {update(str(options.config), text)}")
            return 0
        good, lines = compare(str(options.config), text)
    except (BadConfiguration, OSError, UnicodeDecodeError) as error:
        print(f"{PROGRAM}: {error}", file=sys.stderr)
        return 2
    for line in lines:
        print(line)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
