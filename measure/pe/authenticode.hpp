// SPDX-License-Identifier: Apache-2.0
// The digest of a PE image that firmware measures when it loads one, into PCR 4 and so RTMR1.
// Source: Microsoft "Windows Authenticode Portable Executable Signature Format" 1.0, "Calculating the PE Image Hash";
// TCG PC Client Platform Firmware Profile 1.06, "UEFI_IMAGE_LOAD_EVENT Structure"; as edk2 does it in
// SecurityPkg/Tcg/Tcg2Dxe/MeasureBootPeCoff.c, edk2-stable202502.
#pragma once

#include <string>

#include "common/bytes.hpp"
#include "common/digest.hpp"
#include "common/result.hpp"
#include "measure/pe/pe_file.hpp"

namespace hallmark::pe {

/// All of the image but its checksum and its signature. Where a file's size isn't a multiple of 8, tools that sign
/// pad it first; firmware hashes what it was given, and so does this.
template <class Digest>
Result<Digest> authenticode(ByteSpan image, const PeFile& file, const std::string& what);

extern template Result<Sha256> authenticode<Sha256>(ByteSpan, const PeFile&, const std::string&);
extern template Result<Sha384> authenticode<Sha384>(ByteSpan, const PeFile&, const std::string&);

/// The same of an image that has yet to be parsed; `what` names it in errors.
Result<Sha256> authenticode_sha256(ByteSpan image, const std::string& what);
Result<Sha384> authenticode_sha384(ByteSpan image, const std::string& what);

}  // namespace hallmark::pe
