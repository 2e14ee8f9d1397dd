// SPDX-License-Identifier: Apache-2.0
#include "measure/snp/launch_digest.hpp"

#include <string>

#include "common/hex.hpp"

namespace hallmark::snp {
namespace {

std::string_view name_of(PageType type) {
    switch (type) {
        case PageType::kNormal:
            return "NORMAL";
        case PageType::kVmsa:
            return "VMSA";
        case PageType::kZero:
            return "ZERO";
        case PageType::kUnmeasured:
            return "UNMEASURED";
        case PageType::kSecrets:
            return "SECRETS";
        case PageType::kCpuid:
            return "CPUID";
    }
    return "?";
}

}  // namespace

void LaunchDigest::update(PageType type, std::uint64_t gpa, const Sha384& contents) {
    info_.page_type = type;
    info_.gpa = gpa;
    info_.contents = contents;
    hasher_.update(as_bytes(info_));
    info_.digest_current = hasher_.finish();
    if (trace_ != nullptr) record();
}

void LaunchDigest::record() {
    std::string what = part_.empty() ? "" : std::string(part_) + ": ";
    what += std::string(name_of(info_.page_type)) + " page at " + hex_number(info_.gpa);
    trace_->push_back({std::move(what), "content " + to_hex(info_.contents), to_hex(info_.digest_current)});
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
