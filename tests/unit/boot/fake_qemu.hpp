// SPDX-License-Identifier: Apache-2.0
// QEMU's side of a software TPM, and commands of a guest.
// Source: man swtpm_ioctls(3); TCG "Trusted Platform Module Library", family 2.0, part 3, sections 9.3 and 22.2.
#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <utility>

#include "boot/tpm/commands.hpp"
#include "common/bytes.hpp"
#include "common/endian.hpp"
#include "common/socket_pair.hpp"

namespace hallmark::boot::test {

inline constexpr std::uint32_t kInit = 2;          // man swtpm_ioctls(3): CMD_INIT
inline constexpr std::uint32_t kSetDataFd = 0x10;  // CMD_SET_DATAFD

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
        Bytes response(tpm::kLargestMessage);
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

/// TPM2_Startup(CLEAR)
inline Bytes startup() { return {0x80, 0x01, 0, 0, 0, 12, 0, 0, 0x01, 0x44, 0, 0}; }

/// TPM2_PCR_Extend with an empty password session and one digest, of SHA-256 or of SHA-384.
inline Bytes extend(std::uint8_t pcr, ByteSpan digest) {
    const std::uint8_t algorithm = digest.size() == 32 ? 0x0b : 0x0c;
    Bytes command = {0x80, 0x02, 0, 0, 0, 0, 0, 0, 0x01, 0x82, 0, 0, 0, pcr, 0, 0,        0,
                     9,    0x40, 0, 0, 9, 0, 0, 0, 0,    0,    0, 0, 0, 1,   0, algorithm};
    append(command, digest);
    command[5] = static_cast<std::uint8_t>(command.size());
    return command;
}

inline bool succeeded(const Bytes& response) {
    return response.size() >= 10 && all_zero(ByteSpan(response).subspan(6, 4));
}

}  // namespace hallmark::boot::test
