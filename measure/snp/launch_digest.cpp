// SPDX-License-Identifier: Apache-2.0
#include "measure/snp/launch_digest.hpp"

namespace hallmark::snp {

void LaunchDigest::update(PageType type, std::uint64_t gpa, const Sha384& contents) {
    info_.page_type = type;
    info_.gpa = gpa;
    info_.contents = contents;
    hasher_.update(as_bytes(info_));
    info_.digest_current = hasher_.finish();
}

void LaunchDigest::normal_page(std::uint64_t gpa, PageSpan content) {
    hasher_.update(content);
    update(PageType::kNormal, gpa, hasher_.finish());
}

void LaunchDigest::vmsa_page(std::uint64_t gpa, const Vmsa& state) {
    hasher_.update(as_bytes(state));
    update(PageType::kVmsa, gpa, hasher_.finish());
}

}  // namespace hallmark::snp
