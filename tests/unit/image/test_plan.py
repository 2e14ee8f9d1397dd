# SPDX-License-Identifier: Apache-2.0
"""image/plan.py: root.toml is read strictly."""

from pathlib import Path

import pytest

from ci.lib.errors import Fault
from image import plan

REAL = Path(__file__).resolve().parents[3] / "image" / "root.toml"


def test_the_real_file_has_init_and_what_it_mounts_on():
    description = plan.read(REAL)
    assert description.links["/usr/sbin/init"] == "../bin/hallmark-guest"
    assert {"/dev", "/proc", "/run", "/sys", "/tmp"} <= set(description.directories)
    assert description.directories["/tmp"] == 0o1777


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[link]\n", "unknown key 'link'"),
        ('[links]\n"/a" = 1\n', "expected text"),
        ('[directories]\n"/a" = "4755"\n', "found mode '4755'"),
        ('[directories]\n"/a" = "755"\n', "found mode '755'"),
        ('[[pruned]]\npaths = ["/a"]\n', "why"),
        ('[[pruned]]\nwhy = " "\npaths = ["/a"]\n', "'why' is empty"),
        ('[[pruned]]\nwhy = "x"\npath = ["/a"]\n', "unknown key 'path'"),
        ("links = \n", "root.toml"),
    ],
)
def test_bad_plan_is_refused(tmp_path, text, complaint):
    file = tmp_path / "root.toml"
    file.write_text(text)
    with pytest.raises(Fault, match=complaint):
        plan.read(file)
