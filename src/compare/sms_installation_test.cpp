// SPDX-License-Identifier: Apache-2.0
// An applet installed by short messages: sender, service centre, handset and card, each the real one, in
// virtual time.
#include <gtest/gtest.h>

#include "bearer/virtual_channel.h"
#include "card/memory_nvm_file.h"
#include "card/secure_element.h"
#include "compare/applet.h"
#include "compare/seeded_random.h"
#include "globalplatform/plan.h"
#include "ota/remote_conversation.h"
#include "ota/simulated_sms.h"
#include "ota/sms_carrier.h"

namespace oti::compare {
namespace {

using namespace std::chrono_literals;
using ota::SmsCentre;

constexpr std::uint8_t kVersion = 1;
const auto kHello = iso7816::Aid::constant("F04F54490101");

template <typename T>
T must(Result<T> result) {
    if (!result) throw std::runtime_error(result.error().message);
    return std::move(*result);
}

class SmsInstallation : public testing::Test {
  protected:
    SmsInstallation() {
        card::Personalization personalization{scp::KeySet::random(random_), 0x30,
                                              card::Personalization::identity_for("89001")};
        auto keys = scp::KeySet::random(random_);
        keys_ = {scp::Scp80Algorithm::kAes, keys.enc.clone(), keys.mac.clone(), 8};
        personalization.remote =
            card::RemoteManagementKeys{kVersion, std::move(keys), card::KeyType::kAes, 8};
        se_.emplace(must(card::SecureElement::create(
            std::make_unique<card::MemoryNvmFile>(std::make_shared<card::MemoryMedium>()),
            must(card::load_profile("uicc-2024")), personalization, random_)));
    }

    /// Error code, or nothing.
    std::string install(const SmsCentre::Behaviour& down, const SmsCentre::Behaviour& up,
                        std::size_t max_packet, std::uint64_t seed) {
        bearer::VirtualChannel channel(*se_, clock_);
        ota::SimulatedSms sms(channel, clock_, down, up, seed);
        auto applet = must(read_applet(OTI_SOURCE_DIR "/applets/hello.cap"));
        auto host = must(scp::Scp80Host::create(keys_, kVersion, {}, {0, 0, 0}));
        auto block = ota::command_data_size(host, ota::ScriptFormat::kCompact, max_packet);
        std::vector<ota::RemoteCommand> commands;
        auto operations = globalplatform::plan({{applet.application}, {}}, {});
        for (auto& command :
             globalplatform::commands(operations, iso7816::Aid::constant(card::kIssuerDomainAid), block)) {
            commands.push_back({std::move(command.apdu), false});
        }
        auto conversation = must(ota::RemoteConversation::create(std::move(host), ota::ScriptFormat::kCompact,
                                                                 commands, counter_, max_packet));
        auto ended = ota::carry(conversation, sms, {.patience = 60s});
        counter_ = conversation.counter() + 1;
        sent_ = sms.down().accepted;
        return ended ? "" : ended.error().code;
    }

    bool is_installed() const { return se_->registry().application(kHello).has_value(); }

    SeededRandom random_{1, "sms"};
    VirtualClock clock_;
    scp::Scp80Keys keys_;
    std::optional<card::SecureElement> se_;
    std::uint64_t counter_ = 1, sent_ = 0;
};

constexpr SmsCentre::Behaviour kSlow{.forwarding = 1s, .transfer = 3s};

TEST_F(SmsInstallation, InstallsByPacketsOfOneMessage) {
    EXPECT_EQ(install(kSlow, kSlow, ota::max_packet(1), 1), "");
    EXPECT_TRUE(is_installed());
    EXPECT_GT(sent_, 5U);
}

TEST_F(SmsInstallation, InstallsByPacketsOfSeveralMessages) {
    EXPECT_EQ(install(kSlow, kSlow, ota::max_packet(4), 1), "");
    EXPECT_TRUE(is_installed());
}

TEST_F(SmsInstallation, InstallsThoughMessagesAreDoubledAndOvertaken) {
    auto bad = kSlow;
    bad.duplication = bad.reordering = 0.3;
    EXPECT_EQ(install(bad, kSlow, ota::max_packet(4), 3), "");
    EXPECT_TRUE(is_installed());
}

TEST_F(SmsInstallation, SendsAgainWhatWasLost) {
    auto bad = kSlow;
    bad.loss = 0.1;
    EXPECT_EQ(install(bad, kSlow, ota::max_packet(1), 5), "");
    EXPECT_TRUE(is_installed());
}

TEST_F(SmsInstallation, SaysThatItDoesNotKnowWhereAProofWasLost) {
    auto bad = kSlow;
    bad.loss = 1;
    EXPECT_EQ(install(kSlow, bad, ota::max_packet(1), 1), "ota.no_answer");
    EXPECT_FALSE(is_installed());
    EXPECT_EQ(install(kSlow, kSlow, ota::max_packet(1), 1), "") << "and again, from where it stands";
    EXPECT_TRUE(is_installed());
}

}  // namespace
}  // namespace oti::compare
