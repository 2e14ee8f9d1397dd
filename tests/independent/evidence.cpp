// SPDX-License-Identifier: Apache-2.0
// Evidence of the simulated platforms for another verifier, without a boot; and what our own verifier makes of it:
//   simulated-platforms make FOLDER            writes trusted/ and other/, two platforms, each with its roots
//   simulated-platforms snp|tdx ROOT FILE…     prints "accepted FILE" or "refused FILE: WHY"
#include <array>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "boot/simulated/processor.hpp"
#include "boot/simulated/tdx/chain.hpp"
#include "boot/simulated/tdx/quoting.hpp"
#include "boot/simulated/tdx/td_report.hpp"
#include "common/bytes.hpp"
#include "common/file.hpp"
#include "common/formats/snp_evidence.hpp"
#include "common/formats/snp_report.hpp"
#include "common/result.hpp"
#include "relying-party/verifier/snp/verify.hpp"
#include "relying-party/verifier/tdx/quote.hpp"

namespace hallmark {
namespace {

constexpr std::size_t kMostEvidence = 1 << 20;
constexpr std::time_t kThen = 1'795'564'800;  // 2026-11-25: real certificates expire

struct SnpProduct {
    const char* name;
    std::uint32_t cpu_signature;  ///< CPUID Fn0000_0001 EAX
};
constexpr SnpProduct kProducts[] = {{"milan", 0xa00f11}, {"genoa", 0xa10f11}};

std::array<std::uint8_t, 64> challenge() {
    std::array<std::uint8_t, 64> data{};
    data.fill(0x5a);
    return data;
}

/// NAME.bin, a report and behind it its table of certificates.
Status make_snp(const std::filesystem::path& folder, const boot::SimulatedChain& chain, const SnpProduct& product) {
    boot::LaunchFacts facts;
    facts.cpu_signature = product.cpu_signature;
    facts.measurement.fill(0x4d);
    facts.host_data.fill(0x48);
    HALLMARK_TRY(const auto processor, boot::SimulatedProcessor::make(chain, facts));
    HALLMARK_TRY(const auto report, processor.report(challenge(), 0));
    Bytes evidence;
    append(evidence, as_bytes(report));
    append(evidence, processor.certificates());
    return write_file(folder / (std::string(product.name) + ".bin"), evidence);
}

Status make_tdx(const std::filesystem::path& folder, const boot::TdxChain& chain) {
    boot::TdFacts facts;
    facts.mr_td.fill(0x4d);
    facts.mr_config_id.fill(0x48);
    for (auto& rtmr : facts.rtmr) rtmr.fill(0x52);
    HALLMARK_TRY(const auto enclave, boot::QuotingEnclave::make(chain));
    const auto report = boot::td_report(facts, challenge());
    HALLMARK_TRY(const auto v4, enclave.quote(report, boot::QuoteVersion::kV4));
    HALLMARK_CHECK(write_file(folder / "quote-v4.bin", v4));
    HALLMARK_TRY(const auto v5, enclave.quote(report, boot::QuoteVersion::kV5));
    return write_file(folder / "quote-v5.bin", v5);
}

/// Each twice: a platform, and another that nobody vouches for.
Status make(const std::filesystem::path& folder) {
    for (const char* platform : {"trusted", "other"}) {
        const auto own = folder / platform;
        HALLMARK_TRY(const auto snp, boot::SimulatedChain::open(own / "snp", [] {}));
        HALLMARK_CHECK(write_file(own / "ark.der", snp.ark()));
        for (const auto& product : kProducts) HALLMARK_CHECK(make_snp(own, snp, product));
        HALLMARK_TRY(const auto tdx, boot::TdxChain::open(own / "tdx"));
        HALLMARK_CHECK(write_file(own / "root.der", tdx.root()));
        HALLMARK_CHECK(make_tdx(own, tdx));
    }
    return {};
}

Status verify_snp(ByteSpan evidence, ByteSpan root) {
    if (evidence.size() < sizeof(snp::AttestationReport)) return refused("no whole report");
    const auto parsed = snp::evidence_of(evidence.first(sizeof(snp::AttestationReport)),
                                         evidence.subspan(sizeof(snp::AttestationReport)));
    if (!parsed) return refused(parsed.error().message);
    verifier::SnpTrust trust;
    trust.roots = {.amd = false, .simulated = {Bytes(root.begin(), root.end())}};
    trust.at = kThen;
    HALLMARK_CHECK(verifier::verify_snp(*parsed, trust));
    return {};
}

Status verify_tdx(ByteSpan evidence, ByteSpan root) {
    HALLMARK_TRY(const auto quote, tdx::parse_quote(evidence));
    return verifier::verify_quote(quote, root, kThen);
}

Result<int> verify(std::string_view kind, const std::vector<std::string>& files) {
    HALLMARK_TRY(const Bytes root, read_file(files.front(), kMostEvidence));
    int status = 0;
    for (std::size_t i = 1; i < files.size(); ++i) {
        HALLMARK_TRY(const Bytes evidence, read_file(files[i], kMostEvidence));
        const auto verified = kind == "snp" ? verify_snp(evidence, root) : verify_tdx(evidence, root);
        if (verified) {
            std::printf("accepted %s\n", files[i].c_str());
        } else {
            std::printf("refused %s: %s\n", files[i].c_str(), verified.error().message.c_str());
            status = 1;
        }
    }
    return status;
}

int evidence_main(const std::string& what, const std::vector<std::string>& files) {
    Result<int> status = bad_input("expected: make FOLDER, or snp|tdx ROOT FILE…");
    if (what == "make" && files.size() == 1) {
        const auto made = make(files.front());
        status = made ? Result<int>(0) : std::unexpected(made.error());
    } else if ((what == "snp" || what == "tdx") && files.size() > 1) {
        status = verify(what, files);
    }
    if (status) return *status;
    std::fprintf(stderr, "simulated-platforms: %s\n", status.error().message.c_str());
    return 2;
}

}  // namespace
}  // namespace hallmark

int main(int argc, char** argv) {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    if (arguments.empty()) return hallmark::evidence_main("", {});
    return hallmark::evidence_main(arguments.front(), {arguments.begin() + 1, arguments.end()});
}
