// SPDX-License-Identifier: Apache-2.0
// What the data hub does for whoever asks inside the guest.
#pragma once

#include <memory>
#include <string_view>
#include <utility>

#include "agent/data-hub/resource_source.hpp"
#include "agent/data-hub/sealed_secret.hpp"
#include "agent/data-hub/secret_folder.hpp"
#include "common/bytes.hpp"
#include "common/deadline.hpp"
#include "common/result.hpp"
#include "common/secret.hpp"

namespace hallmark::hub {

class DataHub {
public:
    /// Unless `skip_verification`, sealed secrets must be signed by a key of the source, or by one in the folder's
    /// sealed-secret/.
    DataHub(std::unique_ptr<ResourceSource> source, SecretFolder folder, bool skip_verification)
        : source_(std::move(source)), folder_(std::move(folder)), skip_verification_(skip_verification) {}

    /// `uri` as kbs:///REPOSITORY/TYPE/TAG, or with a plugin.
    [[nodiscard]] Result<Secret> resource(std::string_view uri, Deadline deadline) const;

    /// What "sealed.…" stands for.
    [[nodiscard]] Result<Secret> unseal(ByteSpan sealed, Deadline deadline) const;

    /// The answer to a request of ocicrypt's key provider protocol to unwrap the key of an image layer.
    [[nodiscard]] Result<Secret> unwrap_key(ByteSpan request, Deadline deadline) const;

private:
    [[nodiscard]] Result<Secret> open_envelope(const EnvelopeSecret& envelope, Deadline deadline) const;
    [[nodiscard]] Result<Secret> signing_key(std::string_view kid, Deadline deadline) const;

    std::unique_ptr<ResourceSource> source_;
    SecretFolder folder_;
    bool skip_verification_;
};

}  // namespace hallmark::hub
