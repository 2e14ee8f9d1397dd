// SPDX-License-Identifier: Apache-2.0
// Programs that a compiler made are in tests/integration/test_audit.py; here the damaged ones, under the sanitizers.
#include "image/audit/elf_file.hpp"

#include <elf.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>

#include "common/file.hpp"
#include "tests/support/expect_error.hpp"

namespace hallmark::audit {
namespace {

using namespace hallmark::test;

/// This test program itself: built with the project's own flags, so it keeps every rule.
const Bytes& self() {
    static const Bytes bytes = *read_file("/proc/self/exe", 512 * 1024 * 1024);
    return bytes;
}

/// The part of a program that damage is tried in: everything that the reader looks at, in a copy that is quick to make.
Bytes damaged(std::size_t offset, std::uint8_t value) {
    Bytes bytes = self();
    bytes.at(offset) = value;
    return bytes;
}

std::size_t program_header(std::uint32_t type) {
    Elf64_Ehdr header;
    std::memcpy(&header, self().data(), sizeof header);
    for (std::size_t index = 0; index < header.e_phnum; ++index) {
        const auto offset = header.e_phoff + index * sizeof(Elf64_Phdr);
        Elf64_Phdr segment;
        std::memcpy(&segment, self().data() + offset, sizeof segment);
        if (segment.p_type == type) return offset;
    }
    ADD_FAILURE() << "no segment of type " << type;
    return 0;
}

template <class T>
Bytes with(std::size_t offset, T value) {
    Bytes bytes = self();
    std::memcpy(bytes.data() + offset, &value, sizeof value);
    return bytes;
}

TEST(ElfFile, ReadsThisProgram) {
    Bytes bytes = self();
    ASSERT_TRUE(is_elf(bytes));
    const auto file = read_elf(bytes, "x");
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_EQ(file->loader, "/lib64/ld-linux-x86-64.so.2");
    EXPECT_NE(std::ranges::find(file->libraries, "libc.so.6"), file->libraries.end());
    EXPECT_TRUE(file->search_paths.empty());
    EXPECT_TRUE(file->dynamic && file->read_only_relocations && file->binds_now && file->stack_without_code);
    EXPECT_FALSE(file->fixed_address || file->text_relocations || file->writable_code);
}

TEST(ElfFile, KnowsWhatIsNone) {
    EXPECT_FALSE(is_elf({}));
    EXPECT_FALSE(
        is_elf(as_bytes(std::string_view("\x7f"
                                         "EL"))));
    EXPECT_FALSE(is_elf(as_bytes(std::string_view("#!/bin/sh"))));
}

TEST(ElfFile, RefusesOtherMachinesAndKinds) {
    const auto refuse = [](Bytes bytes, std::string_view word) {
        expect_error(read_elf(bytes, "/usr/bin/x"), {"/usr/bin/x: ", word}, Fault::kNo);
    };
    refuse(with<std::uint16_t>(offsetof(Elf64_Ehdr, e_machine), EM_AARCH64), "another machine");
    refuse(with<std::uint16_t>(offsetof(Elf64_Ehdr, e_type), ET_REL), "type 1");
    refuse(with<std::uint16_t>(offsetof(Elf64_Ehdr, e_type), ET_CORE), "type 4");
    refuse(damaged(EI_CLASS, 9), "damaged ELF file");
}

TEST(ElfFile, RefusesSegmentsOutsideTheFile) {
    for (const auto type : {PT_INTERP, PT_DYNAMIC})
        for (const std::uint64_t offset : {std::uint64_t{1} << 40, ~std::uint64_t{0}, std::uint64_t{1} << 63}) {
            Bytes bytes = with<std::uint64_t>(program_header(type) + offsetof(Elf64_Phdr, p_offset), offset);
            expect_error(read_elf(bytes, "x"), {"damaged ELF file: a segment outside"}, Fault::kNo);
        }
    Bytes bytes = with<std::uint64_t>(program_header(PT_INTERP) + offsetof(Elf64_Phdr, p_filesz), 1);
    expect_error(read_elf(bytes, "x"), {"does not end"}, Fault::kNo);
    bytes = with<std::uint32_t>(program_header(PT_INTERP), PT_DYNAMIC);
    expect_error(read_elf(bytes, "x"), {"two PT_DYNAMIC"}, Fault::kNo);
}

TEST(ElfFile, SurvivesTruncation) {
    for (std::size_t size = 0; size < 2048; size += 7) {
        Bytes bytes(self().begin(), self().begin() + static_cast<std::ptrdiff_t>(size));
        EXPECT_FALSE(read_elf(bytes, "x")) << size;
    }
}

/// Whatever the bytes are, an answer comes, and the sanitizers see nothing.
TEST(ElfFile, SurvivesAnyByteOfItsHeadersAndDynamicSection) {
    Elf64_Phdr dynamic;
    std::memcpy(&dynamic, self().data() + program_header(PT_DYNAMIC), sizeof dynamic);
    std::mt19937 random(1);  // NOLINT: the same damage in every run
    Bytes bytes = self();
    const auto try_at = [&](std::size_t offset) {
        const auto before = std::exchange(bytes.at(offset), static_cast<std::uint8_t>(random()));
        if (const auto file = read_elf(bytes, "x"); !file) {
            EXPECT_EQ(file.error().fault, Fault::kNo);
        }
        bytes.at(offset) = before;
    };
    for (std::size_t offset = 0; offset < 1024; ++offset) try_at(offset);
    for (std::size_t offset = 0; offset < dynamic.p_filesz; ++offset) try_at(dynamic.p_offset + offset);
}

}  // namespace
}  // namespace hallmark::audit
