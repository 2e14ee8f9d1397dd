// SPDX-License-Identifier: Apache-2.0
// What `inspect` can read. A format is one file of this folder, and one line of the table in formats.cpp.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "common/bytes.hpp"
#include "common/json.hpp"
#include "common/result.hpp"

namespace hallmark::inspect {

struct Format {
    std::string_view name;   ///< as it is asked for and answered: "event-log"
    std::string_view title;  ///< what it is, for people: "event log of measured boot"
    /// Whether a file is of this format, from what it begins or ends with; says nothing about the rest.
    bool (*recognise)(ByteSpan bytes);
    /// What stands in the file, as an object. `what` names the file in errors.
    Result<Json> (*describe)(ByteSpan bytes, const std::string& what);
};

/// Every format. What is a special case of another stands before it.
[[nodiscard]] std::span<const Format* const> formats();

/// The format of that name.
Result<const Format*> find_format(std::string_view name);

/// The first format that recognises the file.
Result<const Format*> recognise(ByteSpan bytes, const std::string& what);

// The formats, in the order of their files' names.
extern const Format kBzImage;
extern const Format kEventLog;
extern const Format kIgvm;
extern const Format kInitData;
extern const Format kInitDataDisk;
extern const Format kManifest;
extern const Format kOvmf;
extern const Format kPe;
extern const Format kSnpReport;
extern const Format kTdReport;
extern const Format kTdxQuote;
extern const Format kUki;

}  // namespace hallmark::inspect
