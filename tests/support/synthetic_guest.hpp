// SPDX-License-Identifier: Apache-2.0
// A folder as the image build leaves it, with small synthetic artefacts.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string_view>

#include "common/file.hpp"
#include "tests/support/synthetic_manifest.hpp"

namespace hallmark::test {

inline void write(const std::filesystem::path& path, ByteSpan bytes) {
    const auto written = write_file(path, bytes);
    ASSERT_TRUE(written) << written.error().message;
}

inline void write_guest(const std::filesystem::path& folder, const Json& described = manifest()) {
    write(folder / "vmlinuz", synthetic_kernel());
    write(folder / "OVMF.amdsev.fd", firmware());
    write(folder / "OVMF.fd", firmware_without_kernel_hashes());
    write(folder / "guest.img", synthetic_initrd());
    write(folder / "guest.efi", synthetic_uki());
    write(folder / "guest-uki.img", synthetic_uki());
    write(folder / "manifest.json", as_bytes(std::string_view(to_text(described))));
}

}  // namespace hallmark::test
