// SPDX-License-Identifier: Apache-2.0
#include "boot/cli.hpp"

#include <cstdlib>

#include "common/hex.hpp"
#include "common/kbs/broker.hpp"
#include "common/kbs/messages.hpp"
#include "measure/snp/vcpu.hpp"

namespace hallmark::boot {
namespace {

constexpr unsigned kLeastMemory = 256;
constexpr unsigned kMostMemory = 1024 * 1024;
constexpr unsigned kMostVcpus = 64;  // of the reference values
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
    const bool tdx = tee == Tee::kTdx || tee == Tee::kSimulatedTdx;
    const std::size_t size = tdx ? kHostDataTdx : kHostDataSnp;
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

/// What a key broker is asked for.
Status check_broker(const Request& request) {
    const BrokerRequest& broker = request.broker;
    if (broker.url.empty()) {
        if (broker.resource.empty() && broker.secret.empty() && broker.certificate.empty() && !broker.insecure_http)
            return {};
        return bad_input("--resource, --secret, --kbs-certificate, --insecure-http: only with --kbs URL");
    }
    if (!is_simulated(request.tee))
        return bad_input(
            "--kbs: this program speaks for a guest on a simulated TEE only; on hardware its secret would be the "
            "host's");
    if (broker.on_standard_output() && request.json)
        return bad_input("--secret -: not with --json, which writes to standard output too; give --secret FILE");
    HALLMARK_CHECK(kbs::check_url(broker.url, broker.insecure_http));
    if (broker.resource.empty())
        return bad_input("--kbs: what to ask for is missing; give --resource REPOSITORY/TYPE/TAG");
    if (auto path = kbs::check_resource_path(broker.resource); !path)
        return std::unexpected(path.error().at("--resource"));
    return {};
}

Status check_combination(const Request& request) {
    HALLMARK_CHECK(check_broker(request));
    const bool simulated = is_simulated(request.tee);
    if (simulated) HALLMARK_CHECK(check_attack(request));
    if (request.tee == Tee::kSimulatedTdx && request.scrub)
        return bad_input("--scrub: not with --tee simulated-tdx; give --tee simulated-snp");
    if (!simulated && (request.attack != Attack::kNone || !request.served_command_line.empty()))
        return bad_input(
            "--attack: only a simulated platform mounts attacks; give --tee simulated-snp or simulated-tdx");
    if (request.tee != Tee::kSimulatedSnp && !request.platform_values.empty())
        return bad_input("--platform-values: only of the simulated SNP platform; give --tee simulated-snp");
    if (simulated && request.dry_run)
        return bad_input("--dry-run: the simulated platform is run, not shown; give --tee snp or --tee tdx");
    return {};
}

void add_broker_options(CLI::App& app, BrokerRequest& broker) {
    app.add_option("--kbs", broker.url, "Let the guest attest itself to this key broker, https://HOST[:PORT]")
        ->type_name("URL");
    app.add_option("--kbs-certificate", broker.certificate,
                   "Certificates in PEM to trust the broker by, in place of the system's")
        ->type_name("FILE");
    app.add_option("--resource", broker.resource, "The secret to ask the broker for, such as default/key/one")
        ->type_name("PATH");
    app.add_option("--secret", broker.secret,
                   "Write the secret to this file (mode 0600), or to standard output where it is -; without it, the "
                   "secret is thrown away")
        ->type_name("FILE");
    app.add_flag("--insecure-http", broker.insecure_http, "Take --kbs http:// too");
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
    app.add_option("--host-data", typed.host_data, "HOSTDATA, 32 bytes in hexadecimal (TDX: MRCONFIGID, 48 bytes)")
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
                   "quote-v4.bin, quote-v5.bin, ccel.bin, quote-extended.bin, ccel-extended.bin, challenge.bin")
        ->type_name("DIR");
    add_broker_options(app, typed.broker);
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
    if (!typed.attack.empty()) {
        HALLMARK_TRY(request.attack, find_attack(typed.attack));
    }
    request.served_command_line = typed.served_command_line;
    request.broker = typed.broker;
    request.scrub = typed.scrub;
    request.json = typed.json;
    request.dry_run = typed.dry_run;
    HALLMARK_CHECK(check_combination(request));
    return request;
}

}  // namespace hallmark::boot
