// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "base/hex.h"
#include "crypto/aes.h"
#include "globalplatform/commands.h"
#include "globalplatform/install.h"
#include "globalplatform/plan.h"
#include "globalplatform/put_key.h"
#include "globalplatform/registry.h"

namespace oti::globalplatform {
namespace {

using iso7816::Aid;
using iso7816::StatusWord;

const Aid kPackage = Aid::constant("F04F544902");
const Aid kModule = Aid::constant("F04F54490201");
const Aid kDomain = Aid::constant("F04F54490000");

std::string hex(const iso7816::CommandApdu& apdu) {
    return to_hex(apdu.encode());
}

// GET STATUS of a real card, quoted in kaoh/globalplatform, globalplatform/src/scp03Test.c, get_status.
TEST(Registry, ReadsTheEntriesOfARealCard) {
    auto data = from_hex(
        "e33e4f10a0000005591010ffffffff89000010009f70013fc50380c000c407a0000001515350ce020100cc10a00000055910"
        "10ffff"
        "ffff8900000100ea028000e3394f10a00000008710 "
        "02ff01ff4189000001009f70020700c503000000c40ca000000095000000004e"
        "0001ce020100cc05a000000151ea028000e3304f09a000000559101000019f70020700c503000000c407a0000001515350ce"
        "020100"
        "cc08a000000151000000ea028000");
    auto registry = parse_registry({{Element::kApplications, false, {data, StatusWord::kOk}}}).value();
    ASSERT_EQ(registry.applications.size(), 3U);
    const auto& isd_p = registry.applications[0];
    EXPECT_EQ(isd_p.aid.hex(), "A0000005591010FFFFFFFF8900001000");
    EXPECT_EQ(isd_p.life_cycle, 0x3F);
    EXPECT_EQ(isd_p.privileges, (Privileges{0x80, 0xC0, 0x00}));
    EXPECT_TRUE(isd_p.is_security_domain());
    EXPECT_EQ(isd_p.security_domain->hex(), "A0000005591010FFFFFFFF8900000100");
    EXPECT_EQ(registry.applications[1].life_cycle, 0x07);
    EXPECT_EQ(registry.applications[1].load_file->hex(), "A000000095000000004E0001");
}

TEST(Registry, ReadsLoadFilesWithVersionAndModules) {
    auto data = from_hex("E31F 4F05F04F544902 9F700101 CE020101 8406F04F54490201 CC06F04F54490000");
    auto registry = parse_registry({{Element::kLoadFilesAndModules, false, {data}}}).value();
    ASSERT_EQ(registry.load_files.size(), 1U);
    EXPECT_EQ(registry.load_files[0].version, (PackageVersion{1, 1}));
    EXPECT_EQ(registry.load_files[0].modules, std::vector{kModule});
}

TEST(Registry, TakesNotFoundAsEmptyAndRefusesNonsense) {
    EXPECT_EQ(
        parse_registry({{Element::kApplications, false, {{}, StatusWord::kReferencedDataNotFound}}}).value(),
        Registry{});
    EXPECT_FALSE(parse_registry({{Element::kApplications, false, {from_hex("4F05F04F544902")}}}));
    EXPECT_FALSE(parse_registry({{Element::kApplications, false, {from_hex("E3054F03F04F54")}}}));
    EXPECT_FALSE(parse_registry({{Element::kApplications, false, {from_hex("E3074F05F04F5449")}}}));
}

// GPCS 2.3.1, 11.5.2.3: the fields in their order.
TEST(Commands, FollowTheTables) {
    EXPECT_EQ(hex(get_status(Element::kApplications, false)), "80F24002024F0000");
    EXPECT_EQ(hex(get_status(Element::kLoadFilesAndModules, true)), "80F21003024F0000");
    EXPECT_EQ(hex(select(kDomain)), "00A4040006F04F5449000000");
    EXPECT_EQ(hex(install_for_load(kPackage, kDomain, 0x2400)),
              "80E60200"
              "16"
              "05F04F544902"
              "06F04F54490000"
              "00"
              "06EF04C6022400"
              "00"
              "00");
    EXPECT_EQ(hex(install_and_make_selectable(kPackage, kModule, kModule, {})),
              "80E60C00"
              "1A"
              "05F04F544902"
              "06F04F54490201"
              "06F04F54490201"
              "0100"
              "02C900"
              "00"
              "00");
    EXPECT_EQ(hex(install_and_make_selectable(kPackage, kModule, kModule,
                                              {kProviderDomainPrivileges, Bytes{0xAA}})),
              "80E60C00"
              "1D"
              "05F04F544902"
              "06F04F54490201"
              "06F04F54490201"
              "0380C000"
              "03C901AA"
              "00"
              "00");
    EXPECT_EQ(hex(delete_object(kPackage, true)), "80E40080074F05F04F54490200");
}

TEST(Commands, SplitALoadFileIntoCountedBlocks) {
    Bytes file(257 * 10 + 3, 0x11);
    auto blocks = load(file, 10);
    ASSERT_EQ(blocks.size(), 258U);
    EXPECT_EQ(blocks[0].p1, 0x00);
    EXPECT_EQ(blocks[255].p2, 0xFF);
    EXPECT_EQ(blocks[256].p2, 0x00) << "the block number wraps";
    EXPECT_EQ(blocks[257].p1, 0x80);
    EXPECT_EQ(blocks[257].data.size(), 3U);
}

// GPCS 2.3.1, 11.8.2.3: key data as gpshell's library and the specification have it; check values by pySim.
TEST(Commands, PutKeyEncryptsUnderTheDekAndPredictsTheCheckValues) {
    auto key = [](std::string_view text) { return crypto::SecretBytes::take(from_hex(text)); };
    scp::KeySet keys{key("000102030405060708090a0b0c0d0e0f"), key("101112131415161718191a1b1c1d1e1f"),
                     key("202122232425262728292a2b2c2d2e2f")};
    auto dek = key("404142434445464748494A4B4C4D4E4F");
    auto put =
        put_key(scp::KeyVersion(0x30), scp::KeyVersion(0x31), keys, scp::StaticDek::create(dek).value())
            .value();
    EXPECT_EQ(to_hex(put.expected_response), "31C35280013808840DE5");
    EXPECT_EQ(put.command.p1, 0x30);
    EXPECT_EQ(put.command.p2, 0x81);
    ASSERT_EQ(put.command.data.size(), 1U + 3 * (1 + 1 + 1 + 16 + 1 + 3));
    EXPECT_EQ(to_hex(BytesView(put.command.data).first(4)), "31881110");
    EXPECT_EQ(to_hex(BytesView(put.command.data).subspan(20, 4)), "03C35280");
    Bytes first = to_bytes(BytesView(put.command.data).subspan(4, 16));
    crypto::Aes::create(dek).value().cbc_decrypt({}, first, first);
    EXPECT_EQ(to_hex(first), "000102030405060708090A0B0C0D0E0F");
}

// TS 102 226, 8.2.1.5.1: after the KID, and after no other key, the length of its MACs.
TEST(Commands, PutKeyOfPacketsSaysHowLongTheirMacsAre) {
    crypto::SystemRandom random;
    auto keys = scp::KeySet::random(random);
    auto dek = scp::StaticDek::create(keys.dek).value();
    auto put = put_packet_keys(scp::KeyVersion(0), scp::KeyVersion(1), keys, 8, dek).value();
    BytesView data(put.command.data);
    constexpr std::size_t kPlain = 1 + 1 + 1 + 16 + 1 + 3;
    ASSERT_EQ(data.size(), 1 + 3 * kPlain + 1);
    auto kid = data.subspan(1 + kPlain, kPlain + 1);
    EXPECT_EQ(to_hex(kid.first(3)), "881210");
    EXPECT_EQ(to_hex(kid.subspan(19, 2)), "0803");
    EXPECT_EQ(to_hex(data.subspan(1 + 2 * kPlain + 1, 3)), "881110");
}

TEST(Commands, ReadTheAnnouncedCommandLength) {
    EXPECT_EQ(max_command_data(from_hex("6F108408A000000151000000A5049F6501FF")), 255U);
    EXPECT_EQ(max_command_data(from_hex("6F118408A000000151000000A5059F65020800")), 2048U);
    EXPECT_EQ(max_command_data({}), 255U);
    EXPECT_EQ(max_command_data(from_hex("6F108408A000000151000000A5049F650101")), 255U);
}

DesiredApplication transit(std::uint8_t minor) {
    return {kPackage, kModule, kModule, {}, {}, from_hex("C4021122"), PackageVersion{1, minor}};
}

std::string describe(const std::vector<Operation>& operations) {
    std::string text;
    for (const auto& command : commands(operations, kDomain, 239)) text += command.step + "; ";
    return text;
}

Registry with_transit(std::uint8_t minor, std::uint8_t life_cycle = kStateSelectable) {
    Registry registry;
    registry.applications.push_back({kModule, life_cycle, {}, kPackage, kDomain});
    registry.load_files.push_back({kPackage, 1, PackageVersion{1, minor}, {kModule}, kDomain});
    return registry;
}

TEST(Plan, InstallsWhatIsMissingOnly) {
    EXPECT_EQ(describe(plan({{transit(0)}, {}}, {})),
              "announce F04F544902; load 1 of 1; install F04F54490201; ");
    auto half = with_transit(0);
    half.applications.clear();
    EXPECT_EQ(describe(plan({{transit(0)}, {}}, half)), "install F04F54490201; ");
    EXPECT_EQ(describe(plan({{transit(0)}, {}}, with_transit(0, kStateInstalled))),
              "make selectable F04F54490201; ");
    EXPECT_TRUE(plan({{transit(0)}, {}}, with_transit(0)).empty());
}

TEST(Plan, ReplacesAnotherVersion) {
    EXPECT_EQ(describe(plan({{transit(1)}, {}}, with_transit(0))),
              "delete F04F544902; announce F04F544902; load 1 of 1; install F04F54490201; ");
}

TEST(Plan, DeletesWhatShallNotBeThereAndNothingElse) {
    EXPECT_EQ(describe(plan({{}, {kPackage}}, with_transit(0))), "delete F04F544902; ");
    EXPECT_TRUE(plan({{}, {kPackage}}, {}).empty());
    EXPECT_TRUE(plan({}, with_transit(0)).empty());
}

TEST(Plan, FreesAnInstanceAidThatAnotherPackageHolds) {
    auto registry = with_transit(0);
    registry.applications[0].load_file = Aid::constant("F04F544999");
    EXPECT_EQ(describe(plan({{transit(0)}, {}}, registry)), "delete F04F54490201; install F04F54490201; ");
}

}  // namespace
}  // namespace oti::globalplatform
