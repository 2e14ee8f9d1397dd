// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>

namespace hallmark {

/// An unsigned integer of a wire structure: stored in a fixed byte order, aligned to one byte, converted on every
/// read and write, so that no conversion can be forgotten.
template <std::unsigned_integral T, std::endian kOrder>
class WireInteger {
public:
    constexpr WireInteger() = default;
    constexpr WireInteger(T value) {  // NOLINT(google-explicit-constructor): a field is assigned like a number
        for (std::size_t i = 0; i < sizeof(T); ++i) bytes_[index(i)] = static_cast<std::uint8_t>(value >> (8 * i));
    }
    [[nodiscard]] constexpr T get() const {
        T value = 0;
        for (std::size_t i = 0; i < sizeof(T); ++i)
            value = static_cast<T>(value | static_cast<T>(static_cast<T>(bytes_[index(i)]) << (8 * i)));
        return value;
    }
    constexpr operator T() const { return get(); }  // NOLINT(google-explicit-constructor)

private:
    /// Where the i-th least significant byte stands.
    static constexpr std::size_t index(std::size_t i) { return kOrder == std::endian::little ? i : sizeof(T) - 1 - i; }
    std::array<std::uint8_t, sizeof(T)> bytes_{};
};

template <std::unsigned_integral T>
using Le = WireInteger<T, std::endian::little>;
template <std::unsigned_integral T>
using Be = WireInteger<T, std::endian::big>;

using Le16 = Le<std::uint16_t>;
using Le32 = Le<std::uint32_t>;
using Le64 = Le<std::uint64_t>;
using Be32 = Be<std::uint32_t>;

static_assert(sizeof(Le64) == 8 && alignof(Le64) == 1);

}  // namespace hallmark
