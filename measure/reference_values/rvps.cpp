// SPDX-License-Identifier: Apache-2.0
#include "measure/reference_values/rvps.hpp"

#include <set>

#include "common/base64.hpp"
#include "common/hex.hpp"
#include "common/json.hpp"

namespace hallmark {
namespace {

/// Bits of the guest policy: AMD publication 56860, revision 1.58, section 4.3.
constexpr std::uint64_t kAbiMinor = 0xff;
constexpr int kAbiMajorShift = 8;
constexpr std::uint64_t kSmtAllowed = 1ULL << 16;
constexpr std::uint64_t kSingleSocket = 1ULL << 20;

std::string message(const Json& payload) {
    return to_text({{"version", "0.1.0"},
                    {"type", "sample"},
                    {"payload", to_base64(as_bytes(std::string_view(to_text(payload))))}});
}

/// Every digest once, in the order of the launches.
Json digests(const std::vector<SnpLaunch>& launches) {
    Json list = Json::array();
    std::set<Sha384> seen;
    for (const auto& launch : launches)
        if (seen.insert(launch.launch_digest).second) list.push_back(to_hex(launch.launch_digest));
    return list;
}

}  // namespace

std::string rvps_message(const SnpReferenceValues& values) {
    return message({{"snp_launch_measurement", digests(values.launches)},
                    {"snp_guest_abi_major", values.policy >> kAbiMajorShift & 0xff},
                    {"snp_guest_abi_minor", values.policy & kAbiMinor},
                    {"snp_smt_allowed", (values.policy & kSmtAllowed) != 0},
                    {"snp_single_socket", (values.policy & kSingleSocket) != 0}});
}

std::string rvps_message(const SnpPlatformValues& values) {
    return message({{"snp_bootloader", values.bootloader},
                    {"snp_tee_svn", values.tee},
                    {"snp_snp_svn", values.snp},
                    {"snp_microcode", values.microcode},
                    {"snp_smt_enabled", values.smt_enabled},
                    {"snp_tsme_enabled", values.tsme_enabled}});
}

}  // namespace hallmark
