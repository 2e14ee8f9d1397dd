# SPDX-License-Identifier: Apache-2.0
"""Inside the build root: nothing of the host, no network, nothing to write on; the same whichever way in."""

import os
import subprocess
import tempfile

import pytest

from ci.lib import build_root, enter
from ci.lib.errors import Fault


@pytest.fixture(scope="module")
def tree():
    try:
        build_root.way()
    except Fault as fault:
        pytest.skip(f"no build root: {fault}")
    return build_root.tree()


@pytest.fixture(params=["user", "root"])
def way(request, tree, monkeypatch):
    """Both ways in, where this host allows them."""
    monkeypatch.setenv("HALLMARK_ENTER", request.param)
    build_root.way.cache_clear()
    if request.param == "root" and os.geteuid() != 0:
        pytest.skip("only root can enter as root")
    try:
        build_root.way()
    except Fault as fault:
        pytest.skip(str(fault))
    yield request.param
    build_root.way.cache_clear()


def said(script, **options):
    with tempfile.TemporaryFile() as output:
        status = build_root.run(["sh", "-c", script], output=output, **options)
        output.seek(0)
        return status, output.read().decode()


def test_exit_status_comes_back(way):
    assert said("exit 7")[0] == 7
    assert said("kill -9 $$")[0] == 128 + 9
    with tempfile.TemporaryFile() as output:
        assert build_root.run(["no-such-program"], output=output) == 127


def test_compiles_and_runs(way, tmp_path):
    (tmp_path / "a.cpp").write_text("#include <expected>\nint main() { return std::expected<int, int>(3).value(); }\n")
    status, text = said("c++ -std=c++23 a.cpp -o a && ./a", binds=[(tmp_path, "/src", False)], workdir="/src")
    assert status == 3, text


def test_nothing_but_the_binds_can_be_written(way, tmp_path):
    given = tmp_path / "given"
    given.mkdir()
    attempts = "for f in /x /usr/x /etc/passwd /var/x /given/x; do (echo >> $f) 2>/dev/null && echo $f; done"
    status, text = said(f"{attempts}; echo >/tmp/x", binds=[(given, "/given", True)])
    assert (status, text) == (0, "")
    assert said("echo hello > /given/x", binds=[(given, "/given", False)])[0] == 0
    assert (given / "x").read_text() == "hello\n" and (given / "x").stat().st_mode & 0o777 == 0o644


def test_no_network(way):
    status, text = said("python3 -c 'import socket; socket.create_connection((\"127.0.0.1\", 9))'")
    assert status == 1 and "Network is unreachable" in text
    assert said("tail -n +3 /proc/net/dev | cut -d: -f1")[1].split() == ["lo"]


def test_environment_is_fixed(way, monkeypatch):
    monkeypatch.setenv("SECRET", "x")
    text = said("unset PWD; env | sort; id -u; id -g; umask; pwd", env={"MORE": "1"})[1]
    assert text.splitlines() == [
        "HOME=/nonexistent", "LC_ALL=C.UTF-8", "MORE=1", "PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "SOURCE_DATE_EPOCH=1735689600", "TZ=UTC", "0", "0", "0022", "/"]


def test_few_privileges(way):
    text = said("grep -E '^Cap(Eff|Bnd)|NoNewPrivs' /proc/self/status")[1]
    kept = sum(1 << number for number in enter.KEPT_CAPABILITIES)
    assert text.split() == ["CapEff:", f"{kept:016x}", "CapBnd:", f"{kept:016x}", "NoNewPrivs:", "1"]


@pytest.mark.parametrize("attempt", [
    "os.mknod('/tmp/n', 0o020600, os.makedev(1, 3))", "os.chroot('/tmp')", "os.setuid(5)", "os.chown('/tmp', 5, 5)",
])
def test_privileged_call_is_refused(way, attempt):
    status, text = said(f"python3 -c \"import os; {attempt}\"")
    assert status == 1 and ("PermissionError" in text or "Invalid argument" in text), text


def test_kernel_switches_are_read_only(way):
    status, text = said("echo x > /proc/sys/kernel/hostname")
    assert status != 0 and "Read-only file system" in text


def test_nothing_stays_mounted_or_running(way, tmp_path):
    before = open("/proc/self/mountinfo").read()
    said("sleep 1000 & echo", binds=[(tmp_path, "/src", False)])
    assert open("/proc/self/mountinfo").read() == before
    running = subprocess.run(["pgrep", "-f", "^sleep 1000$"], capture_output=True, text=True, check=False).stdout
    assert running == ""


def test_missing_bind_is_named(tree, tmp_path):
    with pytest.raises(Fault, match="gone: not there"):
        build_root.run(["true"], binds=[(tmp_path / "gone", "/x", True)])
    with pytest.raises(Fault, match="expected an absolute path inside"):
        build_root.run(["true"], binds=[(tmp_path, "/x/../y", True)])


def test_versions_name_the_compiler(tree):
    status, text = said("g++ -dumpfullversion")
    assert status == 0 and build_root.versions()["g++-14"].startswith(text.strip())
