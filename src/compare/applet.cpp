// SPDX-License-Identifier: Apache-2.0
#include "compare/applet.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "cap/load_file.h"

namespace oti::compare {
namespace {

constexpr std::size_t kLargestComponent = 0xFFFF;

/// A method header (JCVM 6.10.2: one word of stack, no arguments, no locals) and what it does: nothing.
Bytes idle_method(std::size_t size) {
    constexpr std::uint8_t kNop = 0x00, kReturn = 0x7A;
    Bytes method(size, kNop);
    method[0] = 0x01;
    method[1] = 0x00;
    method.back() = kReturn;
    return method;
}

}  // namespace

Result<Applet> read_applet(const std::string& path) {
    OTI_TRY(auto file, cap::CapFile::read(path));
    const auto& package = file.package();
    if (package.applets().empty()) return fail(ErrorKind::kUsage, "cap.no_applet", path + " has no applet");
    auto module = package.applets().front();
    globalplatform::DesiredApplication application{package.aid(), module, module};
    application.load_file_data = cap::load_file(file.load_file_data_block());
    application.version = {package.version().major, package.version().minor};
    auto name = std::filesystem::path(path).stem().string();
    return Applet{std::move(name), std::move(application)};
}

Result<Applet> grown(const Applet& applet, std::size_t size) {
    constexpr std::size_t kMethodSize = 1000, kLeast = 3;
    OTI_TRY(auto block, cap::data_block_of(applet.application.load_file_data));
    auto head = applet.size() - block.size();
    auto impossible = [&](std::string_view why) {
        return fail(ErrorKind::kUsage, "compare.size",
                    fmt::format("{} cannot be made {} bytes long: {}", applet.name, size, why));
    };
    // The head is one octet longer from 256 octets on; sizes near it are of no interest.
    if (size < applet.size() + kLeast) return impossible(fmt::format("it has {}", applet.size()));
    auto more = size - head - block.size();

    ByteWriter result;
    std::size_t method_size = 0;
    ByteReader reader(block, "load file");
    std::vector<std::pair<std::uint8_t, Bytes>> components;
    while (!reader.empty()) {
        OTI_TRY(auto tag, reader.u8());
        OTI_TRY(auto length, reader.u16());
        OTI_TRY(auto info, reader.take(length));
        components.emplace_back(tag, to_bytes(info));
    }
    constexpr auto kMethod = static_cast<std::uint8_t>(cap::ComponentTag::Method);
    constexpr auto kDirectory = static_cast<std::uint8_t>(cap::ComponentTag::Directory);
    for (auto& [tag, info] : components) {
        if (tag != kMethod) continue;
        if (info.size() + more > kLargestComponent) return impossible("a component has 65,535 at most");
        for (auto left = more; left > 0;) {
            auto step = left < kMethodSize + kLeast ? left : kMethodSize;
            append(info, idle_method(step));
            left -= step;
        }
        method_size = info.size();
    }
    for (auto& [tag, info] : components) {
        if (tag == kDirectory) {  // component_sizes, by tag (6.5)
            info[2 * (kMethod - 1U)] = static_cast<std::uint8_t>(method_size >> 8);
            info[2 * (kMethod - 1U) + 1] = static_cast<std::uint8_t>(method_size);
        }
        result.u8(tag).u16(static_cast<unsigned>(info.size())).put(info);
    }
    Applet larger = applet;
    larger.application.load_file_data = cap::load_file(result.view());
    larger.name = fmt::format("{} grown to {} KB", applet.name, (size + 512) / 1024);
    return larger;
}

}  // namespace oti::compare
