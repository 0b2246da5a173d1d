// SPDX-License-Identifier: Apache-2.0
#include "net/url.h"

#include "base/bytes.h"

// What is accepted can be written again, and reads the same; nothing accepted can break a header line.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto text = oti::as_text({data, size});
    if (auto url = oti::net::Url::parse(text)) {
        auto again = oti::net::Url::parse(url->to_string());
        if (!again || again->to_string() != url->to_string()) __builtin_trap();
        if (url->to_string().find_first_of(" \r\n") != std::string::npos) __builtin_trap();
        (void)oti::net::parse_target(url->target());
    }
    if (auto target = oti::net::parse_target(text)) {
        std::string written = oti::net::percent_encode(target->path);
        char before = '?';
        for (const auto& [name, value] : target->query) {
            written += before + oti::net::percent_encode(name) + "=" + oti::net::percent_encode(value);
            before = '&';
        }
        auto again = oti::net::parse_target("/" + written);
        if (!again || again->path != "/" + target->path || again->query != target->query) __builtin_trap();
    }
    return 0;
}
