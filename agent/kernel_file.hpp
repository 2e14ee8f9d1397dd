// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "common/bytes.hpp"
#include "common/result.hpp"

namespace hallmark::guest {

/// A file that the kernel makes up while it is read (procfs, sysfs, configfs): its size is known only at its end.
/// At most `limit` bytes, more is an error.
Result<Bytes> read_kernel_file(const std::string& path, std::size_t limit);

/// The one line in such a file, without its end.
Result<std::string> read_kernel_line(const std::string& path);

/// The value of NAME=VALUE on the kernel's command line.
std::optional<std::string_view> kernel_parameter(std::string_view command_line, std::string_view name);

/// Writes in a single write and closes: configfs hands a binary attribute to its driver only at the close.
Status write_kernel_file(const std::string& path, ByteSpan bytes);

}  // namespace hallmark::guest
