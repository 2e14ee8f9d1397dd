// SPDX-License-Identifier: Apache-2.0
// Serves the echo methods of tests/support/ttrpc_echo.hpp to root and to the caller's own user, until standard input
// ends.
//
//   ttrpc-echo-driver SOCKET STALL     a frame may take STALL milliseconds
//
// Prints "ready" once callers can connect.
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "agent/ttrpc/server.hpp"
#include "tests/support/ttrpc_echo.hpp"

namespace hallmark {
namespace {

Status serve(const char* path, int stall) {
    HALLMARK_TRY(auto server, ttrpc::Server::listen(path, test::echo_methods(), {::geteuid()},
                                                    {.stall = std::chrono::milliseconds(stall)}));
    std::puts("ready");
    std::fflush(stdout);
    return server.run(STDIN_FILENO);
}

}  // namespace
}  // namespace hallmark

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    const auto done = hallmark::serve(argv[1], std::atoi(argv[2]));
    if (!done) std::fprintf(stderr, "ttrpc-echo-driver: %s\n", done.error().message.c_str());
    return done ? 0 : done.error().exit_status();
}
