# SPDX-License-Identifier: Apache-2.0
"""Which processes the boot tests started, however far down: all have their mark in the environment."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# In the environment of everything that is started from here, and so not in that of pytest itself.
MARK = "HALLMARK_TEST_RUN"
os.environ[MARK] = uuid.uuid4().hex


@contextmanager
def unmarked() -> Iterator[None]:
    """What is started here outlives single tests, so it must not look like something that a boot left behind."""
    mark = os.environ.pop(MARK)
    try:
        yield
    finally:
        os.environ[MARK] = mark


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
