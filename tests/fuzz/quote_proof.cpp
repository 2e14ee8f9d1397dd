// SPDX-License-Identifier: Apache-2.0
// Attacker: a guest, or the host below it, with a quote of its own making for a challenger who trusts one root.
// Size cap: 16 KiB; a quote with three certificates has 5.
#include "relying-party/verifier/tdx/quote.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include "common/hex.hpp"
#include "tests/fuzz/proof/known.hpp"
#include "tests/fuzz/target.hpp"

namespace hallmark::fuzz {
namespace {

/// A quote of version 5 from hallmark-boot --tee simulated-tdx --evidence, of a platform whose keys nobody has.
constexpr const char* kKnownQuote =
#include "tests/fuzz/proof/known_quote.inc"
    ;
constexpr std::string_view kPemBegin = "-----BEGIN CERTIFICATE-----\n";
constexpr std::string_view kPemEnd = "\n-----END CERTIFICATE-----";

const Bytes& known_bytes() {
    static const Bytes bytes = from_hex(kKnownQuote).value();
    return bytes;
}

const tdx::Quote& known_quote() {
    static const tdx::Quote quote = tdx::parse_quote(known_bytes()).value();
    return quote;
}

/// The last certificate of its chain, in DER.
Bytes root_of(const tdx::Quote& quote) {
    const std::string_view text = text_of(quote.certification);
    const auto begin = text.rfind(kPemBegin) + kPemBegin.size();
    std::string base64(text.substr(begin, text.rfind(kPemEnd) - begin));
    std::erase(base64, '\n');
    Bytes der(base64.size());
    const auto size = EVP_DecodeBlock(der.data(), reinterpret_cast<const unsigned char*>(base64.data()),
                                      static_cast<int>(base64.size()));
    require(size > 0, "the known quote has a root");
    der.resize(static_cast<std::size_t>(size - std::ranges::count(base64, '=')));
    return der;
}

std::vector<Bytes> seeds() { return {known_bytes()}; }

void attempt(ByteSpan input) {
    static const Bytes root = root_of(known_quote());
    const verifier::ExpectedTd expected{known_quote().body.report_data, known_quote().body.mr_config_id};
    const auto proven = verifier::prove_quote(input, root, expected, kIn2026);
    require(proven || !equal(input, known_bytes()), "the quote that was made is proven");
    if (proven) require(equal(proven->signed_bytes, known_quote().signed_bytes), "only what was signed is proven");
}

}  // namespace

const Target kTarget{.largest = 16 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
