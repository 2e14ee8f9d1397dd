// SPDX-License-Identifier: Apache-2.0
#include "relying-party/verifier/snp/kds.hpp"

#include <system_error>
#include <utility>

#include "common/file.hpp"
#include "common/hex.hpp"
#include "relying-party/verifier/age.hpp"
#include "relying-party/verifier/snp/report.hpp"
#include "relying-party/verifier/x509/certificates.hpp"
#include "relying-party/verifier/x509/crl.hpp"

namespace hallmark::verifier {
namespace {

namespace fs = std::filesystem;

/// Guests choose what is asked for: what is kept in memory is forgotten beyond so many.
constexpr std::size_t kMostKept = 512;
constexpr int kAttemptsInLife = 24;  // to get a new list while there is no answer
constexpr std::size_t kTurinChipIdSize = 8;

std::string lower(KeyKind kind) { return kind == KeyKind::kVcek ? "vcek" : "vlek"; }

std::string path_of(snp::ProductLine line, KeyKind kind) {
    return "/" + lower(kind) + "/v1/" + std::string(snp::name_of(line));
}

ByteSpan chip_of(snp::ProductLine line, const snp::AttestationReport& report) {
    const ByteSpan id = report.chip_id;
    return line == snp::ProductLine::kTurin ? id.first(kTurinChipIdSize) : id;
}

/// As AMD's examples have it: two digits at least.
std::string parameter(std::string_view name, std::uint8_t value) {
    return std::string(name) + "SPL=" + (value < 10 ? "0" : "") + std::to_string(value);
}

std::string without_slash(std::string base) {
    while (base.ends_with('/')) base.pop_back();
    return base;
}

Status good_certificates(ByteSpan bytes, std::size_t most) {
    if (const auto read = read_certificates(bytes, most); !read) return std::unexpected(read.error());
    return {};
}

}  // namespace

Result<std::string> vcek_url(const std::string& base, snp::ProductLine line, const snp::AttestationReport& report) {
    if (is_chip_id_masked(report))
        return refused("report: it hides its chip, so that the VCEK can't be fetched; give the certificate");
    const auto tcb = snp::decode_tcb(report.reported_tcb, snp::tcb_layout(line));
    std::string url = without_slash(base) + path_of(line, KeyKind::kVcek) + "/" + to_hex(chip_of(line, report)) + "?" +
                      parameter("bl", tcb.boot_loader) + "&" + parameter("tee", tcb.tee) + "&" +
                      parameter("snp", tcb.snp) + "&" + parameter("ucode", tcb.microcode);
    if (line == snp::ProductLine::kTurin) url += "&" + parameter("fmc", tcb.fmc);
    return url;
}

std::string authorities_url(const std::string& base, snp::ProductLine line, KeyKind kind) {
    return without_slash(base) + path_of(line, kind) + "/cert_chain";
}

std::string revocation_list_url(const std::string& base, snp::ProductLine line, KeyKind kind) {
    return without_slash(base) + path_of(line, kind) + "/crl";
}

Result<Bytes> Kds::kept(const std::string& name) {
    {
        const std::lock_guard lock(mutex_);
        if (const auto found = memory_.find(name); found != memory_.end()) return found->second;
    }
    if (options_.cache.empty()) return bad_input(name + ": not kept");
    return read_file(options_.cache / name, options_.limits.largest_body);
}

Status Kds::keep(const std::string& name, const Bytes& bytes) {
    {
        const std::lock_guard lock(mutex_);
        if (memory_.size() >= kMostKept) memory_.clear();
        memory_[name] = bytes;
        failures_.erase(name);
    }
    if (options_.cache.empty()) return {};
    std::error_code error;
    fs::create_directories(options_.cache, error);
    if (error) return bad_input(options_.cache.string() + ": " + error.message());
    return write_file(options_.cache / name, bytes);
}

Result<Bytes> Kds::ask(const std::string& name, const std::string& url) {
    const auto now = std::chrono::steady_clock::now();
    {
        const std::lock_guard lock(mutex_);
        const auto found = failures_.find(name);
        if (found != failures_.end() && now < found->second.until) return std::unexpected(found->second.error);
        if (questions_ >= options_.most_questions)
            return bad_input(url + ": not asked for: " + std::to_string(questions_) +
                             " other questions wait for an answer; try again");
        ++questions_;
    }
    auto answer = ask_service(url);
    const std::lock_guard lock(mutex_);
    --questions_;
    if (answer) return answer;
    if (failures_.size() >= kMostKept) failures_.clear();
    failures_.insert_or_assign(name, Failure{answer.error(), std::chrono::steady_clock::now() + options_.pause});
    return answer;
}

bool Kds::is_crowded() {
    const std::lock_guard lock(mutex_);
    return questions_ >= options_.most_questions;
}

Result<Bytes> Kds::ask_service(const std::string& url) {
    http::Request request;
    request.url = url;
    request.authorities = options_.authorities;
    request.limits = options_.limits;
    return http::fetch(request, options_.patience);
}

template <class Good>
Result<Bytes> Kds::fetch(const std::string& name, const std::string& url, const Good& good) {
    HALLMARK_TRY(Bytes answer, ask(name, url));
    if (const Status status = good(answer); !status) return std::unexpected(status.error().at(url));
    HALLMARK_CHECK(keep(name, answer));
    return answer;
}

template <class Good>
Result<Bytes> Kds::get(const std::string& name, const std::string& url, const Good& good) {
    if (auto found = kept(name); found && good(*found)) return found;
    return fetch(name, url, good);
}

Result<Bytes> Kds::vcek(snp::ProductLine line, const snp::AttestationReport& report) {
    HALLMARK_TRY(const std::string url, vcek_url(options_.base, line, report));
    const std::string name = "vcek-" + std::string(snp::name_of(line)) + "-" + to_hex(chip_of(line, report)) + "-" +
                             to_hex(report.reported_tcb) + ".der";
    return get(name, url, [](ByteSpan bytes) { return good_certificates(bytes, 1); });
}

Result<Bytes> Kds::authorities(snp::ProductLine line, KeyKind kind) {
    const std::string name = lower(kind) + "-" + std::string(snp::name_of(line)) + "-cert_chain.pem";
    return get(name, authorities_url(options_.base, line, kind),
               [](ByteSpan bytes) { return good_certificates(bytes, 4); });
}

Result<Bytes> Kds::revocation_list(snp::ProductLine line, KeyKind kind, std::time_t at) {
    const std::string name = lower(kind) + "-" + std::string(snp::name_of(line)) + ".crl";
    const std::string url = revocation_list_url(options_.base, line, kind);
    const auto good = [at](ByteSpan bytes) -> Status {
        HALLMARK_TRY(const std::time_t due, next_update(bytes));
        if (due > at) return {};
        return bad_input("a revocation list that is out of date");
    };
    const auto now = std::chrono::steady_clock::now();
    bool is_fresh = false;
    {
        const std::lock_guard lock(mutex_);
        auto found = fresh_until_.find(name);
        if (found == fresh_until_.end()) {
            const auto age = options_.cache.empty() ? std::nullopt : age_of(options_.cache / name);
            found = fresh_until_.emplace(name, age ? now + options_.list_life - *age : now).first;
        }
        is_fresh = now < found->second;
    }
    if (is_fresh) return get(name, url, good);
    auto list = fetch(name, url, good);
    {
        const std::lock_guard lock(mutex_);
        fresh_until_[name] = now + (list ? options_.list_life : options_.list_life / kAttemptsInLife);
    }
    if (list) return list;
    if (auto found = kept(name); found && good(*found)) return found;
    return list;
}

}  // namespace hallmark::verifier
