// SPDX-License-Identifier: Apache-2.0
#include "boot/demo/owner.hpp"

#include <openssl/pem.h>

#include <string_view>

#include "boot/simulated/key_folder.hpp"
#include "common/file.hpp"
#include "common/json.hpp"
#include "common/openssl.hpp"
#include "common/text.hpp"

namespace hallmark::boot::demo {
namespace {

constexpr std::size_t kLargestLog = std::size_t{16} << 20;
constexpr std::string_view kUrl = R"("url":"https://127.0.0.1:)";

// The default policy wants an up-to-date TCB besides, which no collateral vouches for on a simulated platform.
constexpr std::string_view kSimulatedTdx = R"(version = 1
name = "simulated TDX"

[values.image]
names = ["mr_td", "rtmr_1", "rtmr_2"]
load = "hallmark-kbs reference-values set NAME DIGEST"

[values.init-data]
names = ["tdx_mr_config_id"]
load = "hallmark-kbs reference-values set NAME DIGEST"

[tdx.executables]
otherwise = 33
[[tdx.executables.grade]]
value = 3
require = [{ claim = "rtmr_1", in = "rtmr_1" }, { claim = "rtmr_2", in = "rtmr_2" }]

[tdx.hardware]
otherwise = 97
[[tdx.hardware.grade]]
value = 2
require = [{ claim = "mr_td", in = "mr_td" }]

[tdx.configuration]
otherwise = 36
[[tdx.configuration.grade]]
value = 2
require = [
    { claim = "/td_attributes/debug", equal = false },
    { claim = "init_data", in = "tdx_mr_config_id" },
]
)";

/// admin.pem and admin.pub.pem
Status make_admin_key(const std::filesystem::path& folder) {
    const openssl::Key key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    if (!key) return std::unexpected(openssl::error("administrator's key"));
    HALLMARK_CHECK(write_key(folder / "admin.pem", *key));
    const openssl::Owned<BIO, BIO_free_all> memory(BIO_new(BIO_s_mem()));
    char* data = nullptr;
    if (!memory || PEM_write_bio_PUBKEY(memory.get(), key.get()) != 1)
        return std::unexpected(openssl::error("administrator's key"));
    const auto size = BIO_get_mem_data(memory.get(), &data);
    return write_file(folder / "admin.pub.pem", as_bytes(std::string_view(data, static_cast<std::size_t>(size))));
}

/// The reason in a line of the audit log, where it is a refusal.
std::string refusal_in(std::string_view line) {
    const auto json = parse_json(line, "audit log");
    if (!json || !json->is_object() || json->value("event", "") != "refused") return "";
    return json->value("why", "");
}

}  // namespace

std::vector<std::string> environment(const std::filesystem::path& folder) {
    const std::string here = folder.string();
    return {"PATH=/usr/bin:/bin", "HOME=" + here, "TMPDIR=" + here, "XDG_RUNTIME_DIR=" + here};
}

Result<Owner> Owner::start(const Tools& tools, const std::filesystem::path& folder, const Trust& trust,
                           Deadline deadline) {
    HALLMARK_CHECK(make_admin_key(folder));
    std::vector<std::string> argv{tools.kbs,  "serve",       "--data",      folder / "kbs",           "--json",
                                  "--listen", "127.0.0.1:0", "--admin-key", folder / "admin.pub.pem", "--tls-name",
                                  kSeenAs};
    const auto add = [&argv](const char* option, const std::string& value) {
        if (!value.empty()) argv.insert(argv.end(), {option, value});
    };
    add("--trust-simulated", trust.simulated_root);
    add("--kds", trust.kds);
    add("--pccs", trust.pccs);
    if (trust.tee == Tee::kSimulatedTdx) {
        HALLMARK_CHECK(write_file(folder / "appraisal.toml", as_bytes(kSimulatedTdx)));
        add("--policy", folder / "appraisal.toml");
    }
    HALLMARK_TRY(Server server, Server::start(argv, environment(folder), folder / "kbs.log", kUrl, deadline));
    return Owner(tools, folder, std::move(server), deadline);
}

std::vector<std::string> Owner::access() const {
    return {"--kbs", url(), "--certificate", certificate(), "--admin-key", admin_key()};
}

Status Owner::administer(std::vector<std::string> command) const {
    command.insert(command.begin(), tools_.kbs);
    const auto more = access();
    command.insert(command.end(), more.begin(), more.end());
    HALLMARK_CHECK(run(command, environment(folder_), deadline_));
    return {};
}

Status Owner::publish(const std::filesystem::path& image) const {
    std::vector<std::string> command{tools_.measure, "publish", image};
    const auto more = access();
    command.insert(command.end(), more.begin(), more.end());
    HALLMARK_CHECK(run(command, environment(folder_), deadline_));
    return {};
}

std::string Owner::last_refusal() const {
    const auto bytes = read_file(data_ / "audit.log", kLargestLog);
    if (!bytes) return "";
    std::string_view rest = text_of(*bytes);
    std::string last;
    while (!rest.empty()) {
        const auto end = rest.find('\n');
        if (auto why = refusal_in(rest.substr(0, end)); !why.empty()) last = std::move(why);
        rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    }
    return last;
}

}  // namespace hallmark::boot::demo
