// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "common/file.hpp"
#include "common/formats/guest_port.hpp"
#include "measure/image/manifest.hpp"
#include "measure/reference_values/reference_values.hpp"
#include "measure/snp/vcpu.hpp"

namespace hallmark::boot {

/// A guest image with what was published about it.
struct Image {
    Manifest manifest;
    ReferenceValues values;

    static Result<Image> open(const std::filesystem::path& folder);
    /// The text of a command line by its name; the error lists the names.
    Result<std::string> command_line(std::string_view name) const;
    /// The digest published for a launch; an unknown combination is an error that says which are known.
    Result<Sha384> predicted(std::string_view command_line, std::string_view vcpu_type, unsigned vcpus) const;
};

/// A random challenge.
Result<guest_port::Challenge> make_challenge();

/// Opens the file for the console's text, or gives an invalid descriptor where no path is named.
Result<FileDescriptor> open_console_file(const std::filesystem::path& path);

/// "is not among the reference values", or whose it is: the digest of another launch of the image.
std::string whose(const Sha384& digest, const Image& image);

}  // namespace hallmark::boot
