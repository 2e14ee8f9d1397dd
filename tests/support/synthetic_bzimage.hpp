// SPDX-License-Identifier: Apache-2.0
// A Linux kernel image for tests, as far as loaders read it; offsets of Linux, Documentation/arch/x86/boot.rst.
#pragma once

#include <cstdint>
#include <string_view>

#include "common/bytes.hpp"
#include "tests/support/synthetic_pe.hpp"

namespace hallmark::test {

/// One sector of setup, so that the code begins at 0x400, and a payload of 0x80 bytes at 0x440.
inline Bytes bzimage_image() {
    Bytes image(0x800);
    put_at(image, 0x1f1, std::uint8_t{1});
    put_at(image, 0x1fe, std::uint16_t{0xaa55});
    put_at(image, 0x202, std::string_view("HdrS"));
    put_at(image, 0x206, std::uint16_t{0x20f});
    put_at(image, 0x20e, std::uint16_t{0x80});
    put_at(image, 0x211, std::uint8_t{1});
    put_at(image, 0x22c, std::uint32_t{0x7fffffff});
    put_at(image, 0x230, std::uint32_t{0x200000});
    put_at(image, 0x234, std::uint8_t{1});
    put_at(image, 0x236, std::uint16_t{0x2b});
    put_at(image, 0x238, std::uint32_t{2047});
    put_at(image, 0x248, std::uint32_t{0x40});
    put_at(image, 0x24c, std::uint32_t{0x80});
    put_at(image, 0x258, std::uint64_t{0x1000000});
    put_at(image, 0x260, std::uint32_t{0x1d17000});
    put_at(image, 0x264, std::uint32_t{0x190});
    put_at(image, 0x280, std::string_view("6.12.1-test (b@h) #1 SMP"));
    put_at(image, 0x440, std::string_view("\x28\xb5\x2f\xfd"));
    return image;
}

}  // namespace hallmark::test
