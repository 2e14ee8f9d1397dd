// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>

#include "common/digest.hpp"
#include "common/hex.hpp"
#include "measure/bzimage/setup_header.hpp"
#include "measure/inspect/format.hpp"
#include "measure/inspect/pe.hpp"

namespace hallmark::inspect {
namespace {

using bzimage::SetupHeader;

bool is_bzimage(ByteSpan bytes) {
    const auto header = bzimage::read_setup_header(bytes, "");
    return header && header->boot_flag == bzimage::kBootFlag;
}

/// 0x20f as "2.15"
std::string protocol_text(std::uint16_t protocol) {
    return std::to_string(protocol >> 8) + "." + std::to_string(protocol & 0xff);
}

Json extended_flags(std::uint16_t flags) {
    return {{"value", hex_number(flags)},
            {"kernel_64", (flags & bzimage::kKernel64) != 0},
            {"loadable_above_4g", (flags & bzimage::kLoadableAbove4G) != 0},
            {"efi_handover_32", (flags & bzimage::kHandover32) != 0},
            {"efi_handover_64", (flags & bzimage::kHandover64) != 0}};
}

/// The fields that the header's protocol has.
Json describe_header(const SetupHeader& header) {
    const auto since = [&](std::uint16_t protocol) { return header.protocol >= protocol; };
    Json json = {{"protocol", protocol_text(header.protocol)},
                 {"code_offset", hex_number(bzimage::code_offset(header))},
                 {"loaded_high", (header.load_flags & bzimage::kLoadedHigh) != 0}};
    if (since(bzimage::kProtocolOfInitrdLimit)) json["initrd_limit"] = hex_number(header.initrd_limit);
    if (since(bzimage::kProtocolOfRelocation)) {
        json["relocatable"] = header.relocatable != 0;
        json["kernel_alignment"] = hex_number(header.kernel_alignment);
    }
    if (since(bzimage::kProtocolOfCommandLineSize)) json["longest_command_line"] = header.command_line_size.get();
    if (since(bzimage::kProtocolOfInitSize)) {
        json["preferred_address"] = hex_number(header.preferred_address);
        json["init_size"] = hex_number(header.init_size);
    }
    if (since(bzimage::kProtocolOfHandover)) json["handover_offset"] = hex_number(header.handover_offset);
    if (since(bzimage::kProtocolOfExtendedFlags)) json["extended_flags"] = extended_flags(header.extended_flags);
    return json;
}

Json describe_payload(ByteSpan bytes, const SetupHeader& header, const std::string& what) {
    const auto payload = bzimage::payload(bytes, header, what);
    if (!payload) return {{"error", payload.error().message}};
    if (payload->empty()) return nullptr;
    return {{"offset", hex_number(static_cast<std::size_t>(payload->data() - bytes.data()))},
            {"size", payload->size()},
            {"packing", std::string(bzimage::packing(*payload))}};
}

Result<Json> describe(ByteSpan bytes, const std::string& what) {
    HALLMARK_TRY(const SetupHeader header, bzimage::read_setup_header(bytes, what));
    Json json = {{"size", bytes.size()}};
    if (const auto version = bzimage::version_text(bytes, header)) json["version"] = std::string(*version);
    // SEV-SNP's kernel hashes are of the file; what firmware measures is the Authenticode digest.
    json["sha256"] = to_hex(sha256(bytes));
    json["sha384"] = to_hex(sha384(bytes));
    json["setup_header"] = describe_header(header);
    json["payload"] = describe_payload(bytes, header, what);
    json["efi_stub"] = pe::is_pe(bytes);
    if (!pe::is_pe(bytes)) return json;
    const auto file = pe::parse_pe(bytes, what);
    const auto image = file ? describe_pe(bytes, *file, what) : std::unexpected(file.error());
    if (image)
        json.update(*image);
    else
        json["error"] = image.error().message;
    return json;
}

}  // namespace

const Format kBzImage{
    .name = "bzimage", .title = "Linux kernel for x86 (bzImage)", .recognise = is_bzimage, .describe = describe};

}  // namespace hallmark::inspect
