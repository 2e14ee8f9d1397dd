// SPDX-License-Identifier: Apache-2.0
#include "common/http/client.hpp"

#include <curl/curl.h>
#include <openssl/crypto.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <memory>
#include <string_view>
#include <thread>

#include "common/http/transfer.hpp"

namespace hallmark::http {
namespace {

constexpr int kOk = 200;
constexpr std::chrono::seconds kLongestRetryAfter{24 * 3600};
constexpr long kUploadBuffer = 16 * 1024;  // one record of TLS, and what libcurl takes at least

/// Headers hold tokens and passwords: wiped.
struct FreeList {
    void operator()(curl_slist* list) const {
        for (const auto* item = list; item != nullptr; item = item->next)
            OPENSSL_cleanse(item->data, std::string_view(item->data).size());
        curl_slist_free_all(list);
    }
};
using List = std::unique_ptr<curl_slist, FreeList>;

/// A handle's options point to what lives as long as one request: they are unset behind it. Its connection stays.
class Used {
public:
    explicit Used(CURL* handle) : handle_(handle) {}
    Used(const Used&) = delete;
    Used& operator=(const Used&) = delete;
    ~Used() { curl_easy_reset(handle_); }

private:
    CURL* handle_;
};

void set_bounds(Options& options, const Request& request) {
    const Limits& limits = request.limits;
    options.set(CURLOPT_NOSIGNAL, 1L);
    options.set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(limits.connect.count()));
    options.set(CURLOPT_TIMEOUT_MS, static_cast<long>(limits.whole.count()));
    if (!request.sink) options.set(CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(limits.largest_body));
    options.set(CURLOPT_FOLLOWLOCATION, 0L);
}

/// Gives a connection the certificates that were read already.
CURLcode trust(CURL*, void* context, void* store) {
    SSL_CTX_set1_cert_store(static_cast<SSL_CTX*>(context), static_cast<X509_STORE*>(store));
    return CURLE_OK;
}

void set_peer(Options& options, const Request& request, const std::string& authorities, X509_STORE* trusted) {
    options.set(CURLOPT_SSL_VERIFYPEER, request.any_certificate ? 0L : 1L);
    options.set(CURLOPT_SSL_VERIFYHOST, request.any_certificate ? 0L : 2L);
    if (!authorities.empty()) options.set(CURLOPT_CAINFO, authorities.c_str());
    // Debian's libcurl would trust the system's folder besides.
    if (!authorities.empty() || trusted != nullptr) options.set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
    if (trusted != nullptr) {
        options.set(CURLOPT_CAINFO, static_cast<const char*>(nullptr));
        options.set(CURLOPT_CA_CACHE_TIMEOUT, 0L);  // what libcurl has kept is not ours
        options.set(CURLOPT_SSL_CTX_FUNCTION, trust);
        options.set(CURLOPT_SSL_CTX_DATA, static_cast<void*>(trusted));
    }
    if (!request.proxy) return;
    options.set(CURLOPT_PROXY, request.proxy->address.c_str());
    options.set(CURLOPT_NOPROXY, request.proxy->exceptions.c_str());
}

void set_request(Options& options, const Request& request, curl_slist* headers) {
    options.set(CURLOPT_URL, request.url.c_str());
    options.set(CURLOPT_PROTOCOLS_STR, request.url.starts_with("http://") ? "http" : "https");
    options.set(CURLOPT_USERAGENT, "hallmark/" HALLMARK_VERSION);
    options.set(CURLOPT_HTTPHEADER, headers);
    if (request.method == "GET") return;
    options.set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
    options.set(CURLOPT_UPLOAD_BUFFERSIZE, kUploadBuffer);
    options.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    options.set(CURLOPT_POSTFIELDS, reinterpret_cast<const char*>(request.body.data()));
}

bool may_pass(CURLcode code) {
    return code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_OPERATION_TIMEDOUT ||
           code == CURLE_GOT_NOTHING || code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR;
}

Cause cause_of(CURLcode code, CURL* handle) {
    switch (code) {
        case CURLE_COULDNT_RESOLVE_HOST:
        case CURLE_COULDNT_RESOLVE_PROXY:
            return Cause::kName;
        case CURLE_COULDNT_CONNECT:
        case CURLE_GOT_NOTHING:
        case CURLE_PARTIAL_FILE:
        case CURLE_RECV_ERROR:
        case CURLE_SEND_ERROR:
            return Cause::kConnection;
        case CURLE_OPERATION_TIMEDOUT:
            return Cause::kTime;
        case CURLE_SSL_CONNECT_ERROR:
            return Cause::kTls;
        case CURLE_PEER_FAILED_VERIFICATION:
            break;
        default:
            return Cause::kOther;
    }
    long verdict = X509_V_OK;
    if (curl_easy_getinfo(handle, CURLINFO_SSL_VERIFYRESULT, &verdict) != CURLE_OK) return Cause::kCertificate;
    const bool dates = verdict == X509_V_ERR_CERT_NOT_YET_VALID || verdict == X509_V_ERR_CERT_HAS_EXPIRED;
    return dates ? Cause::kClock : Cause::kCertificate;
}

/// The clock that a certificate's dates were held against: it may be what is wrong.
std::string clock_here() {
    const std::time_t now = std::time(nullptr);
    std::tm utc{};
    std::array<char, 32> text{};
    if (::gmtime_r(&now, &utc) == nullptr || std::strftime(text.data(), text.size(), "%FT%TZ", &utc) == 0) return {};
    return "; the clock here says " + std::string(text.data()) + ": correct it, or renew the certificate";
}

std::optional<Failure> fault_of(CURLcode code, const Transfer& transfer, const char* detail) {
    if (code == CURLE_OK) return std::nullopt;
    if (auto broken = transfer.broken()) return broken;
    const Request& request = transfer.request;
    std::string why = *detail != 0 ? std::string(detail) : std::string(curl_easy_strerror(code));
    const Cause cause = cause_of(code, transfer.handle);
    if (cause == Cause::kClock) why += clock_here();
    return Failure{Error{Fault::kBadInput, request.url + ": " + why}, may_pass(code), cause};
}

std::unexpected<Failure> failure(std::string message) {
    return std::unexpected(Failure{Error{Fault::kBadInput, std::move(message)}});
}

Result<List> list_of(const std::vector<std::string>& headers) {
    List list;
    for (const auto& header : headers) {
        curl_slist* longer = curl_slist_append(list.get(), header.c_str());
        if (longer == nullptr) return bad_input("HTTP headers: out of memory");
        (void)list.release();
        list.reset(longer);
    }
    return list;
}

/// libcurl's own state, made once.
bool is_ready() {
    static const bool kReady = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
    return kReady;
}

}  // namespace

std::optional<std::chrono::seconds> Response::retry_after() const {
    const auto found = headers.find("retry-after");
    if (found == headers.end()) return std::nullopt;
    const std::string& text = found->second;
    std::uint32_t seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return std::min(std::chrono::seconds(seconds), kLongestRetryAfter);
}

void Session::Close::operator()(void* handle) const { curl_easy_cleanup(handle); }

std::expected<Response, Failure> Session::attempt(const Request& request) {
    if (!request.url.starts_with("https://") && !request.url.starts_with("http://"))
        return failure(request.url + ": expected an address that begins with https:// or http://");
    const auto trusted = request.trusted.store();
    if (!trusted) return std::unexpected(Failure{trusted.error().at(request.url)});
    // libcurl would take a connection that was opened with others.
    if (trusted_ != request.trusted) handle_.reset();
    trusted_ = request.trusted;
    if (!handle_) handle_.reset(is_ready() ? curl_easy_init() : nullptr);
    if (!handle_) return failure("libcurl can't be started");
    CURL* const handle = handle_.get();
    const Used used(handle);
    const auto headers = list_of(request.headers);
    if (!headers) return std::unexpected(Failure{headers.error()});
    Transfer transfer(handle, request);
    char detail[CURL_ERROR_SIZE] = "";
    Options options(handle);
    set_bounds(options, request);
    const std::string authorities = request.authorities.string();
    set_peer(options, request, authorities, *trusted);
    set_request(options, request, headers->get());
    options.set(CURLOPT_ERRORBUFFER, detail);
    transfer.set_callbacks(options);
    const CURLcode code = options.code() == CURLE_OK ? curl_easy_perform(handle) : options.code();
    if (code == CURLE_FILESIZE_EXCEEDED) transfer.too_long = true;
    if (auto fault = fault_of(code, transfer, detail)) return std::unexpected(std::move(*fault));
    long status = 0;
    if (curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK)
        return failure(request.url + ": no status in the answer");
    transfer.response.status = static_cast<int>(status);
    return std::move(transfer.response);
}

std::expected<Response, Failure> attempt(const Request& request) { return Session().attempt(request); }

Result<Response> perform(const Request& request) {
    auto response = attempt(request);
    if (!response) return std::unexpected(std::move(response).error().error);
    return std::move(*response);
}

Result<Response> fetch_response(const Request& request, const Patience& patience) {
    std::chrono::milliseconds wait = patience.first_wait;
    std::chrono::milliseconds waited{0};
    for (int attempt = 1;; ++attempt) {
        HALLMARK_TRY(Response response, perform(request));
        if (response.status == kOk) return response;
        const std::string found = request.url + ": status " + std::to_string(response.status);
        if (!asks_to_come_back(response.status)) return bad_input(found + ", expected 200");
        const std::chrono::milliseconds asked = response.retry_after().value_or(std::chrono::seconds(0));
        const auto next = std::max(wait, asked);
        if (attempt >= patience.attempts || waited + next > patience.whole)
            return bad_input(found + " after " + std::to_string(attempt) + " attempts; try again in " +
                             std::to_string(std::chrono::ceil<std::chrono::seconds>(next).count()) + " s");
        if (patience.sleep)
            patience.sleep(next);
        else
            std::this_thread::sleep_for(next);
        waited += next;
        wait *= 2;
    }
}

Result<Bytes> fetch(const Request& request, const Patience& patience) {
    HALLMARK_TRY(Response response, fetch_response(request, patience));
    return std::move(response.body);
}

}  // namespace hallmark::http
