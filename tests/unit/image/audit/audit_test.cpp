// SPDX-License-Identifier: Apache-2.0
#include "image/audit/audit.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>

#include "common/file.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/temporary.hpp"

namespace hallmark::audit {
namespace {

using namespace hallmark::test;

/// A root with libc and its loader, as empty files.
class AuditTest : public testing::Test {
protected:
    void SetUp() override {
        add("usr/lib/x86_64-linux-gnu/libc.so.6");
        add("lib64/ld-linux-x86-64.so.2");
    }

    void add(const std::string& name, std::string_view content = "") {
        std::filesystem::create_directories((folder.path() / name).parent_path());
        ASSERT_TRUE(write_file(folder.path() / name, as_bytes(content)));
    }

    std::vector<std::string> rules(const ElfFile& file) {
        std::vector<std::string> found;
        for (const auto& finding : judge(*Root::open(folder.path()), "/x", file)) {
            EXPECT_EQ(finding.file, "/x");
            EXPECT_FALSE(finding.found.empty() || finding.remedy.empty());
            found.push_back(finding.rule);
        }
        return found;
    }

    Result<Audit> run(const std::vector<Exception>& exceptions = {}) {
        return audit(*Root::open(folder.path()), exceptions);
    }

    TemporaryFolder folder;
};

ElfFile good() {
    ElfFile file;
    file.loader = "/lib64/ld-linux-x86-64.so.2";
    file.libraries = {"libc.so.6"};
    file.dynamic = file.read_only_relocations = file.binds_now = file.stack_without_code = true;
    return file;
}

using Rules = std::vector<std::string>;

TEST_F(AuditTest, EveryRuleIsBrokenByItself) {
    EXPECT_EQ(rules(good()), Rules{});
    const std::vector<std::pair<const char*, void (*)(ElfFile&)>> cases = {
        {"loader-missing", [](ElfFile& file) { file.loader = "/lib/ld-musl.so.1"; }},
        {"library-missing", [](ElfFile& file) { file.libraries.push_back("libm.so.6"); }},
        {"library-missing", [](ElfFile& file) { file.libraries = {"../x86_64-linux-gnu/libc.so.6"}; }},
        {"search-path", [](ElfFile& file) { file.search_paths = {"/tmp"}; }},
        {"not-pie", [](ElfFile& file) { file.fixed_address = true; }},
        {"no-full-relro", [](ElfFile& file) { file.read_only_relocations = false; }},
        {"no-full-relro", [](ElfFile& file) { file.binds_now = false; }},
        {"executable-stack", [](ElfFile& file) { file.stack_without_code = false; }},
        {"text-relocations", [](ElfFile& file) { file.text_relocations = true; }},
        {"writable-code", [](ElfFile& file) { file.writable_code = true; }},
    };
    for (const auto& [rule, spoil] : cases) {
        ElfFile file = good();
        spoil(file);
        EXPECT_EQ(rules(file), Rules{rule});
    }
}

TEST_F(AuditTest, AStaticProgramHasNothingToBind) {
    ElfFile file = good();
    file.loader.reset();
    file.libraries.clear();
    file.dynamic = file.binds_now = false;
    EXPECT_EQ(rules(file), Rules{});
}

TEST_F(AuditTest, SetIdFilesAreFoundWhateverTheyAre) {
    add("usr/bin/script", "#!/bin/sh\n");
    for (const mode_t mode : {04755, 02755}) {
        ASSERT_EQ(::chmod((folder.path() / "usr/bin/script").c_str(), mode), 0);
        const auto result = run();
        ASSERT_TRUE(result) << result.error().message;
        ASSERT_EQ(result->findings.size(), 1U);
        EXPECT_EQ(result->findings[0].file + " " + result->findings[0].rule, "/usr/bin/script set-id");
    }
}

TEST_F(AuditTest, DamagedFileIsAFindingAndNotTheEnd) {
    add("usr/bin/a",
        "\x7f"
        "ELF\x02\x01");
    add("usr/bin/b",
        "\x7f"
        "ELF\x02\x01");
    const auto result = run();
    ASSERT_TRUE(result);
    EXPECT_EQ(result->files, 4U);
    EXPECT_EQ(result->elf_files, 2U);
    ASSERT_EQ(result->findings.size(), 2U);
    EXPECT_EQ(result->findings[1].rule, "damaged");
    EXPECT_FALSE(result->findings[1].found.starts_with("/usr"));
    EXPECT_NE(result->findings[1].remedy.find("prune"), std::string::npos);
}

TEST_F(AuditTest, ExceptionsHoldForTheirFilesAndRuleOnly) {
    add("usr/bin/a",
        "\x7f"
        "ELF\x02\x01");
    const auto result = run({{"/usr/bin/?", "damaged", "a test"}});
    ASSERT_TRUE(result);
    EXPECT_TRUE(result->findings.empty());
    ASSERT_EQ(result->excepted.size(), 1U);
    EXPECT_EQ(result->excepted[0].why, "a test");
    for (const auto* pattern : {"/usr/*", "/*/a", "/usr/bin/b", "a"})
        expect_error(run({{pattern, "damaged", "a test"}}), {pattern, "no finding needs it"});
    expect_error(run({{"/usr/bin/a", "not-pie", "a test"}}), {"no finding needs it"});
    expect_error(run({{"/usr/bin/a", "damaged", "x"}, {"/usr/bin/*", "damaged", "y"}}), {"/usr/bin/*", "no finding"});
}

TEST_F(AuditTest, ExceptionsAreReadStrictly) {
    const auto read = [this](std::string_view text) {
        add("exceptions.json", text);
        return read_exceptions(folder.path() / "exceptions.json");
    };
    const auto good_one = read(R"([{"file":"/a","rule":"not-pie","why":"b"}])");
    ASSERT_TRUE(good_one) << good_one.error().message;
    EXPECT_EQ(good_one->at(0).rule, "not-pie");
    expect_error(read("{}"), {"expected a list"});
    expect_error(read("[1]"), {"[0]"});
    expect_error(read(R"([{"file":"/a","rule":"not-pie"}])"), {"why: missing"});
    expect_error(read(R"([{"file":"/a","rule":"not-pie","why":""}])"), {"an empty file or why"});
    expect_error(read(R"([{"file":"/a","rule":"pie","why":"b"}])"), {"'pie' is no rule"});
    expect_error(read(R"([{"file":"/a","rule":"not-pie","why":"b","until":1}])"), {"until: unknown key"});
}

}  // namespace
}  // namespace hallmark::audit
