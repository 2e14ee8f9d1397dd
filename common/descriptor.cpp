// SPDX-License-Identifier: Apache-2.0
#include "common/descriptor.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace hallmark {

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
    if (this != &other) {
        reset();
        fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
}

FileDescriptor::~FileDescriptor() { reset(); }

void FileDescriptor::reset() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
}

Error system_error(std::string_view what, Fault fault) {
    const int number = errno;
    return {fault, std::string(what) + ": " + std::strerror(number)};
}

}  // namespace hallmark
