// SPDX-License-Identifier: Apache-2.0
#include "relying-party/appraisal/appraise.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <set>
#include <utility>
#include <vector>

namespace hallmark::appraisal {
namespace {

using reference::Value;

constexpr std::size_t kMostShown = 3;

/// One appraisal under way.
class Appraiser {
public:
    Appraiser(const Policy& policy, const Subject& subject, const reference::ReferenceValues& values, std::time_t at)
        : policy_(policy), subject_(subject), values_(values), at_(at) {}

    Result<Dimension> dimension(const DimensionPolicy& asked) const {
        Dimension result{.value = asked.otherwise, .failures = {}};
        for (const auto& grade : asked.grades) {
            const auto before = result.failures.size();
            bool all = true;
            for (const auto& constraint : grade.require) {
                HALLMARK_TRY(auto failures, check(constraint));
                all = all && failures.empty();
                for (auto& failure : failures) add(std::move(failure), before, result.failures);
            }
            if (!all) continue;
            result.value = grade.value;
            break;
        }
        return result;
    }

private:
    /// Once, also where two grades ask it.
    static void add(Failure failure, std::size_t known, std::vector<Failure>& into) {
        const auto same = [&](const Failure& one) {
            return one.claim == failure.claim && one.allowed == failure.allowed;
        };
        if (std::any_of(into.begin(), into.begin() + static_cast<std::ptrdiff_t>(known), same)) return;
        into.push_back(std::move(failure));
    }

    /// What a name of reference values allows, and where there are none, why.
    struct Known {
        std::string allowed;
        std::string missing{};
    };

    [[nodiscard]] Failure failure(const std::string& claim, const Json* seen, Known known) const {
        return {.claim = std::string(verifier::name_of(subject_.tee)) + "." + claim,
                .seen = shown(seen),
                .allowed = std::move(known.allowed),
                .missing = std::move(known.missing)};
    }

    /// What does not hold; empty: all does.
    [[nodiscard]] Result<std::vector<Failure>> check(const Constraint& constraint) const {
        if (constraint.test == Test::kTogether) return together(constraint);
        const Json* seen = find_claim(subject_.claims, constraint.claim);
        if (seen != nullptr) {
            HALLMARK_TRY(const bool fine, passes(constraint, *seen));
            if (fine) return std::vector<Failure>{};
        }
        Known known{.allowed = allowed_text(constraint)};
        if (!constraint.reference.empty()) {
            const bool bound = constraint.test == Test::kAtLeast;
            HALLMARK_TRY(auto described, describe(constraint.reference));
            known.allowed = (bound ? "at least " : "") + described.allowed + (bound ? std::string() : known.allowed);
            known.missing = std::move(described.missing);
        }
        return std::vector{failure(constraint.claim, seen, std::move(known))};
    }

    [[nodiscard]] Result<bool> passes(const Constraint& constraint, const Json& seen) const {
        if (holds(constraint, seen)) return true;
        if (constraint.or_given && !subject_.given_init_data.empty() && seen == Json(subject_.given_init_data))
            return true;
        if (constraint.test == Test::kIn) {
            HALLMARK_TRY(const auto same, values_.match(constraint.reference, seen, at_));
            return !same.empty();
        }
        if (constraint.test != Test::kAtLeast || constraint.reference.empty()) return false;
        HALLMARK_TRY(const auto bounds, values_.find(constraint.reference, at_));
        return std::ranges::any_of(bounds, [&](const Value& bound) { return at_least(seen, bound.value); });
    }

    /// Each claim by itself, and one set that has them all.
    [[nodiscard]] Result<std::vector<Failure>> together(const Constraint& constraint) const {
        std::vector<Failure> failures;
        std::set<std::string> common;
        std::string names;
        std::string seen_values;
        bool first = true;
        for (const auto& [claim, reference] : constraint.together) {
            const Json* seen = find_claim(subject_.claims, claim);
            std::vector<Value> same;
            if (seen != nullptr) {
                HALLMARK_TRY(same, values_.match(reference, *seen, at_));
            }
            if (same.empty()) {
                HALLMARK_TRY(auto known, describe(reference));
                failures.push_back(failure(claim, seen, std::move(known)));
            }
            const auto sets = sets_of(same);
            common = std::exchange(first, false) ? sets : both(common, sets);
            names += (names.empty() ? "" : ", ") + claim;
            seen_values += (seen_values.empty() ? "" : ", ") + shown(seen);
        }
        if (failures.empty() && common.empty())
            failures.push_back({.claim = std::string(verifier::name_of(subject_.tee)) + "." + names,
                                .seen = seen_values,
                                .allowed = "values that stand in one set together; each of these stands in another"});
        return failures;
    }

    /// Values without a set belong to nothing.
    static std::set<std::string> sets_of(const std::vector<Value>& values) {
        std::set<std::string> sets;
        for (const auto& value : values)
            if (!value.set.empty()) sets.insert(value.source + "\n" + value.set);
        return sets;
    }

    static std::set<std::string> both(const std::set<std::string>& one, const std::set<std::string>& other) {
        std::set<std::string> result;
        for (const auto& element : one)
            if (other.contains(element)) result.insert(element);
        return result;
    }

    /// "one of 3 values of snp_bootloader: 3, 4, 5", or why there are none.
    [[nodiscard]] Result<Known> describe(const std::string& reference) const {
        HALLMARK_TRY(const auto known, values_.find(reference, at_));
        if (known.empty()) return why_none(reference);
        std::string text =
            "one of " + std::to_string(known.size()) + (known.size() == 1 ? " value of " : " values of ") + reference;
        for (std::size_t i = 0; i < std::min(known.size(), kMostShown); ++i)
            text += (i == 0 ? ": " : ", ") + shown(&known[i].value);
        if (known.size() > kMostShown) text += " and " + std::to_string(known.size() - kMostShown) + " more";
        return Known{.allowed = std::move(text)};
    }

    /// What is missing is the whole set where it can be: many names then have one reason.
    [[nodiscard]] Result<Known> why_none(const std::string& reference) const {
        const std::string none = "no reference values for " + reference + ": ";
        const ValueSet* set = policy_.set_of(reference);
        if (set == nullptr) {
            const std::string unnamed = none + "no set of the policy names it";
            return Known{.allowed = unnamed, .missing = unnamed};
        }
        const std::string whose = "the " + set->name + "'s set";
        const std::string load = "; load it with: " + set->load;
        HALLMARK_TRY(const auto expired, values_.find(reference, std::numeric_limits<std::time_t>::min()));
        if (!expired.empty())
            return Known{.allowed = none + std::to_string(expired.size()) + " in " + whose + ", all expired" + load,
                         .missing = whose + " has expired" + load};
        for (const auto& name : set->names) {
            HALLMARK_TRY(const auto others, values_.find(name, at_));
            if (!others.empty())
                return Known{.allowed = none + whose + " that is loaded has none" + load,
                             .missing = whose + " that is loaded has no " + reference};
        }
        return Known{.allowed = none + whose + " is not loaded" + load, .missing = whose + " is not loaded" + load};
    }

    const Policy& policy_;
    const Subject& subject_;
    const reference::ReferenceValues& values_;
    std::time_t at_;
};

}  // namespace

Result<Appraisal> appraise(const Policy& policy, const Subject& subject, const reference::ReferenceValues& values,
                           std::time_t at) {
    const auto asked = policy.tees.find(subject.tee);
    if (asked == policy.tees.end())
        return refused("policy '" + policy.name + "' says nothing about " +
                       std::string(verifier::name_of(subject.tee)) + "; give it a table [" +
                       std::string(verifier::name_of(subject.tee)) + "]");
    Appraisal appraisal{.policy = policy.name, .dimensions = {}, .status = Tier::kNone};
    const Appraiser appraiser(policy, subject, values, at);
    for (const auto& [name, dimension] : asked->second) {
        HALLMARK_TRY(Dimension result, appraiser.dimension(dimension));
        appraisal.status = std::max(appraisal.status, tier_of(result.value));
        appraisal.dimensions.emplace(name, std::move(result));
    }
    return appraisal;
}

}  // namespace hallmark::appraisal
