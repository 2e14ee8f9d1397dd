# SPDX-License-Identifier: Apache-2.0
"""agent/libraries: strict recipes, and libraries that can do what they were built for and nothing else."""

import io
import tarfile
import zipfile

import pytest

from ci.lib import build_root, fetch
from ci.lib.errors import Fault
from tests.support.modules import load

build = load("agent/libraries/build.py")

GOOD = """[flags]
compiler = ["-Os"]
[[library]]
source = "x"
folder = "."
target = "x.la"
archive = "x.a"
headers = "x.h"
[[library.configure]]
why = "because"
arguments = ["--y"]
"""
LINKED = ["-Os", "-fPIE", "-pie", "-Wl,--gc-sections", "-Wl,-z,relro,-z,now", "-I/libraries/include"]

CURL = """#include <curl/curl.h>
#include <stdio.h>
int main(void) {
    CURL* curl = curl_easy_init();
    const curl_version_info_data* about = curl_version_info(CURLVERSION_NOW);
    for (int i = 0; about->protocols[i]; ++i) printf("%s ", about->protocols[i]);
    curl_easy_setopt(curl, CURLOPT_URL, "file:///etc/passwd");
    printf("%d %d", curl_easy_perform(curl) == CURLE_UNSUPPORTED_PROTOCOL, (about->features & CURL_VERSION_SSL) != 0);
}
"""
ARCHIVE = """#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
int main(int argc, char** argv) {
    struct archive* archive = archive_read_new();
    struct archive_entry* entry;
    archive_read_support_format_tar(archive);
    if (argc != 2 || archive_read_open_filename(archive, argv[1], 4096) != ARCHIVE_OK) return puts("refused"), 1;
    while (archive_read_next_header(archive, &entry) == ARCHIVE_OK) printf("%s ", archive_entry_pathname(entry));
    if (archive_errno(archive) != 0) return puts("refused"), 1;
    return 0;
}
"""


@pytest.mark.parametrize("change, message", [
    (('why = "because"', 'why = ""'), "expected why and arguments"),
    (('why = "because"\n', ""), "expected why and arguments"),
    (('folder = "."', 'directory = "."'), "library x: keys"),
    (("[flags]", "[flag]"), "expected .flags."),
    (("[flags]", "[flags"), "recipes.toml: "),
])
def test_recipe_that_is_not_whole_is_refused(tmp_path, change, message):
    file = tmp_path / "recipes.toml"
    file.write_text(GOOD)
    assert build.read_recipes(file)[1][0].configure == ("--y",)
    file.write_text(GOOD.replace(*change))
    with pytest.raises(Fault, match=message):
        build.read_recipes(file)


@pytest.fixture(scope="module")
def libraries():
    """The built libraries; a skip that says why where their sources can't be had, never where the build fails."""
    try:
        build_root.identity()
        fetch.obtain(build.HERE / "packages.lock")
    except Fault as fault:
        pytest.skip(f"no libraries: {fault}")
    return build.obtain()


@pytest.fixture
def run(libraries, tmp_path):
    """(argv) -> exit status and output inside the build root, in a folder of the test's own, seen there as /here."""

    def inside(*argv):
        with (tmp_path / "output").open("w+b") as output:
            binds = [(libraries, "/libraries", True), (tmp_path, "/here", False)]
            status = build_root.run(list(argv), binds=binds, workdir="/here", output=output)
            output.seek(0)
            return status, output.read().decode(errors="replace").strip()

    return inside


def compiled(run, tmp_path, source, *libraries):
    (tmp_path / "x.c").write_text(source)
    return run("gcc", *LINKED, "x.c", "-o", "x", *libraries)


def test_curl_knows_http_and_https_and_nothing_else(run, tmp_path):
    assert compiled(run, tmp_path, CURL, "/libraries/libcurl.a", "-lssl", "-lcrypto") == (0, "")
    assert run("./x") == (0, "http https 1 1")


def test_libarchive_reads_a_tar_and_refuses_a_zip(run, tmp_path):
    assert compiled(run, tmp_path, ARCHIVE, "/libraries/libarchive.a") == (0, "")
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        for name in ("one", "two"):
            member = tarfile.TarInfo(name)
            member.size = 3
            archive.addfile(member, io.BytesIO(b"abc"))
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("one", "abc")
    assert run("./x", "a.tar") == (0, "one two")
    assert run("./x", "a.zip") == (1, "refused")


@pytest.mark.parametrize("function", ["archive_read_support_format_zip", "archive_read_support_filter_all", "archive_write_new"])
def test_program_that_wants_more_of_libarchive_does_not_link(run, tmp_path, function):
    status, said = compiled(run, tmp_path, f"int {function}();\nint main() {{ return {function}(0); }}", "/libraries/libarchive.a")
    assert status != 0 and f"undefined reference to `{function}'" in said
