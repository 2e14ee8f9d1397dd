# SPDX-License-Identifier: Apache-2.0
"""Runs hallmark-audit (audit/) on the root: a missing library or a soft program would else only show in the guest."""

import subprocess
import sys
from pathlib import Path

from ci.lib.errors import Fault

EXCEPTIONS = Path(__file__).resolve().parent / "audit-exceptions.json"


def audit(program: Path, root: Path) -> None:
    """Faults unless the program finds nothing; all of its findings are on stderr then."""
    done = subprocess.run([program, root, "--exceptions", EXCEPTIONS], capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return
    sys.stderr.write(done.stdout + done.stderr)
    raise Fault(f"{program.name}: exit status {done.returncode}, expected 0; its findings in the root are above")
