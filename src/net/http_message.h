// SPDX-License-Identifier: Apache-2.0
// HTTP/1.1 messages (RFC 9110, RFC 9112) as handlers and clients see them: bodies whole, framing done.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "net/peer.h"

namespace oti::net {

/// Header fields in their order. In received messages all names are lower case.
using Headers = std::vector<std::pair<std::string, std::string>>;

/// The first value of a field, empty if there is none. `name` in lower case.
inline std::string_view find_header(const Headers& headers, std::string_view name) {
    for (const auto& [key, value] : headers) {
        if (key == name) return value;
    }
    return {};
}

struct HttpRequest {
    std::string method;                        ///< upper case, such as `POST`
    std::string path;                          ///< percent-decoded, begins with `/`
    std::map<std::string, std::string> query;  ///< percent-decoded
    std::string content_type;                  ///< as sent, with parameters; empty if there was none
    Headers headers;
    Bytes body;
    Peer peer;
};

struct HttpResponse {
    unsigned status = 200;
    std::string content_type;  ///< no Content-Type where empty
    Bytes body;
    Headers headers = {};  ///< without those of framing and Content-Type
};

}  // namespace oti::net
