// SPDX-License-Identifier: Apache-2.0
// Endorsement keys of kinds that no vector has, certified by an authority of one test run.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "common/formats/snp_certificates.hpp"
#include "tests/unit/relying-party/verifier/x509/pki.hpp"

namespace hallmark::test {

/// The extensions of a leaf by their identifiers.
struct Leaf {
    std::map<std::string, Bytes> values;
    const char* twice = nullptr;
};

inline const Pair& root() {
    static const Pair kRoot = make_authority("ARK of a test", 0x10000);
    return kRoot;
}

inline const Pair& authority() {
    static const Pair kAuthority = make_authority("authority of a test", 0x10001, &root(), "ARK of a test");
    return kAuthority;
}

inline Pair make_leaf(const Leaf& leaf, const Pair& issuer, const char* issuer_name = "authority of a test") {
    Pair made;
    made.key.reset(EVP_EC_gen("P-384"));
    const boot::x509::Template from{"SEV-VxEK of a test", 0, kUntil2051};
    made.certificate = boot::x509::start(from, {issuer_name, 0, kUntil2051}, *made.key).value();
    for (const auto& [identifier, value] : leaf.values) {
        EXPECT_TRUE(boot::x509::add_extension(*made.certificate, identifier.c_str(), value));
        if (leaf.twice != nullptr && identifier == leaf.twice) {
            EXPECT_TRUE(boot::x509::add_extension(*made.certificate, identifier.c_str(), value));
        }
    }
    sign(*made.certificate, *issuer.key);
    return made;
}

inline Leaf with_tcb(const char* product, std::uint8_t boot_loader, std::uint8_t tee, std::uint8_t snp,
                     std::uint8_t microcode) {
    namespace kds = hallmark::snp::kds;
    using boot::x509::der_integer;
    return {.values = {{kds::kProductName, boot::x509::der_ia5_string(product)},
                       {kds::kBootLoader, der_integer(boot_loader)},
                       {kds::kTee, der_integer(tee)},
                       {kds::kSnp, der_integer(snp)},
                       {kds::kMicrocode, der_integer(microcode)}}};
}

/// TCB 0102030400000047
inline Leaf turin_vcek() {
    Leaf leaf = with_tcb("Turin-B0", 2, 3, 4, 0x47);
    leaf.values[hallmark::snp::kds::kFmc] = boot::x509::der_integer(1);
    leaf.values[hallmark::snp::kds::kHardwareId] = {0x6b, 0xb1, 0x22, 0x9b, 0x76, 0x92, 0xb7, 0x10};
    return leaf;
}

/// TCB 04000000000018db
inline Leaf milan_vlek() {
    Leaf leaf = with_tcb("Milan", 4, 0, 24, 219);
    leaf.values[hallmark::snp::kds::kCspId] = boot::x509::der_ia5_string("CN=cc-us-east-2.example");
    return leaf;
}

}  // namespace hallmark::test
