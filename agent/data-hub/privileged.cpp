// SPDX-License-Identifier: Apache-2.0
#include "agent/data-hub/privileged.hpp"

#include <fcntl.h>
#include <proto/confidential_data_hub.pb.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <utility>
#include <vector>

#include "agent/confinement/image_pull.hpp"
#include "agent/daemon/say.hpp"
#include "agent/data-hub/image_limits.hpp"
#include "agent/storage/child.hpp"
#include "agent/ttrpc/messages.hpp"
#include "agent/ttrpc/server.hpp"
#include "common/json.hpp"
#include "common/process.hpp"

namespace hallmark::hub {
namespace {

constexpr const char* kProgram = "confidential-data-hub (privileged)";
constexpr const char* kOwnProgram = "/proc/self/exe";
constexpr std::size_t kLargestAnswer = 16 * 1024;  // of a pipe's 64 KiB: the child never waits for us

/// All that was written into the pipe; whoever wrote has ended.
Result<std::string> read_answer(const FileDescriptor& pipe) {
    std::string text(kLargestAnswer, '\0');
    std::size_t size = 0;
    for (;;) {
        const auto count = ::read(pipe.get(), text.data() + size, text.size() - size);
        if (count < 0) return std::unexpected(system_error("answer", Fault::kNo));
        size += static_cast<std::size_t>(count);
        if (count == 0 || size == text.size()) break;
    }
    text.resize(size);
    return text;
}

/// Starts the program with a pipe for its answer, and waits for both. Killed where the deadline comes first.
Result<std::string> ask_program(std::vector<std::string> argv, Deadline deadline) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return std::unexpected(system_error("pipe", Fault::kNo));
    const FileDescriptor ours(ends[0]);
    FileDescriptor theirs(ends[1]);
    const FileDescriptor errors(::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3));
    argv.insert(argv.end(), {"--answer", std::to_string(theirs.get())});
    HALLMARK_TRY(Process process, Process::start(argv, {theirs.get()}, errors));
    theirs.reset();
    if (!process.wait(deadline)) return refused("was ended: the caller waits no longer");
    return read_answer(ours);
}

/// The digest, or why there is none.
Result<std::string> pulled_digest(const std::string& answer) {
    const std::string what = "the image puller's answer";
    if (answer.empty()) return refused("the image puller ended without an answer");
    HALLMARK_TRY(const Json document, parse_json(answer, what));
    HALLMARK_TRY(const JsonObject object, JsonObject::of(document, what));
    if (object.has("error")) {
        HALLMARK_TRY(std::string why, object.string("error"));
        return refused(std::move(why));
    }
    return object.string("manifest");
}

ttrpc::Answer pull(const PrivilegedSetup& setup, const api::PullImageRequest& request, Deadline deadline) {
    std::vector<std::string> argv = {kOwnProgram,           "image", "pull",    request.image_url(), "--bundle",
                                     request.bundle_path(), "--hub", setup.hub, "--agent",           setup.agent};
    if (setup.config) argv.insert(argv.end(), {"--config", *setup.config});
    if (request.image_url().starts_with('-') || request.image_url().empty())
        return ttrpc::failure(ttrpc::Code::kInvalidArgument, "image_url: expected the name of an image");
    const auto answer = ask_program(std::move(argv), std::min(deadline, in(kLongestPull)));
    auto digest = answer ? pulled_digest(*answer) : Result<std::string>(std::unexpected(answer.error()));
    if (!digest) return ttrpc::failure(ttrpc::Code::kInternal, digest.error().message);
    api::PullImageResponse response;
    response.set_manifest_digest(std::move(*digest));
    return ttrpc::serialise(response);
}

ttrpc::Answer mount(const PrivilegedSetup& setup, const api::SecureMountRequest& request) {
    const auto mounted = storage::mount_in_child(request, setup.hub);
    if (mounted) return ttrpc::serialise(api::SecureMountResponse());
    const bool wrong = mounted.error().fault == Fault::kBadInput;
    return ttrpc::failure(wrong ? ttrpc::Code::kInvalidArgument : ttrpc::Code::kInternal, mounted.error().message);
}

/// The whole life of the process.
Status serve(ttrpc::Server server) {
    HALLMARK_CHECK(confinement::keep_what_mounts_need());
    const FileDescriptor never(::eventfd(0, EFD_CLOEXEC));  // it serves until the hub's end kills it
    return server.run(never.get());
}

}  // namespace

Status start_privileged(const PrivilegedSetup& setup) {
    ttrpc::Methods methods;
    methods.add("api.ImagePullService", "PullImage", [setup](ByteSpan payload, const ttrpc::Call& call) {
        const auto request = ttrpc::parse<api::PullImageRequest>(payload);
        if (!request) return ttrpc::Answer(std::unexpected(request.error()));
        return pull(setup, *request, call.deadline);
    });
    methods.add("api.SecureMountService", "SecureMount", [setup](ByteSpan payload, const ttrpc::Call&) {
        const auto request = ttrpc::parse<api::SecureMountRequest>(payload);
        if (!request) return ttrpc::Answer(std::unexpected(request.error()));
        return mount(setup, *request);
    });
    HALLMARK_TRY(auto server, ttrpc::Server::listen(setup.socket, std::move(methods), {}, {.workers = kPullsAtOnce}));
    const pid_t hub = ::getpid();
    const pid_t child = ::fork();
    if (child < 0) return std::unexpected(system_error("fork", Fault::kNo));
    if (child > 0) return {};
    if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || ::getppid() != hub) ::_exit(1);
    const auto ended = serve(std::move(server));
    if (!ended) guest::say(kProgram, ended.error().message);
    ::_exit(1);
}

}  // namespace hallmark::hub
