// SPDX-License-Identifier: Apache-2.0
#include "boot/cli.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>

#include "common/file.hpp"
#include "common/formats/init_data.hpp"
#include "common/hex.hpp"
#include "common/text.hpp"
#include "measure/snp/vcpu.hpp"

namespace hallmark::boot {
namespace {

constexpr unsigned kLeastMemory = 256;
constexpr unsigned kMostMemory = 1024 * 1024;
constexpr unsigned kMostVcpus = 64;                     // of the reference values
constexpr std::size_t kRoomForGzip = 4096;              // around a document in stored blocks
constexpr unsigned kLargestScratch = 16 * 1024 * 1024;  // MiB
constexpr std::size_t kMostDisks = 8;
constexpr std::size_t kLongestSerial = 20;  // VIRTIO_BLK_ID_BYTES
constexpr unsigned kLongestTimeout = 24 * 3600;
constexpr std::size_t kHostDataSnp = 32;
constexpr std::size_t kHostDataTdx = 48;
constexpr const char* kHostQemu = "qemu-system-x86_64";

std::string target_name(Target target) {
    if (target == Target::kBoth) return "SNP, TDX";
    return target == Target::kTdx ? "TDX" : "SNP";
}

std::string attack_help() {
    std::string text = "Mount an attack on the simulated boot, to see it refused:";
    for (const auto& attack : attacks())
        text += "\n  " + std::string(attack.name) + " (" + target_name(attack.target) +
                "): " + std::string(attack.describes);
    return text;
}

Result<Tee> tee_of(const std::string& name) {
    if (name == "simulated-snp") return Tee::kSimulatedSnp;
    if (name == "simulated-tdx") return Tee::kSimulatedTdx;
    if (name == "snp") return Tee::kSnp;
    if (name == "tdx") return Tee::kTdx;
    return bad_input("--tee: unknown '" + name + "'; known are simulated-snp, simulated-tdx, snp, tdx");
}

Status in_range(std::string_view option, unsigned value, unsigned least, unsigned most) {
    if (value >= least && value <= most) return {};
    return bad_input(std::string(option) + ": found " + std::to_string(value) + ", expected " + std::to_string(least) +
                     " to " + std::to_string(most));
}

Result<Bytes> host_data_of(const std::string& text, Tee tee) {
    auto bytes = from_hex(text);
    if (!bytes) return std::unexpected(bytes.error().at("--host-data"));
    const std::size_t size = is_tdx(tee) ? kHostDataTdx : kHostDataSnp;
    if (!bytes->empty() && bytes->size() != size)
        return bad_input("--host-data: found " + std::to_string(bytes->size()) + " bytes, expected " +
                         std::to_string(size));
    return bytes;
}

/// The locked QEMU lies beside this program.
std::string locked_qemu() {
    std::error_code error;
    const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
    return (error ? std::filesystem::path(".") : self.parent_path()) / "qemu";
}

Result<std::string> accelerator() {
    const char* wanted = std::getenv("HALLMARK_ACCEL");
    std::string name = wanted != nullptr && *wanted != 0 ? wanted : "tcg";
    if (name == "tcg" || name == "kvm") return name;
    return bad_input("HALLMARK_ACCEL: found '" + name + "', expected tcg or kvm");
}

/// An attack that the platform mounts.
Status check_attack(const Request& request) {
    const Target target = request.tee == Tee::kSimulatedTdx ? Target::kTdx : Target::kSnp;
    std::string names;
    for (const auto& known : attacks()) {
        if (known.target != target && known.target != Target::kBoth) continue;
        if (known.attack == request.attack) return {};
        names += (names.empty() ? "" : ", ") + std::string(known.name);
    }
    if (request.attack == Attack::kNone) return {};
    return bad_input("--attack: not one of this simulated platform, which mounts " + names);
}

Status check_combination(const Request& request) {
    const bool simulated = is_simulated(request.tee);
    if (simulated) HALLMARK_CHECK(check_attack(request));
    if (request.tee == Tee::kSimulatedTdx && request.scrub)
        return bad_input("--scrub: not with --tee simulated-tdx; give --tee simulated-snp");
    if (request.pod && !request.init_data)
        return bad_input("--pod: no --init-data with it, which would describe one; give both");
    if (!simulated && (request.attack != Attack::kNone || !request.served_command_line.empty()))
        return bad_input(
            "--attack: only a simulated platform mounts attacks; give --tee simulated-snp or simulated-tdx");
    if (request.tee != Tee::kSimulatedSnp && !request.platform_values.empty())
        return bad_input("--platform-values: only of the simulated SNP platform; give --tee simulated-snp");
    if (simulated && request.dry_run)
        return bad_input("--dry-run: the simulated platform is run, not shown; give --tee snp or --tee tdx");
    return {};
}

/// Reads and checks the document, so that a guest is never started with one that it would refuse.
Result<Bytes> read_init_data(const std::string& path) {
    HALLMARK_TRY(Bytes document, read_file(path, init_data::kLargestDocument - kRoomForGzip));
    const std::string_view text = text_of(document);
    HALLMARK_CHECK(init_data::parse_document(text, path));
    return document;
}

/// What binds the document to the launch.
Result<Bytes> bound(ByteSpan document, Tee tee) {
    const std::string_view text = text_of(document);
    HALLMARK_TRY(const auto parsed, init_data::parse_document(text, "--init-data"));
    const Bytes digest = init_data::digest(parsed.algorithm, document);
    const auto host_data = init_data::host_data(digest);
    const auto mr_config_id = init_data::mr_config_id(digest);
    if (is_tdx(tee)) return Bytes(mr_config_id.begin(), mr_config_id.end());
    return Bytes(host_data.begin(), host_data.end());
}

void add_device_options(CLI::App& app, Typed& typed) {
    app.add_option(
           "--init-data", typed.init_data,
           "Give the guest this init-data (TOML) on a disk, and bind it: HOSTDATA or MRCONFIGID is its digest "
           "unless --host-data says otherwise. Secrets that it names are asked for, and what came of it is told")
        ->type_name("FILE");
    app.add_option("--scratch-disk", typed.scratch_mib,
                   "Give the guest an empty disk, gone when it ends: pulled images go there, encrypted, and not into "
                   "its memory")
        ->type_name("MIB");
    app.add_flag("--pod", typed.pod,
                 "Wait until the pod that init-data describes has ended, and tell how, and what it wrote where "
                 "init-data lets that out");
    app.add_option("--disk", typed.disks,
                   "Give the guest this file as a disk, which stays: for a pod's volume whose init-data says disk = "
                   "SERIAL. At most 8")
        ->type_name("SERIAL=FILE")
        ->allow_extra_args(false);
    app.add_flag("--network", typed.network,
                 "Give the guest a network card on QEMU's user network: 10.0.2.0/24, where 10.0.2.2 is this host's own "
                 "127.0.0.1, with DHCP");
}

/// "data=volume.img"
Result<std::vector<Disk>> disks_of(const std::vector<std::string>& given) {
    std::vector<Disk> disks;
    for (const auto& text : given) {
        const auto equals = text.find('=');
        const auto serial = text.substr(0, equals);
        const auto plain = [](char c) {
            return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
        };
        const bool named = !serial.empty() && serial.size() <= kLongestSerial && std::ranges::all_of(serial, plain);
        if (equals == std::string::npos || equals + 1 == text.size() || !named || serial == kScratchSerial)
            return bad_input("--disk " + text +
                             ": expected SERIAL=FILE, and of letters, digits, - and _ a serial number of at most " +
                             std::to_string(kLongestSerial) + " that is not " + kScratchSerial);
        disks.push_back({.serial = serial, .file = text.substr(equals + 1)});
    }
    if (disks.size() <= kMostDisks) return disks;
    return bad_input("--disk: " + std::to_string(disks.size()) + " disks, expected at most " +
                     std::to_string(kMostDisks));
}

}  // namespace

void add_options(CLI::App& app, Typed& typed) {
    app.add_option("DIR", typed.folder, "Folder of a guest image, such as build/guest")->required();
    app.add_option("--tee", typed.tee, "simulated-snp, simulated-tdx, snp or tdx")->type_name("TEE")->required();
    app.add_option("--vcpus", typed.vcpus, "Number of vCPUs, 1 to 64")->type_name("N");
    app.add_option("--vcpu-type", typed.vcpu_type, "QEMU's name of the CPU model (default EPYC-v4)")->type_name("NAME");
    app.add_option("--memory", typed.memory_mib, "Guest memory in MiB (default 512)")->type_name("MIB");
    app.add_option("--command-line", typed.command_line, "Which of the manifest's command lines (default hallmark)")
        ->type_name("NAME");
    app.add_option("--timeout", typed.timeout, "Seconds after which the boot has failed (default 60)")->type_name("S");
    app.add_option("--qemu", typed.qemu, "QEMU to run; the locked one for a simulated TEE, else the host's")
        ->type_name("PATH");
    app.add_option("--console", typed.console, "Write the guest's console to this file")->type_name("FILE");
    app.add_option(
           "--host-data", typed.host_data,
           "HOSTDATA, 32 bytes in hexadecimal (TDX: MRCONFIGID, 48 bytes): the digest of its init-data, or the guest "
           "powers off")
        ->type_name("HEX");
    app.add_option(
           "--trusted-root", typed.trusted_root,
           "Root to trust (PEM): ARK, or that of a simulated TDX; default: the simulated platform's, none for real "
           "hardware")
        ->type_name("FILE");
    app.add_option("--simulated-root", typed.simulated_root,
                   "Where the simulated platform keeps its keys (default $XDG_STATE_HOME/hallmark/TEE)")
        ->type_name("DIR");
    app.add_option("--platform-values", typed.platform_values,
                   "Write the simulated platform's reference values (RVPS message) to this file")
        ->type_name("FILE");
    app.add_option("--evidence", typed.evidence,
                   "Write the evidence into this folder: report.bin, certificates.bin, challenge.bin; simulated TDX: "
                   "quote-v4.bin, quote-v5.bin, ccel.bin, challenge.bin")
        ->type_name("DIR");
    add_device_options(app, typed);
    app.add_option("--attack", typed.attack, attack_help())->type_name("NAME");
    app.add_option("--attack-command-line", typed.served_command_line,
                   "Mount an attack: hand the guest this command line in place of the published one")
        ->type_name("TEXT");
    app.add_flag("--scrub", typed.scrub, "Let the guest read its whole root from the disk again before the challenge");
    app.add_flag("--dry-run", typed.dry_run, "Print the command line for real hardware, and don't run it");
    app.add_flag("--json", typed.json, "Print the answer as JSON");
}

Result<Request> to_request(const Typed& typed) {
    Request request;
    request.folder = typed.folder;
    HALLMARK_TRY(request.tee, tee_of(typed.tee));
    HALLMARK_CHECK(in_range("--vcpus", typed.vcpus, 1, kMostVcpus));
    HALLMARK_CHECK(in_range("--memory", typed.memory_mib, kLeastMemory, kMostMemory));
    HALLMARK_CHECK(in_range("--timeout", typed.timeout, 1, kLongestTimeout));
    HALLMARK_CHECK(snp::find_vcpu_type(typed.vcpu_type));
    request.shape.vcpus = typed.vcpus;
    request.shape.vcpu_type = typed.vcpu_type;
    request.shape.memory_mib = typed.memory_mib;
    HALLMARK_TRY(request.shape.accelerator, accelerator());
    request.command_line = typed.command_line;
    request.timeout = std::chrono::seconds(typed.timeout);
    request.qemu = !typed.qemu.empty() ? typed.qemu : is_simulated(request.tee) ? locked_qemu() : kHostQemu;
    request.console = typed.console;
    request.simulated_root = typed.simulated_root;
    request.trusted_root = typed.trusted_root;
    request.platform_values = typed.platform_values;
    request.evidence = typed.evidence;
    HALLMARK_TRY(request.host_data, host_data_of(typed.host_data, request.tee));
    if (!typed.init_data.empty()) {
        HALLMARK_TRY(request.init_data, read_init_data(typed.init_data));
        if (request.host_data.empty()) {
            HALLMARK_TRY(request.host_data, bound(*request.init_data, request.tee));
        }
    }
    if (typed.scratch_mib != 0) HALLMARK_CHECK(in_range("--scratch-disk", typed.scratch_mib, 1, kLargestScratch));
    request.scratch_mib = typed.scratch_mib;
    HALLMARK_TRY(request.disks, disks_of(typed.disks));
    request.network = typed.network;
    request.pod = typed.pod;
    if (!typed.attack.empty()) {
        HALLMARK_TRY(request.attack, find_attack(typed.attack));
    }
    request.served_command_line = typed.served_command_line;
    request.scrub = typed.scrub;
    request.json = typed.json;
    request.dry_run = typed.dry_run;
    HALLMARK_CHECK(check_combination(request));
    return request;
}

}  // namespace hallmark::boot
