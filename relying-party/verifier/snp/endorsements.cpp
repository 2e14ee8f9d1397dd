// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>

#include "common/file.hpp"
#include "relying-party/verifier/snp/verify.hpp"
#include "relying-party/verifier/x509/certificates.hpp"
#include "relying-party/verifier/x509/crl.hpp"

namespace hallmark::verifier {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargestFile = 1024 * 1024;
constexpr std::size_t kMostInFile = 64;
constexpr std::size_t kMostFiles = 4096;

Status add_file(SnpTrust& trust, const fs::path& path) {
    HALLMARK_TRY(Bytes bytes, read_file(path, kLargestFile));
    if (path.extension() == ".crl") {
        const auto due = next_update(bytes);
        if (!due) return bad_input(path.string() + ": " + due.error().message);
        trust.revocation_lists.push_back(std::move(bytes));
        return {};
    }
    auto read = read_certificates(bytes, kMostInFile);
    if (!read) return std::unexpected(read.error().at(path.string()));
    for (auto& certificate : *read) trust.certificates.push_back(std::move(certificate));
    return {};
}

/// In the order of their names, so that the answer doesn't depend on the file system.
Result<std::vector<fs::path>> files_in(const fs::path& folder) {
    std::vector<fs::path> files;
    std::error_code error;
    for (fs::directory_iterator entry(folder, error); !error && entry != fs::directory_iterator();
         entry.increment(error)) {
        std::error_code ignored;
        if (!entry->is_regular_file(ignored)) continue;
        if (files.size() == kMostFiles)
            return bad_input(folder.string() + ": more than " + std::to_string(kMostFiles) + " files");
        files.push_back(entry->path());
    }
    if (error) return bad_input(folder.string() + ": " + error.message());
    std::ranges::sort(files);
    return files;
}

}  // namespace

Status add_endorsements(SnpTrust& trust, const fs::path& file_or_folder) {
    std::error_code ignored;
    if (!fs::is_directory(file_or_folder, ignored)) return add_file(trust, file_or_folder);
    HALLMARK_TRY(const auto files, files_in(file_or_folder));
    for (const auto& file : files) HALLMARK_CHECK(add_file(trust, file));
    return {};
}

}  // namespace hallmark::verifier
