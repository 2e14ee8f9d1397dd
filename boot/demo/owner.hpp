// SPDX-License-Identifier: Apache-2.0
// The owner of the demo's pod: a key broker, and what its administrator tells it, by the commands that people type.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "boot/demo/tools.hpp"
#include "boot/run/request.hpp"

namespace hallmark::boot::demo {

/// How guests see this host: the host of QEMU's user network.
constexpr const char* kSeenAs = "10.0.2.2";
/// The key of the image, as the release policy and the image name it.
constexpr const char* kKeyPath = "default/key/demo";

/// Whose evidence the broker accepts, and how.
struct Trust {
    Tee tee = Tee::kSimulatedSnp;
    std::filesystem::path simulated_root{};  ///< of a simulated TEE: its root certificate
    std::string kds{};                       ///< of hardware, where they are wanted: see hallmark-kbs serve
    std::string pccs{};
};

class Owner {
public:
    /// Makes the administrator's key and starts the broker; `folder` is there, and gets all that they have.
    static Result<Owner> start(const Tools& tools, const std::filesystem::path& folder, const Trust& trust,
                               Deadline deadline);

    /// One of hallmark-kbs's commands for a running broker, with its arguments.
    Status administer(std::vector<std::string> command) const;
    /// hallmark-measure publish
    Status publish(const std::filesystem::path& image) const;

    /// "https://127.0.0.1:PORT"
    [[nodiscard]] std::string url() const { return "https://127.0.0.1:" + server_.port(); }
    /// "https://10.0.2.2:PORT"
    [[nodiscard]] std::string url_in_guest() const { return std::string("https://") + kSeenAs + ":" + server_.port(); }
    /// Of this host, under the names above; the registry shows it too.
    [[nodiscard]] std::filesystem::path certificate() const { return data_ / "tls.crt"; }
    [[nodiscard]] std::filesystem::path certificate_key() const { return data_ / "tls.key"; }
    [[nodiscard]] std::filesystem::path admin_key() const { return folder_ / "admin.pem"; }
    [[nodiscard]] std::filesystem::path data() const { return data_; }
    /// Why the broker last refused something to a guest, from its audit log; empty where it never did.
    [[nodiscard]] std::string last_refusal() const;

private:
    Owner(Tools tools, std::filesystem::path folder, Server server, Deadline deadline)
        : tools_(std::move(tools)),
          folder_(std::move(folder)),
          data_(folder_ / "kbs"),
          server_(std::move(server)),
          deadline_(deadline) {}
    [[nodiscard]] std::vector<std::string> access() const;

    Tools tools_;
    std::filesystem::path folder_;
    std::filesystem::path data_;
    Server server_;
    Deadline deadline_;
};

/// The environment of every program that the demo runs: nothing of ours but where programs are.
std::vector<std::string> environment(const std::filesystem::path& folder);

}  // namespace hallmark::boot::demo
