# SPDX-License-Identifier: Apache-2.0
"""Firmware that Debian published, each named by the digest of its package; a test is skipped where it is gone."""

import subprocess
from pathlib import Path

import pytest

from ci.lib import store
from ci.lib.errors import Fault
from ci.lib.lockfile import Entry

POOL = "pool/main/e/edk2/"
TRIXIE = Entry("ovmf", "2025.02-8+deb13u1", "all", 5779964,
               "78e0d54df11fc77406cb7a0bc9a39e5bca6d1cbe06556b91d9a73491c52decdf", "trixie",
               POOL + "ovmf_2025.02-8+deb13u1_all.deb")
TDX_ONLY = Entry("ovmf-inteltdx", "2026.08+ds-2", "all", 1234524,
                 "87123a9bf4dc1af7bbc48257a9b3db5933ff695167476d4fa48b705da1011fb1", "forky",
                 POOL + "ovmf-inteltdx_2026.08+ds-2_all.deb")


def unpacked(entry: Entry, folder: Path) -> Path:
    """The package's files, below `folder`."""
    try:
        package = store.files([entry], "test firmware")[0]
    except (store.Missing, Fault) as fault:
        pytest.skip(f"{entry.name} {entry.version} can't be had: {fault}")
    subprocess.run(["dpkg-deb", "-x", package, folder], check=True)
    return folder / "usr/share"
