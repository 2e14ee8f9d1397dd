// SPDX-License-Identifier: Apache-2.0
#include "boot/qemu/qmp.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace hallmark::boot {
namespace {

constexpr std::size_t kLongestLine = 4 * 1024 * 1024;

Status send_all(int socket, std::string_view text) {
    while (!text.empty()) {
        const auto sent = ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0) return std::unexpected(system_error("QMP", Fault::kNo));
        text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return {};
}

}  // namespace

Result<bool> QmpDecoder::next(Json& message) {
    const auto end = buffer_.find('\n');
    if (end > kLongestLine && buffer_.size() > kLongestLine)
        return bad_input("QMP: a line of more than " + std::to_string(kLongestLine) + " bytes");
    if (end == std::string::npos) return false;
    HALLMARK_TRY(message, parse_json(std::string_view(buffer_).substr(0, end), "QMP"));
    if (!message.is_object())
        return bad_input("QMP: found " + std::string(message.type_name()) + ", expected an object");
    buffer_.erase(0, end + 1);
    return true;
}

Result<Qmp> Qmp::connect(FileDescriptor socket, Deadline deadline) {
    Qmp qmp(std::move(socket));
    HALLMARK_TRY(const Json greeting, qmp.next_answer(deadline));
    if (!greeting.contains("QMP")) return bad_input("QMP: the first message is not a greeting");
    HALLMARK_CHECK(qmp.execute("qmp_capabilities", Json::object(), deadline));
    return qmp;
}

Result<bool> Qmp::receive() {
    std::array<char, 64 * 1024> block;
    for (;;) {
        const auto count = ::recv(socket_.get(), block.data(), block.size(), MSG_DONTWAIT);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return true;
        if (count <= 0) return false;  // closed, or reset by a QEMU that was killed
        decoder_.add({block.data(), static_cast<std::size_t>(count)});
        Json message;
        for (;;) {
            HALLMARK_TRY(const bool whole, decoder_.next(message));
            if (!whole) break;
            (message.contains("event") ? events_ : answers_).push_back(std::move(message));
        }
    }
}

Result<Json> Qmp::next_answer(Deadline deadline) {
    while (answers_.empty()) {
        pollfd wait{.fd = socket_.get(), .events = POLLIN, .revents = 0};
        if (::poll(&wait, 1, milliseconds_until(deadline)) == 0)
            return refused("QEMU did not answer on its monitor within the time limit");
        HALLMARK_TRY(const bool open, receive());
        if (!open && answers_.empty()) return refused("QEMU closed its monitor");
    }
    Json answer = std::move(answers_.front());
    answers_.pop_front();
    return answer;
}

Result<Json> Qmp::execute(std::string_view command, Json arguments, Deadline deadline) {
    const auto id = ++last_id_;
    const Json request = {{"execute", std::string(command)}, {"arguments", std::move(arguments)}, {"id", id}};
    HALLMARK_CHECK(send_all(socket_.get(), request.dump() + "\n"));
    for (;;) {
        HALLMARK_TRY(Json answer, next_answer(deadline));
        if (!answer.contains("id") || answer["id"] != id) continue;  // of a command that nobody waited for
        if (answer.contains("return")) return answer["return"];
        return refused("QEMU refused " + std::string(command) + ": " + answer["error"].dump());
    }
}

Result<std::string> Qmp::human(std::string_view command_line, Deadline deadline) {
    HALLMARK_TRY(const Json text,
                 execute("human-monitor-command", {{"command-line", std::string(command_line)}}, deadline));
    if (!text.is_string()) return bad_input("QMP: " + std::string(command_line) + ": expected text");
    return text.get<std::string>();
}

}  // namespace hallmark::boot
