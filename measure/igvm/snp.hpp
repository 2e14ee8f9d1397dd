// SPDX-License-Identifier: Apache-2.0
// The SEV-SNP launch digest of an IGVM file.
// Source: microsoft/igvm, crate igvm_defs 0.4.0, revision 0f363b7 (what a loader adds to the guest, and when); AMD
// publication 56860, revision 1.58, section 8.17 (how a page is measured).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/digest.hpp"
#include "common/result.hpp"
#include "measure/igvm/file.hpp"
#include "measure/igvm/reading.hpp"
#include "measure/snp/launch_digest.hpp"
#include "measure/snp/page_info.hpp"
#include "measure/snp/vmsa.hpp"
#include "measure/trace.hpp"

namespace hallmark::igvm {

/// The launch digest, and what the file says of the launch beside it.
struct SnpMeasurement {
    Sha384 digest{};
    std::uint64_t pages = 0;  ///< that went into it
    std::optional<std::uint64_t> policy;
    std::optional<SnpIdBlock> id_block;
    std::vector<OtherReading> others;
    std::vector<std::string> notes;  ///< what a user should know of before he trusts the digest
};

/// One page that the file loads, as it is measured.
struct LoadedPage {
    snp::PageType type{};
    std::uint64_t gpa = 0;
    Sha384 content{};     ///< of NORMAL and VMSA pages
    bool is_data = true;  ///< or the file has none for it: zeros
};
/// All of them, and the CPU states among them, in the file's order.
struct LoadedPages {
    std::vector<LoadedPage> pages;
    std::vector<snp::Vmsa> contexts;  ///< one for each page of type VMSA
};
void add_page(snp::LaunchDigest& digest, const LoadedPage& page);

/// The digest of everything that the file loads on SEV-SNP, in the file's order. `loaded`: where its pages go too.
Result<SnpMeasurement> measure_snp(const File& file, Unknown unknown, Trace* trace, LoadedPages* loaded = nullptr);

}  // namespace hallmark::igvm
