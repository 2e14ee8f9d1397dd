# SPDX-License-Identifier: Apache-2.0
"""Things that are expensive to make, kept outside the clone under the hash of all that went into them.

Everything here may be deleted at any time. An entry gets its name only when it is whole, by rename.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from ci.lib.errors import Fault


def root() -> Path:
    """$XDG_CACHE_HOME/hallmark, or ~/.cache/hallmark."""
    base = os.environ.get("XDG_CACHE_HOME")
    # The XDG Base Directory Specification 0.8: a relative path in the variable is to be ignored.
    if not base or not os.path.isabs(base):
        base = os.path.join(os.path.expanduser("~"), ".cache")
    return Path(base) / "hallmark"


def folder(kind: str) -> Path:
    """The folder of one kind of entry, made if missing."""
    path = root() / kind
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Fault(f"{path}: {error.strerror}; name a writable folder in XDG_CACHE_HOME") from error
    return path


@contextlib.contextmanager
def locked(kind: str, key: str) -> Iterator[None]:
    """Hold the lock of one entry, so that two builds at once make it once."""
    with open(folder(kind) / f".{key}.lock", "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def directory(kind: str, key: str, make: Callable[[Path], None]) -> Path:
    """The folder named by `key`; when it is missing `make` fills a new one, and a failure leaves nothing."""
    final = folder(kind) / key
    if final.is_dir():
        return final
    with locked(kind, key):
        if final.is_dir():
            return final
        _drop_leftovers(kind, key)
        draft = Path(tempfile.mkdtemp(prefix=f".{key}.", suffix=".part", dir=folder(kind)))
        try:
            os.chmod(draft, 0o755)
            make(draft)
            os.rename(draft, final)
        except BaseException:
            remove_tree(draft)
            raise
    return final


def remove_tree(path: Path) -> None:
    """Remove a tree even where its folders are not writable (packages contain such)."""
    def open_up(function, name, _info):  # noqa: ANN001 - shape given by shutil
        os.chmod(os.path.dirname(name), 0o700)
        with contextlib.suppress(IsADirectoryError, PermissionError):
            os.chmod(name, 0o700, follow_symlinks=False) if not os.path.islink(name) else None
        function(name)

    shutil.rmtree(path, onerror=open_up)


def file_key(paths: list[Path]) -> str:
    """SHA-256 (hex) over the contents of files, in the order given, each with its length."""
    state = hashlib.sha256()
    for path in paths:
        content = path.read_bytes()
        state.update(len(content).to_bytes(8, "little") + content)
    return state.hexdigest()


def _drop_leftovers(kind: str, key: str) -> None:
    # Called with the entry's lock held: a draft that is there belongs to a process that was killed.
    for draft in folder(kind).glob(f".{key}.*.part"):
        remove_tree(draft)
