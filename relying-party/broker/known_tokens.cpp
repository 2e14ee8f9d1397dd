// SPDX-License-Identifier: Apache-2.0
#include "relying-party/broker/known_tokens.hpp"

#include <utility>

#include "common/bytes.hpp"

namespace hallmark::broker {
namespace {

/// What an entry takes besides its claims: OpenSSL's key (RSA of 4096 bits at most), its members, and the tables'
/// nodes.
constexpr std::size_t kOverhead = 4096;

/// Bytes of memory. Claims were parsed, so they are not nested deeply.
std::size_t weight_of(const Json& json) {  // NOLINT(misc-no-recursion)
    std::size_t weight = sizeof(Json);
    if (json.is_string()) return weight + sizeof(std::string) + json.get_ref<const std::string&>().capacity();
    if (json.is_array())
        for (const auto& element : json) weight += 2 * weight_of(element);  // a vector may hold as much again
    if (json.is_object())
        for (const auto& [name, value] : json.items())
            weight += 2 * (sizeof(std::string) + name.capacity() + weight_of(value));
    return weight;
}

}  // namespace

std::shared_ptr<const Bearer> KnownTokens::find(std::string_view token, std::time_t now) const {
    const Sha256 digest = sha256(as_bytes(token));
    const std::lock_guard lock(mutex_);
    const auto found = known_.find(digest);
    if (found == known_.end()) return nullptr;
    const auto& known = found->second;
    return known.since <= now && now < known.bearer->expires ? known.bearer : nullptr;
}

std::shared_ptr<const Bearer> KnownTokens::keep(std::string_view token, Bearer bearer, std::time_t now) {
    const Sha256 digest = sha256(as_bytes(token));
    const auto weight = kOverhead + weight_of(bearer.claims) + weight_of(bearer.init_data_claims);
    const auto shared = std::make_shared<const Bearer>(std::move(bearer));
    if (weight > most_bytes_) return shared;
    const std::lock_guard lock(mutex_);
    const auto [entry, fresh] = known_.try_emplace(digest);
    if (fresh) by_age_.push_back(digest);
    weight_ += weight - entry->second.weight;
    entry->second = {.bearer = shared, .since = now, .weight = weight};
    while (weight_ > most_bytes_) {
        const auto oldest = known_.find(by_age_.front());
        weight_ -= oldest->second.weight;
        known_.erase(oldest);
        by_age_.pop_front();
    }
    return shared;
}

}  // namespace hallmark::broker
