// SPDX-License-Identifier: Apache-2.0
#include "relying-party/verifier/tdx/qe_identity.hpp"

#include <string_view>

#include "common/hex.hpp"
#include "relying-party/verifier/tdx/masked.hpp"
#include "relying-party/verifier/tdx/members.hpp"

namespace hallmark::verifier {
namespace {

constexpr std::uint64_t kVersion = 2;
constexpr std::array<std::uint8_t, 32> kIntelSigner = {0xdc, 0x9e, 0x2a, 0x7c, 0x6f, 0x94, 0x8f, 0x17, 0x47, 0x4e, 0x34,
                                                       0xa7, 0xfc, 0x43, 0xed, 0x03, 0x0f, 0x7c, 0x15, 0x63, 0xf1, 0xba,
                                                       0xbd, 0xdf, 0x63, 0x40, 0xc8, 0x2e, 0x0e, 0x54, 0xa8, 0xc5};
constexpr std::uint16_t kTdQuotingEnclave = 2;
constexpr std::uint8_t kInitialised = 0x01;
constexpr std::uint8_t kDebug = 0x02;
constexpr std::uint8_t kProvisioningKey = 0x10;

std::unexpected<Error> other(std::string_view what, ByteSpan found, ByteSpan expected) {
    return refused("the quoting enclave's report: " + std::string(what) + " found " + to_hex(found) + ", expected " +
                   to_hex(expected) + ": it is of another enclave");
}

}  // namespace

Result<QeIdentity> parse_qe_identity(const Json& json, const std::string& where) {
    HALLMARK_TRY(const auto object, JsonObject::of(json, where));
    HALLMARK_TRY(const std::string id, object.string("id"));
    if (id != "TD_QE") return bad_input(object.path_of("id") + ": found '" + id.substr(0, 16) + "', expected TD_QE");
    HALLMARK_TRY(const auto version, object.number("version"));
    if (version != kVersion)
        return bad_input(object.path_of("version") + ": found " + std::to_string(version) + ", expected 2");
    QeIdentity identity;
    HALLMARK_TRY(identity.issue_date, time_member(object, "issueDate"));
    HALLMARK_TRY(identity.next_update, time_member(object, "nextUpdate"));
    HALLMARK_TRY(identity.tcb_evaluation_data_number, object.number("tcbEvaluationDataNumber"));
    HALLMARK_TRY(identity.misc_select, hex_member<4>(object, "miscselect"));
    HALLMARK_TRY(identity.misc_select_mask, hex_member<4>(object, "miscselectMask"));
    HALLMARK_TRY(identity.attributes, hex_member<16>(object, "attributes"));
    HALLMARK_TRY(identity.attributes_mask, hex_member<16>(object, "attributesMask"));
    HALLMARK_TRY(identity.mr_signer, hex_member<32>(object, "mrsigner"));
    HALLMARK_TRY(const auto product, number_member(object, "isvprodid", 0xffff));
    identity.isv_prod_id = static_cast<std::uint16_t>(product);
    HALLMARK_TRY(identity.levels, parse_svn_levels(object));
    return identity;
}

QeIdentity intel_td_qe() {
    QeIdentity identity;
    identity.attributes[0] = kInitialised | kProvisioningKey;
    identity.attributes_mask[0] = kInitialised | kDebug | kProvisioningKey;
    identity.mr_signer = kIntelSigner;
    identity.isv_prod_id = kTdQuotingEnclave;
    return identity;
}

Status check_qe(const tdx::EnclaveReport& report, const QeIdentity& identity) {
    if (report.mr_signer != identity.mr_signer) return other("MRSIGNER", report.mr_signer, identity.mr_signer);
    if (report.isv_prod_id != identity.isv_prod_id)
        return other("ISVPRODID", as_bytes(report.isv_prod_id), as_bytes(Le16(identity.isv_prod_id)));
    if (!equal_under(as_bytes(report.misc_select), identity.misc_select, identity.misc_select_mask))
        return other("MISCSELECT", as_bytes(report.misc_select), identity.misc_select);
    if (!equal_under(report.attributes, identity.attributes, identity.attributes_mask))
        return other("ATTRIBUTES", report.attributes, identity.attributes);
    return {};
}

Result<TcbLevel> qe_level(std::uint16_t isv_svn, const QeIdentity& identity) {
    for (const auto& level : identity.levels)
        if (isv_svn >= level.isv_svn) return level.level;
    return refused("the quoting enclave has ISVSVN " + std::to_string(isv_svn) + ", for which Intel has no TCB level");
}

}  // namespace hallmark::verifier
