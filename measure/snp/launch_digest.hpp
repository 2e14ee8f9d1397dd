// SPDX-License-Identifier: Apache-2.0
// The launch digest: a chain of SHA-384 over one PAGE_INFO for every page, in the order of the launch.
// Source: AMD publication 56860, revision 1.58, section 8.17 (SNP_LAUNCH_UPDATE).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "common/bytes.hpp"
#include "common/digest.hpp"
#include "measure/snp/page_info.hpp"
#include "measure/snp/vmsa.hpp"
#include "measure/trace.hpp"

namespace hallmark::snp {

constexpr std::size_t kPageSize = 4096;
using PageSpan = std::span<const std::uint8_t, kPageSize>;

class LaunchDigest {
public:
    /// Starts a launch, or goes on from the value of an earlier one: the chain has no other state. Every page becomes
    /// a step of the trace, if there is one; it must outlive this.
    explicit LaunchDigest(const Sha384& value = {}, Trace* trace = nullptr) : trace_(trace) {
        info_.digest_current = value;
    }

    /// What the pages that follow belong to: a word for the trace, which must outlive them.
    void part(std::string_view name) { part_ = name; }

    /// A page measured with its content.
    void normal_page(std::uint64_t gpa, PageSpan content);
    /// The same, where `content` is the SHA-384 of the page.
    void normal_page(std::uint64_t gpa, const Sha384& content) { update(PageType::kNormal, gpa, content); }
    /// Pages measured as zero; only the address goes in.
    void zero_page(std::uint64_t gpa) { update(PageType::kZero, gpa, {}); }
    /// Pages whose content nobody vouches for; only the address goes in.
    void unmeasured_page(std::uint64_t gpa) { update(PageType::kUnmeasured, gpa, {}); }
    /// The page that the security processor fills with keys; only the address goes in.
    void secrets_page(std::uint64_t gpa) { update(PageType::kSecrets, gpa, {}); }
    /// The page of CPUID values, which the security processor checks; only the address goes in.
    void cpuid_page(std::uint64_t gpa) { update(PageType::kCpuid, gpa, {}); }
    /// The initial state of one CPU.
    void vmsa_page(std::uint64_t gpa, const Vmsa& state);
    /// The same, for many CPUs of one state: `content` is the SHA-384 of its page.
    void vmsa_page(std::uint64_t gpa, const Sha384& content) { update(PageType::kVmsa, gpa, content); }

    [[nodiscard]] const Sha384& value() const { return info_.digest_current; }

private:
    void update(PageType type, std::uint64_t gpa, const Sha384& contents);
    void record();

    PageInfo info_;
    Trace* trace_ = nullptr;
    std::string_view part_;
    Hasher<Sha384> hasher_;
};

}  // namespace hallmark::snp
