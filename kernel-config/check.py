# SPDX-License-Identifier: Apache-2.0
"""Proves that every line of every configuration fragment is in the final kernel configuration.

Kconfig drops in silence a line whose dependencies are off or whose symbol it does not know, and
sets what another option selects whatever the line says. So each line is an assertion about the
result: `CONFIG_X=y`, a number, a string, or `# CONFIG_X is not set`, to be found there exactly.

Example: python3 kernel-config/check.py --config build/kernel-config/kernel.config \\
             kernel-config/fragments/*.config
"""

import argparse
import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path

PROGRAM = "kernel-config"

_SET = re.compile(r'CONFIG_(\w+)=(y|m|-?\d+|0x[0-9A-Fa-f]+|"(?:[^"\\]|\\.)*")')
_UNSET = re.compile(r"# CONFIG_(\w+) is not set")
# What looks like an assertion is never taken for a remark.
_REMARK = re.compile(r"#(?!\s*CONFIG_\w)")
_KCONFIG_SYMBOL = re.compile(r"^\s*(?:menu)?config\s+(\w+)", re.MULTILINE)

NOT_SET = "is not set"
# Fewer assertions than this are not a kernel's configuration, but a mistake in naming the files.
LEAST = 100


class BadFragment(Exception):
    """A fragment that cannot be read as assertions; the message is one line with file and line."""


@dataclass(frozen=True)
class Assertion:
    """One line of a fragment: the symbol without CONFIG_, its value or NOT_SET, and where it is."""

    symbol: str
    value: str
    where: str


def parse_line(line: str) -> tuple[str, str] | None:
    """Symbol and value of a configuration line; None for a line that says nothing, or ValueError."""
    if match := _SET.fullmatch(line):
        return match[1], match[2]
    if match := _UNSET.fullmatch(line):
        return match[1], NOT_SET
    if not line or _REMARK.match(line):
        return None
    raise ValueError(line)


def parse_fragment(name: str, text: str) -> list[Assertion]:
    """The assertions of one fragment, in order."""
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        where = f"{name}:{number}"
        try:
            parsed = parse_line(line)
        except ValueError:
            raise BadFragment(f"{where}: found '{line}', expected CONFIG_X=y, =number, =\"string\", "
                              "'# CONFIG_X is not set' or a remark") from None
        if parsed is None:
            continue
        if parsed[1] == "m":
            raise BadFragment(f"{where}: found '{line}', expected no modules: write CONFIG_{parsed[0]}=y")
        found.append(Assertion(*parsed, where))
    return found


def merge(fragments: dict[str, str]) -> list[Assertion]:
    """All assertions of the fragments (name -> text), which must not contradict each other."""
    seen: dict[str, Assertion] = {}
    assertions = []
    for name in sorted(fragments):
        for assertion in parse_fragment(name, fragments[name]):
            first = seen.setdefault(assertion.symbol, assertion)
            if first.value != assertion.value:
                raise BadFragment(f"{assertion.where}: found {show(assertion.symbol, assertion.value)}, "
                                  f"expected {show(first.symbol, first.value)} as in {first.where}: "
                                  "keep one of them")
            assertions.append(assertion)
    if not assertions:
        raise BadFragment("found no assertion in any fragment, expected at least one: name the fragments")
    return assertions


def all_of(fragments: dict[str, str]) -> list[Assertion]:
    """The assertions of a whole kernel: as `merge`, and enough of them."""
    assertions = merge(fragments)
    if len(assertions) < LEAST:
        raise BadFragment(f"found {len(assertions)} assertions in {len(fragments)} fragments, expected at least {LEAST}: "
                          "name all fragments; one that is missing would pass in silence")
    return assertions


def parse_final(name: str, text: str) -> dict[str, str]:
    """The final configuration as symbol -> value or NOT_SET."""
    final = {}
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            parsed = parse_line(line)
        except ValueError:
            raise BadFragment(f"{name}:{number}: found '{line}', expected a kernel configuration") from None
        if parsed is not None:
            final[parsed[0]] = parsed[1]
    return final


def failures(assertions: list[Assertion], final: dict[str, str], known: set[str] | None = None) -> list[str]:
    """One line for each assertion that does not hold, and for each module in the result.

    `known` are the symbols that the kernel source declares; given, a misspelt symbol is told from
    one whose dependencies are off. A symbol that is not in the result at all, because what it depends on
    is off, is as good as not set; the line stays, for the day when the dependency comes on.
    """
    found = [_failure(assertion, final.get(assertion.symbol), known)
             for assertion in assertions if not _holds(assertion, final.get(assertion.symbol), known)]
    found += [f"final configuration: found CONFIG_{symbol}=m, expected no modules"
              for symbol, value in sorted(final.items()) if value == "m"]
    return found


def _holds(assertion: Assertion, got: str | None, known: set[str] | None) -> bool:
    if got is None:
        return assertion.value == NOT_SET and (known is None or assertion.symbol in known)
    return got == assertion.value


def _failure(assertion: Assertion, got: str | None, known: set[str] | None) -> str:
    wanted = show(assertion.symbol, assertion.value)
    if known is not None and assertion.symbol not in known:
        return f"{assertion.where}: unknown: no Kconfig file declares CONFIG_{assertion.symbol}: correct or remove it"
    if got is None:
        return (f"{assertion.where}: dropped: '{wanted}' is not in the final configuration: "
                "set what it depends on, or remove it")
    if assertion.value == NOT_SET:
        return (f"{assertion.where}: forced: '{wanted}' became '{show(assertion.symbol, got)}': "
                "turn off what selects it, or remove it")
    return (f"{assertion.where}: changed: '{wanted}' became '{show(assertion.symbol, got)}': "
            "look at its dependencies and range")


def show(symbol: str, value: str) -> str:
    """A configuration line as Kconfig writes it."""
    return f"# CONFIG_{symbol} is not set" if value == NOT_SET else f"CONFIG_{symbol}={value}"


def known_symbols(source: Path) -> set[str]:
    """Every symbol that a Kconfig file of a kernel source tree declares."""
    symbols: set[str] = set()
    for path in source.rglob("Kconfig*"):
        if path.is_file():
            symbols.update(_KCONFIG_SYMBOL.findall(path.read_text(errors="replace")))
    return symbols


def read_fragments(paths: list[Path]) -> dict[str, str]:
    """Fragment files as name -> text; two files of one name would hide each other."""
    texts: dict[str, str] = {}
    for path in paths:
        if path.name in texts:
            raise BadFragment(f"{path}: found a second fragment of this name, expected one: rename it")
        texts[path.name] = path.read_text(encoding="utf-8")
    return texts


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fragments", nargs="*", type=Path, metavar="FRAGMENT")
    parser.add_argument("--config", required=True, type=Path, help="the final configuration (.config)")
    parser.add_argument("--source", type=Path, help="kernel source tree: tells unknown symbols from dropped ones")
    parser.add_argument("--json", action="store_true", help="print the answer as JSON")
    return parser.parse_args()


def main() -> int:
    """0 when every assertion holds, 1 when one does not, 2 when the input cannot be read."""
    arguments = _arguments()
    try:
        assertions = merge(read_fragments(arguments.fragments))
        final = parse_final(str(arguments.config), arguments.config.read_text(encoding="utf-8"))
        known = known_symbols(arguments.source) if arguments.source else None
    except (BadFragment, OSError, UnicodeDecodeError) as error:
        print(f"{PROGRAM}: {error}", file=sys.stderr)
        return 2
    found = failures(assertions, final, known)
    if arguments.json:
        print(json.dumps({"holds": not found, "assertions": len(assertions), "failures": found}, indent=2))
    else:
        for line in found:
            print(f"{PROGRAM}: {line}", file=sys.stderr)
        print(f"{len(assertions)} assertions, {len(found)} failures")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
