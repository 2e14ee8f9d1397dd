// SPDX-License-Identifier: Apache-2.0
#include "boot/flags/boot.hpp"

#include <algorithm>

#include "boot/flags/host.hpp"
#include "boot/flags/kata.hpp"
#include "boot/run/devices.hpp"
#include "boot/run/evidence.hpp"
#include "boot/run/exchange.hpp"
#include "boot/run/work.hpp"
#include "relying-party/verifier/snp/report.hpp"
#include "relying-party/verifier/x509/certificates.hpp"

namespace hallmark::boot {
namespace {

using namespace std::chrono_literals;

constexpr auto kQemuEnds = 5s;
constexpr const char* kNoPrediction =
    "this version does not compare a quote from hardware with its prediction, so it proves nothing here";
constexpr const char* kNoRoot =
    "its signature and chain were not checked; name AMD's ARK for this product with --trusted-root";

verifier::Expected expected_of(const Request& request, const Image& image, const guest_port::Challenge& challenge) {
    verifier::Expected expected;
    expected.policy = image.values.snp.policy;
    if (request.host_data.size() == expected.host_data.size())
        std::copy(request.host_data.begin(), request.host_data.end(), expected.host_data.begin());
    expected.report_data = guest_port::report_data_for(challenge);
    return expected;
}

/// Fails with the symptom, which is the outcome's reason.
Result<guest_port::Evidence> run_guest(const Request& request, QemuCommand command, const Devices& devices,
                                       const guest_port::Challenge& challenge, Outcome& outcome, Journal& journal) {
    const Deadline deadline = in(request.timeout);
    HALLMARK_TRY(Channels channels, Channels::make());
    channels.add_to(command, /* with_tee= */ false);
    HALLMARK_TRY(FileDescriptor console, open_console_file(request.console));
    HALLMARK_TRY(Guest guest,
                 Guest::start(command, std::move(channels), devices.inherited(), std::move(console), deadline));
    journal.step("start");
    Exchange exchange(guest, {}, deadline);
    if (request.follower != nullptr) exchange.follow(*request.follower);
    const auto kind = request.tee == Tee::kSnp ? guest_port::Kind::kSnpReport : guest_port::Kind::kTdxQuote;
    HALLMARK_TRY(const std::string ready, exchange.ready());
    journal.step("boot", ready);
    HALLMARK_TRY(auto evidence, exchange.challenge(challenge, kind));
    journal.step("attest", std::to_string(evidence.report.size()) + " bytes of evidence");
    HALLMARK_CHECK(await_work(request, exchange, outcome, journal));
    HALLMARK_CHECK(exchange.power_off());
    guest.end(in(kQemuEnds));
    journal.step("power off");
    return evidence;
}

/// The report against the prediction; proven only where the caller named a root and everything holds.
Result<Outcome> judge_snp(const Request& request, const Image& image, const verifier::Expected& expected,
                          const guest_port::Evidence& evidence, Outcome outcome) {
    const auto report = snp::parse_report(evidence.report);
    if (!report) {
        outcome.reason = report.error().message;
        return outcome;
    }
    outcome.digests.report = report->measurement;
    if (const auto appraised = verifier::appraise(*report, expected); !appraised) {
        outcome.reason = appraised.error().message;
    } else if (outcome.digests.report != outcome.digests.predicted) {
        outcome.reason = "the launch digest in the report " + whose(*outcome.digests.report, image);
    } else if (request.trusted_root.empty()) {
        outcome.reason = std::string("the report has the predicted digest, but ") + kNoRoot;
    } else {
        HALLMARK_TRY(const Bytes root, verifier::read_root(request.trusted_root));
        const auto proven = verifier::prove(evidence.report, evidence.certificates, root, expected);
        outcome.proven = proven.has_value();
        outcome.reason = proven ? "the report has the predicted digest; its signature, chain, challenge and policy hold"
                                : proven.error().message;
    }
    return outcome;
}

Result<QemuCommand> command_for(const Request& request, const Image& image, const Devices& devices) {
    HALLMARK_TRY(const std::string command_line, image.command_line(request.command_line));
    QemuCommand command = kata_command(request, image, command_line, read_host_facts());
    devices.add_to(command);
    return command;
}

}  // namespace

Result<Json> dry_run(const Request& request) {
    HALLMARK_TRY(const Image image, Image::open(request.folder));
    HALLMARK_TRY(const Devices devices, Devices::make(request));
    HALLMARK_TRY(const QemuCommand command, command_for(request, image, devices));
    return Json{{"argv", command.argv()}};
}

Result<Outcome> boot_hardware(Request request, Journal& journal) {
    const bool snp = request.tee == Tee::kSnp;
    HALLMARK_CHECK(check_host(request.tee));
    HALLMARK_TRY(request.qemu, find_program(request.qemu, "install it or name it with --qemu"));
    HALLMARK_TRY(const Image image, Image::open(request.folder));
    HALLMARK_CHECK(verify_artefacts(request.folder, image.manifest));
    Outcome outcome;
    if (snp) {
        HALLMARK_TRY(outcome.digests.predicted,
                     image.predicted(request.command_line, request.shape.vcpu_type, request.shape.vcpus));
    }
    HALLMARK_TRY(const auto challenge, make_challenge());
    const verifier::Expected expected = expected_of(request, image, challenge);
    HALLMARK_TRY(const Devices devices, Devices::make(request));
    HALLMARK_TRY(const QemuCommand command, command_for(request, image, devices));
    journal.step("prepare");
    const auto evidence = run_guest(request, command, devices, challenge, outcome, journal);
    if (!evidence && evidence.error().fault == Fault::kBadInput) return std::unexpected(evidence.error());
    if (evidence) HALLMARK_CHECK(write_evidence(request.evidence, *evidence, challenge));
    outcome.reason = evidence ? kNoPrediction : evidence.error().message;
    if (!evidence) return outcome;
    if (snp) {
        HALLMARK_TRY(outcome, judge_snp(request, image, expected, *evidence, outcome));
    }
    conclude(outcome);
    return outcome;
}

}  // namespace hallmark::boot
