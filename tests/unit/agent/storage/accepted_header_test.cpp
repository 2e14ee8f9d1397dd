// SPDX-License-Identifier: Apache-2.0
#include "agent/storage/accepted_header.hpp"

#include <gtest/gtest.h>

#include "tests/support/expect_error.hpp"
#include "tests/support/synthetic_luks2.hpp"

namespace hallmark::storage {
namespace {

Json metadata() { return parse_json(test::kLuks2Metadata, "metadata").value(); }

/// The metadata with another value at one place.
Json with(const char* pointer, Json value) {
    Json changed = metadata();
    changed[Json::json_pointer(pointer)] = std::move(value);
    return changed;
}

Json without(const char* pointer, const char* key) {
    Json changed = metadata();
    changed[Json::json_pointer(pointer)].erase(key);
    return changed;
}

void refuse(const Json& changed, std::string_view reason) {
    test::expect_error(check_header(test::luks2_device(changed.dump())), {reason}, Fault::kNo);
}

TEST(AcceptedHeader, IsCryptsetups) {
    const auto checked = check_header(test::luks2_device(test::kLuks2Metadata));
    EXPECT_TRUE(checked) << checked.error().message;
}

TEST(AcceptedHeader, SaltsAndDigestAreFree) {
    const std::string other(43, 'A');
    EXPECT_TRUE(check_metadata(with("/keyslots/0/kdf/salt", other + "=")));
    EXPECT_TRUE(check_metadata(with("/digests/0/salt", other + "=")));
    EXPECT_TRUE(check_metadata(with("/digests/0/digest", other + "=")));
    refuse(with("/keyslots/0/kdf/salt", "AAAA"), "keyslots.0.kdf.salt: found \"AAAA\", expected 32 bytes in base64");
    refuse(with("/keyslots/0/kdf/salt", "32 bytes"), "expected 32 bytes in base64");
    refuse(with("/digests/0/digest", 7), "digests.0.digest: found 7");
}

TEST(AcceptedHeader, NoCipherThatHidesNothing) {
    refuse(with("/segments/0/encryption", "cipher_null-ecb"),
           R"(segments.0.encryption: found "cipher_null-ecb", expected "aes-xts-plain64")");
    refuse(with("/segments/0/encryption", "aes-ecb"), "segments.0.encryption");
    refuse(with("/segments/0/encryption", "aes-cbc-essiv:sha256"), "segments.0.encryption");
    refuse(with("/keyslots/0/area/encryption", "cipher_null-ecb"), "keyslots.0.area.encryption");
    refuse(with("/keyslots/0/key_size", 64), "keyslots.0.key_size: found 64, expected 96");
    refuse(with("/keyslots/0/area/key_size", 0), "keyslots.0.area.key_size");
}

TEST(AcceptedHeader, NoLessIntegrity) {
    refuse(without("/segments/0", "integrity"), "segments.0.integrity: missing");
    refuse(with("/segments/0/integrity", nullptr), "segments.0.integrity: found null");
    refuse(with("/segments/0/integrity/type", "none"), R"x(found "none", expected "hmac(sha256)")x");
    refuse(with("/segments/0/integrity/type", "crc32"), "segments.0.integrity.type");
    refuse(with("/segments/0/sector_size", 512), "segments.0.sector_size: found 512, expected 4096");
}

TEST(AcceptedHeader, NoOtherWayToTheKey) {
    // argon2 wants up to a gigabyte of memory, and it is the header that says how much.
    refuse(with("/keyslots/0/kdf", {{"type", "argon2id"}, {"time", 4}, {"memory", 1048576}, {"cpus", 4}}),
           "keyslots.0.kdf.time: found 4, expected no such key");
    refuse(with("/keyslots/0/kdf/type", "argon2id"), R"(keyslots.0.kdf.type: found "argon2id", expected "pbkdf2")");
    refuse(with("/keyslots/0/kdf/iterations", 4'000'000'000), "keyslots.0.kdf.iterations: found 4000000000");
    refuse(with("/keyslots/0/kdf/iterations", 1000.0), "keyslots.0.kdf.iterations: found 1000.0, expected 1000");
    refuse(with("/keyslots/0/kdf/hash", "sha1"), "keyslots.0.kdf.hash");
    refuse(with("/digests/0/iterations", 1), "digests.0.iterations: found 1, expected 1000");
    refuse(with("/keyslots/1", metadata()["keyslots"]["0"]), "keyslots.1: found");
    refuse(with("/tokens/0", {{"type", "luks2-keyring"}, {"keyslots", {"0"}}, {"key_description", "k"}}), "tokens.0");
}

TEST(AcceptedHeader, NoOtherPlaces) {
    refuse(with("/segments/0/offset", "0"), R"(segments.0.offset: found "0", expected "16777216")");
    refuse(with("/segments/0/offset", "18446744073709551615"), "segments.0.offset");
    refuse(with("/segments/0/size", "4096"), R"(segments.0.size: found "4096", expected "dynamic")");
    refuse(with("/segments/0/iv_tweak", "8"), "segments.0.iv_tweak");
    refuse(with("/segments/0/type", "linear"), "segments.0.type");
    refuse(with("/segments/1", metadata()["segments"]["0"]), "segments.1: found");
    refuse(with("/segments/0/flags", {"backup-final"}), "segments.0.flags: found");
    refuse(with("/keyslots/0/area/offset", "16384"), "keyslots.0.area.offset");
    refuse(with("/keyslots/0/area/size", "1"), "keyslots.0.area.size");
    refuse(with("/keyslots/0/af/stripes", 1), "keyslots.0.af.stripes");
    refuse(with("/config/keyslots_size", "4096"), "config.keyslots_size");
    refuse(with("/config/requirements", {{"mandatory", {"online-reencrypt-v2"}}}), "config.requirements: found");
    refuse(with("/config/flags", {"allow-discards"}), "config.flags: found");
    refuse(with("/digests/0/segments", Json::array()), "digests.0.segments: found []");
    refuse(with("/digests/0/segments", {"0", "1"}), R"(digests.0.segments: found ["0","1"], expected ["0"])");
    refuse(Json::array(), "its metadata: found []");
    refuse(without("", "config"), "config: missing");
}

TEST(AcceptedHeader, WhatIsLongIsComparedWhole) {
    refuse(with("/segments/0/encryption", "aes-xts-plain64" + std::string(500, ' ')), "segments.0.encryption");
    refuse(with("/config/json_size", std::string(500, '"')), "...");
}

}  // namespace
}  // namespace hallmark::storage
