// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace hallmark::image_pull {

/// What has just happened.
enum class Step : std::uint8_t {
    kResolved,   ///< the name stands for a manifest, whose digest this is
    kAllowed,    ///< the policy's word
    kEncrypted,  ///< so many (`layer`) of the layers are encrypted; where none is, this is left out
    kKeyAsked,   ///< somebody is asked for a layer's key
    kKey,        ///< a layer's key was unwrapped
    kLayer,      ///< a layer is in the store: pulled now, or there before
    kComplete,   ///< all of them
};

struct Progress {
    Step step = Step::kResolved;
    std::string text;       ///< for people: a digest, the policy's word
    std::size_t layer = 0;  ///< from 1; 0 where it is about no layer
    std::size_t layers = 0;
};

/// Called by several threads at once.
using Observer = std::function<void(const Progress&)>;

}  // namespace hallmark::image_pull
