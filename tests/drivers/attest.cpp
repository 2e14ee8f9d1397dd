// SPDX-License-Identifier: Apache-2.0
// attest-driver FOLDER ARGUMENT…: hallmark-guest attest; see guest_folder.hpp.
#include "agent/handshake/program.hpp"
#include "tests/drivers/guest_folder.hpp"

int main(int count, char** words) {
    return hallmark::test::run_in_folder(hallmark::handshake::run_attest, count, words);
}
