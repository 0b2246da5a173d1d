// SPDX-License-Identifier: Apache-2.0
#include "card/nvm.h"

#include <fmt/format.h>

#include <cassert>
#include <utility>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "crypto/digest.h"

namespace oti::card {
namespace {

constexpr std::string_view kMagic = "OTI-SE";
constexpr std::uint16_t kVersion = 2;
constexpr std::size_t kLengthCheck = 4;
constexpr std::size_t kCheck = 8;
constexpr std::size_t kRecordHead = 4 + kLengthCheck;
/// A log shorter than this is not worth rewriting.
constexpr std::uint64_t kCompactFrom = 256 * 1024;

enum Operation : std::uint8_t { kPut = 1, kErase = 2 };

using Digest = std::array<std::uint8_t, 32>;

Digest digest_of(const Digest& previous, std::uint32_t length, BytesView transaction) {
    ByteWriter input;
    input.put(BytesView(previous).first(kCheck)).u32(length).put(transaction);
    return crypto::sha256(input.view());
}

BytesView check_of(const Digest& digest) {
    return BytesView(digest).first(kCheck);
}

Bytes length_check(const Digest& previous, std::uint32_t length) {
    auto digest = digest_of(previous, length, {});
    return to_bytes(BytesView(digest).first(kLengthCheck));
}

bool all_zero(BytesView bytes) {
    return std::ranges::all_of(bytes, [](auto byte) { return byte == 0; });
}

std::unexpected<Error> damaged(std::size_t offset) {
    return fail(ErrorKind::kIo, "se.damaged",
                fmt::format("the image of the secure element is damaged at byte {}", offset),
                "restore the file from a copy, or make a new secure element");
}

void write_put(ByteWriter& to, std::string_view key, BytesView value) {
    to.u8(kPut).u16(static_cast<unsigned>(key.size())).put(as_bytes(key));
    to.u32(static_cast<std::uint32_t>(value.size())).put(value);
}

/// The record of a transaction; `chain` goes on to it.
void write_record(ByteWriter& to, Digest& chain, BytesView transaction) {
    auto length = static_cast<std::uint32_t>(transaction.size());
    to.u32(length).put(length_check(chain, length)).put(transaction);
    chain = digest_of(chain, length, transaction);
    to.put(check_of(chain));
}

}  // namespace

Result<Nvm> Nvm::open(std::unique_ptr<NvmFile> file) {
    Nvm nvm(std::move(file));
    OTI_TRY(auto content, nvm.file_->read_all());
    if (!content.empty()) OTI_CHECK(nvm.load(content));
    return nvm;
}

Status Nvm::load(BytesView content) {
    ByteReader reader(content, "image of a secure element");
    auto magic = reader.take(kMagic.size());
    if (!magic || !same(*magic, as_bytes(kMagic))) {
        return fail(ErrorKind::kUsage, "se.format", "the file is no image of a secure element");
    }
    auto version = reader.u16();
    if (!version || *version != kVersion) {
        return fail(ErrorKind::kUsage, "se.format",
                    "the image of the secure element is of a version that this program does not know");
    }
    file_size_ = reader.offset();
    while (!reader.empty()) {
        if (reader.remaining() < kRecordHead) return {};
        auto offset = reader.offset();
        auto length = *reader.u32();
        auto check = *reader.take(kLengthCheck);
        if (!same(check, length_check(chain_, length))) {
            // Some file systems lengthen a file before they fill it.
            if (all_zero(content.subspan(offset))) return {};
            return damaged(offset);
        }
        if (reader.remaining() < length + kCheck) return {};
        auto transaction = *reader.take(length);
        auto digest = digest_of(chain_, length, transaction);
        auto stored = *reader.take(kCheck);
        if (!same(stored, check_of(digest))) {
            if (reader.empty() && all_zero(stored)) return {};
            return damaged(offset);
        }
        OTI_CHECK(apply(transaction, offset));
        chain_ = digest;
        file_size_ = reader.offset();
    }
    must_replace_ = false;
    return {};
}

Status Nvm::apply(BytesView transaction, std::size_t offset) {
    ByteReader reader(transaction, "transaction");
    while (!reader.empty()) {
        auto operation = *reader.u8();
        auto key_size = reader.u16();
        auto key = key_size ? reader.take(*key_size) : std::unexpected(key_size.error());
        if (!key) return damaged(offset);
        if (operation == kErase) {
            set(as_text(*key), std::nullopt);
            continue;
        }
        auto size = reader.u32();
        auto value = size ? reader.take(*size) : std::unexpected(size.error());
        if (operation != kPut || !value) return damaged(offset);
        set(as_text(*key), to_bytes(*value));
    }
    return {};
}

std::optional<BytesView> Nvm::get(std::string_view key) const {
    auto found = values_.find(key);
    if (found == values_.end()) return std::nullopt;
    return BytesView(found->second);
}

void Nvm::put(std::string_view key, Bytes value) {
    assert(key.size() <= 0xFFFF);
    remember(key);
    set(key, std::move(value));
}

void Nvm::erase(std::string_view key) {
    if (!contains(key)) return;
    remember(key);
    set(key, std::nullopt);
}

void Nvm::for_each(std::string_view prefix,
                   const std::function<void(std::string_view key, BytesView value)>& visit) const {
    for (auto entry = values_.lower_bound(prefix); entry != values_.end(); ++entry) {
        if (!entry->first.starts_with(prefix)) return;
        visit(entry->first, entry->second);
    }
}

Status Nvm::commit() {
    auto transaction = pending_transaction();
    if (transaction.empty()) {
        before_.clear();
        return {};
    }
    auto chain = chain_;
    ByteWriter record;
    write_record(record, chain, transaction);

    bool grown = file_size_ + record.size() > kCompactFrom && file_size_ + record.size() > 4 * bytes_used_;
    Status written;
    std::uint64_t size = file_size_ + record.size();
    if (must_replace_ || grown) {
        auto content = snapshot(chain);
        size = content.size();
        written = file_->replace(content);
    } else {
        written = file_->append(record.view());
    }
    if (!written) {
        // The file may now hold the transaction, part of it, or nothing. Replacing it is right in each case.
        must_replace_ = true;
        rollback();
        return during("writing of the secure element's memory", std::move(written).error());
    }
    must_replace_ = false;
    chain_ = chain;
    file_size_ = size;
    bytes_written_ += transaction.size();
    before_.clear();
    return {};
}

void Nvm::rollback() {
    for (auto& [key, value] : std::exchange(before_, {})) set(key, std::move(value));
}

void Nvm::remember(std::string_view key) {
    if (before_.contains(key)) return;
    auto value = get(key);
    before_.emplace(key, value ? std::optional(to_bytes(*value)) : std::nullopt);
}

void Nvm::set(std::string_view key, std::optional<Bytes> value) {
    auto found = values_.find(key);
    if (found != values_.end()) bytes_used_ -= key.size() + found->second.size();
    if (!value) {
        if (found != values_.end()) values_.erase(found);
        return;
    }
    bytes_used_ += key.size() + value->size();
    if (found != values_.end()) {
        found->second = std::move(*value);
    } else {
        values_.emplace(key, std::move(*value));
    }
}

Bytes Nvm::pending_transaction() const {
    ByteWriter transaction;
    for (const auto& [key, old] : before_) {
        auto now = get(key);
        if (now && !(old && same(*old, *now))) write_put(transaction, key, *now);
        if (!now && old) {
            transaction.u8(kErase).u16(static_cast<unsigned>(key.size())).put(as_bytes(key));
        }
    }
    return transaction.take();
}

Bytes Nvm::snapshot(Digest& chain) const {
    ByteWriter all;
    for (const auto& [key, value] : values_) write_put(all, key, value);
    ByteWriter content;
    content.put(as_bytes(kMagic)).u16(kVersion);
    chain = {};
    write_record(content, chain, all.view());
    return content.take();
}

}  // namespace oti::card
