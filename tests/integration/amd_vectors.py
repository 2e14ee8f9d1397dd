# SPDX-License-Identifier: Apache-2.0
"""Digests that sev-snp-measure printed, and the files that they are of."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest

VECTORS = Path(os.environ.get("HALLMARK_VECTORS", Path(__file__).resolve().parents[2] / "../shared/vectors")) / "amd-sev"


def vector_rows() -> list[list[str]]:
    rows = []
    for name in ("synthetic.tsv", "vectors.tsv"):
        path = VECTORS / name
        if path.is_file():
            with path.open(newline="") as file:
                rows += list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]
    return rows


@pytest.fixture(scope="session")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the firmware, kernels and initrds that the vectors name."""
    maker = VECTORS / "make-synthetic-firmware.py"
    if not maker.is_file():
        pytest.skip(f"{maker} is missing; set HALLMARK_VECTORS to the folder of the test vectors")
    folder = tmp_path_factory.mktemp("firmware")
    subprocess.run([sys.executable, maker, folder], check=True)
    for name in ("ovmf_2M.fd", "kernel.bin", "initrd.bin"):
        (folder / name).symlink_to((VECTORS / name).resolve())
    return folder
