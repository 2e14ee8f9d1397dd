// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/image-policy/policy.hpp"
#include "agent/image-policy/signature_source.hpp"
#include "agent/image-policy/trusted_keys.hpp"
#include "agent/image-pull/pull.hpp"

namespace hallmark::image_pull {

/// Holds images against a policy, by the clock of this machine. What it is given outlives it.
Judge judge_by(const image_policy::Policy& policy, image_policy::SignatureSource& signatures,
               image_policy::GetResource get);

}  // namespace hallmark::image_pull
