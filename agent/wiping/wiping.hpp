// SPDX-License-Identifier: Apache-2.0
// Memory that is wiped as it is freed, whoever frees it: JSON values, strings and frames, and what OpenSSL and libcurl
// took. Whoever links this has it for all of C++; Secret (common/secret.hpp) still wipes what is used longest first.
// What C code frees otherwise (that of libc) and what lay on a stack is not reached.
#pragma once

#include "common/result.hpp"

namespace hallmark::guest {

/// The same for OpenSSL: to be called before it has taken any memory, and before any thread. Fault::kNo where it has.
[[nodiscard]] Status wipe_what_openssl_frees();
/// The same for libcurl, which this starts: for who needs it.
[[nodiscard]] Status wipe_what_libcurl_frees();

}  // namespace hallmark::guest
