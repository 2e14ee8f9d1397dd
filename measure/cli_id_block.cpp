// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>

#include "common/base64.hpp"
#include "common/file.hpp"
#include "common/hex.hpp"
#include "common/json.hpp"
#include "measure/cli.hpp"
#include "measure/cli_launch.hpp"
#include "measure/snp/id_block.hpp"

namespace hallmark::cli {
namespace {

constexpr const char* kBlockFile = "id-block.base64";
constexpr const char* kAuthFile = "id-auth.base64";

struct Options {
    std::string digest;
    std::string id_key;
    Text author_key;
    std::string family_id = std::string(32, '0');
    std::string image_id = std::string(32, '0');
    std::string version = "1";
    std::string guest_svn = "0";
    std::string policy = "0x30000";
    Text block_policy;
    Text folder;
    bool json = false;
};

template <std::size_t kSize>
Status put_hex(std::string_view option, std::string_view text, std::array<std::uint8_t, kSize>& into) {
    const auto bytes = from_hex(text);
    if (!bytes) return std::unexpected(bytes.error().at(option));
    if (bytes->size() != kSize)
        return bad_input(std::string(option) + ": found " + std::to_string(text.size()) + " digits, expected " +
                         std::to_string(2 * kSize));
    std::ranges::copy(*bytes, into.begin());
    return {};
}

Result<std::uint64_t> policy_option(std::string_view option, std::string_view text) {
    HALLMARK_TRY(const std::uint64_t policy, number_option(option, text, 0, UINT64_MAX));
    const auto checked = snp::check_guest_policy(policy);
    if (!checked) return std::unexpected(checked.error().at(option));
    return policy;
}

Result<snp::IdBlock> make_block(const Options& options) {
    snp::IdBlock block;
    HALLMARK_CHECK(put_hex("--launch-digest", options.digest, block.launch_digest));
    HALLMARK_CHECK(put_hex("--family-id", options.family_id, block.family_id));
    HALLMARK_CHECK(put_hex("--image-id", options.image_id, block.image_id));
    HALLMARK_TRY(const std::uint64_t version, number_option("--block-version", options.version, 0, UINT32_MAX));
    HALLMARK_TRY(const std::uint64_t svn, number_option("--guest-svn", options.guest_svn, 0, UINT32_MAX));
    HALLMARK_TRY(const std::uint64_t launch, policy_option("--policy", options.policy));
    HALLMARK_TRY(const std::uint64_t policy,
                 policy_option("--block-policy", options.block_policy.value_or(options.policy)));
    if (policy != launch)
        return refused("--block-policy: " + hex_number(policy) + " is not the launch's policy " + hex_number(launch) +
                       "; the security processor would refuse the launch");
    block.version = static_cast<std::uint32_t>(version);
    block.guest_svn = static_cast<std::uint32_t>(svn);
    block.policy = policy;
    return block;
}

struct Signed {
    snp::IdBlock block;
    snp::IdAuth auth;
    bool has_author = false;
};

Result<Signed> sign(const Options& options) {
    Signed made;
    HALLMARK_TRY(made.block, make_block(options));
    HALLMARK_TRY(const snp::SigningKey id_key, snp::SigningKey::read(options.id_key));
    std::optional<snp::SigningKey> author;
    if (options.author_key) {
        HALLMARK_TRY(author, snp::SigningKey::read(*options.author_key));
    }
    HALLMARK_TRY(made.auth, snp::sign_id_block(made.block, id_key, author ? &*author : nullptr));
    made.has_author = author.has_value();
    return made;
}

Status write_text(const std::filesystem::path& path, const std::string& text) {
    return write_file(path, as_bytes(std::string_view(text)));
}

std::string key_lines(const Signed& made) {
    auto text = "id_key_digest " + to_hex(snp::digest_of(made.auth.id_key)) + "\n";
    if (made.has_author) text += "author_key_digest " + to_hex(snp::digest_of(made.auth.author_key)) + "\n";
    return text;
}

Result<std::string> answer(const Options& options) {
    HALLMARK_TRY(const Signed made, sign(options));
    const auto block = to_base64(as_bytes(made.block));
    const auto auth = to_base64(as_bytes(made.auth));
    if (options.folder) {
        const std::filesystem::path folder = *options.folder;
        HALLMARK_CHECK(write_text(folder / kBlockFile, block));
        HALLMARK_CHECK(write_text(folder / kAuthFile, auth));
    }
    if (options.json) {
        Json json = {{"id_block", block},
                     {"id_auth", auth},
                     {"policy", hex_number(made.block.policy)},
                     {"guest_svn", made.block.guest_svn.get()},
                     {"id_key_digest", to_hex(snp::digest_of(made.auth.id_key))}};
        if (made.has_author) json["author_key_digest"] = to_hex(snp::digest_of(made.auth.author_key));
        return to_text(json);
    }
    if (options.folder) return key_lines(made);
    const auto* const author = made.has_author ? ",author-key-enabled=on" : "";
    return "id-block=" + block + ",id-auth=" + auth + author + "\n" + key_lines(made);
}

struct KeyOptions {
    std::string key;
    bool json = false;
};

Result<std::string> key_digest(const KeyOptions& options) {
    HALLMARK_TRY(const snp::PublicKey key, snp::read_public_key(options.key));
    const auto digest = to_hex(snp::digest_of(key));
    return options.json ? to_text({{"key_digest", digest}}) : digest + "\n";
}

}  // namespace

void add_id_block_options(CLI::App& app, Run& run) {
    const auto options = std::make_shared<Options>();
    app.add_option("--launch-digest", options->digest, "The digest of the launch that is allowed")
        ->type_name("HEX")
        ->required();
    app.add_option("--id-key", options->id_key, "Private EC P-384 key that signs the block, PEM or DER")
        ->type_name("FILE")
        ->required();
    add_text(app, "--author-key", options->author_key, "FILE", "Private EC P-384 key that signs the ID key");
    app.add_option("--family-id", options->family_id, "16 bytes of the owner's choice (default zero)")
        ->type_name("HEX");
    app.add_option("--image-id", options->image_id, "16 bytes of the owner's choice (default zero)")->type_name("HEX");
    app.add_option("--guest-svn", options->guest_svn, "Security version of the guest (default 0)")->type_name("NUMBER");
    app.add_option("--block-version", options->version, "Version of the block's format (default 1)")
        ->type_name("NUMBER");
    app.add_option("--policy", options->policy, "Guest policy of the launch (default 0x30000)")->type_name("NUMBER");
    add_text(app, "--block-policy", options->block_policy, "NUMBER",
             "Policy in the block, which must be that of the launch (default: that)");
    add_text(app, "--out", options->folder, "DIR", "Write id-block.base64 and id-auth.base64 there");
    app.add_flag("--json", options->json, "Print block, authentication and key digests as JSON");
    app.callback([options, &run] { run = [options] { return answer(*options); }; });
}

void add_key_digest_options(CLI::App& app, Run& run) {
    const auto options = std::make_shared<KeyOptions>();
    app.add_option("KEY", options->key, "EC P-384 key, private or public, PEM or DER")->type_name("")->required();
    app.add_flag("--json", options->json, "Print the digest as JSON");
    app.callback([options, &run] { run = [options] { return key_digest(*options); }; });
}

}  // namespace hallmark::cli
