# SPDX-License-Identifier: Apache-2.0
"""Kernel command lines from the profiles in command-lines/, byte for byte as they are measured.

A profile is a text file. Lines that start with '#' are comments, the first of them '# describes: ...'. The other lines
are joined by one space. {name} stands for a verity parameter.
"""

import re
from dataclasses import asdict, dataclass
from pathlib import Path

from ci.lib.errors import Fault

from image import disk
from image.verity import Verity

_DESCRIBES = "# describes: "
_LIMIT = 2048  # characters: COMMAND_LINE_SIZE of x86, with the final zero; the kernel cuts off the rest in silence


@dataclass(frozen=True)
class CommandLine:
    name: str
    text: str
    describes: str


def read(folder: Path, verity: Verity) -> list[CommandLine]:
    """All profiles of `folder`, sorted by name."""
    lines = [render(file, verity) for file in sorted(folder.glob("*.txt"))]
    if not lines:
        raise Fault(f"{folder}: no profile (*.txt) found; at least one is needed to boot the guest")
    return lines


def named(lines: list[CommandLine], name: str) -> CommandLine:
    found = [line for line in lines if line.name == name]
    if not found:
        raise Fault(f"command-lines: no {name}.txt, expected it; known: {', '.join(line.name for line in lines)}")
    return found[0]


def render(file: Path, verity: Verity) -> CommandLine:
    lines = file.read_text(encoding="ascii").splitlines()
    described = next((line for line in lines if line.startswith(_DESCRIBES)), None)
    if described is None:
        raise Fault(f"{file}: no line '{_DESCRIBES}...'; say in one whose command line it is")
    template = " ".join(line for line in lines if not line.startswith("#"))
    text = re.sub(r"\{(.*?)\}", lambda found: _value(file, found[1], _values(verity)), template)
    if re.search(r"\{|\}|^ |  | $|[^ -~]", text) or not text:
        raise Fault(f"{file}: empty, or has a stray brace, an empty line, two spaces or a character that is not printable")
    if len(text) >= _LIMIT:
        raise Fault(f"{file}: {len(text)} characters, the kernel takes at most {_LIMIT - 1}")
    return CommandLine(file.stem, text, described.removeprefix(_DESCRIBES))


def _values(verity: Verity) -> dict[str, object]:
    return asdict(verity) | {
        "data_sectors": verity.data_blocks * verity.data_block_size // disk.SECTOR,
        "data_partition": disk.DATA_PARTITION,
        "hash_partition": disk.HASH_PARTITION,
    }


def _value(file: Path, name: str, values: dict[str, object]) -> str:
    if name not in values:
        raise Fault(f"{file}: unknown name {{{name}}}; known: {', '.join(sorted(values))}")
    return str(values[name])
