// SPDX-License-Identifier: Apache-2.0
#include "base/byte_reader.h"
#include "net/http_codec.h"

namespace {

using namespace oti;

/// In pieces, as the first byte says, and at once: the same messages come out.
template <typename Message>
std::size_t messages(BytesView data, std::size_t piece) {
    net::HttpReader<Message> reader({1024, 4096});
    std::size_t count = 0;
    while (!data.empty()) {
        auto part = data.first(std::min(piece, data.size()));
        data = data.subspan(part.size());
        auto message = reader.take(part);
        while (message && *message) {
            ++count;
            message = reader.take({});
        }
        if (!message) break;
    }
    return count;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    BytesView input(data + 1, size - 1);
    std::size_t piece = 1 + (data[0] & 0x3F);
    if (messages<net::RawRequest>(input, piece) != messages<net::RawRequest>(input, 1)) __builtin_trap();
    if (messages<net::HttpResponse>(input, piece) != messages<net::HttpResponse>(input, 1)) __builtin_trap();
    return 0;
}
