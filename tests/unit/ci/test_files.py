# SPDX-License-Identifier: Apache-2.0
import stat
from pathlib import Path

import pytest

from ci.lib.files import write_whole


def test_the_file_is_there_whole_with_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file"
    write_whole(path, b"first")
    write_whole(path, b"second", 0o755)
    assert path.read_bytes() == b"second" and stat.S_IMODE(path.stat().st_mode) == 0o755
    assert list(path.parent.iterdir()) == [path]


def test_what_fails_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_whole(path, b"first")
    with pytest.raises(TypeError):
        write_whole(path, "text")  # type: ignore[arg-type]
    assert path.read_bytes() == b"first" and list(tmp_path.iterdir()) == [path]
