// SPDX-License-Identifier: Apache-2.0
// Tars by hand, right and wrong.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/bytes.hpp"

namespace hallmark::test {

/// Fields of a POSIX header as texts, so that they can be anything.
struct TarFields {
    std::string name = {};
    char type = '0';
    std::string content = {};
    std::string link = {};
    std::string mode = "0000644";
    std::string uid = "0000000";
    std::string gid = "0000000";
    std::string size = {};  ///< empty: that of the content
    std::string modified = "00000000007";
    std::string major = "0000000";
    std::string minor = "0000000";
    std::string magic = std::string(
        "ustar\0"
        "00",
        8);
    std::string rest = {};  ///< from byte 345 on
};

inline std::string octal(std::uint64_t value, int digits) {
    char text[32];
    std::snprintf(text, sizeof text, "%0*llo", digits, static_cast<unsigned long long>(value));
    return text;
}

inline void put(std::string& block, std::size_t at, std::string_view text) {
    std::ranges::copy(text, block.begin() + static_cast<std::ptrdiff_t>(at));
}

class Tar {
public:
    Tar& add(const TarFields& fields) {
        std::string block(512, '\0');
        put(block, 0, fields.name);
        put(block, 100, fields.mode);
        put(block, 108, fields.uid);
        put(block, 116, fields.gid);
        put(block, 124, fields.size.empty() ? octal(fields.content.size(), 11) : fields.size);
        put(block, 136, fields.modified);
        put(block, 148, "        ");
        block[156] = fields.type;
        put(block, 157, fields.link);
        put(block, 257, fields.magic);
        put(block, 329, fields.major);
        put(block, 337, fields.minor);
        put(block, 345, fields.rest);
        unsigned sum = 0;
        for (const char c : block) sum += static_cast<unsigned char>(c);
        put(block, 148, octal(sum, 6) + '\0');
        return raw(block).padded(fields.content);
    }
    /// A file, folder, link…
    Tar& add(std::string name, char type, std::string content_or_link = "") {
        TarFields fields{.name = std::move(name), .type = type};
        (type == '1' || type == '2' ? fields.link : fields.content) = std::move(content_or_link);
        if (type == '5') fields.mode = "0000755";
        return add(fields);
    }
    /// Records before the next entry.
    Tar& pax(const std::vector<std::pair<std::string, std::string>>& records, char type = 'x') {
        std::string text;
        for (const auto& [key, value] : records) text += record(key, value);
        return add({.name = "records", .type = type, .content = text});
    }
    Tar& raw(std::string_view bytes) {
        bytes_ += bytes;
        return *this;
    }
    Tar& padded(std::string_view content) {
        bytes_ += content;
        bytes_.resize((bytes_.size() + 511) / 512 * 512, '\0');
        return *this;
    }
    Tar& end() { return raw(std::string(1024, '\0')); }

    [[nodiscard]] const std::string& text() const { return bytes_; }
    [[nodiscard]] Bytes bytes() const { return {bytes_.begin(), bytes_.end()}; }

    static std::string record(const std::string& key, const std::string& value) {
        const auto rest = key.size() + value.size() + 3;
        auto size = rest + 1;
        while (std::to_string(size).size() + rest != size) ++size;
        return std::to_string(size) + " " + key + "=" + value + "\n";
    }

private:
    std::string bytes_;
};

}  // namespace hallmark::test
