// SPDX-License-Identifier: Apache-2.0
// The only user of winscard.h.
#include <fmt/format.h>
#include <winscard.h>

#include <algorithm>
#include <array>

#include "bearer/pcsc.h"

namespace oti::bearer {
namespace {

/// Response data of extended length, and the status word.
constexpr std::size_t kMaxResponse = 65536 + 2;

struct Known {
    LONG result;
    std::string_view code;
    std::string_view hint;
};

constexpr std::array kKnown{
    Known{SCARD_E_NO_SERVICE, "pcsc.no_service", "start pcscd (Debian: package pcscd)"},
    Known{SCARD_E_SERVICE_STOPPED, "pcsc.no_service", "start pcscd (Debian: package pcscd)"},
    Known{SCARD_E_NO_READERS_AVAILABLE, "pcsc.no_reader", "plug in a reader"},
    Known{SCARD_E_UNKNOWN_READER, "pcsc.no_reader", "the reader is gone: plug it in again"},
    Known{SCARD_E_READER_UNAVAILABLE, "pcsc.reader_gone", "the reader is gone: plug it in again"},
    Known{SCARD_E_NO_SMARTCARD, "pcsc.no_card", "put a card into the reader"},
    Known{SCARD_W_REMOVED_CARD, "pcsc.card_removed",
          "put the card back and run the command again: it does only what is missing"},
    Known{SCARD_W_UNRESPONSIVE_CARD, "pcsc.unresponsive", "clean the card's contacts, or turn it around"},
    Known{SCARD_W_UNPOWERED_CARD, "pcsc.unresponsive", "take the card out and put it in again"},
    Known{SCARD_W_RESET_CARD, "pcsc.card_reset", "another program has reset the card: run the command again"},
    Known{SCARD_E_SHARING_VIOLATION, "pcsc.in_use", "another program uses the card: end it (gpg-agent?)"},
    Known{SCARD_E_NOT_TRANSACTED, "pcsc.not_transacted",
          "the card did not answer: its contacts may be dirty, or the command too long for the reader"},
    Known{SCARD_E_PROTO_MISMATCH, "pcsc.protocol", "the card speaks neither T=0 nor T=1"},
};

std::unexpected<Error> failure(LONG result, std::string_view during) {
    auto known = std::ranges::find(kKnown, result, &Known::result);
    bool is_known = known != kKnown.end();
    return fail(ErrorKind::kIo, std::string(is_known ? known->code : "pcsc.failed"),
                fmt::format("{}: {}", during, pcsc_stringify_error(result)),
                std::string(is_known ? known->hint : std::string_view()));
}

class Context {
  public:
    Context() = default;
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;
    ~Context() {
        if (open_) SCardReleaseContext(handle_);
    }
    Status establish() {
        auto result = SCardEstablishContext(SCARD_SCOPE_SYSTEM, nullptr, nullptr, &handle_);
        if (result != SCARD_S_SUCCESS) return failure(result, "cannot reach the PC/SC service");
        open_ = true;
        return {};
    }
    SCARDCONTEXT handle() const { return handle_; }

  private:
    SCARDCONTEXT handle_{};
    bool open_ = false;
};

class LibraryCard final : public PcscCard {
  public:
    LibraryCard(std::shared_ptr<Context> context, SCARDHANDLE handle, DWORD protocol)
        : context_(std::move(context)), handle_(handle), protocol_(protocol) {}
    LibraryCard(const LibraryCard&) = delete;
    LibraryCard& operator=(const LibraryCard&) = delete;
    ~LibraryCard() override {
        SCardEndTransaction(handle_, SCARD_LEAVE_CARD);
        // A secure channel that is still open must not be there for whoever comes next.
        SCardDisconnect(handle_, SCARD_RESET_CARD);
    }

    Status begin() {
        auto result = SCardBeginTransaction(handle_);
        if (result == SCARD_W_RESET_CARD) {
            OTI_CHECK(reconnect(SCARD_LEAVE_CARD));
            result = SCardBeginTransaction(handle_);
        }
        if (result != SCARD_S_SUCCESS) return failure(result, "cannot get the card for ourselves");
        std::array<BYTE, MAX_ATR_SIZE> atr{};
        auto size = static_cast<DWORD>(atr.size());
        result = SCardStatus(handle_, nullptr, nullptr, nullptr, nullptr, atr.data(), &size);
        if (result != SCARD_S_SUCCESS) return failure(result, "cannot read the answer to reset");
        atr_.assign(atr.begin(), atr.begin() + static_cast<std::ptrdiff_t>(size));
        return {};
    }

    Result<Bytes> transmit(BytesView bytes) override {
        Bytes response(kMaxResponse);
        auto size = static_cast<DWORD>(response.size());
        const auto* header = protocol_ == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1;
        auto result = SCardTransmit(handle_, header, bytes.data(), static_cast<DWORD>(bytes.size()), nullptr,
                                    response.data(), &size);
        if (result != SCARD_S_SUCCESS) return failure(result, "the command did not get through to the card");
        response.resize(size);
        return response;
    }

    Status reset() override {
        SCardEndTransaction(handle_, SCARD_LEAVE_CARD);
        OTI_CHECK(reconnect(SCARD_UNPOWER_CARD));
        return begin();
    }

    bool speaks_t0() const override { return protocol_ == SCARD_PROTOCOL_T0; }
    Bytes atr() const override { return atr_; }

  private:
    Status reconnect(DWORD initialization) {
        auto result = SCardReconnect(handle_, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1,
                                     initialization, &protocol_);
        if (result != SCARD_S_SUCCESS) return failure(result, "cannot reset the card");
        return {};
    }

    std::shared_ptr<Context> context_;
    SCARDHANDLE handle_;
    DWORD protocol_;
    Bytes atr_;
};

class Library final : public Pcsc {
  public:
    explicit Library(std::shared_ptr<Context> context) : context_(std::move(context)) {}

    Result<std::vector<PcscReader>> readers() override {
        DWORD size = 0;
        auto result = SCardListReaders(context_->handle(), nullptr, nullptr, &size);
        std::string names(size, '\0');
        if (result == SCARD_S_SUCCESS)
            result = SCardListReaders(context_->handle(), nullptr, names.data(), &size);
        if (result == SCARD_E_NO_READERS_AVAILABLE) return std::vector<PcscReader>();
        if (result != SCARD_S_SUCCESS) return failure(result, "cannot list the readers");
        std::vector<PcscReader> all;
        // Names with a zero after each, and one more at the end.
        for (std::size_t at = 0; at < size && names[at] != '\0'; at += all.back().name.size() + 1) {
            all.push_back({std::string(names.c_str() + at)});
        }
        std::vector<SCARD_READERSTATE> states(all.size());
        for (std::size_t n = 0; n < all.size(); ++n) states[n].szReader = all[n].name.c_str();
        if (all.empty()) return all;
        result =
            SCardGetStatusChange(context_->handle(), 0, states.data(), static_cast<DWORD>(states.size()));
        if (result != SCARD_S_SUCCESS && result != SCARD_E_TIMEOUT)
            return failure(result, "cannot look into the readers");
        for (std::size_t n = 0; n < all.size(); ++n)
            all[n].has_card = (states[n].dwEventState & SCARD_STATE_PRESENT) != 0;
        return all;
    }

    Result<std::unique_ptr<PcscCard>> connect(const std::string& reader) override {
        SCARDHANDLE handle{};
        DWORD protocol = 0;
        auto result = SCardConnect(context_->handle(), reader.c_str(), SCARD_SHARE_SHARED,
                                   SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &handle, &protocol);
        if (result != SCARD_S_SUCCESS) return failure(result, "cannot connect to the card in " + reader);
        auto card = std::make_unique<LibraryCard>(context_, handle, protocol);
        OTI_CHECK(card->begin());
        return card;
    }

  private:
    std::shared_ptr<Context> context_;
};

}  // namespace

Result<std::unique_ptr<Pcsc>> system_pcsc() {
    auto context = std::make_shared<Context>();
    OTI_CHECK(context->establish());
    return std::make_unique<Library>(std::move(context));
}

}  // namespace oti::bearer
