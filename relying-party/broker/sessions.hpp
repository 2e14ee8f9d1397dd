// SPDX-License-Identifier: Apache-2.0
// Handshakes that have begun: a nonce that is used once, then the token that it earned.
// Source: Confidential Containers, Trustee's kbs/docs/kbs_attestation_protocol.md, "Session".
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "common/deadline.hpp"
#include "common/kbs/versions.hpp"
#include "common/result.hpp"
#include "relying-party/verifier/verified.hpp"

namespace hallmark::broker {

using kbs::Version;

struct SessionLimits {
    std::chrono::seconds life{300};  ///< from auth on, and never extended
    /// Of all sessions together. Beyond it the network that holds the most loses its oldest, first those that were
    /// never attested: a client that opens many pushes out its own.
    std::size_t most_bytes = std::size_t{32} * 1024 * 1024;
};

using SessionId = std::array<std::uint8_t, 16>;

/// 32 lowercase hexadecimal digits, as they stand in the cookie.
std::string text_of(const SessionId& id);

/// Addresses that one client is likely to have many of: an IPv4 address, the /64 of an IPv6 address.
std::string network_of(std::string_view address);

class Sessions {
public:
    explicit Sessions(SessionLimits limits = {}) : limits_(limits) {}

    struct Opened {
        SessionId id{};
        std::string nonce;  ///< 32 random bytes, base64
    };
    Result<Opened> open(const Version& version, verifier::Tee tee, std::string_view client, Deadline now);

    struct Taken {
        SessionId id{};
        const Version* version = nullptr;
        verifier::Tee tee = verifier::Tee::kSnp;
        std::string nonce;
        std::string token;  ///< not empty: the session was attested before, and this is what it got
    };
    /// Takes the nonce out of a session: nobody gets it a second time, whatever becomes of this attempt. Fault::kNo
    /// where there is no such session, it has expired or its nonce is gone.
    Result<Taken> take(std::string_view cookie, Deadline now);

    /// What the taken nonce has earned. A session that is gone meanwhile stays gone.
    void attested(const SessionId& id, const std::string& token, Deadline now);

    /// The token of an attested session; Fault::kNo where there is none.
    Result<std::string> token(std::string_view cookie, Deadline now);

    [[nodiscard]] std::size_t count() const;

private:
    enum class State : std::uint8_t { kChallenged, kTaken, kAttested };
    struct Session {
        const Version* version = nullptr;
        verifier::Tee tee = verifier::Tee::kSnp;
        State state = State::kChallenged;
        std::array<std::uint8_t, 32> nonce{};
        Deadline expires;
        std::string network;
        std::string token;
        std::list<SessionId>::iterator by_age;
        std::list<SessionId>::iterator in_network;

        [[nodiscard]] std::size_t weight() const;
    };
    /// What one network holds, each list oldest first.
    struct Network {
        std::size_t weight = 0;
        std::list<SessionId> waiting;
        std::list<SessionId> attested;
    };
    struct Hash {
        std::size_t operator()(const SessionId& id) const;
    };
    using Table = std::unordered_map<SessionId, Session, Hash>;

    Result<Table::iterator> find(std::string_view cookie, Deadline now);
    void drop(Table::iterator session);
    void drop_expired(Deadline now);
    void make_room();
    void change_weight(const std::string& network, std::size_t less, std::size_t more);

    SessionLimits limits_;
    mutable std::mutex mutex_;  // of all below
    Table table_;
    std::list<SessionId> by_age_;  // all live equally long, so the oldest expires first
    std::map<std::string, Network> networks_;
    std::set<std::pair<std::size_t, std::string>> by_weight_;
    std::size_t weight_ = 0;
};

}  // namespace hallmark::broker
