# SPDX-License-Identifier: Apache-2.0
"""python3 -m tests.support.lonely_registry FOLDER DRIVER: a registry at an address that is not this machine's to its
clients, which leads them to a name behind which this machine is; and what the driver says of it.

It runs in a network and a mount namespace of its own: unshare --map-root-user --net --mount."""

import fcntl
import json
import socket
import struct
import subprocess
import sys
from pathlib import Path

from tests.support.registries import ADDRESS, Certificate, Image, Told, digest_of, ranged, says

SIOCSIFFLAGS, SIOCSIFADDR, IFF_UP = 0x8914, 0x8916, 1  # netdevice(7)
NAME = "innocent.example"


def give_address() -> None:
    """A second one to the loopback interface, so that no packet leaves it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sH22x", b"lo", IFF_UP))
        address = struct.pack("16sHH4s16x", b"lo:1", socket.AF_INET, 0, socket.inet_aton(ADDRESS))
        fcntl.ioctl(control, SIOCSIFADDR, address)


def main() -> None:
    folder, driver = Path(sys.argv[1]), sys.argv[2]
    hosts = folder / "hosts"
    hosts.write_text(f"127.0.0.1 {NAME}\n{ADDRESS} elsewhere.example\n")
    subprocess.run(["mount", "--bind", hosts, "/etc/hosts"], check=True)
    give_address()
    certificate, image = Certificate(folder / "certificate"), Image([b"a layer"])
    blob = f"/v2/a/blobs/{digest_of(image.layers[0])}"
    told = {}
    with Told(certificate, ADDRESS) as registry, Told(certificate) as local:
        registry.offer("a", image)
        local.answers["/x"] = ranged(image.layers[0])
        conf = folder / "registries.conf"  # whatever certificate: the name of the other place has none
        conf.write_text(f"[[registry]]\nlocation = '{registry.host}'\ninsecure = true\n")
        for name, port in ((NAME, local.port), ("elsewhere.example", registry.port)):
            registry.answers[blob] = says(b"", 307, Location=f"https://{name}:{port}/x")
            registry.answers["/x"] = ranged(image.layers[0])
            done = subprocess.run([driver, "--conf", conf, "--attempts", "1", "pull", f"{registry.host}/a:1", folder],
                                  capture_output=True, text=True, timeout=60, check=False)
            told[name] = {"status": done.returncode, "stderr": done.stderr}
        told["asked"] = local.paths()
    print(json.dumps(told))


if __name__ == "__main__":
    main()
