// SPDX-License-Identifier: Apache-2.0
// api-server-driver ARGUMENT…: the REST server as it is.
#include <cstddef>
#include <span>

#include "agent/rest/program.hpp"
#include "agent/wiping/wiping.hpp"

int main(int count, char** words) {
    if (!hallmark::guest::wipe_what_openssl_frees()) return 1;
    const std::span<const char* const> all(words, static_cast<std::size_t>(count));
    return hallmark::rest::run_api_server(all.subspan(1));
}
