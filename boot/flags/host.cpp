// SPDX-License-Identifier: Apache-2.0
#include "boot/flags/host.hpp"

#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string_view>

namespace hallmark::boot {
namespace {

namespace fs = std::filesystem;

/// The first bytes of a file of /proc or /sys, whose size nobody knows before; empty where it can't be read.
std::string read_text(const fs::path& path) {
    struct Close {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };
    const std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "re"));
    std::string text(64 * 1024, '\0');
    text.resize(file ? std::fread(text.data(), 1, text.size(), file.get()) : 0);
    return text;
}

bool has_cpu_flag(const fs::path& root, std::string_view flag) {
    std::string_view text = {};
    const std::string all = read_text(root / "proc/cpuinfo");
    text = all;
    const auto line = text.find("\nflags");
    if (line == std::string_view::npos) return false;
    text = text.substr(line + 1);
    const std::string flags = " " + std::string(text.substr(0, text.find('\n'))) + " ";
    return flags.find(" " + std::string(flag) + " ") != std::string::npos;
}

bool is_on(const fs::path& parameter) {
    const std::string text = read_text(parameter);
    return text.starts_with('Y') || text.starts_with('1');
}

void check_device(const fs::path& root, const std::string& device, const std::string& remedy,
                  std::vector<std::string>& missing) {
    const auto path = root / device;
    std::error_code ignored;
    if (!fs::exists(path, ignored))
        missing.push_back("no /" + device + " (" + remedy + ")");
    else if (::access(path.c_str(), R_OK | W_OK) != 0)
        missing.push_back("/" + device + " can't be opened (run as root or in its group)");
}

}  // namespace

std::vector<std::string> missing_for(Tee tee, const fs::path& root) {
    std::vector<std::string> missing;
    if (tee == Tee::kSimulatedSnp) return missing;
    const bool snp = tee == Tee::kSnp;
    const std::string flag = snp ? "sev_snp" : "tdx_host_platform";
    if (!has_cpu_flag(root, flag))
        missing.push_back("no CPU flag " + flag + " in /proc/cpuinfo (" +
                          (snp ? "an EPYC of 2021 or newer" : "a Xeon with TDX") +
                          ", turned on in the firmware setup, and a host kernel for it)");
    check_device(root, "dev/kvm", "load the kvm module", missing);
    const std::string parameter = snp ? "sys/module/kvm_amd/parameters/sev_snp" : "sys/module/kvm_intel/parameters/tdx";
    if (!is_on(root / parameter))
        missing.push_back("/" + parameter + " is not Y (" +
                          (snp ? "load kvm_amd with sev_snp=1" : "load kvm_intel with tdx=1") + ")");
    if (snp) check_device(root, "dev/sev", "load the ccp module", missing);
    return missing;
}

Status check_host(Tee tee) {
    std::string lacking;
    for (const auto& what : missing_for(tee)) lacking += (lacking.empty() ? "" : "; ") + what;
    if (lacking.empty()) return {};
    return refused(std::string("this host can't start ") + (is_tdx(tee) ? "a TDX" : "an SNP") + " guest: " + lacking +
                   "; use --tee simulated-snp, or --dry-run to see the command line");
}

Result<std::string> find_program(const std::string& name, std::string_view remedy) {
    if (name.find('/') != std::string::npos) return name;
    const char* path = std::getenv("PATH");
    std::string_view rest = path != nullptr ? path : "";
    while (!rest.empty()) {
        const auto end = rest.find(':');
        std::string candidate = std::string(rest.substr(0, end)) + "/" + name;
        rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
        if (candidate.front() == '/' && ::access(candidate.c_str(), X_OK) == 0) return candidate;
    }
    return bad_input(name + ": not found in PATH; " + std::string(remedy));
}

}  // namespace hallmark::boot
