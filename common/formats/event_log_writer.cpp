// SPDX-License-Identifier: Apache-2.0
#include "common/formats/event_log_writer.hpp"

#include <algorithm>
#include <string_view>

#include "common/endian.hpp"

namespace hallmark::event_log {
namespace {

constexpr std::string_view kSignature("Spec ID Event03\0", 16);
constexpr std::uint32_t kFirstRegister = 1;  // RTMR0
constexpr std::uint8_t kMajorVersion = 2;
constexpr std::uint8_t kUintn64 = 2;

constexpr auto number(EventType type) { return static_cast<std::uint32_t>(type); }
constexpr auto number(Algorithm algorithm) { return static_cast<std::uint16_t>(algorithm); }

Bytes first_record() {
    SpecIdHeader spec;
    std::ranges::copy(kSignature, spec.signature.begin());
    spec.version_major = kMajorVersion;
    spec.uintn_size = kUintn64;
    spec.algorithm_count = 1U;
    AlgorithmSize bank;
    bank.algorithm = number(Algorithm::kSha384);
    bank.size = static_cast<std::uint16_t>(sizeof(Sha384));
    Sha1EventHeader header;
    header.register_index = kFirstRegister;
    header.type = number(EventType::kNoAction);
    header.data_size = static_cast<std::uint32_t>(sizeof spec + sizeof bank + 1);
    Bytes record;
    append(record, as_bytes(header));
    append(record, as_bytes(spec));
    append(record, as_bytes(bank));
    record.push_back(0);  // no vendor's information
    return record;
}

}  // namespace

Bytes encode_record(const Record& record) {
    EventHeader header;
    header.register_index = record.register_index;
    header.type = number(record.type);
    header.digest_count = 1U;
    Bytes encoded;
    append(encoded, as_bytes(header));
    append(encoded, as_bytes(Le16(number(Algorithm::kSha384))));
    append(encoded, record.digest);
    append(encoded, as_bytes(Le32(static_cast<std::uint32_t>(record.data.size()))));
    append(encoded, record.data);
    return encoded;
}

Bytes encode_guest_log(std::span<const Record> records) {
    Bytes log = first_record();
    for (const auto& record : records) append(log, encode_record(record));
    return log;
}

}  // namespace hallmark::event_log
