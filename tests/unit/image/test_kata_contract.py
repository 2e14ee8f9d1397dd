# SPDX-License-Identifier: Apache-2.0
"""image/kata_contract.py: a good root of each level, and one broken thing at a time."""

import json

import pytest

from ci.lib.errors import Fault
from image import kata_contract


def write(root, name, text="x", mode=0o644):
    path = root / name[1:]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)


@pytest.fixture
def good(tmp_path):
    """A root with all levels; the agent is one with policy."""
    root = tmp_path / "root"
    for name in ("dev", "proc", "run", "sys", "tmp", "usr/bin", "usr/sbin", "pause_bundle/rootfs"):
        (root / name).mkdir(parents=True)
    for name in ("bin", "sbin"):
        (root / name).symlink_to(f"usr/{name}")
    write(root, "/usr/bin/hallmark-guest", mode=0o755)
    (root / "usr/sbin/init").symlink_to("/usr/bin/hallmark-guest")
    write(root, "/etc/machine-id", "")
    write(root, "/etc/resolv.conf", "")
    write(root, kata_contract.AGENT, f"\x7fELF\0{kata_contract.POLICY}\0", 0o755)
    write(root, "/etc/kata-opa/deny.rego", "package agent_policy\n")
    (root / "etc/kata-opa/default-policy.rego").symlink_to("deny.rego")
    for name in kata_contract.COMPONENTS:
        write(root, name, mode=0o755)
    for name in ("/etc/ocicrypt_config.json", kata_contract.PAUSE):
        write(root, name, "{}")
    return root


def wrong(root):
    return [(one.path, one.found) for one in kata_contract.examine(root) if one.verdict == "wrong"]


def test_good_root_keeps_it(good, capsys):
    assert kata_contract.main([str(good)]) == 0
    assert "absent   agent  /sbin/modprobe" in capsys.readouterr().out
    kata_contract.require(good)


def link(target):
    def change(path):
        path.unlink()
        path.symlink_to(target)
    return change


def become_file(path):
    path.rmdir()
    path.write_text("")


@pytest.mark.parametrize("name, change, found", [
    ("/usr/sbin/init", lambda path: path.unlink(), "nothing"),
    ("/usr/sbin/init", link("/usr/bin/missing"), "link to /usr/bin/missing, which is not in the root"),
    ("/usr/sbin/init", link("init"), "link to init, which is not in the root"),
    ("/usr/sbin/init", lambda path: path.unlink() or path.mkdir(), "directory"),
    ("/etc/machine-id", lambda path: path.write_text("4f\n"), "file of 3 bytes"),
    ("/etc/resolv.conf", link("/run/resolv.conf"), "link to /run/resolv.conf, which is not in the root"),
    ("/etc/resolv.conf", link("machine-id"), "link to machine-id"),
    ("/proc", lambda path: path.rmdir(), "nothing"),
    ("/dev", become_file, "file"),
    ("/tmp", lambda path: path.rmdir() or path.symlink_to("run"), "link to run"),
    ("/usr/bin/kata-agent", lambda path: path.chmod(0o644), "file without the right to execute"),
    ("/etc/kata-opa/default-policy.rego", link("missing"), "link to missing, which is not in the root"),
    ("/etc/kata-opa/default-policy.rego", lambda path: path.write_text(""), "empty file"),
    ("/etc/kata-opa/default-policy.rego", lambda path: path.chmod(0o666), "file that others may change (mode 0666)"),
    ("/usr/local/bin/api-server-rest", lambda path: path.unlink(), "nothing"),
    ("/etc/ocicrypt_config.json", lambda path: path.write_text("["), "file that is not JSON"),
    ("/pause_bundle/config.json", lambda path: path.write_text("[" * 100000), "file that is not JSON"),
    ("/pause_bundle/config.json", lambda path: path.write_text("[]"), "JSON, but not an object"),
    ("/pause_bundle/rootfs", lambda path: path.rmdir(), "nothing"),
])  # fmt: skip
def test_one_broken_thing_is_named(good, capsys, name, change, found):
    change(good / name[1:])
    assert wrong(good) == [(name.replace("/usr/sbin", "/sbin"), found)]
    assert kata_contract.main([str(good), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["kept"] is False
    with pytest.raises(Fault, match="add it in image/root.toml"):
        kata_contract.require(good)


def test_links_are_followed_inside_the_root_only(good):
    """/bin/sh is on the host that runs this, and is not in the root."""
    (good / "usr/sbin/init").unlink()
    (good / "usr/sbin/init").symlink_to("../../../../../bin/sh")
    assert wrong(good) == [("/sbin/init", "link to ../../../../../bin/sh, which is not in the root")]


def test_folder_may_be_an_absolute_link(good):
    (good / "sbin").unlink()
    (good / "sbin").symlink_to("/usr/sbin")
    assert not wrong(good)
    (good / "etc").rename(good / "usr/etc")
    (good / "etc").symlink_to("/usr/etc")
    assert not wrong(good)


def test_levels_apply_to_what_is_there(good):
    for name in (*kata_contract.COMPONENTS, kata_contract.PAUSE, kata_contract.POLICY):
        (good / name[1:]).unlink()
    write(good, kata_contract.AGENT, "built without policy", 0o755)
    assert {one.level for one in kata_contract.examine(good)} == {"base", "agent"} and not wrong(good)
    (good / kata_contract.AGENT[1:]).unlink()
    assert {one.level for one in kata_contract.examine(good)} == {"base"} and not wrong(good)


def test_folder_that_is_none_is_refused(tmp_path):
    with pytest.raises(Fault, match="expected an unpacked root"):
        kata_contract.main([str(tmp_path / "missing")])
    with pytest.raises(Fault, match="expected an unpacked root"):
        kata_contract.main([str(tmp_path)])


def test_components_alone_need_no_pause_bundle(good):
    (good / kata_contract.PAUSE.lstrip("/")).unlink()
    assert kata_contract.levels(good) == {"base", "agent"}
    kata_contract.require(good)
