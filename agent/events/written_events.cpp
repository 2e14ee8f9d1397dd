// SPDX-License-Identifier: Apache-2.0
#include "agent/events/written_events.hpp"

#include <unistd.h>

#include <cerrno>

#include "agent/events/journal.hpp"
#include "common/file.hpp"

namespace hallmark::events {

Status WrittenEvents::with_entries(const std::function<Status(ByteSpan entries)>& take) {
    const std::string path = folder_ + kLogName;
    if (::access(path.c_str(), F_OK) != 0 && errno == ENOENT) return take({});
    HALLMARK_TRY(const Bytes entries, read_file(path, kLargestLog));
    return take(entries);
}

}  // namespace hallmark::events
