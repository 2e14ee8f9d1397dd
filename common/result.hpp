// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace hallmark {

/// What a failure means for the caller, and so for the exit status of a program.
enum class Fault {
    kNo = 1,        ///< the answer is no: mismatch, refused, failed
    kBadInput = 2,  ///< the request or the input is wrong
};

/// One failure in one line: what was read, where, what was found, what was expected, what to do.
struct Error {
    Fault fault = Fault::kBadInput;
    std::string message;

    /// The process exit status that this error stands for.
    [[nodiscard]] int exit_status() const { return static_cast<int>(fault); }

    /// Puts the place ("file.fd: ") in front of the message.
    [[nodiscard]] Error at(std::string_view place) const { return {fault, std::string(place) + ": " + message}; }
};

/// A value or an Error. std::expected of GCC 12 may be dropped in silence; this may not.
template <class T>
struct [[nodiscard]] Result : std::expected<T, Error> {
    using std::expected<T, Error>::expected;
};

using Status = Result<void>;

/// The request or the input is wrong (exit status 2).
inline std::unexpected<Error> bad_input(std::string message) {
    return std::unexpected(Error{Fault::kBadInput, std::move(message)});
}

/// The answer is no (exit status 1).
inline std::unexpected<Error> refused(std::string message) {
    return std::unexpected(Error{Fault::kNo, std::move(message)});
}

}  // namespace hallmark

#define HALLMARK_CONCAT_(a, b) a##b
#define HALLMARK_CONCAT(a, b) HALLMARK_CONCAT_(a, b)

/// HALLMARK_TRY(auto page, read_page(0)); — declares the value, or returns the error to the caller.
#define HALLMARK_TRY(declaration, expression) \
    HALLMARK_TRY_(HALLMARK_CONCAT(hallmark_result_, __LINE__), declaration, expression)
#define HALLMARK_TRY_(result, declaration, expression)              \
    auto result = (expression);                                     \
    if (!result) return std::unexpected(std::move(result).error()); \
    declaration = std::move(result).value()

/// HALLMARK_CHECK(write_page(0)); — returns the error to the caller; for results without a value.
#define HALLMARK_CHECK(expression)                                      \
    do {                                                                \
        if (auto hallmark_status = (expression); !hallmark_status)      \
            return std::unexpected(std::move(hallmark_status).error()); \
    } while (false)
