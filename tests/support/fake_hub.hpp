// SPDX-License-Identifier: Apache-2.0
// A data hub over secrets that a test knows.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "agent/data-hub/data_hub.hpp"
#include "tests/support/temporary.hpp"

namespace hallmark::test {

class FakeSource final : public hub::ResourceSource {
public:
    std::map<std::string, std::string> secrets;  ///< by "kbs:///default/key/one"
    std::vector<std::string> asked;

    Result<Secret> get(const kbs::ResourceUri& uri, Deadline /*deadline*/) override {
        asked.push_back(uri.text());
        const auto found = secrets.find(uri.text());
        if (found == secrets.end()) return refused("PolicyDeny: no rule of this test");
        return Secret(Bytes(found->second.begin(), found->second.end()));
    }
};

/// What it asks for, and where it writes, is seen from outside.
class FakeHub {
public:
    explicit FakeHub(bool skip_verification = false) : hub_(own(), open(), skip_verification) {}

    [[nodiscard]] const hub::DataHub& hub() const { return hub_; }
    [[nodiscard]] FakeSource& source() { return *source_; }
    [[nodiscard]] std::filesystem::path path() const { return folder_.path() / "cdh"; }
    [[nodiscard]] hub::SecretFolder open() const { return hub::SecretFolder::open(path()).value(); }

private:
    std::unique_ptr<hub::ResourceSource> own() {
        auto source = std::make_unique<FakeSource>();
        source_ = source.get();
        return source;
    }

    TemporaryFolder folder_;
    FakeSource* source_ = nullptr;
    hub::DataHub hub_;
};

}  // namespace hallmark::test
