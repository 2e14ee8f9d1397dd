# SPDX-License-Identifier: Apache-2.0
"""What every boot test must keep to."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.boot.processes import running


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "long: only where all was asked for (ci/test --all)")


@pytest.fixture(autouse=True)
def nothing_left_running() -> Iterator[None]:
    yield
    assert not running()


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The simulated platform's keys, made once for all tests."""
    return tmp_path_factory.mktemp("platform") / "simulated-snp"
