# SPDX-License-Identifier: Apache-2.0
"""A folder of files that is laid over a tree, the same whatever the umask of the clone was."""

import hashlib
import os
import shutil
from pathlib import Path


def lay(overlay: Path, into: Path) -> None:
    """Put every file and link of the overlay into the tree, in place of what is there."""
    for source in sorted(overlay.rglob("*")):
        target = into / source.relative_to(overlay)
        if source.is_dir() and not source.is_symlink():
            target.mkdir(exist_ok=True)
            continue
        target.unlink(missing_ok=True)
        if source.is_symlink():
            os.symlink(os.readlink(source), target)
        else:
            shutil.copyfile(source, target)
            target.chmod(0o755 if os.access(source, os.X_OK) else 0o644)


def identity(overlay: Path) -> str:
    """SHA-256 (hex) over names, contents and the executable bit."""
    state = hashlib.sha256()
    for path in sorted(overlay.rglob("*")):
        if path.is_symlink():
            kind, content = "link", os.readlink(path).encode()
        elif path.is_dir():
            kind, content = "folder", b""
        else:
            kind, content = "program" if os.access(path, os.X_OK) else "file", path.read_bytes()
        state.update(f"{path.relative_to(overlay)}\n{kind} {hashlib.sha256(content).hexdigest()}\n".encode())
    return state.hexdigest()
