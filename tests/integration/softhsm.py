# SPDX-License-Identifier: Apache-2.0
"""A hardware security module in software, with tokens of its own."""

import shutil
import subprocess
from pathlib import Path

import pytest

PIN = "2718281828"


def softhsm_module() -> Path | None:
    """Where the package says that its module is: the two releases of Debian may differ."""
    registration = Path("/usr/share/p11-kit/modules/softhsm2.module")
    if registration.is_file():
        for line in registration.read_text().splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "module" and Path(value.strip()).is_absolute():
                return Path(value.strip())
    found = [*Path("/usr/lib").glob("*/softhsm/libsofthsm2.so"), Path("/usr/lib/softhsm/libsofthsm2.so")]
    return next((path for path in found if path.is_file()), None)


def make_tokens(folder: Path, monkeypatch: pytest.MonkeyPatch, *labels: str) -> Path:
    """Tokens with PIN, which lies in the file `pin` of the folder; answers with the module."""
    module = softhsm_module()
    if module is None or not shutil.which("softhsm2-util"):
        pytest.skip("SoftHSM is not installed (Debian package softhsm2)")
    (folder / "tokens").mkdir(mode=0o700)
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\n")
    monkeypatch.setenv("SOFTHSM2_CONF", str(folder / "softhsm2.conf"))
    for label in labels:
        subprocess.run(["softhsm2-util", "--init-token", "--free", "--label", label, "--pin", PIN, "--so-pin", "31415926"],
                       check=True, capture_output=True, timeout=60)
    (folder / "pin").write_text(PIN + "\n")
    (folder / "pin").chmod(0o600)
    return module
