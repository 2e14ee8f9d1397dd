# SPDX-License-Identifier: Apache-2.0
"""Puts the guest together: root tree, EROFS, verity, disk, UKI, manifest, all into one directory.

Example:
  python3 -m image.assemble --version 0.1.0 --guest-binary build/agent/hallmark-guest --audit build/image/audit/hallmark-audit \\
      --kernel build/kernel-config/vmlinuz \\
      --firmware-amdsev build/firmware/OVMF.amdsev.fd --firmware-generic build/firmware/OVMF.fd \\
      --inputs build/firmware/firmware-inputs.json --inputs build/kernel-config/kernel-inputs.json --into build/guest
"""

import argparse
import filecmp
import functools
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from ci.lib import build_root, cache, errors, fetch

from image import (
    auditing,
    boot_paths,
    command_lines,
    disk,
    esp,
    filesystem,
    kata_agent,
    kata_contract,
    manifest,
    plan,
    root,
    tools,
    tree,
    uki,
    verity,
)

HERE = Path(__file__).resolve().parent
# A change in how a disk is made must not find the disk of before in the cache.
MAKERS = ("assemble.py", "disk.py", "filesystem.py", "tools.py", "verity.py")
UKI_MAKERS = ("assemble.py", "disk.py", "esp.py", "tools.py", "uki.py")
GUEST_BINARY = "/usr/bin/hallmark-guest"
OS_RELEASE = HERE / "overlay/usr/lib/os-release"


def main(arguments: list[str] | None = None) -> int:
    options = parse(arguments)
    for file in (options.guest_binary, options.kernel, options.firmware_amdsev, options.firmware_generic):
        if not file.is_file() or file.stat().st_size == 0:
            raise errors.Fault(f"{file}: missing or empty, expected one of the guest's parts; build it first")
    packages = fetch.obtain(options.packages)
    with tempfile.TemporaryDirectory(prefix="hallmark-root-") as scratch:
        tree_root = Path(scratch) / "root"
        tree_root.mkdir()
        programs, overlays, agent_inputs = with_agent(options, Path(scratch))
        checks = [functools.partial(auditing.audit, options.audit), kata_contract.require]
        files = [package.file for package in packages]
        root.make(files, plan.read(HERE / "root.toml"), overlays, programs, tree_root, checks)
        made = cached_disk(tree_root)
    parameters = verity.Verity(**json.loads((made / "verity.json").read_text()))
    lines = command_lines.read(HERE / "command-lines", parameters)
    made_uki = cached_uki(options.kernel, command_lines.named(lines, boot_paths.UKI_COMMAND_LINE).text)
    artefacts = {
        "kernel": options.kernel,
        "firmware_amdsev": options.firmware_amdsev,
        "firmware_generic": options.firmware_generic,
        "disk": made / "guest.img",
        "uki": made_uki / "guest.efi",
        "uki_disk": made_uki / "guest-uki.img",
    }
    inputs = fetch.record(packages, "root") + fetch.record(fetch.obtain(build_root.LOCK), "build-root")
    inputs += agent_inputs
    inputs += [row for file in options.inputs for row in manifest.read_inputs(file)]
    text = manifest.render(options.version, artefacts, parameters, lines, inputs, build_root.versions())
    publish(artefacts, text, options.into)
    if options.stamp:
        replace_with(options.stamp, text.encode())
    size = parameters.data_blocks * filesystem.BLOCK / 2**20
    print(f"image: {options.into}: root {size:.1f} MiB, root hash {parameters.root_hash}")
    return 0


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="image.assemble", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--version", required=True, help="the project's version, for the manifest")
    parser.add_argument("--guest-binary", type=Path, required=True, help="becomes /usr/bin/hallmark-guest")
    parser.add_argument("--audit", type=Path, required=True, help="hallmark-audit, which judges every file of the root")
    parser.add_argument("--kata-agent", type=Path, help="a stock kata-agent, becomes /usr/bin/kata-agent (default: none)")
    parser.add_argument("--kata-agent-sha256", default="", help="SHA-256 of that file, in hex")
    parser.add_argument("--kernel", type=Path, required=True, help="becomes vmlinuz")
    parser.add_argument("--firmware-amdsev", type=Path, required=True, help="becomes OVMF.amdsev.fd, for SNP")
    parser.add_argument("--firmware-generic", type=Path, required=True, help="becomes OVMF.fd, for TDX")
    parser.add_argument(
        "--inputs", type=Path, action="append", default=[], help="JSON list of locked inputs, of firmware or kernel"
    )
    parser.add_argument("--packages", type=Path, default=HERE / "packages.lock", help="lock of the root's packages")
    parser.add_argument("--into", type=Path, required=True, help="directory of the guest")
    parser.add_argument("--stamp", type=Path, help="a copy of the manifest, written last: for build tools that watch one file")
    return parser.parse_args(arguments)


def with_agent(options: argparse.Namespace, scratch: Path) -> tuple[dict[str, Path], list[Path], list[dict]]:
    """The root's programs of ours, its overlays, and the rows for `inputs` that the kata-agent brings, if there is one."""
    programs, overlays = {GUEST_BINARY: options.guest_binary}, [HERE / "overlay"]
    if not options.kata_agent:
        return programs, overlays, []
    agent = kata_agent.take(options.kata_agent, options.kata_agent_sha256, scratch)
    programs[kata_contract.AGENT] = agent
    return programs, [*overlays, HERE / "overlay-kata-agent"], [kata_agent.record(agent, options.kata_agent_sha256)]


def cached_disk(tree_root: Path) -> Path:
    """A directory with guest.img and verity.json (the fields of verity.Verity) for this tree."""
    identity = tree.identity(tree_root)
    return cache.directory("image", cache_key(MAKERS, identity), lambda made: make_disk(tree_root, identity, made))


def make_disk(tree_root: Path, identity: str, made: Path) -> None:
    image, hashes = made / "root.erofs", made / "root.hashes"
    filesystem.make(tree_root, identity, image, tools.run)
    parameters = verity.make(image, hashes, tools.run)
    disk.make(image, hashes, parameters.root_hash, made / "guest.img")
    (made / "verity.json").write_text(json.dumps(asdict(parameters)))
    image.unlink()
    hashes.unlink()


def cached_uki(kernel: Path, command_line: str) -> Path:
    """A directory with guest.efi and guest-uki.img for this kernel and command line."""
    identity = "\0".join([cache.file_key([kernel, OS_RELEASE]), command_line])
    return cache.directory("uki", cache_key(UKI_MAKERS, identity), lambda made: make_uki(kernel, command_line, made))


def make_uki(kernel: Path, command_line: str, made: Path) -> None:
    uki.make(kernel, command_line, OS_RELEASE, made / "guest.efi", tools.run)
    esp.make(made / "guest.efi", made / "guest-uki.img", tools.run)


def cache_key(makers: tuple[str, ...], identity: str) -> str:
    """Hex, over what goes in (as `identity`), the build root's tools, and the files of image/ that say how."""
    key = hashlib.sha256(identity.encode() + build_root.identity().encode())
    for name in makers:
        key.update((HERE / name).read_bytes())
    return key.hexdigest()


def publish(artefacts: dict[str, Path], manifest_text: str, into: Path) -> None:
    """Puts the files under their final names, each at once or not at all; the manifest last, when all it names is there."""
    into.mkdir(parents=True, exist_ok=True)
    for key, name in manifest.ARTEFACTS.items():
        target = into / name
        if not target.is_file() or not filecmp.cmp(artefacts[key], target, shallow=False):
            _rename_into_place(target, lambda temporary, source=artefacts[key]: shutil.copyfile(source, temporary))
    replace_with(into / "manifest.json", manifest_text.encode())


def replace_with(target: Path, content: bytes) -> None:
    if not target.is_file() or target.read_bytes() != content:
        _rename_into_place(target, lambda temporary: temporary.write_bytes(content))


def _rename_into_place(target: Path, write: Callable[[Path], object]) -> None:
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        write(temporary)
        temporary.chmod(0o644)
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        temporary.replace(target)
    except OSError as error:
        raise errors.Fault(f"{target}: {error.strerror or error}; what was there before is unchanged") from error
    finally:
        temporary.unlink(missing_ok=True)


if __name__ == "__main__":
    errors.run("image", main)
