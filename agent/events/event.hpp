// SPDX-License-Identifier: Apache-2.0
// A runtime event: what software in the guest wants to have measured, and the text of its entry in the event log.
// Source: Confidential Containers, guest-components, "Attestation Agent Event Log" (AAEL), revision 8246e5e.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/digest.hpp"
#include "common/result.hpp"

namespace hallmark::events {

inline constexpr std::size_t kLongestName = 256;           ///< of a domain or operation, in bytes
inline constexpr std::size_t kLongestContent = 64 * 1024;  ///< in bytes

/// One event; `check_event` says whether it can be logged.
struct Event {
    std::string domain;     ///< whose event it is: "github.com/confidential-containers"
    std::string operation;  ///< "PullImage"
    std::string content;    ///< one line, often JSON
};

/// Domain and operation without white space, content without line feed, no control characters, nothing longer than
/// above: then the text of the entry can be taken apart in one way only.
Status check_event(const Event& event);

/// "DOMAIN OPERATION CONTENT"
std::string text_of(const Event& event);

/// That an image was pulled: the name that was asked for, and the digest of its manifest. The content is canonical JSON
/// (RFC 8785).
Result<Event> pull_image(std::string_view image, std::string_view digest);

/// Text of the entry that a log begins with: what its register held then.
std::string initial_text(const Sha384& value);

/// Which register of the guest (n + 1 is RTMRn) stands for a PCR.
/// Source: UEFI Specification 2.10, section 38.4.1, table 38.4 (PCR to CC measurement register, TDX).
[[nodiscard]] std::uint32_t register_of_pcr(std::uint64_t pcr);

}  // namespace hallmark::events
