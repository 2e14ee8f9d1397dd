// SPDX-License-Identifier: Apache-2.0
#include "boot/simulated/tdx/boot.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "boot/run/devices.hpp"
#include "boot/run/exchange.hpp"
#include "boot/run/image.hpp"
#include "boot/run/work.hpp"
#include "boot/simulated/diagnosis.hpp"
#include "boot/simulated/tdx/attest.hpp"
#include "boot/simulated/tdx/compare.hpp"
#include "boot/simulated/tdx/firmware.hpp"
#include "boot/tpm/log_in_memory.hpp"
#include "boot/tpm/log_proof.hpp"
#include "boot/tpm/software_tpm.hpp"
#include "common/hex.hpp"
#include "measure/ovmf/traits.hpp"
#include "measure/tdx/layout.hpp"
#include "measure/tdx/prediction.hpp"

namespace hallmark::boot {
namespace {

using namespace std::chrono_literals;

constexpr auto kQemuEnds = 5s;
constexpr const char* kProven =
    "MRTD, RTMR1 and RTMR2 are as predicted, and so is what is predicted of RTMR0; RTMR3 has nothing but what the "
    "guest's log tells of it; the firmware's event log replays to the TPM's PCRs; the guest's quotes of both versions "
    "hold under the simulated root, answer the challenge and say what was measured; the log that it gives replays to "
    "them. A TPM stood in for the TDX module";

/// All that is settled before QEMU starts.
struct Plan {
    const Request& request;
    Image image;
    std::string command_line;
    Served served;
    tdx::Prediction prediction;
    TdxTrust trust;
    guest_port::Challenge challenge;
    Devices devices;
    Deadline deadline;
};

/// Of the files that the manifest vouches for.
Result<tdx::Prediction> predict(const Request& request, const Image& image, const std::string& command_line) {
    HALLMARK_CHECK(verify_artefacts(request.folder, image.manifest));
    tdx::Request wanted;
    wanted.firmware = (request.folder / image.manifest.firmware_generic.file).string();
    wanted.kernel = (request.folder / image.manifest.kernel.file).string();
    wanted.command_line = command_line;
    wanted.memory = std::uint64_t{request.shape.memory_mib} << 20;
    return tdx::predict(wanted);
}

Result<Plan> make_plan(const Request& request) {
    HALLMARK_TRY(Image image, Image::open(request.folder));
    HALLMARK_TRY(std::string command_line, image.command_line(request.command_line));
    HALLMARK_TRY(tdx::Prediction prediction, predict(request, image, command_line));
    const std::string& handed = request.served_command_line.empty() ? command_line : request.served_command_line;
    HALLMARK_TRY(Served served, Served::open(request.folder, image.manifest, image.manifest.firmware_generic, handed));
    std::size_t padding = 0;
    if (request.attack == Attack::kFirmwareByte) {
        HALLMARK_TRY(padding, unused_code(served.firmware));
    }
    HALLMARK_CHECK(change_files(request.attack, served, padding));
    HALLMARK_TRY(TdxTrust trust, open_trust(request));
    HALLMARK_TRY(const auto challenge, make_challenge());
    HALLMARK_TRY(Devices devices, Devices::make(request));
    return Plan{request,          std::move(image), std::move(command_line), std::move(served),  std::move(prediction),
                std::move(trust), challenge,        std::move(devices),      in(request.timeout)};
}

/// A guest, paused before its first instruction.
struct Machine {
    tpm::SoftwareTpm tpm;
    FileDescriptor ram;
    FileDescriptor transfer;
    Guest guest;

    /// Its memory as it is mapped now; firmware changes that while it runs.
    Result<GuestMemory> memory(Deadline deadline) {
        HALLMARK_TRY(const std::string text, guest.qmp().human("info mtree -f", deadline));
        HALLMARK_TRY(MemoryMap map, parse_memory_map(text));
        return GuestMemory(ram, transfer, std::move(map));
    }
};

Result<Machine> start(const Plan& plan) {
    const Request& request = plan.request;
    HALLMARK_TRY(tpm::SoftwareTpm tpm, tpm::SoftwareTpm::start());
    HALLMARK_TRY(FileDescriptor ram, make_memory_file("ram", std::uint64_t{request.shape.memory_mib} << 20));
    HALLMARK_TRY(FileDescriptor transfer, make_memory_file("transfer", 0));
    HALLMARK_TRY(Channels channels, Channels::make());
    HALLMARK_TRY(FileDescriptor console, open_console_file(request.console));
    QemuCommand command =
        simulated_machine(request.qemu, request.shape, plan.served, ram, channels, /* with_tee= */ true);
    tpm.add_to(command);
    plan.devices.add_to(command);
    std::vector<int> inherited = plan.served.descriptors();
    inherited.insert(inherited.end(), {ram.get(), transfer.get(), tpm.inherited()});
    std::ranges::copy(plan.devices.inherited(), std::back_inserter(inherited));
    HALLMARK_TRY(Guest guest,
                 Guest::start(command, std::move(channels), std::move(inherited), std::move(console), plan.deadline));
    tpm.started();
    return Machine{std::move(tpm), std::move(ram), std::move(transfer), std::move(guest)};
}

/// The size of the guest's memory in bytes, as QEMU has it.
Result<std::uint64_t> memory_size(Guest& guest, Deadline deadline) {
    HALLMARK_TRY(const Json answer, guest.qmp().execute("query-memory-size-summary", Json::object(), deadline));
    const auto size = answer.find("base-memory");
    if (size == answer.end() || !size->is_number_unsigned()) return refused("QEMU does not say how much memory it has");
    return size->get<std::uint64_t>();
}

/// What was extended while the paused guest booted: its own log, as far as the TPM agrees.
Result<std::vector<Extension>> read_extensions(const Plan& plan, Machine& machine, const LoadedTdvf& firmware) {
    HALLMARK_TRY(const GuestMemory memory, machine.memory(plan.deadline));
    HALLMARK_CHECK(change_log(plan.request.attack, memory));
    HALLMARK_TRY(const tpm::LogInMemory found, tpm::find_log(memory));
    const auto log = event_log::parse_event_log(found.bytes, "event log in guest memory");
    if (!log) return refused(log.error().message);
    HALLMARK_CHECK(tpm::check_log(*log, machine.tpm, plan.deadline));
    HALLMARK_TRY(const auto layout, tdx::recognised_layout(ovmf::firmware_traits(firmware.image), "firmware"));
    HALLMARK_TRY(const auto mapped, as_tdx(*log, layout.layout.separator_in_rtmr1));
    HALLMARK_TRY(const auto size, memory_size(machine.guest, plan.deadline));
    HALLMARK_TRY(auto extensions, only_on_tdx(firmware, size));
    extensions.insert(extensions.end(), mapped.begin(), mapped.end());
    return extensions;
}

/// What is wrong with a comparison, in the order of the boot; empty where nothing is.
std::string first_difference(const Comparison& comparison) {
    for (const auto& compared : comparison.registers)
        if (compared.name.starts_with("mrtd.") && compared.wrong())
            return compared.name + " of the firmware in memory is not as predicted";
    for (const auto& [where, event] : comparison.events)
        if (event.wrong())
            return where + ": event " + event.name + " (" + event.what + ") " +
                   (event.verdict == Verdict::kDiffers ? "differs from its prediction"
                                                       : "is " + std::string(name_of(event.verdict)));
    for (const auto& compared : comparison.registers)
        if (compared.wrong() || (compared.name != "rtmr0" && compared.verdict == Verdict::kNotPredicted))
            return compared.name + ": " + std::string(name_of(compared.verdict));
    return "";
}

/// Every difference between what was loaded and what the manifest says, in one line.
Result<std::string> differences(const Plan& plan, const LoadedTdvf& firmware) {
    const auto& manifest = plan.image.manifest;
    std::string text =
        firmware_difference(plan.request.folder, manifest.firmware_generic, firmware.image, firmware.address);
    const auto add = [&](const std::string& finding) { text += (text.empty() ? "" : "; ") + finding; };
    HALLMARK_TRY(const Sha256 kernel, digest_of(plan.served.kernel));
    if (kernel != manifest.kernel.sha256)
        add("the kernel that was loaded has SHA-256 " + to_hex(kernel) + ", the manifest's has SHA-256 " +
            to_hex(manifest.kernel.sha256));
    if (plan.served.command_line != plan.command_line)
        add("the command line that was loaded is '" + plan.served.command_line + "', the manifest's is '" +
            plan.command_line + "'");
    return text;
}

/// Why a boot failed, with its cause where what was loaded tells it.
Result<std::string> explained(const std::string& symptom, const Plan& plan, const LoadedTdvf& firmware) {
    HALLMARK_TRY(const std::string cause, differences(plan, firmware));
    return cause.empty() || symptom.empty() ? symptom : symptom + ": " + cause;
}

/// What was seen of a guest, as far as it got.
struct Seen {
    Observed observed;
    std::optional<TdFacts> facts{};  ///< when it had booted
    std::optional<TdEvidence> evidence{};
};

/// The TDX module of a guest that boots. Its registers are what the guest's log says at its first request, or where it
/// is ready: firmware, stub and kernel have measured all that they will by then, and init comes after them.
class Module {
public:
    Module(const Plan& plan, Machine& machine, const LoadedTdvf& firmware, Seen& seen, Journal& journal)
        : plan_(&plan), machine_(&machine), firmware_(&firmware), seen_(&seen), journal_(&journal) {}

    /// Refused where the log is not what was measured.
    Result<TrustDomain*> domain() {
        if (!domain_) HALLMARK_CHECK(open());
        return &*domain_;
    }

private:
    Status open() {
        Qmp& qmp = machine_->guest.qmp();
        HALLMARK_CHECK(qmp.execute("stop", Json::object(), plan_->deadline));
        HALLMARK_TRY(seen_->observed.extensions, read_extensions(*plan_, *machine_, *firmware_));
        journal_->step("read the log",
                       std::to_string(seen_->observed.extensions->size()) + " events for RTMR0 to RTMR2, PCRs agree");
        tdx::Measurement mr_config_id{};
        std::ranges::copy(plan_->request.host_data, mr_config_id.begin());
        HALLMARK_TRY(domain_, TrustDomain::make(plan_->trust.chain, firmware_->single_pass /* QEMU since 10.1 */,
                                                mr_config_id, *seen_->observed.extensions, plan_->request.attack));
        seen_->facts = domain_->facts();
        HALLMARK_CHECK(qmp.execute("cont", Json::object(), plan_->deadline));
        return {};
    }

    const Plan* plan_;
    Machine* machine_;
    const LoadedTdvf* firmware_;
    Seen* seen_;
    Journal* journal_;
    std::optional<TrustDomain> domain_;
};

/// The whole life of the guest. Refused with the symptom where it ends early, or its log is not what was measured.
Status run(const Plan& plan, Machine& machine, const LoadedTdvf& firmware, Seen& seen, Outcome& outcome,
           Journal& journal) {
    Module module(plan, machine, firmware, seen, journal);
    const auto processor = [&](const guest_port::Frame& frame) -> Result<guest_port::Frame> {
        HALLMARK_TRY(TrustDomain * domain, module.domain());
        return domain->answer(frame);
    };
    Exchange exchange(machine.guest, processor, plan.deadline);
    if (plan.request.follower != nullptr) exchange.follow(*plan.request.follower);
    HALLMARK_CHECK(machine.guest.qmp().execute("cont", Json::object(), plan.deadline));
    HALLMARK_TRY(const std::string ready, exchange.ready());
    journal.step("boot", ready);
    HALLMARK_TRY(TrustDomain * domain, module.domain());
    HALLMARK_TRY(seen.evidence, ask_for_quotes(exchange, *domain, plan.challenge, journal));
    // Where it can't be read, the proof says why.
    if (auto runtime = runtime_extensions(seen.evidence->v5.event_log)) seen.observed.runtime = std::move(*runtime);
    HALLMARK_CHECK(await_work(plan.request, exchange, outcome, journal));
    HALLMARK_CHECK(exchange.power_off());
    machine.guest.end(in(kQemuEnds));
    journal.step("power off");
    return {};
}

/// What is wrong with what the guest gave; empty where nothing is.
Result<std::string> objection(const Plan& plan, const Seen& seen, Journal& journal) {
    if (!seen.evidence || !seen.facts) return std::string();
    HALLMARK_CHECK(write_td_evidence(plan.request.evidence, *seen.evidence));
    const auto proven = prove_td_evidence(*seen.evidence, plan.trust.root, *seen.facts);
    if (!proven && proven.error().fault == Fault::kBadInput) return std::unexpected(proven.error());
    journal.step("prove");
    return proven ? std::string() : proven.error().message;
}

/// Predicted, measured and in the guest's last quote.
Comparison comparison_of(const Plan& plan, const Seen& seen) {
    Comparison comparison = compare(plan.prediction, seen.observed);
    if (!seen.evidence) return comparison;
    if (const auto quote = tdx::parse_quote(seen.evidence->v5.report)) add_quoted(comparison, quote->body);
    return comparison;
}

}  // namespace

Result<Outcome> boot_simulated_tdx(const Request& request, Journal& journal) {
    Outcome outcome;
    HALLMARK_TRY(const Plan plan, make_plan(request));
    journal.step("prepare", std::to_string(plan.prediction.events.size()) + " events predicted, command line " +
                                request.command_line);
    HALLMARK_TRY(Machine machine, start(plan));
    journal.step("start", "QEMU is paused before the first instruction");
    HALLMARK_TRY(const GuestMemory memory, machine.memory(plan.deadline));
    HALLMARK_TRY(const LoadedTdvf firmware, read_tdvf(machine.guest, memory, plan.deadline));
    journal.step("measure", std::to_string(firmware.image.size() / 1024) + " KiB of firmware, " +
                                std::to_string(firmware.sections.size()) + " sections read back");

    Seen seen{.observed = {firmware.single_pass, firmware.two_pass, std::nullopt, std::nullopt}};
    const auto ran = run(plan, machine, firmware, seen, outcome, journal);
    if (!ran && ran.error().fault == Fault::kBadInput) return std::unexpected(ran.error());
    if (!ran) journal.step("stopped");
    outcome.comparison = comparison_of(plan, seen);
    const std::string symptom = ran ? first_difference(*outcome.comparison) : ran.error().message;
    HALLMARK_TRY(outcome.reason, explained(symptom, plan, firmware));
    HALLMARK_TRY(const std::string objected, objection(plan, seen, journal));
    if (outcome.reason.empty()) outcome.reason = objected;
    outcome.proven = ran && outcome.reason.empty();
    if (outcome.proven) outcome.reason = kProven;
    conclude(outcome);
    return outcome;
}

}  // namespace hallmark::boot
