// SPDX-License-Identifier: Apache-2.0
#include "common/key-provider/protocol.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/expect_error.hpp"

namespace hallmark::key_provider {
namespace {

using test::expect_error;

// As the Go library writes them: "{}" and "keyid=/a/b/c", "{}".
constexpr const char* kWrap =
    R"({"op":"keywrap","keywrapparams":{"ec":{"Parameters":{"attestation-agent":["a2V5aWQ9L2EvYi9j"]},)"
    R"("DecryptConfig":{"Parameters":null}},"optsdata":"e30="},"keyunwrapparams":{"dc":null,"annotation":null}})";
constexpr const char* kUnwrap =
    R"({"op":"keyunwrap","keywrapparams":{"ec":null,"optsdata":null},)"
    R"("keyunwrapparams":{"dc":{"Parameters":{"attestation-agent":["eA=="]}},"annotation":"e30="}})";
constexpr const char* kProvider = "attestation-agent";

std::string with(const char* request, std::string_view from, std::string_view to) {
    std::string text(request);
    return text.replace(text.find(from), from.size(), to);
}

std::string text_of(const Secret& secret) { return {secret.bytes().begin(), secret.bytes().end()}; }

TEST(KeyProviderProtocol, WrapRequest) {
    // The second as the Rust library writes it.
    for (const auto& text : {std::string(kWrap), with(kWrap, "\"e30=\"", "[123,125]")}) {
        const auto request = parse_request(text, kProvider);
        ASSERT_TRUE(request) << request.error().message;
        const auto* wrapping = std::get_if<WrapRequest>(&*request);
        ASSERT_NE(wrapping, nullptr);
        EXPECT_TRUE(equal(wrapping->options.bytes(), as_bytes(std::string_view("{}"))));
        EXPECT_EQ(wrapping->parameters, "keyid=/a/b/c");
    }
}

TEST(KeyProviderProtocol, UnwrapRequest) {
    for (const auto& text : {std::string(kUnwrap), with(kUnwrap, "\"e30=\"", "[123,125]")}) {
        const auto request = parse_request(text, kProvider);
        ASSERT_TRUE(request) << request.error().message;
        const auto* unwrapping = std::get_if<UnwrapRequest>(&*request);
        ASSERT_NE(unwrapping, nullptr);
        EXPECT_EQ(unwrapping->annotation, "{}");
    }
}

TEST(KeyProviderProtocol, AnswersAreArraysOfIntegers) {
    EXPECT_EQ(text_of(wrap_answer("{}")), "{\"keywrapresults\":{\"annotation\":[123,125]}}\n");
    EXPECT_EQ(text_of(unwrap_answer(Secret(Bytes{0, 255}))), "{\"keyunwrapresults\":{\"optsdata\":[0,255]}}\n");
}

TEST(KeyProviderProtocol, MalformedRequestsAreRefused) {
    const auto refused = [](const std::string& text, std::initializer_list<std::string_view> words) {
        expect_error(parse_request(text, kProvider), words);
    };
    refused("", {"JSON"});
    refused("[]", {"op", "missing"});
    refused(with(kWrap, "\"op\":\"keywrap\"", "\"op\":1"), {"op", "expected keywrap or keyunwrap"});
    refused(with(kWrap, "keywrap", "keydrop"), {"op", "expected keywrap or keyunwrap"});
    refused(with(kUnwrap, "keyunwrap", "keywrap"), {"keywrapparams.optsdata", "missing"});
    refused(with(kWrap, "keywrap", "keyunwrap"), {"keyunwrapparams.annotation", "missing"});
    refused(with(kWrap, "e30=", ""), {"optsdata", "empty"});
    refused(with(kWrap, "e30=", "e30"), {"optsdata"});
    refused(with(kWrap, "\"e30=\"", "[256]"), {"optsdata", "255"});
    refused(with(kWrap, "\"e30=\"", "[-1]"), {"optsdata", "255"});
    refused(with(kWrap, "\"e30=\"", "[\"e\"]"), {"optsdata", "255"});
    refused(with(kWrap, "\"e30=\"", "{}"), {"optsdata", "byte string"});
    refused(with(kWrap, "attestation-agent", "another"), {"Parameters.attestation-agent", "missing"});
    refused(with(kWrap, "[\"a2V5aWQ9L2EvYi9j\"]", "[]"), {"Parameters.attestation-agent", "one element"});
    refused(with(kWrap, "[\"a2V5aWQ9L2EvYi9j\"]", R"(["eA==","eA=="])"), {"one element"});
    refused(with(kWrap, "[\"a2V5aWQ9L2EvYi9j\"]", "7"), {"one element"});
    refused(std::string(kMostRequestBytes + 1, ' '), {"more than", "bytes"});
}

}  // namespace
}  // namespace hallmark::key_provider
