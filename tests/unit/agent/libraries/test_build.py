# SPDX-License-Identifier: Apache-2.0
"""agent/libraries: strict recipes, and libraries that can do what they were built for and nothing else."""

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
