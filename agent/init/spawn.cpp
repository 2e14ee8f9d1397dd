// SPDX-License-Identifier: Apache-2.0
#include "agent/init/spawn.hpp"

#include <fcntl.h>
#include <spawn.h>

#include <cerrno>
#include <csignal>

#include "common/descriptor.hpp"

namespace hallmark::guest {
namespace {

constexpr int kOutOfTheWay = 64;  // above every number that a program is handed a file under

std::vector<char*> pointers(const std::vector<std::string>& words) {
    std::vector<char*> all;
    for (const auto& word : words) all.push_back(const_cast<char*>(word.c_str()));
    all.push_back(nullptr);
    return all;
}

/// posix_spawn(3)'s attributes and file actions, and what they were made of.
class Preparation {
public:
    Preparation() {
        ::posix_spawnattr_init(&attributes_);
        ::posix_spawn_file_actions_init(&actions_);
        sigset_t none;
        sigset_t all;
        ::sigemptyset(&none);
        ::sigfillset(&all);
        ::posix_spawnattr_setsigmask(&attributes_, &none);
        ::posix_spawnattr_setsigdefault(&attributes_, &all);
        ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
    }
    Preparation(const Preparation&) = delete;
    Preparation& operator=(const Preparation&) = delete;
    ~Preparation() {
        ::posix_spawn_file_actions_destroy(&actions_);
        ::posix_spawnattr_destroy(&attributes_);
    }

    /// By way of a number that none of the others is: one file must not take the place of another that is still needed.
    Status hand(const Handed& file) {
        FileDescriptor copy(::fcntl(file.ours, F_DUPFD_CLOEXEC, kOutOfTheWay));
        if (!copy.valid()) return std::unexpected(system_error("duplicate", Fault::kNo));
        errno = ::posix_spawn_file_actions_adddup2(&actions_, copy.get(), file.theirs);
        if (errno != 0) return std::unexpected(system_error("posix_spawn", Fault::kNo));
        copies_.push_back(std::move(copy));
        return {};
    }

    [[nodiscard]] const posix_spawnattr_t* attributes() const { return &attributes_; }
    [[nodiscard]] const posix_spawn_file_actions_t* actions() const { return &actions_; }

private:
    posix_spawnattr_t attributes_{};
    posix_spawn_file_actions_t actions_{};
    std::vector<FileDescriptor> copies_;
};

}  // namespace

Result<pid_t> spawn(const std::vector<std::string>& argv, const std::vector<std::string>& environment,
                    std::span<const Handed> handed) {
    Preparation preparation;
    for (const Handed& file : handed) HALLMARK_CHECK(preparation.hand(file));
    const auto words = pointers(argv);
    const auto variables = pointers(environment);
    pid_t child = -1;
    errno = ::posix_spawn(&child, words[0], preparation.actions(), preparation.attributes(), words.data(),
                          variables.data());
    if (errno != 0) return std::unexpected(system_error(argv.front(), Fault::kNo));
    return child;
}

}  // namespace hallmark::guest
