// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/bare_handshake.hpp"

#include <openssl/x509v3.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>

#include "common/bytes.hpp"
#include "common/jose/jwk.hpp"
#include "relying-party/broker/tls_identity.hpp"
#include "tests/support/temporary.hpp"

namespace hallmark::bench {
namespace {

using Connection = openssl::Owned<SSL, SSL_free>;

// As seen of an SNP guest and hallmark-kbs: the requests and the answers of auth and attest.
constexpr int kRecord = 8 * 1024;
constexpr int kRecordsSent = 2;
constexpr int kRecordsReceived = 1;
constexpr std::size_t kRoom = 64 * 1024;
constexpr const char* kHost = "127.0.0.1";

void require(bool ok, const char* what) {
    if (ok) return;
    std::fprintf(stderr, "bare handshake: %s\n", what);
    std::exit(2);
}

double now() {
    timespec time{};
    require(::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) == 0, "no clock");
    return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

Connection connection(SSL_CTX& context, BIO* end) {
    Connection made(SSL_new(&context));
    require(made != nullptr, "connection");
    SSL_set_bio(made.get(), end, end);
    return made;
}

void send(SSL& from) {
    static const Bytes block(kRecord, 0x5a);
    require(SSL_write(&from, block.data(), kRecord) == kRecord, "write");
}
void receive(SSL& to) {
    static Bytes block(kRecord);
    require(SSL_read(&to, block.data(), kRecord) == kRecord, "read");
}

}  // namespace

BareHandshake::BareHandshake() : client_(SSL_CTX_new(TLS_client_method())), server_(SSL_CTX_new(TLS_server_method())) {
    const test::TemporaryFolder folder;
    const auto identity = broker::own_tls_identity(folder.path(), {kHost});
    require(identity.has_value(), "certificate");
    const std::string certificate = folder.path() / "tls.crt";
    const std::string key = folder.path() / "tls.key";
    require(client_ && server_ && SSL_CTX_use_certificate_chain_file(server_.get(), certificate.c_str()) == 1 &&
                SSL_CTX_use_PrivateKey_file(server_.get(), key.c_str(), SSL_FILETYPE_PEM) == 1 &&
                SSL_CTX_set_num_tickets(server_.get(), 0) == 1 &&
                SSL_CTX_load_verify_file(client_.get(), certificate.c_str()) == 1,
            "contexts");
    SSL_CTX_set_verify(client_.get(), SSL_VERIFY_PEER, nullptr);
    require(X509_VERIFY_PARAM_set1_ip_asc(SSL_CTX_get0_param(client_.get()), kHost) == 1, "address");
}

double BareHandshake::nanoseconds() {
    BIO* ends[2] = {};
    require(BIO_new_bio_pair(&ends[0], kRoom, &ends[1], kRoom) == 1, "pair");
    const Connection server = connection(*server_, ends[1]);
    SSL_set_accept_state(server.get());

    double start = now();
    const auto key = jose::KeyPair::generate(jose::KeyKind::kP256);
    require(key.has_value(), "key");
    const Connection client = connection(*client_, ends[0]);
    SSL_set_connect_state(client.get());
    double took = now() - start;
    for (int done = 0; done != 1;) {
        start = now();
        done = SSL_do_handshake(client.get());
        took += now() - start;
        require(done == 1 || SSL_get_error(client.get(), done) == SSL_ERROR_WANT_READ, "handshake");
        SSL_do_handshake(server.get());
    }
    start = now();
    for (int i = 0; i < kRecordsSent; ++i) send(*client);
    took += now() - start;
    for (int i = 0; i < kRecordsSent; ++i) receive(*server);
    for (int i = 0; i < kRecordsReceived; ++i) send(*server);
    start = now();
    for (int i = 0; i < kRecordsReceived; ++i) receive(*client);
    return took + now() - start;
}

}  // namespace hallmark::bench
