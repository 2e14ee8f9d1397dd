// SPDX-License-Identifier: Apache-2.0
#include "measure/snp/vmsa_fields.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include "common/hex.hpp"

namespace hallmark::snp {
namespace {

// The names are those of the structure: written once, they can't differ.
#define HALLMARK_FIELD(field) \
    VmsaField { #field, offsetof(Vmsa, field), sizeof(Vmsa::field) }
#define HALLMARK_PART(segment, part) \
    VmsaField { #segment "." #part, offsetof(Vmsa, segment) + offsetof(Segment, part), sizeof(Segment::part) }
#define HALLMARK_SEGMENT(segment)                                                                        \
    HALLMARK_PART(segment, selector), HALLMARK_PART(segment, attributes), HALLMARK_PART(segment, limit), \
        HALLMARK_PART(segment, base)

constexpr std::array kFields = {
    HALLMARK_SEGMENT(es),
    HALLMARK_SEGMENT(cs),
    HALLMARK_SEGMENT(ss),
    HALLMARK_SEGMENT(ds),
    HALLMARK_SEGMENT(fs),
    HALLMARK_SEGMENT(gs),
    HALLMARK_SEGMENT(gdtr),
    HALLMARK_SEGMENT(ldtr),
    HALLMARK_SEGMENT(idtr),
    HALLMARK_SEGMENT(tr),
    HALLMARK_FIELD(pl0_ssp),
    HALLMARK_FIELD(pl1_ssp),
    HALLMARK_FIELD(pl2_ssp),
    HALLMARK_FIELD(pl3_ssp),
    HALLMARK_FIELD(u_cet),
    HALLMARK_FIELD(reserved_0c8),
    HALLMARK_FIELD(vmpl),
    HALLMARK_FIELD(cpl),
    HALLMARK_FIELD(reserved_0cc),
    HALLMARK_FIELD(efer),
    HALLMARK_FIELD(reserved_0d8),
    HALLMARK_FIELD(xss),
    HALLMARK_FIELD(cr4),
    HALLMARK_FIELD(cr3),
    HALLMARK_FIELD(cr0),
    HALLMARK_FIELD(dr7),
    HALLMARK_FIELD(dr6),
    HALLMARK_FIELD(rflags),
    HALLMARK_FIELD(rip),
    HALLMARK_FIELD(dr0),
    HALLMARK_FIELD(dr1),
    HALLMARK_FIELD(dr2),
    HALLMARK_FIELD(dr3),
    HALLMARK_FIELD(dr0_address_mask),
    HALLMARK_FIELD(dr1_address_mask),
    HALLMARK_FIELD(dr2_address_mask),
    HALLMARK_FIELD(dr3_address_mask),
    HALLMARK_FIELD(reserved_1c0),
    HALLMARK_FIELD(rsp),
    HALLMARK_FIELD(s_cet),
    HALLMARK_FIELD(ssp),
    HALLMARK_FIELD(interrupt_ssp_table),
    HALLMARK_FIELD(rax),
    HALLMARK_FIELD(star),
    HALLMARK_FIELD(lstar),
    HALLMARK_FIELD(cstar),
    HALLMARK_FIELD(sfmask),
    HALLMARK_FIELD(kernel_gs_base),
    HALLMARK_FIELD(sysenter_cs),
    HALLMARK_FIELD(sysenter_esp),
    HALLMARK_FIELD(sysenter_eip),
    HALLMARK_FIELD(cr2),
    HALLMARK_FIELD(reserved_248),
    HALLMARK_FIELD(g_pat),
    HALLMARK_FIELD(dbgctl),
    HALLMARK_FIELD(br_from),
    HALLMARK_FIELD(br_to),
    HALLMARK_FIELD(last_exception_from),
    HALLMARK_FIELD(last_exception_to),
    HALLMARK_FIELD(reserved_298),
    HALLMARK_FIELD(pkru),
    HALLMARK_FIELD(tsc_aux),
    HALLMARK_FIELD(guest_tsc_scale),
    HALLMARK_FIELD(guest_tsc_offset),
    HALLMARK_FIELD(register_protection_nonce),
    HALLMARK_FIELD(rcx),
    HALLMARK_FIELD(rdx),
    HALLMARK_FIELD(rbx),
    HALLMARK_FIELD(secure_avic_control),
    HALLMARK_FIELD(rbp),
    HALLMARK_FIELD(rsi),
    HALLMARK_FIELD(rdi),
    HALLMARK_FIELD(r8),
    HALLMARK_FIELD(r9),
    HALLMARK_FIELD(r10),
    HALLMARK_FIELD(r11),
    HALLMARK_FIELD(r12),
    HALLMARK_FIELD(r13),
    HALLMARK_FIELD(r14),
    HALLMARK_FIELD(r15),
    HALLMARK_FIELD(reserved_380),
    HALLMARK_FIELD(guest_exit_info_1),
    HALLMARK_FIELD(guest_exit_info_2),
    HALLMARK_FIELD(guest_exit_interrupt_info),
    HALLMARK_FIELD(guest_nrip),
    HALLMARK_FIELD(sev_features),
    HALLMARK_FIELD(virtual_interrupt_control),
    HALLMARK_FIELD(guest_exit_code),
    HALLMARK_FIELD(virtual_tom),
    HALLMARK_FIELD(tlb_id),
    HALLMARK_FIELD(pcpu_id),
    HALLMARK_FIELD(event_injection),
    HALLMARK_FIELD(xcr0),
    HALLMARK_FIELD(reserved_3f0),
    HALLMARK_FIELD(x87_dp),
    HALLMARK_FIELD(mxcsr),
    HALLMARK_FIELD(x87_ftw),
    HALLMARK_FIELD(x87_fsw),
    HALLMARK_FIELD(x87_fcw),
    HALLMARK_FIELD(x87_fop),
    HALLMARK_FIELD(x87_ds),
    HALLMARK_FIELD(x87_cs),
    HALLMARK_FIELD(x87_rip),
    HALLMARK_FIELD(fp_registers_x87),
    HALLMARK_FIELD(fp_registers_xmm),
    HALLMARK_FIELD(fp_registers_ymm),
    HALLMARK_FIELD(reserved_670),
};

#undef HALLMARK_SEGMENT
#undef HALLMARK_PART
#undef HALLMARK_FIELD

constexpr std::size_t kLargestNumber = 8;

std::string similar_names(std::string_view name) {
    std::string similar;
    const auto head = name.substr(0, 2);
    for (const auto& field : kFields)
        if (field.name.starts_with(head)) similar += (similar.empty() ? "" : ", ") + std::string(field.name);
    return similar.empty() ? "a field such as rip, cs.base or sev_features" : similar;
}

Result<VmsaField> find_field(std::string_view name) {
    const auto* const found = std::ranges::find(kFields, name, &VmsaField::name);
    if (found != kFields.end()) return *found;
    return bad_input("no field '" + std::string(name) + "' in a VMSA, expected " + similar_names(name));
}

Result<Bytes> parse_value(const VmsaField& field, std::string_view text) {
    if (field.size > kLargestNumber) {
        HALLMARK_TRY(Bytes value, from_hex(text));
        if (value.size() == field.size) return value;
        return bad_input("found " + std::to_string(value.size()) + " bytes, expected " + std::to_string(field.size));
    }
    HALLMARK_TRY(const std::uint64_t number, parse_number(text));
    Bytes value(field.size);
    for (std::size_t i = 0; i < value.size(); ++i) value[i] = static_cast<std::uint8_t>(number >> (8 * i));
    if (field.size < kLargestNumber && number >> (8 * field.size) != 0)
        return bad_input("found " + hex_number(number) + ", expected " + std::to_string(8 * field.size) + " bits");
    return value;
}

void put(const VmsaOverride& override, Vmsa& state) {
    std::ranges::copy(override.value,
                      as_writable_bytes(state).begin() + static_cast<std::ptrdiff_t>(override.field.offset));
}

}  // namespace

std::span<const VmsaField> vmsa_fields() { return kFields; }

Result<VmsaOverride> parse_vmsa_override(std::string_view text) {
    const auto equals = text.find('=');
    if (equals == std::string_view::npos)
        return bad_input("'" + std::string(text) + "': expected FIELD=VALUE, bsp.FIELD=VALUE or ap.FIELD=VALUE");
    auto name = text.substr(0, equals);
    VmsaOverride override;
    if (name.starts_with("bsp.")) {
        override.role = CpuRole::kBoot;
        name.remove_prefix(4);
    } else if (name.starts_with("ap.")) {
        override.role = CpuRole::kApplication;
        name.remove_prefix(3);
    }
    HALLMARK_TRY(override.field, find_field(name));
    auto value = parse_value(override.field, text.substr(equals + 1));
    if (!value) return std::unexpected(value.error().at(std::string(name)));
    override.value = *std::move(value);
    return override;
}

void apply_overrides(std::span<const VmsaOverride> overrides, CpuStates& states) {
    for (const auto& override : overrides) {
        if (override.role != CpuRole::kApplication) put(override, states.boot_cpu);
        if (override.role != CpuRole::kBoot) put(override, states.application_cpu);
    }
}

}  // namespace hallmark::snp
