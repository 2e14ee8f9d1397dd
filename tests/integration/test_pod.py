# SPDX-License-Identifier: Apache-2.0
"""Containers of a pod, run by the guest's own crun: who they are, what they may, what is limited, and how they end. What a
container sees is what the kernel says inside it."""

import base64
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from ci.lib import cache, debpkg, fetch

BUILD = Path(os.environ.get("HALLMARK_BUILD", Path(__file__).resolve().parents[2] / "build"))
DRIVER = BUILD / "tests/drivers/pod-driver"
LOCK = Path(__file__).resolve().parents[2] / "image/packages.lock"
BUSYBOX = BUILD / "boot/demo/busybox"
DIGEST = "sha256:" + "ab" * 32

# capabilities(7) by their numbers.
CHOWN, KILL, NET_BIND_SERVICE, NET_ADMIN, NET_RAW, SYS_ADMIN = 0, 5, 10, 12, 13, 21

pytestmark = [
    pytest.mark.skipif(not DRIVER.is_file(), reason=f"{DRIVER} is not built"),
    pytest.mark.skipif(not BUSYBOX.is_file(), reason=f"{BUSYBOX} is not built"),
    pytest.mark.skipif(os.geteuid() != 0, reason="containers are started, which needs root"),
]
IMAGE = {"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": []},
         "config": {"Entrypoint": ["/bin/sh", "-c"], "Cmd": ["echo the image"], "Env": ["PATH=/bin", "MODE=image"],
                    "User": "web", "WorkingDir": "/srv"}}


# Version 2 of cgroups as in the guest; where this host has its controllers in version 1, that for the limits.
MOUNTS = """set -e
mount -t cgroup2 cgroup2 /sys/fs/cgroup
if [ "$1" = limits ] && ! grep -q memory /sys/fs/cgroup/cgroup.controllers; then
  mount -t tmpfs tmpfs /sys/fs/cgroup
  for one in cpu cpuacct memory pids devices; do
    mkdir /sys/fs/cgroup/$one; mount -t cgroup -o $one cgroup /sys/fs/cgroup/$one
  done
fi
mount --bind "$4" "$4"
mount --bind "$2" "$2"
for one in proc sys dev; do mount --rbind /$one "$2/$one"; done
mount --bind "$3/usr" "$2/usr"
mount --make-shared "$4"  # volumes are mounted there later
mount --bind "$4" "$2/$4"
shift 4
exec "$@"
"""


@pytest.fixture(scope="module", autouse=True)
def cgroups() -> None:
    """A host that lets nobody mount cgroups, as some containers are, can run no pod."""
    done = subprocess.run(["unshare", "--mount", "mount", "-t", "cgroup2", "cgroup2", "/sys/fs/cgroup"],
                          capture_output=True, text=True, timeout=20, check=False)
    if done.returncode != 0:
        pytest.skip(f"cgroups can't be mounted here: {done.stderr.strip()}")


def guest_packages() -> Path:
    """The guest's packages, unpacked."""
    fetched = fetch.obtain(LOCK)
    state = cache.file_key([LOCK, Path(debpkg.__file__)])
    return cache.directory("guest-packages", state,
                           lambda into: debpkg.unpack_all([one.file for one in fetched], into, "guest-packages"))


def guest_root(root: Path, folder: Path) -> None:
    """Makes a folder to be the root of crun, in which `folder` has the path that it has outside."""
    for name in ("usr", "proc", "sys", "dev", "etc", str(folder)[1:]):
        (root / name).mkdir(parents=True)
    for name in ("bin", "lib", "lib64", "sbin"):
        (root / name).symlink_to(f"usr/{name}")
    (root / "etc/hosts").write_text("127.0.0.1 localhost\n")
    (root / "etc/resolv.conf").write_text("nameserver 192.0.2.53\n")


# Inside the guest's root; on a host that may not raise the limit of open files, with that of the host.
CRUN = """#!/bin/sh
ulimit -n 1048576 2>/dev/null || {
  sed "s/: 1048576/: $(ulimit -Hn)/" <&3 >"$1.$$"
  exec 3<"$1.$$"
}
exec chroot "$1" /usr/bin/crun "$@"
"""


def bundle(folder: Path) -> None:
    """What a data hub leaves: the image's root and configuration."""
    root = folder / "rootfs"
    for name in ("bin", "etc", "proc", "sys", "dev", "srv", "tmp"):
        (root / name).mkdir(parents=True)
    shutil.copy(BUSYBOX, root / "bin/busybox")
    for tool in ("sh", "cat", "echo", "id", "grep", "env", "kill", "mount", "unshare", "chroot", "ls", "dd", "sleep", "tail", "touch"):
        (root / "bin" / tool).symlink_to("busybox")
    (root / "etc/passwd").write_text("root:x:0:0::/root:/bin/sh\nweb:x:33:34::/srv:/bin/sh\n")
    (root / "etc/group").write_text("root:x:0:\nweb:x:34:\nlogs:x:50:web\n")
    (folder / "image.json").write_text(json.dumps(IMAGE))


class Ended:
    """What a host got of a pod."""

    def __init__(self, lines: list[dict], console: str) -> None:
        self.console = console
        self.ends = {end["name"]: end for end in lines[-1]["ends"]}
        self.names = [end["name"] for end in lines[-1]["ends"]]
        self._pieces = lines[:-1]

    def wrote(self, name: str, stream: int = 1) -> str:
        place = self.names.index(name)
        return b"".join(base64.b64decode(piece["bytes"]) for piece in self._pieces
                        if (piece["container"], piece["stream"]) == (place, stream)).decode()


def run(tmp_path: Path, settings: str, names: tuple[str, ...] = ("main",), deaf: int = 0, cgroups: str = "v2") -> Ended:
    for name in names:
        bundle(tmp_path / "pod/bundles" / name)
    (tmp_path / "hallmark.toml").write_text("version = 1\n" + settings)
    root, folder = tmp_path / "guest", tmp_path / "pod"
    guest_root(root, folder)
    crun = tmp_path / "crun.sh"
    crun.write_text(CRUN.replace("$1", str(root)))
    crun.chmod(0o755)
    done = subprocess.run(["unshare", "--mount", "sh", "-c", MOUNTS, "sh", cgroups, root, guest_packages(), folder,
                           DRIVER, tmp_path / "hallmark.toml", folder, DIGEST, crun, str(deaf)],
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return Ended([json.loads(line) for line in done.stdout.splitlines()], done.stderr)


def container(script: str, more: str = "", name: str = "main") -> str:
    return (f"[[pod.container]]\nname = '{name}'\nimage = 'registry.example/app:1'\n"
            f"arguments = ['''{script}''']\n{more}\n")


def capabilities(status: str, which: str) -> set[int]:
    bits = int(next(line.split()[1] for line in status.splitlines() if line.startswith(which + ":")), 16)
    return {number for number in range(64) if bits >> number & 1}


OUTPUT = "[pod]\noutput = true\n"


def test_a_container_is_what_image_and_init_data_say(tmp_path: Path) -> None:
    script = "id; echo $MODE $NEW; pwd; cat /proc/sys/kernel/hostname; echo to stderr >&2; exit 7"
    pod = run(tmp_path, OUTPUT + container(script, "environment = { NEW = 'asked' }"))
    assert pod.wrote("main") == "uid=33(web) gid=34(web) groups=50(logs)\nimage asked\n/srv\nmain\n"
    assert pod.wrote("main", 2) == "to stderr\n"
    assert pod.ends["main"] == {"name": "main", "exit_status": 7, "lost": 0, "reason": ""}


def test_the_owner_overrules_the_image(tmp_path: Path) -> None:
    more = "command = ['/bin/sh', '-c']\nuser = '1000:1001'\nworking_directory = '/tmp'"
    pod = run(tmp_path, OUTPUT + container("id; pwd", more))
    assert pod.wrote("main") == "uid=1000 gid=1001\n/tmp\n"


def test_capabilities_are_the_default_ones_without_those_dropped(tmp_path: Path) -> None:
    more = "user = '0'\ncapabilities = ['CAP_NET_ADMIN']\ndrop_capabilities = ['CAP_NET_RAW']"
    status = run(tmp_path, OUTPUT + container("cat /proc/self/status", more)).wrote("main")
    for which in ("CapBnd", "CapEff", "CapPrm"):
        assert {CHOWN, KILL, NET_ADMIN} <= capabilities(status, which), which
        assert not {NET_RAW, SYS_ADMIN} & capabilities(status, which), which
        assert len(capabilities(status, which)) == 14, which
    assert "NoNewPrivs:\t1" in status


def test_a_user_who_is_not_root_has_what_was_asked_for_and_nothing_else(tmp_path: Path) -> None:
    more = "capabilities = ['CAP_NET_BIND_SERVICE']\ndrop_capabilities = ['ALL']"
    status = run(tmp_path, OUTPUT + container("cat /proc/self/status", more)).wrote("main")
    for which in ("CapBnd", "CapEff", "CapPrm", "CapInh", "CapAmb"):
        assert capabilities(status, which) == {NET_BIND_SERVICE}, which


def test_system_calls_are_filtered(tmp_path: Path) -> None:
    # A user namespace needs no capability: only the filter refuses it.
    pod = run(tmp_path, OUTPUT + container("cat /proc/self/status | grep Seccomp:; unshare -U true || echo refused"))
    assert pod.wrote("main") == "Seccomp:\t2\nrefused\n"
    assert "Operation not permitted" in pod.wrote("main", 2)


def test_a_capability_brings_its_system_calls(tmp_path: Path) -> None:
    script = "mount -t tmpfs x /tmp && echo mounted"
    pod = run(tmp_path, OUTPUT + container(script, "user = '0'\ncapabilities = ['CAP_SYS_ADMIN']"))
    assert pod.wrote("main") == "mounted\n", pod.wrote("main", 2)


def test_files_of_the_kernel_are_hidden_or_read_only(tmp_path: Path) -> None:
    script = """cat /proc/keys /proc/timer_list; ls /sys/firmware; echo 1 > /proc/sys/kernel/panic; echo 1 > /sys/kernel/profiling
                for device in /dev/*; do echo -n "$device "; done; echo $(ls /proc | grep -c '^[0-9]*$')"""
    pod = run(tmp_path, OUTPUT + container(script, "user = '0'"))
    devices = "console core fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero".split()
    *seen, processes = pod.wrote("main").split()
    assert set(seen) <= {f"/dev/{name}" for name in devices}, seen
    assert {"/dev/null", "/dev/shm", "/dev/pts"} <= set(seen)
    assert int(processes) <= 4  # its own alone
    assert pod.wrote("main", 2).count("Read-only file system") == 2, pod.wrote("main", 2)


def test_no_device_opens_but_the_usual_ones(tmp_path: Path) -> None:
    """Root may make a node for whatever device: of disks, and of what is decrypted on them."""
    script = """cd /tmp; busybox mknod mapper c 10 236; busybox mknod disk b 254 0; busybox mknod null c 1 3
                for node in mapper disk null; do (: < $node && echo $node opens) done"""
    pod = run(tmp_path, OUTPUT + container(script, "user = '0'"))
    assert pod.wrote("main") == "null opens\n"
    assert pod.wrote("main", 2).count("Operation not permitted") == 2, pod.wrote("main", 2)


def test_limits_are_those_of_the_cgroup(tmp_path: Path) -> None:
    script = """cd /sys/fs/cgroup; cat memory.max memory/memory.limit_in_bytes; cat pids.max pids/pids.max
                cat cpu.max; cat cpu/cpu.cfs_quota_us; (for i in 1 2 3 4 5 6 7 8 9; do sleep 1 & done)"""
    more = "user = '0'\nmemory_mib = 48\npids = 5\ncpu_percent = 50"
    pod = run(tmp_path, OUTPUT + container(script, more), cgroups="limits")
    assert pod.wrote("main").replace(" 100000", "") == f"{48 * 1024 * 1024}\n5\n50000\n", pod.wrote("main", 2)
    assert "fork" in pod.wrote("main", 2)


def test_names_are_resolved_as_in_the_guest(tmp_path: Path) -> None:
    pod = run(tmp_path, OUTPUT + container("cat /etc/resolv.conf /etc/hosts; echo >> /etc/hosts", "user = '0'"))
    assert pod.wrote("main") == "nameserver 192.0.2.53\n127.0.0.1 localhost\n"
    assert "Read-only" in pod.wrote("main", 2)


def test_memory_and_volumes_are_mounted(tmp_path: Path) -> None:
    mounts = """[[pod.container.mount]]
path = '/cache'
size_mib = 1
[[pod.container.mount]]
path = '/data'
volume = 'shared'
"""
    read_only = mounts.replace("volume = 'shared'", "volume = 'shared'\nread_only = true")
    writer = "touch /data/ready; dd if=/dev/zero of=/cache/file bs=1024 count=2048 2>/dev/null || echo full"
    reader = "while [ ! -e /data/ready ]; do sleep 0.1; done; touch /data/mine || echo refused"
    pod = run(tmp_path, "[pod]\noutput = true\n[[pod.volume]]\nname = 'shared'\nsize_mib = 2\n"
              + container(writer, mounts, "writer") + container(reader, read_only, "reader"), ("writer", "reader"))
    assert pod.wrote("writer") == "full\n"
    assert pod.wrote("reader") == "refused\n"


def test_sealed_values_are_opened(tmp_path: Path) -> None:
    pod = run(tmp_path, OUTPUT + container("echo $KEY, $PLAIN", "environment = { KEY = 'sealed.one', PLAIN = 'unsealed.two' }"))
    assert pod.wrote("main") == "opened one, unsealed.two\n"


@pytest.mark.parametrize(("more", "reason"), [
    ("environment = { KEY = 'sealed.no' }", "environment: KEY: the broker says no"),
    ("environment = { KEY = 'sealed.binary' }", "environment: KEY: the secret is not text"),
    (f"digest = 'sha256:{'cd' * 32}'", f"is {DIGEST}, init-data expects sha256:cdcd"),
    ("user = 'nobody'", "nobody"),
    ("command = ['/bin/none']", "/bin/none"),
])
def test_a_container_that_cannot_start_is_at_its_end_and_says_why(tmp_path: Path, more: str, reason: str) -> None:
    pod = run(tmp_path, OUTPUT + container("echo hello", more, "bad") + container("echo hello", "", "good"), ("bad", "good"))
    assert pod.ends["bad"]["exit_status"] == 125
    assert reason in pod.ends["bad"]["reason"]
    assert f"container bad: ended with status 125: {pod.ends['bad']['reason']}" in pod.console
    assert pod.wrote("bad") == ""
    assert (pod.ends["good"]["exit_status"], pod.wrote("good")) == (0, "hello\n")


def test_the_digest_that_was_expected(tmp_path: Path) -> None:
    assert run(tmp_path, OUTPUT + container("echo hello", f"digest = '{DIGEST}'")).wrote("main") == "hello\n"


def test_a_signal_is_128_and_its_number(tmp_path: Path) -> None:
    # The one that comes when memory is at its limit.
    more = "memory_mib = 48\ncommand = ['/bin/tail', '/dev/zero']\narguments = []"
    assert run(tmp_path, container("", more).replace("arguments = []\n", ""), cgroups="limits").ends["main"] == {
        "name": "main", "exit_status": 128 + 9, "lost": 0, "reason": ""}


def test_without_leave_nothing_that_was_written_goes_to_the_host(tmp_path: Path) -> None:
    pod = run(tmp_path, container("echo secret; echo secret >&2; dd if=/dev/zero bs=65536 count=64 2>/dev/null; exit 3"))
    assert pod.wrote("main") + pod.wrote("main", 2) == "" and "secret" not in pod.console
    assert pod.ends["main"] == {"name": "main", "exit_status": 3, "lost": 0, "reason": ""}


def test_a_host_that_takes_nothing_holds_nobody_up(tmp_path: Path) -> None:
    # 4 MiB, of which 256 KiB have room: the workload ends all the same, and every byte is there or counted.
    pod = run(tmp_path, OUTPUT + container("dd if=/dev/zero bs=65536 count=64 2>/dev/null; exit 4"), deaf=5000)
    assert pod.ends["main"]["exit_status"] == 4
    lost = pod.ends["main"]["lost"]
    assert lost > 3 * 1024 * 1024
    assert len(pod.wrote("main")) + lost == 64 * 65536


def test_a_host_that_reads_loses_nothing(tmp_path: Path) -> None:
    pod = run(tmp_path, OUTPUT + container("dd if=/dev/zero bs=65536 count=256 2>/dev/null"))
    assert len(pod.wrote("main")) == 256 * 65536 and pod.ends["main"]["lost"] == 0
