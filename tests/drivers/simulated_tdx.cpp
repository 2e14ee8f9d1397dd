// SPDX-License-Identifier: Apache-2.0
// simulated-tdx FOLDER: a simulated TDX platform. FOLDER/root.pem is its root; each other folder in it is collateral as
// of now, whole or spoilt in the way that its name says. Then, for each line of standard input, report data in
// hexadecimal, one line with evidence as the KBS protocol carries it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <iostream>
#include <string>
#include <string_view>

#include "common/file.hpp"
#include "common/formats/tdx_evidence.hpp"
#include "common/hex.hpp"
#include "relying-party/verifier/tdx/utc_time.hpp"
#include "tests/unit/relying-party/verifier/tdx/platform.hpp"

namespace hallmark {
namespace {

namespace fs = std::filesystem;
constexpr std::time_t kDay = 86400;
constexpr long kPckSerial = 0x20002;

struct Documents {
    test::TcbInfoText info;
    test::QeIdentityText identity;
    std::vector<long> revoked;
};

class Platform {
public:
    explicit Platform(fs::path folder) : folder_(std::move(folder)) {}

    Status write_all() const {
        HALLMARK_CHECK(write_file(folder_ / "root.pem", as_bytes(test::pem_of(*platform_.root_pair().certificate))));
        const Documents good = current();
        HALLMARK_CHECK(write("good", good));
        auto spoilt = good;
        spoilt.info.next = verifier::utc_text(now_ - 60);
        HALLMARK_CHECK(write("stale", spoilt));
        spoilt = good;
        spoilt.info.fmspc = "000000514D01";
        HALLMARK_CHECK(write("other-fmspc", spoilt));
        spoilt = good;
        spoilt.info.top = "OutOfDate";
        HALLMARK_CHECK(write("out-of-date", spoilt));
        spoilt = good;
        spoilt.revoked = {kPckSerial};
        return write("revoked", spoilt);
    }

    Result<std::string> evidence(const std::string& hex) const {
        HALLMARK_TRY(const Bytes bytes, from_hex(hex));
        test::QuoteText text;
        if (bytes.size() != text.report_data.size()) return bad_input("expected 64 bytes");
        std::ranges::copy(bytes, text.report_data.begin());
        return tdx::to_json({platform_.quote(text), {}}).dump();
    }

private:
    [[nodiscard]] Documents current() const {
        Documents documents;
        documents.info.issued = documents.identity.issued = verifier::utc_text(now_ - kDay);
        documents.info.next = documents.identity.next = verifier::utc_text(now_ + kDay);
        return documents;
    }

    Status write(const std::string& name, const Documents& documents) const {
        const fs::path folder = folder_ / name;
        std::error_code error;
        if (!fs::create_directory(folder, error)) return bad_input(folder.string() + ": " + error.message());
        const auto made = platform_.collateral(documents.info, documents.identity);
        HALLMARK_CHECK(write_file(folder / "tcb.json", made.tcb_infos[0].bytes));
        HALLMARK_CHECK(write_file(folder / "qe.json", made.qe_identities[0].bytes));
        HALLMARK_CHECK(write_file(folder / "chain.pem", made.certificates[0].bytes));
        const auto list = [&](const test::Pair& issuer, const std::vector<long>& serials) {
            return test::TestPlatform::crl(issuer, serials, now_ + kDay, now_ - kDay);
        };
        HALLMARK_CHECK(write_file(folder / "root.crl", list(platform_.root_pair(), {})));
        return write_file(folder / "pck.crl", list(platform_.ca_pair(), documents.revoked));
    }

    fs::path folder_;
    std::time_t now_ = std::time(nullptr);
    test::TestPlatform platform_;
};

Status run(const std::string& folder) {
    const Platform platform{folder};
    HALLMARK_CHECK(platform.write_all());
    for (std::string line; std::getline(std::cin, line);) {
        HALLMARK_TRY(const std::string evidence, platform.evidence(line));
        std::printf("%s\n", evidence.c_str());
        std::fflush(stdout);
    }
    return {};
}

}  // namespace
}  // namespace hallmark

int main(int argc, char** argv) {
    if (argc != 2) return 2;
    const auto done = hallmark::run(argv[1]);
    if (!done) std::fprintf(stderr, "simulated-tdx: %s\n", done.error().message.c_str());
    return done ? 0 : done.error().exit_status();
}
