// SPDX-License-Identifier: Apache-2.0
#include "agent/ttrpc/methods.hpp"

#include "agent/ports/text.hpp"

namespace hallmark::ttrpc {
namespace {

std::string quoted(std::string_view name) { return "'" + guest::one_line(as_bytes(name)) + "'"; }

}  // namespace

void Methods::add(std::string_view service, std::string_view method, Handler handler) {
    services_[std::string(service)][std::string(method)] = std::move(handler);
}

std::expected<const Handler*, Failure> Methods::find(std::string_view service, std::string_view method) const {
    const auto methods = services_.find(service);
    if (methods == services_.end()) {
        std::string known;
        for (const auto& [name, unused] : services_) known += (known.empty() ? "" : ", ") + name;
        return failure(Code::kUnimplemented, "service " + quoted(service) + " is unknown here, expected " + known);
    }
    const auto handler = methods->second.find(method);
    if (handler == methods->second.end())
        return failure(Code::kUnimplemented,
                       "method " + quoted(method) + " of service " + quoted(service) + " is unknown");
    return &handler->second;
}

}  // namespace hallmark::ttrpc
