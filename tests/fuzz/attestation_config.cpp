// SPDX-License-Identifier: Apache-2.0
// Attacker: whoever writes init-data for a guest that is not theirs, and the host that hands it over.
// Size cap: 64 KiB; a configuration has a certificate and few lines besides.
#include "agent/attestation/config.hpp"

#include <ctime>

#include "agent/attestation/token_life.hpp"
#include "tests/fuzz/target.hpp"

namespace hallmark::fuzz {
namespace {

std::vector<Bytes> seeds() {
    return {
        seed("[token_configs.kbs]\nurl = \"https://kbs\"\ncert = '''-----BEGIN CERTIFICATE-----\nAA=='''\n"
             "tee_key_algorithm = \"ECDH-ES+A256KW-P521\"\n[token_configs.coco_as]\nurl = \"http://as\"\n"
             "[eventlog_config]\ninit_pcr = 17\nenable_eventlog = false\n[log]\nlevel = \"info\"\n"
             "[hallmark]\nevidence = \"sample\"\nkbs_protocol = \"0.3.0\"\n"),
        seed(R"({"token_configs":{"kbs":{"url":"https://kbs"}},"eventlog_config":{"init_pcr":17},"more":[null,1.5]})"),
        seed("quiet agent.aa_kbc_params=cc_kbc::https://kbs:8080 ro"),
        seed("cc_kbc::http://127.0.0.1"),
        seed("eyJhbGciOiJFUzI1NiJ9.eyJpYXQiOjEsImV4cCI6MzAxfQ.c2lnbmF0dXJl"),
    };
}

void attempt(ByteSpan input) {
    const auto text = text_of(input);
    if (const auto config = attestation::parse_config(text, "input")) {
        require(config->init_pcr < 24 && config->kbs_protocol != nullptr, "what is taken is in its range");
        for (const auto& url : {config->kbs_url, config->coco_as_url})
            require(url.empty() || url.starts_with("http"), "an address is one of HTTP");
    }
    for (const bool kernel : {false, true}) {
        const auto url = attestation::kbs_url_of(kernel ? "" : text, kernel ? text : "");
        require(!url || !*url || (*url)->find_first_of(" \r\n") == std::string::npos, "an address is one word");
    }
    const auto life = attestation::token_life(text, 0);
    require(life.count() >= 0 && life.count() <= 86400, "no token is kept for longer than a day");
}

}  // namespace

const Target kTarget{.largest = 64 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
