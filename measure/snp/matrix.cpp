// SPDX-License-Identifier: Apache-2.0
#include "measure/snp/matrix.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "measure/parallel.hpp"

namespace hallmark::snp {
namespace {

/// All that the CPUs of a chain put into it: the digests of the boot CPU's page and of the others'.
using ChainKey = std::pair<Sha384, Sha384>;

/// Digests for 1, 2, … CPUs.
using Chain = std::vector<Sha384>;

Chain compute_chain(const Sha384& memory, std::uint64_t vmsa_gpa, const ChainKey& key, std::uint32_t most) {
    LaunchDigest digest(memory);
    Chain chain;
    chain.reserve(most);
    digest.vmsa_page(vmsa_gpa, key.first);
    chain.push_back(digest.value());
    while (chain.size() < most) {
        digest.vmsa_page(vmsa_gpa, key.second);
        chain.push_back(digest.value());
    }
    return chain;
}

/// The chains that a matrix needs: models that start in one state share one.
class Chains {
public:
    std::size_t add(const CpuStates& states) {
        ChainKey key{sha384(as_bytes(states.boot_cpu)), sha384(as_bytes(states.application_cpu))};
        const auto [found, is_new] = known_.emplace(key, keys_.size());
        if (is_new) keys_.push_back(key);
        return found->second;
    }

    std::vector<Chain> compute(const Sha384& memory, std::uint64_t vmsa_gpa, std::uint32_t most) const {
        std::vector<Chain> chains(keys_.size());
        parallel_for(keys_.size(), [&](std::size_t i) { chains[i] = compute_chain(memory, vmsa_gpa, keys_[i], most); });
        return chains;
    }

private:
    std::map<ChainKey, std::size_t> known_;
    std::vector<ChainKey> keys_;
};

}  // namespace

std::vector<MatrixRow> compute_matrix(const Sha384& memory, const ovmf::SevFirmware& firmware,
                                      const VmmProfile& profile, const MatrixAxes& axes,
                                      std::span<const VmsaOverride> overrides) {
    if (axes.vcpus.empty()) return {};
    Chains needed;
    std::vector<std::size_t> chain_of;
    for (const auto& cpu : axes.cpus)
        for (const auto features : axes.features) {
            auto states = cpu_states(profile, firmware, cpu.signature, features);
            apply_overrides(overrides, states);
            chain_of.push_back(needed.add(states));
        }
    const auto chains = needed.compute(memory, profile.vmsa_gpa, std::ranges::max(axes.vcpus));
    std::vector<MatrixRow> rows;
    rows.reserve(chain_of.size() * axes.vcpus.size());
    auto chain = chain_of.begin();
    for (const auto& cpu : axes.cpus)
        for (const auto features : axes.features) {
            for (const auto vcpus : axes.vcpus) rows.push_back({&cpu, features, vcpus, chains[*chain].at(vcpus - 1)});
            ++chain;
        }
    return rows;
}

Sha384 extend_cpus(const Sha384& digest, const VmmProfile& profile, const Vmsa& application_cpu, std::uint32_t more,
                   Trace* trace) {
    LaunchDigest extended(digest, trace);
    extended.part("application CPU");
    const auto content = sha384(as_bytes(application_cpu));
    for (std::uint32_t i = 0; i < more; ++i) extended.vmsa_page(profile.vmsa_gpa, content);
    return extended.value();
}

}  // namespace hallmark::snp
