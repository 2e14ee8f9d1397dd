// SPDX-License-Identifier: Apache-2.0
#include "boot/simulated/boot.hpp"

#include <algorithm>
#include <iterator>
#include <optional>

#include "boot/run/devices.hpp"
#include "boot/run/evidence.hpp"
#include "boot/run/exchange.hpp"
#include "boot/run/image.hpp"
#include "boot/run/work.hpp"
#include "boot/simulated/diagnosis.hpp"
#include "boot/simulated/key_folder.hpp"
#include "boot/simulated/loaded.hpp"
#include "boot/simulated/platform_values.hpp"
#include "boot/simulated/processor.hpp"
#include "common/hex.hpp"
#include "relying-party/verifier/snp/report.hpp"
#include "relying-party/verifier/x509/certificates.hpp"

namespace hallmark::boot {
namespace {

using namespace std::chrono_literals;

constexpr auto kQemuEnds = 5s;
constexpr const char* kStateName = "simulated-snp";
constexpr const char* kForeignFolder = "foreign";
constexpr const char* kProven =
    "predicted, in memory and in the report are the same; the report's signature, chain, challenge and policy hold, "
    "under the simulated root";

/// All that is settled before QEMU starts.
struct Plan {
    const Request& request;
    Image image;
    std::string command_line;
    std::uint32_t cpu_signature = 0;
    Served served;
    SimulatedChain chain;
    Bytes trusted_root;  // DER
    verifier::Expected expected;
    guest_port::Challenge challenge;
    Devices devices;
    Deadline deadline;

    [[nodiscard]] Intended intended() const {
        return {request.folder, image.manifest, command_line, request.shape, cpu_signature};
    }
};

/// A guest whose launch is over and that has not executed an instruction.
struct Launched {
    FileDescriptor ram;
    FileDescriptor transfer;
    Guest guest;
    Loaded loaded;
};

Result<SimulatedChain> open_chain(const Request& request, Journal& journal, std::filesystem::path& folder) {
    folder = request.simulated_root;
    if (folder.empty()) {
        HALLMARK_TRY(folder, state_folder(kStateName));
    }
    const auto making = [&] { journal.note("making the simulated platform's keys (once, takes seconds) ..."); };
    HALLMARK_TRY(auto chain, SimulatedChain::open(folder, making));
    if (request.attack != Attack::kForeignChain) return chain;
    return SimulatedChain::open(folder / kForeignFolder, making);
}

Result<Plan> make_plan(const Request& request, Journal& journal) {
    HALLMARK_TRY(Image image, Image::open(request.folder));
    HALLMARK_TRY(std::string command_line, image.command_line(request.command_line));
    HALLMARK_TRY(const auto type, snp::find_vcpu_type(request.shape.vcpu_type));
    const std::string& handed = request.served_command_line.empty() ? command_line : request.served_command_line;
    HALLMARK_TRY(Served served, Served::open(request.folder, image.manifest, image.manifest.firmware_amdsev, handed));
    std::filesystem::path folder;
    HALLMARK_TRY(SimulatedChain chain, open_chain(request, journal, folder));
    const auto root = request.trusted_root.empty() ? folder / "ark.pem" : request.trusted_root;
    HALLMARK_TRY(Bytes trusted_root, verifier::read_root(root));
    verifier::Expected expected;
    expected.policy = image.values.snp.policy;
    std::copy(request.host_data.begin(), request.host_data.end(), expected.host_data.begin());
    HALLMARK_TRY(const auto challenge, make_challenge());
    expected.report_data = guest_port::report_data_for(challenge);
    HALLMARK_TRY(Devices devices, Devices::make(request));
    return Plan{request,           std::move(image),   std::move(command_line), type.model.signature(),
                std::move(served), std::move(chain),   std::move(trusted_root), expected,
                challenge,         std::move(devices), in(request.timeout)};
}

Result<Guest> start_qemu(const Plan& plan, const FileDescriptor& ram, const FileDescriptor& transfer) {
    HALLMARK_TRY(Channels channels, Channels::make());
    HALLMARK_TRY(FileDescriptor console, open_console_file(plan.request.console));
    const auto& served = plan.served;
    QemuCommand command =
        simulated_machine(plan.request.qemu, plan.request.shape, served, ram, channels, /* with_tee= */ true);
    plan.devices.add_to(command);
    std::vector<int> inherited = served.descriptors();
    inherited.insert(inherited.end(), {ram.get(), transfer.get()});
    std::ranges::copy(plan.devices.inherited(), std::back_inserter(inherited));
    return Guest::start(command, std::move(channels), std::move(inherited), std::move(console), plan.deadline);
}

/// The launch flow of the hypervisor, then what really lies in memory.
Result<Launched> launch(Plan& plan, Journal& journal) {
    const Attack attack = plan.request.attack;
    HALLMARK_CHECK(change_files(attack, plan.served, kPaddingOfAmdSev));
    HALLMARK_TRY(FileDescriptor ram, make_memory_file("ram", std::uint64_t{plan.request.shape.memory_mib} << 20));
    HALLMARK_TRY(FileDescriptor transfer, make_memory_file("transfer", 0));
    HALLMARK_TRY(Guest guest, start_qemu(plan, ram, transfer));
    journal.step("start", "QEMU is paused before the first instruction");

    HALLMARK_TRY(const std::string map_text, guest.qmp().human("info mtree -f", plan.deadline));
    HALLMARK_TRY(MemoryMap map, parse_memory_map(map_text));
    const GuestMemory memory(ram, transfer, std::move(map));
    HALLMARK_TRY(const auto layout, read_layout(guest, memory, plan.deadline));
    HALLMARK_TRY(const auto hashes, plan.served.hashes());
    if (const auto table = change_table(attack, hashes, plan.image.manifest, plan.command_line))
        HALLMARK_CHECK(write_hash_table(memory, layout, *table));
    HALLMARK_CHECK(change_memory(attack, memory, layout));
    journal.step("launch", "kernel hashes written into guest memory");

    HALLMARK_TRY(Loaded loaded, read_loaded(guest, memory, plan.deadline));
    journal.step("measure", std::to_string(loaded.firmware.size() / 1024) + " KiB of firmware, " +
                                std::to_string(loaded.layout.sections.size()) + " sections, " +
                                std::to_string(loaded.cpus.size()) + " CPUs read back");
    return Launched{std::move(ram), std::move(transfer), std::move(guest), std::move(loaded)};
}

Status write_platform_values(const Request& request, const Loaded& loaded) {
    if (request.platform_values.empty()) return {};
    return write_file(request.platform_values, as_bytes(platform_values(loaded.cpu_signature)));
}

/// Runs the guest up to its evidence and lets it power off.
Result<guest_port::Evidence> run_guest(Plan& plan, Launched& launched, const SimulatedProcessor& processor,
                                       Outcome& outcome, Journal& journal) {
    Guest& guest = launched.guest;
    Exchange exchange(guest, [&](const guest_port::Frame& frame) { return processor.answer(frame); }, plan.deadline);
    if (plan.request.attack == Attack::kTyping) exchange.type_while_waiting();
    if (plan.request.follower != nullptr) exchange.follow(*plan.request.follower);
    HALLMARK_CHECK(guest.qmp().execute("cont", Json::object(), plan.deadline));
    HALLMARK_TRY(const std::string ready, exchange.ready());
    journal.step("boot", ready);
    if (plan.request.attack == Attack::kDiskWhileRunning) HALLMARK_CHECK(change_disk(plan.served));
    if (plan.request.scrub || plan.request.attack == Attack::kDiskWhileRunning) {
        HALLMARK_TRY(const std::string scrubbed, exchange.scrub());
        journal.step("scrub", scrubbed);
    }
    HALLMARK_TRY(auto evidence, exchange.challenge(plan.challenge, guest_port::Kind::kSnpReport));
    journal.step("attest", std::to_string(evidence.report.size()) + " bytes of report, " +
                               std::to_string(evidence.certificates.size()) + " of certificates");
    HALLMARK_CHECK(await_work(plan.request, exchange, outcome, journal));
    HALLMARK_CHECK(exchange.power_off());
    guest.end(in(kQemuEnds));
    journal.step("power off");
    return evidence;
}

/// Why a boot failed, with its cause where what was loaded tells it.
Result<std::string> explained(const std::string& symptom, const Plan& plan, const Loaded& loaded) {
    HALLMARK_TRY(const std::string cause, differences(loaded, plan.served, plan.intended()));
    return cause.empty() ? symptom : symptom + ": " + cause;
}

/// What is wrong with the evidence or the digests; empty where everything holds.
Result<std::string> objections(const Plan& plan, const guest_port::Evidence& evidence, const Loaded& loaded,
                               Outcome& outcome) {
    if (const auto report = snp::parse_report(evidence.report)) outcome.digests.report = report->measurement;
    const auto proven = verifier::prove(evidence.report, evidence.certificates, plan.trusted_root, plan.expected);
    if (!proven) {
        if (proven.error().fault == Fault::kBadInput) return std::unexpected(proven.error());
        return proven.error().message;
    }
    // A digest that isn't there is as bad as a wrong one.
    const auto& digests = outcome.digests;
    if (!digests.memory || digests.memory != digests.predicted)
        return explained("the launch digest in memory " + whose(digests.memory.value_or(Sha384{}), plan.image), plan,
                         loaded);
    if (!digests.report || digests.report != digests.memory)
        return "the launch digest in the report " + whose(digests.report.value_or(Sha384{}), plan.image);
    return std::string();
}

Outcome refusal(Outcome outcome, const Error& error) {
    outcome.proven = false;
    outcome.reason = error.message;
    return outcome;
}

}  // namespace

Result<Outcome> boot_simulated(const Request& request, Journal& journal) {
    Outcome outcome;
    HALLMARK_TRY(Plan plan, make_plan(request, journal));
    HALLMARK_TRY(outcome.digests.predicted,
                 plan.image.predicted(request.command_line, request.shape.vcpu_type, request.shape.vcpus));
    journal.step("prepare", "digest predicted for " + std::to_string(request.shape.vcpus) + " " +
                                request.shape.vcpu_type + ", command line " + request.command_line);

    auto launched = launch(plan, journal);
    if (!launched && launched.error().fault == Fault::kNo) return refusal(outcome, launched.error());
    if (!launched) return std::unexpected(launched.error());
    outcome.digests.memory = launched->loaded.digest;
    HALLMARK_CHECK(write_platform_values(request, launched->loaded));

    const LaunchFacts facts{.measurement = launched->loaded.digest,
                            .cpu_signature = launched->loaded.cpu_signature,
                            .policy = change_policy(request.attack, plan.expected.policy),
                            .host_data = plan.expected.host_data};
    HALLMARK_TRY(const auto processor, SimulatedProcessor::make(plan.chain, facts));
    const auto evidence = run_guest(plan, *launched, processor, outcome, journal);
    if (!evidence && evidence.error().fault == Fault::kBadInput) return std::unexpected(evidence.error());
    if (!evidence) {
        journal.step("stopped");
        HALLMARK_TRY(outcome.reason, explained(evidence.error().message, plan, launched->loaded));
        return outcome;
    }
    HALLMARK_CHECK(write_evidence(request.evidence, *evidence, plan.challenge));
    HALLMARK_TRY(outcome.reason, objections(plan, *evidence, launched->loaded, outcome));
    journal.step("prove");
    outcome.proven = outcome.reason.empty();
    if (outcome.proven) outcome.reason = kProven;
    conclude(outcome);
    return outcome;
}

}  // namespace hallmark::boot
