// SPDX-License-Identifier: Apache-2.0
// api-server-driver ARGUMENT…: the REST server as it is.
#include <cstddef>
#include <span>

#include "agent/rest/program.hpp"

int main(int count, char** words) {
    const std::span<const char* const> all(words, static_cast<std::size_t>(count));
    return hallmark::rest::run_api_server(all.subspan(1));
}
