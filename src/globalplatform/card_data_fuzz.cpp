// SPDX-License-Identifier: Apache-2.0
// Whatever a card may answer to GET DATA and GET STATUS.
#include "globalplatform/card_capability.h"
#include "globalplatform/card_data.h"
#include "globalplatform/card_recognition.h"
#include "globalplatform/cplc.h"
#include "globalplatform/key_information.h"
#include "globalplatform/names.h"

using namespace oti;
using namespace oti::globalplatform;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    BytesView data(bytes, size);
    if (data.empty()) return 0;
    auto which = data.front();
    data = data.subspan(1);
    if (auto card = CardRecognition::parse(data)) {
        for (const auto& channel : card->channels) (void)describe(channel);
        for (const auto& oid : card->chip_oids) (void)oid_meaning(oid);
    }
    (void)oid_text(data);
    if (auto card = CardCapability::parse(data); card && card->domain_privileges)
        (void)names_of(*card->domain_privileges);
    if (auto keys = parse_key_information(data)) {
        for (const auto& key : *keys) (void)describe(key);
    }
    if (auto cplc = Cplc::parse(data)) {
        using namespace std::chrono;
        for (const auto& field : cplc->fields) (void)Cplc::date(field.value, 2026y / November / 25);
        (void)cplc->fabricator();
    }
    (void)CardResources::parse(data);
    (void)parse_application_list(data);
    (void)aid_of_fci(data);
    for (auto element : {Element::kIssuerSecurityDomain, Element::kApplications, Element::kLoadFiles,
                         Element::kLoadFilesAndModules}) {
        RegistryRead read{element, false, {to_bytes(data)}};
        read.tlv = (which & 1) != 0;
        auto registry = parse_registry({read});
        if (!registry) continue;
        for (const auto& entry : registry->applications) (void)life_cycle_of(entry);
        for (const auto& file : registry->load_files) (void)load_file_life_cycle(file.life_cycle);
    }
    return 0;
}
