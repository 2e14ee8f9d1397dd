// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>

#include "boot/simulated/certificates.hpp"

namespace hallmark::boot {

/// The simulated platform's certificates, made once and kept in a folder that only its owner can read: ark.pem,
/// ask.pem, ask.key.pem, chip-id, and for each product its VCEK. The ARK's key is thrown away once the ASK is signed.
class SimulatedChain {
public:
    /// Opens the folder, and makes what is missing; two processes at once agree on one chain. `making` is called
    /// before that takes seconds.
    static Result<SimulatedChain> open(const std::filesystem::path& folder, const std::function<void()>& making);

    /// The endorsed key of this platform's chip as that product.
    Result<KeyAndCertificate> vcek(const Product& product) const;

    [[nodiscard]] const Bytes& ark() const { return ark_; }  // DER
    [[nodiscard]] const Bytes& ask() const { return ask_der_; }
    /// The chip's identifier as reports of that product have it.
    [[nodiscard]] ChipId chip_id(const Product& product) const;

private:
    std::filesystem::path folder_;
    Bytes ark_;
    Bytes ask_der_;
    KeyAndCertificate ask_;
    ChipId chip_id_{};
};

}  // namespace hallmark::boot
