// SPDX-License-Identifier: Apache-2.0
// hallmark-kbs reference-values: the values of a running key broker.
// Source: confidential-containers/trustee v0.21.0, rvps/src/extractors/sample (the message).
#include <algorithm>
#include <cstdint>
#include <ctime>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base64.hpp"
#include "common/bytes.hpp"
#include "common/file.hpp"
#include "common/hex.hpp"
#include "common/json.hpp"
#include "common/kbs/admin_client.hpp"
#include "common/text.hpp"
#include "relying-party/cli.hpp"
#include "relying-party/cli_admin.hpp"
#include "relying-party/reference-values/document.hpp"
#include "relying-party/verifier/tdx/utc_time.hpp"

namespace hallmark::cli {
namespace {

constexpr const char* kEndpoint = "reference-value";
constexpr const char* kSetEndpoint = "reference-value-set";
constexpr const char* kJson = "application/json";

struct Options {
    std::vector<std::string> files;
    std::string name;
    std::string set;
    std::vector<std::string> values;
    bool text = false;
    kbs::AdminAccess access;
};

/// A name as a part of a path: RFC 3986, section 2.
std::string percent_encoded(std::string_view name) {
    std::string encoded;
    for (const char c : name) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           std::string_view("-._~").contains(c);
        if (plain)
            encoded += c;
        else
            encoded += '%' + to_hex(as_bytes(std::string_view(&c, 1)));
    }
    return encoded;
}

/// A number as TCBs have it is one; a text of more digits may well be a digest.
Json typed(const std::string& text) {
    constexpr std::size_t kMostDigits = 10;
    if (text == "true" || text == "false") return text == "true";
    const bool digits = !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
    if (!digits || text.size() > kMostDigits || (text.size() > 1 && text.front() == '0')) return text;
    const auto number = parse_number(text);
    return number ? Json(*number) : Json(text);
}

Result<Answer> add(const Options& options) {
    HALLMARK_TRY(const auto client, kbs::AdminClient::open(options.access));
    std::vector<Bytes> documents;
    for (const auto& name : options.files) {
        HALLMARK_TRY(Bytes document, read_file(name, reference::kLargestDocument));
        HALLMARK_CHECK(reference::read_document(text_of(document), name));
        documents.push_back(std::move(document));
    }
    std::string text;
    for (std::size_t i = 0; i < documents.size(); ++i) {
        HALLMARK_CHECK(client.post(kEndpoint, documents[i], kJson));
        text += options.files[i] + ": " + std::to_string(documents[i].size()) + " bytes registered at " +
                options.access.url + "\n";
    }
    return text;
}

Result<Answer> set(const Options& options) {
    Json values = Json::array();
    for (const auto& text : options.values) {
        values.push_back(options.text ? Json(text) : typed(text));
        HALLMARK_CHECK(reference::check_value(options.name, values.back(), options.name));
    }
    const Json payload = {{options.name, values}};
    const std::string encoded = to_base64(as_bytes(payload.dump()));
    const Json message = {{"version", "0.1.0"}, {"type", "sample"}, {"payload", encoded}};
    HALLMARK_TRY(const auto client, kbs::AdminClient::open(options.access));
    HALLMARK_CHECK(client.post(kEndpoint, as_bytes(message.dump()), kJson));
    return options.name + ": set to " + values.dump() + " at " + options.access.url + "\n";
}

/// What a broker says goes to a terminal, and is not ours.
std::string printable(std::string text) {
    for (char& c : text)
        if (c < ' ' || c > '~') c = ' ';
    return text;
}

/// One set on a line: what came with one document.
Result<std::string> line_of(const Json& set, const std::string& where) {
    HALLMARK_TRY(const auto object, JsonObject::of(set, where));
    HALLMARK_TRY(const std::string source, object.string("source"));
    HALLMARK_TRY(const std::string name, object.string("set"));
    HALLMARK_TRY(const auto values, object.number("values"));
    HALLMARK_TRY(const auto registered, object.number("registered"));
    HALLMARK_TRY(const auto expires, object.number("expires"));
    const auto day = [](std::uint64_t time) { return verifier::utc_text(static_cast<std::time_t>(time)); };
    return printable(source + ", " + name) + ": " + std::to_string(values) + " values, registered " + day(registered) +
           ", until " + day(expires) + "\n";
}

Result<Answer> list(const Options& options) {
    HALLMARK_TRY(const auto client, kbs::AdminClient::open(options.access));
    HALLMARK_TRY(const Bytes answer, client.get(kEndpoint));
    const std::string& url = options.access.url;
    HALLMARK_TRY(const Json sets, parse_json(text_of(answer), url));
    if (!sets.is_array()) return bad_input(url + ": found " + sets.type_name() + ", expected a list of sets");
    std::string text;
    for (const auto& set : sets) {
        HALLMARK_TRY(const std::string line, line_of(set, url));
        text += line;
    }
    return text;
}

/// One value on a line, as JSON in ASCII.
Result<Answer> show(const Options& options) {
    HALLMARK_TRY(const auto client, kbs::AdminClient::open(options.access));
    HALLMARK_TRY(const Bytes answer, client.get(std::string(kEndpoint) + "/" + percent_encoded(options.name)));
    HALLMARK_TRY(const Json values, parse_json(text_of(answer), options.access.url));
    if (values.is_null() || values.empty()) return refused(options.name + ": no value at " + options.access.url);
    const Json list = values.is_array() ? values : Json::array({values});
    std::string text;
    for (const auto& value : list) text += value.dump(-1, ' ', true) + "\n";
    return text;
}

Result<Answer> remove(const Options& options) {
    if (options.name.empty() == options.set.empty())
        return bad_input("delete: expected the NAME of values, or --set with a set that list prints");
    const bool by_set = options.name.empty();
    const std::string& what = by_set ? options.set : options.name;
    HALLMARK_TRY(const auto client, kbs::AdminClient::open(options.access));
    HALLMARK_CHECK(client.remove(std::string(by_set ? kSetEndpoint : kEndpoint) + "/" + percent_encoded(what)));
    return what + ": deleted at " + options.access.url + "\n";
}

using Do = Result<Answer> (*)(const Options&);

/// What stands behind the positional arguments of every one of them.
void finish(CLI::App& app, Run& run, const std::shared_ptr<Options>& options, Do what) {
    add_admin_options(app, options->access);
    app.callback([options, what, &run] { run = [options, what] { return what(*options); }; });
}

CLI::Option* add_name(CLI::App& app, Options& options) {
    return app.add_option("NAME", options.name, "What policies call the values: snp_host_data")->type_name("");
}

}  // namespace

void add_reference_values_options(CLI::App& app, Run& run) {
    app.require_subcommand(1);
    const auto options = std::make_shared<Options>();
    auto* adding = app.add_subcommand("add", "Register what hallmark-measure wrote, or messages of a provider service");
    adding->add_option("FILE", options->files, "reference-values.json, or a message")->type_name("…")->required();
    finish(*adding, run, options, add);
    auto* setting = app.add_subcommand("set", "Allow these values, in place of those that messages gave this name");
    add_name(*setting, *options)->required();
    setting->add_option("VALUE", options->values, "true, false, a number of at most 10 digits; anything else is a text")
        ->type_name("…")
        ->required();
    setting->add_flag("--text", options->text, "All are texts");
    finish(*setting, run, options, set);
    finish(*app.add_subcommand("list", "Print what was registered, document by document"), run, options, list);
    auto* showing = app.add_subcommand("show", "Print the values of a name that have not expired");
    add_name(*showing, *options)->required();
    finish(*showing, run, options, show);
    auto* deleting = app.add_subcommand("delete", "Delete all values of a name, or of a set: of one build");
    add_name(*deleting, *options);
    deleting->add_option("--set", options->set, "'manifest DIGEST' or 'message DIGEST', as list prints them")
        ->type_name("SET");
    finish(*deleting, run, options, remove);
}

}  // namespace hallmark::cli
