// SPDX-License-Identifier: Apache-2.0
#include "agent/oci/reference.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>

#include "agent/oci/text.hpp"

namespace hallmark::oci {
namespace {

constexpr std::string_view kDocker = "docker.io";
constexpr std::string_view kDockerIndex = "index.docker.io";
constexpr std::string_view kOfficial = "library/";
constexpr std::size_t kImageId = 64;  // digits: the name of an image on a machine, not in a registry

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || is_digit(c); }
bool is_word(char c) { return is_lower_or_digit(c) || is_upper(c) || c == '_'; }

std::unexpected<Error> refuse(std::string_view text, const std::string& why) {
    return bad_input("image reference '" + printable(text) + "': " + why);
}

bool is_tag(std::string_view text) {
    return !text.empty() && text.size() <= kLongestTag && is_word(text.front()) &&
           std::ranges::all_of(text, [](char c) { return is_word(c) || c == '.' || c == '-'; });
}

bool is_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    return !text.empty() && error == std::errc{} && end == text.data() + text.size() && port != 0;
}

bool is_label(std::string_view text) {
    const auto inner = [](char c) { return is_lower_or_digit(c) || is_upper(c) || c == '-'; };
    return !text.empty() && text.front() != '-' && text.back() != '-' && std::ranges::all_of(text, inner);
}

/// Every part between the separators is right.
template <class Right>
bool all_parts(std::string_view text, char separator, Right right) {
    for (;;) {
        const auto end = text.find(separator);
        if (!right(text.substr(0, end))) return false;
        if (end == std::string_view::npos) return true;
        text.remove_prefix(end + 1);
    }
}

bool is_separator(std::string_view text) {
    return text == "." || text == "_" || text == "__" || text.find_first_not_of('-') == std::string_view::npos;
}

bool is_component(std::string_view text) {
    if (text.empty() || !is_lower_or_digit(text.front()) || !is_lower_or_digit(text.back())) return false;
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t from = i;
        while (!is_lower_or_digit(text[i])) ++i;  // the last one is
        if (i > from && !is_separator(text.substr(from, i - from))) return false;
        while (i < text.size() && is_lower_or_digit(text[i])) ++i;
    }
    return true;
}

bool is_image_id(std::string_view text) {
    return text.size() == kImageId &&
           std::ranges::all_of(text, [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
}

/// "repository:tag", behind the registry and before the digest.
Status split_tag(std::string_view text, Reference& reference) {
    const auto colon = text.find(':');
    reference.repository = text.substr(0, colon);
    if (colon == std::string_view::npos) {
        if (!reference.digest) reference.tag = "latest";
        return {};
    }
    reference.tag = text.substr(colon + 1);
    if (is_tag(reference.tag)) return {};
    return bad_input("found the tag '" + printable(reference.tag) + "', expected up to " + std::to_string(kLongestTag) +
                     " letters, digits, '_', '.' and '-', the first a letter, a digit or '_'");
}

}  // namespace

bool is_registry_host(std::string_view text) {
    std::string_view host = text;
    std::string_view port;
    const auto colon = text.rfind(':');
    if (colon != std::string_view::npos && text.find(']', colon) == std::string_view::npos) {
        host = text.substr(0, colon);
        port = text.substr(colon + 1);
        if (!is_port(port)) return false;
    }
    if (!host.starts_with('[')) return host.size() <= kLongestName && all_parts(host, '.', is_label);
    if (!host.ends_with(']') || host.find('\0') != std::string_view::npos) return false;
    in6_addr address{};
    return ::inet_pton(AF_INET6, std::string(host.substr(1, host.size() - 2)).c_str(), &address) == 1;
}

bool is_repository(std::string_view text) { return all_parts(text, '/', is_component); }

bool names_registry(std::string_view text) {
    const auto slash = text.find('/');
    if (slash == std::string_view::npos) return false;
    const std::string_view first = text.substr(0, slash);
    return first == "localhost" || first.find_first_of(".:") != std::string_view::npos ||
           std::ranges::any_of(first, is_upper);
}

Result<Reference> Reference::parse(std::string_view text) {
    Reference reference;
    std::string_view rest = text;
    if (const auto at = rest.find('@'); at != std::string_view::npos) {
        auto digest = Digest::parse(rest.substr(at + 1));
        if (!digest) return refuse(text, digest.error().message);
        reference.digest = std::move(*digest);
        rest = rest.substr(0, at);
    }
    if (is_image_id(rest)) return refuse(text, "this is the identifier of an image on a machine; name its repository");
    reference.registry = kDocker;
    if (names_registry(rest)) {
        reference.registry = rest.substr(0, rest.find('/'));
        rest.remove_prefix(reference.registry.size() + 1);
    }
    if (!is_registry_host(reference.registry))
        return refuse(text, "found the registry '" + printable(reference.registry) +
                                "', expected a host name or an address, with or without a port");
    if (reference.registry == kDockerIndex) reference.registry = kDocker;
    if (auto split = split_tag(rest, reference); !split) return refuse(text, split.error().message);
    if (!is_repository(reference.repository))
        return refuse(text, "found the repository '" + printable(reference.repository) +
                                "', expected lower-case letters and digits, joined by '.', '_', '-' and '/'");
    if (reference.registry == kDocker && reference.repository.find('/') == std::string::npos)
        reference.repository.insert(0, kOfficial);
    if (reference.name().size() > kLongestName)
        return refuse(text, "a name of " + std::to_string(reference.name().size()) + " bytes, expected at most " +
                                std::to_string(kLongestName));
    return reference;
}

std::string Reference::name() const { return registry + "/" + repository; }

std::string Reference::text() const {
    return name() + (tag.empty() ? "" : ":" + tag) + (digest ? "@" + digest->text() : "");
}

}  // namespace hallmark::oci
