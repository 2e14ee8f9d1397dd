// SPDX-License-Identifier: Apache-2.0
// Attacker: a guest or a host that presents a quote of its own making.
// Size cap: 8 KiB; a quote with its certificates has 5.
#include "common/formats/tdx_quote.hpp"

#include "tests/fuzz/target.hpp"

namespace hallmark::fuzz {
namespace {

std::vector<Bytes> seeds() {
    const Bytes authentication(32, 1);
    const Bytes chain(100, 2);
    std::vector<Bytes> quotes;
    for (const auto& [version, type] :
         {std::pair{std::uint16_t{4}, tdx::BodyType::kTd10}, std::pair{std::uint16_t{5}, tdx::BodyType::kTd10},
          std::pair{std::uint16_t{5}, tdx::BodyType::kTd15}}) {
        tdx::Quote quote;
        quote.header.version = version;
        quote.header.attestation_key_type = tdx::kEcdsaP256Sha256;
        quote.header.tee_type = std::uint32_t{tdx::kTeeTypeTdx};
        quote.body_type = type;
        quote.authentication_data = authentication;
        quote.certification = chain;
        quotes.push_back(tdx::encode_quote(quote));
    }
    return quotes;
}

void attempt(ByteSpan input) {
    const auto quote = tdx::parse_quote(input);
    if (!quote) return;
    const auto again = tdx::encode_quote(*quote);
    require(again.size() <= input.size() && equal(again, input.first(again.size())), "a quote is kept as it came");
    require(all_zero(input.subspan(again.size())), "behind it stand only zeros");
    require(equal(tdx::encode_signed_part(*quote), quote->signed_bytes), "what is signed is kept as it came");
}

}  // namespace

const Target kTarget{.largest = 8 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
