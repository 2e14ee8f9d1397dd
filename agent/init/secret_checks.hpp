// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/descriptor.hpp"
#include "common/formats/guest_port.hpp"
#include "common/result.hpp"

namespace hallmark::guest {

/// Asks for the secrets that init-data names, once, in a thread of its own that nobody waits for, and remembers what
/// came of it. The secrets themselves are thrown away.
class SecretChecks {
public:
    /// Asks for one by its URI.
    using Ask = std::function<Status(const std::string& resource)>;

    static Result<SecretChecks> start(std::vector<std::string> resources, Ask ask);

    /// Readable once all is known.
    [[nodiscard]] int fd() const { return pipe_.get(); }
    [[nodiscard]] bool finished() const;
    /// Of all, once it is finished.
    [[nodiscard]] const std::vector<guest_port::SecretOutcome>& outcomes() const { return *outcomes_; }

private:
    using Outcomes = std::vector<guest_port::SecretOutcome>;
    SecretChecks(FileDescriptor pipe, std::shared_ptr<const Outcomes> outcomes)
        : pipe_(std::move(pipe)), outcomes_(std::move(outcomes)) {}

    FileDescriptor pipe_;  // the worker closes its end behind its last word, and so orders what it wrote before
    std::shared_ptr<const Outcomes> outcomes_;
};

}  // namespace hallmark::guest
