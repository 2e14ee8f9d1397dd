// SPDX-License-Identifier: Apache-2.0
// What the data of an event says, under the names of Trustee's verifier. The data of most events is not what their
// digest covers: a log that replays proves the digests, not these words.
// Source: TCG "PC Client Platform Firmware Profile Specification", version 1.06 revision 52, section 10.2 (event data);
// UEFI Specification 2.10, section 10.3 (device paths); confidential-containers/trustee, deps/eventlog, revision
// 78962cd, for the names.
#pragma once

#include "common/formats/event_log.hpp"
#include "common/json.hpp"

namespace hallmark::verifier {

/// An object with some of "string", "unicode_name", "unicode_name_length", "variable_name", "variable_data",
/// "variable_data_length", "device_paths"; empty where the data says nothing, is malformed or too long.
Json event_details(const event_log::Event& event);

}  // namespace hallmark::verifier
