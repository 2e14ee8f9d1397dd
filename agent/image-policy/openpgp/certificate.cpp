// SPDX-License-Identifier: Apache-2.0
#include "agent/image-policy/openpgp/certificate.hpp"

#include <array>
#include <cstdint>
#include <utility>

#include "agent/image-policy/openpgp/packet.hpp"
#include "common/hex.hpp"

namespace hallmark::image_policy::openpgp {
namespace {

/// By the type alone, which versions from 4 on have in their second byte, and version 3 in its third.
bool is_revocation(ByteSpan body) {
    const std::size_t at = !body.empty() && body[0] <= 3 ? 2 : 1;
    if (body.size() <= at) return true;  // whatever it was
    const auto type = static_cast<SignatureType>(body[at]);
    return type == SignatureType::kKeyRevocation || type == SignatureType::kSubkeyRevocation ||
           type == SignatureType::kCertificationRevocation;
}

class Builder {
public:
    explicit Builder(std::string what) : what_(std::move(what)) {}

    Status add(const Packet& packet) {
        switch (packet.tag) {
            case Tag::kPublicKey:
                return add_key(packet);
            case Tag::kSecretKey:
            case Tag::kSecretSubkey:
                return bad_input(what_ + ": a private key; `gpg --export` writes the public one");
            case Tag::kUserId:
                return add_user_id(packet, 0xb4);
            case Tag::kUserAttribute:
                return add_user_id(packet, 0xd1);
            case Tag::kPublicSubkey:
                return add_subkey(packet);
            case Tag::kSignature:
                return add_signature(packet);
            case Tag::kTrust:
            case Tag::kMarker:
            case Tag::kPadding:
                return {};
            default:
                break;
        }
        return bad_input(what_ + ": a " + name_of(packet.tag) + " at " + hex_number(packet.offset) +
                         ", which no keyring has");
    }
    std::vector<Certificate> take() { return std::move(certificates_); }

private:
    Status add_key(const Packet& packet) {
        HALLMARK_TRY(PublicKey key, PublicKey::parse(packet, what_));
        certificates_.push_back({std::move(key), {}, {}, {}});
        current_ = &certificates_.back().claims;
        return {};
    }
    Status expect_key(const Packet& packet) const {
        if (!certificates_.empty()) return {};
        return bad_input(what_ + ": a " + name_of(packet.tag) + " before any key");
    }
    Status add_user_id(const Packet& packet, std::uint8_t prefix) {
        HALLMARK_CHECK(expect_key(packet));
        const auto size = packet.body.size();  // of a packet: below 2³²
        UserId id;
        const std::array<std::uint8_t, 5> head = {
            prefix, static_cast<std::uint8_t>(size >> 24), static_cast<std::uint8_t>(size >> 16),
            static_cast<std::uint8_t>(size >> 8), static_cast<std::uint8_t>(size)};
        id.hashed.reserve(head.size() + size);
        append(id.hashed, head);
        append(id.hashed, packet.body);
        certificates_.back().user_ids.push_back(std::move(id));
        current_ = &certificates_.back().user_ids.back().claims;
        return {};
    }
    Status add_subkey(const Packet& packet) {
        HALLMARK_CHECK(expect_key(packet));
        HALLMARK_TRY(PublicKey key, PublicKey::parse(packet, what_));
        certificates_.back().subkeys.push_back({std::move(key), {}});
        current_ = &certificates_.back().subkeys.back().claims;
        return {};
    }
    Status add_signature(const Packet& packet) {
        HALLMARK_CHECK(expect_key(packet));
        auto signature = Signature::parse(packet.body, "signature at " + hex_number(packet.offset));
        if (signature) {
            current_->signatures.push_back(std::move(*signature));
            return {};
        }
        current_->unreadable = signature.error().message;
        current_->unreadable_revocation = current_->unreadable_revocation || is_revocation(packet.body);
        return {};
    }

    std::string what_;
    std::vector<Certificate> certificates_;
    Claims* current_ = nullptr;  // of the last thing that signatures may follow
};

}  // namespace

Result<std::vector<Certificate>> parse_certificates(ByteSpan packets, const std::string& what) {
    PacketReader reader(packets, what);
    Builder builder(what);
    for (std::size_t count = 0; !reader.at_end(); ++count) {
        if (count == kMostKeyringPackets)
            return bad_input(what + ": more than " + std::to_string(kMostKeyringPackets) + " packets in a keyring");
        HALLMARK_TRY(const Packet packet, reader.next());
        HALLMARK_CHECK(builder.add(packet));
    }
    auto certificates = builder.take();
    if (certificates.empty()) return bad_input(what + ": no key in this keyring");
    return certificates;
}

}  // namespace hallmark::image_policy::openpgp
