// SPDX-License-Identifier: Apache-2.0
#include "boot/simulated/diagnosis.hpp"

#include <algorithm>
#include <cstring>

#include "common/hex.hpp"

namespace hallmark::boot {
namespace {

class Findings {
public:
    void add(const std::string& finding) {
        if (!finding.empty()) text_ += (text_.empty() ? "" : "; ") + finding;
    }
    [[nodiscard]] const std::string& text() const { return text_; }

private:
    std::string text_;
};

std::string hash(const Sha256& digest) { return "SHA-256 " + to_hex(digest); }

/// Where two areas first differ.
std::size_t first_difference(ByteSpan a, ByteSpan b) {
    const auto size = std::min(a.size(), b.size());
    return static_cast<std::size_t>(
        std::mismatch(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(size), b.begin()).first - a.begin());
}

/// One of kernel, initrd and command line: as served, as the table has it, as the manifest has it.
void compare_part(std::string_view part, const Sha256& served, const Sha256* in_table, const Sha256& manifest,
                  Findings& findings) {
    const std::string name(part);
    if (served != manifest)
        findings.add("the " + name + " that was loaded has " + hash(served) + ", the manifest's has " + hash(manifest));
    if (in_table == nullptr || *in_table == served) return;
    findings.add("the hash table in memory does not hold the loaded " + name + "'s hash but " +
                 (*in_table == manifest ? std::string("the manifest's") : hash(*in_table)) +
                 ", so the firmware refuses it");
}

void compare_hash_page(const Loaded& loaded, const snp::KernelHashes& expected, Findings& findings) {
    const auto& table = loaded.layout.kernel_hash_table;
    const auto* section = loaded.layout.kernel_hash_section();
    if (!loaded.hash_page || section == nullptr || !table) return;
    const auto page = snp::hash_page(expected, table->gpa);
    const std::size_t begin = table->gpa - section->gpa;
    Bytes around = *loaded.hash_page;
    // The table itself is compared part by part.
    std::copy_n(page.begin() + static_cast<std::ptrdiff_t>(begin), sizeof(snp::HashTable),
                around.begin() + static_cast<std::ptrdiff_t>(begin));
    if (equal(around, page)) return;
    const auto offset = first_difference(around, page);
    findings.add("guest memory at " + hex_number(section->gpa + offset) +
                 ", in the measured page of the hash table, holds " + hex_number(around[offset], 2) + ", expected " +
                 hex_number(page[offset], 2));
}

void compare_cpus(const Loaded& loaded, const Intended& intended, Findings& findings) {
    if (loaded.cpus.size() != intended.shape.vcpus)
        findings.add("QEMU has " + std::to_string(loaded.cpus.size()) + " CPUs, " +
                     std::to_string(intended.shape.vcpus) + " were asked for");
    if (loaded.cpu_signature != intended.cpu_signature)
        findings.add("the CPU's signature is " + hex_number(loaded.cpu_signature) + ", that of " +
                     intended.shape.vcpu_type + " is " + hex_number(intended.cpu_signature));
}

}  // namespace

std::string firmware_difference(const std::filesystem::path& folder, const Artefact& artefact, ByteSpan in_memory,
                                std::uint64_t address) {
    const Sha256 digest = sha256(in_memory);
    if (digest == artefact.sha256) return "";
    std::string finding = "the firmware in memory has " + hash(digest) + ", the manifest's " + artefact.file + " has " +
                          hash(artefact.sha256);
    const auto file = read_file(folder / artefact.file, ovmf::kLargestFirmware);
    if (file && sha256(*file) == artefact.sha256 && file->size() == in_memory.size())
        finding += ", first difference at " + hex_number(address + first_difference(*file, in_memory));
    return finding;
}

Result<std::string> differences(const Loaded& loaded, const Served& served, const Intended& intended) {
    Findings findings;
    findings.add(
        firmware_difference(intended.folder, intended.manifest.firmware_amdsev, loaded.firmware, loaded.layout.gpa()));
    const auto table = loaded.hash_table();
    if (!table)
        findings.add(
            "there is no kernel hash table in guest memory" +
            (loaded.layout.kernel_hash_table ? " at " + hex_number(loaded.layout.kernel_hash_table->gpa) : ""));
    HALLMARK_TRY(const auto hashes, served.hashes());
    snp::KernelHashes expected;
    expected.kernel = intended.manifest.kernel.sha256;
    expected.initrd = snp::hash_no_initrd();
    expected.command_line = snp::hash_command_line(intended.command_line);
    compare_part("kernel", hashes.kernel, table ? &table->kernel.hash : nullptr, expected.kernel, findings);
    compare_part("initrd", hashes.initrd, table ? &table->initrd.hash : nullptr, expected.initrd, findings);
    compare_part("command line", hashes.command_line, table ? &table->command_line.hash : nullptr,
                 expected.command_line, findings);
    compare_hash_page(loaded, expected, findings);
    compare_cpus(loaded, intended, findings);
    return findings.text();
}

}  // namespace hallmark::boot
