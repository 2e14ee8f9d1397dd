# SPDX-License-Identifier: Apache-2.0
"""image/root.py: packages - pruned + overlay + guest binary."""

import os
import subprocess
from pathlib import Path

import pytest

from ci.lib.errors import Fault
from image import plan, root, tree


def package(folder: Path, name: str, files: dict[str, tuple[str, int]]) -> Path:
    """A .deb of `files` (path -> content, mode), made by Debian's own dpkg-deb."""
    content = folder / name
    (content / "DEBIAN").mkdir(parents=True)
    (content / "DEBIAN/control").write_text(
        f"Package: {name}\nVersion: 1\nArchitecture: all\nMaintainer: nobody <nobody@example.org>\nDescription: a test\n"
    )
    for path, (text, mode) in files.items():
        target = content / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        target.chmod(mode)
    deb = folder / f"{name}.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "--build", content, deb], check=True, capture_output=True)
    return deb


@pytest.fixture
def parts(tmp_path):
    """Two packages, an overlay and a binary that need nothing else."""
    debs = [
        package(tmp_path, "one", {"usr/bin/one": ("1", 0o755), "usr/share/doc/one/copyright": ("c", 0o644)}),
        package(tmp_path, "two", {"usr/lib/two": ("2", 0o664), "usr/share/doc/two/copyright": ("c", 0o644)}),
    ]
    overlay = tmp_path / "overlay"
    (overlay / "etc").mkdir(parents=True)
    (overlay / "etc/hostname").write_text("hallmark\n")
    binary = tmp_path / "binary"
    binary.write_text("not a program")
    return debs, overlay, binary


PLAN = plan.Plan({"/sbin/init": "../usr/bin/hallmark-guest"}, {"/tmp": 0o1777}, ["/usr/share/doc"])


def listing(top: Path) -> dict[str, str]:
    return {tree.guest_name(top, path): oct(path.lstat().st_mode) for path in tree.paths(top)}


def make(parts, into, description=PLAN, debs=None, audit=lambda _: None):
    into.mkdir()
    root.make(debs or parts[0], description, [parts[1]], {"/usr/bin/hallmark-guest": parts[2]}, into, [audit])
    return into


def test_everything_is_where_it_belongs(parts, tmp_path):
    made = listing(make(parts, tmp_path / "root"))
    assert made == {
        "/etc": "0o40755", "/etc/hostname": "0o100644", "/sbin": "0o40755", "/sbin/init": "0o120777", "/tmp": "0o41777",
        "/usr": "0o40755", "/usr/bin": "0o40755", "/usr/bin/hallmark-guest": "0o100755", "/usr/bin/one": "0o100755",
        "/usr/lib": "0o40755", "/usr/lib/two": "0o100644",
    }  # fmt: skip


def test_order_of_packages_and_umask_leave_no_trace(parts, tmp_path):
    one = tree.identity(make(parts, tmp_path / "first"))
    before = os.umask(0o077)
    try:
        other = tree.identity(make(parts, tmp_path / "second", debs=parts[0][::-1]))
    finally:
        os.umask(before)
    assert one == other


def test_pattern_without_a_match_is_refused(parts, tmp_path):
    with pytest.raises(Fault, match="'/usr/share/man' matches nothing"):
        make(parts, tmp_path / "root", plan.Plan({}, {}, ["/usr/share/doc", "/usr/share/man"]))


def test_star_stays_within_one_name(parts, tmp_path):
    with pytest.raises(Fault, match=r"'/usr/\*/copyright' matches nothing"):
        make(parts, tmp_path / "root", plan.Plan({}, {}, ["/usr/*/copyright"]))
    made = make(parts, tmp_path / "other", plan.Plan({}, {}, ["/usr/share/doc/*/copy*"]))
    assert "/usr/share" not in listing(made)


def test_directories_that_were_empty_in_the_package_stay(parts, tmp_path):
    into = tmp_path / "root"
    for name in ("a/b", "a/c"):
        (into / name).mkdir(parents=True)
    (into / "a/b/file").write_text("")
    root.prune(into, ["/a/b/file"])
    assert listing(into).keys() == {"/a", "/a/c"}


def test_set_user_id_bit_of_a_package_does_not_reach_the_root(parts, tmp_path):
    parts[0].append(package(tmp_path, "su", {"usr/bin/su": ("", 0o4755)}))
    assert listing(make(parts, tmp_path / "root"))["/usr/bin/su"] == "0o100755"


def test_audit_sees_the_modes_that_packages_left(parts, tmp_path, monkeypatch):
    """hallmark-audit refuses set-user-id files; made after modes are the same for all, it would never see one."""
    def keeps_the_bit(_, into):
        (into / "su").write_text("")
        (into / "su").chmod(0o4755)

    def audit(into):
        if (into / "su").stat().st_mode & 0o4000:
            raise Fault("/su: set-id")

    monkeypatch.setattr(root.debpkg, "unpack", keeps_the_bit)
    with pytest.raises(Fault, match="/su: set-id"):
        make(parts, tmp_path / "root", plan.Plan({}, {}, []), audit=audit)


def test_overlay_does_not_replace_in_silence(parts, tmp_path):
    (parts[1] / "usr/bin").mkdir(parents=True)
    (parts[1] / "usr/bin/one").write_text("ours")
    with pytest.raises(Fault, match="one is already there"):
        make(parts, tmp_path / "root")


def test_link_onto_a_directory_is_refused(parts, tmp_path):
    with pytest.raises(Fault, match="bin is already there"):
        make(parts, tmp_path / "root", plan.Plan({"/usr/bin": "../bin"}, {}, ["/usr/share/doc"]))


def test_missing_guest_binary_is_refused(parts, tmp_path):
    parts[2].unlink()
    with pytest.raises(Fault, match="binary: no such file"):
        make(parts, tmp_path / "root")
