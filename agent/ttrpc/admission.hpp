// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "agent/ttrpc/methods.hpp"

namespace hallmark::ttrpc {

/// A bound on the calls of some methods that are under way at once, so that those which take long never hold all
/// workers of a server: a further one is refused at once.
class Admission {
public:
    explicit Admission(std::size_t most);

    /// The handler behind the bound, which all that come from here share. A call too many is RESOURCE_EXHAUSTED, with
    /// `refusal` as its message.
    [[nodiscard]] Handler guard(Handler handler, std::string refusal) const;

private:
    struct Count;
    std::shared_ptr<Count> count_;
};

}  // namespace hallmark::ttrpc
