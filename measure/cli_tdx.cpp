// SPDX-License-Identifier: Apache-2.0
#include "measure/cli_tdx.hpp"

#include <array>
#include <memory>
#include <optional>

#include "common/hex.hpp"
#include "common/json.hpp"
#include "measure/cli.hpp"
#include "measure/cli_init_data.hpp"
#include "measure/qemu/words.hpp"
#include "measure/tdx/prediction.hpp"

namespace hallmark::cli {
namespace {

constexpr const char* kConfigId = "mr_config_id";
constexpr std::array<const char*, 7> kValues = {"mrtd.single_pass", "mrtd.two_pass", "rtmr0", "rtmr1", "rtmr2", "rtmr3",
                                                kConfigId};

Result<tdx::KnownDigests> known_digests(const std::vector<std::string>& options) {
    tdx::KnownDigests known;
    for (const auto& option : options) {
        const auto equals = option.find('=');
        if (equals == std::string::npos) return bad_input("--known: found '" + option + "', expected NAME=HEX");
        const auto name = option.substr(0, equals);
        const auto bytes = from_hex(option.substr(equals + 1));
        Sha384 digest{};
        if (!bytes || bytes->size() != digest.size())
            return bad_input("--known " + name + ": expected the 96 digits of a SHA-384 digest");
        std::ranges::copy(*bytes, digest.begin());
        if (!known.emplace(name, digest).second) return bad_input("--known " + name + ": given twice");
    }
    return known;
}

Result<std::optional<qemu::Machine>> machine_of(const TdxOptions& options) {
    if (!options.stock_qemu) {
        if (options.qemu_arguments) return bad_input("--qemu-args without --acpi-from-qemu; give the program too");
        if (options.pci_window) return bad_input("--pci-window without --acpi-from-qemu; give the program too");
        return std::nullopt;
    }
    qemu::Machine machine;
    machine.program = *options.stock_qemu;
    auto words = qemu::split_words(options.qemu_arguments.value_or(""));
    if (!words) return std::unexpected(words.error().at("--qemu-args"));
    machine.arguments = *std::move(words);
    if (!options.pci_window) return machine;
    const auto window = parse_number(*options.pci_window);
    if (!window) return std::unexpected(window.error().at("--pci-window"));
    if (*window < (1ULL << 32) || *window % (1ULL << 20) != 0)
        return bad_input("--pci-window: found " + *options.pci_window + ", expected a multiple of 1 MiB above 4 GiB");
    machine.pci_window = *window;
    return machine;
}

Json hex_or_null(const std::optional<Sha384>& digest) { return digest ? Json(to_hex(*digest)) : Json(nullptr); }

Json event_json(const tdx::Event& event) {
    Json json = {{"register", tdx::name_of(event.where)},
                 {"type", event_log::event_type_name(event.type)},
                 {"name", event.name},
                 {"what", event.what},
                 {"digest", hex_or_null(event.digest)}};
    if (!event.reason.empty()) json[event.digest ? "note" : "not_predicted"] = event.reason;
    return json;
}

/// What the registers of the guest will be, and what its owner binds to it.
struct Answer {
    tdx::Prediction prediction;
    std::optional<InitData> init_data;
};

Json as_json(const Answer& answer, const Trace& trace, bool with_trace) {
    const auto& prediction = answer.prediction;
    Json events = Json::array();
    for (const auto& event : prediction.events) events.push_back(event_json(event));
    Json json = {
        {"mrtd", {{"single_pass", to_hex(prediction.single_pass)}, {"two_pass", to_hex(prediction.two_pass)}}},
        {"firmware_sha256", to_hex(prediction.firmware)},
        {"events", std::move(events)},
        {"assumptions", prediction.assumptions},
    };
    for (std::size_t i = 0; i < tdx::kRegisters; ++i)
        json[std::string(tdx::name_of(static_cast<tdx::Register>(i)))] = hex_or_null(prediction.registers.at(i));
    if (answer.init_data) {
        json[kConfigId] = to_hex(answer.init_data->mr_config_id());
        json["init_data"] = answer.init_data->json();
    }
    if (with_trace) json["trace"] = trace_json(trace);
    return json;
}

/// In the order of kValues.
std::array<std::optional<Sha384>, kValues.size()> values(const Answer& answer) {
    const auto& registers = answer.prediction.registers;
    std::optional<Sha384> config_id;
    if (answer.init_data) config_id = answer.init_data->mr_config_id();
    return {answer.prediction.single_pass,
            answer.prediction.two_pass,
            registers.at(0),
            registers.at(1),
            registers.at(2),
            registers.at(3),
            config_id};
}

/// Why a register has no value: the first of its events that isn't predicted.
std::string why_not(const tdx::Prediction& prediction, std::string_view name) {
    if (name == kConfigId) return "follows from init-data; give --init-data";
    for (const auto& event : prediction.events)
        if (tdx::name_of(event.where) == name && !event.digest) return event.name + " " + event.reason;
    return "nothing is booted; give --kernel or --uki";
}

std::string as_lines(const Answer& answer) {
    std::string text;
    const auto& prediction = answer.prediction;
    const auto all = values(answer);
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (!answer.init_data && std::string_view(kValues.at(i)) == kConfigId) continue;
        text += std::string(kValues.at(i)) + " ";
        text += all.at(i) ? to_hex(*all.at(i)) : "not predicted: " + why_not(prediction, kValues.at(i));
        text += "\n";
    }
    for (const auto& assumption : prediction.assumptions) text += "assumed: " + assumption + "\n";
    return text;
}

/// One value alone, bare.
Result<std::string> only(const Answer& answer, const std::string& name) {
    const auto all = values(answer);
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (name != kValues.at(i)) continue;
        if (!all.at(i)) return refused(name + ": not predicted: " + why_not(answer.prediction, name));
        return to_hex(*all.at(i)) + "\n";
    }
    return bad_input("--only: found '" + name + "'");
}

Result<std::string> answer_to(const TdxOptions& options) {
    HALLMARK_TRY(const tdx::Request request, request_of(options));
    Trace trace;
    Answer answer;
    HALLMARK_TRY(answer.init_data, read_init_data(options.init_data));
    HALLMARK_TRY(answer.prediction, tdx::predict(request, options.trace ? &trace : nullptr));
    if (options.json) return to_text(as_json(answer, trace, options.trace));
    const auto steps = options.trace ? trace_text(trace) : std::string();
    if (!options.only) return steps + as_lines(answer);
    HALLMARK_TRY(const std::string value, only(answer, *options.only));
    return steps + value;
}

}  // namespace

Result<tdx::Request> request_of(const TdxOptions& options) {
    auto request = options.request;
    if (options.memory) {
        HALLMARK_TRY(request.memory, tdx::parse_memory(*options.memory));
    }
    if (options.qemu) {
        HALLMARK_TRY(request.qemu, tdx::parse_qemu_release(*options.qemu));
    }
    HALLMARK_TRY(request.known, known_digests(options.known));
    HALLMARK_TRY(request.qemu_machine, machine_of(options));
    return request;
}

void add_tdx_flags(CLI::App& app, TdxOptions& options) {
    const auto optional = [&app](const char* name, Text& into, const char* type, const char* description) {
        add_text(app, name, into, type, description);
    };
    auto& request = options.request;
    app.add_option("--ovmf", request.firmware, "Firmware image: variables and code in one")
        ->type_name("FILE")
        ->required();
    optional("--kernel", request.kernel, "FILE", "Kernel that is booted directly");
    optional("--initrd", request.initrd, "FILE", "Its initrd");
    optional("--append", request.command_line, "TEXT", "Its command line, byte for byte");
    optional("--uki", request.uki, "FILE", "Unified kernel image that the firmware starts from a disk, instead");
    optional("--boot-variables", request.boot_variables, "DIR",
             "For --uki: a copy of a guest's /sys/firmware/efi/efivars with BootOrder and Boot####");
    optional("--memory", options.memory, "SIZE", "The guest's memory as QEMU's -m takes it: 2G, 2048M or 2048");
    optional("--acpi", request.acpi, "DIR",
             "ACPI tables: a copy of a guest's /sys/firmware/qemu_fw_cfg/by_name, or table-loader, rsdp and tables");
    optional("--acpi-from-qemu", options.stock_qemu, "PROGRAM",
             "ACPI tables: asked of this QEMU, which is started with the arguments below and runs no guest code");
    optional("--qemu-args", options.qemu_arguments, "TEXT",
             "The guest's machine, CPUs and devices as QEMU takes them, without -accel, -cpu and a TDX object");
    optional("--pci-window", options.pci_window, "ADDRESS",
             "Where the firmware's window for 64-bit BARs begins: the lowest of them and of the bridges' prefetchable "
             "windows in a guest's lspci -v");
    optional("--edk2", request.edk2, "RELEASE", "Release of the firmware, such as 202502 (default: its content says)");
    optional("--qemu", options.qemu, "RELEASE", "Release of QEMU, such as 10.1");
    optional(
        "--runtime-events", request.runtime_events, "FILE",
        "What the guest extends into RTMR3: lines of digests, of 'DOMAIN OPERATION CONTENT', or 'INIT sha384/HEX'");
    app.add_option("--known", options.known, "Digest of an event, from a running guest's log: smbios=HEX")
        ->type_name("NAME=HEX");
}

void add_tdx_options(CLI::App& app, Run& run) {
    const auto options = std::make_shared<TdxOptions>();
    add_tdx_flags(app, *options);
    add_init_data_option(app, options->init_data, "MRCONFIGID");
    app.add_option_function<std::string>(
           "--only", [options](const std::string& text) { options->only = text; }, "Print one value, bare")
        ->type_name("VALUE")
        ->check(CLI::IsMember(std::vector<std::string>(kValues.begin(), kValues.end())));
    app.add_flag("--json", options->json, "Print the values, every event and all that was assumed as JSON");
    app.add_flag("--trace", options->trace, "Print every step: the sections of MRTD, the events of the RTMRs");
    app.callback([options, &run] { run = [options] { return answer_to(*options); }; });
}

}  // namespace hallmark::cli
