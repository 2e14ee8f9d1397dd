// SPDX-License-Identifier: Apache-2.0
#include "boot/demo/init_data.hpp"

#include "common/base64.hpp"
#include "common/json.hpp"

namespace hallmark::boot::demo {
namespace {

/// containers-policy.json(5): this repository, signed by this key for this name, and nothing else.
Json image_policy(const Pushed& image) {
    const std::string repository = image.name.substr(0, image.name.rfind(':'));
    const Json signed_by{{"type", "sigstoreSigned"},
                         {"keyData", to_base64(as_bytes(image.public_key))},
                         {"signedIdentity", {{"type", "matchExact"}}}};
    return {{"default", Json::array({Json{{"type", "reject"}}})},
            {"transports", {{"docker", {{repository, Json::array({signed_by})}}}}}};
}

}  // namespace

std::string init_data_document(const Told& told) {
    const std::string certificate = "\"\"\"\n" + told.certificate + "\"\"\"\n";
    return "version = \"0.1.0\"\nalgorithm = \"" + std::string(init_data::name_of(told.algorithm)) +
           "\"\n\n[data]\n"
           "\"aa.toml\" = '''\n[token_configs.kbs]\nurl = \"" +
           told.broker + "\"\ncert = " + certificate +
           "'''\n\n\"cdh.toml\" = '''\nsocket = \"unix:///run/confidential-containers/cdh.sock\"\n\n"
           "[kbc]\nname = \"cc_kbc\"\nurl = \"" +
           told.broker + "\"\nkbs_cert = " + certificate + "\n[image]\nimage_security_policy = '" +
           image_policy(told.image).dump() + "'\nextra_root_certificates = [" +
           certificate.substr(0, certificate.size() - 1) +
           "]\n'''\n\n\"hallmark.toml\" = '''\nversion = 1\n\n[network]\ndhcp = true\n\n"
           "[pod]\noutput = true\nsteps = true\n\n[[pod.container]]\nname = \"demo\"\nimage = \"" +
           told.image.name + "\"\ndigest = \"" + told.image.digest + "\"\n'''\n";
}

}  // namespace hallmark::boot::demo
