// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/bytes.hpp"

namespace hallmark {

/// One gzip member (RFC 1952) that holds these bytes in stored blocks (RFC 1951, section 3.2.4): not smaller, but the
/// same bytes on every processor. Less than 4 GiB.
Bytes gzip_stored(ByteSpan content);

}  // namespace hallmark
