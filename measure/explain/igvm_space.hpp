// SPDX-License-Identifier: Apache-2.0
// The neighbourhood of the launch of an IGVM file. The file says all that is loaded; what may be other than believed is
// which file it was, what the loader and the host made of it, and how it was computed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/digest.hpp"
#include "common/result.hpp"
#include "measure/explain/dimension.hpp"
#include "measure/explain/search.hpp"
#include "measure/igvm/file.hpp"
#include "measure/igvm/reading.hpp"
#include "measure/igvm/snp.hpp"

namespace hallmark::explain {

/// A file on the platform that was asked for.
struct IgvmLaunch {
    std::string name;  ///< as it was typed
    std::string platform;
    Sha384 digest{};           ///< what `igvm` prints
    igvm::LoadedPages loaded;  ///< on SEV-SNP
    /// What else may have been computed of this file, or on its other platform: which option, its value, and the
    /// digest.
    struct Other {
        std::string option;
        std::string given;
        Value seen;
        Sha384 digest{};
    };
    std::vector<Other> others;
};
Result<IgvmLaunch> measure_igvm(const igvm::File& file, const std::string& platform, igvm::Unknown unknown);

class IgvmSpace : public Space {
public:
    /// The request's own launch first, then those of other files.
    IgvmSpace(std::vector<IgvmLaunch> launches, const Sha384& expected);

    [[nodiscard]] const Sha384& value() const { return launches_.front().digest; }
    [[nodiscard]] const std::vector<Dimension>& dimensions() const override { return dimensions_; }
    [[nodiscard]] std::optional<std::size_t> run() const override { return 0; }
    [[nodiscard]] std::vector<Hit> measure(std::span<const Candidate> candidates) const override;

private:
    /// Where the file's VP contexts are measured.
    enum class Contexts { kAsInFile, kLast, kAtKvmAddress, kAsKvm, kNone };
    /// The digest before the first context, and the pages from there on.
    struct Memory {
        Sha384 before{};
        std::vector<igvm::LoadedPage> rest;
    };

    void add_snp_axes();
    [[nodiscard]] std::vector<Dimension> all_dimensions() const;
    [[nodiscard]] const IgvmLaunch& launch_of(const Candidate& candidate) const;
    [[nodiscard]] Memory memory_of(const Candidate& candidate) const;
    /// The choices of the run for which the candidate has the expected value.
    [[nodiscard]] std::vector<std::size_t> matches(const Candidate& candidate, const Memory& memory) const;
    /// The page of a context, with the candidate's features.
    [[nodiscard]] Sha384 context_page(const Candidate& candidate, snp::Vmsa state) const;

    std::vector<IgvmLaunch> launches_;
    Sha384 expected_;
    Axis<std::uint32_t> vcpus_;                   ///< the run: contexts, then further CPUs
    Axis<std::optional<std::uint32_t>> further_;  ///< signature of the further CPUs; nothing: like the last context
    Axis<std::uint64_t> features_;
    Axis<Contexts> contexts_;
    Axis<bool> zero_pages_;  ///< whether pages without data are of type ZERO
    Axis<std::size_t> files_;
    std::vector<Axis<std::optional<Sha384>>> others_;  ///< one for each option of IgvmLaunch::others
    std::vector<Dimension> dimensions_;
};

}  // namespace hallmark::explain
