// SPDX-License-Identifier: Apache-2.0
#include "measure/explain/edk2_axis.hpp"

#include <cstddef>

#include "measure/tdx/layout.hpp"

namespace hallmark::explain {

Axis<std::optional<std::string>> edk2_axis(const std::optional<std::string>& given) {
    Axis<std::optional<std::string>> axis("--edk2", given.value_or("as the image shows"), given);
    const auto layouts = tdx::layouts();
    const auto same_events = [](tdx::Layout a, const tdx::Layout& b) {
        a.release = b.release;
        a.measures_by_default = b.measures_by_default;
        return a == b;
    };
    for (std::size_t first = 0; first < layouts.size();) {
        auto last = first;
        while (last + 1 < layouts.size() && same_events(layouts[last + 1], layouts[first])) ++last;
        const std::string name(layouts[first].release);
        axis.add({name, first == last ? "" : "or up to " + std::string(layouts[last].release)}, name);
        first = last + 1;
    }
    return axis;
}

}  // namespace hallmark::explain
