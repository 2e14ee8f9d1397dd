// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "boot/qemu/command.hpp"
#include "boot/qemu/console.hpp"
#include "boot/qemu/memory.hpp"
#include "boot/qemu/qmp.hpp"
#include "boot/qemu/registers.hpp"
#include "common/formats/guest_port.hpp"
#include "common/process.hpp"
#include "common/socket_pair.hpp"

namespace hallmark::boot {

/// A guest's virtio-serial port, on our side: whole frames in and out.
class FramedPort {
public:
    explicit FramedPort(FileDescriptor socket) : socket_(std::move(socket)) {}

    Status send(const guest_port::Frame& frame, Deadline deadline);
    /// Takes in what has arrived, without waiting.
    Status receive();
    Result<std::optional<guest_port::Frame>> next();
    [[nodiscard]] int descriptor() const { return socket_.get(); }

private:
    FileDescriptor socket_;
    guest_port::FrameDecoder decoder_;
    bool closed_ = false;
};

/// How a guest ended, after QMP's SHUTDOWN event: "guest-shutdown", "guest-reset" (a panic), "host-qmp-quit", …
using ShutdownReason = std::string;

/// The channels of a guest that is to be started: their other ends go onto the command line.
struct Channels {
    SocketPair qmp;
    SocketPair console;   ///< hvc0
    SocketPair firmware;  ///< the serial port, on which only the firmware speaks
    SocketPair tee;       ///< the simulated security processor; unused on real hardware
    SocketPair control;

    static Result<Channels> make();
    /// Adds the devices that every boot has: monitor, consoles and control port; with_tee: the simulated processor's.
    void add_to(QemuCommand& command, bool with_tee) const;
    [[nodiscard]] std::vector<int> inherited() const;
};

/// A QEMU that runs, with everything that comes out of it.
class Guest {
public:
    /// Starts QEMU and waits for its monitor. `inherited`: further descriptors of the command line. What QEMU itself
    /// says goes into a memory file, apart from the console; it is quoted where QEMU doesn't start.
    static Result<Guest> start(const QemuCommand& command, Channels channels, std::vector<int> inherited,
                               FileDescriptor console_file, Deadline deadline);

    Qmp& qmp() { return qmp_; }
    FramedPort& tee() { return tee_; }
    FramedPort& control() { return control_; }
    const Console& console() const { return console_; }
    const Console& firmware() const { return firmware_; }

    /// Waits at most this long for something to arrive, and takes it in.
    Status wait(Deadline deadline);
    /// How the guest shut down; nothing while it runs. A QEMU that ended without saying so gives "qemu ended".
    Result<std::optional<ShutdownReason>> shutdown();
    /// The registers of every CPU at this moment.
    Result<std::vector<Registers>> registers(Deadline deadline);
    /// Processor time that QEMU used so far.
    std::chrono::milliseconds processor_time() const { return process_.processor_time(); }
    /// Types what opens shells and menus elsewhere: on hvc0, on the serial port and on the keyboard.
    /// What the guest does not take in is dropped.
    void type(Deadline deadline);
    /// Waits until QEMU has ended after a shutdown; kills it where it doesn't.
    void end(Deadline deadline);

private:
    Guest(Process process, Qmp qmp, Channels channels, FileDescriptor console_file);

    Process process_;
    Qmp qmp_;
    FramedPort tee_;
    FramedPort control_;
    FileDescriptor console_socket_;
    FileDescriptor firmware_socket_;
    Console console_;
    Console firmware_;
    std::optional<ShutdownReason> shutdown_;
    bool qmp_open_ = true;
};

}  // namespace hallmark::boot
