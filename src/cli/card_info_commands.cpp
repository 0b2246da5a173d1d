// SPDX-License-Identifier: Apache-2.0
// info and list: what a card tells.
#include <fmt/format.h>

#include <chrono>

#include "base/hex.h"
#include "cli/card_commands.h"
#include "cli/card_tree.h"
#include "globalplatform/card_capability.h"
#include "globalplatform/card_data.h"
#include "globalplatform/card_recognition.h"
#include "globalplatform/commands.h"
#include "globalplatform/cplc.h"
#include "globalplatform/key_information.h"
#include "globalplatform/names.h"

namespace oti::cli {
namespace {

namespace gp = globalplatform;

/// Says a thing to a person, and puts it into what a program gets.
class Report {
  public:
    explicit Report(Output& output) : output_(&output) {}

    void line(std::string_view name, const std::string& text) {
        output_->say(fmt::format("{:<22} {}", name, text));
    }
    json::object& data() { return data_; }

  private:
    Output* output_;
    json::object data_;
};

json::array texts(const std::vector<std::string>& all) {
    json::array array;
    for (const auto& text : all) array.emplace_back(text);
    return array;
}

std::string joined(const std::vector<std::string>& all) {
    return all.empty() ? "none" : fmt::format("{}", fmt::join(all, ", "));
}

std::string text_of(std::chrono::year_month_day date) {
    return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

void report_cplc(BytesView bytes, Report& report) {
    auto cplc = gp::Cplc::parse(bytes);
    if (!cplc) return report.line("CPLC", to_hex(bytes) + " (" + cplc.error().message + ")");
    auto today =
        std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now()));
    json::object data;
    report.line("production (CPLC)", cplc->fabricator().empty() ? "" : "chip by " + cplc->fabricator());
    for (const auto& field : cplc->fields) {
        auto text = to_hex(field.value);
        if (field.is_date) {
            if (auto date = gp::Cplc::date(field.value, today)) text += "  " + text_of(*date);
        }
        report.line(fmt::format("  {}", field.name), text);
        data[std::string(field.name)] = text;
    }
    report.data()["cplc"] = std::move(data);
}

void report_recognition(BytesView bytes, Report& report) {
    auto card = gp::CardRecognition::parse(bytes);
    if (!card) return report.line("card data", to_hex(bytes) + " (" + card.error().message + ")");
    report.line("GlobalPlatform", card->version.empty() ? "version not told" : card->version);
    std::vector<std::string> channels;
    for (const auto& channel : card->channels) {
        channels.push_back(gp::describe(channel));
        report.line("secure channel", channels.back());
    }
    for (const auto& oid : card->chip_oids) {
        auto meaning = gp::oid_meaning(oid);
        report.line("platform", meaning.empty() ? oid : meaning + "  (" + oid + ")");
    }
    for (const auto& oid : card->configuration_oids) report.line("configuration", oid);
    report.data()["card_data"] = {{"globalplatform", card->version},
                                  {"secure_channels", texts(channels)},
                                  {"platform", texts(card->chip_oids)},
                                  {"configuration", texts(card->configuration_oids)}};
}

void report_capability(BytesView bytes, Report& report) {
    auto card = gp::CardCapability::parse(bytes);
    if (!card) return report.line("capabilities", to_hex(bytes) + " (" + card.error().message + ")");
    json::array channels;
    for (const auto& channel : card->channels) {
        std::vector<std::string> options;
        for (auto i : channel.options) options.push_back(fmt::format("{:02X}", i));
        auto text = fmt::format("SCP{:02X} i={}", channel.protocol, fmt::join(options, ","));
        if (!channel.aes_keys.empty()) text += " with " + joined(channel.aes_keys);
        report.line("can do", text);
        channels.emplace_back(text);
    }
    json::object data{{"secure_channels", std::move(channels)}};
    auto list = [&](std::string_view name, const char* key, const std::vector<std::string>& all) {
        if (all.empty()) return;
        report.line(name, joined(all));
        data[key] = texts(all);
    };
    if (card->domain_privileges)
        list("domains may have", "domain_privileges", gp::names_of(*card->domain_privileges));
    if (card->application_privileges)
        list("applets may have", "application_privileges", gp::names_of(*card->application_privileges));
    list("load file hashes", "load_file_hashes", card->load_file_hashes);
    list("load file ciphers", "load_file_ciphers", card->load_file_ciphers);
    list("tokens", "token_signatures", card->token_signatures);
    list("receipts", "receipt_signatures", card->receipt_signatures);
    list("DAP", "dap_signatures", card->dap_signatures);
    report.data()["capability"] = std::move(data);
}

void report_keys(BytesView bytes, Report& report) {
    auto keys = gp::parse_key_information(bytes);
    if (!keys) return report.line("keys", to_hex(bytes) + " (" + keys.error().message + ")");
    json::array data;
    for (const auto& key : *keys) {
        auto purpose = gp::key_version_purpose(key.version);
        report.line("key", fmt::format("version {:02X}  identifier {:02X}  {}{}", key.version, key.identifier,
                                       gp::describe(key), purpose.empty() ? "" : "  (" + purpose + ")"));
        data.emplace_back(json::object{{"version", fmt::format("{:02X}", key.version)},
                                       {"identifier", fmt::format("{:02X}", key.identifier)},
                                       {"type", gp::describe(key)},
                                       {"purpose", purpose}});
    }
    report.data()["keys"] = std::move(data);
}

void report_resources(BytesView bytes, Report& report) {
    auto resources = gp::CardResources::parse(bytes);
    if (!resources) return report.line("memory", to_hex(bytes) + " (" + resources.error().message + ")");
    report.line("memory",
                fmt::format("{} bytes free of non-volatile, {} of volatile; {} applications",
                            resources->free_non_volatile, resources->free_volatile, resources->applications));
    report.data()["resources"] = {{"applications", resources->applications},
                                  {"free_non_volatile", resources->free_non_volatile},
                                  {"free_volatile", resources->free_volatile}};
}

/// What an object holds, without its tag; as it is where it has none.
Bytes content_of(BytesView bytes, Tag tag) {
    auto value = gp::value_of(bytes, tag);
    return value ? std::move(*value) : to_bytes(bytes);
}

Result<json::object> info(const CardOptions& options, Output& output) {
    OTI_TRY(auto card, select_domain(options));
    auto& session = card.session;
    Report report(output);
    report.line("card", card.connection.name());
    report.data()["card"] = card.connection.name();
    if (auto atr = card.connection.atr(); !atr.empty()) {
        report.line("answer to reset", to_hex(atr));
        report.data()["atr"] = to_hex(atr);
    }
    report.line("security domain", session.domain().hex());
    report.data()["security_domain"] = session.domain().hex();
    auto block = gp::max_command_data(session.fci());
    report.line("largest command", fmt::format("{} bytes of data", block));
    report.data()["max_command_data"] = block;
    if (session.card_is_locked()) report.line("life cycle", "CARD_LOCKED");
    report.data()["card_locked"] = session.card_is_locked();

    auto identifier = [](const char* name, const char* key, Tag tag) {
        return [=](BytesView bytes, Report& to) {
            auto text = to_hex(content_of(bytes, tag));
            to.line(name, text);
            to.data()[key] = text;
        };
    };
    auto read = [&](Tag tag, auto say) -> Status {
        OTI_TRY(auto data, session.read_data(tag));
        if (data) say(*data, report);
        return {};
    };
    OTI_CHECK(read(0x42, identifier("IIN (issuer)", "iin", 0x42)));
    OTI_CHECK(read(0x45, identifier("CIN (card image)", "cin", 0x45)));
    OTI_CHECK(read(0x66, report_recognition));
    OTI_CHECK(read(0x67, report_capability));
    OTI_CHECK(read(0xE0, report_keys));
    OTI_CHECK(read(0xC1, [](BytesView bytes, Report& to) {
        auto counter = gp::number_of(bytes, 0xC1);
        auto text = counter ? fmt::format("{}", *counter) : to_hex(bytes);
        to.line("sequence counter", text);
        to.data()["sequence_counter"] = text;
    }));
    OTI_CHECK(read(0xCF, identifier("key diversification", "key_diversification_data", 0xCF)));
    OTI_CHECK(read(0xFF21, report_resources));
    OTI_CHECK(read(0x9F7F, report_cplc));
    OTI_TRY(auto list, session.send(gp::get_data_applications()));
    if (list.sw == iso7816::StatusWord::kOk) {
        if (auto applications = gp::parse_application_list(list.data)) {
            json::array data;
            for (const auto& aid : *applications) {
                report.line("application", aid.hex());
                data.emplace_back(aid.hex());
            }
            report.data()["applications"] = std::move(data);
        }
    }
    return std::move(report.data());
}

Result<json::object> list(const CardOptions& options, Output& output) {
    OTI_TRY(auto card, open_domain(options));
    OTI_TRY(auto registry, card.session.read_registry());
    for (const auto& line : card_tree(registry, card.session.domain())) output.say(line);
    return registry_json(registry);
}

}  // namespace

void add_card_info_commands(Commands& commands) {
    auto info_options = std::make_shared<CardOptions>();
    auto& info_command = add_card_verb(
        commands, "info", "everything that a card tells without a key, explained", info_options, info);
    add_reader_options(info_command, *info_options);

    auto list_options = std::make_shared<CardOptions>();
    auto& list_command = add_card_verb(commands, "list", "domains, packages, modules and applets as a tree",
                                       list_options, list);
    add_card_options(list_command, *list_options);
}

}  // namespace oti::cli
