// SPDX-License-Identifier: Apache-2.0
#include "relying-party/verifier/tdx/tcb_level.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <cstddef>

#include "common/hex.hpp"
#include "relying-party/verifier/tdx/masked.hpp"

namespace hallmark::verifier {
namespace {

constexpr std::size_t kModuleSvn = 0;      // of TEE_TCB_SVN
constexpr std::size_t kModuleVersion = 1;  // of TEE_TCB_SVN

/// Whether each SVN from that one on is at least the level's.
bool at_least(const Svns& found, const Svns& level, std::size_t from) {
    for (std::size_t i = from; i < found.size(); ++i)
        if (found.at(i) < level.at(i)) return false;
    return true;
}

/// "Go over the sorted collection of TCB Levels": the first of which every SVN is met. The SVNs of a module that has an
/// identity of its own are held against that instead.
Result<TcbLevel> platform_level(const Svns& tee_tcb_svn, const PckFacts& pck, const TcbInfo& info) {
    const std::size_t from = tee_tcb_svn[kModuleVersion] > 0 ? 2 : 0;
    for (const auto& level : info.levels)
        if (at_least(pck.components, level.sgx, 0) && pck.pce_svn >= level.pce_svn &&
            at_least(tee_tcb_svn, level.tdx, from))
            return level.level;
    return refused("TCB info: the platform (components " + to_hex(pck.components) + ", PCESVN " +
                   std::to_string(pck.pce_svn) + ", TEE_TCB_SVN " + to_hex(tee_tcb_svn) +
                   ") is below every TCB level that Intel has");
}

Result<const TdxModuleIdentity*> module_identity(std::uint8_t version, const TcbInfo& info) {
    if (version == 0) return &info.module;
    const std::string id = "TDX_" + to_hex(ByteSpan(&version, 1));
    for (const auto& identity : info.module_identities)
        if (OPENSSL_strcasecmp(identity.id.c_str(), id.c_str()) == 0) return &identity;
    return refused("TCB info: no identity of TDX modules " + id);
}

/// That SEAM signer and attributes are the module's.
Status check_module(const tdx::QuoteBody& body, const TdxModuleIdentity& identity) {
    if (body.mr_signer_seam != identity.mr_signer)
        return refused("the quote: MRSIGNERSEAM found " + to_hex(body.mr_signer_seam) + ", expected " +
                       to_hex(identity.mr_signer));
    if (!equal_under(as_bytes(body.seam_attributes), identity.attributes, identity.attributes_mask))
        return refused("the quote: SEAMATTRIBUTES found " + to_hex(as_bytes(body.seam_attributes)) + ", expected " +
                       to_hex(identity.attributes));
    return {};
}

void add(TcbStanding& standing, const TcbLevel& level) {
    standing.status = merge(standing.status, level.status);
    standing.date = standing.date == 0 ? level.date : std::min(standing.date, level.date);
    standing.advisory_ids.insert(standing.advisory_ids.end(), level.advisory_ids.begin(), level.advisory_ids.end());
}

Result<TcbStanding> standing_of(const Svns& tee_tcb_svn, const tdx::Quote& quote, const PckFacts& pck,
                                const TcbInfo& info, const QeIdentity& qe) {
    TcbStanding standing;
    HALLMARK_TRY(const TcbLevel platform, platform_level(tee_tcb_svn, pck, info));
    add(standing, platform);
    HALLMARK_TRY(const auto* identity, module_identity(tee_tcb_svn[kModuleVersion], info));
    if (tee_tcb_svn[kModuleVersion] > 0) {
        const auto found = std::ranges::find_if(
            identity->levels, [&](const SvnTcbLevel& level) { return tee_tcb_svn[kModuleSvn] >= level.isv_svn; });
        if (found == identity->levels.end())
            return refused("TCB info: the TDX module (TEE_TCB_SVN " + to_hex(tee_tcb_svn) +
                           ") is below every TCB level of " + identity->id);
        add(standing, found->level);
    }
    HALLMARK_TRY(const TcbLevel enclave, qe_level(quote.qe_report.isv_svn, qe));
    add(standing, enclave);
    return standing;
}

}  // namespace

Result<TcbStanding> tcb_standing(const tdx::Quote& quote, const PckFacts& pck, const TcbInfo& info,
                                 const QeIdentity& qe) {
    if (pck.fmspc != info.fmspc || pck.pce_id != info.pce_id)
        return refused("TCB info: it is of FMSPC " + to_hex(info.fmspc) + " and PCE-ID " + to_hex(info.pce_id) +
                       ", the platform has " + to_hex(pck.fmspc) + " and " + to_hex(pck.pce_id));
    HALLMARK_CHECK(check_qe(quote.qe_report, qe));
    HALLMARK_TRY(const auto* identity, module_identity(quote.body.tee_tcb_svn[kModuleVersion], info));
    HALLMARK_CHECK(check_module(quote.body, *identity));
    HALLMARK_TRY(TcbStanding standing, standing_of(quote.body.tee_tcb_svn, quote, pck, info, qe));
    if (quote.body_type == tdx::BodyType::kTd15) {
        HALLMARK_TRY(const auto current, standing_of(quote.extension.tee_tcb_svn2, quote, pck, info, qe));
        standing.status = with_relaunch(standing.status, current.status);
    }
    std::ranges::sort(standing.advisory_ids);
    const auto repeated = std::ranges::unique(standing.advisory_ids);
    standing.advisory_ids.erase(repeated.begin(), repeated.end());
    return standing;
}

}  // namespace hallmark::verifier
