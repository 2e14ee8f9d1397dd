// SPDX-License-Identifier: Apache-2.0
// simulated-tee FOLDER MEASUREMENT HOSTDATA: plays the security processor of a simulated SEV-SNP guest on a terminal,
// whose path it prints, as hallmark-boot does on a virtio-serial port. The root lies in FOLDER/ark.pem; values are in
// hexadecimal. Ends with its standard input.
#include <poll.h>
#include <pty.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <string>

#include "boot/simulated/chain.hpp"
#include "boot/simulated/processor.hpp"
#include "common/descriptor.hpp"
#include "common/formats/guest_port.hpp"
#include "tests/drivers/hex_field.hpp"

namespace hallmark {
namespace {

constexpr std::uint32_t kMilan = 0xa00f11;  // CPUID Fn0000_0001 EAX

Status write_all(int file, ByteSpan bytes) {
    while (!bytes.empty()) {
        const auto count = ::write(file, bytes.data(), bytes.size());
        if (count <= 0) return std::unexpected(system_error("port", Fault::kNo));
        bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
    return {};
}

Status play(const boot::SimulatedProcessor& processor, int host) {
    guest_port::FrameDecoder decoder;
    std::array<std::uint8_t, 4096> block{};
    for (;;) {
        pollfd files[] = {{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0},
                          {.fd = host, .events = POLLIN, .revents = 0}};
        if (::poll(files, 2, -1) < 0) return std::unexpected(system_error("poll", Fault::kNo));
        if (files[0].revents != 0) return {};
        const auto count = ::read(host, block.data(), block.size());
        if (count <= 0) return std::unexpected(system_error("port", Fault::kNo));
        decoder.add(ByteSpan(block).first(static_cast<std::size_t>(count)));
        guest_port::Frame request;
        HALLMARK_TRY(const bool whole, decoder.next(request));
        if (!whole) continue;
        HALLMARK_TRY(const auto answer, processor.answer(request));
        HALLMARK_CHECK(write_all(host, guest_port::encode(answer)));
    }
}

Status run(char** words) {
    HALLMARK_TRY(const auto chain, boot::SimulatedChain::open(words[1], [] {}));
    boot::LaunchFacts facts{.measurement = {}, .cpu_signature = kMilan};
    HALLMARK_TRY(facts.measurement, field<48>(words[2]));
    HALLMARK_TRY(facts.host_data, field<32>(words[3]));
    HALLMARK_TRY(const auto processor, boot::SimulatedProcessor::make(chain, facts));
    std::array<char, 128> name{};
    int host = -1;
    int guest = -1;
    termios raw{};
    ::cfmakeraw(&raw);
    if (::openpty(&host, &guest, name.data(), &raw, nullptr) != 0)
        return std::unexpected(system_error("openpty", Fault::kNo));
    // The guest's end stays open here, so that the terminal is not hung up while nobody asks.
    const FileDescriptor host_end(host);
    const FileDescriptor guest_end(guest);
    std::printf("%s\n", name.data());
    std::fflush(stdout);
    return play(processor, host);
}

}  // namespace
}  // namespace hallmark

int main(int argc, char** argv) {
    if (argc != 4) return 2;
    const auto done = hallmark::run(argv);
    if (!done) std::fprintf(stderr, "simulated-tee: %s\n", done.error().message.c_str());
    return done ? 0 : done.error().exit_status();
}
