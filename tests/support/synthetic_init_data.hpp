// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "common/bytes.hpp"
#include "common/endian.hpp"

namespace hallmark::test {

/// A document; its digests, by Python's hashlib, stand in the tests.
constexpr std::string_view kInitData =
    "version = \"0.1.0\"\n"
    "algorithm = \"sha384\"\n"
    "[data]\n"
    "\"aa.toml\" = '''\n"
    "[token_configs.kbs]\n"
    "url = \"http://127.0.0.1:8080\"\n"
    "'''\n"
    "\"policy.rego\" = \"package agent_policy\\n\"\n";

/// "some content", by Python's gzip.
constexpr std::string_view kSomeContentGzip = "1f8b08000000000002ff2bcecf4d5548cecf2b49cd2b01003f311f430c000000";

/// A disk of whole sectors around a compressed document.
inline Bytes init_data_disk(ByteSpan compressed) {
    Bytes disk;
    append(disk, as_bytes(std::string_view("initdata")));
    append(disk, as_bytes(Le64(compressed.size())));
    append(disk, compressed);
    disk.resize((disk.size() + 511) / 512 * 512);
    return disk;
}

}  // namespace hallmark::test
