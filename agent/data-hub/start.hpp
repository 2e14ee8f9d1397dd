// SPDX-License-Identifier: Apache-2.0
// What the data hub does once, in front of its first answer.
#pragma once

#include <string>
#include <vector>

#include "agent/data-hub/config.hpp"
#include "agent/data-hub/data_hub.hpp"
#include "agent/data-hub/secret_folder.hpp"
#include "common/deadline.hpp"
#include "common/result.hpp"

namespace hallmark::hub {

/// Gets every credential and writes it to its file. None is asked for before all paths are known to be below the
/// folder.
Status write_credentials(const std::vector<Credential>& credentials, const DataHub& hub, const SecretFolder& folder,
                         Deadline deadline);

/// ocicrypt's configuration, which names the socket as the key provider: ocicrypt_config.json in the folder.
/// Source: containers/ocicrypt c3436fd, docs/keyprovider.md, with the member "ttrpc" of ocicrypt-rs.
Status write_ocicrypt_config(const std::string& socket, const SecretFolder& folder);

}  // namespace hallmark::hub
