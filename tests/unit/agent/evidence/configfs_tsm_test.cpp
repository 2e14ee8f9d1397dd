// SPDX-License-Identifier: Apache-2.0
#include "agent/evidence/configfs_tsm.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <thread>
#include <vector>

#include "agent/kernel_file.hpp"
#include "common/descriptor.hpp"
#include "tests/support/temporary.hpp"

namespace hallmark::guest {
namespace {

const ReportData kReportData = [] {
    ReportData data;
    data.fill(0xa5);
    return data;
}();

/// A plain folder with the files of a report folder. `generation` is a pipe, so that each look at it finds the next
/// value, as in configfs where it counts up under the reader.
class ReportFolder : public testing::Test {
protected:
    void SetUp() override {
        write("inblob", "");
        write("outblob", "REPORT");
        ASSERT_EQ(::mkfifo(path("generation").c_str(), 0600), 0);
    }
    std::string path(const std::string& name) { return (folder_.path() / name).string(); }
    void write(const std::string& name, const std::string& content) {
        std::ofstream(path(name), std::ios::binary) << content;
    }

    /// Asks for a report while `generation` shows these values one after another, and the last one from then on.
    Result<guest_port::Evidence> report(const std::vector<std::string>& generations) {
        std::atomic<bool> answered = false;
        std::thread kernel([&] {
            for (std::size_t i = 0; !answered; ++i)
                show(generations[std::min(i, generations.size() - 1)] + "\n", answered);
        });
        auto evidence = ConfigfsTsm::report(folder_.path().string(), guest_port::Kind::kTdxQuote, kReportData);
        answered = true;
        kernel.join();
        return evidence;
    }

    /// Gives one value to the next reader, if one comes.
    void show(const std::string& value, const std::atomic<bool>& nobody_comes) {
        FileDescriptor pipe;
        while (!pipe.valid() && !nobody_comes) {
            pipe = FileDescriptor(::open(path("generation").c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
            if (!pipe.valid()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        if (!pipe.valid()) return;
        EXPECT_EQ(::write(pipe.get(), value.data(), value.size()), static_cast<ssize_t>(value.size()));
        pipe.reset();
        // The reader sees the end of this value before the next one comes.
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }

    hallmark::test::TemporaryFolder folder_;
};

TEST_F(ReportFolder, GivesReportAndCertificates) {
    write("auxblob", "CERTIFICATES");
    const auto evidence = report({"4", "5", "5"});
    ASSERT_TRUE(evidence) << evidence.error().message;
    EXPECT_EQ(evidence->source, guest_port::Source::kConfigfsTsm);
    EXPECT_EQ(evidence->kind, guest_port::Kind::kTdxQuote);
    EXPECT_TRUE(equal(evidence->report, as_bytes("REPORT")));
    EXPECT_TRUE(equal(evidence->certificates, as_bytes("CERTIFICATES")));
    EXPECT_TRUE(equal(read_kernel_file(path("inblob"), 100).value(), kReportData));
}

TEST_F(ReportFolder, CertificatesMayBeMissing) {
    const auto evidence = report({"0", "1", "1"});
    ASSERT_TRUE(evidence) << evidence.error().message;
    EXPECT_TRUE(evidence->certificates.empty());
}

TEST_F(ReportFolder, ARequestThatTheKernelDroppedIsNoticed) {
    const auto evidence = report({"4", "4"});
    ASSERT_FALSE(evidence);
    EXPECT_NE(evidence.error().message.find("found 4, expected 5"), std::string::npos) << evidence.error().message;
}

TEST_F(ReportFolder, AnotherRequestBeforeTheReportIsNoticed) { EXPECT_FALSE(report({"4", "6"})); }

TEST_F(ReportFolder, AnotherRequestDuringTheReportIsNoticed) { EXPECT_FALSE(report({"4", "5", "6"})); }

TEST_F(ReportFolder, AnEmptyReportIsNone) {
    write("outblob", "");
    EXPECT_FALSE(report({"4", "5"}));
}

TEST_F(ReportFolder, WhatDoesNotFitAMessageIsRefused) {
    write("outblob", std::string(60'000, 'r'));
    write("auxblob", std::string(6'000, 'c'));
    const auto evidence = report({"4", "5"});
    ASSERT_FALSE(evidence);
    EXPECT_NE(evidence.error().message.find("auxblob: more than"), std::string::npos) << evidence.error().message;
}

TEST_F(ReportFolder, AGenerationThatIsNoNumberIsRefused) { EXPECT_FALSE(report({"many"})); }

TEST(ConfigfsTsmFind, NothingWhereTheKernelHasNoInterface) {
    const auto found = ConfigfsTsm::find("/nowhere/config/tsm/report");
    ASSERT_TRUE(found);
    EXPECT_EQ(*found, nullptr);
}

TEST(ConfigfsTsmFind, AnyOtherFailureIsNotTakenForNoHardware) {
    const hallmark::test::TemporaryFolder folder;
    const auto file = folder.path() / "report";
    std::ofstream(file) << "x";
    EXPECT_FALSE(ConfigfsTsm::find(file.string()));           // ENOTDIR
    EXPECT_FALSE(ConfigfsTsm::find(folder.path().string()));  // a report folder without a provider
}

}  // namespace
}  // namespace hallmark::guest
