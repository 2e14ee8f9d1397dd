// SPDX-License-Identifier: Apache-2.0
#include "boot/simulated/key_folder.hpp"

#include <fcntl.h>
#include <openssl/pem.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>

#include "common/file.hpp"

namespace hallmark::boot {
namespace {

constexpr std::size_t kLargestFile = 64 * 1024;
constexpr unsigned kSecret = 0600;

using Bio = openssl::Owned<BIO, BIO_free_all>;
namespace fs = std::filesystem;

Status write_pem(const fs::path& path, const Bio& bio, bool encoded, unsigned mode) {
    char* text = nullptr;
    const long size = encoded ? BIO_get_mem_data(bio.get(), &text) : 0;
    if (size <= 0) return std::unexpected(openssl::error(path.string()));
    return write_file(path, as_bytes(std::string_view(text, static_cast<std::size_t>(size))), mode);
}

Result<Bio> open_pem(const fs::path& path) {
    HALLMARK_TRY(const Bytes text, read_file(path, kLargestFile));
    Bio bio(BIO_new(BIO_s_mem()));
    if (!bio || BIO_write(bio.get(), text.data(), static_cast<int>(text.size())) != static_cast<int>(text.size()))
        return std::unexpected(openssl::error(path.string()));
    return bio;
}

}  // namespace

Status write_certificate(const fs::path& path, X509& certificate) {
    const Bio bio(BIO_new(BIO_s_mem()));
    return write_pem(path, bio, bio && PEM_write_bio_X509(bio.get(), &certificate) == 1, kPublicFile);
}

Status write_key(const fs::path& path, EVP_PKEY& key) {
    const Bio bio(BIO_new(BIO_s_secmem()));
    const bool encoded =
        bio && PEM_write_bio_PKCS8PrivateKey(bio.get(), &key, nullptr, nullptr, 0, nullptr, nullptr) == 1;
    return write_pem(path, bio, encoded, kSecret);
}

Result<openssl::Certificate> read_certificate(const fs::path& path) {
    HALLMARK_TRY(const Bio bio, open_pem(path));
    openssl::Certificate certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    if (!certificate) return std::unexpected(openssl::error(path.string()));
    return certificate;
}

Result<openssl::Key> read_key(const fs::path& path) {
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0) return std::unexpected(system_error(path.string()));
    if ((status.st_mode & 077U) != 0)
        return bad_input(path.string() + ": others can read this key; make it anew: remove " +
                         path.parent_path().string());
    HALLMARK_TRY(const Bio bio, open_pem(path));
    openssl::Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
    if (!key) return std::unexpected(openssl::error(path.string()));
    return key;
}

Status make_folder(const fs::path& folder) {
    std::error_code error;
    // A bare relative name has no parent, and making nothing is an error.
    if (folder.has_parent_path()) fs::create_directories(folder.parent_path(), error);
    if (!error && ::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
        return std::unexpected(system_error(folder.string()));
    if (error) return bad_input(folder.string() + ": " + error.message());
    return {};
}

Result<FileDescriptor> lock_folder(const fs::path& folder) {
    FileDescriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory.valid() || ::flock(directory.get(), LOCK_EX) != 0)
        return std::unexpected(system_error(folder.string()));
    return directory;
}

Result<fs::path> state_folder(std::string_view name) {
    if (const char* state = std::getenv("XDG_STATE_HOME"); state != nullptr && *state == '/')
        return fs::path(state) / "hallmark" / name;
    if (const char* home = std::getenv("HOME"); home != nullptr && *home == '/')
        return fs::path(home) / ".local/state/hallmark" / name;
    return bad_input("neither XDG_STATE_HOME nor HOME names a folder; give --simulated-root DIR");
}

}  // namespace hallmark::boot
