# SPDX-License-Identifier: Apache-2.0
"""Which processes the boot tests started, however far down: all have their mark in the environment."""

import os
import uuid
from pathlib import Path

# In the environment of everything that is started from here, and so not in that of pytest itself.
MARK = "HALLMARK_TEST_RUN"
os.environ[MARK] = uuid.uuid4().hex


def running() -> set[int]:
    found = set()
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "environ").read_bytes().split(b"\0") if entry.name.isdigit() else []
        except OSError:
            continue  # it ended meanwhile
        if f"{MARK}={os.environ[MARK]}".encode() in words:
            found.add(int(entry.name))
    return found
