// SPDX-License-Identifier: Apache-2.0
#include "boot/run/evidence.hpp"

#include "common/file.hpp"

namespace hallmark::boot {

Status write_evidence(const std::filesystem::path& folder, const guest_port::Evidence& evidence,
                      const guest_port::Challenge& challenge) {
    if (folder.empty()) return {};
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) return bad_input(folder.string() + ": " + error.message());
    HALLMARK_CHECK(write_file(folder / "report.bin", evidence.report));
    HALLMARK_CHECK(write_file(folder / "certificates.bin", evidence.certificates));
    return write_file(folder / "challenge.bin", challenge.nonce);
}

}  // namespace hallmark::boot
