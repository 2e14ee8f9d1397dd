// SPDX-License-Identifier: Apache-2.0
// attestation-agent-driver FOLDER ARGUMENT…: the attestation agent; see guest_folder.hpp.
#include "agent/attestation/program.hpp"
#include "agent/wiping/wiping.hpp"
#include "tests/drivers/guest_folder.hpp"

int main(int count, char** words) {
    if (!hallmark::guest::wipe_what_openssl_frees() || !hallmark::guest::wipe_what_libcurl_frees()) return 1;
    return hallmark::test::run_in_folder(hallmark::attestation::run_attestation_agent, count, words);
}
