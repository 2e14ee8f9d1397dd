// SPDX-License-Identifier: Apache-2.0
#include "measure/explain/tdx_space.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "measure/explain/command_line.hpp"
#include "measure/explain/edk2_axis.hpp"
#include "measure/explain/groups.hpp"

namespace hallmark::explain {
namespace {

using tdx::Register;

constexpr std::uint64_t kGiB = std::uint64_t{1} << 30;

Axis<std::size_t> firmware_axis(std::span<const tdx::FirmwareImage> firmwares) {
    Axis<std::size_t> axis("--ovmf", firmwares.front().name, 0);
    for (std::size_t i = 1; i < firmwares.size(); ++i) axis.add({firmwares[i].name, ""}, i);
    return axis;
}

std::string memory_text(std::uint64_t bytes) {
    return bytes % kGiB == 0 ? std::to_string(bytes / kGiB) + "G" : std::to_string(bytes >> 20) + "M";
}

/// What people give a guest: every GiB of small ones, round sizes of large ones.
Axis<std::optional<std::uint64_t>> memory_axis(std::optional<std::string> given, std::optional<std::uint64_t> memory) {
    Axis<std::optional<std::uint64_t>> axis("--memory", std::move(given), memory);
    const auto add = [&](std::uint64_t bytes) {
        if (!axis.has(bytes)) axis.add({memory_text(bytes), ""}, bytes);
    };
    for (std::uint64_t gib = 1; gib <= 32; ++gib) add(gib * kGiB);
    for (const std::uint64_t mib : {256, 384, 512, 768, 1280, 1536, 1792, 2560}) add(mib << 20);
    for (std::uint64_t gib = 32; gib <= 4096; gib *= 2)
        for (const std::uint64_t quarters : {4, 5, 6, 7}) add(gib * quarters / 4 * kGiB);
    return axis;
}

/// One release for each treatment of a kernel.
Axis<std::optional<tdx::QemuRelease>> qemu_axis(const std::optional<tdx::QemuRelease>& given) {
    std::optional<std::string> text;
    if (given) text = given->text();
    Axis<std::optional<tdx::QemuRelease>> axis("--qemu", text, given);
    axis.add({"9.2", "or older"}, tdx::QemuRelease{9, 2});
    axis.add({"10.1", "or 10.0"}, tdx::QemuRelease{10, 1});
    axis.add({"10.2", "or newer"}, tdx::QemuRelease{10, 2});
    return axis;
}

Axis<bool> initrd_axis(const tdx::Request& request) {
    Axis<bool> axis("--initrd", request.initrd, request.initrd.has_value());
    if (request.initrd) axis.add({std::nullopt, ""}, false);
    return axis;
}

Axis<std::optional<std::string>> append_axis(const tdx::Request& request) {
    Axis<std::optional<std::string>> axis("--append", request.command_line, request.command_line);
    for (const auto& slip : slipped(request.command_line.value_or("")))
        axis.add({slip, slip.empty() ? "or none" : ""}, slip);
    return axis;
}

}  // namespace

MrtdSpace::MrtdSpace(std::span<const tdx::FirmwareImage> firmwares, const Sha384& expected)
    : firmwares_(firmwares),
      order_("page order", "single-pass", tdx::PageOrder::kSinglePass),
      by_address_("metadata sections", "in the firmware's order", false),
      firmware_(firmware_axis(firmwares)),
      expected_(expected) {
    order_.add({"two-pass", "QEMU forks before 9.0"}, tdx::PageOrder::kTwoPass);
    by_address_.add({"by address", ""}, true);
    dimensions_ = {order_.dimension(), by_address_.dimension(), firmware_.dimension()};
}

Sha384 MrtdSpace::mrtd_of(const Candidate& candidate) const {
    const auto& firmware = firmwares_[firmware_.at(candidate.choice(kFirmware))];
    auto sections = firmware.sections;
    if (by_address_.at(candidate.choice(kSections))) std::ranges::stable_sort(sections, {}, &ovmf::TdxSection::gpa);
    return tdx::mrtd(firmware.image, sections, order_.at(candidate.choice(kPageOrder)));
}

std::vector<Hit> MrtdSpace::measure(std::span<const Candidate> candidates) const {
    std::vector<std::vector<std::size_t>> found(candidates.size());
    parallel_for(candidates.size(), [&](std::size_t i) {
        if (mrtd_of(candidates[i]) == expected_) found[i] = {0};
    });
    return hits_of(found);
}

BootSpace::BootSpace(const tdx::Request& request, std::optional<std::string> memory,
                     std::span<const tdx::FirmwareImage> firmwares, const tdx::BootFiles& files, tdx::Register where,
                     Fits fits)
    : request_(request),
      firmwares_(firmwares),
      files_(files),
      where_(where),
      fits_(std::move(fits)),
      memory_(memory_axis(std::move(memory), request.memory)),
      edk2_(edk2_axis(request.edk2)),
      qemu_(qemu_axis(request.qemu)),
      initrd_(initrd_axis(request)),
      append_(append_axis(request)),
      firmware_(firmware_axis(firmwares)) {
    const bool direct = request.kernel.has_value();
    const bool platform = where == Register::kRtmr0;
    const bool kernel = direct && where == Register::kRtmr1;
    const bool stub = direct && where == Register::kRtmr2;
    // QEMU writes into a kernel what depends on memory, initrd, and of the command line on this word.
    const bool video = request.command_line && request.command_line->find("vga=") != std::string::npos;
    dimensions_ = {if_it_matters(platform || kernel, memory_.dimension()),
                   if_it_matters(where != Register::kRtmr3, edk2_.dimension()),
                   if_it_matters(kernel, qemu_.dimension()),
                   if_it_matters(kernel || stub, initrd_.dimension()),
                   if_it_matters(stub || (kernel && video), append_.dimension()),
                   if_it_matters(where != Register::kRtmr3, firmware_.dimension())};
}

std::optional<std::vector<tdx::Event>> BootSpace::events_of(const Candidate& candidate) const {
    tdx::Request request;
    request.kernel = request_.kernel;
    request.uki = request_.uki;
    request.acpi = request_.acpi;
    request.runtime_events = request_.runtime_events;
    request.known = request_.known;
    request.memory = memory_.at(candidate.choice(kMemory));
    request.edk2 = edk2_.at(candidate.choice(kEdk2));
    request.qemu = qemu_.at(candidate.choice(kQemu));
    if (initrd_.at(candidate.choice(kInitrd))) request.initrd = request_.initrd;
    request.command_line = append_.at(candidate.choice(kAppend));
    tdx::Assumptions assumptions;
    auto events = tdx::predict_events(request, firmwares_[firmware_.at(candidate.choice(kFirmware))], files_,
                                      assumptions, where_);
    if (!events) return std::nullopt;
    return *std::move(events);
}

std::vector<Hit> BootSpace::measure(std::span<const Candidate> candidates) const {
    std::vector<std::vector<std::size_t>> found(candidates.size());
    parallel_blocks(candidates.size(), [&](std::size_t i) {
        const auto events = events_of(candidates[i]);
        if (events && fits_(*events)) found[i] = {0};
    });
    return hits_of(found);
}

}  // namespace hallmark::explain
