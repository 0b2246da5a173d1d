// SPDX-License-Identifier: Apache-2.0
// For tests only: certificates, coroutines run to their end, a TLS client without manners.
#pragma once

#include <openssl/ssl.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <optional>
#include <stdexcept>

#include "crypto/certificate.h"
#include "crypto/openssl.h"
#include "net/executor.h"
#include "net/tls_identity.h"

namespace oti::net {

/// Issues certificates for a day.
class TestAuthority {
  public:
    explicit TestAuthority(const std::string& name)
        : ca_(crypto::make_ca(name, std::chrono::days(2)).value()) {}

    const std::string& pem() const { return ca_.certificate_pem; }

    /// `names` as `crypto::issue` takes them.
    crypto::Identity issue(const std::string& common_name, const std::string& role = "agent",
                           const std::vector<std::string>& names = {}) const {
        return crypto::issue(ca_, common_name, role, names, std::chrono::days(1)).value();
    }
    TlsIdentity identity(const std::string& common_name, const std::string& role = "agent",
                         const std::vector<std::string>& names = {}) const {
        return identity_trusting(pem(), common_name, role, names);
    }
    TlsIdentity identity_trusting(const std::string& ca_pem, const std::string& common_name,
                                  const std::string& role = "agent",
                                  const std::vector<std::string>& names = {}) const {
        auto issued = issue(common_name, role, names);
        return TlsIdentity::create(ca_pem, issued.certificate_pem, issued.private_key_pem).value();
    }
    TlsIdentity anonymous() const { return TlsIdentity::anonymous(pem()).value(); }

  private:
    crypto::Identity ca_;
};

/// An io_context, and ways to wait for what runs on it.
class TestLoop {
  public:
    /// Runs until this coroutine has ended, 20 s at most.
    template <typename T>
    T run(Task<T> task) {
        if constexpr (std::is_void_v<T>) {
            auto done = boost::asio::co_spawn(io, std::move(task), boost::asio::use_future);
            wait_for(done);
        } else {
            std::optional<T> result;
            run(keep(std::move(task), result));
            return std::move(*result);
        }
    }
    /// Runs the loop while `blocking` runs on another thread.
    template <typename Blocking>
    auto run_beside(Blocking blocking) {
        auto done = std::async(std::launch::async, std::move(blocking));
        return wait_for(done);
    }
    /// Whether all coroutines end by themselves.
    bool runs_out() {
        io.restart();
        io.run_for(std::chrono::seconds(10));
        return io.stopped();
    }

    boost::asio::io_context io;

  private:
    template <typename T>
    static Task<void> keep(Task<T> task, std::optional<T>& result) {
        result.emplace(co_await std::move(task));
    }
    template <typename T>
    T wait_for(std::future<T>& done) {
        io.restart();
        auto limit = after(std::chrono::seconds(20));
        while (done.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
            if (std::chrono::steady_clock::now() > limit) throw std::runtime_error("no end within 20 s");
            io.run_one_for(std::chrono::milliseconds(5));
            if (io.stopped()) io.restart();
        }
        return done.get();
    }
};

/// A blocking TLS client for octets that no decent client sends. For `TestLoop::run_beside`.
class RawTlsClient {
  public:
    RawTlsClient(std::uint16_t port, const TlsIdentity& identity, int version = TLS1_3_VERSION,
                 SSL_SESSION* ticket = nullptr)
        : context_(SSL_CTX_new(TLS_client_method())),
          bio_(BIO_new_connect(("127.0.0.1:" + std::to_string(port)).c_str())),
          ssl_(SSL_new(context_.get())) {
        SSL_set_min_proto_version(ssl_.get(), version);
        SSL_set_max_proto_version(ssl_.get(), version);
        if (auto* own = SSL_CTX_get0_certificate(identity.context())) {
            SSL_use_certificate(ssl_.get(), own);
            SSL_use_PrivateKey(ssl_.get(), SSL_CTX_get0_privatekey(identity.context()));
        }
        if (ticket) SSL_set_session(ssl_.get(), ticket);
        crypto::must(BIO_do_connect(bio_.get()) == 1);
        BIO_up_ref(bio_.get());
        SSL_set_bio(ssl_.get(), bio_.get(), bio_.get());
        connected_ = SSL_connect(ssl_.get()) == 1;
    }

    ~RawTlsClient() {
        if (connected_) SSL_shutdown(ssl_.get());
    }
    RawTlsClient(const RawTlsClient&) = delete;
    RawTlsClient& operator=(const RawTlsClient&) = delete;

    bool connected() const { return connected_; }
    void write(std::string_view text) { SSL_write(ssl_.get(), text.data(), static_cast<int>(text.size())); }
    /// Up to the end of the connection or until `enough` stands in it.
    std::string read(std::string_view enough = {}) {
        std::string all;
        char part[4096];
        while (enough.empty() || all.find(enough) == std::string::npos) {
            int count = SSL_read(ssl_.get(), part, sizeof part);
            if (count <= 0) break;
            all.append(part, static_cast<std::size_t>(count));
        }
        ERR_clear_error();
        return all;
    }
    crypto::OpensslPtr<SSL_SESSION, SSL_SESSION_free> ticket() {
        return crypto::OpensslPtr<SSL_SESSION, SSL_SESSION_free>(SSL_get1_session(ssl_.get()));
    }

  private:
    crypto::OpensslPtr<SSL_CTX, SSL_CTX_free> context_;
    crypto::OpensslPtr<BIO, BIO_free_all> bio_;
    crypto::OpensslPtr<SSL, SSL_free> ssl_;
    bool connected_ = false;
};

}  // namespace oti::net
