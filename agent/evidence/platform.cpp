// SPDX-License-Identifier: Apache-2.0
#include "agent/evidence/platform.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "agent/kernel_file.hpp"
#include "common/formats/event_log.hpp"
#include "common/formats/event_log_writer.hpp"
#include "common/formats/init_data_digest.hpp"
#include "common/formats/snp_evidence.hpp"
#include "common/formats/snp_report.hpp"
#include "common/formats/tdx_evidence.hpp"
#include "common/formats/tdx_quote.hpp"
#include "common/hex.hpp"

namespace hallmark::guest {
namespace {

constexpr std::size_t kFillingSize = 8;

/// What the launch was bound to.
Result<Bytes> bound_in(const guest_port::Evidence& evidence) {
    if (evidence.kind == guest_port::Kind::kSnpReport) {
        HALLMARK_TRY(const auto report, snp::parse_report(evidence.report));
        return Bytes(report.host_data.begin(), report.host_data.end());
    }
    HALLMARK_TRY(const auto quote, tdx::parse_quote(evidence.report));
    return Bytes(quote.body.mr_config_id.begin(), quote.body.mr_config_id.end());
}

}  // namespace

Result<ReportData> report_data_of(ByteSpan data) {
    ReportData padded{};
    if (data.size() > padded.size())
        return bad_input("runtime data of " + std::to_string(data.size()) + " bytes, expected at most " +
                         std::to_string(padded.size()));
    std::ranges::copy(data, padded.begin());
    return padded;
}

Result<std::optional<Bytes>> compose_event_log(ByteSpan firmware_log, ByteSpan runtime_events) {
    if (firmware_log.empty() && runtime_events.empty()) return std::nullopt;
    Bytes log;
    if (firmware_log.empty()) {
        log = event_log::encode_guest_log({});
    } else {
        HALLMARK_TRY(const auto parsed, event_log::parse_event_log(firmware_log, "CCEL"));
        append(log, firmware_log.first(parsed.size));
    }
    append(log, runtime_events);
    log.insert(log.end(), kFillingSize, 0xff);
    return log;
}

Result<std::unique_ptr<PlatformEvidence>> PlatformEvidence::open(std::unique_ptr<Attester> attester,
                                                                 std::string firmware_log) {
    std::unique_ptr<PlatformEvidence> made(new PlatformEvidence(std::move(attester), std::move(firmware_log)));
    HALLMARK_TRY(const auto first, made->attest({}));
    made->kind_ = first.kind;
    HALLMARK_TRY(made->bound_, bound_in(first));
    return made;
}

std::string_view PlatformEvidence::tee() const { return kind_ == guest_port::Kind::kSnpReport ? "snp" : "tdx"; }

Result<guest_port::Evidence> PlatformEvidence::attest(const ReportData& data) {
    const std::lock_guard lock(mutex_);
    return attester_->attest(data);
}

/// Registers as a quote shows them, extended as the attester can.
class PlatformEvidence::QuotedRegisters final : public events::Registers {
public:
    explicit QuotedRegisters(PlatformEvidence& platform) : platform_(platform) {}

    Result<Sha384> value(std::uint32_t register_index) override {
        HALLMARK_TRY(const auto evidence, platform_.attest({}));
        HALLMARK_TRY(const auto quote, tdx::parse_quote(evidence.report));
        const auto& rtmrs = quote.body.rtmr;
        if (register_index == 0 || register_index > rtmrs.size())
            return bad_input("register " + std::to_string(register_index) + ", expected 1 to 4: RTMR0 to RTMR3");
        return rtmrs.at(register_index - 1);
    }
    Status extend(std::uint32_t register_index, const Sha384& digest) override {
        if (register_index != guest_port::kGuestRegister + 1)
            return refused("register " + std::to_string(register_index) + ": only RTMR3 can be extended here");
        const std::lock_guard lock(platform_.mutex_);
        return platform_.attester_->extend(digest);
    }

private:
    PlatformEvidence& platform_;
};

std::unique_ptr<events::Registers> PlatformEvidence::registers() {
    if (kind_ != guest_port::Kind::kTdxQuote) return nullptr;
    return std::make_unique<QuotedRegisters>(*this);
}

Result<Json> PlatformEvidence::evidence(ByteSpan data) {
    HALLMARK_TRY(const ReportData report_data, report_data_of(data));
    Json json;
    const auto take = [&](ByteSpan entries) -> Status {
        HALLMARK_TRY(auto evidence, attest(report_data));
        if (evidence.kind != kind_)
            return refused(name() + ": " + std::string(guest_port::name_of(evidence.kind)) + ", expected " +
                           std::string(guest_port::name_of(kind_)));
        if (kind_ == guest_port::Kind::kSnpReport) {
            HALLMARK_TRY(json, snp_json(evidence));
        } else {
            HALLMARK_TRY(json, tdx_json(std::move(evidence), entries));
        }
        return {};
    };
    // The log of SNP is in no register, so there is none to be in step with.
    const bool logged = events_ != nullptr && kind_ == guest_port::Kind::kTdxQuote;
    HALLMARK_CHECK(logged ? events_->with_entries(take) : take({}));
    return json;
}

Result<Json> PlatformEvidence::snp_json(const guest_port::Evidence& evidence) const {
    HALLMARK_TRY(const auto parts, snp::evidence_of(evidence.report, evidence.certificates));
    return snp::evidence_json(parts);
}

Result<Json> PlatformEvidence::tdx_json(guest_port::Evidence evidence, ByteSpan entries) const {
    Bytes firmware = std::move(evidence.event_log);
    if (firmware.empty() && ::access(firmware_log_.c_str(), F_OK) == 0) {
        HALLMARK_TRY(firmware, read_kernel_file(firmware_log_, event_log::kLargestLog));
    }
    HALLMARK_TRY(auto log, compose_event_log(firmware, entries));
    return tdx::to_json({.quote = std::move(evidence.report), .event_log = std::move(log)});
}

Status PlatformEvidence::check_init_data(ByteSpan digest) {
    const bool snp = kind_ == guest_port::Kind::kSnpReport;
    Bytes expected;
    if (snp) {
        const auto field = init_data::host_data(digest);
        expected.assign(field.begin(), field.end());
    } else {
        const auto field = init_data::mr_config_id(digest);
        expected.assign(field.begin(), field.end());
    }
    if (equal(expected, bound_)) return {};
    const bool nothing = std::ranges::all_of(expected, [](std::uint8_t byte) { return byte == 0; });
    return refused("init-data: " + (nothing ? "none" : "digest " + to_hex(expected)) +
                   ", but the launch was bound to " + to_hex(bound_) + " (" + (snp ? "HOSTDATA" : "MRCONFIGID") +
                   "): " + (nothing ? "the host has left it away" : "this is not what the guest was started with"));
}

}  // namespace hallmark::guest
