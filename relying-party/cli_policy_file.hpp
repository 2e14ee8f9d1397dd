// SPDX-License-Identifier: Apache-2.0
// A policy in force: its text on the disk, and what was read from it.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "common/bytes.hpp"
#include "common/file.hpp"
#include "common/result.hpp"
#include "relying-party/appraisal/policy.hpp"

namespace hallmark::cli {

/// Threads may share it. A new policy is kept before it holds.
template <class Policy>
class PolicyFile {
public:
    using Parse = Result<Policy> (*)(std::string_view text, const std::string& what);

    /// `file`: where it is kept.
    PolicyFile(std::filesystem::path file, Parse parse) : file_(std::move(file)), parse_(parse) {}

    /// What `given` names, else what was kept, else `otherwise`.
    Status open(const std::string& given, std::string_view otherwise) {
        given_ = given;
        if (given_.empty() && !is_kept()) return take(std::string(otherwise), "default policy");
        HALLMARK_TRY(std::string text, read_source());
        source_text_ = text;
        if (given_.empty()) return take(std::move(text), file_.string());
        return keep(text, given);
    }

    /// Takes what its owner wrote since into the file that was given, or else into the one where it is kept; whether
    /// that was anything. A file that was given and hasn't changed does not undo what an administrator has set.
    Result<bool> reread() {
        if (given_.empty() && !is_kept()) return false;
        HALLMARK_TRY(const std::string text, read_source());
        const std::lock_guard lock(writing_);
        if (text == source_text_) return false;
        HALLMARK_CHECK(keep(text, source().string()));
        source_text_ = text;
        return true;
    }

    Status set(std::string_view text, const std::string& what) {
        const std::lock_guard lock(writing_);
        HALLMARK_CHECK(keep(text, what));
        if (given_.empty()) source_text_ = text;
        return {};
    }

    std::shared_ptr<const Policy> policy() const {
        const std::lock_guard lock(mutex_);
        return policy_;
    }
    std::string text() const {
        const std::lock_guard lock(mutex_);
        return text_;
    }

private:
    [[nodiscard]] std::filesystem::path source() const { return given_.empty() ? file_ : given_; }

    [[nodiscard]] bool is_kept() const {
        std::error_code error;
        return std::filesystem::exists(file_, error) || error;  // reading it then says what is wrong
    }

    Result<std::string> read_source() const {
        HALLMARK_TRY(const Bytes bytes, read_file(source(), appraisal::kLargestPolicy));
        return std::string(bytes.begin(), bytes.end());
    }
    Status keep(std::string_view text, const std::string& what) {
        if (text.size() > appraisal::kLargestPolicy) return bad_input(what + ": longer than a policy may be");
        HALLMARK_TRY(Policy policy, parse_(text, what));
        HALLMARK_CHECK(write_file(file_, as_bytes(text), 0600));
        replace(std::string(text), std::move(policy));
        return {};
    }
    Status take(std::string text, const std::string& what) {
        HALLMARK_TRY(Policy policy, parse_(text, what));
        replace(std::move(text), std::move(policy));
        return {};
    }
    void replace(std::string text, Policy policy) {
        const std::lock_guard lock(mutex_);
        text_ = std::move(text);
        policy_ = std::make_shared<const Policy>(std::move(policy));
    }

    std::filesystem::path file_;
    std::filesystem::path given_;
    Parse parse_;
    std::mutex writing_;
    std::string source_text_;   // what the source had when it was last looked at; under writing_ once it is open
    mutable std::mutex mutex_;  // of the two below
    std::string text_;
    std::shared_ptr<const Policy> policy_;
};

}  // namespace hallmark::cli
