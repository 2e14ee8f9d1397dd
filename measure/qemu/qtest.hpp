// SPDX-License-Identifier: Apache-2.0
// A QEMU that runs no guest code, and whose memory and ports are read and written from outside.
// Source: QEMU 10.1, docs/devel/testing/qtest.rst and system/qtest.c.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "common/bytes.hpp"
#include "common/deadline.hpp"
#include "common/descriptor.hpp"
#include "common/result.hpp"

namespace hallmark::qemu {

class Qtest {
public:
    /// Every answer must have come by `deadline`.
    Qtest(FileDescriptor socket, Deadline deadline) : socket_(std::move(socket)), deadline_(deadline) {}

    /// Of the guest's memory.
    Result<Bytes> read(std::uint64_t address, std::size_t size);
    Status write(std::uint64_t address, ByteSpan bytes);

    /// I/O ports, 32 bits.
    Result<std::uint32_t> in(std::uint16_t port);
    Status out(std::uint16_t port, std::uint32_t value);

private:
    /// What stands behind "OK" in the answer.
    Result<std::string> ask(const std::string& command);
    Result<std::string> next_line();

    FileDescriptor socket_;
    Deadline deadline_;
    std::string buffer_;
};

}  // namespace hallmark::qemu
