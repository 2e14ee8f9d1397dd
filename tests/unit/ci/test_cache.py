# SPDX-License-Identifier: Apache-2.0
"""An entry of the cache is whole or not there."""

import subprocess
import sys
import threading

import pytest

from ci.lib import cache

pytestmark = pytest.mark.usefixtures("private_cache")


def test_made_once():
    made = []

    def make(into):
        made.append(into)
        (into / "file").write_text("x")

    assert (cache.directory("kind", "key", make) / "file").read_text() == "x"
    assert cache.directory("kind", "key", make) == cache.root() / "kind/key"
    assert len(made) == 1


def test_failure_leaves_nothing():
    def make(into):
        (into / "folder").mkdir()
        (into / "folder/file").write_text("half")
        (into / "folder").chmod(0o555)
        raise RuntimeError("no space")

    with pytest.raises(RuntimeError):
        cache.directory("kind", "key", make)
    assert [path.name for path in (cache.root() / "kind").iterdir()] == [".key.lock"]


def test_two_at_once_make_it_once():
    made, results = [], []
    started = threading.Event()

    def make(into):
        started.set()
        made.append(into)
        (into / "file").write_text("x")

    threads = [threading.Thread(target=lambda: results.append(cache.directory("kind", "key", make))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1 and len(set(results)) == 1


def test_leftovers_of_a_killed_build_go():
    killed = """if True:
        import os, signal
        from ci.lib import cache
        cache.directory('kind', 'key', lambda into: ((into/'half').touch(), os.kill(os.getpid(), signal.SIGKILL)))"""
    assert subprocess.run([sys.executable, "-c", killed], check=False).returncode == -9
    assert len(list((cache.root() / "kind").glob(".key.*.part"))) == 1
    entry = cache.directory("kind", "key", lambda into: None)
    assert list(entry.iterdir()) == [] and not list((cache.root() / "kind").glob(".key.*.part"))
