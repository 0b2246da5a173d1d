// SPDX-License-Identifier: Apache-2.0
// store-data and rename-isd: STORE DATA, to the domain itself or through it to an application.
#include <fmt/format.h>

#include "base/hex.h"
#include "base/tlv.h"
#include "cli/card_commands.h"
#include "cli/card_work.h"
#include "globalplatform/commands.h"
#include "globalplatform/install.h"

namespace oti::cli {
namespace {

namespace gp = globalplatform;
using iso7816::Aid;

struct StoreOptions : CardOptions {
    std::vector<std::string> data;
    std::string application, form = "none", iin, cin;
    bool blocks = false, encrypted = false, answers = false;
};

Result<std::uint8_t> flags_of(const StoreOptions& options) {
    constexpr unsigned kEncrypted = 0x60, kMayAnswer = 0x01;
    unsigned flags = (options.encrypted ? kEncrypted : 0U) | (options.answers ? kMayAnswer : 0U);
    auto with = [&](gp::DataStructure structure) {
        return static_cast<std::uint8_t>(flags | static_cast<unsigned>(structure));
    };
    if (options.form == "ber") return with(gp::DataStructure::kBerTlv);
    if (options.form == "dgi") return with(gp::DataStructure::kDgi);
    if (options.form == "none") return with(gp::DataStructure::kUnknown);
    return fail(ErrorKind::kUsage, "usage.form", "there is no form '" + options.form + "' of data",
                "use none, dgi or ber");
}

/// Each piece a block of its own, or all of them together cut into blocks as large as the card takes.
Result<std::vector<Bytes>> blocks_of(const StoreOptions& options, std::size_t block_size) {
    std::vector<Bytes> pieces;
    for (const auto& text : options.data) {
        OTI_TRY(auto piece, parse_hex(text));
        pieces.push_back(std::move(piece));
    }
    if (options.blocks) {
        for (const auto& piece : pieces) {
            if (piece.size() > block_size)
                return fail(
                    ErrorKind::kUsage, "card.too_long",
                    fmt::format("a block has {} bytes, and the card takes {}", piece.size(), block_size));
        }
        return pieces;
    }
    Bytes all;
    for (const auto& piece : pieces) append(all, piece);
    return gp::cut_into_blocks(all, block_size);
}

Result<json::object> store(StoreOptions options, Output& output) {
    for (auto [text, tag] : {std::pair(&options.iin, 0x42U), std::pair(&options.cin, 0x45U)}) {
        if (text->empty()) continue;
        OTI_TRY(auto value, parse_hex(*text));
        options.data.push_back(to_hex(encode_tlv(tag, value)));
        options.form = "ber";
    }
    if (options.data.empty())
        return fail(ErrorKind::kUsage, "usage.data", "there are no data", "give them in hexadecimal");
    OTI_TRY(auto flags, flags_of(options));
    OTI_TRY(auto card, open_domain(options));
    OTI_TRY(auto blocks, blocks_of(options, card.session.block_size()));
    CardWork work;
    if (!options.application.empty()) {
        OTI_TRY(auto aid, Aid::parse(options.application));
        work.add(gp::install_for_personalization(aid), "announce data for " + aid.hex());
    }
    auto commands = gp::store_data(blocks, flags);
    for (std::size_t n = 0; n < commands.size(); ++n)
        work.add(std::move(commands[n]), fmt::format("store block {} of {}", n + 1, commands.size()));
    OTI_TRY(auto result, work.run(card.session, options, output));
    if (!options.dry_run)
        output.say(fmt::format("stored {} block{}", commands.size(), commands.size() == 1 ? "" : "s"));
    return result;
}

struct RenameOptions : CardOptions {
    std::string aid;
};

Result<json::object> rename(const RenameOptions& options, Output& output) {
    constexpr auto kBerTlv = static_cast<std::uint8_t>(gp::DataStructure::kBerTlv);
    OTI_TRY(auto aid, Aid::parse(options.aid));
    OTI_TRY(auto card, open_domain(options));
    CardWork work;
    work.note(fmt::format("afterwards the domain is selected as {}, no longer as {}", aid.hex(),
                          card.session.domain().hex()));
    for (auto& command : gp::store_data({encode_tlv(0x4F, aid.bytes())}, kBerTlv))
        work.add(std::move(command), "rename the domain to " + aid.hex());
    OTI_TRY(auto result, work.run(card.session, options, output));
    result["aid"] = aid.hex();
    if (!options.dry_run) output.say("the domain is " + aid.hex());
    return result;
}

}  // namespace

void add_card_data_commands(Commands& commands) {
    auto store_options = std::make_shared<StoreOptions>();
    auto& store_command = add_card_verb(
        commands, "store-data", "give data to a domain or, through it, an applet", store_options, store);
    store_command.add_option("DATA", store_options->data,
                             "hexadecimal; cut into blocks as large as the card takes");
    store_command.add_option("--for", store_options->application,
                             "AID of an applet of this domain that gets the data (personalization)");
    store_command.add_flag("--blocks", store_options->blocks, "each DATA is one block");
    store_command.add_option("--form", store_options->form, "what they are: none, dgi, ber")
        ->capture_default_str();
    store_command.add_flag("--encrypted", store_options->encrypted, "say that the values are encrypted");
    store_command.add_flag("--answers", store_options->answers, "the receiver may answer with data");
    store_command.add_option("--iin", store_options->iin, "issuer identification number (42) instead");
    store_command.add_option("--cin", store_options->cin, "card image number (45) instead");
    add_card_options(store_command, *store_options);
    add_dry_run_option(store_command, *store_options);

    auto rename_options = std::make_shared<RenameOptions>();
    auto& rename_command =
        add_card_verb(commands, "rename-isd", "give the issuer's domain another AID", rename_options, rename);
    rename_command.add_option("AID", rename_options->aid, "the new one")->required();
    add_card_options(rename_command, *rename_options);
    add_dry_run_option(rename_command, *rename_options);
}

}  // namespace oti::cli
