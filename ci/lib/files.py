# SPDX-License-Identifier: Apache-2.0
"""Files that are there whole or not at all."""

import os
import tempfile
from pathlib import Path


def write_whole(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Write all of it, then give it its name; what had that name stays until then, and where this fails."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as out:
            os.fchmod(out.fileno(), mode)
            out.write(content)
        os.replace(draft, path)
    except BaseException:
        os.unlink(draft)
        raise
