// SPDX-License-Identifier: Apache-2.0
#include "boot/simulated/chain.hpp"

#include <fcntl.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>

#include "common/file.hpp"
#include "common/hex.hpp"

namespace hallmark::boot {
namespace {

constexpr std::size_t kLargestFile = 64 * 1024;
constexpr unsigned kSecret = 0600;
constexpr unsigned kPublic = 0644;

using Bio = openssl::Owned<BIO, BIO_free_all>;
namespace fs = std::filesystem;

Status write_pem(const fs::path& path, const Bio& bio, bool encoded, unsigned mode) {
    char* text = nullptr;
    const long size = encoded ? BIO_get_mem_data(bio.get(), &text) : 0;
    if (size <= 0) return std::unexpected(openssl::error(path.string()));
    return write_file(path, as_bytes(std::string_view(text, static_cast<std::size_t>(size))), mode);
}

Status write_certificate(const fs::path& path, X509& certificate) {
    const Bio bio(BIO_new(BIO_s_mem()));
    return write_pem(path, bio, bio && PEM_write_bio_X509(bio.get(), &certificate) == 1, kPublic);
}

Status write_key(const fs::path& path, EVP_PKEY& key) {
    const Bio bio(BIO_new(BIO_s_secmem()));
    const bool encoded =
        bio && PEM_write_bio_PKCS8PrivateKey(bio.get(), &key, nullptr, nullptr, 0, nullptr, nullptr) == 1;
    return write_pem(path, bio, encoded, kSecret);
}

Result<Bio> open_pem(const fs::path& path) {
    HALLMARK_TRY(const Bytes text, read_file(path, kLargestFile));
    Bio bio(BIO_new(BIO_s_mem()));
    if (!bio || BIO_write(bio.get(), text.data(), static_cast<int>(text.size())) != static_cast<int>(text.size()))
        return std::unexpected(openssl::error(path.string()));
    return bio;
}

Result<openssl::Certificate> read_certificate(const fs::path& path) {
    HALLMARK_TRY(const Bio bio, open_pem(path));
    openssl::Certificate certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    if (!certificate) return std::unexpected(openssl::error(path.string()));
    return certificate;
}

/// A private key is used only where nobody but its owner can read it.
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

/// Held while files of the folder are made or read, so that two processes see one chain.
Result<FileDescriptor> lock_folder(const fs::path& folder) {
    FileDescriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory.valid() || ::flock(directory.get(), LOCK_EX) != 0)
        return std::unexpected(system_error(folder.string()));
    return directory;
}

/// Makes everything; ask.pem is written last, so its presence means that the rest is there.
Status make_chain(const fs::path& folder) {
    HALLMARK_TRY(const auto ark, make_ark());
    HALLMARK_TRY(const auto ask, make_ask(ark));
    ChipId chip_id{};
    if (RAND_bytes(chip_id.data(), static_cast<int>(chip_id.size())) != 1)
        return std::unexpected(openssl::error("random numbers"));
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(folder, ignored))
        if (entry.path().filename().string().starts_with("vcek-")) fs::remove(entry.path(), ignored);
    HALLMARK_CHECK(write_file(folder / "chip-id", as_bytes(to_hex(chip_id) + "\n"), kPublic));
    HALLMARK_CHECK(write_certificate(folder / "ark.pem", *ark.certificate));
    HALLMARK_CHECK(write_key(folder / "ask.key.pem", *ask.key));
    return write_certificate(folder / "ask.pem", *ask.certificate);
}

Result<ChipId> read_chip_id(const fs::path& path) {
    HALLMARK_TRY(const Bytes text, read_file(path, 2 * sizeof(ChipId) + 1));
    std::string_view digits(reinterpret_cast<const char*>(text.data()), text.size());
    if (digits.ends_with('\n')) digits.remove_suffix(1);
    const auto bytes = from_hex(digits);
    ChipId chip_id{};
    if (!bytes || bytes->size() != chip_id.size())
        return bad_input(path.string() + ": expected 128 hexadecimal digits");
    std::copy(bytes->begin(), bytes->end(), chip_id.begin());
    return chip_id;
}

}  // namespace

Result<SimulatedChain> SimulatedChain::open(const fs::path& folder, const std::function<void()>& making) {
    HALLMARK_CHECK(make_folder(folder));
    HALLMARK_TRY(const auto lock, lock_folder(folder));
    if (!fs::exists(folder / "ask.pem")) {
        making();
        HALLMARK_CHECK(make_chain(folder));
    }
    SimulatedChain chain;
    chain.folder_ = folder;
    HALLMARK_TRY(const auto ark, read_certificate(folder / "ark.pem"));
    HALLMARK_TRY(chain.ark_, to_der(*ark));
    HALLMARK_TRY(chain.ask_.certificate, read_certificate(folder / "ask.pem"));
    HALLMARK_TRY(chain.ask_der_, to_der(*chain.ask_.certificate));
    HALLMARK_TRY(chain.ask_.key, read_key(folder / "ask.key.pem"));
    HALLMARK_TRY(chain.chip_id_, read_chip_id(folder / "chip-id"));
    return chain;
}

Result<KeyAndCertificate> SimulatedChain::vcek(const Product& product) const {
    // A VCEK belongs to one TCB: another TCB is another key.
    const std::string stem = "vcek-" + std::string(product.name) + "-" + to_hex(product.tcb_version());
    const auto certificate = folder_ / (stem + ".pem");
    const auto key = folder_ / (stem + ".key.pem");
    HALLMARK_TRY(const auto lock, lock_folder(folder_));
    if (!fs::exists(certificate)) {
        HALLMARK_TRY(const auto made, make_vcek(ask_, product, chip_id_));
        HALLMARK_CHECK(write_key(key, *made.key));
        HALLMARK_CHECK(write_certificate(certificate, *made.certificate));
    }
    KeyAndCertificate vcek;
    HALLMARK_TRY(vcek.certificate, read_certificate(certificate));
    HALLMARK_TRY(vcek.key, read_key(key));
    return vcek;
}

ChipId SimulatedChain::chip_id(const Product& product) const {
    ChipId chip_id = chip_id_;
    if (product.layout == snp::TcbLayout::kTurin) std::fill(chip_id.begin() + 8, chip_id.end(), std::uint8_t{0});
    return chip_id;
}

Result<fs::path> default_chain_folder() {
    if (const char* state = std::getenv("XDG_STATE_HOME"); state != nullptr && *state == '/')
        return fs::path(state) / "hallmark/simulated-snp";
    if (const char* home = std::getenv("HOME"); home != nullptr && *home == '/')
        return fs::path(home) / ".local/state/hallmark/simulated-snp";
    return bad_input("neither XDG_STATE_HOME nor HOME names a folder; give --simulated-root DIR");
}

}  // namespace hallmark::boot
