// SPDX-License-Identifier: Apache-2.0
// Attacker: a container of the guest, which may send the REST server any bytes.
// Size cap: 96 KiB; a head of 16 KiB and a body of 64 KiB are taken, more is refused.
#include "agent/rest/request.hpp"

#include <algorithm>
#include <expected>
#include <set>
#include <string>

#include "agent/rest/router.hpp"
#include "tests/fuzz/target.hpp"
#include "tests/support/fake_services.hpp"

namespace hallmark::fuzz {
namespace {

std::vector<Bytes> seeds() {
    return {
        seed("GET /cdh/resource/default/key/one HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        seed("GET /aa/evidence?runtime_data=aGk&encoding=base64 HTTP/1.1\r\nHost: x\r\n\r\n"),
        seed("GET /aa/token?token_type=kbs HTTP/1.0\r\n\r\n"),
        seed("GET /info HTTP/1.1\r\n\r\n"),
        seed("POST /aa/aael HTTP/1.1\r\nContent-Length: "
             "42\r\n\r\n{\"domain\":\"d\",\"operation\":\"o\",\"content\":\"\"}"),
        seed("POST /aa/aael HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"),
    };
}

/// In pieces of one size: nothing is read otherwise because of where the network cut it.
std::expected<rest::Request, int> read(ByteSpan input, std::size_t piece) {
    rest::RequestParser parser;
    while (!input.empty()) {
        const auto part = input.first(std::min(piece, input.size()));
        input = input.subspan(part.size());
        const auto whole = parser.feed(part);
        if (!whole) return std::unexpected(whole.error());
        if (*whole) return parser.take();
    }
    return std::unexpected(0);
}

void attempt(ByteSpan input) {
    const auto request = read(input, 4096);
    if (!request) {
        require(std::set{0, 400, 413, 431}.contains(request.error()), "a refusal has its status");
        return;
    }
    require(request->body.size() <= rest::kLargestBody && request->path.size() <= rest::kLargestHead, "bounds hold");
    const auto other = read(input, 61);
    require(other && other->path == request->path && other->body == request->body &&
                other->parameters == request->parameters,
            "pieces make no difference");
    test::FakeServices services;
    const rest::Router router(services, rest::Features::parse("all").value());
    const auto response = router.answer(*request);
    require(std::set{200, 400, 404, 405}.contains(response.status), "every request has an answer");
    const rest::Router off(services, rest::Features::parse("resource").value());
    if (request->path.starts_with("/aa/")) require(off.answer(*request).status == 404, "what is off stays off");
}

}  // namespace

const Target kTarget{.largest = 96 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
