// SPDX-License-Identifier: Apache-2.0
// Unpacks one layer from a file, as the image puller does from a registry, for tests that compare the tree, and for the
// bench. The folder is made, and may not be there yet.
//
//   unpack-layer-driver BLOB FOLDER MEDIA-TYPE DIGEST DIFF-ID [PUBLIC-OPTIONS [LARGEST]]
//
// An encrypted layer: PUBLIC-OPTIONS is its annotation, and the private options, as JSON, come on standard input.
// LARGEST: bytes of the tar at most. Says on standard output what was unpacked, and the largest resident memory.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "agent/layers/layer_stream.hpp"
#include "agent/unpack/unpack.hpp"
#include "common/descriptor.hpp"
#include "common/file.hpp"
#include "common/hex.hpp"
#include "common/secret.hpp"

namespace hallmark {
namespace {

Result<layers::PrivateOptions> read_private_options() {
    std::string text;
    std::array<char, 4096> block{};
    for (ssize_t size = 0; (size = ::read(STDIN_FILENO, block.data(), block.size())) > 0;)
        text.append(block.data(), static_cast<std::size_t>(size));
    auto options = layers::parse_private_options(text);
    wipe(text);
    return options;
}

unsigned long long whole(std::uint64_t number) { return number; }

/// Resident memory at its largest, in KiB. Not getrusage()'s, which begins with that of whoever started the program.
Result<std::uint64_t> most_resident() {
    constexpr std::string_view kField = "VmHWM:";
    std::array<char, 8192> text{};
    const FileDescriptor file(::open("/proc/self/status", O_RDONLY | O_CLOEXEC));
    const auto size = ::read(file.get(), text.data(), text.size());
    const std::string_view status(text.data(), size < 0 ? 0 : static_cast<std::size_t>(size));
    auto at = status.find(kField);
    if (at == std::string_view::npos) return refused("/proc/self/status: no VmHWM");
    at = status.find_first_of("0123456789", at);
    return parse_number(status.substr(at, status.find(' ', at) - at));
}

/// What the network's thread does.
Status push_file(const std::filesystem::path& path, layers::LayerStream& stream) {
    HALLMARK_TRY(const FileDescriptor file, open_regular(path));
    Bytes block(std::size_t{64} * 1024);
    for (;;) {
        const auto size = ::read(file.get(), block.data(), block.size());
        if (size < 0) return std::unexpected(system_error(path.string()));
        if (size == 0) return stream.close();
        HALLMARK_CHECK(stream.push(ByteSpan(block).first(static_cast<std::size_t>(size))));
    }
}

Result<std::unique_ptr<layers::LayerStream>> open(std::span<const std::string> arguments) {
    layers::Expected expected;
    HALLMARK_TRY(expected.kind, layers::layer_kind(arguments[2]));
    HALLMARK_TRY(expected.digest, oci::Digest::parse(arguments[3]));
    HALLMARK_TRY(expected.diff_id, oci::Digest::parse(arguments[4]));
    std::error_code error;
    expected.size = std::filesystem::file_size(arguments[0], error);
    if (error) return bad_input(arguments[0] + ": " + error.message());
    expected.largest = layers::kLargestTar;
    if (arguments.size() > 6) {
        HALLMARK_TRY(expected.largest, parse_number(arguments[6]));
    }
    std::optional<layers::DecryptionKey> key;
    if (expected.kind.encrypted && arguments.size() > 5) {
        key.emplace();
        HALLMARK_TRY(key->open, layers::parse_public_options(arguments[5]));
        HALLMARK_TRY(key->unwrapped, read_private_options());
    }
    return layers::LayerStream::open(std::move(expected), std::move(key));
}

Status run(std::span<const std::string> arguments) {
    if (arguments.size() < 5)
        return bad_input("usage: BLOB FOLDER MEDIA-TYPE DIGEST DIFF-ID [PUBLIC-OPTIONS [LARGEST]]");
    HALLMARK_TRY(const auto stream, open(arguments));
    if (::mkdir(arguments[1].c_str(), 0700) != 0) return std::unexpected(system_error(arguments[1]));
    const FileDescriptor root(::open(arguments[1].c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!root.valid()) return std::unexpected(system_error(arguments[1]));
    std::thread network([&] {
        if (const auto pushed = push_file(arguments[0], *stream); !pushed) stream->fail(pushed.error());
    });
    unpack::Options options;
    options.rights = ::geteuid() == 0 ? unpack::Rights::kRoot : unpack::Rights::kUser;
    const auto report = unpack::unpack([&] { return stream->next(); }, root.get(), options);
    if (!report) stream->fail(report.error());
    network.join();
    if (!report) return std::unexpected(report.error());
    HALLMARK_TRY(const auto resident, most_resident());
    std::printf(R"({"entries": %llu, "bytes": %llu, "left_out_xattrs": %llu, "resident_kib": %llu})",
                whole(report->entries), whole(report->bytes), whole(report->left_out_xattrs), whole(resident));
    return {};
}

}  // namespace
}  // namespace hallmark

int main(int argc, char** argv) {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    const auto done = hallmark::run(arguments);
    if (done) return 0;
    std::fprintf(stderr, "unpack-layer-driver: %s\n", done.error().message.c_str());
    return done.error().exit_status();
}
