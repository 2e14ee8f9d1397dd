// SPDX-License-Identifier: Apache-2.0
#include "common/formats/event_replay.hpp"

#include <string>
#include <string_view>

#include "common/digest.hpp"
#include "common/hex.hpp"

namespace hallmark::event_log {
namespace {

constexpr std::string_view kStartupLocality("StartupLocality\0", 16);

std::string name_of(Algorithm algorithm) {
    const auto name = algorithm_name(algorithm);
    return name ? std::string(*name) : hex_number(static_cast<std::uint16_t>(algorithm), 4);
}

template <class Digest>
Result<Bytes> extend_with(ByteSpan value, ByteSpan digest) {
    if (value.size() != sizeof(Digest) || digest.size() != sizeof(Digest))
        return bad_input("value of " + std::to_string(value.size()) + " and digest of " +
                         std::to_string(digest.size()) + " bytes, expected " + std::to_string(sizeof(Digest)));
    Hasher<Digest> hasher;
    hasher.update(value);
    hasher.update(digest);
    const Digest extended = hasher.finish();
    return Bytes(extended.begin(), extended.end());
}

/// A TPM that was started by hardware from another locality says so in PCR 0, of which it is the first value.
void start_at_locality(const Event& event, std::size_t digest_size, Registers& registers) {
    if (event.register_index != 0 || event.data.size() != kStartupLocality.size() + 1 || registers.contains(0) ||
        !equal(event.data.first(kStartupLocality.size()), as_bytes(kStartupLocality)))
        return;
    Bytes value(digest_size);
    value.back() = event.data.back();
    registers.emplace(0, std::move(value));
}

}  // namespace

Result<Bytes> extend(Algorithm algorithm, ByteSpan value, ByteSpan digest) {
    switch (algorithm) {
        case Algorithm::kSha1:
            return extend_with<Sha1>(value, digest);
        case Algorithm::kSha256:
            return extend_with<Sha256>(value, digest);
        case Algorithm::kSha384:
            return extend_with<Sha384>(value, digest);
        case Algorithm::kSha512:
            return extend_with<Sha512>(value, digest);
        case Algorithm::kSm3:
            break;
    }
    return bad_input("bank " + name_of(algorithm) + ": can't be replayed; name sha1, sha256, sha384 or sha512");
}

Result<Registers> replay(const EventLog& log, Algorithm algorithm, const std::string& what) {
    const auto bank = log.bank(algorithm);
    if (!bank) return bad_input(what + ": no bank " + name_of(algorithm) + "; name one that the log has");
    const std::size_t size = log.banks[*bank].digest_size;
    Registers registers;
    for (const auto& event : log.events) {
        if (event.type == EventType::kNoAction) {
            start_at_locality(event, size, registers);
            continue;
        }
        const auto digest = event.digests[*bank];
        if (digest.empty())
            return bad_input(what + ": offset " + hex_number(event.offset) + ": no digest of " + name_of(algorithm) +
                             "; name a bank that every event has");
        auto& value = registers.try_emplace(event.register_index, Bytes(size)).first->second;
        HALLMARK_TRY(value, extend(algorithm, value, digest));
    }
    return registers;
}

}  // namespace hallmark::event_log
