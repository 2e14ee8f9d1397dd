# SPDX-License-Identifier: Apache-2.0
"""The order of Debian versions: Debian Policy 4.7, section 5.6.12."""

import re
from functools import lru_cache

_RELATIONS = {
    "<<": lambda order: order < 0,
    "<=": lambda order: order <= 0,
    "=": lambda order: order == 0,
    ">=": lambda order: order >= 0,
    ">>": lambda order: order > 0,
}

Key = tuple[int, tuple, tuple]


@lru_cache(maxsize=1 << 16)
def key(version: str) -> Key:
    """A value that compares as the version does: epoch, upstream version, revision."""
    epoch, colon, rest = version.partition(":")
    if not colon:
        epoch, rest = "0", version
    upstream, _, revision = rest.rpartition("-") if "-" in rest else (rest, "", "")
    return int(epoch) if epoch.isdecimal() else 0, _part(upstream), _part(revision or "0")


def satisfies(version: str, relation: str, wanted: str) -> bool:
    """Whether `version relation wanted`, where relation is one of << <= = >= >>."""
    left, right = key(version), key(wanted)
    return _RELATIONS[relation]((left > right) - (left < right))


def _part(text: str) -> tuple:
    # "First the initial part of each string consisting entirely of non-digit characters is determined ... then the
    # initial part of the remainder which consists entirely of digit characters", and so on in turns.
    pairs = re.findall(r"([^0-9]*)([0-9]*)", text)
    return tuple((_letters(letters), int(digits or 0)) for letters, digits in pairs if letters or digits) + ((_END, 0),)


def _letters(text: str) -> tuple[int, ...]:
    # "... all the letters sort earlier than all the non-letters and so that a tilde sorts before anything, even the
    # end of a part." The end is 0.
    return tuple(-1 if c == "~" else ord(c) if c.isalpha() else ord(c) + 256 for c in text) + (0,)


_END = (0,)
