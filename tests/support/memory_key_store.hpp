// SPDX-License-Identifier: Apache-2.0
// A key store that forgets: for tests of what uses one.
#pragma once

#include <map>
#include <utility>
#include <vector>

#include "common/bytes.hpp"
#include "common/result.hpp"
#include "common/secret.hpp"
#include "relying-party/keys/key_store.hpp"
#include "relying-party/keys/resource_path.hpp"

namespace hallmark::test {

class MemoryKeyStore final : public keys::KeyStore {
public:
    Result<Secret> read(const keys::ResourcePath& path) override {
        const auto found = secrets_.find(path);
        if (found == secrets_.end()) return none(path);
        const auto bytes = found->second.bytes();
        return Secret(Bytes(bytes.begin(), bytes.end()));
    }
    Status write(const keys::ResourcePath& path, ByteSpan secret) override {
        secrets_.insert_or_assign(path, Secret(Bytes(secret.begin(), secret.end())));
        return {};
    }
    Status remove(const keys::ResourcePath& path) override {
        if (secrets_.erase(path) == 0) return none(path);
        return {};
    }
    Result<std::vector<keys::ResourcePath>> list() override {
        std::vector<keys::ResourcePath> paths;
        for (const auto& [path, secret] : secrets_) paths.push_back(path);
        return paths;
    }

private:
    static std::unexpected<Error> none(const keys::ResourcePath& path) {
        return refused(path.text() + ": no such secret");
    }
    std::map<keys::ResourcePath, Secret> secrets_;
};

}  // namespace hallmark::test
