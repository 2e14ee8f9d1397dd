// SPDX-License-Identifier: Apache-2.0
#include "agent/ttrpc/client.hpp"

#include <gtest/gtest.h>
#include <proto/attestation_agent.pb.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "tests/unit/agent/ttrpc/running_server.hpp"

namespace hallmark::ttrpc {
namespace {

using namespace std::chrono_literals;
using test::expect_failure;
using test::kMe;
using test::RunningServer;
using test::text;

TEST(TtrpcClient, CallsFromSeveralThreads) {
    const RunningServer server;
    const Client client(server.path(), kMe);
    std::vector<std::thread> threads;
    for (int i = 0; i < 16; ++i)
        threads.emplace_back([&client, i] {
            const std::string sent = std::to_string(i);
            EXPECT_EQ(text(client.call("test.Echo", i % 2 == 0 ? "Slow" : "Echo", as_bytes(sent), 10s)), sent);
        });
    for (auto& thread : threads) thread.join();
}

TEST(TtrpcClient, CarriesMessages) {
    const RunningServer server;
    const Client client(server.path(), kMe);
    attestation_agent::GetTokenRequest request;
    request.set_tokentype("kbs");
    // Echoed: the field of the request has the number and the kind of the answer's.
    const auto response = client.call<attestation_agent::GetTokenResponse>("test.Echo", "Echo", request, 10s);
    ASSERT_TRUE(response);
    EXPECT_EQ(response->token(), "kbs");
}

TEST(TtrpcClient, TellsWhatTheServerSays) {
    const RunningServer server;
    const Client client(server.path(), kMe);
    expect_failure(client.call("test.Echo", "Fail", as_bytes("why"), 10s), Code::kNotFound, "why");
    expect_failure(client.call("test.Echo", "Nothing", {}, 10s), Code::kUnimplemented, "Nothing");
}

TEST(TtrpcClient, WaitsNoLongerThanItIsTold) {
    const RunningServer server;
    const Client client(server.path(), kMe);
    expect_failure(client.call("test.Echo", "Slow", {}, 50ms), Code::kDeadlineExceeded, "not answered in time");
}

TEST(TtrpcClient, SendsNothingThatIsTooLarge) {
    const RunningServer server;
    const Client client(server.path(), kMe);
    expect_failure(client.call("test.Echo", "Echo", Bytes(kLargestData), 10s), Code::kResourceExhausted, "4194304");
}

TEST(TtrpcClient, AServerThatIsNotThereIsUnavailable) {
    RunningServer server;
    const Client client(server.path(), kMe);
    server.stop();
    expect_failure(client.call("test.Echo", "Echo", {}, 1s), Code::kUnavailable, "echo.sock: Connection refused");
    const Client nowhere(server.path() + "x", kMe);
    expect_failure(nowhere.call("test.Echo", "Echo", {}, 1s), Code::kUnavailable, "No such file");
}

}  // namespace
}  // namespace hallmark::ttrpc
