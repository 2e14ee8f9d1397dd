// SPDX-License-Identifier: Apache-2.0
// Which request leads where.
// Source: Confidential Containers, guest-components 8246e5e, api-server-rest/openapi/api.json and src/router.rs.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "agent/rest/request.hpp"
#include "agent/rest/services.hpp"
#include "common/result.hpp"
#include "common/secret.hpp"

namespace hallmark::rest {

/// What --features turns on.
struct Features {
    std::string name;  ///< "resource", "attestation", "all"
    bool resource = false;
    bool attestation = false;

    static Result<Features> parse(std::string_view name);
};

struct Response {
    int status = 200;
    std::string_view type = "text/plain";
    Secret body;
};

class Router {
public:
    Router(Services& services, Features features) : services_(services), features_(std::move(features)) {}

    [[nodiscard]] Response answer(const Request& request) const;

private:
    [[nodiscard]] Response info() const;
    [[nodiscard]] Response resource(std::string_view path) const;
    [[nodiscard]] Response token(const Request& request) const;
    [[nodiscard]] Response evidence(const Request& request, bool additional) const;
    [[nodiscard]] Response extend(const Request& request) const;

    Services& services_;
    Features features_;
};

/// An answer without a body of its own: 400, 403, 404, 405, 408, 413, 431.
Response plain(int status);

}  // namespace hallmark::rest
