# SPDX-License-Identifier: Apache-2.0
"""Each rule is broken once, in a small project that breaks no other; and the same without the breach passes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SPDX = "SPDX-License-Identifier: Apache-2.0"
RULES = Path(__file__).resolve().parents[3] / "ci/rules.py"


def cpp(body: str) -> str:
    return f"// {SPDX}\n{body}"


def header(body: str) -> str:
    return cpp(f"#pragma once\n{body}")


def python(body: str) -> str:
    return f"# {SPDX}\n{body}"


def nested(levels: int) -> str:
    lines = ["def f(a):"] + ["    " * (level + 1) + "if a:" for level in range(levels)]
    return python("\n".join([*lines, "    " * (levels + 1) + "pass"]) + "\n")


def nested_cpp(levels: int) -> str:
    opening = ["    " * (level + 1) + "if (a) {" for level in range(levels)]
    closing = ["    " * (level + 1) + "}" for level in reversed(range(levels))]
    return cpp("\n".join(["void f(bool a) {", *opening, *closing, "}"]) + "\n")


def long_cpp(lines: int, indent: str = "") -> str:
    return cpp(f"{indent}void f(int a) {{\n" + f"{indent}    g(a);\n" * (lines - 2) + f"{indent}}}\n")


WIRE = "struct Wire {\n    Le32 size;  // 00\n};\n"

# rule, file, what breaks it, what does not
CASES = [
    ("R14", "common/a.hpp", header("std::uint8_t a;\n"), header("#include <cstdint>\nstd::uint8_t a;\n")),
    ("R14", "common/a.hpp", header("std::string a();\n"), header("// std::string is not used\n")),
    ("R1", "common/a.cpp", "int a;\n", cpp("int a;\n")),
    ("R1", "ci/a", "#!/bin/sh\necho a\n", f"#!/bin/sh\n# {SPDX}\n"),
    ("R2", "common/a.cpp", cpp("int a;\n" * 500), cpp("int a;\n" * 499)),
    ("R3", "common/a.cpp", cpp("// TO" "DO: more\n"), cpp("// to do so\n")),
    ("R3", "ci/a.py", python("# FIX" "ME\n"), python("# fixed\n")),
    ("R4", "ci/a.py", python("A = '/wo" "rk/main'\n"), python("A = 'net/work/main'\n")),
    ("R4", "ci/a.py", python("A = '/ho" "me/me/x'\n"), python("A = HOME / 'x'\n")),
    ("R4", "README.md", "http://deb." "debian.org/debian\n", "http://ARCHIVE/debian\n"),
    ("R5", "common/a.cpp", cpp('#include "a.h"\n'), cpp("#include <a.h>\n")),
    ("R5", "common/b.cpp", cpp('#include <string>\n#include "common/b.hpp"\n'),
     cpp('#include "common/b.hpp"\n#include <string>\n')),
    ("R6", "agent/a.cpp", cpp("#include <iostream>\n"), cpp("#include <string>\n")),
    ("R7", "common/formats/a.hpp", header(WIRE), header(WIRE + "static_assert(sizeof(Wire) == 4);\n")),
    ("R8", "common/a.cpp", long_cpp(81), long_cpp(80)),
    ("R8", "common/a.cpp", long_cpp(81, "    "), long_cpp(80, "    ")),
    ("R8", "common/a.cpp", nested_cpp(5), nested_cpp(4)),
    ("R8", "ci/a.py", nested(5), nested(4)),
    ("R8", "ci/a.py", python("def f():\n" + "    g()\n" * 80), python("def f():\n" + "    g()\n" * 79)),
    ("R9", "common/a.cpp", cpp('#include "boot/c.hpp"\n'), cpp('#include "common/b.hpp"\n')),
    ("R9", "boot/a.cpp", cpp('#include "relying-party/keys/c.hpp"\n'), cpp('#include "relying-party/verifier/b.hpp"\n')),
    ("R9", "agent/a.cpp", cpp('#include "boot/c.hpp"\n'), cpp('#include "common/b.hpp"\n')),
    ("R9", "agent/a.cpp", cpp('#include "cli/c.hpp"\n'), cpp('#include "common/b.hpp"\n')),
    ("R9", "cli/a.cpp", cpp('#include "measure/c.hpp"\n'), cpp('#include "common/b.hpp"\n')),
    ("R10", "boot/a.cpp", cpp("#include <nlohmann/json.hpp>\n"), cpp("#include <CLI/CLI.hpp>\n")),
    ("R10", "agent/a.cpp", cpp("#include <CLI/CLI.hpp>\n"), cpp("")),
    ("R11", "common/a.hpp", cpp("int a();\n"), header("int a();\n")),
    ("R12", "tests/fuzz/a.cpp", cpp("// Size cap: 1 KiB\nconst Target kTarget{};\n"),
     cpp("// Attacker: a host\n// Size cap: 1 KiB\nconst Target kTarget{};\n")),
    ("R13", "common/meson.build", python("files(\n  'b.cpp',\n  'a.cpp',\n)\n"),
     python("files(\n  'a.cpp',\n  'b.cpp',\n)\n")),
]


def broken_rules(root: Path, name: str, text: str) -> tuple[int, list[str]]:
    headers = ("common/b.hpp", "boot/c.hpp", "cli/c.hpp", "measure/c.hpp", "relying-party/keys/c.hpp",
               "relying-party/verifier/b.hpp")
    files = {**dict.fromkeys(headers, header("")), name: text}
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(content)
    done = subprocess.run([sys.executable, RULES, "--json", "--root", root], capture_output=True, text=True)
    assert done.stderr == ""
    return done.returncode, [breach["rule"] for breach in json.loads(done.stdout)]


@pytest.mark.parametrize(("rule", "name", "breach", "good"), CASES, ids=[f"{c[0]}-{i}" for i, c in enumerate(CASES)])
def test_rule(tmp_path: Path, rule: str, name: str, breach: str, good: str) -> None:
    status, rules = broken_rules(tmp_path, name, breach)
    assert (status, set(rules)) == (1, {rule})
    assert broken_rules(tmp_path, name, good) == (0, [])


def test_every_rule_is_broken_once() -> None:
    listed = subprocess.run([sys.executable, RULES, "--list"], capture_output=True, text=True, check=True).stdout
    assert [line.split(":")[0] for line in listed.splitlines()] == sorted({c[0] for c in CASES}, key=lambda r: int(r[1:]))


def test_a_file_that_is_not_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "common").mkdir()
    (tmp_path / "common/blob").write_bytes(b"\xff\xfe\x00")
    assert broken_rules(tmp_path, "ci/a.py", python("")) == (1, ["R0"])
