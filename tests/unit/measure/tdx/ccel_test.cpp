// SPDX-License-Identifier: Apache-2.0
// The prediction against the log of a real guest: direct boot with firmware older than edk2-stable202411 and 2 GiB.
#include <gtest/gtest.h>

#include <map>

#include "common/file.hpp"
#include "common/formats/event_log.hpp"
#include "common/formats/event_replay.hpp"
#include "common/hex.hpp"
#include "measure/tdx/direct_boot.hpp"
#include "measure/tdx/platform.hpp"
#include "tests/support/vectors.hpp"

namespace hallmark::tdx {
namespace {

using ovmf::TdxSection;
using ovmf::TdxSectionType;

TdxSection memory_section(std::uint64_t gpa, std::uint64_t size, TdxSectionType type) {
    return {0, 0, gpa, size, type, 0};
}

/// What the log's own data say of the firmware, and the page of the vectors of its sections.
Platform platform() {
    Platform platform;
    platform.what = "f.fd";
    platform.sections = {memory_section(0x810000, 0x10000, TdxSectionType::kTemporaryMemory),
                         memory_section(0x80b000, 0x2000, TdxSectionType::kTemporaryMemory),
                         memory_section(0x809000, 0x2000, TdxSectionType::kHandOff),
                         memory_section(0x800000, 0x6000, TdxSectionType::kTemporaryMemory)};
    platform.layout = named_layout("202408")->layout;
    platform.memory = 2ULL << 30;
    return platform;
}

/// All events, with the digests of what isn't part of the vector (the files that were booted) as the log has them.
std::vector<Event> predicted(const KnownDigests& known) {
    const auto machine = platform();
    EventList list(known);
    Assumptions assumptions;
    EXPECT_TRUE(add_platform_events(list, assumptions, machine, true));
    list.add_unknown(Register::kRtmr1, event_log::EventType::kEfiBootServicesApplication, "kernel", "", "no file");
    add_smbios_event(list, machine.layout);
    add_own_boot_options(list, assumptions, machine.layout);
    add_calling(list);
    add_ready_to_boot(list, machine.layout);
    DirectBoot boot;
    boot.command_line = "not known";
    boot.initrd = FileSha384{};
    add_stub_events(list, assumptions, boot, {.name = "the kernel", .measures = true, .takes_initrd = true},
                    machine.layout);
    add_exit_boot_services(list, assumptions);
    EXPECT_TRUE(list.all_known_used());
    return list.events();
}

Sha384 digest_of(const event_log::Event& event) {
    Sha384 digest{};
    std::ranges::copy(event.digests[0], digest.begin());
    return digest;
}

TEST(RealEventLog, IsWhatIsPredicted) {
    HALLMARK_VECTOR(path, "intel-tdx/CCEL_data_ovmf");
    const auto bytes = read_file(path, event_log::kLargestLog);
    ASSERT_TRUE(bytes) << bytes.error().message;
    const auto log = event_log::parse_event_log(*bytes, "CCEL_data_ovmf");
    ASSERT_TRUE(log) << log.error().message;
    ASSERT_EQ(log->events.size(), 20U);
    // The inputs of these events are not in the vector; all others are predicted.
    const std::map<std::size_t, std::string> from_log = {
        {1, "cfv"},     {8, "acpi_table_loader"}, {9, "acpi_rsdp"}, {10, "acpi_tables"},
        {11, "kernel"}, {16, "load_options"},     {17, "initrd"}};
    KnownDigests known;
    for (const auto& [index, name] : from_log) known.emplace(name, digest_of(log->events[index]));
    const auto events = predicted(known);
    ASSERT_EQ(events.size(), log->events.size());
    for (std::size_t i = 0; i < events.size(); ++i) {
        const auto& seen = log->events[i];
        EXPECT_EQ(seen.register_index, static_cast<std::uint32_t>(events[i].where) + 1) << events[i].name;
        EXPECT_EQ(seen.type, events[i].type) << events[i].name;
        ASSERT_TRUE(events[i].digest) << events[i].name;
        EXPECT_EQ(to_hex(*events[i].digest), to_hex(seen.digests[0])) << i << " " << events[i].name;
    }
    const auto registers = event_log::replay(*log, event_log::Algorithm::kSha384, "CCEL_data_ovmf");
    ASSERT_TRUE(registers) << registers.error().message;
    for (const auto where : {Register::kRtmr0, Register::kRtmr1, Register::kRtmr2}) {
        const auto value = replay(events, where);
        ASSERT_TRUE(value);
        EXPECT_EQ(to_hex(*value), to_hex(registers->at(static_cast<std::uint32_t>(where) + 1)));
    }
}

}  // namespace
}  // namespace hallmark::tdx
