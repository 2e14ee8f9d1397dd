// SPDX-License-Identifier: Apache-2.0
#include "relying-party/verifier/tdx/pck.hpp"

#include <openssl/asn1.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace hallmark::verifier {
namespace {

// Identifiers below the extension's own.
constexpr const char* kSgxExtensions = "1.2.840.113741.1.13.1";
constexpr const char* kPpid = "1.2.840.113741.1.13.1.1";
constexpr const char* kTcb = "1.2.840.113741.1.13.1.2";
constexpr const char* kPceSvn = "1.2.840.113741.1.13.1.2.17";
constexpr const char* kCpuSvn = "1.2.840.113741.1.13.1.2.18";
constexpr const char* kPceId = "1.2.840.113741.1.13.1.3";
constexpr const char* kFmspc = "1.2.840.113741.1.13.1.4";
constexpr const char* kSgxType = "1.2.840.113741.1.13.1.5";
constexpr const char* kPlatformInstance = "1.2.840.113741.1.13.1.6";
constexpr const char* kConfiguration = "1.2.840.113741.1.13.1.7";
constexpr const char* kDynamicPlatform = "1.2.840.113741.1.13.1.7.1";
constexpr const char* kCachedKeys = "1.2.840.113741.1.13.1.7.2";
constexpr const char* kSmtEnabled = "1.2.840.113741.1.13.1.7.3";

constexpr int kMostMembers = 32;

using Object = openssl::Owned<ASN1_OBJECT, ASN1_OBJECT_free>;
using Sequence = openssl::Owned<ASN1_SEQUENCE_ANY,
                                +[](ASN1_SEQUENCE_ANY* sequence) { sk_ASN1_TYPE_pop_free(sequence, ASN1_TYPE_free); }>;

std::unexpected<Error> wrong(std::string_view member, std::string_view what) {
    return refused("PCK certificate: " + std::string(member) + " " + std::string(what));
}

std::string text_of(const ASN1_OBJECT& identifier) {
    char text[80] = "";
    const int size = OBJ_obj2txt(text, sizeof text, &identifier, /* no_name= */ 1);
    return size > 0 && static_cast<std::size_t>(size) < sizeof text ? text : "?";
}

ByteSpan content_of(const ASN1_STRING& value) {
    return {ASN1_STRING_get0_data(&value), static_cast<std::size_t>(ASN1_STRING_length(&value))};
}

/// One SEQUENCE in DER and nothing behind it.
Result<Sequence> parse_sequence(ByteSpan der, std::string_view member) {
    const unsigned char* cursor = der.data();
    Sequence sequence(d2i_ASN1_SEQUENCE_ANY(nullptr, &cursor, static_cast<long>(der.size())));
    ERR_clear_error();
    if (!sequence || cursor != der.data() + der.size()) return wrong(member, "is not one SEQUENCE");
    return sequence;
}

/// SEQUENCE OF SEQUENCE { identifier, value }, by identifier.
class Members {
public:
    static Result<Members> of(ByteSpan der, std::string_view member) {
        Members members;
        HALLMARK_TRY(const Sequence outer, parse_sequence(der, member));
        const int count = sk_ASN1_TYPE_num(outer.get());
        if (count > kMostMembers) return wrong(member, "has more than 32 members");
        for (int i = 0; i < count; ++i) {
            const ASN1_TYPE* element = sk_ASN1_TYPE_value(outer.get(), i);
            if (element->type != V_ASN1_SEQUENCE) return wrong(member, "has a member that is no SEQUENCE");
            HALLMARK_TRY(Sequence pair, parse_sequence(content_of(*element->value.sequence), member));
            if (sk_ASN1_TYPE_num(pair.get()) != 2 || sk_ASN1_TYPE_value(pair.get(), 0)->type != V_ASN1_OBJECT)
                return wrong(member, "has a member that is not an identifier and a value");
            std::string identifier = text_of(*sk_ASN1_TYPE_value(pair.get(), 0)->value.object);
            if (!members.pairs_.emplace(identifier, std::move(pair)).second) return wrong(identifier, "stands twice");
        }
        return members;
    }

    [[nodiscard]] bool has(const char* identifier) const { return pairs_.contains(identifier); }

    Result<Members> members(const char* identifier) const {
        HALLMARK_TRY(const ASN1_TYPE* value, find(identifier, V_ASN1_SEQUENCE, "a SEQUENCE"));
        return of(content_of(*value->value.sequence), identifier);
    }

    template <std::size_t kSize>
    Result<std::array<std::uint8_t, kSize>> octets(const char* identifier) const {
        HALLMARK_TRY(const ASN1_TYPE* value, find(identifier, V_ASN1_OCTET_STRING, "an OCTET STRING"));
        const ByteSpan content = content_of(*value->value.octet_string);
        if (content.size() != kSize)
            return wrong(identifier,
                         "has " + std::to_string(content.size()) + " bytes, expected " + std::to_string(kSize));
        std::array<std::uint8_t, kSize> bytes{};
        std::ranges::copy(content, bytes.begin());
        return bytes;
    }

    Result<std::uint16_t> number(const std::string& identifier, std::uint16_t most) const {
        HALLMARK_TRY(const ASN1_TYPE* value, find(identifier, V_ASN1_INTEGER, "an INTEGER"));
        std::uint64_t number = 0;
        const bool read = ASN1_INTEGER_get_uint64(&number, value->value.integer) == 1;
        ERR_clear_error();
        if (!read || number > most) return wrong(identifier, "is not from 0 to " + std::to_string(most));
        return static_cast<std::uint16_t>(number);
    }

    Result<std::uint8_t> enumerated(const char* identifier, std::uint8_t most) const {
        HALLMARK_TRY(const ASN1_TYPE* value, find(identifier, V_ASN1_ENUMERATED, "an ENUMERATED"));
        std::int64_t number = -1;
        const bool read = ASN1_ENUMERATED_get_int64(&number, value->value.enumerated) == 1;
        ERR_clear_error();
        if (!read || number < 0 || number > most) return wrong(identifier, "is not from 0 to " + std::to_string(most));
        return static_cast<std::uint8_t>(number);
    }

    Result<bool> boolean(const char* identifier) const {
        HALLMARK_TRY(const ASN1_TYPE* value, find(identifier, V_ASN1_BOOLEAN, "a BOOLEAN"));
        return value->value.boolean != 0;
    }

private:
    Result<const ASN1_TYPE*> find(const std::string& identifier, int type, std::string_view expected) const {
        const auto found = pairs_.find(identifier);
        if (found == pairs_.end()) return wrong(identifier, "is missing");
        const ASN1_TYPE* value = sk_ASN1_TYPE_value(found->second.get(), 1);
        if (value->type != type) return wrong(identifier, "is not " + std::string(expected));
        return value;
    }

    std::map<std::string, Sequence> pairs_;
};

Result<ByteSpan> sgx_extension(const X509& certificate) {
    const Object object(OBJ_txt2obj(kSgxExtensions, 1));
    const int index = object ? X509_get_ext_by_OBJ(&certificate, object.get(), -1) : -1;
    if (index < 0) return wrong(kSgxExtensions, "is missing: it has no extension for SGX");
    if (X509_get_ext_by_OBJ(&certificate, object.get(), index) >= 0) return wrong(kSgxExtensions, "stands twice");
    return content_of(*X509_EXTENSION_get_data(X509_get_ext(&certificate, index)));
}

Status read_tcb(const Members& tcb, PckFacts& facts) {
    for (std::size_t i = 0; i < facts.components.size(); ++i) {
        HALLMARK_TRY(const auto svn, tcb.number(std::string(kTcb) + "." + std::to_string(i + 1), 0xff));
        facts.components.at(i) = static_cast<std::uint8_t>(svn);
    }
    HALLMARK_TRY(facts.pce_svn, tcb.number(kPceSvn, 0xffff));
    HALLMARK_TRY(facts.cpu_svn, tcb.octets<16>(kCpuSvn));
    return {};
}

Status read_configuration(const Members& configuration, PckFacts& facts) {
    HALLMARK_TRY(facts.dynamic_platform, configuration.boolean(kDynamicPlatform));
    HALLMARK_TRY(facts.cached_keys, configuration.boolean(kCachedKeys));
    HALLMARK_TRY(facts.smt_enabled, configuration.boolean(kSmtEnabled));
    return {};
}

}  // namespace

Result<PckFacts> read_pck(const X509& certificate) {
    PckFacts facts;
    HALLMARK_TRY(const ByteSpan extension, sgx_extension(certificate));
    HALLMARK_TRY(const Members members, Members::of(extension, kSgxExtensions));
    HALLMARK_TRY(facts.ppid, members.octets<16>(kPpid));
    HALLMARK_TRY(const Members tcb, members.members(kTcb));
    HALLMARK_CHECK(read_tcb(tcb, facts));
    HALLMARK_TRY(facts.pce_id, members.octets<2>(kPceId));
    HALLMARK_TRY(facts.fmspc, members.octets<6>(kFmspc));
    HALLMARK_TRY(facts.sgx_type, members.enumerated(kSgxType, 2));
    if (members.has(kPlatformInstance)) {
        HALLMARK_TRY(facts.platform_instance, members.octets<16>(kPlatformInstance));
    }
    if (members.has(kConfiguration)) {
        HALLMARK_TRY(const Members configuration, members.members(kConfiguration));
        HALLMARK_CHECK(read_configuration(configuration, facts));
    }
    return facts;
}

}  // namespace hallmark::verifier
