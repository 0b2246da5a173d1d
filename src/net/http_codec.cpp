// SPDX-License-Identifier: Apache-2.0
#include "net/http_codec.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/vector_body.hpp>

#include "net/internal/http_fields.h"

namespace oti::net {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;
using Body = http::vector_body<std::uint8_t>;

bool is_target(std::string_view target) {
    return !target.empty() && std::ranges::all_of(target, [](char c) { return c > ' ' && c < 0x7F; });
}

template <bool IsRequest>
Bytes serialize(http::message<IsRequest, Body>& message) {
    http::serializer<IsRequest, Body> serializer(message);
    Bytes octets;
    while (!serializer.is_done()) {
        boost::system::error_code code;
        serializer.next(code, [&](boost::system::error_code&, const auto& buffers) {
            std::size_t size = 0;
            for (auto buffer : beast::buffers_range_ref(buffers)) {
                append(octets, BytesView(static_cast<const std::uint8_t*>(buffer.data()), buffer.size()));
                size += buffer.size();
            }
            serializer.consume(size);
        });
        if (code) break;
    }
    return octets;
}

std::unexpected<Error> cannot_be_sent() {
    return fail(ErrorKind::kUsage, "net.usage", "the HTTP message has something that cannot be sent",
                "leave out control characters");
}

RawRequest message_of(http::request<Body>&& message) {
    return {std::string(message.method_string()), std::string(message.target()),
            std::string(message[http::field::content_type]), read_headers(message),
            std::move(message.body())};
}

HttpResponse message_of(http::response<Body>&& message) {
    return {message.result_int(), std::string(message[http::field::content_type]), std::move(message.body()),
            read_headers(message)};
}

}  // namespace

Result<Bytes> encode(const RawRequest& request) {
    if (!is_token(request.method) || !is_target(request.target) || !are_valid(request.headers) ||
        !is_valid_value(request.content_type)) {
        return cannot_be_sent();
    }
    http::request<Body> message;
    message.version(11);
    message.method_string(request.method);
    message.target(request.target);
    write_headers(message, request.headers, request.content_type);
    if (!request.body.empty()) {
        message.body() = request.body;
        message.content_length(request.body.size());
    }
    return serialize(message);
}

Result<Bytes> encode(const HttpResponse& response) {
    if (response.status < 100 || response.status > 599 || !are_valid(response.headers) ||
        !is_valid_value(response.content_type)) {
        return cannot_be_sent();
    }
    http::response<Body> message(static_cast<http::status>(response.status), 11);
    write_headers(message, response.headers, response.content_type);
    constexpr unsigned kNoContent = 204;
    if (response.status != kNoContent) {
        message.body() = response.body;
        message.content_length(response.body.size());
    }
    return serialize(message);
}

template <typename Message>
struct HttpReader<Message>::State {
    static constexpr bool kIsRequest = std::is_same_v<Message, RawRequest>;
    using Parser = http::parser<kIsRequest, Body>;

    explicit State(HttpLimits the_limits) : limits(the_limits) { begin(); }
    void begin() {
        parser.emplace();
        parser->header_limit(limits.max_header);
        parser->body_limit(limits.max_body);
        parser->eager(true);
    }
    /// A response without a length goes on to the end of the connection, which is not told here.
    bool has_no_end() const { return !kIsRequest && parser->is_header_done() && parser->need_eof(); }

    HttpLimits limits;
    std::optional<Parser> parser;
    Bytes waiting;  ///< what the parser has not taken
    bool failed = false;
};

template <typename Message>
HttpReader<Message>::HttpReader(HttpLimits limits) : state_(std::make_unique<State>(limits)) {}
template <typename Message>
HttpReader<Message>::HttpReader(HttpReader&&) noexcept = default;
template <typename Message>
HttpReader<Message>& HttpReader<Message>::operator=(HttpReader&&) noexcept = default;
template <typename Message>
HttpReader<Message>::~HttpReader() = default;

template <typename Message>
Result<std::optional<Message>> HttpReader<Message>::take(BytesView octets) {
    auto& state = *state_;
    auto broken = [&](const std::string& why) {
        state.failed = true;
        return fail(ErrorKind::kIo, "net.http", "what came is no HTTP message that can be taken: " + why);
    };
    if (state.failed) return broken("one before it was none");
    append(state.waiting, octets);
    while (!state.waiting.empty()) {
        boost::system::error_code code;
        auto taken = state.parser->put(boost::asio::buffer(state.waiting), code);
        state.waiting.erase(state.waiting.begin(),
                            state.waiting.begin() + static_cast<std::ptrdiff_t>(taken));
        if (code && code != http::error::need_more) return broken(code.message());
        if (state.has_no_end()) return broken("it does not say where it ends");
        if (state.parser->is_done()) {
            auto message = state.parser->release();
            state.begin();
            if constexpr (!State::kIsRequest) {
                if (message.result_int() < 200) continue;  // RFC 9110, 15.2
            }
            return message_of(std::move(message));
        }
        if (taken == 0 || code) {
            // The parser keeps nothing of a header that is not whole; it sees the limit when it is.
            if (state.waiting.size() > state.limits.max_header) return broken("its header is too long");
            break;
        }
    }
    return std::nullopt;
}

template <typename Message>
bool HttpReader<Message>::is_in_message() const {
    return !state_->waiting.empty() || state_->parser->got_some();
}

template class HttpReader<RawRequest>;
template class HttpReader<HttpResponse>;

}  // namespace oti::net
