# SPDX-License-Identifier: Apache-2.0
"""The project's own rules, numbered, as far as a machine can check them.

  /usr/bin/python3 ci/rules.py           every file; one line for each breach
  /usr/bin/python3 ci/rules.py --list    the rules
  /usr/bin/python3 ci/rules.py --json    the breaches as a list of objects: file, line, rule, message

Exit status: 0 none is broken; 1 one is; 2 the request is wrong.
"""

import argparse
import ast
import json
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

SPDX = "SPDX-License-Identifier: Apache-2.0"
LONGEST_FILE = 500
LONGEST_FUNCTION = 80
DEEPEST_NESTING = 4
CPP = (".cpp", ".hpp")
# Where includes may come from, besides the folder itself.
LAYERS = {
    "common": set(),
    "cli": {"common"},
    "measure": {"cli", "common"},
    "agent": {"common"},
    "relying-party": {"cli", "common"},
    "boot": {"cli", "common", "measure", "relying-party/verifier"},
}
# Header of the standard library → names that it declares.
DECLARED_IN = {
    "array": "array", "cstdint": "u?int(?:8|16|32|64)_t", "functional": "function", "memory": "unique_ptr|shared_ptr",
    "optional": "optional", "span": "span", "string": "string|to_string", "string_view": "string_view", "vector": "vector",
}

Breach = tuple[int, str]


@dataclass
class Source:
    """One file of the project: its path from the root, its text, and which paths there are at all."""

    path: PurePosixPath
    text: str
    known: frozenset[str]

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @property
    def is_python(self) -> bool:
        return self.path.suffix == ".py" or bool(re.match(r"#!.*python", self.text))

    @property
    def is_code(self) -> bool:
        """Written by hand, in a language that knows comments; what a program wrote to be compared with is not."""
        if "snapshots" in self.path.parts:
            return False
        return self.path.suffix in (*CPP, ".inc", ".py", ".sh", ".build", ".config") or self.text.startswith("#!")

    def matches(self, pattern: str) -> Iterator[tuple[int, re.Match]]:
        for number, line in enumerate(self.lines, 1):
            for match in re.finditer(pattern, line):
                yield number, match


def spdx(source: Source) -> Iterator[Breach]:
    """R1: a source file names its license in its first line (its second, where the first names the interpreter)."""
    if source.is_code and source.text:
        first = source.lines[1:2] if source.text.startswith("#!") else source.lines[:1]
        if not any(line.endswith(SPDX) for line in first):
            yield 1, f"expected '{SPDX}'"


def file_length(source: Source) -> Iterator[Breach]:
    """R2: over 500 lines are two files."""
    if source.is_code and len(source.lines) > LONGEST_FILE:
        yield LONGEST_FILE + 1, f"{len(source.lines)} lines, expected at most {LONGEST_FILE}"


def unfinished(source: Source) -> Iterator[Breach]:
    """R3: nothing is left for later in a comment."""
    for number, match in source.matches(r"\b(?:TO" r"DO|FIX" r"ME)\b"):
        yield number, f"found {match[0]}; do it, or write it down where work is planned"


def machine(source: Source) -> Iterator[Breach]:
    """R4: no path of one machine, no host of a package archive: they come from configuration and options."""
    for number, match in source.matches(r"(?<![\w.$}])/(?:work|home/(?!someone\b)\w+|root/\w)\b[^\s\"')]*"):
        yield number, f"found the path {match[0]}, which is one machine's"
    for number, match in source.matches(r"\b[\w-]+\.(?:debian\.org|ubuntu\.com)\b"):
        yield number, f"found the host {match[0]}, expected it to come from the host's apt configuration"


def includes(source: Source) -> Iterator[Breach]:
    """R5: includes are relative to the project's root, and a source file's own header comes first."""
    if source.path.suffix not in CPP:
        return
    own = str(source.path.with_suffix(".hpp"))
    first = True
    for number, match in source.matches(r'^#include ([<"])([^>"]+)[>"]'):
        quoted, name = match[1] == '"', match[2]
        if quoted and name not in source.known:
            yield number, f"'{name}' is not a file of the project, seen from its root"
        if first and source.path.suffix == ".cpp" and own in source.known and name != own:
            yield number, f"the first include is '{name}', expected '{own}': it proves that the header stands alone"
        first = False


def streams(source: Source) -> Iterator[Breach]:
    """R6: no streams of the standard library in what the guest is made of: they alone are 0.6 MB of it."""
    if source.path.parts[0] in ("common", "agent") and source.path.suffix in CPP:
        for number, match in source.matches(r"^#include <(?:iostream|[io]?fstream|[io]?stringstream|sstream)>"):
            yield number, f"found {match[0]}"


def wire_structures(source: Source) -> Iterator[Breach]:
    """R7: a structure of fixed-endian fields is closed by static_assert on its size."""
    if source.path.suffix not in CPP or source.path.parts[0] == "tests":
        return
    for match in re.finditer(r"^struct (\w+) \{\n(.*?)^\};", source.text, re.MULTILINE | re.DOTALL):
        if re.search(r"^\s+(?:Le|Be)(?:16|32|64)\b", match[2], re.MULTILINE):
            if not re.search(rf"static_assert\(sizeof\({match[1]}\) ==", source.text):
                yield source.text.count("\n", 0, match.start()) + 1, f"{match[1]}: no static_assert on its size"


def cpp_functions(source: Source) -> Iterator[Breach]:
    """As clang-format lays them out: from a line that ends in '{' to the '}' that stands below its begin."""
    begin, indent = 0, ""
    for number, line in enumerate(source.lines, 1):
        opening = re.match(r"( *)(?! |namespace|struct|class|enum|union|extern|template).*[)\w]\s*\{$", line)
        if begin and line.startswith(indent + "}"):
            if number - begin + 1 > LONGEST_FUNCTION:
                yield begin, f"a function of {number - begin + 1} lines, expected at most {LONGEST_FUNCTION}"
            begin = 0
        elif not begin and opening and "(" in line and len(opening[1]) <= 4:
            begin, indent = number, opening[1]
        elif begin and opening and re.search(r"\b(?:if|for|while|switch|do|else)\b", line):
            if (len(opening[1]) - len(indent)) // 4 > DEEPEST_NESTING:
                yield number, f"nested deeper than {DEEPEST_NESTING} levels"


def python_functions(source: Source) -> Iterator[Breach]:
    # Not `with`: it holds something open, nothing is decided or repeated.
    blocks = (ast.If, ast.For, ast.While, ast.Try)

    def deepest(node: ast.AST, depth: int) -> Iterator[Breach]:
        for child in ast.iter_child_nodes(node):
            # An elif is one level with its if.
            chained = isinstance(node, ast.If) and isinstance(child, ast.If) and node.orelse == [child]
            below = depth + (isinstance(child, blocks) and not chained)
            if below > DEEPEST_NESTING and below > depth:
                yield child.lineno, f"nested deeper than {DEEPEST_NESTING} levels"
            yield from deepest(child, below)

    for node in ast.walk(ast.parse(source.text)):
        if isinstance(node, ast.FunctionDef):
            length = node.end_lineno - node.lineno + 1
            if length > LONGEST_FUNCTION:
                yield node.lineno, f"{node.name}: {length} lines, expected at most {LONGEST_FUNCTION}"
            yield from deepest(node, 0)


def functions(source: Source) -> Iterator[Breach]:
    """R8: a function has at most 80 lines and nests at most 4 levels."""
    if source.path.suffix in CPP:
        yield from cpp_functions(source)
    elif source.is_python:
        yield from python_functions(source)


def layers(source: Source) -> Iterator[Breach]:
    """R9: measure, agent, relying-party stand apart; boot may use measure and the verifier; all common, but agent none of cli."""
    folder = source.path.parts[0]
    if source.path.suffix in CPP and folder in LAYERS:
        allowed = tuple(f"{other}/" for other in {folder, *LAYERS[folder]})
        for number, match in source.matches(r'^#include "((?:[^"/]+/)+)'):
            if not match[1].startswith(allowed):
                yield number, f"{folder}/ includes from {match[1]}"


def libraries(source: Source) -> Iterator[Breach]:
    """R10: nlohmann/json is reached through common/json.hpp only, CLI11 never from common or agent."""
    if source.path.suffix in CPP and str(source.path) != "common/json.hpp":
        for number, _ in source.matches(r"^#include [<\"]nlohmann/"):
            yield number, "expected common/json.hpp, which sets how errors are told"
    if source.path.parts[0] in ("common", "agent"):
        for number, _ in source.matches(r"^#include [<\"]CLI/"):
            yield number, "CLI11 is for host programs"


def headers(source: Source) -> Iterator[Breach]:
    """R11: a header is read once."""
    if source.path.suffix == ".hpp" and "#pragma once" not in source.lines:
        yield 1, "expected #pragma once"


def fuzz_targets(source: Source) -> Iterator[Breach]:
    """R12: a fuzz target begins with its attacker and its size cap."""
    if source.path.parent == PurePosixPath("tests/fuzz") and "const Target kTarget{" in source.text:
        for word in ("Attacker:", "Size cap:"):
            if not any(line.startswith(f"// {word}") for line in source.lines[:8]):
                yield 2, f"expected a line '// {word} …'"


def sorted_sources(source: Source) -> Iterator[Breach]:
    """R13: lists of files in meson.build are sorted, so that two changes rarely meet."""
    if source.path.name == "meson.build":
        for match in re.finditer(r"\bfiles\(\n(.*?)\)", source.text, re.DOTALL):
            names = re.findall(r"'([^']+)'", match[1])
            if names != sorted(names):
                unsorted = next(b for a, b in zip(names, names[1:]) if a > b)
                yield source.text.count("\n", 0, match.start()) + 1, f"'{unsorted}' is out of order"


def standard_headers(source: Source) -> Iterator[Breach]:
    """R14: a header includes what declares the names that it uses: compilers differ in what they bring along."""
    if source.path.suffix != ".hpp":
        return
    for header, names in DECLARED_IN.items():
        if f"#include <{header}>" not in source.lines:
            for number, match in source.matches(rf"^(?!\s*//).*?std::((?:{names})\b)"):
                yield number, f"found std::{match[1]}, expected #include <{header}>"
                break


RULES = [spdx, file_length, unfinished, machine, includes, streams, wire_structures, functions, layers, libraries,
         headers, fuzz_targets, sorted_sources, standard_headers]


def project_files(root: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in (".git", "__pycache__", ".pytest_cache")
                            and not (Path(folder) == root and name.startswith("build")))
        yield from (Path(folder, name) for name in sorted(names) if name != ".git")  # a file in a worktree


def check(root: Path) -> list[dict]:
    files = {str(path.relative_to(root)): path for path in project_files(root) if path.is_file()
             and not path.is_symlink()}
    known = frozenset(files)
    found = []
    for name, path in files.items():
        try:
            source = Source(PurePosixPath(name), path.read_text(), known)
        except UnicodeDecodeError:
            found.append({"file": name, "line": 1, "rule": "R0", "message": "not text; big files stay outside"})
            continue
        for rule in RULES:
            number = rule.__doc__.split(":")[0]
            found += [{"file": name, "line": line, "rule": number, "message": text} for line, text in rule(source)]
    return found


def main() -> int:
    parser = argparse.ArgumentParser(prog="rules", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true", help="print the rules")
    parser.add_argument("--json", action="store_true", help="print the breaches for machines")
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parent.parent, help="the project")
    arguments = parser.parse_args()
    if arguments.list:
        print("\n".join(rule.__doc__ for rule in RULES))
        return 0
    found = check(arguments.root)
    if arguments.json:
        print(json.dumps(found, indent=2))
    else:
        for breach in found:
            print("{file}:{line}: {rule}: {message}".format(**breach))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
