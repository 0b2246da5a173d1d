// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "card/nvm_file.h"

namespace oti::card {

/// What stays when a `MemoryNvmFile` is dropped: the content, and when power is to fail. Tests keep it, cut
/// power, and open another file on it.
struct MemoryMedium {
    Bytes content = {};
    /// Power fails as soon as this many more bytes were written (0: at the next write, before its first
    /// byte). A write whose last byte is the last one allowed is complete, and its writer does not learn so.
    std::optional<std::uint64_t> bytes_until_cut = {};
    /// Power fails before this many more writes (calls of append or replace) were done.
    std::optional<std::uint64_t> writes_until_cut = {};
    std::uint64_t bytes_written = 0;
    std::uint64_t writes = 0;
    bool powered = true;

    void restore_power() {
        powered = true;
        bytes_until_cut.reset();
        writes_until_cut.reset();
    }
};

/// Non-volatile memory in RAM, with power cuts on demand: for tests and for secure elements that nobody
/// keeps.
class MemoryNvmFile final : public NvmFile {
  public:
    explicit MemoryNvmFile(std::shared_ptr<MemoryMedium> medium = std::make_shared<MemoryMedium>())
        : medium_(std::move(medium)) {}

    Result<Bytes> read_all() override {
        if (!medium_->powered) return no_power();
        return medium_->content;
    }

    Status append(BytesView bytes) override {
        auto reached = write(bytes.size());
        oti::append(medium_->content, bytes.first(reached));
        if (!medium_->powered) return no_power();
        return {};
    }

    Status replace(BytesView bytes) override {
        bool was_powered = medium_->powered;
        auto reached = write(bytes.size());
        // The rename comes after the last byte, so that nothing but all of them shows.
        if (was_powered && reached == bytes.size() && reached > 0) medium_->content = to_bytes(bytes);
        if (!medium_->powered) return no_power();
        return {};
    }

  private:
    static std::unexpected<Error> no_power() {
        return fail(ErrorKind::kIo, "nvm.power", "the memory of the secure element has no power");
    }

    /// How many of so many bytes are written before power fails.
    std::size_t write(std::size_t size) {
        auto& m = *medium_;
        if (!m.powered) return 0;
        if (m.writes_until_cut && (*m.writes_until_cut)-- == 0) {
            m.powered = false;
            return 0;
        }
        auto reached = size;
        if (m.bytes_until_cut) {
            reached = static_cast<std::size_t>(std::min<std::uint64_t>(size, *m.bytes_until_cut));
            *m.bytes_until_cut -= reached;
            if (*m.bytes_until_cut == 0) m.powered = false;
        }
        m.bytes_written += reached;
        ++m.writes;
        return reached;
    }

    std::shared_ptr<MemoryMedium> medium_;
};

}  // namespace oti::card
