// SPDX-License-Identifier: Apache-2.0
// A real swtpm; the test plays QEMU.
#include "boot/tpm/software_tpm.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cstring>

#include "boot/flags/host.hpp"

namespace hallmark::boot::tpm {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t kInit = 2;          // man swtpm_ioctls(3): CMD_INIT
constexpr std::uint32_t kSetDataFd = 0x10;  // CMD_SET_DATAFD
constexpr auto kLimit = 10s;

/// QEMU's side of both channels.
class FakeQemu {
public:
    explicit FakeQemu(int control) : control_(control) {
        auto data = SocketPair::make();
        data_ = std::move(data->ours);
        EXPECT_EQ(send_with(kSetDataFd, data->theirs.get()), 0U);
        Bytes init(8);
        init[3] = kInit;
        EXPECT_EQ(::send(control_, init.data(), init.size(), 0), 8);
        EXPECT_EQ(result(), 0U);
    }

    /// A command to the TPM and its response.
    Bytes transact(const Bytes& command) const {
        EXPECT_EQ(::send(data_.get(), command.data(), command.size(), 0), static_cast<ssize_t>(command.size()));
        Bytes response(kLargestMessage);
        const auto count = ::recv(data_.get(), response.data(), response.size(), 0);
        response.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
        return response;
    }

private:
    std::uint32_t send_with(std::uint32_t command, int fd) const {
        Be<std::uint32_t> number = command;
        iovec part{.iov_base = &number, .iov_len = sizeof number};
        alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof fd)> space{};
        msghdr header{};
        header.msg_iov = &part;
        header.msg_iovlen = 1;
        header.msg_control = space.data();
        header.msg_controllen = space.size();
        cmsghdr* extra = CMSG_FIRSTHDR(&header);
        extra->cmsg_level = SOL_SOCKET;
        extra->cmsg_type = SCM_RIGHTS;
        extra->cmsg_len = CMSG_LEN(sizeof fd);
        std::memcpy(CMSG_DATA(extra), &fd, sizeof fd);
        EXPECT_EQ(::sendmsg(control_, &header, 0), 4);
        return result();
    }

    std::uint32_t result() const {
        Be<std::uint32_t> number;
        EXPECT_EQ(::recv(control_, &number, sizeof number, MSG_WAITALL), 4);
        return number;
    }

    int control_;
    FileDescriptor data_;
};

Bytes startup() { return {0x80, 0x01, 0, 0, 0, 12, 0, 0, 0x01, 0x44, 0, 0}; }

/// TPM2_PCR_Extend with an empty password session and one SHA-384 digest (TCG TPM 2.0 Library, part 3, section 22.2).
Bytes extend(std::uint8_t pcr, const Sha384& digest) {
    Bytes command = {0x80, 0x02, 0, 0, 0, 0, 0, 0, 0x01, 0x82, 0, 0, 0, pcr, 0, 0,   0,
                     9,    0x40, 0, 0, 9, 0, 0, 0, 0,    0,    0, 0, 0, 1,   0, 0x0c};
    append(command, digest);
    command[5] = static_cast<std::uint8_t>(command.size());
    return command;
}

bool succeeded(const Bytes& response) { return response.size() >= 10 && all_zero(ByteSpan(response).subspan(6, 4)); }

Bytes bytes_of(const Sha384& digest) { return {digest.begin(), digest.end()}; }

Sha384 extended(const Sha384& before, const Sha384& digest) {
    Bytes both(before.begin(), before.end());
    append(both, digest);
    return sha384(both);
}

TEST(SoftwareTpm, PcrsAreReadWhileAGuestUsesTheTpm) {
    if (!find_program("swtpm", "")) GTEST_SKIP() << "swtpm is not installed";
    auto tpm = SoftwareTpm::start();
    ASSERT_TRUE(tpm) << tpm.error().message;
    EXPECT_FALSE(tpm->pcr(Algorithm::kSha384, 4, in(kLimit)));  // nobody has connected
    const FakeQemu qemu(tpm->inherited());
    ASSERT_TRUE(succeeded(qemu.transact(startup())));
    EXPECT_EQ(tpm->pcr(Algorithm::kSha384, 4, in(kLimit)).value(), bytes_of(Sha384{}));

    const Sha384 first = sha384(as_bytes("first"));
    const Sha384 second = sha384(as_bytes("second"));
    ASSERT_TRUE(succeeded(qemu.transact(extend(4, first))));
    EXPECT_EQ(tpm->pcr(Algorithm::kSha384, 4, in(kLimit)).value(), bytes_of(extended({}, first)));
    ASSERT_TRUE(succeeded(qemu.transact(extend(4, second))));
    EXPECT_EQ(tpm->pcr(Algorithm::kSha384, 4, in(kLimit)).value(), bytes_of(extended(extended({}, first), second)));
    EXPECT_EQ(tpm->pcr(Algorithm::kSha256, 4, in(kLimit)).value(), Bytes(32));  // that bank was not extended
    EXPECT_EQ(tpm->pcr(Algorithm::kSha384, 5, in(kLimit)).value(), bytes_of(Sha384{}));
}

TEST(PcrValue, RefusesWhatIsNotOneValueOfTheBank) {
    EXPECT_FALSE(pcr_value({}, Algorithm::kSha384));
    const Bytes failure = {0x80, 0x01, 0, 0, 0, 10, 0, 0, 0x01, 0x01};
    EXPECT_NE(pcr_value(failure, Algorithm::kSha384).error().message.find("0x101"), std::string::npos);
    // No such bank: the selection and the list are empty.
    const Bytes empty = {0x80, 0x01, 0, 0, 0, 28, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0x0c, 3, 0, 0, 0, 0, 0, 0, 0};
    EXPECT_FALSE(pcr_value(empty, Algorithm::kSha384));
}

}  // namespace
}  // namespace hallmark::boot::tpm
