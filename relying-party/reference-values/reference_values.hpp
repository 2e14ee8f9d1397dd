// SPDX-License-Identifier: Apache-2.0
// What a policy asks a store of reference values.
// Source: RFC 9334, section 4.1 (Reference Value Provider); Trustee's reference value provider service.
#pragma once

#include <ctime>
#include <string>
#include <string_view>
#include <vector>

#include "common/json.hpp"
#include "common/result.hpp"

namespace hallmark::reference {

/// One allowed value of a name, with what it came with.
struct Value {
    Json value;          ///< text, number or boolean
    std::string source;  ///< who gave it ("hallmark 0.1.0 build/guest", "rvps")
    std::string set;     ///< values with the same one belong together (one build); empty: none
};

/// Two values are equal when these texts are: they hold no fractions, and no object whose keys have an order.
std::string value_text(const Json& value);

class ReferenceValues {
public:
    virtual ~ReferenceValues() = default;
    /// All values of this name that have not expired at that time. None: an empty list.
    virtual Result<std::vector<Value>> find(std::string_view name, std::time_t at) const = 0;
    /// Those of them that equal this one: what a policy asks for every guest, so a store may answer it by an index.
    virtual Result<std::vector<Value>> match(std::string_view name, const Json& value, std::time_t at) const;
};

}  // namespace hallmark::reference
