// SPDX-License-Identifier: Apache-2.0
#include "measure/tpm/efi_stub.hpp"

#include <string_view>

#include "common/text.hpp"

namespace hallmark::tpm {
namespace {

constexpr std::string_view kOptionsEvent = "LOADED_IMAGE::LoadOptions";
constexpr std::string_view kInitrdMessage = "Loaded initrd from LINUX_EFI_INITRD_MEDIA_GUID";

}  // namespace

EfiStub read_efi_stub(ByteSpan kernel) {
    const std::string_view text = text_of(kernel);
    return {.measures_command_line = text.find(kOptionsEvent) != std::string_view::npos,
            .takes_initrd = text.find(kInitrdMessage) != std::string_view::npos};
}

}  // namespace hallmark::tpm
