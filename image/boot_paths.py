# SPDX-License-Identifier: Apache-2.0
"""How the guest may be started, and which measurement covers which part of it, for the manifest.

A measurement that covers nothing of a path has an empty list: what boots may then be anything, as far as it can tell.
Sources: SEV-SNP firmware ABI 1.58, section 8.17; UEFI 2.10, section 38.4.1 (PCR 0 is MRTD, 1 and 7 RTMR0, 2 to 6 RTMR1,
8 to 15 RTMR2); systemd-stub(7) of systemd 257; Linux, drivers/firmware/efi/libstub (LoadOptions into PCR 9). The PCRs of
the UKI are those that tests/boot/test_uki_boot.py sees in a TPM.
"""

MEASUREMENTS = (
    "snp_launch_digest", "tdx_mrtd", "tdx_rtmr1", "tdx_rtmr2", "vtpm_pcr4", "vtpm_pcr9", "vtpm_pcr11", "vtpm_pcr12",
)  # fmt: skip

# What a measurement can cover beside artefacts: the command line that the kernel gets, and what firmware tables
# (SMBIOS) or other files of the EFI system partition add to that of the UKI.
COMMAND_LINE, ADDITIONS = "command_line", "command_line_additions"

DIRECT = {
    "artefacts": ["firmware_amdsev", "firmware_generic", "kernel", "disk"],
    "covered_by": {
        "snp_launch_digest": ["firmware_amdsev", "kernel", COMMAND_LINE],
        "tdx_mrtd": ["firmware_generic"],
        "tdx_rtmr1": ["kernel"],
        "tdx_rtmr2": [COMMAND_LINE],
        "vtpm_pcr4": ["kernel"],
        "vtpm_pcr9": [COMMAND_LINE],
        "vtpm_pcr11": [],
        "vtpm_pcr12": [],
    },
    "describes": "QEMU loads firmware, kernel and command line (SNP: OVMF.amdsev.fd with kernel-hashes=on; TDX: OVMF.fd). "
    "The disk's root is covered by the root hash in the command line.",
}
UKI = {
    "artefacts": ["firmware_generic", "kernel", "disk", "uki", "uki_disk"],
    "covered_by": {
        "snp_launch_digest": ["firmware_generic"],
        "tdx_mrtd": ["firmware_generic"],
        "tdx_rtmr1": ["uki", "kernel"],
        "tdx_rtmr2": ["uki", COMMAND_LINE, ADDITIONS],
        "vtpm_pcr4": ["uki", "kernel"],
        "vtpm_pcr9": [COMMAND_LINE],
        "vtpm_pcr11": ["uki"],
        "vtpm_pcr12": [ADDITIONS],
    },
    "describes": "OVMF.fd starts guest.efi, with vmlinuz in it, as EFI/BOOT/BOOTX64.EFI of guest-uki.img, which is attached after "
    "guest.img; no Secure Boot. The SNP launch digest covers the firmware and nothing else: without a vTPM it says nothing about the UKI. "
    "SMBIOS type 11 (io.systemd.stub.kernel-cmdline-extra; the stub leaves it out where it sees SEV or TDX) and addons on the "
    "EFI system partition add to the command line: a verifier must find PCR 12 untouched and PCR 9 that of the command line "
    "alone, or RTMR2 as predicted.",
}
UKI_COMMAND_LINE = "hallmark"  # only one can be built in, and this one ends the guest where its root is damaged


def render(command_lines: list[str]) -> list[dict]:
    """The manifest's boot_paths; `command_lines` are the names of all of its command lines."""
    return [_path("direct", DIRECT, command_lines), _path("uki", UKI, [UKI_COMMAND_LINE])]


def _path(name: str, path: dict, command_lines: list[str]) -> dict:
    return {
        "name": name,
        "artefacts": path["artefacts"],
        "command_lines": command_lines,
        "covered_by": {measurement: path["covered_by"][measurement] for measurement in MEASUREMENTS},
        "describes": path["describes"],
    }
