// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bearer/pcsc.h"
#include "iso7816/apdu.h"
#include "iso7816/card_channel.h"

namespace oti::bearer {

/// A card in a PC/SC reader, T=0 or T=1: what the protocol makes of an APDU (61xx and GET RESPONSE, 6Cxx and
/// the command once more; ISO/IEC 7816-3, 12.2) is hidden.
class PcscChannel final : public iso7816::CardChannel {
  public:
    /// The reader whose name contains this, upper or lower case; without a name the only one that has a card.
    /// Errors `pcsc.*`; `pcsc.which_reader` and `pcsc.no_card` list what there is.
    static Result<std::unique_ptr<PcscChannel>> connect(const std::string& reader_name);
    static Result<std::unique_ptr<PcscChannel>> connect(Pcsc& pcsc, const std::string& reader_name);

    Result<Bytes> transmit(BytesView command) override;
    Status reset() override;

    const std::string& reader() const { return reader_; }
    Bytes atr() const { return card_->atr(); }
    /// T=0 has no extended length.
    std::size_t max_command_data() const { return card_->speaks_t0() ? iso7816::kMaxShortData : 65535; }

  private:
    PcscChannel(std::string reader, std::unique_ptr<PcscCard> card)
        : reader_(std::move(reader)), card_(std::move(card)) {}

    std::string reader_;
    std::unique_ptr<PcscCard> card_;
};

}  // namespace oti::bearer
