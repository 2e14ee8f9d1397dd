# SPDX-License-Identifier: Apache-2.0
"""What the host's apt knows: where the Debian archives are and through which proxy they are reached."""

import os
import re
import subprocess
from functools import lru_cache
from pathlib import Path

from ci.lib.errors import Fault

OPTIONS = {"main": ("HALLMARK_MIRROR", "--mirror"), "security": ("HALLMARK_SECURITY_MIRROR", "--security-mirror")}
LABELS = {"Debian": "main", "Debian-Security": "security"}
_FIELDS = "$(REPO_URI)\t$(ORIGIN)\t$(LABEL)"


def archive(kind: str) -> str:
    """The address of the "main" or the "security" archive, without a slash at its end.

    An option wins; else the first repository in apt's configuration whose index says that it is Debian's.
    """
    variable, option = OPTIONS[kind]
    address = os.environ.get(variable, "").strip() or _from_apt().get(kind, "")
    if not address:
        raise Fault(
            f"apt configuration: no Debian {kind} archive in it, expected one; "
            f"name one: ci/build {option} http://ARCHIVE/{'debian-security' if kind == 'security' else 'debian'}"
        )
    if not address.startswith(("http://", "https://")):
        raise Fault(f"{option}: {address!r}, expected an address that begins with http:// or https://")
    return address.rstrip("/")


@lru_cache(maxsize=1)
def proxies() -> dict[str, str]:
    """The proxies of apt's configuration, by scheme."""
    found = {}
    for scheme in ("http", "https"):
        name = f"Acquire::{scheme}::Proxy"
        # apt takes its proxy for http also for https, unless that has one of its own.
        address = _output(["apt-config", "dump", "--format", "%v%n", name]).strip() or found.get("http", "")
        if address and address.upper() != "DIRECT":
            found[scheme] = address
    return found


def by_origin(table: str) -> dict[str, str]:
    """Address by kind, out of what `apt-get indextargets` prints of downloaded lists (see _FIELDS)."""
    found: dict[str, str] = {}
    for line in table.splitlines():
        address, origin, label = (line.split("\t") + ["", ""])[:3]
        if address.startswith(("http://", "https://")) and origin == "Debian" and label in LABELS:
            found.setdefault(LABELS[label], address)
    return _with_sibling(found)


def by_name(text: str) -> dict[str, str]:
    """Address by kind, out of what `apt-get update --print-uris` prints: all there is while no list was downloaded."""
    found: dict[str, str] = {}
    for address, suite in re.findall(r"^'(https?://\S+/)dists/(\S+)/InRelease'", text, re.MULTILINE):
        if address.endswith(("/debian/", "/debian-security/")):
            found.setdefault("security" if suite.endswith("-security") else "main", address)
    return _with_sibling(found)


def _with_sibling(found: dict[str, str]) -> dict[str, str]:
    # A fresh root often lists the main archive only. Mirrors keep the other one beside it; where this one doesn't,
    # its index is not there, and the error names the option.
    main = found.get("main", "").rstrip("/")
    beside = {"security": f"{main}-security/"} if main.endswith("/debian") else {}
    return beside | found


@lru_cache(maxsize=1)
def _from_apt() -> dict[str, str]:
    found = by_origin(_output(["apt-get", "indextargets", "--format", _FIELDS, "Created-By: Packages"]))
    if not found and _host_is_debian():
        found = by_name(_output(["apt-get", "update", "--print-uris"]))
    return found


def _host_is_debian() -> bool:
    try:
        return "ID=debian" in Path("/etc/os-release").read_text(encoding="utf-8").splitlines()
    except OSError:
        return False


def _output(argv: list[str]) -> str:
    try:
        done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    except FileNotFoundError:
        return ""  # not a host with apt: the options say where the archives are
    return done.stdout if done.returncode == 0 else ""
