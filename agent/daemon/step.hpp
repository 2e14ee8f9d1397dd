// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace hallmark::guest {

/// The stations of a guest on its way from power-on to a running workload, for whoever watches its console.
enum class Station : unsigned char {
    kBooted = 2,       ///< the guest's daemons are up
    kManifest = 3,     ///< an image's manifest was pulled
    kEncrypted = 4,    ///< it has encrypted layers
    kKeyAsked = 5,     ///< the data hub was asked for a layer's key
    kTokenAsked = 6,   ///< the data hub asked the attestation agent for a token
    kBrokerAsked = 7,  ///< the agent asked the key broker
    kChallenged = 8,   ///< the broker's challenge came
    kEvidence = 9,     ///< evidence was gathered, and goes to the broker
    kVerified = 10,    ///< the broker verified it
    kResults = 11,     ///< the attestation results came: a token for the key store
    kKey = 12,         ///< a wrapped key came and was unwrapped
    kLayer = 13,       ///< a layer was pulled
    kUnpacked = 14,    ///< all layers are decrypted, verified and unpacked
    kRunning = 15,     ///< the workload runs
};

/// Name of the variable that asks for them.
constexpr const char* kStepsWanted = "HALLMARK_STEPS";

/// "hallmark-step N TEXT", a line on stderr, where the environment has HALLMARK_STEPS=1 (init-data: pod.steps); nothing
/// otherwise. Other signs than printable ASCII become '?'.
void step(Station station, std::string_view text);

}  // namespace hallmark::guest
