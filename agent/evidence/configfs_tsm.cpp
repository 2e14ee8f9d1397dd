// SPDX-License-Identifier: Apache-2.0
#include "agent/evidence/configfs_tsm.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <optional>
#include <utility>

#include "agent/kernel_file.hpp"
#include "agent/ports/text.hpp"
#include "common/descriptor.hpp"
#include "common/hex.hpp"

namespace hallmark::guest {
namespace {

/// Report and certificates travel in one message.
constexpr std::size_t kLargestBlob = guest_port::kLargestPayload - sizeof(guest_port::EvidenceHeader);

/// A report folder of our own, removed at the end of its life.
class ReportDirectory {
public:
    /// Nothing where no driver has registered: then the kernel answers ENXIO.
    static Result<std::optional<ReportDirectory>> make(const std::string& reports) {
        std::string path = reports + "/hallmark.XXXXXX";
        if (::mkdtemp(path.data()) != nullptr) return ReportDirectory(std::move(path));
        if (errno == ENXIO) return std::nullopt;
        return std::unexpected(system_error(reports, Fault::kNo));
    }
    ReportDirectory(ReportDirectory&& other) noexcept : path_(std::exchange(other.path_, {})) {}
    ReportDirectory(const ReportDirectory&) = delete;
    ReportDirectory& operator=(const ReportDirectory&) = delete;
    ReportDirectory& operator=(ReportDirectory&&) = delete;
    ~ReportDirectory() {
        if (!path_.empty()) ::rmdir(path_.c_str());  // configfs removes the attributes with it
    }
    [[nodiscard]] const std::string& path() const { return path_; }

private:
    explicit ReportDirectory(std::string path) : path_(std::move(path)) {}
    std::string path_;
};

Result<std::uint64_t> generation(const std::string& directory) {
    const std::string path = directory + "/generation";
    HALLMARK_TRY(const std::string line, read_kernel_line(path));
    const auto number = parse_number(line);
    if (!number) return std::unexpected(number.error().at(path));
    return *number;
}

/// What a driver's reports are.
Result<guest_port::Kind> kind_of(const std::string& provider) {
    if (provider == "sev_guest") return guest_port::Kind::kSnpReport;
    if (provider == "tdx_guest") return guest_port::Kind::kTdxQuote;
    return refused("provider " + provider + ", expected sev_guest or tdx_guest");
}

std::unexpected<Error> wrong_generation(const std::string& directory, std::uint64_t found, std::uint64_t expected) {
    return refused(directory + "/generation: found " + std::to_string(found) + ", expected " +
                   std::to_string(expected) + ": the kernel refused the request, or another one came between");
}

}  // namespace

Result<std::unique_ptr<Attester>> ConfigfsTsm::find(std::string reports) {
    if (::access(reports.c_str(), F_OK) != 0 && errno == ENOENT) return nullptr;
    HALLMARK_TRY(const auto directory, ReportDirectory::make(reports));
    if (!directory) return nullptr;
    HALLMARK_TRY(const std::string line, read_kernel_line(directory->path() + "/provider"));
    std::string provider = one_line(as_bytes(line));
    const auto kind = kind_of(provider);
    if (!kind) return std::unexpected(kind.error().at(reports));
    return std::unique_ptr<Attester>(new ConfigfsTsm(std::move(reports), std::move(provider), *kind));
}

Result<guest_port::Evidence> ConfigfsTsm::attest(const ReportData& report_data) {
    HALLMARK_TRY(const auto directory, ReportDirectory::make(reports_));
    if (!directory) return refused(reports_ + ": " + provider_ + " no longer offers reports");
    return report(directory->path(), kind_, report_data);
}

// "generation: The value in this attribute increments each time @inblob or any option is written." configfs drops the
// error when a driver refuses a binary attribute, so the number is also the only sign that the request was taken.
Result<guest_port::Evidence> ConfigfsTsm::report(const std::string& directory, guest_port::Kind kind,
                                                 const ReportData& report_data) {
    HALLMARK_TRY(const std::uint64_t before, generation(directory));
    HALLMARK_CHECK(write_kernel_file(directory + "/inblob", report_data));
    HALLMARK_TRY(const std::uint64_t asked, generation(directory));
    if (asked != before + 1) return wrong_generation(directory, asked, before + 1);

    guest_port::Evidence evidence;
    evidence.source = guest_port::Source::kConfigfsTsm;
    evidence.kind = kind;
    HALLMARK_TRY(evidence.report, read_kernel_file(directory + "/outblob", kLargestBlob));
    if (evidence.report.empty()) return refused(directory + "/outblob: empty, expected a report");
    // TDX has no certificates to add, and SNP only where its host holds them.
    const std::string certificates = directory + "/auxblob";
    if (::access(certificates.c_str(), F_OK) == 0) {
        HALLMARK_TRY(evidence.certificates, read_kernel_file(certificates, kLargestBlob - evidence.report.size()));
    }

    HALLMARK_TRY(const std::uint64_t answered, generation(directory));
    if (answered != asked) return wrong_generation(directory, answered, asked);
    return evidence;
}

}  // namespace hallmark::guest
