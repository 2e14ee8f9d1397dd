# SPDX-License-Identifier: Apache-2.0
"""Which of the host's archives is Debian's."""

import pytest

from ci.lib import apt
from ci.lib.errors import Fault

DEBIAN = """http://a.example/debian/\tDebian\tDebian
http://b.example/debian/\tDebian\tDebian
http://a.example/debian-security/\tDebian\tDebian-Security
"""
OTHERS = """http://u.example/ubuntu/\tUbuntu\tUbuntu
http://a.example/debian/\tSomeone\tDebian
http://a.example/debian/\tDebian\tDebian Backports
cdrom://x/\tDebian\tDebian
"""
# The shape that apt 2.6 prints.
FRESH = """'http://a.example/debian/dists/trixie/InRelease' a.example_debian_dists_trixie_InRelease 0
'http://a.example/debian/dists/trixie/main/binary-amd64/Packages.xz' a.example_debian_Packages 0
'http://s.example/debian-security/dists/trixie-security/InRelease' s.example_InRelease 0
"""
BOTH = {"main": "http://a.example/debian/", "security": "http://a.example/debian-security/"}


def test_by_origin_and_label():
    assert apt.by_origin(DEBIAN) == BOTH


def test_others_are_not_debian():
    assert apt.by_origin(OTHERS) == {}
    assert apt.by_name("'http://a.example/elsewhere/dists/trixie/InRelease' x 0 \n") == {}


def test_without_lists_by_name():
    assert apt.by_name(FRESH) == {"main": "http://a.example/debian/", "security": "http://s.example/debian-security/"}


def test_security_archive_is_looked_for_beside_the_main_one():
    assert apt.by_origin(DEBIAN.splitlines()[0]) == apt.by_name(FRESH.splitlines()[0] + "\n") == BOTH
    assert apt.by_origin("http://a.example/pool/\tDebian\tDebian\n") == {"main": "http://a.example/pool/"}


def test_option_wins(monkeypatch):
    monkeypatch.setattr(apt, "_from_apt", lambda: {"main": "http://a.example/debian/"})
    assert apt.archive("main") == "http://a.example/debian"
    monkeypatch.setenv("HALLMARK_MIRROR", "http://other.example/debian/")
    assert apt.archive("main") == "http://other.example/debian"


def test_host_without_archive_gets_the_line_to_type(monkeypatch):
    monkeypatch.setattr(apt, "_from_apt", dict)
    monkeypatch.delenv("HALLMARK_SECURITY_MIRROR", raising=False)
    with pytest.raises(Fault, match="ci/build --security-mirror http://ARCHIVE/debian-security"):
        apt.archive("security")


def test_other_schemes_are_refused(monkeypatch):
    monkeypatch.setenv("HALLMARK_MIRROR", "file:///etc")
    with pytest.raises(Fault, match="expected an address that begins with http"):
        apt.archive("main")
