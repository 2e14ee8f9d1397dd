// SPDX-License-Identifier: Apache-2.0
#include "relying-party/broker/sessions.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/rand.h>

#include <algorithm>
#include <cstring>

#include "common/base64.hpp"
#include "common/hex.hpp"
#include "common/openssl.hpp"

namespace hallmark::broker {
namespace {

/// What a session takes besides its texts: nodes of the tables and lists that hold it, rounded up.
constexpr std::size_t kOverhead = 512;

template <std::size_t kSize>
Status fill_random(std::array<std::uint8_t, kSize>& bytes) {
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
        return std::unexpected(openssl::error("random bytes"));
    return {};
}

}  // namespace

std::string text_of(const SessionId& id) { return to_hex(id); }

std::string network_of(std::string_view address) {
    const std::string text(address);
    in6_addr v6{};
    if (::inet_pton(AF_INET6, text.c_str(), &v6) != 1) return text;
    const ByteSpan bytes(v6.s6_addr);
    // ::ffff:a.b.c.d is one IPv4 address.
    if (IN6_IS_ADDR_V4MAPPED(&v6)) return to_hex(bytes.subspan(12));
    return to_hex(bytes.first(8));
}

std::size_t Sessions::Session::weight() const { return kOverhead + token.capacity() + network.capacity(); }

std::size_t Sessions::Hash::operator()(const SessionId& id) const {
    std::size_t hash = 0;
    std::memcpy(&hash, id.data(), sizeof hash);  // the identifiers of the table are random
    return hash;
}

Result<Sessions::Opened> Sessions::open(const Version& version, verifier::Tee tee, std::string_view client,
                                        Deadline now) {
    Opened opened;
    Session session;
    HALLMARK_CHECK(fill_random(opened.id));
    HALLMARK_CHECK(fill_random(session.nonce));
    opened.nonce = to_base64(session.nonce);
    session.version = &version;
    session.tee = tee;
    session.expires = now + limits_.life;
    session.network = network_of(client);

    const std::lock_guard lock(mutex_);
    drop_expired(now);
    auto& network = networks_[session.network];
    session.by_age = by_age_.insert(by_age_.end(), opened.id);
    session.in_network = network.waiting.insert(network.waiting.end(), opened.id);
    change_weight(session.network, 0, session.weight());
    table_.emplace(opened.id, std::move(session));
    make_room();
    return opened;
}

Result<Sessions::Taken> Sessions::take(std::string_view cookie, Deadline now) {
    const std::lock_guard lock(mutex_);
    HALLMARK_TRY(const auto found, find(cookie, now));
    Session& session = found->second;
    if (session.state == State::kTaken)
        return refused("the nonce of this session has been used; begin again with auth");
    Taken taken{.id = found->first,
                .version = session.version,
                .tee = session.tee,
                .nonce = to_base64(session.nonce),
                .token = session.token};
    if (session.state == State::kChallenged) session.state = State::kTaken;
    return taken;
}

void Sessions::attested(const SessionId& id, const std::string& token, Deadline now) {
    const std::lock_guard lock(mutex_);
    drop_expired(now);
    const auto found = table_.find(id);
    if (found == table_.end() || found->second.state != State::kTaken) return;
    Session& session = found->second;
    auto& network = networks_[session.network];
    const std::size_t before = session.weight();
    session.token = token;
    session.state = State::kAttested;
    network.attested.splice(network.attested.end(), network.waiting, session.in_network);
    change_weight(session.network, before, session.weight());
    make_room();
}

Result<std::string> Sessions::token(std::string_view cookie, Deadline now) {
    const std::lock_guard lock(mutex_);
    HALLMARK_TRY(const auto found, find(cookie, now));
    if (found->second.state != State::kAttested) return refused("this session has not been attested");
    return found->second.token;
}

std::size_t Sessions::count() const {
    const std::lock_guard lock(mutex_);
    return table_.size();
}

Result<Sessions::Table::iterator> Sessions::find(std::string_view cookie, Deadline now) {
    const auto missing = [] { return refused("no such session, or it has expired; begin again with auth"); };
    SessionId id{};
    if (cookie.size() != 2 * id.size()) return missing();
    const auto bytes = from_hex(cookie);
    if (!bytes) return missing();
    std::ranges::copy(*bytes, id.begin());
    const auto found = table_.find(id);
    if (found == table_.end() || found->second.expires <= now) return missing();
    return found;
}

void Sessions::drop(Table::iterator session) {
    const auto& [id, kept] = *session;
    const std::string name = kept.network;
    auto& network = networks_[name];
    (kept.state == State::kAttested ? network.attested : network.waiting).erase(kept.in_network);
    by_age_.erase(kept.by_age);
    change_weight(name, kept.weight(), 0);
    table_.erase(session);
    if (network.waiting.empty() && network.attested.empty()) {
        by_weight_.erase({network.weight, name});
        networks_.erase(name);
    }
}

void Sessions::drop_expired(Deadline now) {
    while (!by_age_.empty()) {
        const auto oldest = table_.find(by_age_.front());
        if (oldest->second.expires > now) return;
        drop(oldest);
    }
}

void Sessions::make_room() {
    while (weight_ > limits_.most_bytes && !by_weight_.empty()) {
        const auto& network = networks_[by_weight_.rbegin()->second];
        drop(table_.find(network.waiting.empty() ? network.attested.front() : network.waiting.front()));
    }
}

void Sessions::change_weight(const std::string& name, std::size_t less, std::size_t more) {
    auto& network = networks_[name];
    by_weight_.erase({network.weight, name});
    network.weight += more;
    network.weight -= less;
    by_weight_.insert({network.weight, name});
    weight_ += more;
    weight_ -= less;
}

}  // namespace hallmark::broker
