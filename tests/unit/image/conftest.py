# SPDX-License-Identifier: Apache-2.0
"""What several tests of image/ need."""

import pytest

from ci.lib import build_root
from ci.lib.errors import Fault
from image import tools


@pytest.fixture(scope="session")
def run_in_build_root():
    """tools.run, or a skip that says why this host has no build root."""
    try:
        build_root.identity()
        tools.run(["veritysetup", "--version"], [], "/")
    except Fault as fault:
        pytest.skip(f"no build root: {fault}")
    return tools.run
