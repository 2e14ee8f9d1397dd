// SPDX-License-Identifier: Apache-2.0
// What the REST server asks, answered by a test: what was asked comes back.
#pragma once

#include <string>
#include <vector>

#include "agent/rest/services.hpp"

namespace hallmark::test {

class FakeServices final : public rest::Services {
public:
    bool fails = false;
    rest::Extended result = rest::Extended::kDone;
    std::vector<std::string> tees;

    Result<Secret> resource(const std::string& uri) override { return answer("resource " + uri); }
    Result<Secret> token(const std::string& type) override { return answer("token " + type); }
    Result<Secret> evidence(ByteSpan data) override { return answer("evidence " + text_of(data)); }
    Result<Secret> additional_evidence(ByteSpan data) override { return answer("additional " + text_of(data)); }
    Result<rest::Extended> extend(const std::string& domain, const std::string& operation,
                                  const std::string& content) override {
        extended = domain + "|" + operation + "|" + content;
        if (fails) return refused("PolicyDeny: no");
        return result;
    }
    Result<std::string> tee_type() override {
        if (fails) return refused("PolicyDeny: no");
        return std::string("snp");
    }
    Result<std::vector<std::string>> additional_tees() override { return tees; }

    std::string extended;

private:
    static std::string text_of(ByteSpan bytes) { return {bytes.begin(), bytes.end()}; }
    [[nodiscard]] Result<Secret> answer(const std::string& text) const {
        if (fails) return refused("PolicyDeny: no");
        return Secret(Bytes(text.begin(), text.end()));
    }
};

}  // namespace hallmark::test
