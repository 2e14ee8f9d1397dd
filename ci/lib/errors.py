# SPDX-License-Identifier: Apache-2.0
"""How the build's programs fail: one line on stderr, exit status 2."""

import sys
from collections.abc import Callable


class Fault(Exception):
    """The request, an input or the environment is wrong.

    The message is the one line that the user reads: where, what was found, what was expected, what to do.
    """


def run(program: str, main: Callable[[], int | None]) -> None:
    """Run `main` as the whole program: its result is the exit status, a Fault is exit status 2."""
    try:
        status = main() or 0
    except Fault as fault:
        print(f"{program}: {fault}", file=sys.stderr)
        status = 2
    except KeyboardInterrupt:
        print(f"{program}: interrupted", file=sys.stderr)
        status = 130
    sys.exit(status)
