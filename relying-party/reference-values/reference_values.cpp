// SPDX-License-Identifier: Apache-2.0
#include "relying-party/reference-values/reference_values.hpp"

#include <utility>

namespace hallmark::reference {

std::string value_text(const Json& value) { return value.dump(-1, ' ', true, Json::error_handler_t::replace); }

Result<std::vector<Value>> ReferenceValues::match(std::string_view name, const Json& value, std::time_t at) const {
    HALLMARK_TRY(auto values, find(name, at));
    std::erase_if(values, [text = value_text(value)](const Value& one) { return value_text(one.value) != text; });
    return values;
}

}  // namespace hallmark::reference
