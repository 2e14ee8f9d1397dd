// SPDX-License-Identifier: Apache-2.0
// How much time of a processor a server spends on a call.
//
//   ttrpc-calls echo                                       our server, against the bare exchange of as many bytes
//   ttrpc-calls compare NAME SOCKET SERVICE METHOD PAYLOAD
//       a method of a server that runs, against one of our server that does nothing and answers as much; PAYLOAD in
//       hexadecimal
//   ttrpc-calls handshake NAME SOCKET SERVICE METHOD PAYLOAD
//       a method that asks a key broker for a token, against the cryptography in that alone
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <string>
#include <string_view>

#include "agent/ttrpc/envelope.hpp"
#include "agent/ttrpc/server.hpp"
#include "common/hex.hpp"
#include "common/json.hpp"
#include "tests/bench/bare_handshake.hpp"
#include "tests/support/temporary.hpp"

namespace hallmark {
namespace {

constexpr int kRounds = 7;
constexpr int kCalls = 2000;
constexpr int kHandshakes = 20;
// 5 to 7.5 were seen: a poll, a queue and a worker, each of which may meet a busy processor.
constexpr double kEchoBar = 16.0;
constexpr double kCompareBar = 1.5;
const ttrpc::Users kMe = {::geteuid()};

void require(bool ok, std::string_view what) {
    if (ok) return;
    std::fprintf(stderr, "ttrpc-calls: %.*s\n", static_cast<int>(what.size()), what.data());
    std::exit(2);
}

/// A process of its own, until this one ends it.
template <class Serve>
class Child {
public:
    explicit Child(Serve serve) : process_(::fork()) {
        require(process_ >= 0, "fork");
        if (process_ == 0) {
            serve();
            ::_exit(0);
        }
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child() {
        ::kill(process_, SIGKILL);
        ::waitpid(process_, nullptr, 0);
    }

private:
    pid_t process_;
};

void serve_method(const std::string& path, std::size_t size) {
    ttrpc::Methods methods;
    methods.add("bench.Echo", "Echo",
                [size](ByteSpan, const ttrpc::Call&) -> ttrpc::Answer { return Secret(Bytes(size, 0x5a)); });
    auto server = ttrpc::Server::listen(path, std::move(methods), kMe);
    require(server.has_value(), "server");
    require(server->run(-1).has_value(), "server");  // no descriptor: it is never readable
}

/// Takes as many bytes as a request has, and gives as many as an answer has.
void serve_bytes(const std::string& path, std::size_t request, std::size_t answer) {
    const auto listener = ttrpc::listen_on(path);
    require(listener.has_value(), "listener");
    pollfd waiting{.fd = listener->get(), .events = POLLIN, .revents = 0};
    require(::poll(&waiting, 1, -1) == 1, "poll");
    const FileDescriptor caller(::accept(listener->get(), nullptr, nullptr));
    Bytes buffer(std::max(request, answer));
    while (::recv(caller.get(), buffer.data(), request, MSG_WAITALL) == static_cast<ssize_t>(request))
        require(::send(caller.get(), buffer.data(), answer, MSG_NOSIGNAL) == static_cast<ssize_t>(answer), "send");
}

FileDescriptor connect(const std::string& path) {
    for (int tries = 0; tries < 500; ++tries) {
        auto socket = ttrpc::connect_to(path, kMe, in(std::chrono::seconds(10)));
        if (socket) return *std::move(socket);
        ::usleep(10'000);
    }
    require(false, "no server on " + path);
    return {};
}

/// A server, its processor's clock, and what one call sends and gets.
class Served {
public:
    Served(const std::string& path, Bytes request) : socket_(connect(path)), request_(std::move(request)) {
        ucred peer{};
        socklen_t size = sizeof(peer);
        require(::getsockopt(socket_.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0, "SO_PEERCRED");
        require(::clock_getcpuclockid(peer.pid, &clock_) == 0, "clock of the server");
    }

    /// The bytes of the answer, its header included.
    std::size_t call_once(std::size_t expected = 0) {
        require(::send(socket_.get(), request_.data(), request_.size(), MSG_NOSIGNAL) ==
                    static_cast<ssize_t>(request_.size()),
                "send");
        if (expected > 0) {
            answer_.resize(expected);
            require(::recv(socket_.get(), answer_.data(), expected, MSG_WAITALL) == static_cast<ssize_t>(expected),
                    "receive");
            return expected;
        }
        ttrpc::FrameDecoder decoder;
        for (;;) {
            const auto room = decoder.room();
            const auto got = ::recv(socket_.get(), room.data(), room.size(), 0);
            require(got > 0, "receive");
            const auto frame = decoder.filled(static_cast<std::size_t>(got));
            if (!frame) continue;
            const auto answer = ttrpc::decode_response(frame->data.bytes());
            require(answer.has_value(), answer ? "" : answer.error().message);
            return sizeof(ttrpc::Header) + frame->length;
        }
    }

    /// Nanoseconds of the server's processor time for each call; answers of any size where none is given.
    double nanoseconds(std::size_t answer_size, int calls = kCalls) {
        const double start = now();
        for (int i = 0; i < calls; ++i) call_once(answer_size);
        return (now() - start) / calls;
    }

private:
    [[nodiscard]] double now() const {
        timespec time{};
        require(::clock_gettime(clock_, &time) == 0, "clock of the server");
        return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
    }

    FileDescriptor socket_;
    Bytes request_;
    Bytes answer_;
    clockid_t clock_{};
};

/// In turn, so that what else the machine does meets both; the fastest round of each.
void print_row(std::string_view name, std::string_view what, const std::function<double()>& one,
               const std::function<double()>& other, double bar) {
    double ours = 1e18;
    double theirs = 1e18;
    for (int round = 0; round < kRounds; ++round) {
        ours = std::min(ours, one());
        theirs = std::min(theirs, other());
    }
    char text[64];
    std::snprintf(text, sizeof(text), "%.1f us, %.*s", theirs / 1000, static_cast<int>(what.size()), what.data());
    const Json row = {{"name", name},
                      {"compared_with", text},
                      {"ratio", ours / theirs},
                      {"bar", bar},
                      {"holds", ours / theirs <= bar}};
    std::printf("%s\n", row.dump().c_str());
}

int echo(const std::string& folder) {
    constexpr std::size_t kSize = 256;
    const Bytes request = ttrpc::request_frame(1, "bench.Echo", "Echo", Bytes(kSize), {});
    const Child server([&] { serve_method(folder + "/echo.sock", kSize); });
    Served ours(folder + "/echo.sock", request);
    const std::size_t answer = ours.call_once();
    const Child bare([&] { serve_bytes(folder + "/bare.sock", request.size(), answer); });
    Served theirs(folder + "/bare.sock", request);
    print_row(
        "ttrpc-echo", "bare exchange", [&] { return ours.nanoseconds(answer); },
        [&] { return theirs.nanoseconds(answer); }, kEchoBar);
    return 0;
}

int compare(const std::string& folder, char** words) {
    const auto payload = from_hex(words[4]);
    require(payload.has_value(), "PAYLOAD: expected hexadecimal");
    Served measured(words[1], ttrpc::request_frame(1, words[2], words[3], *payload, {}));
    const std::size_t answer = measured.call_once();
    // An answer without status and with one field: of so many bytes that as many arrive.
    std::size_t size = answer - sizeof(ttrpc::Header);
    while (size > 0 && ttrpc::response_frame(1, Secret(Bytes(size))).size() > answer) --size;
    const Child server([&] { serve_method(folder + "/echo.sock", size); });
    Served echo(folder + "/echo.sock", ttrpc::request_frame(1, "bench.Echo", "Echo", *payload, {}));
    print_row(
        words[0], "echo", [&] { return measured.nanoseconds(answer); }, [&] { return echo.nanoseconds(answer); },
        kCompareBar);
    return 0;
}

int handshake(char** words) {
    const auto payload = from_hex(words[4]);
    require(payload.has_value(), "PAYLOAD: expected hexadecimal");
    Served measured(words[1], ttrpc::request_frame(1, words[2], words[3], *payload, {}));
    bench::BareHandshake bare;
    measured.call_once();
    bare.nanoseconds();
    // In turn, one by one: each begins with a processor that did something else before, as a handshake always does.
    double bare_ones = 0;
    const auto handshakes = [&] {
        double ours = 0;
        bare_ones = 0;
        for (int i = 0; i < kHandshakes; ++i) {
            ours += measured.nanoseconds(0, 1);
            bare_ones += bare.nanoseconds();
        }
        return ours / kHandshakes;
    };
    print_row(words[0], "OpenSSL: TLS and a key", handshakes, [&] { return bare_ones / kHandshakes; }, kCompareBar);
    return 0;
}

}  // namespace
}  // namespace hallmark

int main(int argc, char** argv) {
    const hallmark::test::TemporaryFolder folder;
    const std::string_view what = argc > 1 ? argv[1] : "";
    if (what == "echo" && argc == 2) return hallmark::echo(folder.path());
    if (what == "compare" && argc == 7) return hallmark::compare(folder.path(), argv + 2);
    if (what == "handshake" && argc == 7) return hallmark::handshake(argv + 2);
    std::fputs("ttrpc-calls: expected: echo, or compare or handshake NAME SOCKET SERVICE METHOD PAYLOAD\n", stderr);
    return 2;
}
