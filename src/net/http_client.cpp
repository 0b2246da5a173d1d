// SPDX-License-Identifier: Apache-2.0
#include "net/http_client.h"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/vector_body.hpp>
#include <boost/beast/http/write.hpp>

#include "net/internal/http_fields.h"
#include "net/internal/net_error.h"
#include "net/internal/tls_stream.h"

namespace oti::net {
namespace {

namespace http = beast::http;
using Body = http::vector_body<std::uint8_t>;
using Message = http::request<Body>;
using Parser = http::response_parser<Body>;

constexpr std::uint32_t kMaxHeader = 16 << 10;

Result<Message> make_message(const std::string& method, const Url& url, const std::string& content_type,
                             Bytes body, const Headers& headers) {
    if (!is_token(method) || !are_valid(headers) || !is_valid_value(content_type)) {
        return fail(ErrorKind::kUsage, "net.usage", "the method or a header cannot be sent",
                    "leave out control characters");
    }
    Message message;
    message.version(11);
    message.method_string(method);
    message.target(url.target());
    message.set(http::field::host, url.authority());
    write_headers(message, headers, content_type);
    message.body() = std::move(body);
    message.prepare_payload();
    return message;
}

}  // namespace

class HttpClient::Impl {
  public:
    Impl(Executor executor, TlsIdentity identity, std::size_t max_body)
        : executor_(std::move(executor)), identity_(std::move(identity)), max_body_(max_body) {}

    static Task<Result<HttpResponse>> request(std::shared_ptr<Impl> self, Message message, Url url,
                                              Deadline deadline);
    Counters counters;
    bool busy = false;

  private:
    /// `unanswered`: the connection ended before a byte of the response came.
    struct Outcome {
        Result<HttpResponse> response;
        bool unanswered = false;
    };
    Task<Status> connect(const Url& url, Deadline deadline);
    Task<Outcome> exchange(const Message& message, const std::string& attempted);
    Task<boost::system::error_code> read(Parser& parser);

    Executor executor_;
    TlsIdentity identity_;
    std::size_t max_body_;
    std::string server_;  // of the stream and the ticket
    std::shared_ptr<TlsTicket> ticket_;
    std::unique_ptr<TlsStream> stream_;
    beast::flat_buffer buffer_;
};

Task<Result<HttpResponse>> HttpClient::Impl::request(std::shared_ptr<Impl> self, Message message, Url url,
                                                     Deadline deadline) {
    if (self->busy) {
        co_return fail(ErrorKind::kUsage, "net.usage", "a request of this client is still running",
                       "use one client for each request that runs at the same time");
    }
    self->busy = true;
    std::unique_ptr<bool, void (*)(bool*)> at_end(&self->busy, [](bool* busy) { *busy = false; });
    auto attempted = std::string(message.method_string()) + " " + url.to_string();
    for (;;) {
        bool kept = self->stream_ && self->server_ == url.authority();
        if (!kept) OTI_CO_CHECK(co_await self->connect(url, deadline));
        tcp_of(*self->stream_).expires_at(deadline);
        auto outcome = co_await self->exchange(message, attempted);
        if (!outcome.response) self->stream_.reset();
        if (!kept || !outcome.unanswered) co_return std::move(outcome.response);
    }
}

Task<Status> HttpClient::Impl::connect(const Url& url, Deadline deadline) {
    stream_.reset();
    buffer_.clear();
    if (!ticket_ || server_ != url.authority()) ticket_ = std::make_shared<TlsTicket>();
    server_ = url.authority();
    OTI_CO_TRY(stream_, co_await connect_tls(executor_, identity_, url, ticket_, deadline));
    ++counters.connections;
    if (SSL_session_reused(stream_->native_handle())) ++counters.resumptions;
    co_return Status{};
}

Task<HttpClient::Impl::Outcome> HttpClient::Impl::exchange(const Message& message,
                                                           const std::string& attempted) {
    auto [write_code, written] = co_await http::async_write(*stream_, message, kAwait);
    // Also after a failed write there may be an answer: the refusal of a body, or an alert.
    std::optional<Parser> parser;
    do {
        parser.emplace();
        parser->header_limit(kMaxHeader);
        parser->body_limit(max_body_);
        parser->skip(message.method() == http::verb::head);
        if (auto code = co_await read(*parser)) {
            bool unanswered = !parser->got_some() && net_error(code, attempted).code == "net.closed";
            if (unanswered && write_code) code = write_code;
            co_return Outcome{std::unexpected(net_error(code, attempted)), unanswered};
        }
    } while (parser->get().result_int() < 200);  // interim responses (RFC 9110, 15.2)

    bool keep = !write_code && parser->keep_alive() && buffer_.size() == 0;
    auto received = parser->release();
    if (!keep) stream_.reset();
    co_return Outcome{HttpResponse{received.result_int(), std::string(received[http::field::content_type]),
                                   std::move(received.body()), read_headers(received)}};
}

Task<boost::system::error_code> HttpClient::Impl::read(Parser& parser) {
    auto [code, size] = co_await http::async_read(*stream_, buffer_, parser, kAwait);
    co_return code;
}

HttpClient::HttpClient(Executor executor, TlsIdentity identity, std::size_t max_body)
    : impl_(std::make_shared<Impl>(std::move(executor), std::move(identity), max_body)) {}

Task<Result<HttpResponse>> HttpClient::request(std::string method, Url url, std::string content_type,
                                               Bytes body, Deadline deadline, Headers headers) {
    auto impl = impl_;
    OTI_CO_TRY(auto message, make_message(method, url, content_type, std::move(body), headers));
    co_return co_await Impl::request(std::move(impl), std::move(message), std::move(url), deadline);
}

HttpClient::Counters HttpClient::counters() const {
    return impl_->counters;
}

}  // namespace oti::net
