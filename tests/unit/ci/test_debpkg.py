# SPDX-License-Identifier: Apache-2.0
"""Packages are unpacked as they are, and never outside their tree."""

import io
import os
import stat
import subprocess
import tarfile

import pytest

from ci.lib import debpkg
from ci.lib.errors import Fault


def member(name, kind=tarfile.REGTYPE, link="", content=b"", mode=0o644):
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mode, info.size, info.mtime = kind, link, mode, len(content), 1_000_000_000
    return info, content


def make_deb(path, members):
    """A package with just these members: the ar container and tar are written by hand, as an attacker would."""
    def packed(rows):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w:xz") as archive:
            for info, content in rows:
                archive.addfile(info, io.BytesIO(content))
        return out.getvalue()

    control = packed([member("./control", content=b"Package: x\nVersion: 1\nArchitecture: all\n")])
    parts = [(b"debian-binary", b"2.0\n"), (b"control.tar.xz", control), (b"data.tar.xz", packed(members))]
    with open(path, "wb") as out:
        out.write(b"!<arch>\n")
        for name, content in parts:
            out.write(b"%-16s%-12d%-6d%-6d%-8s%-10d`\n" % (name, 0, 0, 0, b"100644", len(content)))
            out.write(content + b"\n" * (len(content) % 2))
    return path


def test_files_links_modes_and_times(tmp_path):
    deb = make_deb(tmp_path / "x.deb", [
        member("./", tarfile.DIRTYPE, mode=0o755), member("./usr/", tarfile.DIRTYPE, mode=0o755),
        member("./usr/su", content=b"program", mode=0o4755), member("./usr/hard", tarfile.LNKTYPE, "./usr/su"),
        member("./usr/soft", tarfile.SYMTYPE, "su"), member("./usr/node", tarfile.CHRTYPE),
    ])
    debpkg.unpack(deb, tmp_path / "tree")
    status = os.stat(tmp_path / "tree/usr/su")
    assert stat.S_IMODE(status.st_mode) == 0o755, "no set-user-ID bit comes out of a package"
    assert status.st_mtime == 1_000_000_000 and status.st_nlink == 2
    assert os.readlink(tmp_path / "tree/usr/soft") == "su"
    assert not (tmp_path / "tree/usr/node").exists()


def test_merged_usr_links_are_followed(tmp_path):
    tree = tmp_path / "tree"
    debpkg.unpack(make_deb(tmp_path / "base.deb", [member("./bin", tarfile.SYMTYPE, "usr/bin")]), tree)
    debpkg.unpack(make_deb(tmp_path / "x.deb", [member("./bin/x", content=b"x")]), tree)
    assert (tree / "usr/bin/x").read_bytes() == b"x" and (tree / "bin").is_symlink()


@pytest.mark.parametrize("members", [
    [member("../outside", content=b"x")],
    [member("./usr/../../outside", content=b"x")],
    [member("/outside", content=b"x")],
    [member("./link", tarfile.SYMTYPE, ".."), member("./link/outside", content=b"x")],
    [member("./link", tarfile.SYMTYPE, "{outside}"), member("./link/outside", content=b"x")],
    [member("./link", tarfile.SYMTYPE, ".."), member("./link/outside", tarfile.DIRTYPE)],
    [member("./hard", tarfile.LNKTYPE, "../secret")],
    [member("./link", tarfile.SYMTYPE, ".."), member("./hard", tarfile.LNKTYPE, "./link/secret")],
], ids=["dotdot", "dotdot-inside", "absolute", "relative-link", "absolute-link", "folder-through-link", "hard-dotdot",
        "hard-through-link"])
def test_way_out_is_refused(tmp_path, members):
    (tmp_path / "secret").write_text("secret")
    for info, _ in members:
        info.linkname = info.linkname.replace("{outside}", str(tmp_path))
    with pytest.raises(Fault, match="leads out of the tree"):
        debpkg.unpack(make_deb(tmp_path / "x.deb", members), tmp_path / "tree")
    assert not (tmp_path / "outside").exists() and not (tmp_path / "tree/hard").exists()


def test_file_is_not_written_through_a_link(tmp_path):
    (tmp_path / "secret").write_text("secret")
    members = [member("./f", tarfile.SYMTYPE, "../secret"), member("./f", content=b"overwritten")]
    debpkg.unpack(make_deb(tmp_path / "x.deb", members), tmp_path / "tree")
    assert (tmp_path / "secret").read_text() == "secret"
    assert (tmp_path / "tree/f").read_bytes() == b"overwritten"


@pytest.mark.parametrize("keep", [0, 8, 100, 300])
def test_cut_package_is_refused(tmp_path, keep):
    deb = make_deb(tmp_path / "x.deb", [member("./a", content=os.urandom(1000))])
    deb.write_bytes(deb.read_bytes()[:keep])
    with pytest.raises(Fault, match="x.deb"):
        debpkg.unpack(deb, tmp_path / "tree")


def test_same_as_dpkg(tmp_path):
    """dpkg-deb's own extraction is the independent opinion."""
    source = tmp_path / "source"
    (source / "DEBIAN").mkdir(parents=True)
    control = "Package: x\nVersion: 1\nArchitecture: all\nMaintainer: N <n@example.org>\nDescription: x\n"
    (source / "DEBIAN/control").write_text(control)
    (source / "usr/bin").mkdir(parents=True)
    (source / "usr/bin/tool").write_bytes(os.urandom(100_000))
    os.chmod(source / "usr/bin/tool", 0o750)
    os.symlink("tool", source / "usr/bin/alias")
    subprocess.run(["dpkg-deb", "--build", str(source), str(tmp_path / "x.deb")], check=True, capture_output=True)
    subprocess.run(["dpkg-deb", "--extract", str(tmp_path / "x.deb"), str(tmp_path / "theirs")], check=True)
    debpkg.unpack(tmp_path / "x.deb", tmp_path / "ours")
    compare = ["diff", "--recursive", "--no-dereference", str(tmp_path / "ours"), str(tmp_path / "theirs")]
    assert subprocess.run(compare, check=False).returncode == 0
    for path in (tmp_path / "ours").rglob("*"):
        other = tmp_path / "theirs" / path.relative_to(tmp_path / "ours")
        assert stat.S_IMODE(path.lstat().st_mode) == stat.S_IMODE(other.lstat().st_mode), path
        assert int(path.lstat().st_mtime) == int(other.lstat().st_mtime) or path.is_symlink(), path


def test_read_member(tmp_path):
    deb = make_deb(tmp_path / "x.deb", [member("./usr/a", content=b"12345")])
    assert debpkg.read_member(deb, "usr/a", 5) == b"12345"
    with pytest.raises(Fault, match="usr/a has 5 bytes, more than 4"):
        debpkg.read_member(deb, "usr/a", 4)
    with pytest.raises(Fault, match="no file usr/b"):
        debpkg.read_member(deb, "usr/b", 5)
