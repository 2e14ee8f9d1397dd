# SPDX-License-Identifier: Apache-2.0
"""An index counts only when Debian's key signed it, for this suite, and not too long ago."""

import pytest

from ci.lib import index
from ci.lib.errors import Fault

NONE = frozenset()


def test_signed_index_is_read(archive):
    entry = archive.add("a", depends="b (>= 1)")
    archive.publish()
    found = index.packages("trixie")
    assert [(one.entry, one.depends) for one in found] == [(entry, "b (>= 1)")]


@pytest.mark.parametrize("old, new", [
    (b"Codename: trixie", b"Codename: triXie"),
    (b"Packages.xz", b"Packages.gz"),
    (b"Valid-Until: ", b"Valid-Until:  "),
])
def test_tampered_index_is_refused(archive, old, new):
    signed = archive.publish()
    assert old in signed
    with pytest.raises(Fault, match="BADSIG"):
        index.check_release("InRelease", "trixie", signed.replace(old, new), NONE)


def test_unsigned_text_around_the_signed_is_not_read(archive):
    signed = archive.publish(valid_days=-1)
    forged = b"Origin: Debian\nCodename: trixie\nSuite: stable\n\n" + signed
    with pytest.raises(Fault, match="Valid-Until was"):
        index.check_release("InRelease", "trixie", forged, NONE)


def test_unsigned_index_is_refused(archive):
    with pytest.raises(Fault, match="signatures: NODATA|signatures: none"):
        index.check_release("InRelease", "trixie", b"Origin: Debian\nCodename: trixie\n", NONE)


def test_unknown_key_is_refused(archive, tmp_path):
    empty = tmp_path / "empty.gpg"
    empty.write_bytes(b"")
    with pytest.raises(Fault, match="expected a valid one"):
        index.check_release("InRelease", "trixie", archive.publish(), NONE, keyring=empty)


def test_expired_index_is_refused_and_accepted_by_name_only(archive, capsys):
    signed = archive.publish(valid_days=-1)
    for accepted in (NONE, frozenset(["forky"])):
        with pytest.raises(Fault, match="--accept-expired trixie"):
            index.check_release("InRelease", "trixie", signed, accepted)
    assert index.check_release("InRelease", "trixie", signed, frozenset(["trixie"]))["Codename"] == "trixie"
    assert "WARNING: THE INDEX OF TRIXIE EXPIRED" in capsys.readouterr().err


def test_other_suite_or_origin_is_refused(archive):
    with pytest.raises(Fault, match="Codename is 'bookworm', expected 'trixie'"):
        index.check_release("InRelease", "trixie", archive.publish(codename="bookworm"), NONE)
    with pytest.raises(Fault, match="Origin is 'Elsewhere'"):
        index.check_release("InRelease", "trixie", archive.publish(origin="Elsewhere"), NONE)


def test_packages_file_that_differs_from_the_signed_hash(archive):
    archive.add("a")
    archive.publish()
    packed = next((archive.root / "dists/trixie/main/binary-amd64/by-hash/SHA256").iterdir())
    content = bytearray(packed.read_bytes())
    content[len(content) // 2] ^= 1
    packed.write_bytes(content)
    with pytest.raises(Fault, match="SHA-256 .* expected"):
        index.packages("trixie")


def test_missing_suite_is_named(archive):
    with pytest.raises(Fault, match="InRelease: not there, expected the suite trixie"):
        index.packages("trixie")
