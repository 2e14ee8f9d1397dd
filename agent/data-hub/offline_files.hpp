// SPDX-License-Identifier: Apache-2.0
// Secrets that are in the image already ("offline_fs_kbc"), for tests and for guests without a broker.
// Source: Confidential Containers, guest-components 8246e5e, confidential-data-hub, kbs plugin offline_fs: JSON objects
// of {"REPOSITORY/TYPE/TAG": standard base64}.
#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "agent/data-hub/resource_source.hpp"

namespace hallmark::hub {

class OfflineFiles final : public ResourceSource {
public:
    using Secrets = std::map<std::string, Secret, std::less<>>;

    explicit OfflineFiles(Secrets secrets) : secrets_(std::move(secrets)) {}

    /// Files that are not there hold nothing; in a later one a name replaces that of an earlier.
    static Result<Secrets> read(std::span<const std::filesystem::path> files);
    static Status parse(std::string_view text, const std::string& what, Secrets& into);

    Result<Secret> get(const kbs::ResourceUri& uri, Deadline deadline) override;

private:
    const Secrets secrets_;
};

}  // namespace hallmark::hub
