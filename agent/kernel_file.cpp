// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "common/descriptor.hpp"

namespace hallmark::guest {
namespace {

constexpr std::size_t kBlockSize = 4096;  // a page: what attributes are read by
constexpr std::size_t kLongestLine = 4096;

}  // namespace

Result<Bytes> read_kernel_file(const std::string& path, std::size_t limit) {
    const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.valid()) return std::unexpected(system_error(path, Fault::kNo));
    Bytes bytes;
    for (;;) {
        const std::size_t used = bytes.size();
        bytes.resize(used + kBlockSize);
        const auto count = ::read(file.get(), bytes.data() + used, kBlockSize);
        const int cause = errno;
        bytes.resize(used + static_cast<std::size_t>(count > 0 ? count : 0));
        if (count == 0) return bytes;
        if (count < 0 && cause != EINTR) {
            errno = cause;
            return std::unexpected(system_error(path, Fault::kNo));
        }
        if (bytes.size() > limit)
            return bad_input(path + ": more than the expected " + std::to_string(limit) + " bytes");
    }
}

Result<std::string> read_kernel_line(const std::string& path) {
    HALLMARK_TRY(const Bytes bytes, read_kernel_file(path, kLongestLine));
    std::string line(bytes.begin(), bytes.end());
    if (line.ends_with('\n')) line.pop_back();
    if (line.find('\n') != std::string::npos) return bad_input(path + ": more than one line");
    return line;
}

std::optional<std::string_view> kernel_parameter(std::string_view command_line, std::string_view name) {
    while (!command_line.empty()) {
        const auto end = command_line.find_first_of(" \t\r\n");
        const auto word = command_line.substr(0, end);
        command_line = end == std::string_view::npos ? "" : command_line.substr(end + 1);
        if (word.starts_with(name) && word.substr(name.size()).starts_with('=')) return word.substr(name.size() + 1);
    }
    return std::nullopt;
}

Status write_kernel_file(const std::string& path, ByteSpan bytes) {
    const FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!file.valid()) return std::unexpected(system_error(path, Fault::kNo));
    const auto count = ::write(file.get(), bytes.data(), bytes.size());
    if (count < 0) return std::unexpected(system_error(path, Fault::kNo));
    if (static_cast<std::size_t>(count) != bytes.size())
        return refused(path + ": took " + std::to_string(count) + " of " + std::to_string(bytes.size()) + " bytes");
    return {};
}

}  // namespace hallmark::guest
