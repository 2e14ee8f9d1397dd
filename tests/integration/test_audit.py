# SPDX-License-Identifier: Apache-2.0
"""hallmark-audit on programs that the host's compiler made with one defect each."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("HALLMARK_BUILD", ROOT / "build"))
PROGRAM = BUILD / "image" / "audit" / "hallmark-audit"
GOOD = ["-O1", "-fPIE", "-pie", "-Wl,-z,relro,-z,now,-z,noexecstack"]
LIBC = "/usr/lib/x86_64-linux-gnu/libc.so.6"
LOADER = "/lib64/ld-linux-x86-64.so.2"

pytestmark = pytest.mark.skipif(not PROGRAM.is_file(), reason=f"{PROGRAM} is not built")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root with nothing but the C library and its loader."""
    folder = tmp_path / "root"
    for name in (LIBC, LOADER):
        target = folder / name.lstrip("/")
        target.parent.mkdir(parents=True)
        shutil.copyfile(os.path.realpath(name), target)
    (folder / "usr/bin").mkdir()
    return folder


@pytest.fixture
def libc_excepted(tmp_path: Path, root: Path) -> Path:
    """Exceptions for what this host's own C library does (Debian 12 links it without -z now)."""
    found = findings(root)
    file = tmp_path / "exceptions.json"
    file.write_text(json.dumps([{"file": one["file"], "rule": one["rule"], "why": "the host's"} for one in found]))
    return file


def audit(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=60, check=False)


def findings(root: Path, *arguments: str | Path) -> list[dict[str, str]]:
    done = audit(root, "--json", *arguments)
    assert done.returncode in (0, 1) and not done.stderr, done
    found = json.loads(done.stdout)["findings"]
    assert (done.returncode == 1) == bool(found)
    return found


def compiled(target: Path, *flags: str, source: str = "int main(void) { return 0; }") -> None:
    subprocess.run(["gcc", "-x", "c", "-", "-o", target, *flags], input=source, text=True, check=True, timeout=60)


TEXT_RELOCATION = "int main(void) { return 0; } __asm__(\".text\\n.globl t\\nt: .quad main\\n\");"


def test_library_is_unneeded_unless_a_program_leads_to_it(root, libc_excepted) -> None:
    library = "usr/lib/x86_64-linux-gnu/lib{}.so"
    first, second, nobody = (root / library.format(name) for name in ("first", "second", "nobody"))
    hardened = [*GOOD[:2], "-shared", *GOOD[3:], "-Wl,--no-as-needed"]
    compiled(second, *hardened, "-Wl,-soname,libsecond.so", source="int x;")
    compiled(first, *hardened, "-Wl,-soname,libfirst.so", "-xnone", second, source="int y;")
    compiled(nobody, *hardened, "-xnone", first, source="int z;")
    compiled(root / "usr/bin/x", *GOOD, "-Wl,--no-as-needed,--allow-shlib-undefined", "-xnone", first)
    found = findings(root, "--exceptions", libc_excepted)
    assert [(one["file"], one["rule"]) for one in found] == [("/usr/lib/x86_64-linux-gnu/libnobody.so", "unneeded")]


def test_static_pie_program_is_accepted_and_needs_no_library(root, libc_excepted) -> None:
    compiled(root / "usr/bin/x", *GOOD, "-static-pie")
    found = findings(root, "--exceptions", libc_excepted)
    assert found and all(one["rule"] == "unneeded" and "/lib" in one["file"] for one in found)


@pytest.mark.parametrize(
    ("rule", "flags", "source"),
    [
        (None, [], None),
        ("not-pie", ["-fno-pie", "-no-pie"], None),
        ("no-full-relro", ["-Wl,-z,norelro"], None),
        ("no-full-relro", ["-Wl,-z,lazy"], None),
        ("executable-stack", ["-Wl,-z,execstack"], None),
        ("search-path", ["-Wl,-rpath,/opt/lib"], None),
        ("search-path", ["-Wl,-rpath,$ORIGIN", "-Wl,--disable-new-dtags"], None),
        ("text-relocations", ["-Wl,-z,notext"], TEXT_RELOCATION),
        ("library-missing", ["-Wl,--no-as-needed", "-lm"], None),
        ("loader-missing", ["-Wl,--dynamic-linker,/lib/other-loader.so"], None),
    ],
)
def test_each_defect_is_found_by_its_rule(root, libc_excepted, rule, flags, source) -> None:
    compiled(root / "usr/bin/x", *GOOD, *flags, **({"source": source} if source else {}))
    found = findings(root, "--exceptions", libc_excepted)
    assert [(one["file"], one["rule"]) for one in found] == ([("/usr/bin/x", rule)] if rule else [])


def test_static_programs_are_judged_too(root, libc_excepted) -> None:
    compiled(root / "usr/bin/pie", *GOOD, "-static-pie")
    compiled(root / "usr/bin/static", "-O1", "-static", "-no-pie")
    found = findings(root, "--exceptions", libc_excepted)
    assert ("/usr/bin/static", "not-pie") in [(one["file"], one["rule"]) for one in found]
    assert not [one for one in found if one["file"] == "/usr/bin/pie"]


def test_object_files_have_no_place_in_a_root(root, libc_excepted) -> None:
    compiled(root / "usr/bin/x.o", "-c")
    found = findings(root, "--exceptions", libc_excepted)
    assert [(one["rule"], "type 1" in one["found"]) for one in found] == [("damaged", True)]


def test_one_line_for_each_finding(root, libc_excepted) -> None:
    compiled(root / "usr/bin/new\nline", *GOOD, "-Wl,-z,execstack")
    done = audit(root, "--exceptions", libc_excepted)
    lines = done.stdout.splitlines()
    assert done.returncode == 1 and len(lines) == 2
    assert lines[0].startswith("/usr/bin/new?line: executable-stack: ") and "noexecstack" in lines[0]
    assert "1 findings" in lines[1]


def test_exception_that_nothing_needs_is_an_error(root, tmp_path) -> None:
    file = tmp_path / "exceptions.json"
    file.write_text('[{"file": "/usr/bin/none", "rule": "not-pie", "why": "was there once"}]')
    done = audit(root, "--exceptions", file)
    assert (done.returncode, done.stdout) == (2, "")
    assert "/usr/bin/none (not-pie): no finding needs it" in done.stderr and done.stderr.count("\n") == 1


def test_wrong_requests() -> None:
    for arguments in ([], ["/nonexistent"], ["/usr", "--exceptions", "/nonexistent"], ["--what"]):
        done = audit(*arguments)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1), done
    assert "Example:" in audit("--help").stdout
