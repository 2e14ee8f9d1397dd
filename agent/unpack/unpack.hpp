// SPDX-License-Identifier: Apache-2.0
// A layer's tar becomes a folder, as overlayfs wants one: whiteouts are character devices 0/0, opaque folders have an
// extended attribute.
#pragma once

#include <cstdint>

#include "agent/unpack/attributes.hpp"
#include "agent/unpack/byte_source.hpp"
#include "common/result.hpp"

namespace hallmark::unpack {

struct Options {
    Rights rights = Rights::kRoot;
    std::uint64_t most_entries = std::uint64_t{1} << 22U;
    std::uint64_t largest_file = std::uint64_t{256} << 30U;  ///< bytes, holes too
};

struct Report {
    std::uint64_t entries = 0;
    std::uint64_t bytes = 0;  ///< of files, without holes
    std::uint64_t left_out_xattrs = 0;
};

/// Unpacks all of it into `root`, an open empty folder in which nobody else works, and reads `tar` to its end. Nothing
/// is synchronised. Of entries of one name the last wins; only folders are merged.
///
/// Names and links, hard ones too, lead nowhere but into the folder (see resolve()). Errors name the entry; what is
/// there by then is for the caller to remove. Fault: the tar is malformed (kBadInput), or it can't be unpacked here
/// (kNo).
Result<Report> unpack(const Pull& tar, int root, const Options& options);

}  // namespace hallmark::unpack
