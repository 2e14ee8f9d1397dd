// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "agent/ttrpc/failure.hpp"
#include "common/bytes.hpp"
#include "common/deadline.hpp"

namespace hallmark::ttrpc {

/// What a handler knows of a call besides its message.
struct Call {
    Deadline deadline = Deadline::max();  ///< when the caller stops waiting; max where it waits without end
};

/// Answers a serialised message. Runs on a thread of the server, several at once; throws nothing.
using Handler = std::function<Answer(ByteSpan payload, const Call& call)>;

/// What a server answers.
class Methods {
public:
    /// `service` as "package.Service", `method` plain; one that is there already is replaced.
    void add(std::string_view service, std::string_view method, Handler handler);

    /// The handler, as long as this table lives; or UNIMPLEMENTED, and whether it is the service that is unknown.
    [[nodiscard]] std::expected<const Handler*, Failure> find(std::string_view service, std::string_view method) const;

private:
    std::map<std::string, std::map<std::string, Handler, std::less<>>, std::less<>> services_;
};

}  // namespace hallmark::ttrpc
