// SPDX-License-Identifier: Apache-2.0
#include "measure/qemu/pci.hpp"

#include "common/hex.hpp"

namespace hallmark::qemu {
namespace {

constexpr std::uint16_t kConfigAddress = 0xcf8;
constexpr std::uint16_t kConfigData = 0xcfc;
constexpr std::uint32_t kEnable = 1U << 31;

// Registers of every function.
constexpr std::uint8_t kIdentity = 0x00;
constexpr std::uint8_t kCommand = 0x04;
constexpr std::uint8_t kHeaderType = 0x0c;  // bits 16 to 23
constexpr std::uint8_t kFirstBar = 0x10;
constexpr std::uint8_t kPrefetchable = 0x24;  // of a bridge: base and limit
constexpr std::uint32_t kMemoryDecoded = 1U << 1;

// q35: the host bridge and the LPC bridge.
constexpr std::uint32_t kHostBridge = 0;
constexpr std::uint32_t kLpc = 31U << 11;
constexpr std::uint32_t kMch = 0x29c08086;
constexpr std::uint8_t kPciExpressBar = 0x60;
constexpr std::uint8_t kPowerManagementBase = 0x40;
constexpr std::uint8_t kAcpiControl = 0x44;
constexpr std::uint32_t kOvmfPciExpress = 0xe0000001;
constexpr std::uint32_t kOvmfPowerManagement = 0x601;
constexpr std::uint32_t kAcpiEnable = 0x80;

Result<std::uint32_t> read(Qtest& qtest, std::uint32_t function, std::uint8_t offset) {
    HALLMARK_CHECK(qtest.out(kConfigAddress, kEnable | function | offset));
    return qtest.in(kConfigData);
}

Status write(Qtest& qtest, std::uint32_t function, std::uint8_t offset, std::uint32_t value) {
    HALLMARK_CHECK(qtest.out(kConfigAddress, kEnable | function | offset));
    return qtest.out(kConfigData, value);
}

/// The 64-bit register of one function.
Result<std::optional<WideRegister>> wide_register_of(Qtest& qtest, std::uint32_t function, bool bridge) {
    constexpr std::uint32_t kKind = 0x7;
    constexpr std::uint32_t kMemory64 = 0x4;
    const auto bars = bridge ? std::uint8_t{2} : std::uint8_t{6};
    for (std::uint8_t i = 0; i < bars; ++i) {
        const auto offset = static_cast<std::uint8_t>(kFirstBar + 4 * i);
        HALLMARK_TRY(const std::uint32_t bar, read(qtest, function, offset));
        if ((bar & kKind) == kMemory64) return WideRegister{function, offset, false};
    }
    if (!bridge) return std::nullopt;
    HALLMARK_TRY(const std::uint32_t window, read(qtest, function, kPrefetchable));
    return (window & 0xf) == 1 ? std::optional(WideRegister{function, kPrefetchable, true}) : std::nullopt;
}

/// The functions of one device: one, or as many as 8.
Result<std::optional<WideRegister>> find_in_device(Qtest& qtest, std::uint32_t device) {
    constexpr std::uint32_t kAbsent = 0xffffffff;
    std::uint32_t functions = 1;
    for (std::uint32_t i = 0; i < functions; ++i) {
        const auto function = (device << 11) | (i << 8);
        HALLMARK_TRY(const std::uint32_t identity, read(qtest, function, kIdentity));
        if (identity == kAbsent) continue;
        HALLMARK_TRY(const std::uint32_t type, read(qtest, function, kHeaderType));
        if ((type & (0x80U << 16)) != 0) functions = 8;
        HALLMARK_TRY(const auto found, wide_register_of(qtest, function, ((type >> 16) & 0x7f) == 1));
        if (found) return found;
    }
    return std::nullopt;
}

}  // namespace

Status set_up_chipset(Qtest& qtest) {
    HALLMARK_TRY(const std::uint32_t host, read(qtest, kHostBridge, kIdentity));
    if (host != kMch)
        return bad_input("host bridge " + hex_number(host, 8) + ", expected " + hex_number(kMch) +
                         " of machine q35; TDX guests have no other");
    HALLMARK_CHECK(write(qtest, kHostBridge, kPciExpressBar + 4, 0));
    HALLMARK_CHECK(write(qtest, kHostBridge, kPciExpressBar, kOvmfPciExpress));
    HALLMARK_CHECK(write(qtest, kLpc, kPowerManagementBase, kOvmfPowerManagement));
    return write(qtest, kLpc, kAcpiControl, kAcpiEnable);
}

Result<std::optional<WideRegister>> find_wide_register(Qtest& qtest) {
    for (std::uint32_t device = 0; device < 32; ++device) {
        HALLMARK_TRY(const auto found, find_in_device(qtest, device));
        if (found) return found;
    }
    return std::nullopt;
}

Status place(Qtest& qtest, const WideRegister& where, std::uint64_t address) {
    const auto low = static_cast<std::uint32_t>(address);
    const auto high = static_cast<std::uint32_t>(address >> 32);
    if (where.bridge) {
        // Base and limit hold bits 20 to 31 of an address; a window of 1 MiB has the same in both.
        const auto base = (low >> 16) & 0xfff0U;
        HALLMARK_CHECK(write(qtest, where.function, kPrefetchable, base | (base << 16)));
        HALLMARK_CHECK(write(qtest, where.function, kPrefetchable + 4, high));
        HALLMARK_CHECK(write(qtest, where.function, kPrefetchable + 8, high));
    } else {
        HALLMARK_CHECK(write(qtest, where.function, where.offset, low));
        HALLMARK_CHECK(write(qtest, where.function, static_cast<std::uint8_t>(where.offset + 4), high));
    }
    return write(qtest, where.function, kCommand, kMemoryDecoded);
}

}  // namespace hallmark::qemu
