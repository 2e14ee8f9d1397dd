// SPDX-License-Identifier: Apache-2.0
#include "measure/snp/firmware_file.hpp"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <system_error>
#include <utility>

#include "common/bytes.hpp"
#include "common/file.hpp"
#include "measure/ovmf/image_end.hpp"
#include "measure/ovmf/layout.hpp"
#include "measure/snp/launch_digest.hpp"

namespace hallmark::snp {
namespace {

/// Takes a file of a known size in blocks of any size; hashes its pages and keeps its end.
class FileMeasurer {
public:
    FileMeasurer(std::size_t size, bool with_sha256, Trace* trace)
        : size_(size), end_(std::min(size, ovmf::kUsualEnd)), digest_({}, trace) {
        if (with_sha256) sha256_.emplace();
        digest_.part("firmware");
    }

    void take(ByteSpan block) {
        // A file that grew is refused by its size in the end.
        block = block.first(std::min(block.size(), size_ - taken_));
        if (sha256_) sha256_->update(block);
        keep_end(block);
        taken_ += block.size();
        while (!block.empty()) block = block.subspan(take_page_part(block));
    }

    [[nodiscard]] ovmf::ImageEnd end() const { return {end_, size_}; }
    [[nodiscard]] const Sha384& digest() const { return digest_.value(); }
    [[nodiscard]] std::optional<Sha256> sha256() { return sha256_ ? std::optional(sha256_->finish()) : std::nullopt; }

private:
    void keep_end(ByteSpan block) {
        const auto begin = size_ - end_.size();
        if (taken_ + block.size() <= begin) return;
        const auto kept = block.subspan(begin > taken_ ? begin - taken_ : 0);
        std::ranges::copy(kept,
                          end_.end() - static_cast<std::ptrdiff_t>(size_ - taken_ - (block.size() - kept.size())));
    }

    /// Whole pages are hashed where they lie; what a block leaves of one waits for the next block.
    std::size_t take_page_part(ByteSpan block) {
        if (partial_.empty() && block.size() >= kPageSize) {
            add_page(block.first(kPageSize));
            return kPageSize;
        }
        const auto part = std::min(block.size(), kPageSize - partial_.size());
        append(partial_, block.first(part));
        if (partial_.size() == kPageSize) {
            add_page(partial_);
            partial_.clear();
        }
        return part;
    }

    void add_page(ByteSpan page) {
        digest_.normal_page(ovmf::kFourGiB - size_ + hashed_, PageSpan(page.first(kPageSize)));
        hashed_ += kPageSize;
    }

    std::size_t size_;
    std::size_t taken_ = 0;
    std::size_t hashed_ = 0;
    Bytes end_;
    Bytes partial_;
    LaunchDigest digest_;
    std::optional<Hasher<Sha256>> sha256_;
};

Result<MeasuredFile> measure_whole(const std::string& path, ovmf::UnknownSections unknown, bool with_sha256,
                                   Trace* trace) {
    HALLMARK_TRY(const Bytes image, read_file(path, ovmf::kLargestFirmware));
    MeasuredFile file;
    HALLMARK_TRY(file.firmware, measure_firmware(image, path, unknown, trace));
    if (with_sha256) file.sha256 = sha256(image);
    return file;
}

}  // namespace

Result<MeasuredFile> measure_firmware_file(const std::string& path, ovmf::UnknownSections unknown, bool with_sha256,
                                           Trace* trace) {
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    // The errors of what can't be a firmware are those of the whole file.
    if (error || !ovmf::check_firmware_size(size, path)) return measure_whole(path, unknown, with_sha256, trace);
    Trace steps;
    FileMeasurer measurer(size, with_sha256, trace != nullptr ? &steps : nullptr);
    HALLMARK_TRY(const std::uint64_t read, read_blocks(path, [&](ByteSpan block) { measurer.take(block); }));
    if (read != size) return bad_input(path + ": changed while it was read; try again");
    auto layout = ovmf::parse_sev_firmware(measurer.end(), path, unknown);
    if (!layout) return measure_whole(path, unknown, with_sha256, trace);
    if (trace != nullptr) trace->insert(trace->end(), steps.begin(), steps.end());
    return MeasuredFile{{measurer.digest(), *std::move(layout)}, measurer.sha256()};
}

}  // namespace hallmark::snp
