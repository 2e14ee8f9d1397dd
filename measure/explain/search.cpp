// SPDX-License-Identifier: Apache-2.0
#include "measure/explain/search.hpp"

#include <algorithm>
#include <utility>

namespace hallmark::explain {
namespace {

class Search {
public:
    explicit Search(const Space& space) : space_(space), dimensions_(space.dimensions()), run_(space.run()) {}

    Outcome result() {
        Outcome outcome;
        outcome.equal = !measure({Candidate{}}).empty();
        if (!outcome.equal) outcome.explanations = measure(singles());
        if (!outcome.equal && outcome.explanations.empty()) outcome.explanations = measure(pairs());
        outcome.candidates = measured_;
        return outcome;
    }

private:
    [[nodiscard]] std::size_t run_length() const { return run_ ? dimensions_[*run_].others.size() : 0; }

    [[nodiscard]] std::vector<Candidate> singles() const {
        std::vector<Candidate> candidates;
        if (run_length() != 0) candidates.push_back({.whole_run = true});
        for (std::size_t i = 0; i < dimensions_.size(); ++i)
            for (std::size_t choice = 1; i != run_ && choice <= dimensions_[i].others.size(); ++choice)
                candidates.push_back({.steps = {Step{i, choice}}, .count = 1});
        return candidates;
    }

    [[nodiscard]] std::vector<Candidate> pairs() const {
        std::vector<Candidate> candidates;
        for (std::size_t i = 0; i < dimensions_.size(); ++i)
            for (std::size_t choice = 1; i != run_ && choice <= dimensions_[i].paired; ++choice) {
                const Step first{i, choice};
                if (run_length() != 0) candidates.push_back({.steps = {first}, .count = 1, .whole_run = true});
                add_pairs(candidates, first);
            }
        return candidates;
    }

    void add_pairs(std::vector<Candidate>& candidates, const Step& first) const {
        for (auto i = first.dimension + 1; i < dimensions_.size(); ++i)
            for (std::size_t choice = 1; i != run_ && choice <= dimensions_[i].paired; ++choice)
                candidates.push_back({.steps = {first, Step{i, choice}}, .count = 2});
    }

    std::vector<Explanation> measure(const std::vector<Candidate>& candidates) {
        auto hits = space_.measure(candidates);
        std::ranges::sort(hits, {}, [](const Hit& hit) { return std::pair(hit.candidate, hit.run_choice); });
        std::vector<Explanation> explanations;
        explanations.reserve(hits.size());
        for (const auto& hit : hits) explanations.push_back(in_words(candidates[hit.candidate], hit.run_choice));
        // The value that the run has in the request was among the changes already.
        for (const auto& candidate : candidates) measured_ += candidate.whole_run ? run_length() : 1;
        return explanations;
    }

    [[nodiscard]] Explanation in_words(const Candidate& candidate, std::size_t run_choice) const {
        Explanation explanation;
        const auto add = [&](const Step& step) {
            const auto& dimension = dimensions_[step.dimension];
            explanation.push_back({dimension.option, dimension.given, dimension.others[step.choice - 1]});
        };
        if (run_ && run_choice != 0) add({*run_, run_choice});
        for (std::size_t i = 0; i < candidate.count; ++i) add(candidate.steps[i]);
        return explanation;
    }

    const Space& space_;
    const std::vector<Dimension>& dimensions_;
    std::optional<std::size_t> run_;
    std::size_t measured_ = 0;
};

}  // namespace

Outcome search(const Space& space) { return Search(space).result(); }

}  // namespace hallmark::explain
