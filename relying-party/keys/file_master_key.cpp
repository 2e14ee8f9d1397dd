// SPDX-License-Identifier: Apache-2.0
#include "relying-party/keys/file_master_key.hpp"

#include <string>
#include <utility>

#include "common/digest.hpp"
#include "common/hex.hpp"
#include "common/secret.hpp"
#include "relying-party/keys/private_file.hpp"
#include "relying-party/keys/sealing.hpp"

namespace hallmark::keys {
namespace {

constexpr std::size_t kNameSize = 8;
constexpr std::string_view kNameContext = "hallmark: the name of a master key";
// Larger files are told from a key by their size, so that the error can say it.
constexpr std::size_t kLargestFile = 4096;

class FileMasterKey final : public MasterKey {
public:
    explicit FileMasterKey(Secret key) : key_(std::move(key)) {
        Hasher<Sha256> hasher;
        hasher.update(as_bytes(kNameContext));
        hasher.update(key_.bytes());
        name_ = "file:" + to_hex(ByteSpan(hasher.finish()).first(kNameSize));
    }
    [[nodiscard]] std::string name() const override { return name_; }
    Result<Bytes> wrap(ByteSpan data_key, ByteSpan context) override { return seal(key_.bytes(), data_key, context); }
    Result<Secret> unwrap(ByteSpan wrapped, ByteSpan context) override {
        return unseal(key_.bytes(), wrapped, context);
    }

private:
    Secret key_;
    std::string name_;
};

Result<std::shared_ptr<MasterKey>> master_key_of(Secret key, const std::string& where) {
    if (key.bytes().size() != kKeySize)
        return bad_input(where + ": " + std::to_string(key.bytes().size()) + " bytes, expected " +
                         std::to_string(kKeySize) + " random ones as they are (no hex, no base64, no line end)");
    if (all_zero(key.bytes())) return bad_input(where + ": all zero, expected 32 random bytes");
    return std::make_shared<FileMasterKey>(std::move(key));
}

}  // namespace

Result<std::shared_ptr<MasterKey>> read_master_key(const std::filesystem::path& file) {
    HALLMARK_TRY(Secret key, read_private(file, kLargestFile));
    return master_key_of(std::move(key), file.string());
}

Result<std::shared_ptr<MasterKey>> create_master_key(const std::filesystem::path& file) {
    HALLMARK_CHECK(check_folder_of(file));
    HALLMARK_TRY(Secret key, random_key());
    HALLMARK_CHECK(create_private(file, key.bytes()));
    return master_key_of(std::move(key), file.string());
}

Result<std::shared_ptr<MasterKey>> credential_master_key(std::string_view name) {
    HALLMARK_TRY(Secret key, read_credential(name, kLargestFile));
    return master_key_of(std::move(key), "credential " + std::string(name));
}

}  // namespace hallmark::keys
