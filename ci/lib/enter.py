# SPDX-License-Identifier: Apache-2.0
"""Runs one command in a root of its own: read-only but for what is bound in, with no network, and leaving nothing.

Run as a program by build_root.py, which gives it a job as JSON in its first argument. There are two ways in, which the
command can't tell apart: in a user namespace, or as root of the host. Either way it is user 0 without the privileges to
change owners, make devices or mount, and /proc, /dev and /tmp are new.
"""

import ctypes
import errno
import json
import os
import signal
import sys
from dataclasses import dataclass, replace

# <linux/sched.h>, <linux/mount.h>, <linux/prctl.h>, <linux/capability.h>
CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC = 0x00020000, 0x04000000, 0x08000000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT = 1, 2, 4, 8, 32
MS_BIND, MS_REC, MS_PRIVATE, MS_NOATIME, MS_NODIRATIME, MS_RELATIME = 4096, 16384, 1 << 18, 1024, 2048, 1 << 21
PR_SET_PDEATHSIG, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 1, 24, 38
MAX_CAPABILITIES = 64
KEPT_CAPABILITIES = {1, 2, 3, 4}  # to read and write files whoever owns them: DAC_*, FOWNER, FSETID
DEVICES = ("null", "zero", "full", "random", "urandom")
HOSTNAME = b"hallmark"

# The exit status by which the caller knows that the command was not reached; the reason is on stderr.
NOT_ENTERED = 213

_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Job:
    """What to run and where; binds are (path outside, path inside, read-only)."""

    way: str  # "user" or "root"
    root: str
    stage: str  # an empty folder to mount on
    argv: list[str]
    binds: list[tuple[str, str, bool]]
    workdir: str
    environment: dict[str, str]


def main() -> int:
    job = Job(**json.loads(sys.argv[1]))
    try:
        _die_with_parent()
        _separate(job.way)
        child = os.fork()  # the first process of the new PID namespace: all others in it end when it ends
        if child == 0:
            _first_process(job)
    except OSError as error:
        print(f"{error.filename or 'namespaces'}: {error.strerror}", file=sys.stderr)
        return NOT_ENTERED
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: os.kill(child, signal.SIGKILL))
    return _status(os.waitpid(child, 0)[1])


def _separate(way: str) -> None:
    user, group = os.geteuid(), os.getegid()
    parts = CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWNET
    _check("unshare", _libc.unshare(parts | (CLONE_NEWUSER if way == "user" else 0)))
    if way == "user":
        _write("/proc/self/setgroups", "deny")
        _write("/proc/self/uid_map", f"0 {user} 1")
        _write("/proc/self/gid_map", f"0 {group} 1")
    _check("sethostname", _libc.sethostname(HOSTNAME, len(HOSTNAME)))


def _first_process(job: Job) -> None:
    try:
        _die_with_parent()
        job = _private_mounts(job)
        _build(job)
        os.chroot(job.stage)
        os.chdir(job.workdir)
        _drop_privileges()
    except OSError as error:
        print(f"{error.filename or 'mounts'}: {error.strerror}", file=sys.stderr)
        os._exit(NOT_ENTERED)
    main_child = os.fork()
    if main_child == 0:
        _execute(job)
    while True:  # orphans come to the first process; the command's own end is the end
        child, status = os.wait()
        if child == main_child:
            os._exit(_status(status))


def _private_mounts(job: Job) -> Job:
    """From here on no mount is seen outside. Returns the job with its paths as they are now."""
    try:
        _mount("none", "/", "", MS_REC | MS_PRIVATE)
        return job
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
    # In a chroot "/" is no mount point, and a mount below it would be seen outside where the host shares its mounts.
    # Joining our own mount namespace leads to its real root, from where the chroot is a folder.
    here = os.open("/", os.O_PATH | os.O_DIRECTORY)
    namespace = os.open("/proc/self/ns/mnt", os.O_RDONLY)
    _check("setns", _libc.setns(namespace, CLONE_NEWNS))
    prefix = os.readlink(f"/proc/self/fd/{here}").rstrip("/")
    os.close(here)
    os.close(namespace)
    _mount("none", "/", "", MS_REC | MS_PRIVATE)
    binds = [(prefix + source, inside, read_only) for source, inside, read_only in job.binds]
    return replace(job, root=prefix + job.root, stage=prefix + job.stage, binds=binds)


def _build(job: Job) -> None:
    new = job.stage
    _mount("tmpfs", new, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755")
    for name in sorted(os.listdir(job.root)):
        source, target = os.path.join(job.root, name), os.path.join(new, name)
        if os.path.islink(source):
            os.symlink(os.readlink(source), target)
        elif os.path.isdir(source) and name not in ("proc", "sys", "dev", "tmp", "run"):
            os.mkdir(target)
            _bind(source, target, read_only=True)
    for name in ("proc", "dev", "tmp", "run", "sys"):
        os.makedirs(os.path.join(new, name), exist_ok=True)
    _proc(os.path.join(new, "proc"))
    _devices(os.path.join(new, "dev"))
    _mount("tmpfs", os.path.join(new, "tmp"), "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777")
    for source, inside, read_only in job.binds:
        target = os.path.join(new, inside.lstrip("/"))
        _point(source, target)
        _bind(source, target, read_only)
    _mount("none", new, "", MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV)


def _proc(target: str) -> None:
    try:
        # Read-only, or user 0 could set the kernel's switches in /proc/sys.
        _mount("proc", target, "proc", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC)
    except OSError:
        # Containers hide parts of /proc, and then the kernel gives a user namespace no new one.
        _mount("/proc", target, "", MS_BIND | MS_REC)
        _mount("none", target, "", MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC)


def _devices(target: str) -> None:
    _mount("tmpfs", target, "tmpfs", MS_NOSUID, "mode=755")
    for name in DEVICES:
        node = os.path.join(target, name)
        _point(f"/dev/{name}", node)
        _mount(f"/dev/{name}", node, "", MS_BIND)
    for link, end in (("fd", "/proc/self/fd"), ("stdin", "fd/0"), ("stdout", "fd/1"), ("stderr", "fd/2")):
        os.symlink(end, os.path.join(target, link))
    os.mkdir(os.path.join(target, "shm"), 0o1777)


def _point(source: str, target: str) -> None:
    """Make what `source` can be mounted on, if it is not there."""
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    elif not os.path.exists(target):
        os.makedirs(os.path.dirname(target), exist_ok=True)
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o644))


def _bind(source: str, target: str, read_only: bool) -> None:
    _mount(source, target, "", MS_BIND)
    # Flags that the mount has outside may not be taken away in a user namespace, so they are said again.
    flags = os.statvfs(target).f_flag
    kept = {os.ST_NOSUID: MS_NOSUID, os.ST_NODEV: MS_NODEV, os.ST_NOEXEC: MS_NOEXEC, os.ST_RDONLY: MS_RDONLY,
            os.ST_NOATIME: MS_NOATIME, os.ST_NODIRATIME: MS_NODIRATIME, os.ST_RELATIME: MS_RELATIME}
    again = sum(flag for known, flag in kept.items() if flags & known)
    _mount("none", target, "", MS_REMOUNT | MS_BIND | MS_NOSUID | again | (MS_RDONLY if read_only else 0))


def _drop_privileges() -> None:
    for capability in set(range(MAX_CAPABILITIES)) - KEPT_CAPABILITIES:
        # Refused with EINVAL for a capability that this kernel does not have.
        if _libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0 and ctypes.get_errno() != errno.EINVAL:
            _check("prctl", -1)
    _check("prctl", _libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))


def _execute(job: Job) -> None:
    os.umask(0o022)
    try:
        os.execvpe(job.argv[0], job.argv, job.environment)
    except OSError as error:
        print(f"{job.argv[0]}: {error.strerror}, expected a program of the build root", file=sys.stderr)
        os._exit(127)


def _die_with_parent() -> None:
    _check("prctl", _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0))


def _mount(source: str, target: str, kind: str, flags: int, options: str = "") -> None:
    data = options.encode() or None
    done = _libc.mount(source.encode(), target.encode(), kind.encode() or None, ctypes.c_ulong(flags), data)
    _check(f"mount {target}", done)


def _check(what: str, result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), what)


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="ascii") as out:
        out.write(text)


def _status(status: int) -> int:
    return os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)


if __name__ == "__main__":
    sys.exit(main())
