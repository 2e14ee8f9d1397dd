// SPDX-License-Identifier: Apache-2.0
#include "agent/data-hub/broker_source.hpp"

#include <string>
#include <variant>

#include "common/kbs/messages.hpp"
#include "common/kbs/resource_request.hpp"
#include "common/text.hpp"

namespace hallmark::hub {
namespace {

constexpr int kMostTokens = 3;

}  // namespace

Result<Secret> BrokerSource::get(const kbs::ResourceUri& uri, Deadline deadline) {
    for (int tried = 1;; ++tried) {
        HALLMARK_TRY(const KbsToken token, tokens_->token(deadline));
        HALLMARK_TRY(const kbs::ResourceAnswer answer, kbs::request_resource(access_, token.token, uri, deadline));
        if (const auto* body = std::get_if<Bytes>(&answer)) return kbs::open_resource(text_of(*body), *token.key);
        const auto& refusal = std::get<kbs::Refusal>(answer);
        if (!kbs::wants_other_token(refusal)) return refused(uri.text() + ": " + kbs::line_of(refusal));
        tokens_->discard(token.token);
        if (tried == kMostTokens)
            return refused(uri.text() + ": " + kbs::line_of(refusal) + " (of " + std::to_string(tried) +
                           " tokens, one after the other)");
    }
}

}  // namespace hallmark::hub
