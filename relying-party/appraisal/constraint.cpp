// SPDX-License-Identifier: Apache-2.0
#include "relying-party/appraisal/constraint.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "common/bytes.hpp"
#include "common/hex.hpp"
#include "relying-party/reference-values/reference_values.hpp"

namespace hallmark::appraisal {
namespace {

constexpr std::size_t kLongestShown = 160;
constexpr std::size_t kMostShown = 3;
constexpr std::array<std::string_view, 6> kTests{"equal", "one_of", "in", "at_least", "bits_set", "bits_clear"};

/// A constant of a policy.
Result<Json> constant(const Toml& toml) {
    switch (toml.kind()) {
        case Toml::Kind::kBoolean:
            return Json(toml.boolean().value());
        case Toml::Kind::kInteger:
            return Json(toml.integer().value());
        case Toml::Kind::kText:
            return Json(toml.text().value());
        default:
            break;
    }
    return bad_input(toml.where() + ": found " + std::string(toml.kind_name()) +
                     ", expected a boolean, a whole number or a text");
}

Status read_one_of(const Toml& toml, Constraint& into) {
    HALLMARK_TRY(const auto* elements, toml.array());
    for (const Toml& element : *elements) {
        HALLMARK_TRY(Json value, constant(element));
        into.values.push_back(std::move(value));
    }
    if (into.values.empty()) return bad_input(toml.where() + ": empty, expected one value at least");
    return {};
}

Status read_number(const Toml& toml, Constraint& into) {
    HALLMARK_TRY(const std::int64_t number, toml.integer());
    if (number < 0)
        return bad_input(toml.where() + ": found " + std::to_string(number) + ", expected a number from 0 on");
    into.values.emplace_back(number);
    return {};
}

Status read_mask(const Toml& toml, Constraint& into) {
    if (toml.kind() == Toml::Kind::kInteger) return read_number(toml, into);
    HALLMARK_TRY(std::string text, toml.text());
    const auto bytes = from_hex(text);
    if (!bytes || bytes->empty() || to_hex(*bytes) != text)
        return bad_input(toml.where() +
                         ": expected a number, or lower-case hexadecimal with as many digits as the claim has");
    into.values.emplace_back(std::move(text));
    return {};
}

Status read_in(const Toml& toml, Constraint& into) {
    if (toml.kind() != Toml::Kind::kTable) {
        HALLMARK_TRY(into.reference, toml.name());
        return {};
    }
    into.test = Test::kTogether;
    for (const Toml& value : toml.values()) {
        HALLMARK_TRY(std::string reference, value.name());
        into.together.emplace_back(value.key(), std::move(reference));
    }
    if (into.together.size() < 2)
        return bad_input(toml.where() + ": found " + std::to_string(into.together.size()) +
                         " claims, expected two at least that belong together");
    return {};
}

Status read_test(std::string_view key, const Toml& toml, Constraint& into) {
    if (key == "equal") {
        HALLMARK_TRY(Json value, constant(toml));
        into.values.push_back(std::move(value));
        return {};
    }
    if (key == "one_of") return read_one_of(toml, into);
    if (key == "in") {
        into.test = Test::kIn;
        return read_in(toml, into);
    }
    if (key == "at_least") {
        into.test = Test::kAtLeast;
        if (toml.kind() == Toml::Kind::kInteger) return read_number(toml, into);
        HALLMARK_TRY(into.reference, toml.name());
        return {};
    }
    into.test = key == "bits_set" ? Test::kBitsSet : Test::kBitsClear;
    return read_mask(toml, into);
}

Status read_or(const Toml& toml, Constraint& into) {
    HALLMARK_TRY(const auto* elements, toml.array());
    for (const Toml& element : *elements) {
        HALLMARK_TRY(const std::string word, element.text());
        if (word == "zero") {
            into.or_zero = true;
        } else if (word == "given") {
            into.or_given = true;
        } else {
            return bad_input(element.where() + ": expected \"zero\" or \"given\"");
        }
    }
    return {};
}

/// What may not stand beside each other.
Status check(const Toml& toml, const Constraint& constraint) {
    const Toml* together = toml.find("together");
    if (constraint.test == Test::kTogether) {
        if (toml.find("claim") != nullptr || toml.find("or") != nullptr)
            return bad_input(toml.where() + ": 'claim' and 'or' mean nothing where 'in' is a table of claims");
        if (together == nullptr || !together->boolean().value_or(false))
            return bad_input(toml.where() + ": expected together = true beside a table of claims");
    } else if (together != nullptr) {
        return bad_input(together->where() + ": only for in = { CLAIM = \"NAME\", … }");
    } else if (toml.find("or") != nullptr && constraint.test != Test::kIn && constraint.test != Test::kEqual) {
        return bad_input(toml.where() + ": 'or' only goes with 'in', 'equal' and 'one_of'");
    }
    return {};
}

/// "~1" is '/', "~0" is '~'; nothing else follows '~'.
std::optional<std::string> unescaped(std::string_view token) {
    std::string text;
    for (std::size_t i = 0; i < token.size(); ++i) {
        if (token[i] != '~') {
            text += token[i];
            continue;
        }
        if (++i == token.size() || (token[i] != '0' && token[i] != '1')) return std::nullopt;
        text += token[i] == '1' ? '/' : '~';
    }
    return text;
}

const Json* child(const Json& parent, std::string_view token) {
    if (parent.is_object()) {
        const auto name = unescaped(token);
        if (!name) return nullptr;
        const auto found = parent.find(*name);
        return found != parent.end() ? &*found : nullptr;
    }
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), index);
    const bool plain = error == std::errc{} && end == token.data() + token.size() && (token == "0" || token[0] != '0');
    return parent.is_array() && plain && index < parent.size() ? &parent[index] : nullptr;
}

std::optional<std::uint64_t> number_of(const Json& value) {
    if (value.is_number_unsigned()) return value.get<std::uint64_t>();
    if (!value.is_number_integer() || value.get<std::int64_t>() < 0) return std::nullopt;
    return static_cast<std::uint64_t>(value.get<std::int64_t>());
}

/// Number against number, or bytes in hexadecimal against as many; anything else does not hold.
bool bits_hold(const Json& value, const Json& mask, bool set) {
    if (const auto number = number_of(value), bits = number_of(mask); number && bits)
        return (*number & *bits) == (set ? *bits : 0);
    if (!value.is_string() || !mask.is_string()) return false;
    const auto bytes = from_hex(value.get_ref<const std::string&>());
    const auto bits = from_hex(mask.get_ref<const std::string&>());
    if (!bytes || !bits || bytes->size() != bits->size()) return false;
    for (std::size_t i = 0; i < bits->size(); ++i)
        if (((*bytes)[i] & (*bits)[i]) != (set ? (*bits)[i] : 0)) return false;
    return true;
}

}  // namespace

std::vector<std::string> Constraint::references() const {
    std::vector<std::string> names;
    if (!reference.empty()) names.push_back(reference);
    for (const auto& pair : together) names.push_back(pair.second);
    return names;
}

Result<Constraint> read_constraint(const Toml& toml, References references) {
    HALLMARK_CHECK(
        toml.only({"claim", "equal", "one_of", "in", "at_least", "bits_set", "bits_clear", "together", "or"}));
    Constraint constraint;
    const auto tests = std::ranges::count_if(kTests, [&](auto key) { return toml.find(key) != nullptr; });
    if (tests != 1)
        return bad_input(toml.where() + ": found " + std::to_string(tests) +
                         " tests, expected exactly one of equal, one_of, in, at_least, bits_set, bits_clear");
    for (const auto key : kTests)
        if (const Toml* test = toml.find(key)) HALLMARK_CHECK(read_test(key, *test, constraint));
    if (const Toml* alternatives = toml.find("or")) HALLMARK_CHECK(read_or(*alternatives, constraint));
    HALLMARK_CHECK(check(toml, constraint));
    if (constraint.test != Test::kTogether) {
        HALLMARK_TRY(const Toml* claim, toml.at("claim"));
        HALLMARK_TRY(constraint.claim, claim->name());
    }
    if (references == References::kNone && (!constraint.references().empty() || constraint.or_given))
        return bad_input(toml.where() + ": reference values and given init-data are for appraisal policies only");
    return constraint;
}

Result<std::vector<Constraint>> read_constraints(const Toml& toml, References references) {
    HALLMARK_TRY(const auto* elements, toml.array());
    std::vector<Constraint> constraints;
    for (const Toml& element : *elements) {
        HALLMARK_TRY(Constraint constraint, read_constraint(element, references));
        constraints.push_back(std::move(constraint));
    }
    if (constraints.empty()) return bad_input(toml.where() + ": empty, expected one constraint at least");
    return constraints;
}

const Json* find_claim(const Json& claims, std::string_view name) {
    if (!name.starts_with('/')) {
        const auto found = claims.find(name);
        return claims.is_object() && found != claims.end() ? &*found : nullptr;
    }
    const Json* at = &claims;
    while (at != nullptr && !name.empty()) {
        name.remove_prefix(1);
        const auto token = name.substr(0, name.find('/'));
        at = child(*at, token);
        name.remove_prefix(token.size());
    }
    return at;
}

bool at_least(const Json& value, const Json& least) {
    const auto number = number_of(value);
    const auto bound = number_of(least);
    return number && bound && *number >= *bound;
}

bool is_zero(const Json& value) {
    if (!value.is_string()) return false;
    const auto& text = value.get_ref<const std::string&>();
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c == '0'; });
}

bool holds(const Constraint& constraint, const Json& value) {
    if (constraint.or_zero && is_zero(value)) return true;
    return std::ranges::any_of(constraint.values, [&](const Json& constant) {
        switch (constraint.test) {
            case Test::kEqual:
                return reference::value_text(constant) == reference::value_text(value);
            case Test::kAtLeast:
                return at_least(value, constant);
            case Test::kBitsSet:
                return bits_hold(value, constant, true);
            case Test::kBitsClear:
                return bits_hold(value, constant, false);
            default:
                return false;
        }
    });
}

std::string shown(const Json* value) {
    if (value == nullptr) return "missing";
    std::string text = reference::value_text(*value);
    if (text.size() <= kLongestShown) return text;
    return text.substr(0, kLongestShown) + "... (" + std::to_string(text.size()) + " characters)";
}

std::string allowed_text(const Constraint& constraint) {
    std::string text;
    switch (constraint.test) {
        case Test::kEqual:
            text = constraint.values.size() == 1 ? "" : "one of ";
            break;
        case Test::kAtLeast:
            text = "at least ";
            break;
        case Test::kBitsSet:
            text = "all bits set of ";
            break;
        case Test::kBitsClear:
            text = "all bits clear of ";
            break;
        default:
            break;
    }
    for (std::size_t i = 0; i < std::min(constraint.values.size(), kMostShown); ++i)
        text += (i == 0 ? "" : ", ") + shown(&constraint.values[i]);
    if (constraint.values.size() > kMostShown)
        text += " and " + std::to_string(constraint.values.size() - kMostShown) + " more";
    if (constraint.or_zero) text += ", or all zeros";
    if (constraint.or_given) text += ", or the digest of the init-data that was given";
    return text;
}

}  // namespace hallmark::appraisal
