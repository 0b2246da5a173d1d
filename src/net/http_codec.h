// SPDX-License-Identifier: Apache-2.0
// HTTP/1.1 messages as octets (RFC 9112), for those who carry the octets themselves: over what is no socket.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "net/http_message.h"

namespace oti::net {

/// A request with its target as it stands in the request line.
struct RawRequest {
    std::string method;
    std::string target;
    std::string content_type;  ///< as sent, with parameters; empty if there was none
    Headers headers;
    Bytes body;
};

/// With Content-Length where there is a body. Error `net.usage` for what cannot stand in a message.
Result<Bytes> encode(const RawRequest& request);
Result<Bytes> encode(const HttpResponse& response);

struct HttpLimits {
    std::uint32_t max_header = 8 << 10;
    std::size_t max_body = 1 << 20;
};

/// Takes messages of one connection apart, one after another; the octets come in any pieces.
template <typename Message>
class HttpReader {
  public:
    explicit HttpReader(HttpLimits limits = {});
    HttpReader(HttpReader&&) noexcept;
    HttpReader& operator=(HttpReader&&) noexcept;
    ~HttpReader();

    /// More octets; a message, if it is whole now, and what is behind it is kept for the next call, which may
    /// have no octets. Error `net.http` for what is none or exceeds the limits; nothing more is read then.
    Result<std::optional<Message>> take(BytesView octets);
    /// Whether a message has begun and is not whole.
    bool is_in_message() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

using HttpRequestReader = HttpReader<RawRequest>;
/// Interim responses (1xx) are passed over; each response is taken for one to a request that wants a body.
using HttpResponseReader = HttpReader<HttpResponse>;

extern template class HttpReader<RawRequest>;
extern template class HttpReader<HttpResponse>;

}  // namespace oti::net
