// SPDX-License-Identifier: Apache-2.0
#include "agent/pod/preparation.hpp"

#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <thread>
#include <utility>

#include "agent/image-bundle/user.hpp"
#include "agent/oci/image_config.hpp"
#include "agent/oci/text.hpp"
#include "agent/pod/container_config.hpp"
#include "common/file.hpp"
#include "common/json.hpp"
#include "common/text.hpp"

namespace hallmark::pod {
namespace {

using guest::ContainerSettings;

constexpr std::size_t kLargestImageConfig = 4UL * 1024 * 1024;

Status check_digest(const ContainerSettings& settings, const std::string& pulled) {
    if (!settings.digest || settings.digest->text() == pulled) return {};
    return refused("the image " + settings.image + " is " + oci::printable(pulled) + ", init-data expects " +
                   settings.digest->text());
}

/// What JSON can hold as it is.
bool is_utf8(const std::string& text) {
    using Handler = Json::error_handler_t;
    const Json json(text);
    return json.dump(-1, ' ', false, Handler::ignore) == json.dump(-1, ' ', false, Handler::replace);
}

Result<std::string> variable_of(const std::string& name, const std::string& value, const Services& services) {
    if (!value.starts_with(guest::kSealed)) return name + "=" + value;
    const auto opened = services.unseal(value);
    if (!opened) return std::unexpected(opened.error().at("environment: " + name));
    std::string variable = name + "=";
    for (const auto byte : opened->bytes()) variable += static_cast<char>(byte);
    if (variable.find('\0') != std::string::npos || !is_utf8(variable))
        return refused("environment: " + name + ": the secret is not text, which a variable has to be");
    return variable;
}

Result<FileDescriptor> nameless_file(std::string_view content) {
    FileDescriptor file(::memfd_create("config.json", MFD_CLOEXEC));
    if (!file.valid()) return std::unexpected(system_error("memfd_create", Fault::kNo));
    while (!content.empty()) {
        const auto count = ::write(file.get(), content.data(), content.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return std::unexpected(system_error("config.json", Fault::kNo));
        content.remove_prefix(static_cast<std::size_t>(count));
    }
    if (::lseek(file.get(), 0, SEEK_SET) != 0) return std::unexpected(system_error("config.json", Fault::kNo));
    return file;
}

}  // namespace

Result<FileDescriptor> prepare(const ContainerSettings& settings, const Services& services, const Folders& folders) {
    const auto bundle = folders.bundle_of(settings);
    HALLMARK_TRY(const std::string digest, services.pull(settings.image, bundle.string()));
    HALLMARK_CHECK(check_digest(settings, digest));
    HALLMARK_TRY(const Bytes text, read_file(bundle / "image.json", kLargestImageConfig));
    HALLMARK_TRY(const auto image, oci::parse_image_config(text_of(text), "the image's configuration"));
    HALLMARK_TRY(const auto accounts, bundle::read_accounts(bundle / "rootfs"));
    HALLMARK_TRY(const auto user, bundle::find_user(settings.user.value_or(image.user), accounts));
    std::vector<std::string> environment;
    for (const auto& [name, value] : settings.environment) {
        HALLMARK_TRY(environment.emplace_back(), variable_of(name, value, services));
    }
    HALLMARK_TRY(const Json config, container_config({.settings = settings,
                                                      .environment = std::move(environment),
                                                      .image = image,
                                                      .user = user,
                                                      .volumes = folders.volumes}));
    std::string config_text = to_text(config);
    auto file = nameless_file(config_text);
    wipe(config_text);
    return file;
}

struct Preparation::Shared {
    FileDescriptor event;
    std::mutex mutex;
    std::vector<Prepared> prepared;
};

Result<Preparation> Preparation::start(std::vector<ContainerSettings> containers, Services services, Folders folders) {
    auto shared = std::make_shared<Shared>();
    shared->event = FileDescriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!shared->event.valid()) return std::unexpected(system_error("eventfd", Fault::kNo));
    std::thread worker(
        [containers = std::move(containers), services = std::move(services), folders = std::move(folders), shared] {
            for (std::size_t i = 0; i < containers.size(); ++i) {
                auto config = prepare(containers[i], services, folders);
                const std::scoped_lock lock(shared->mutex);
                shared->prepared.push_back({.container = i, .config = std::move(config)});
                ::eventfd_write(shared->event.get(), 1);
            }
        });
    worker.detach();  // a guest that is to power off doesn't wait for a registry
    return Preparation(std::move(shared));
}

int Preparation::fd() const { return shared_->event.get(); }

std::vector<Preparation::Prepared> Preparation::take() {
    eventfd_t count = 0;
    ::eventfd_read(shared_->event.get(), &count);
    const std::scoped_lock lock(shared_->mutex);
    return std::exchange(shared_->prepared, {});
}

}  // namespace hallmark::pod
