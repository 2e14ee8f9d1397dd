// SPDX-License-Identifier: Apache-2.0
#include "relying-party/verifier/tdx/tcb_info.hpp"

#include <cstddef>
#include <string_view>
#include <utility>

#include "relying-party/verifier/tdx/members.hpp"

namespace hallmark::verifier {
namespace {

constexpr std::uint64_t kVersion = 3;
constexpr std::size_t kMostLevels = 256;  // of a list; the longest seen has 20
constexpr std::size_t kMostAdvisories = 256;
constexpr std::size_t kLongestAdvisory = 64;

/// The elements of a list, each with its path.
Result<std::vector<JsonObject>> objects_of(const JsonObject& owner, std::string_view key) {
    HALLMARK_TRY(const Json* list, owner.array(key));
    if (list->size() > kMostLevels)
        return bad_input(owner.path_of(key) + ": " + std::to_string(list->size()) + " elements, expected at most " +
                         std::to_string(kMostLevels));
    std::vector<JsonObject> objects;
    for (const auto& element : *list) {
        const std::string path = owner.path_of(key) + "[" + std::to_string(objects.size()) + "]";
        HALLMARK_TRY(auto object, JsonObject::of(element, path));
        objects.push_back(std::move(object));
    }
    return objects;
}

Result<std::vector<std::string>> advisories_of(const JsonObject& level) {
    std::vector<std::string> ids;
    if (!level.has("advisoryIDs")) return ids;
    HALLMARK_TRY(const Json* list, level.array("advisoryIDs"));
    for (const auto& id : *list) {
        if (!id.is_string() || id.get_ref<const std::string&>().size() > kLongestAdvisory ||
            ids.size() == kMostAdvisories)
            return bad_input(level.path_of("advisoryIDs") + ": expected at most 256 short texts");
        ids.push_back(id.get<std::string>());
    }
    return ids;
}

Result<TcbLevel> level_of(const JsonObject& object) {
    TcbLevel level;
    HALLMARK_TRY(level.date, time_member(object, "tcbDate"));
    HALLMARK_TRY(const std::string status, object.string("tcbStatus"));
    HALLMARK_TRY(level.status, parse_tcb_status(status, object.path_of("tcbStatus")));
    HALLMARK_TRY(level.advisory_ids, advisories_of(object));
    return level;
}

Result<Svns> svns_of(const JsonObject& tcb, std::string_view key) {
    HALLMARK_TRY(const auto components, objects_of(tcb, key));
    Svns svns{};
    if (components.size() != svns.size())
        return bad_input(tcb.path_of(key) + ": " + std::to_string(components.size()) + " components, expected 16");
    for (std::size_t i = 0; i < svns.size(); ++i) {
        HALLMARK_TRY(const auto svn, number_member(components[i], "svn", 0xff));
        svns.at(i) = static_cast<std::uint8_t>(svn);
    }
    return svns;
}

Result<PlatformTcbLevel> platform_level_of(const JsonObject& object) {
    PlatformTcbLevel level;
    HALLMARK_TRY(level.level, level_of(object));
    HALLMARK_TRY(const auto tcb, object.object("tcb"));
    HALLMARK_TRY(level.sgx, svns_of(tcb, "sgxtcbcomponents"));
    HALLMARK_TRY(level.tdx, svns_of(tcb, "tdxtcbcomponents"));
    HALLMARK_TRY(const auto pce_svn, number_member(tcb, "pcesvn", 0xffff));
    level.pce_svn = static_cast<std::uint16_t>(pce_svn);
    return level;
}

Result<TdxModuleIdentity> module_of(const JsonObject& object) {
    TdxModuleIdentity module;
    HALLMARK_TRY(module.mr_signer, hex_member<48>(object, "mrsigner"));
    HALLMARK_TRY(module.attributes, hex_member<8>(object, "attributes"));
    HALLMARK_TRY(module.attributes_mask, hex_member<8>(object, "attributesMask"));
    return module;
}

Status expect_kind(const JsonObject& object) {
    HALLMARK_TRY(const std::string id, object.string("id"));
    if (id != "TDX") return bad_input(object.path_of("id") + ": found '" + id.substr(0, 16) + "', expected TDX");
    HALLMARK_TRY(const auto version, object.number("version"));
    if (version != kVersion)
        return bad_input(object.path_of("version") + ": found " + std::to_string(version) + ", expected 3");
    HALLMARK_TRY(const auto type, object.number("tcbType"));
    if (type != 0) return bad_input(object.path_of("tcbType") + ": found " + std::to_string(type) + ", expected 0");
    return {};
}

Status read_modules(const JsonObject& object, TcbInfo& info) {
    HALLMARK_TRY(const auto module, object.object("tdxModule"));
    HALLMARK_TRY(info.module, module_of(module));
    if (!object.has("tdxModuleIdentities")) return {};
    HALLMARK_TRY(const auto identities, objects_of(object, "tdxModuleIdentities"));
    for (const auto& element : identities) {
        HALLMARK_TRY(auto identity, module_of(element));
        HALLMARK_TRY(identity.id, element.string("id"));
        HALLMARK_TRY(identity.levels, parse_svn_levels(element));
        info.module_identities.push_back(std::move(identity));
    }
    return {};
}

}  // namespace

Result<std::vector<SvnTcbLevel>> parse_svn_levels(const JsonObject& owner) {
    HALLMARK_TRY(const auto objects, objects_of(owner, "tcbLevels"));
    std::vector<SvnTcbLevel> levels;
    for (const auto& object : objects) {
        SvnTcbLevel level;
        HALLMARK_TRY(level.level, level_of(object));
        HALLMARK_TRY(const auto tcb, object.object("tcb"));
        HALLMARK_TRY(const auto svn, number_member(tcb, "isvsvn", 0xffff));
        level.isv_svn = static_cast<std::uint16_t>(svn);
        levels.push_back(std::move(level));
    }
    return levels;
}

Result<TcbInfo> parse_tcb_info(const Json& json, const std::string& where) {
    HALLMARK_TRY(const auto object, JsonObject::of(json, where));
    HALLMARK_CHECK(expect_kind(object));
    TcbInfo info;
    HALLMARK_TRY(info.issue_date, time_member(object, "issueDate"));
    HALLMARK_TRY(info.next_update, time_member(object, "nextUpdate"));
    HALLMARK_TRY(info.fmspc, hex_member<6>(object, "fmspc"));
    HALLMARK_TRY(info.pce_id, hex_member<2>(object, "pceId"));
    HALLMARK_TRY(info.tcb_evaluation_data_number, object.number("tcbEvaluationDataNumber"));
    HALLMARK_CHECK(read_modules(object, info));
    HALLMARK_TRY(const auto levels, objects_of(object, "tcbLevels"));
    for (const auto& element : levels) {
        HALLMARK_TRY(auto level, platform_level_of(element));
        info.levels.push_back(std::move(level));
    }
    return info;
}

}  // namespace hallmark::verifier
