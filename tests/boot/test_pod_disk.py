# SPDX-License-Identifier: Apache-2.0
"""A pod's volume on a disk of the host, with a key that the broker gives to this guest alone. The pod's image cannot be
had: what counts is what becomes of the disk before, and what the guest says of it."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.boot.key_broker import RESOURCE, Owner, make_root
from tests.boot.simulated import boot, needs_guest

pytestmark = needs_guest

MIB = 1 << 20
NOBODY = "10.0.2.2:1/none:1"  # a port on which nobody listens


@pytest.fixture(scope="module")
def owner(tmp_path_factory: pytest.TempPathFactory, platform: Path) -> Iterator[Owner]:
    """One who knows the image just built, on this platform."""
    owner = Owner(tmp_path_factory.mktemp("owner"), make_root("simulated-snp", platform, platform / "ark.pem"))
    values = owner.folder / "platform-values.json"
    boot(platform, "--platform-values", values)
    owner.publish()
    owner.register(values.read_text())
    yield owner
    owner.kbs.stop()


def init_data(owner: Owner, name: str, create: str) -> Path:
    """The owner's, with a pod whose volume is the disk "data"."""
    pod = f"""
[[pod.volume]]
name = "data"
disk = "data"
key = "kbs:///{RESOURCE}"
{create}
[[pod.container]]
name = "main"
image = "{NOBODY}"
"""
    text = owner.init_data().read_text()
    assert text.endswith("'''\n")
    document = owner.folder / f"{name}.toml"
    document.write_text(text.removesuffix("'''\n") + pod + "'''\n")
    return document


def said(platform: Path, document: Path, disk: Path, console: Path) -> str:
    boot(platform, "--network", "--init-data", document, "--disk", f"data={disk}", "--console", console)
    return console.read_text(errors="replace")


def test_a_volume_is_made_once_opened_again_and_never_made_anew(owner: Owner, platform: Path, tmp_path: Path) -> None:
    disk, console = tmp_path / "disk", tmp_path / "console"
    disk.touch()
    os.truncate(disk, 96 * MIB)
    new, old = init_data(owner, "new", "create = true"), init_data(owner, "old", "")
    owner.register_values({"snp_host_data": [hashlib.sha256(one.read_bytes()).hexdigest() for one in (new, old)]})
    first = said(platform, old, disk, console)
    assert "volume data: " in first and "no LUKS2 header" in first, first
    assert "volume data" not in (made := said(platform, new, disk, console)), made
    content = disk.read_bytes()
    assert content.startswith(b"LUKS\xba\xbe") and b"lost+found" not in content
    assert "volume data" not in (opened := said(platform, old, disk, console)), opened
    header = disk.read_bytes()[: 16 * MIB]
    assert header == content[: 16 * MIB]
    assert "something is on it" in said(platform, new, disk, console)
    assert disk.read_bytes()[: 16 * MIB] == header
