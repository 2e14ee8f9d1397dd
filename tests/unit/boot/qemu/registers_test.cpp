// SPDX-License-Identifier: Apache-2.0
#include "boot/qemu/registers.hpp"

#include <gtest/gtest.h>

#include "tests/unit/boot/registers_sample.hpp"

namespace hallmark::boot {
namespace {

TEST(Registers, EveryCpuOfAPausedGuest) {
    const auto cpus = parse_registers(test::paused_cpu(0, 0) + test::paused_cpu(1, 1));
    ASSERT_TRUE(cpus) << cpus.error().message;
    ASSERT_EQ(cpus->size(), 2U);
    EXPECT_EQ(cpus->at(0).value("HLT").value(), 0U);
    EXPECT_EQ(cpus->at(1).value("HLT").value(), 1U);
    EXPECT_EQ(cpus->at(0).value("EDX").value(), 0x800f12U);
    EXPECT_EQ(cpus->at(0).general("IP").value(), 0xfff0U);
    EXPECT_EQ(cpus->at(0).value("CR0").value(), 0x60000010U);
    EXPECT_EQ(cpus->at(0).value("DR6").value(), 0xffff0ff0U);
    EXPECT_EQ(cpus->at(0).value("FCW").value(), 0x37fU);
    EXPECT_EQ(cpus->at(0).value("MXCSR").value(), 0x1f80U);
    const auto cs = cpus->at(0).segment("CS");
    ASSERT_TRUE(cs);
    EXPECT_EQ(cs->selector, 0xf000);
    EXPECT_EQ(cs->base, 0xffff0000U);
    EXPECT_EQ(cs->limit, 0xffffU);
    EXPECT_EQ(cs->flags, 0x9b00U);
}

TEST(Registers, SixtyFourBitModeHasOtherNamesAndMeaningsBehindSegments) {
    const auto cpus = parse_registers(test::running_cpu());
    ASSERT_TRUE(cpus) << cpus.error().message;
    const auto& cpu = cpus->front();
    EXPECT_EQ(cpu.general("IP").value(), 0x2a6f554U);
    EXPECT_EQ(cpu.value("R8").value(), 0x801U);
    EXPECT_EQ(cpu.value("R15").value(), 0x2a6e8acU);
    EXPECT_EQ(cpu.segment("CS").value().flags, 0xaf9a00U);
    EXPECT_EQ(cpu.segment("GDT").value().base, 0x2a88010U);
}

TEST(Registers, MalformedTextIsRefused) {
    const std::string good = test::paused_cpu(0, 0);
    const auto refused = [](const std::string& text, const std::string& why) {
        ASSERT_FALSE(text.empty());
        const auto parsed = parse_registers(text);
        ASSERT_FALSE(parsed) << why;
        EXPECT_NE(parsed.error().message.find(why), std::string::npos) << parsed.error().message;
    };
    refused("unknown command: 'info registers'", "before any CPU");
    refused("\n", "no CPU");
    refused(test::with(good, "CPU#0", "CPU#1"), "expected CPU#0");
    refused(good + good, "expected CPU#1");
    refused(test::with(good, "EDX=00800f12", "EDX=00800g12"), "EDX");
    refused(test::with(good, "MXCSR=00001f80", "MXCSR="), "MXCSR");
    refused(test::with(good, "DR6=00000000ffff0ff0", "DR6=100000000ffff0ff0"), "DR6");
    refused(test::with(good, "CS =f000 ffff0000", "CS =ff000 ffff0000"), "CS");
    refused(test::with(good, "GDT=     00000000 0000ffff", "GDT=     00000000"), "GDT");
}

TEST(Registers, WhatWasNotPrintedIsAnError) {
    const auto cpus = parse_registers(test::with(test::paused_cpu(0, 0), "MXCSR=00001f80", ""));
    ASSERT_TRUE(cpus);
    EXPECT_NE(cpus->front().value("MXCSR").error().message.find("MXCSR is missing"), std::string::npos);
    EXPECT_FALSE(cpus->front().segment("XS"));
}

}  // namespace
}  // namespace hallmark::boot
