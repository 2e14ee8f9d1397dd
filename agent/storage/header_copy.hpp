// SPDX-License-Identifier: Apache-2.0
// The header of a volume lies on the host's disk. It is read once; what was read is checked, and what was checked opens
// the device: from a file in memory that only this process and those it starts can reach.
#pragma once

#include "common/descriptor.hpp"
#include "common/result.hpp"

namespace hallmark::storage {

/// The header of an open device, if it is the accepted one. The device is not read again for it.
Result<FileDescriptor> copy_header(int device);

/// Room for a header that is yet to be made.
Result<FileDescriptor> make_header_file();

/// Puts a header that was made onto its device, its first copy last: a device on which this was cut short has no header
/// that anyone accepts.
Status write_header(const FileDescriptor& header, int device);

/// Whether all that a header would lie on is zero.
Result<bool> is_blank(int device);

}  // namespace hallmark::storage
