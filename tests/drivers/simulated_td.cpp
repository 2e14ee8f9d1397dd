// SPDX-License-Identifier: Apache-2.0
// simulated-td FOLDER MRTD MRCONFIGID: plays the TDX module and the quoting enclave of a simulated trust domain on a
// terminal, whose path it prints, as hallmark-boot does on a virtio-serial port; its RTMR3 can be extended, and its
// firmware measured one event into RTMR0. The root lies in FOLDER/root.pem; values are in hexadecimal. Ends with its
// standard input.
#include <cstdio>
#include <utility>
#include <vector>

#include "boot/simulated/tdx/trust_domain.hpp"
#include "common/digest.hpp"
#include "tests/drivers/hex_field.hpp"
#include "tests/drivers/tee_port.hpp"

namespace hallmark {
namespace {

Status run(char** words) {
    HALLMARK_TRY(const auto chain, boot::TdxChain::open(words[1]));
    HALLMARK_TRY(const auto mr_td, field<48>(words[2]));
    HALLMARK_TRY(const auto mr_config_id, field<48>(words[3]));
    std::vector<boot::Extension> measured = {
        {tdx::Register::kRtmr0, event_log::EventType::kAction, sha384(as_bytes(std::string_view("firmware")))}};
    HALLMARK_TRY(auto domain,
                 boot::TrustDomain::make(chain, mr_td, mr_config_id, std::move(measured), boot::Attack::kNone));
    return play_tee([&domain](const guest_port::Frame& request) { return domain.answer(request); });
}

}  // namespace
}  // namespace hallmark

int main(int argc, char** argv) {
    if (argc != 4) return 2;
    const auto done = hallmark::run(argv);
    if (!done) std::fprintf(stderr, "simulated-td: %s\n", done.error().message.c_str());
    return done ? 0 : done.error().exit_status();
}
