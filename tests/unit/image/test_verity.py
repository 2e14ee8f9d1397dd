# SPDX-License-Identifier: Apache-2.0
"""image/verity.py: our hash tree against the definition, and against veritysetup."""

import hashlib

import pytest

from ci.lib.errors import Fault
from image import verity

SALT = bytes.fromhex("5a" * 32)


def block(number: int) -> bytes:
    return number.to_bytes(4, "little") * 1024


def salted(data: bytes) -> bytes:
    return hashlib.sha256(SALT + data).digest()


def write_blocks(file, count):
    file.write_bytes(b"".join(map(block, range(count))))
    return file


def test_one_level_is_what_the_kernel_documents(tmp_path):
    root, tree = verity.hash_tree(write_blocks(tmp_path / "data", 3), SALT)
    level = (salted(block(0)) + salted(block(1)) + salted(block(2))).ljust(4096, b"\0")
    assert tree == level
    assert root == salted(level).hex()


def test_two_levels_have_the_upper_one_first(tmp_path):
    root, tree = verity.hash_tree(write_blocks(tmp_path / "data", 129), SALT)  # 128 digests fill a block
    lower = b"".join(salted(block(number)) for number in range(129)).ljust(8192, b"\0")
    upper = (salted(lower[:4096]) + salted(lower[4096:])).ljust(4096, b"\0")
    assert tree == upper + lower
    assert root == salted(upper).hex()


@pytest.mark.parametrize("count", [2, 128, 129, 128 * 128 + 1])
def test_veritysetup_agrees(tmp_path, run_in_build_root, count):
    image, hashes = write_blocks(tmp_path / "data", count), tmp_path / "hashes"
    made = verity.make(image, hashes, run_in_build_root)
    assert (made.data_blocks, made.salt) == (count, hashlib.sha256(image.read_bytes()).hexdigest())
    # The kernel's own way to look at the tree, with a program that did not make it from our numbers.
    arguments = ["--no-superblock", "--hash=sha256", "--data-block-size=4096", "--hash-block-size=4096"]
    arguments += [f"--data-blocks={count}", f"--salt={made.salt}", "data", "hashes", made.root_hash]
    run_in_build_root(["veritysetup", "verify", *arguments], [(tmp_path, "/out", True)], "/out")


def test_veritysetup_that_answers_something_else_is_refused(tmp_path):
    image, hashes = write_blocks(tmp_path / "data", 2), tmp_path / "hashes"
    with pytest.raises(Fault, match="do not use this image"):
        verity.make(image, hashes, lambda argv, binds, workdir: "Root hash:      \t" + "00" * 32 + "\n")


@pytest.mark.parametrize("output", ["", "Root hash: 12", "Root hash: " + "AB" * 32, ("Root hash: " + "ab" * 32 + "\n") * 2])
def test_output_without_one_root_hash_is_refused(output):
    with pytest.raises(Fault, match="Root hash"):
        verity.root_hash_of_output(output)


@pytest.mark.parametrize("size", [0, 4096, 8191])
def test_image_of_broken_blocks_is_refused(tmp_path, size):
    (tmp_path / "data").write_bytes(bytes(size))
    with pytest.raises(Fault, match="whole blocks"):
        verity.make(tmp_path / "data", tmp_path / "hashes", lambda *_: "")
