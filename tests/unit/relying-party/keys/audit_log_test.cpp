// SPDX-License-Identifier: Apache-2.0
#include "relying-party/keys/audit_log.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <fstream>
#include <sstream>
#include <thread>
#include <vector>

#include "common/file.hpp"
#include "relying-party/keys/audit_check.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/temporary.hpp"

namespace {
std::atomic<int> synchronisations = 0;
}

/// In the place of the C library's, to count.
extern "C" int fdatasync(int descriptor) {
    ++synchronisations;
    return ::fsync(descriptor);
}

namespace hallmark::keys {
namespace {

using test::expect_error;

AuditEvent refusal(std::string why) {
    AuditEvent event;
    event.who = "session 00";
    event.peer = "192.0.2.1:1";
    event.what = "default/key/one";
    event.why = std::move(why);
    event.tee = "tdx";
    event.simulated = true;
    return event;
}

AuditEvent release() {
    auto event = refusal("rule 1");
    event.outcome = AuditOutcome::kReleased;
    event.verdict = "affirming";
    return event;
}

Status check_text(std::string_view text) {
    AuditCheck check;
    for (auto end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
        HALLMARK_CHECK(check.line(text.substr(0, end)));
        text.remove_prefix(end + 1);
    }
    return check.rest(text);
}

class AuditLogTest : public testing::Test {
protected:
    std::string text() const {
        const auto bytes = read_file(file_, 1 << 24);
        return bytes ? std::string(bytes->begin(), bytes->end()) : "";
    }
    std::vector<std::string> lines() const {
        std::vector<std::string> found;
        std::istringstream stream(text());
        for (std::string line; std::getline(stream, line);) found.push_back(line);
        return found;
    }
    /// Not synchronised, as there are many.
    void put(const std::string& content) const {
        std::ofstream(file_, std::ios::binary | std::ios::trunc) << content;
        ASSERT_EQ(::chmod(file_.c_str(), 0600), 0);
    }
    std::unique_ptr<AuditLog> open() const {
        auto log = AuditLog::open(file_);
        EXPECT_TRUE(log) << log.error().message;
        return log ? std::move(*log) : nullptr;
    }
    /// A log of one opening, one release and one refusal.
    std::vector<std::string> three_lines() const {
        auto log = open();
        EXPECT_TRUE(log->append(release()));
        EXPECT_TRUE(log->append(refusal("no rule")));
        return lines();
    }
    test::TemporaryFolder folder_;
    std::filesystem::path file_ = folder_.path() / "audit.log";
};

TEST_F(AuditLogTest, SaysWhoGotWhatAndWhy) {
    const auto found = three_lines();
    ASSERT_EQ(found.size(), 3U);
    const auto record = parse_audit_line(found[1]);
    ASSERT_TRUE(record) << record.error().message;
    EXPECT_EQ(record->sequence, 1U);
    EXPECT_EQ(record->previous, sha256(as_bytes(found[0])));
    EXPECT_EQ(record->time.size(), std::string("2026-11-25T16:40:00.123Z").size());
    ASSERT_TRUE(record->event);
    EXPECT_EQ(record->event->outcome, AuditOutcome::kReleased);
    EXPECT_EQ(record->event->who, "session 00");
    EXPECT_EQ(record->event->peer, "192.0.2.1:1");
    EXPECT_EQ(record->event->what, "default/key/one");
    EXPECT_EQ(record->event->verdict, "affirming");
    EXPECT_EQ(record->event->why, "rule 1");
    EXPECT_EQ(record->event->tee, "tdx");
    EXPECT_TRUE(record->event->simulated);
    struct stat status{};
    ASSERT_EQ(::stat(file_.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 0600U);
    const auto summary = check_audit_log(file_);
    ASSERT_TRUE(summary) << summary.error().message;
    EXPECT_EQ(summary->released, 1U);
    EXPECT_EQ(summary->refused, 1U);
    EXPECT_EQ(summary->last, sha256(as_bytes(found[2])));
}

TEST_F(AuditLogTest, ANoteGoesToTheDiskWithTheLineAfterIt) {
    auto log = open();
    synchronisations = 0;
    ASSERT_TRUE(log->note(release()));
    ASSERT_TRUE(log->note(release()));
    EXPECT_EQ(synchronisations, 0);
    EXPECT_EQ(check_audit_log(file_)->released, 2U);
    ASSERT_TRUE(log->append(release()));
    EXPECT_EQ(synchronisations, 1);
    ASSERT_TRUE(log->append(refusal("no rule")));
    EXPECT_EQ(synchronisations, 2);
    const auto summary = check_audit_log(file_);
    ASSERT_TRUE(summary) << summary.error().message;
    EXPECT_EQ(summary->lines, 5U);
}

TEST_F(AuditLogTest, HostileTextStaysInItsField) {
    auto event = refusal("\",\"event\":\"released\",\"x\":\"\n{\"audit\":1}\x1b[2J\x7f\xff\xc3\xa9\xe2\x80\xae");
    event.who = std::string(1 << 20, '\n');
    event.what = std::string(1 << 20, '\xff');
    event.peer = event.verdict = event.tee = event.what;
    event.why += event.what;
    {
        auto log = open();
        ASSERT_TRUE(log->append(event));
    }
    const auto found = lines();
    ASSERT_EQ(found.size(), 2U);
    EXPECT_LT(found[1].size(), kLongestAuditLine);
    EXPECT_TRUE(std::ranges::all_of(found[1], [](char c) { return c >= ' ' && c < 127; }));
    const auto record = parse_audit_line(found[1]);
    ASSERT_TRUE(record) << record.error().message;
    EXPECT_EQ(record->event->outcome, AuditOutcome::kRefused);
    EXPECT_TRUE(record->event->why.starts_with("\",\"event\""));
    EXPECT_TRUE(record->event->who.ends_with("\n..."));
    EXPECT_TRUE(check_audit_log(file_));
}

TEST_F(AuditLogTest, GoesOnAfterTheProgramEnds) {
    three_lines();
    ASSERT_TRUE(open()->append(release()));
    const auto summary = check_audit_log(file_);
    ASSERT_TRUE(summary) << summary.error().message;
    EXPECT_EQ(summary->lines, 5U);
    EXPECT_EQ(summary->opened, 2U);
    EXPECT_EQ(summary->torn, 0U);
}

TEST_F(AuditLogTest, ATornLineAnywhereIsToldOf) {
    three_lines();
    const std::string whole = text();
    const auto last = whole.rfind('\n', whole.size() - 2) + 1;
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const auto near = whole.find('\n', size < 2 ? 0 : size - 2);
        if (size % 29 != 0 && near > size + 1) continue;
        put(whole.substr(0, size));
        const auto before = check_audit_log(file_);
        ASSERT_TRUE(before) << size << ": " << before.error().message;
        ASSERT_TRUE(open()->append(release())) << size;
        const auto after = check_audit_log(file_);
        ASSERT_TRUE(after) << size << ": " << after.error().message;
        ASSERT_TRUE(text().starts_with(whole.substr(0, size))) << "only added to";
        EXPECT_EQ(after->unfinished, 0U);
        // Cut at a line's end, or before it, nothing of a line is lost.
        const bool at_end = size == 0 || whole[size - 1] == '\n' || whole[size] == '\n';
        EXPECT_EQ(after->torn, at_end ? 0U : 1U) << size;
    }
    // Torn again while it went on.
    put(whole.substr(0, last + 40) + "\n{\"audit\":1,\"seq");
    ASSERT_TRUE(open()->append(release()));
    const auto summary = check_audit_log(file_);
    ASSERT_TRUE(summary) << summary.error().message;
    EXPECT_EQ(summary->lines, 4U);
}

TEST_F(AuditLogTest, EveryChangeShows) {
    const auto found = three_lines();
    {
        auto log = open();
        ASSERT_TRUE(log->append(release()));
    }
    const std::string whole = text();
    ASSERT_TRUE(check_text(whole));
    const auto last = whole.rfind('\n', whole.size() - 2) + 1;
    // Up to the end of the last line but one: without that the last is a torn one.
    for (std::size_t at = 0; at + 1 < last; ++at) {
        std::string changed = whole;
        changed[at] = static_cast<char>(changed[at] ^ 1);
        EXPECT_FALSE(check_text(changed)) << at;
    }
    put(found[0] + "\n" + found[2] + "\n");
    expect_error(check_audit_log(file_), {"line 2", "previous found", "lines were removed or added"}, Fault::kNo);
    put(found[1] + "\n" + found[2] + "\n");
    expect_error(check_audit_log(file_), {"line 1", "does not begin with"}, Fault::kNo);
    put(found[0] + "\n" + found[1] + "\n" + found[1] + "\n");
    expect_error(check_audit_log(file_), {"line 3", "previous found"}, Fault::kNo);
    put(found[0] + "\n" + found[1] + "\nhello\n" + found[2] + "\n");
    expect_error(check_audit_log(file_), {"line 3", "no audit line"}, Fault::kNo);
    put(found[0] + "\n" + found[1] + "\n{\"audit\":1,\n" + found[2] + "\n");
    expect_error(check_audit_log(file_), {"line 4", "0 torn bytes, found 12"}, Fault::kNo);
    put(found[0] + "\n" + found[1] + "\n\n" + found[2] + "\n");
    expect_error(check_audit_log(file_), {"line 4", "0 torn bytes, found 1"}, Fault::kNo);
}

TEST_F(AuditLogTest, ABriefFileIsWholeAndAForeignOneIsNot) {
    put("");
    EXPECT_TRUE(check_audit_log(file_));
    put("root:x:0:0:root:/root:/bin/bash\n");
    expect_error(AuditLog::open(file_), {"no audit log", "put the file away"});
    EXPECT_EQ(text(), "root:x:0:0:root:/root:/bin/bash\n");
    expect_error(check_audit_log(file_), {"line 1", "no audit line"}, Fault::kNo);
    put(std::string(1 << 20, 'x'));
    expect_error(AuditLog::open(file_), {"no audit log"});
    expect_error(check_audit_log(file_), {"more than 262144 bytes"}, Fault::kNo);
}

TEST_F(AuditLogTest, GoesOnInANewFileAfterARename) {
    const auto old = folder_.path() / "audit.log.1";
    auto log = open();
    ASSERT_TRUE(log->append(release()));
    ASSERT_TRUE(log->reopen());
    ASSERT_EQ(lines().size(), 2U) << "nothing was renamed";
    std::filesystem::rename(file_, old);
    ASSERT_TRUE(log->append(release()));
    ASSERT_TRUE(log->reopen());
    ASSERT_TRUE(log->append(refusal("after")));
    const auto first = check_audit_log(old);
    const auto second = check_audit_log(file_);
    ASSERT_TRUE(first && second);
    EXPECT_EQ(first->lines, 3U);
    EXPECT_EQ(second->lines, 2U);
    EXPECT_EQ(second->first_previous, first->last);
    EXPECT_EQ(second->first_sequence, first->last_sequence + 1);
    // A new name that nothing can be written to: the log goes on where it was.
    std::filesystem::rename(file_, folder_.path() / "audit.log.2");
    std::filesystem::create_directory(file_);
    EXPECT_FALSE(log->reopen());
    ASSERT_TRUE(log->append(release()));
    std::filesystem::remove(file_);
    ASSERT_TRUE(log->reopen());
    EXPECT_EQ(check_audit_log(file_)->first_previous, check_audit_log(folder_.path() / "audit.log.2")->last);
}

TEST_F(AuditLogTest, OnlyOneWriter) {
    const auto log = open();
    expect_error(AuditLog::open(file_), {"another process"});
}

TEST_F(AuditLogTest, RefusesFilesAndFoldersOfOthers) {
    put("");
    ASSERT_EQ(::chmod(file_.c_str(), 0644), 0);
    expect_error(AuditLog::open(file_), {"mode 0644"});
    std::filesystem::remove(file_);
    std::filesystem::create_symlink(folder_.path() / "elsewhere", file_);
    expect_error(AuditLog::open(file_), {"symbolic links"});
    std::filesystem::remove(file_);
    ASSERT_EQ(::chmod(folder_.path().c_str(), 0777), 0);
    expect_error(AuditLog::open(file_), {"mode 0777"});
}

/// No file of this process grows beyond a size.
class SizeLimit {
public:
    explicit SizeLimit(rlim_t size) {
        static_cast<void>(std::signal(SIGXFSZ, SIG_IGN));
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit limit{size, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    SizeLimit(const SizeLimit&) = delete;
    SizeLimit& operator=(const SizeLimit&) = delete;
    ~SizeLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }

private:
    rlimit before_{};
};

TEST_F(AuditLogTest, SaysWhereItCannotBeWrittenAndRecovers) {
    auto log = open();
    ASSERT_TRUE(log->append(release()));
    const auto size = std::filesystem::file_size(file_);
    {
        const SizeLimit limit(size + 50);
        expect_error(log->append(release()), {"audit.log", "File too large", "nothing is released"});
        expect_error(log->append(release()), {"File too large"});
        EXPECT_EQ(std::filesystem::file_size(file_), size + 50) << "half a line";
    }
    ASSERT_TRUE(log->append(release()));
    const auto summary = check_audit_log(file_);
    ASSERT_TRUE(summary) << summary.error().message;
    EXPECT_EQ(summary->released, 2U);
    EXPECT_EQ(summary->torn, 1U);
}

TEST_F(AuditLogTest, ThreadsShareIt) {
    auto log = open();
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&log] {
            for (int n = 0; n < 50; ++n) EXPECT_TRUE(log->append(release()));
        });
    threads.clear();
    const auto summary = check_audit_log(file_);
    ASSERT_TRUE(summary) << summary.error().message;
    EXPECT_EQ(summary->released, 200U);
}

TEST(AuditLine, IsReadStrictly) {
    const std::string digest(64, '0');
    const std::string start = R"({"audit":1,"sequence":0,"previous":")" + digest + R"(","time":"t",)";
    EXPECT_TRUE(parse_audit_line(start + R"("event":"opened"})"));
    expect_error(parse_audit_line(start + R"("event":"opened","x":1})"), {"x", "unknown key"});
    expect_error(parse_audit_line(start + R"("event":"closed"})"), {"an event that is not known"});
    expect_error(parse_audit_line(start + R"("event":"released"})"), {"who", "missing"});
    expect_error(parse_audit_line(start + R"("event":"opened","torn_bytes":0,"torn_sha256":")" + digest + "\"}"),
                 {"torn_bytes", "found 0"});
    expect_error(parse_audit_line(R"({"audit":2})"), {"version 2"});
    expect_error(parse_audit_line("[]"), {"expected an object"});
    expect_error(parse_audit_line(R"({"audit":1,"sequence":0,"previous":"AB","time":"t","event":"opened"})"),
                 {"previous", "64 hexadecimal"});
    expect_error(parse_audit_line(std::string(kLongestAuditLine, ' ')), {"16384 bytes"});
}

}  // namespace
}  // namespace hallmark::keys
