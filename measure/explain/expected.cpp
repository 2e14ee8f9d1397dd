// SPDX-License-Identifier: Apache-2.0
#include "measure/explain/expected.hpp"

#include <algorithm>
#include <utility>

#include "common/file.hpp"
#include "common/formats/event_log.hpp"
#include "common/formats/snp_report.hpp"
#include "common/formats/tdx_quote.hpp"
#include "common/formats/tdx_report.hpp"
#include "common/hex.hpp"
#include "measure/inspect/format.hpp"
#include "measure/inspect/snp_report.hpp"

namespace hallmark::explain {
namespace {

constexpr std::size_t kLargestFile = event_log::kLargestLog;  // the largest of the formats

bool is_digest(std::size_t size) { return size == sizeof(Sha256) || size == sizeof(Sha384); }

Result<Expected> read_report(ByteSpan bytes, const std::string& path) {
    const auto raw = inspect::report_bytes(bytes);
    const auto report = snp::parse_report(raw ? ByteSpan(*raw) : bytes);
    if (!report) return std::unexpected(report.error().at(path));
    return LaunchMeasurement{report->measurement};
}

Result<Expected> read_quote(ByteSpan bytes, const std::string& path) {
    const auto quote = tdx::parse_quote(bytes);
    if (!quote) return std::unexpected(quote.error().at(path));
    return DomainRegisters{quote->body.mr_td, quote->body.rtmr};
}

Result<Expected> read_td_report(ByteSpan bytes, const std::string& path) {
    const auto report = tdx::parse_td_report(bytes);
    if (!report) return std::unexpected(report.error().at(path));
    return DomainRegisters{report->td_info.mr_td, report->td_info.rtmr};
}

}  // namespace

Result<Expected> read_expected(const std::string& text) {
    if (text.empty()) return bad_input("--expected: empty, expected a digest in hexadecimal or the name of a file");
    if (auto digest = from_hex(text); digest && is_digest(digest->size())) return BareDigest{*std::move(digest)};
    auto bytes = read_file(text, kLargestFile);
    if (!bytes)
        return bad_input("--expected: neither the 64 or 96 digits of a digest nor a file that can be read: " +
                         bytes.error().message);
    const auto format = inspect::recognise(*bytes, text);
    if (format && *format == &inspect::kSnpReport) return read_report(*bytes, text);
    if (format && *format == &inspect::kTdxQuote) return read_quote(*bytes, text);
    if (format && *format == &inspect::kTdReport) return read_td_report(*bytes, text);
    if (format && *format == &inspect::kEventLog) {
        HALLMARK_CHECK(event_log::parse_event_log(*bytes, text));
        return LogFile{*std::move(bytes), text};
    }
    return bad_input(text + ": found " + (format ? std::string((*format)->title) : "no known format") +
                     ", expected an SEV-SNP report, a TDX quote, a TDREPORT or an event log");
}

}  // namespace hallmark::explain
