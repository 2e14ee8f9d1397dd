// SPDX-License-Identifier: Apache-2.0
#include "relying-party/verifier/tdx/utc_time.hpp"

#include <openssl/asn1.h>

#include <cstddef>

namespace hallmark::verifier {
namespace {

constexpr std::string_view kForm = "dddd-dd-ddTdd:dd:ddZ";

using Time = openssl::Owned<ASN1_TIME, ASN1_TIME_free>;

}  // namespace

Result<std::time_t> time_of(const ASN1_TIME* time, std::string_view what) {
    std::tm fields{};
    if (time == nullptr || ASN1_TIME_to_tm(time, &fields) != 1) {
        ERR_clear_error();
        return bad_input(std::string(what) + ": no time that can be read");
    }
    return ::timegm(&fields);
}

Result<std::time_t> parse_utc(std::string_view text, std::string_view what) {
    std::string digits;
    bool matches = text.size() == kForm.size();
    for (std::size_t i = 0; matches && i < kForm.size(); ++i) {
        const bool digit = text[i] >= '0' && text[i] <= '9';
        matches = kForm[i] == 'd' ? digit : text[i] == kForm[i];
        if (digit) digits += text[i];
    }
    const Time time(ASN1_TIME_new());
    if (matches && time && ASN1_TIME_set_string(time.get(), (digits + "Z").c_str()) == 1)
        return time_of(time.get(), what);
    ERR_clear_error();
    return bad_input(std::string(what) + ": found '" + std::string(text.substr(0, kForm.size())) +
                     "', expected a time like 2025-10-27T13:07:17Z");
}

std::string utc_text(std::time_t time) {
    std::tm fields{};
    char text[32] = "";
    if (::gmtime_r(&time, &fields) == nullptr || std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &fields) == 0)
        return "?";
    return text;
}

}  // namespace hallmark::verifier
