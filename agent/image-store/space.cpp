// SPDX-License-Identifier: Apache-2.0
#include "agent/image-store/space.hpp"

#include <sys/statvfs.h>

#include <string>

#include "common/descriptor.hpp"

namespace hallmark::store {
namespace {

/// Less than this is left by whoever writes until it is full.
constexpr std::uint64_t kFewBytes = 1024 * 1024;
constexpr std::uint64_t kFewFiles = 16;
/// A file system that counts no files says so with all of them.
constexpr std::uint64_t kUncounted = ~std::uint64_t{0};

}  // namespace

Result<Space> space_in(const std::filesystem::path& folder) {
    struct statvfs status{};
    if (::statvfs(folder.c_str(), &status) != 0) return std::unexpected(system_error(folder.string(), Fault::kNo));
    return Space{.bytes = std::uint64_t{status.f_bavail} * status.f_frsize,
                 .files = status.f_files == 0 ? kUncounted : std::uint64_t{status.f_favail}};
}

bool is_for_space(const Error& error) {
    return error.message.find("no space is left") != std::string::npos ||
           error.message.find("which is all that it may be") != std::string::npos;
}

bool is_full(const Space& space) { return space.bytes < kFewBytes || space.files < kFewFiles; }

Error no_space(const std::filesystem::path& folder, const Space& before, const Space& after, const Error& cause) {
    const bool files = after.files < kFewFiles && after.bytes >= kFewBytes;
    const std::uint64_t had = files ? before.files : before.bytes;
    return {Fault::kNo, folder.string() + ": no space is left: of " + std::to_string(had) +
                            (files ? " files" : " bytes") + " that were free all are used and more are needed (" +
                            cause.message + "); give the store a larger disk or the guest more memory"};
}

}  // namespace hallmark::store
