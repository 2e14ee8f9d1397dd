// SPDX-License-Identifier: Apache-2.0
// A key store from the command line, for tests that look at it from outside, kill it in the middle, or fill its disk.
//
//   key-store-driver STORE KEY init              makes the master key and the store
//   key-store-driver STORE KEY read PATH         writes the secret to standard output
//   key-store-driver STORE KEY write PATH        takes the secret from standard input
//   key-store-driver STORE KEY remove PATH
//   key-store-driver STORE KEY dump              PATH, size and SHA-256 of each secret
//   key-store-driver STORE KEY rewrap KEY        goes over to another master key, which is there
//   key-store-driver STORE KEY churn FIRST       writes for ever; "begin N" and "end N" on standard output around each
//   key-store-driver STORE KEY hold MILLISECONDS keeps the store locked, says "held"
//
// KEY is a file, "credential:NAME", or a PKCS#11 URI; then HALLMARK_MODULE and HALLMARK_PIN name the module and the
// PIN's file.
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "common/descriptor.hpp"
#include "common/digest.hpp"
#include "common/hex.hpp"
#include "relying-party/keys/file_master_key.hpp"
#include "relying-party/keys/pkcs11_master_key.hpp"
#include "relying-party/keys/private_file.hpp"
#include "relying-party/keys/sqlite_key_store.hpp"
#include "relying-party/sqlite/database.hpp"

namespace hallmark::keys {
namespace {

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

Result<std::shared_ptr<MasterKey>> master_key(const std::string& text, bool create) {
    if (text.starts_with("pkcs11:")) {
        HALLMARK_TRY(Secret bytes, read_private(variable("HALLMARK_PIN"), kLargestPin));
        HALLMARK_TRY(Secret pin, pin_of(std::move(bytes)));
        Pkcs11Options options{.module = variable("HALLMARK_MODULE"), .uri = text, .pin = std::move(pin)};
        return create ? create_pkcs11_key(std::move(options)) : open_pkcs11_key(std::move(options));
    }
    if (text.starts_with("credential:")) return credential_master_key(text.substr(text.find(':') + 1));
    return create ? create_master_key(text) : read_master_key(text);
}

Result<Bytes> input() {
    Bytes bytes;
    std::array<std::uint8_t, 4096> block{};
    for (;;) {
        const auto count = ::read(STDIN_FILENO, block.data(), block.size());
        if (count < 0) return std::unexpected(system_error("standard input"));
        if (count == 0) return bytes;
        append(bytes, std::span(block).first(static_cast<std::size_t>(count)));
    }
}

/// The value that step N writes; the test that reads it knows the same rule.
Bytes value_of(std::uint64_t step) {
    const std::string part = std::to_string(step) + ":";
    Bytes bytes((step * 7919) % 60'000);
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(part[i % part.size()]);
    return bytes;
}

void say(const std::string& line) {
    std::puts(line.c_str());
    std::fflush(stdout);
}

Status churn(SqliteKeyStore& store, std::uint64_t step) {
    for (;; ++step) {
        const ResourcePath path{"default", "key", "k" + std::to_string(step % 5)};
        say("begin " + std::to_string(step));
        if (step % 11 == 10) {
            if (const auto removed = store.remove(path); !removed && removed.error().fault != Fault::kNo)
                return std::unexpected(removed.error());
        } else {
            HALLMARK_CHECK(store.write(path, value_of(step)));
        }
        say("end " + std::to_string(step));
    }
}

Status dump(SqliteKeyStore& store) {
    HALLMARK_TRY(const auto paths, store.list());
    for (const auto& path : paths) {
        HALLMARK_TRY(const Secret secret, store.read(path));
        say(path.text() + " " + std::to_string(secret.bytes().size()) + " " + to_hex(sha256(secret.bytes())));
    }
    return {};
}

Status hold(const std::string& file, const std::string& milliseconds) {
    HALLMARK_TRY(const auto time, parse_number(milliseconds));
    HALLMARK_TRY(const auto database, sqlite::Database::open(file));
    HALLMARK_TRY(const auto transaction, sqlite::Transaction::begin(*database));
    say("held");
    std::this_thread::sleep_for(std::chrono::milliseconds(time));
    return {};
}

Status run(std::span<const std::string> arguments) {
    const std::string& command = arguments[2];
    const std::string argument = arguments.size() > 3 ? arguments[3] : "";
    if (command == "hold") return hold(arguments[0], argument);
    HALLMARK_TRY(auto key, master_key(arguments[1], command == "init"));
    HALLMARK_TRY(const auto store, SqliteKeyStore::open(arguments[0], std::move(key),
                                                        command == "init" ? IfMissing::kCreate : IfMissing::kRefuse));
    if (command == "init") return {};
    if (command == "dump") return dump(*store);
    if (command == "rewrap") {
        HALLMARK_TRY(auto to, master_key(argument, false));
        return store->rewrap(std::move(to));
    }
    if (command == "churn") {
        HALLMARK_TRY(const auto first, parse_number(argument));
        return churn(*store, first);
    }
    HALLMARK_TRY(const auto path, ResourcePath::parse(argument));
    if (command == "remove") return store->remove(path);
    if (command == "write") {
        HALLMARK_TRY(const Bytes value, input());
        return store->write(path, value);
    }
    HALLMARK_TRY(const Secret secret, store->read(path));
    std::fwrite(secret.bytes().data(), 1, secret.bytes().size(), stdout);
    return {};
}

}  // namespace
}  // namespace hallmark::keys

int main(int count, char** values) {
    const std::vector<std::string> arguments(values + 1, values + count);
    if (arguments.size() < 3) {
        std::fputs("key-store-driver: expected STORE KEY COMMAND\n", stderr);
        return 2;
    }
    const auto status = hallmark::keys::run(arguments);
    if (status) return 0;
    std::fprintf(stderr, "key-store-driver: %s\n", status.error().message.c_str());
    return status.error().exit_status();
}
