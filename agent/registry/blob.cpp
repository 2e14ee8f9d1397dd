// SPDX-License-Identifier: Apache-2.0
#include "agent/registry/blob.hpp"

#include <algorithm>
#include <charconv>
#include <string>
#include <utility>

#include "agent/oci/text.hpp"
#include "agent/registry/failure.hpp"
#include "agent/registry/retries.hpp"

namespace hallmark::registry {
namespace {

constexpr int kOk = 200;
constexpr int kPartial = 206;
/// An attempt that brings less is counted: a registry might break off for ever.
constexpr std::uint64_t kProgress = 1024 * 1024;

/// A whole number at the beginning of the text, which is taken off.
std::optional<std::uint64_t> take_number(std::string_view& text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return number;
}

bool take(std::string_view& text, char c) {
    if (!text.starts_with(c)) return false;
    text.remove_prefix(1);
    return true;
}

std::string_view header_of(const http::Response& head, const std::string& name) {
    const auto found = head.headers.find(name);
    return found == head.headers.end() ? std::string_view() : std::string_view(found->second);
}

}  // namespace

std::optional<ContentRange> ContentRange::parse(std::string_view header) {
    constexpr std::string_view kUnit = "bytes ";
    if (!header.starts_with(kUnit)) return std::nullopt;
    header.remove_prefix(kUnit.size());
    const auto first = take_number(header);
    if (!first || !registry::take(header, '-')) return std::nullopt;
    const auto last = take_number(header);
    if (!last || *last < *first || !registry::take(header, '/')) return std::nullopt;
    if (header == "*") return ContentRange{*first, *last, std::nullopt};
    const auto whole = take_number(header);
    if (!whole || *whole <= *last || !header.empty()) return std::nullopt;
    return ContentRange{*first, *last, whole};
}

/// Where the answer's bytes belong.
Status BlobTransfer::begin(const http::Response& head) {
    if (std::exchange(begun_, true)) return {};
    skipped_ = 0;
    const std::string expected = ", expected " + std::to_string(descriptor_.size) + " as the manifest says";
    if (head.status == kPartial) {
        const auto header = header_of(head, "content-range");
        const auto range = ContentRange::parse(header);
        if (!range || range->first != delivered_ || delivered_ == 0)
            return bad_input("found Content-Range '" + oci::printable(header) + "', expected the bytes from " +
                             std::to_string(delivered_) + " on");
        if (range->whole.value_or(descriptor_.size) != descriptor_.size)
            return bad_input("found a blob of " + std::to_string(*range->whole) + " bytes" + expected);
        return {};
    }
    if (head.status != kOk) return bad_input("status " + std::to_string(head.status) + ", expected 200");
    skipped_ = delivered_;  // the server knows no ranges
    auto length = header_of(head, "content-length");
    const auto size = take_number(length);
    if (size && *size != descriptor_.size) return bad_input("found " + std::to_string(*size) + " bytes" + expected);
    return {};
}

Status BlobTransfer::take(const http::Response& head, ByteSpan piece) {
    HALLMARK_CHECK(begin(head));
    const auto known = static_cast<std::size_t>(std::min<std::uint64_t>(skipped_, piece.size()));
    skipped_ -= known;
    piece = piece.subspan(known);
    if (piece.size() > descriptor_.size - delivered_)
        return bad_input("found more than " + std::to_string(descriptor_.size) +
                         " bytes, which is all that the manifest allows");
    if (piece.empty()) return {};
    auto taken = sink_(piece);
    if (!taken) is_over_ = true;
    if (taken) delivered_ += piece.size();
    return taken;
}

/// How far it came.
Error BlobTransfer::behind(Error error) const {
    error.message +=
        "; " + std::to_string(delivered_) + " of " + std::to_string(descriptor_.size) + " bytes had come before";
    return error;
}

Status BlobTransfer::go_on(const Endpoint& endpoint) {
    const std::string path = "blobs/" + descriptor_.digest.text();
    const std::string place = endpoint.reference.name() + ": " + path;
    const http::Limits limits{
        .whole = std::chrono::milliseconds(0), .slowest = patience_.slowest, .slow_for = patience_.slow_for};
    const auto sink = [this](const http::Response& head, ByteSpan piece) { return take(head, piece); };
    Retries retries(patience_, endpoint.mirror);
    std::uint64_t counted = delivered_;
    while (delivered_ < descriptor_.size || descriptor_.size == 0) {
        begun_ = false;
        std::vector<std::string> headers;
        if (delivered_ > 0) headers.push_back("Range: bytes=" + std::to_string(delivered_) + "-");
        const auto answer = transport_.ask({endpoint, path, std::move(headers), limits, sink});
        if (is_over_) return std::unexpected(answer.error().error);
        if (delivered_ - counted >= kProgress) {
            counted = delivered_;
            retries.progressed();
        }
        if (!answer) {
            if (may_pass(answer.error()) && retries.again()) continue;
            return std::unexpected(behind(no_answer(answer.error(), place)));
        }
        if (!http::is_success(answer->status)) {
            if (may_pass(answer->status) && retries.again(answer->retry_after())) continue;
            return std::unexpected(unexpected_status(*answer, endpoint, path));
        }
        if (auto right = begin(*answer); !right) return std::unexpected(right.error().at(place));
        if (delivered_ == descriptor_.size) break;
        if (!retries.again())
            return bad_input(place + ": found " + std::to_string(delivered_) + " bytes, expected " +
                             std::to_string(descriptor_.size) + " as the manifest says");
    }
    return {};
}

}  // namespace hallmark::registry
