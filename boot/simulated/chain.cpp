// SPDX-License-Identifier: Apache-2.0
#include "boot/simulated/chain.hpp"

#include <openssl/rand.h>

#include <algorithm>

#include "boot/simulated/key_folder.hpp"
#include "common/file.hpp"
#include "common/hex.hpp"
#include "common/text.hpp"

namespace hallmark::boot {
namespace {

namespace fs = std::filesystem;

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
    HALLMARK_CHECK(write_file(folder / "chip-id", as_bytes(to_hex(chip_id) + "\n"), kPublicFile));
    HALLMARK_CHECK(write_certificate(folder / "ark.pem", *ark.certificate));
    HALLMARK_CHECK(write_key(folder / "ask.key.pem", *ask.key));
    return write_certificate(folder / "ask.pem", *ask.certificate);
}

Result<ChipId> read_chip_id(const fs::path& path) {
    HALLMARK_TRY(const Bytes text, read_file(path, 2 * sizeof(ChipId) + 1));
    std::string_view digits = text_of(text);
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
    HALLMARK_TRY(chain.ark_, x509::to_der(*ark));
    HALLMARK_TRY(chain.ask_.certificate, read_certificate(folder / "ask.pem"));
    HALLMARK_TRY(chain.ask_der_, x509::to_der(*chain.ask_.certificate));
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

}  // namespace hallmark::boot
