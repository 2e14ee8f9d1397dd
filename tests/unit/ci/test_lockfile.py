# SPDX-License-Identifier: Apache-2.0
"""A lock or a packages.toml that is not as it should be is refused by file and line."""

import pytest

from ci.lib import lockfile
from ci.lib.errors import Fault

GOOD = ["name", "1.0-1", "amd64", "10", "a" * 64, "trixie", "pool/main/n/name/name_1.0-1_amd64.deb"]


def lock_with(tmp_path, **changes):
    fields = dict(zip(lockfile.FIELDS, GOOD)) | changes
    path = tmp_path / "packages.lock"
    path.write_text("# comment\n" + "\t".join(fields.values()) + "\n")
    return path


def test_round_trip_is_sorted(tmp_path):
    entries = [lockfile.Entry(name, *GOOD[1:3], 10, *GOOD[4:]) for name in ("zlib1g", "libc6")]
    lockfile.write(tmp_path / "packages.lock", entries, value="b" * 64)
    assert lockfile.read(tmp_path / "packages.lock") == sorted(entries)
    assert lockfile.header_value(tmp_path / "packages.lock", "wanted") == "b" * 64
    assert [path.name for path in tmp_path.iterdir()] == ["packages.lock"]


@pytest.mark.parametrize("field, value", [
    ("name", "Upper"), ("name", "../x"), ("version", "1 0"), ("size", "0"), ("size", "-1"), ("size", "99999999999"),
    ("sha256", "A" * 64), ("sha256", "a" * 63), ("suite", ""), ("path", "/pool/main/x.deb"), ("path", "pool/../x.deb"),
    ("path", "dists/x.deb"),
])
def test_bad_field_is_named(tmp_path, field, value):
    with pytest.raises(Fault, match=rf"packages.lock:2: {field} is"):
        lockfile.read(lock_with(tmp_path, **{field: value}))


def test_bad_entry_is_never_written(tmp_path):
    with pytest.raises(Fault, match="sha256 is"):
        lockfile.write(tmp_path / "packages.lock", [lockfile.Entry(*GOOD[:3], 10, "", *GOOD[5:])])
    assert not list(tmp_path.iterdir())


def test_missing_field_and_double_line(tmp_path):
    path = tmp_path / "packages.lock"
    path.write_text("\t".join(GOOD[:-1]) + "\n")
    with pytest.raises(Fault, match=r"packages.lock:1: 6 fields, expected 7"):
        lockfile.read(path)
    path.write_text("\t".join(GOOD) + "\n" + "\t".join(GOOD) + "\n")
    with pytest.raises(Fault, match=r"packages.lock:2: name is locked twice"):
        lockfile.read(path)


def test_missing_lock_says_what_to_run(tmp_path):
    with pytest.raises(Fault, match="run: ci/lock"):
        lockfile.read(tmp_path / "packages.lock")


@pytest.mark.parametrize("text, message", [
    ("[[set]]\nname='x'\nsuites=['s']\npackages=['p']\nrecommends=true", "unknown key 'recommends'"),
    ("[[set]]\nname='x'\nsuites=['s']", "packages is missing"),
    ("[[set]]\nname='x'\nsuites='s'\npackages=['p']", "suites is 's'"),
    ("[[set]]\nname='x'\nsuites=[1]\npackages=['p']", "suites is"),
    ("name='x'", "expected only"),
    ("[[set", "expected a TOML file"),
])
def test_bad_wish_is_refused(tmp_path, text, message):
    (tmp_path / "packages.toml").write_text(text)
    with pytest.raises(Fault, match=message):
        lockfile.read_sets(tmp_path / "packages.toml")
