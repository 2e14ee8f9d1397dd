# SPDX-License-Identifier: Apache-2.0
"""Init-data documents, written without anything of this project."""

from pathlib import Path

# QEMU's user network, where 10.0.2.2 is this host.
HOST = "10.0.2.2"


def write_bare(path: Path, algorithm: str = "sha256") -> Path:
    """One that asks for nothing, and is bound nevertheless."""
    path.write_text(f'version = "0.1.0"\nalgorithm = "{algorithm}"\n[data]\n')
    return path


def write(path: Path, *, kbs: str, certificate: str, resource: str, algorithm: str = "sha256") -> Path:
    """A guest with a network by DHCP that asks this broker for one secret."""
    path.write_text(f"""version = "0.1.0"
algorithm = "{algorithm}"
[data]
"aa.toml" = '''
[token_configs.kbs]
url = "{kbs}"
cert = \"\"\"
{certificate}\"\"\"
'''
"cdh.toml" = '''
socket = "unix:///run/confidential-containers/cdh.sock"
[kbc]
name = "cc_kbc"
url = "{kbs}"
kbs_cert = \"\"\"
{certificate}\"\"\"
'''
"hallmark.toml" = '''
version = 1
network = {{ dhcp = true }}
[[secret]]
resource = "kbs:///{resource}"
'''
""")
    return path
