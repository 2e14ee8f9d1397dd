# SPDX-License-Identifier: Apache-2.0
"""image/command_lines.py: the measured text, byte for byte, and what a profile may not contain."""

from pathlib import Path

import pytest

from ci.lib.errors import Fault
from image import command_lines
from image.verity import Verity

PROFILES = Path(__file__).resolve().parents[3] / "image" / "command-lines"
ROOT = "2b4a1e6b0cf52f4cb7e6a9a9e0b8d7c61532b7e0a9f4c3d2e1f00918273645ff"
SALT = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
# The size of Kata's confidential root file system on record in its PR 12396: 96512 blocks, 377 MiB.
VERITY = Verity(root_hash=ROOT, salt=SALT, data_blocks=96512)

# Written out by hand from what is known of Kata 4.1.0's Go runtime (order, quotes and spaces), not from our profile.
KATA = (
    "tsc=reliable no_timer_check rcupdate.rcu_expedited=1 i8042.direct=1 i8042.dumbkbd=1 i8042.nopnp=1 i8042.noaux=1 "
    "noreplace-smp reboot=k cryptomgr.notests net.ifnames=0 pci=lastbus=0 "
    'dm-mod.create="dm-verity,,,ro,0 772096 verity 1 /dev/vda1 /dev/vda2 4096 4096 96512 0 sha256 '
    "2b4a1e6b0cf52f4cb7e6a9a9e0b8d7c61532b7e0a9f4c3d2e1f00918273645ff "
    '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff" root=/dev/dm-0 rootflags=ro rootfstype=erofs '
    "console=hvc0 console=hvc1 quiet systemd.show_status=false panic=1 selinux=0 systemd.unit=kata-containers.target "
    "systemd.mask=systemd-networkd.service systemd.mask=systemd-networkd.socket scsi_mod.scan=none "
    "agent.launch_process_timeout=6 cgroup_no_v1=all systemd.unified_cgroup_hierarchy=1"
)

HALLMARK = (
    'dm-mod.create="dm-verity,,,ro,0 772096 verity 1 /dev/vda1 /dev/vda2 4096 4096 96512 0 sha256 '
    "2b4a1e6b0cf52f4cb7e6a9a9e0b8d7c61532b7e0a9f4c3d2e1f00918273645ff "
    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff "
    '2 panic_on_corruption panic_on_error" root=/dev/dm-0 rootfstype=erofs rootflags=ro ro console=hvc0 loglevel=4 '
    "no_timer_check panic=1"
)


def profile(folder: Path, text: str) -> Path:
    file = folder / "some.txt"
    file.write_text(text)
    return file


@pytest.mark.parametrize(("name", "expected"), [("kata-4.1-go", KATA), ("hallmark", HALLMARK)])
def test_profile_is_exact(name, expected):
    assert {line.name: line.text for line in command_lines.read(PROFILES, VERITY)}[name] == expected


def test_hallmark_comes_first():
    assert [line.name for line in command_lines.read(PROFILES, VERITY)] == ["hallmark", "kata-4.1-go"]


def test_comments_are_not_measured_and_lines_are_joined(tmp_path):
    line = command_lines.render(profile(tmp_path, "# describes: a test\n# more\na=1\n# between\nb={data_blocks}\n"), VERITY)
    assert (line.text, line.describes, line.name) == ("a=1 b=96512", "a test", "some")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a=1\n", "describes"),
        ("# describes: x\na={root}\n", "unknown name {root}"),
        ("# describes: x\na={root_hash\n", "stray brace"),
        ("# describes: x\na=1  b=2\n", "two spaces"),
        ("# describes: x\na=1\n\nb=2\n", "empty line"),
        ("# describes: x\na=1\tb=2\n", "printable"),
        ("# describes: x\n", "empty"),
        ("# describes: x\n" + "a" * 2048 + "\n", "2048 characters"),
    ],
)
def test_bad_profile_is_refused(tmp_path, text, complaint):
    with pytest.raises(Fault, match=complaint):
        command_lines.render(profile(tmp_path, text), VERITY)


def test_folder_without_profiles_is_refused(tmp_path):
    with pytest.raises(Fault, match="no profile"):
        command_lines.read(tmp_path, VERITY)


def test_a_line_is_found_by_name_or_the_known_ones_are_listed():
    lines = [command_lines.CommandLine(name, "x", "y") for name in ("a", "b")]
    assert command_lines.named(lines, "b") is lines[1]
    with pytest.raises(Fault, match=r"no c.txt, expected it; known: a, b"):
        command_lines.named(lines, "c")
