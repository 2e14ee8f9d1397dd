# SPDX-License-Identifier: Apache-2.0
"""Whether a folder is a root file system that Kata Containers 4.1 can start, without the parts that need systemd.

Levels: base always; agent where /usr/bin/kata-agent is there; coco where one of the CoCo components is there. Source: Kata
4.1.0, tools/osbuilder and src/agent. What only some pods need is "optional": told of, and no failure.

Example:
  python3 -m image.kata_contract build/root
  python3 -m image.kata_contract build/root --json

Exit status: 0 the contract is kept; 1 something required is not as it should be; 2 the request is wrong.
"""

import argparse
import json
import mmap
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from ci.lib import errors
from ci.lib.errors import Fault

from image import tree

AGENT = "/usr/bin/kata-agent"
POLICY = "/etc/kata-opa/default-policy.rego"
COMPONENTS = tuple(f"/usr/local/bin/{name}" for name in ("attestation-agent", "confidential-data-hub", "api-server-rest"))
PAUSE = "/pause_bundle/config.json"
LARGEST_JSON = 1 << 20  # bytes

# (root folder, guest path) -> what was found, and whether it will do.
Check = Callable[[Path, str], tuple[str, bool]]


@dataclass(frozen=True)
class Requirement:
    """One line of the contract; `level` is "base", "agent" or "coco"."""

    level: str
    path: str
    expected: str
    why: str
    check: Check
    optional: bool = False


@dataclass(frozen=True)
class Answer:
    """What a folder has for one requirement; `verdict` is "ok", "wrong", or "absent" for what is optional."""

    level: str
    path: str
    expected: str
    found: str
    why: str
    verdict: str


def executable(root: Path, name: str) -> tuple[str, bool]:
    path = tree.followed(root, name)
    if path is None or not path.is_file():
        return _kind(root, name), False
    return ("executable file", True) if path.stat().st_mode & 0o111 else ("file without the right to execute", False)


def empty_file(root: Path, name: str) -> tuple[str, bool]:
    path = _place(root, name)
    if path.is_symlink() or not path.is_file():
        return _kind(root, name), False
    size = path.stat().st_size
    return ("empty file", True) if size == 0 else (f"file of {size} bytes", False)


def directory(root: Path, name: str) -> tuple[str, bool]:
    path = _place(root, name)
    return _kind(root, name), path.is_dir() and not path.is_symlink()


def policy(root: Path, name: str) -> tuple[str, bool]:
    """A file or link to one, not empty, that nobody but its owner may change."""
    path = tree.followed(root, name)
    if path is None or not path.is_file():
        return _kind(root, name), False
    status = path.stat()
    if status.st_size == 0:
        return "empty file", False
    if status.st_mode & 0o022:
        return f"file that others may change (mode {status.st_mode & 0o7777:04o})", False
    return "file", True


def json_object(root: Path, name: str) -> tuple[str, bool]:
    path = tree.followed(root, name)
    if path is None or not path.is_file():
        return _kind(root, name), False
    if path.stat().st_size > LARGEST_JSON:
        return f"over {LARGEST_JSON} bytes", False
    try:
        found = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return "file that is not JSON", False
    return ("JSON object", True) if isinstance(found, dict) else ("JSON, but not an object", False)


def there(root: Path, name: str) -> tuple[str, bool]:
    return _kind(root, name), tree.followed(root, name) is not None


def _place(root: Path, name: str) -> Path:
    """The path itself, which may be a link; links on the way to it are followed inside `root`."""
    folder, _, last = name.rpartition("/")
    return (tree.followed(root, folder) or root / "nothing") / last


def _kind(root: Path, name: str) -> str:
    path = _place(root, name)
    if path.is_symlink():
        end = "" if tree.followed(root, name) else ", which is not in the root"
        return f"link to {path.readlink()}{end}"
    if path.is_dir():
        return "directory"
    return "file" if path.is_file() else "something else" if path.exists() else "nothing"


def _tools(level: str, why: str, *names: str) -> list[Requirement]:
    return [Requirement(level, name, "executable, or a link to one", why, executable, optional=True) for name in names]


CONTRACT = (
    Requirement("base", "/sbin/init", "executable, or a link to one", "Kata's command line names no init=", executable),
    Requirement("base", "/etc/machine-id", "empty file", "an identity in the image is the same in every pod", empty_file),
    Requirement("base", "/etc/resolv.conf", "empty file, no link", "the agent mounts the pod's over it", empty_file),
    *(
        Requirement("base", name, "directory", "mounted on at start; the root is read-only", directory)
        for name in ("/dev", "/proc", "/run", "/sys", "/tmp")
    ),
    Requirement("agent", AGENT, "executable, or a link to one", "the service that the host talks to", executable),
    Requirement("agent", POLICY, "policy, writable by its owner only", "an agent built with policy ends without it", policy),
    *_tools("agent", "called for a pod that names kernel modules", "/sbin/modprobe"),
    *_tools("agent", "called when the host asks for firewall rules", "/sbin/iptables-save", "/sbin/iptables-restore"),
    *_tools("agent", "called when the host asks for firewall rules", "/sbin/ip6tables-save", "/sbin/ip6tables-restore"),
    *(
        Requirement("coco", name, "executable, or a link to one", "the agent starts it from this path", executable)
        for name in COMPONENTS
    ),
    Requirement("coco", "/etc/ocicrypt_config.json", "JSON object", "names who unwraps the keys of images", json_object),
    Requirement("coco", PAUSE, "JSON object", "without it: 'Pause image not present in rootfs'", json_object),
    Requirement("coco", "/pause_bundle/rootfs", "directory", "root of the pod's pause container", directory),
    *_tools("coco", "encrypted storage is made with it", "/sbin/cryptsetup", "/sbin/mke2fs", "/sbin/mkfs.ext4", "/bin/dd"),
    Requirement("coco", "/etc/mke2fs.conf", "file", "mke2fs reads its defaults from it", there, optional=True),
)


def levels(root: Path) -> set[str]:
    """Which parts of the contract apply to the folder. The pause bundle shows that pods are to run from images that the
    guest pulls; the components by themselves attest and give secrets, and an agent starts those that it finds."""
    found = {"base"}
    if _kind(root, AGENT) != "nothing":
        found.add("agent")
    if _kind(root, PAUSE) != "nothing":
        found.add("coco")
    return found


def examine(root: Path) -> list[Answer]:
    """One answer for each requirement that applies."""
    applied = levels(root)
    return [_answer(root, one) for one in CONTRACT if one.level in applied and (one.path != POLICY or _asks_policy(root))]


def require(root: Path) -> None:
    """Faults on the first thing required that is not as it should be."""
    for answer in examine(root):
        if answer.verdict == "wrong":
            raise Fault(
                f"root: {answer.path}: found {answer.found}, expected {answer.expected} ({answer.why}); "
                "add it in image/root.toml or image/overlay"
            )


def _answer(root: Path, one: Requirement) -> Answer:
    found, good = one.check(root, one.path)
    verdict = "ok" if good else "absent" if one.optional else "wrong"
    return Answer(one.level, one.path, one.expected, found, one.why, verdict)


def _asks_policy(root: Path) -> bool:
    """Whether the agent was built with AGENT_POLICY=yes: then the path of the policy is in it."""
    path = tree.followed(root, AGENT)
    if path is None or not path.is_file() or path.stat().st_size == 0:
        return False
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return content.find(POLICY.encode()) >= 0


def table(answers: list[Answer]) -> str:
    """Columns as wide as what is in them; control characters, which a hostile name may have, shown as '?'."""
    rows = [("verdict", "level", "path", "expected", "found", "why")]
    rows += [(one.verdict, one.level, one.path, one.expected, one.found, one.why) for one in answers]
    rows = [tuple("".join(c if c.isprintable() else "?" for c in cell) for cell in row) for row in rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="image.kata_contract", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="the root file system, unpacked")
    parser.add_argument("--json", action="store_true", help="the answers as JSON")
    options = parser.parse_args(arguments)
    if not options.folder.is_dir() or not any(options.folder.iterdir()):
        raise Fault(f"{options.folder}: not a folder with something in it, expected an unpacked root file system")
    try:
        answers = examine(options.folder)
    except OSError as error:
        raise Fault(f"{error.filename}: {error.strerror}; run it as a user who may read all of the root") from error
    kept = all(answer.verdict != "wrong" for answer in answers)
    if options.json:
        print(json.dumps({"kept": kept, "requirements": [asdict(answer) for answer in answers]}, indent=2))
    else:
        print(table(answers))
    return 0 if kept else 1


if __name__ == "__main__":
    errors.run("kata-contract", main)
