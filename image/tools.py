# SPDX-License-Identifier: Apache-2.0
"""Running one program of the build root and reading what it said."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from ci.lib import build_root
from ci.lib.errors import Fault

# argv, binds of (host path, path inside, read-only), working directory inside -> everything the program printed.
Run = Callable[[list[str], list[tuple[Path, str, bool]], str], str]


def run(argv: list[str], binds: list[tuple[Path, str, bool]], workdir: str) -> str:
    """Faults with the program's own last line when it does not end well."""
    with tempfile.TemporaryFile() as output:
        status = build_root.run(argv, binds=binds, workdir=workdir, output=output)
        output.seek(0)
        text = output.read().decode(errors="replace")
    if status != 0:
        said = text.strip().splitlines()[-1:] or ["nothing"]
        raise Fault(f"{argv[0]}: exit status {status}, expected 0; it said: {said[0]}")
    return text
