// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "card/nvm_file.h"

namespace oti::card {

/// The non-volatile memory of a virtual secure element: values by name, changed in transactions. Whatever
/// happens to the power, opening gives the state after some whole number of transactions, and no
/// transaction that `commit` reported as done is lost.
///
/// The file is a log. Integers are big-endian.
///
///     header       "OTI-SE" | version 0002
///     record       length (4) | check of the length (4) | transaction (length) | check (8)
///     transaction  { 01 | key length (2) | key | value length (4) | value } or { 02 | key length (2) | key }
///     …
///
/// Both checks are the first bytes of a SHA-256 over the previous record's check (zeros at first), the length
/// and, for the second one, the transaction: no record can be lost, repeated or moved unnoticed. A record
/// that the file's end cuts short is a write during which power failed, and is ignored.
class Nvm {
  public:
    /// An empty file is an empty memory. Errors: `se.format` if the file is something else or of a later
    /// version, `se.damaged` with the offset, and those of the file.
    static Result<Nvm> open(std::unique_ptr<NvmFile> file);

    /// Reads see the changes that are not committed yet. The view is valid until the next change.
    std::optional<BytesView> get(std::string_view key) const;
    bool contains(std::string_view key) const { return values_.contains(key); }
    /// `key` has at most 65,535 bytes.
    void put(std::string_view key, Bytes value);
    /// Nothing happens if there is no such key.
    void erase(std::string_view key);
    /// Calls `visit(key, value)` for the keys that begin with `prefix`, in the order of their bytes. `visit`
    /// must change nothing here.
    void for_each(std::string_view prefix,
                  const std::function<void(std::string_view key, BytesView value)>& visit) const;

    /// Makes all changes since the last commit durable, as one. After an error they are undone here; whether
    /// the file has them shows when it is opened again, unless a later commit succeeds: then it has not.
    Status commit();
    /// Undoes all changes since the last commit.
    void rollback();
    bool has_changes() const { return !before_.empty(); }

    /// Bytes of the transactions committed since opening: what a chip would have had to write, without the
    /// file's own framing and rewriting. For pacing.
    std::uint64_t bytes_written() const { return bytes_written_; }
    /// Bytes of all keys and values: how full the memory is.
    std::uint64_t bytes_used() const { return bytes_used_; }

  private:
    using Values = std::map<std::string, Bytes, std::less<>>;
    using Digest = std::array<std::uint8_t, 32>;

    explicit Nvm(std::unique_ptr<NvmFile> file) : file_(std::move(file)) {}

    Status load(BytesView content);
    Status apply(BytesView transaction, std::size_t offset);
    void remember(std::string_view key);
    void set(std::string_view key, std::optional<Bytes> value);
    Bytes pending_transaction() const;
    Bytes snapshot(Digest& chain) const;

    std::unique_ptr<NvmFile> file_;
    Values values_;
    /// What the keys changed since the last commit had as values.
    std::map<std::string, std::optional<Bytes>, std::less<>> before_;
    Digest chain_{};               ///< of the last record; only its first bytes are in the file
    std::uint64_t file_size_ = 0;  ///< of the valid part
    bool must_replace_ = true;     ///< the file is empty or ends in an unfinished record
    std::uint64_t bytes_written_ = 0;
    std::uint64_t bytes_used_ = 0;
};

}  // namespace oti::card
