// SPDX-License-Identifier: Apache-2.0
#include "agent/init/agents.hpp"

#include <gtest/gtest.h>
#include <proto/attestation_agent.pb.h>
#include <proto/confidential_data_hub.pb.h>

#include "agent/ttrpc/messages.hpp"
#include "common/formats/snp_certificates.hpp"
#include "common/formats/snp_evidence.hpp"
#include "common/formats/snp_report.hpp"
#include "common/formats/tdx_evidence.hpp"
#include "common/json_bytes.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/fake_daemon.hpp"

namespace hallmark::guest {
namespace {

using hallmark::test::expect_error;
using hallmark::test::FakeDaemon;

/// A report as a processor writes it, with one field that is not zero.
Bytes a_report() {
    snp::AttestationReport report;
    report.version = 2;
    report.measurement[0] = 0x17;
    const ByteSpan bytes = as_bytes(report);
    return {bytes.begin(), bytes.end()};
}

TEST(Agents, EvidenceOfSnpComesBackAsTheProcessorGaveIt) {
    const Bytes table = snp::encode_certificate_table(std::vector<snp::TableCertificate>{
        {.guid = snp::kVcekGuid, .der = {1, 2}}, {.guid = guid("01020304-0506-0708-090a-0b0c0d0e0f10"), .der = {3}}});
    const auto parts = snp::evidence_of(a_report(), table).value();
    const auto evidence = evidence_of("snp", text_with_bytes(snp::evidence_json(parts).value()));
    ASSERT_TRUE(evidence) << evidence.error().message;
    EXPECT_EQ(evidence->kind, guest_port::Kind::kSnpReport);
    EXPECT_EQ(evidence->report, a_report());
    EXPECT_EQ(evidence->certificates, table);
    EXPECT_TRUE(evidence->event_log.empty());
}

TEST(Agents, EvidenceOfTdxHasItsLog) {
    const auto evidence = evidence_of("tdx", tdx::to_json({.quote = {4, 5}, .event_log = Bytes{6}}).dump());
    ASSERT_TRUE(evidence) << evidence.error().message;
    EXPECT_EQ(evidence->kind, guest_port::Kind::kTdxQuote);
    EXPECT_EQ(evidence->report, (Bytes{4, 5}));
    EXPECT_EQ(evidence->event_log, Bytes{6});
}

TEST(Agents, WhatIsNoEvidenceIsRefused) {
    EXPECT_FALSE(evidence_of("snp", "{"));
    EXPECT_FALSE(evidence_of("snp", "{}"));
    expect_error(evidence_of("sample", "{}"), {"TEE 'sample'", "expected snp or tdx"}, Fault::kNo);
}

TEST(Agents, TheAgentQuotesOverExactlyTheReportData) {
    ttrpc::Methods methods;
    methods.add(
        "attestation_agent.AttestationAgentService", "GetTeeType",
        ttrpc::unary<attestation_agent::GetTeeTypeRequest>(
            [](const auto&, const auto&) -> std::expected<attestation_agent::GetTeeTypeResponse, ttrpc::Failure> {
                attestation_agent::GetTeeTypeResponse response;
                response.set_tee("tdx");
                return response;
            }));
    methods.add(
        "attestation_agent.AttestationAgentService", "GetEvidence",
        ttrpc::unary<attestation_agent::GetEvidenceRequest>(
            [](const auto& request,
               const auto&) -> std::expected<attestation_agent::GetEvidenceResponse, ttrpc::Failure> {
                if (request.runtimedata().front() == 1)
                    return ttrpc::failure(ttrpc::Code::kInternal, "the processor is asleep");
                const ByteSpan data = as_bytes(request.runtimedata());
                attestation_agent::GetEvidenceResponse response;
                response.set_evidence(tdx::to_json({.quote = Bytes(data.begin(), data.end()), .event_log = {}}).dump());
                return response;
            }));
    const FakeDaemon agent(std::move(methods));
    const auto attester = AgentAttester::open(agent.socket(), "simulated");
    ASSERT_TRUE(attester) << attester.error().message;
    EXPECT_EQ((*attester)->name(), "simulated");
    ReportData data{};
    data.fill(7);
    EXPECT_EQ((*attester)->attest(data).value().report, Bytes(64, 7));
    data.fill(1);
    expect_error((*attester)->attest(data), {"the processor is asleep"}, Fault::kNo);
}

TEST(Agents, TheHubsReasonIsPassedOn) {
    ttrpc::Methods methods;
    methods.add("api.GetResourceService", "GetResource",
                ttrpc::unary<api::GetResourceRequest>(
                    [](const auto& request, const auto&) -> std::expected<api::GetResourceResponse, ttrpc::Failure> {
                        if (request.resourcepath() != "kbs:///a/b/c")
                            return ttrpc::failure(ttrpc::Code::kInternal, "[CDH] [ERROR]: PolicyDeny");
                        api::GetResourceResponse response;
                        response.set_resource("secret");
                        return response;
                    }));
    const FakeDaemon hub(std::move(methods));
    EXPECT_TRUE(ask_hub(hub.socket(), "kbs:///a/b/c"));
    expect_error(ask_hub(hub.socket(), "kbs:///a/b/d"), {"[CDH] [ERROR]: PolicyDeny"}, Fault::kNo);
    EXPECT_FALSE(ask_hub("/nonexistent/socket", "kbs:///a/b/c"));
}

TEST(Agents, TheHubPullsImagesAndOpensWhatIsSealed) {
    ttrpc::Methods methods;
    methods.add("api.ImagePullService", "PullImage",
                ttrpc::unary<api::PullImageRequest>(
                    [](const auto& request, const auto&) -> std::expected<api::PullImageResponse, ttrpc::Failure> {
                        if (request.image_url() != "registry.example/app:1" || request.bundle_path() != "/bundle")
                            return ttrpc::failure(ttrpc::Code::kInternal, "no such image");
                        api::PullImageResponse response;
                        response.set_manifest_digest("sha256:ab");
                        return response;
                    }));
    methods.add("api.SealedSecretService", "UnsealSecret",
                ttrpc::unary<api::UnsealSecretRequest>(
                    [](const auto& request, const auto&) -> std::expected<api::UnsealSecretResponse, ttrpc::Failure> {
                        if (request.secret() != "sealed.x") return ttrpc::failure(ttrpc::Code::kInternal, "not sealed");
                        api::UnsealSecretResponse response;
                        response.set_plaintext("plain");
                        return response;
                    }));
    const FakeDaemon hub(std::move(methods));
    EXPECT_EQ(pull_image(hub.socket(), "registry.example/app:1", "/bundle").value(), "sha256:ab");
    expect_error(pull_image(hub.socket(), "registry.example/app:2", "/bundle"), {"no such image"}, Fault::kNo);
    EXPECT_TRUE(equal(unseal(hub.socket(), "sealed.x").value().bytes(), as_bytes("plain")));
    expect_error(unseal(hub.socket(), "sealed.y"), {"not sealed"}, Fault::kNo);
    EXPECT_FALSE(pull_image("/nonexistent/socket", "a", "/b"));
}

}  // namespace
}  // namespace hallmark::guest
