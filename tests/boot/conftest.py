# SPDX-License-Identifier: Apache-2.0
"""What every boot test must keep to."""

from collections.abc import Iterator

import pytest

from tests.boot.processes import running


@pytest.fixture(autouse=True)
def nothing_left_running() -> Iterator[None]:
    yield
    assert not running()
