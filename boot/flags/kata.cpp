// SPDX-License-Identifier: Apache-2.0
#include "boot/flags/kata.hpp"

#include <cpuid.h>

#include <filesystem>

#include "common/base64.hpp"
#include "common/json.hpp"

namespace hallmark::boot {
namespace {

constexpr const char* kQuoteService = "/var/run/tdx-qgs/qgs.socket";
constexpr unsigned kEncryptedMemoryLeaf = 0x8000001f;

/// How the guest's own memory controller and CPUs are set up around the TEE object.
void add_machine(QemuCommand& command, const Shape& shape, std::string_view tee, const std::string& cpu) {
    const std::string vcpus = std::to_string(shape.vcpus);
    command.add("-machine", "q35,accel=kvm,kernel_irqchip=split,confidential-guest-support=" + std::string(tee))
        .add("-cpu", cpu + ",pmu=off")
        .add("-m", std::to_string(shape.memory_mib) + "M")
        .add("-smp", vcpus + ",maxcpus=" + vcpus);
}

std::string snp_object(const Request& request, std::uint64_t policy, const HostFacts& host) {
    std::string object = "sev-snp-guest,id=snp,cbitpos=" + std::to_string(host.c_bit) +
                         ",reduced-phys-bits=1,kernel-hashes=on,policy=" + std::to_string(policy);
    if (!request.host_data.empty()) object += ",host-data=" + to_base64(request.host_data);
    return object;
}

std::string tdx_object(const Request& request, const HostFacts& host) {
    Json object = {{"qom-type", "tdx-guest"}, {"id", "tdx"}};
    if (!request.host_data.empty()) object["mrconfigid"] = to_base64(request.host_data);
    object["quote-generation-socket"] = host.quote_service_socket
                                            ? Json{{"type", "unix"}, {"path", kQuoteService}}
                                            : Json{{"type", "vsock"}, {"cid", "2"}, {"port", "4050"}};
    return object.dump();
}

}  // namespace

HostFacts read_host_facts() {
    HostFacts facts;
    unsigned eax = 0;
    unsigned ebx = 0;
    unsigned ecx = 0;
    unsigned edx = 0;
    // EAX bit 1: SEV; EBX bits 5:0: position of the C-bit (APM volume 3, appendix E.4.17).
    if (__get_cpuid(kEncryptedMemoryLeaf, &eax, &ebx, &ecx, &edx) != 0 && (eax & 2U) != 0) facts.c_bit = ebx & 0x3fU;
    std::error_code ignored;
    facts.quote_service_socket = std::filesystem::exists(kQuoteService, ignored);
    return facts;
}

QemuCommand kata_command(const Request& request, const Image& image, const std::string& command_line,
                         const HostFacts& host) {
    const bool snp = request.tee == Tee::kSnp;
    const auto file = [&](const Artefact& artefact) { return (request.folder / artefact.file).string(); };
    QemuCommand command(request.qemu);
    command.add("-name", "hallmark")
        .add("-nodefaults")
        .add("-no-user-config")
        .add("-no-reboot")
        .add("-display", "none");
    add_machine(command, request.shape, snp ? "snp" : "tdx", snp ? request.shape.vcpu_type : "host");
    command.add("-object", snp ? snp_object(request, image.values.snp.policy, host) : tdx_object(request, host))
        .add("-bios", file(snp ? image.manifest.firmware_amdsev : image.manifest.firmware_generic))
        .add("-kernel", file(image.manifest.kernel))
        .add("-append", command_line)
        .add("-drive", "if=none,id=image,format=raw,readonly=on,file=" + escaped(file(image.manifest.disk)))
        .add("-device", "virtio-blk-pci,drive=image,romfile=");
    return command;
}

}  // namespace hallmark::boot
