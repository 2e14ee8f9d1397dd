// SPDX-License-Identifier: Apache-2.0
#include "relying-party/appraisal/policy.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <set>

#include "relying-party/appraisal/appraisal.hpp"

namespace hallmark::appraisal {
namespace {

constexpr std::int64_t kVersion = 1;
constexpr std::int64_t kWorst = 127;

/// A guest about which one of these says nothing would be affirmed by the others alone.
constexpr std::array<std::string_view, 3> kNeeded{"executables", "hardware", "configuration"};

Result<int> read_value(const Toml& toml) {
    HALLMARK_TRY(const std::int64_t value, toml.integer());
    if (value < static_cast<int>(Tier::kAffirming) || value > kWorst)
        return bad_input(toml.where() + ": found " + std::to_string(value) +
                         ", expected 2 to 31 (affirming), 32 to 95 (warning) or 96 to 127 (contraindicated)");
    return static_cast<int>(value);
}

Result<Grade> read_grade(const Toml& toml) {
    HALLMARK_CHECK(toml.only({"value", "require"}));
    Grade grade;
    HALLMARK_TRY(const Toml* value, toml.at("value"));
    HALLMARK_TRY(grade.value, read_value(*value));
    HALLMARK_TRY(const Toml* require, toml.at("require"));
    HALLMARK_TRY(grade.require, read_constraints(*require, References::kAllowed));
    return grade;
}

Result<DimensionPolicy> read_dimension(const Toml& toml) {
    HALLMARK_CHECK(toml.only({"otherwise", "grade"}));
    DimensionPolicy dimension;
    HALLMARK_TRY(const Toml* grades, toml.at("grade"));
    HALLMARK_TRY(const auto* elements, grades->array());
    for (const Toml& element : *elements) {
        HALLMARK_TRY(Grade grade, read_grade(element));
        if (!dimension.grades.empty() && grade.value <= dimension.grades.back().value)
            return bad_input(element.where() + ": value " + std::to_string(grade.value) + " follows " +
                             std::to_string(dimension.grades.back().value) +
                             ", expected the best grade first, its number the lowest");
        dimension.grades.push_back(std::move(grade));
    }
    if (dimension.grades.empty()) return bad_input(grades->where() + ": empty, expected one grade at least");
    HALLMARK_TRY(const Toml* otherwise, toml.at("otherwise"));
    HALLMARK_TRY(dimension.otherwise, read_value(*otherwise));
    if (tier_of(dimension.otherwise) == Tier::kAffirming || dimension.otherwise <= dimension.grades.back().value)
        return bad_input(otherwise->where() + ": found " + std::to_string(dimension.otherwise) +
                         ", expected a number that does not affirm and is worse than every grade");
    return dimension;
}

Result<std::map<std::string, DimensionPolicy>> read_tee(const Toml& toml) {
    HALLMARK_CHECK(toml.only({"instance-identity", "configuration", "executables", "file-system", "hardware",
                              "runtime-opaque", "storage-opaque", "sourced-data"}));
    std::map<std::string, DimensionPolicy> dimensions;
    for (const Toml& value : toml.values()) {
        HALLMARK_TRY(DimensionPolicy dimension, read_dimension(value));
        dimensions.emplace(value.key(), std::move(dimension));
    }
    for (const auto needed : kNeeded)
        if (!dimensions.contains(std::string(needed)))
            return bad_input(toml.where() + ": nothing about " + std::string(needed) +
                             ", expected executables, hardware and configuration at least");
    return dimensions;
}

Result<ValueSet> read_set(const Toml& toml) {
    HALLMARK_CHECK(toml.only({"names", "load"}));
    ValueSet set{.name = toml.key(), .names = {}, .load = {}};
    HALLMARK_TRY(const Toml* names, toml.at("names"));
    HALLMARK_TRY(const auto* elements, names->array());
    for (const Toml& element : *elements) {
        HALLMARK_TRY(std::string name, element.name());
        set.names.push_back(std::move(name));
    }
    HALLMARK_TRY(const Toml* load, toml.at("load"));
    HALLMARK_TRY(set.load, load->name());
    return set;
}

Status read_sets(const Toml& toml, Policy& into) {
    HALLMARK_CHECK(toml.is_table());
    std::set<std::string> seen;
    for (const Toml& value : toml.values()) {
        HALLMARK_TRY(ValueSet set, read_set(value));
        for (const auto& name : set.names)
            if (!seen.insert(name).second)
                return bad_input(value.where() + ": '" + name + "' stands twice, expected one owner of each name");
        into.sets.push_back(std::move(set));
    }
    return {};
}

/// A name that no set has is a slip of the pen, of which a guest would suffer later.
Status check_references(const Policy& policy, const Grade& grade, const std::string& place) {
    for (const auto& constraint : grade.require)
        for (const auto& name : constraint.references())
            if (policy.set_of(name) == nullptr)
                return bad_input(place + ": reference value '" + name + "' stands in no table [values.NAME]");
    return {};
}

Status check_references(const Policy& policy, const std::string& what) {
    for (const auto& [tee, dimensions] : policy.tees)
        for (const auto& [name, dimension] : dimensions)
            for (const auto& grade : dimension.grades)
                HALLMARK_CHECK(
                    check_references(policy, grade, what + ": " + std::string(verifier::name_of(tee)) + "." + name));
    return {};
}

}  // namespace

const ValueSet* Policy::set_of(std::string_view reference) const {
    const auto found = std::ranges::find_if(
        sets, [&](const ValueSet& set) { return std::ranges::find(set.names, reference) != set.names.end(); });
    return found != sets.end() ? &*found : nullptr;
}

Result<Policy> parse_policy(std::string_view text, const std::string& what) {
    HALLMARK_TRY(const Toml toml, Toml::parse(text, what, kLargestPolicy));
    HALLMARK_CHECK(toml.only({"version", "name", "values", "snp", "tdx"}));
    HALLMARK_TRY(const Toml* version, toml.at("version"));
    HALLMARK_TRY(const std::int64_t number, version->integer());
    if (number != kVersion)
        return bad_input(version->where() + ": found " + std::to_string(number) + ", expected " +
                         std::to_string(kVersion));
    Policy policy;
    HALLMARK_TRY(const Toml* name, toml.at("name"));
    HALLMARK_TRY(policy.name, name->name());
    if (const Toml* sets = toml.find("values")) HALLMARK_CHECK(read_sets(*sets, policy));
    for (const auto tee : {verifier::Tee::kSnp, verifier::Tee::kTdx}) {
        const Toml* table = toml.find(verifier::name_of(tee));
        if (table == nullptr) continue;
        HALLMARK_TRY(policy.tees[tee], read_tee(*table));
    }
    if (policy.tees.empty()) return bad_input(what + ": neither [snp.…] nor [tdx.…], expected one at least");
    HALLMARK_CHECK(check_references(policy, what));
    return policy;
}

}  // namespace hallmark::appraisal
