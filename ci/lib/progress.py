# SPDX-License-Identifier: Apache-2.0
"""Tells on stderr how far a long step is: one moving line on a terminal, a few plain lines elsewhere."""

import sys
import threading
import time

TERMINAL_INTERVAL_S = 0.1
PLAIN_INTERVAL_S = 5.0


def say(text: str) -> None:
    """One plain line about what happens now."""
    print(text, file=sys.stderr, flush=True)


class Progress:
    """Counts units of work; `advance` may be called from several threads.

    Nothing is printed for work that is over before the first interval, so that a cached run stays quiet.
    """

    def __init__(self, what: str, total: int, unit: str = "") -> None:
        self._what, self._total, self._unit = what, total, unit
        self._done = 0
        self._lock = threading.Lock()
        self._terminal = sys.stderr.isatty()
        self._interval = TERMINAL_INTERVAL_S if self._terminal else PLAIN_INTERVAL_S
        self._next = time.monotonic() + self._interval
        self._shown = False

    def advance(self, amount: int) -> None:
        with self._lock:
            self._done += amount
            if time.monotonic() >= self._next:
                self._show()

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            if self._shown:
                self._show()
                if self._terminal:
                    print(file=sys.stderr)

    def _show(self) -> None:
        share = 100 * self._done // self._total if self._total else 100
        line = f"{self._what}: {share:3d} % of {self._total} {self._unit}".rstrip()
        end = "" if self._terminal else "\n"
        print(("\r" if self._terminal else "") + line, end=end, file=sys.stderr, flush=True)
        self._next = time.monotonic() + self._interval
        self._shown = True
