// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

#include "boot/run/request.hpp"

namespace hallmark::boot {

/// What was typed, before it is checked.
struct Typed {
    std::string folder;
    std::string tee;
    unsigned vcpus = 1;
    std::string vcpu_type = "EPYC-v4";
    unsigned memory_mib = 512;
    std::string command_line = "hallmark";
    unsigned timeout = 60;
    std::string qemu;
    std::string console;
    std::string simulated_root;
    std::string trusted_root;
    std::string platform_values;
    std::string evidence;
    std::string host_data;
    std::string init_data;
    unsigned scratch_mib = 0;
    std::vector<std::string> disks;
    bool network = false;
    bool pod = false;
    std::string attack;
    std::string served_command_line;
    bool scrub = false;
    bool json = false;
    bool dry_run = false;
};

void add_options(CLI::App& app, Typed& typed);

/// The request that the options stand for, or why they can't be met.
Result<Request> to_request(const Typed& typed);

}  // namespace hallmark::boot
