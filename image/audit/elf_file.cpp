// SPDX-License-Identifier: Apache-2.0
#include "image/audit/elf_file.hpp"

#include <gelf.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <memory>

namespace hallmark::audit {
namespace {

/// Longer paths are none that the kernel opens (PATH_MAX).
constexpr std::size_t kLongestPath = 4096;

struct EndElf {
    void operator()(Elf* elf) const { elf_end(elf); }
};
using ElfHandle = std::unique_ptr<Elf, EndElf>;

std::unexpected<Error> damaged(const std::string& what, const std::string& why) {
    return refused(what + ": damaged ELF file: " + why + "; take it from its package again, or prune it");
}

class Reader {
public:
    Reader(Elf* elf, const std::string& what) : elf_(elf), what_(what) {}

    Result<ElfFile> read() {
        HALLMARK_CHECK(read_header());
        HALLMARK_CHECK(read_segments());
        if (dynamic_) HALLMARK_CHECK(read_dynamic(*dynamic_));
        return std::move(file_);
    }

private:
    Status read_header() {
        GElf_Ehdr header;
        if (gelf_getehdr(elf_, &header) == nullptr) return damaged(what_, elf_errmsg(-1));
        if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB ||
            header.e_machine != EM_X86_64)
            return refused(what_ + ": ELF file of another machine, expected x86-64; prune it");
        if (header.e_type != ET_EXEC && header.e_type != ET_DYN)
            return refused(what_ + ": ELF file of type " + std::to_string(header.e_type) +
                           ", expected a program or a shared library; prune it");
        file_.fixed_address = header.e_type == ET_EXEC;
        return {};
    }

    Status read_segments() {
        std::size_t count = 0;
        if (elf_getphdrnum(elf_, &count) != 0 || count == 0) return damaged(what_, "no program headers");
        for (std::size_t index = 0; index < count; ++index) {
            GElf_Phdr segment;
            if (gelf_getphdr(elf_, static_cast<int>(index), &segment) == nullptr) return damaged(what_, elf_errmsg(-1));
            HALLMARK_CHECK(take(segment));
        }
        return {};
    }

    Status take(const GElf_Phdr& segment) {
        const bool executable = (segment.p_flags & PF_X) != 0;
        switch (segment.p_type) {
            case PT_LOAD:
                loads_.push_back(segment);
                file_.writable_code |= executable && (segment.p_flags & PF_W) != 0;
                break;
            case PT_INTERP: {
                if (file_.loader) return damaged(what_, "two PT_INTERP");
                HALLMARK_TRY(file_.loader, string_at(segment.p_offset, segment.p_filesz));
                break;
            }
            case PT_DYNAMIC:
                if (dynamic_) return damaged(what_, "two PT_DYNAMIC");
                dynamic_ = segment;
                file_.dynamic = true;
                break;
            case PT_GNU_RELRO:
                file_.read_only_relocations = true;
                break;
            case PT_GNU_STACK:
                file_.stack_without_code = !executable;
                break;
            default:
                break;
        }
        return {};
    }

    Status read_dynamic(const GElf_Phdr& segment) {
        HALLMARK_TRY(const Elf_Data* table, chunk(segment.p_offset, segment.p_filesz, ELF_T_DYN));
        std::vector<GElf_Dyn> names;
        for (int index = 0;; ++index) {
            GElf_Dyn entry;
            if (gelf_getdyn(const_cast<Elf_Data*>(table), index, &entry) == nullptr || entry.d_tag == DT_NULL) break;
            note(entry);
            if (entry.d_tag == DT_NEEDED || entry.d_tag == DT_RPATH || entry.d_tag == DT_RUNPATH)
                names.push_back(entry);
        }
        for (const auto& entry : names) {
            HALLMARK_TRY(std::string name, dynamic_string(entry.d_un.d_val));
            (entry.d_tag == DT_NEEDED ? file_.libraries : file_.search_paths).push_back(std::move(name));
        }
        return {};
    }

    void note(const GElf_Dyn& entry) {
        const auto value = entry.d_un.d_val;
        const bool flags = entry.d_tag == DT_FLAGS;
        file_.binds_now |= entry.d_tag == DT_BIND_NOW || (flags && (value & DF_BIND_NOW) != 0) ||
                           (entry.d_tag == DT_FLAGS_1 && (value & DF_1_NOW) != 0);
        file_.text_relocations |= entry.d_tag == DT_TEXTREL || (flags && (value & DF_TEXTREL) != 0);
        if (entry.d_tag == DT_STRTAB) strings_address_ = value;
        if (entry.d_tag == DT_STRSZ) strings_size_ = value;
    }

    /// The string at an offset of the dynamic string table, found as the loader finds it: by its address.
    Result<std::string> dynamic_string(std::uint64_t offset) {
        const auto load = std::ranges::find_if(loads_, [this](const GElf_Phdr& one) {
            return strings_address_ >= one.p_vaddr && strings_address_ - one.p_vaddr < one.p_filesz;
        });
        if (load == loads_.end()) return damaged(what_, "its string table is in no loaded segment");
        if (offset >= strings_size_) return damaged(what_, "a name outside its string table");
        const auto start = strings_address_ - load->p_vaddr;
        if (offset >= load->p_filesz - start) return damaged(what_, "a name outside its segment");
        return string_at(load->p_offset + start + offset, strings_size_ - offset);
    }

    Result<std::string> string_at(std::uint64_t offset, std::uint64_t size) {
        HALLMARK_TRY(const Elf_Data* data, chunk(offset, std::min<std::uint64_t>(size, kLongestPath), ELF_T_BYTE));
        const auto* text = static_cast<const char*>(data->d_buf);
        const auto length = ::strnlen(text, data->d_size);
        if (length == 0 || length == data->d_size) return damaged(what_, "a name that is empty or does not end");
        return std::string(text, length);
    }

    Result<const Elf_Data*> chunk(std::uint64_t offset, std::uint64_t size, Elf_Type type) {
        constexpr auto kLargest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
        if (offset > kLargest || size == 0) return damaged(what_, "a segment outside the file");
        // Fails where offset + size is not within the file.
        const Elf_Data* data = elf_getdata_rawchunk(elf_, static_cast<std::int64_t>(offset), size, type);
        if (data == nullptr || data->d_buf == nullptr) return damaged(what_, "a segment outside the file");
        return data;
    }

    Elf* elf_;
    const std::string& what_;
    ElfFile file_;
    std::vector<GElf_Phdr> loads_;
    std::optional<GElf_Phdr> dynamic_;
    std::uint64_t strings_address_ = 0;
    std::uint64_t strings_size_ = 0;
};

}  // namespace

bool is_elf(ByteSpan start) { return start.size() >= SELFMAG && std::memcmp(start.data(), ELFMAG, SELFMAG) == 0; }

Result<ElfFile> read_elf(Bytes& bytes, const std::string& what) {
    if (elf_version(EV_CURRENT) == EV_NONE) return bad_input("libelf: too old for this program; build it again");
    const ElfHandle elf(elf_memory(reinterpret_cast<char*>(bytes.data()), bytes.size()));
    if (!elf || elf_kind(elf.get()) != ELF_K_ELF) return damaged(what, "libelf does not know it");
    return Reader(elf.get(), what).read();
}

}  // namespace hallmark::audit
