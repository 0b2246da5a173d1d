// SPDX-License-Identifier: Apache-2.0
#include "bearer/pcsc_channel.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "iso7816/get_response.h"

namespace oti::bearer {
namespace {

using iso7816::CommandApdu;

constexpr std::uint8_t kWrongLe = 0x6C;

std::string lower(std::string text) {
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
    return text;
}

std::string list_of(const std::vector<PcscReader>& readers) {
    if (readers.empty()) return "there is no reader";
    std::string text = "there are:";
    for (const auto& reader : readers)
        text += fmt::format("\n  {}{}", reader.name, reader.has_card ? " (with a card)" : "");
    return text;
}

Result<std::string> choose(const std::vector<PcscReader>& readers, const std::string& wanted) {
    std::vector<PcscReader> fitting;
    for (const auto& reader : readers) {
        // A name given in full means that reader, even where it is a part of another one's.
        if (reader.name == wanted) return reader.name;
        bool fits = wanted.empty() ? reader.has_card : lower(reader.name).contains(lower(wanted));
        if (fits) fitting.push_back(reader);
    }
    // A part of a name may be that of several slots of which one has a card.
    auto with_card = std::ranges::count_if(fitting, &PcscReader::has_card);
    if (fitting.size() > 1 && with_card == 1) {
        std::erase_if(fitting, [](const PcscReader& reader) { return !reader.has_card; });
    }
    if (fitting.size() == 1) return fitting.front().name;
    if (fitting.size() > 1 && with_card == 0)
        return fail(ErrorKind::kIo, "pcsc.no_card",
                    "there is no card in any of these slots; " + list_of(readers),
                    "put a card into one of them");
    if (fitting.empty()) {
        if (readers.empty()) {
            return fail(ErrorKind::kIo, "pcsc.no_reader", "there is no card reader",
                        "plug one in, or name the image file of a virtual secure element with --se");
        }
        if (wanted.empty())
            return fail(ErrorKind::kIo, "pcsc.no_card", "no reader has a card; " + list_of(readers),
                        "put a card into one of them");
        return fail(ErrorKind::kUsage, "pcsc.no_reader",
                    fmt::format("no reader has '{}' in its name; {}", wanted, list_of(readers)),
                    "name one of them with --reader or OTI_READER");
    }
    return fail(ErrorKind::kUsage, "pcsc.which_reader",
                fmt::format("{} readers {}; {}", fitting.size(),
                            wanted.empty() ? "have a card" : "have '" + wanted + "' in their names",
                            list_of(readers)),
                "name one of them with --reader or OTI_READER");
}

}  // namespace

Result<std::unique_ptr<PcscChannel>> PcscChannel::connect(const std::string& reader_name) {
    OTI_TRY(auto pcsc, system_pcsc());
    return connect(*pcsc, reader_name);
}

Result<std::unique_ptr<PcscChannel>> PcscChannel::connect(Pcsc& pcsc, const std::string& reader_name) {
    OTI_TRY(auto readers, pcsc.readers());
    OTI_TRY(auto name, choose(readers, reader_name));
    OTI_TRY(auto card, pcsc.connect(name));
    return std::unique_ptr<PcscChannel>(new PcscChannel(std::move(name), std::move(card)));
}

Result<Bytes> PcscChannel::transmit(BytesView command) {
    OTI_TRY(auto apdu, CommandApdu::parse(command));
    auto sent = to_bytes(command);
    // In T=0 a command with data asks for its response afterwards.
    if (card_->speaks_t0() && !apdu.data.empty() && apdu.ne > 0) {
        auto without = apdu;
        without.ne = 0;
        sent = without.encode();
    }
    OTI_TRY(auto response, card_->transmit(sent));
    if (response.size() == 2 && response.front() == kWrongLe && apdu.data.empty()) {
        auto again = apdu;
        again.ne = response.back() == 0 ? iso7816::kMaxShortNe : response.back();
        OTI_TRY(response, card_->transmit(again.encode()));
    }
    auto transmit = [this](BytesView more) { return card_->transmit(more); };
    OTI_TRY(response, iso7816::with_rest(transmit, apdu.cla, std::move(response)));
    if (response.size() < 2)
        return fail(ErrorKind::kIo, "pcsc.no_answer", "the reader gave back less than a status word");
    return response;
}

Status PcscChannel::reset() {
    return card_->reset();
}

}  // namespace oti::bearer
