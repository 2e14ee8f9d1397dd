// SPDX-License-Identifier: Apache-2.0
#include "agent/storage/cryptsetup.hpp"

#include <vector>

#include "agent/storage/luks2_format.hpp"
#include "agent/storage/tool.hpp"

namespace hallmark::storage {
namespace {

constexpr const char* kProgram = "/usr/sbin/cryptsetup";
constexpr int kNoSuchKey = 2;  // cryptsetup(8), "return codes": no permission (bad passphrase)
constexpr std::size_t kSector = 512;

}  // namespace

Status format(const std::string& device, const FileDescriptor& header, const Secret& key) {
    HALLMARK_TRY(const KeyPipe pipe, KeyPipe::of(key));
    // What accepted_header.cpp accepts. Tags are not written for all of the device: the file system reads nothing that
    // it didn't write, and whatever else is read has a wrong tag, as it should.
    return run_tool_well({kProgram,
                          "luksFormat",
                          "--batch-mode",
                          "--type",
                          "luks2",
                          "--cipher",
                          "aes-xts-plain64",
                          "--key-size",
                          "512",
                          "--integrity",
                          "hmac-sha256",
                          "--integrity-no-wipe",
                          "--sector-size",
                          "4096",
                          "--pbkdf",
                          "pbkdf2",
                          "--hash",
                          "sha256",
                          "--pbkdf-force-iterations",
                          "1000",
                          "--use-urandom",
                          "--disable-locks",
                          "--disable-keyring",
                          "--offset",
                          std::to_string(luks2::kDataOffset / kSector),
                          "--header",
                          path_of(header.get()),
                          "--key-file",
                          pipe.path(),
                          "--keyfile-size",
                          std::to_string(key.bytes().size()),
                          device},
                         {header.get(), pipe.fd()});
}

Status open(const Opening& opening, const FileDescriptor& header, const Secret& key) {
    HALLMARK_TRY(const KeyPipe pipe, KeyPipe::of(key));
    std::vector<std::string> argv{kProgram,
                                  "open",
                                  "--batch-mode",
                                  "--type",
                                  "luks2",
                                  "--key-slot",
                                  "0",
                                  "--disable-locks",
                                  "--disable-keyring",
                                  "--disable-external-tokens",
                                  "--header",
                                  path_of(header.get()),
                                  "--key-file",
                                  pipe.path(),
                                  "--keyfile-size",
                                  std::to_string(key.bytes().size())};
    if (!opening.journal) argv.emplace_back("--integrity-no-journal");
    argv.insert(argv.end(), {opening.device, opening.name});
    HALLMARK_TRY(const Ended ended, run_tool(argv, {header.get(), pipe.fd()}));
    if (ended.status == 0) return {};
    if (ended.status == kNoSuchKey) return refused(opening.device + ": this key does not open it");
    return refused(opening.device + ": can't be opened: cryptsetup: exit status " + std::to_string(ended.status) +
                   ": " + ended.says);
}

Status close(const std::string& name) { return run_tool_well({kProgram, "close", "--disable-locks", name}, {}); }

}  // namespace hallmark::storage
