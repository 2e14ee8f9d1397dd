// SPDX-License-Identifier: Apache-2.0
#include "agent/handshake/account.hpp"

#include <algorithm>
#include <string_view>

namespace hallmark::handshake {
namespace {

constexpr std::size_t kLongestLine = 2'000;
constexpr std::size_t kNameWidth = 12;
constexpr std::size_t kFactWidth = 18;

std::string padded(std::string_view text, std::size_t width) {
    std::string out(text);
    out.resize(std::max(width, text.size() + 1), ' ');
    return out;
}

/// One line, whatever is in it.
std::string line(std::string_view name, std::string_view what, std::string_view text) {
    std::string out = padded(name, kNameWidth) + padded(what, kNameWidth - 3);
    for (const char c : text.substr(0, kLongestLine)) out += c >= ' ' && c <= '~' ? c : '?';
    return out + '\n';
}

std::string bytes(std::size_t count) { return std::to_string(count) + (count == 1 ? " byte" : " bytes"); }

std::string joined(const std::string& first, const std::string& second) {
    return first.empty() || second.empty() ? first + second : first + ": " + second;
}

std::string sent_by(const Step& step) {
    if (!step.exchange) return step.sent;
    const auto& exchange = *step.exchange;
    const std::string size = exchange.sent > 0 ? ", " + bytes(exchange.sent) : "";
    return joined(std::string(exchange.method) + " " + exchange.url + size, step.sent);
}

std::string got_by(const Step& step) {
    if (!step.exchange || step.exchange->status == 0) return step.got;
    return joined("status " + std::to_string(step.exchange->status) + ", " + bytes(step.exchange->received), step.got);
}

std::string_view name_of(Outcome outcome) {
    switch (outcome) {
        case Outcome::kGranted:
            return "granted";
        case Outcome::kRefused:
            return "refused";
        case Outcome::kFailed:
            break;
    }
    return "failed";
}

Json json_of(const kbs::Exchange& exchange) {
    Json json = {{"method", exchange.method}, {"url", exchange.url}, {"sent_bytes", exchange.sent}};
    if (exchange.status == 0) return json;
    json["status"] = exchange.status;
    json["received_bytes"] = exchange.received;
    if (!exchange.refusal.type.empty()) json["error_type"] = exchange.refusal.type;
    if (!exchange.refusal.detail.empty()) json["error_detail"] = exchange.refusal.detail;
    return json;
}

Json json_of(const Step& step) {
    Json json = {{"name", step.name}};
    if (step.exchange) json["exchange"] = json_of(*step.exchange);
    const std::pair<const char*, const std::string*> texts[] = {
        {"sent", &step.sent}, {"got", &step.got}, {"why", &step.why}, {"remedy", &step.remedy}};
    for (const auto& [key, text] : texts)
        if (!text->empty()) json[key] = *text;
    for (const auto& [key, value] : step.facts) json["facts"][key] = value;
    return json;
}

}  // namespace

std::string text_of(const Account& account) {
    std::string text = line("broker", "", account.broker + ", KBS protocol " + account.protocol);
    for (const auto& step : account.steps) {
        std::string_view name = step.name;  // on the first line of the step
        const auto add = [&](std::string_view what, const std::string& words) {
            if (words.empty()) return;
            text += line(name, what, words);
            name = {};
        };
        add("sent", sent_by(step));
        add("got", got_by(step));
        for (const auto& [key, value] : step.facts) add("", padded(key, kFactWidth) + value);
        add("why not", step.why);
        add("try", step.remedy);
    }
    return text + std::string(name_of(account.outcome)) + '\n';
}

Json json_of(const Account& account) {
    Json json = {{"broker", account.broker}, {"protocol", account.protocol}, {"outcome", name_of(account.outcome)}};
    json["steps"] = Json::array();
    for (const auto& step : account.steps) json["steps"].push_back(json_of(step));
    return json;
}

}  // namespace hallmark::handshake
