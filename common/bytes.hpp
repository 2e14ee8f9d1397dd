// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

namespace hallmark {

using Bytes = std::vector<std::uint8_t>;
using ByteSpan = std::span<const std::uint8_t>;

/// The bytes of a text, without a terminating NUL.
inline ByteSpan as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// The bytes of a wire structure. Only for types without padding: each is closed by static_assert where it is declared.
template <class T>
    requires(std::is_class_v<T> && std::is_trivially_copyable_v<T> && alignof(T) == 1)
ByteSpan as_bytes(const T& structure) {
    return {reinterpret_cast<const std::uint8_t*>(&structure), sizeof(T)};
}

template <class T>
    requires(std::is_class_v<T> && std::is_trivially_copyable_v<T> && alignof(T) == 1)
std::span<std::uint8_t> as_writable_bytes(T& structure) {
    return {reinterpret_cast<std::uint8_t*>(&structure), sizeof(T)};
}

inline void append(Bytes& to, ByteSpan bytes) { to.insert(to.end(), bytes.begin(), bytes.end()); }

inline bool equal(ByteSpan a, ByteSpan b) {
    return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
}

inline bool all_zero(ByteSpan bytes) {
    for (const auto byte : bytes)
        if (byte != 0) return false;
    return true;
}

}  // namespace hallmark
