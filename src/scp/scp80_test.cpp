// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "base/hex.h"
#include "scp/scp80_card.h"
#include "scp/scp80_host.h"

namespace oti::scp {
namespace {

using crypto::SecretBytes;

struct Vector {
    std::string name, spi, command, response;
};

std::vector<Vector> vectors() {
    std::ifstream file(OTI_SOURCE_DIR "/src/scp/testdata/scp80_pysim.txt");
    std::vector<Vector> all;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with('#')) continue;
        std::erase(line, ' ');
        std::istringstream columns(line);
        Vector vector;
        for (auto* field : {&vector.name, &vector.spi, &vector.command, &vector.response})
            std::getline(columns, *field, '|');
        all.push_back(vector);
    }
    return all;
}

Scp80Keys keys_of(Scp80Algorithm algorithm, std::string_view kic, std::string_view kid, std::size_t mac = 8) {
    return {algorithm, SecretBytes::take(from_hex(kic)), SecretBytes::take(from_hex(kid)), mac};
}

Scp80Keys pysim_keys(const Vector& vector) {
    if (vector.name.starts_with("AES"))
        return keys_of(Scp80Algorithm::kAes, "200102030405060708090a0b0c0d0e0f",
                       "201102030405060708090a0b0c0d0e0f");
    return keys_of(Scp80Algorithm::kTripleDes, "300102030405060708090a0b0c0d0e0f",
                   "301102030405060708090a0b0c0d0e0f");
}

constexpr Tar kTar{0xB0, 0x00, 0x11};
const std::string kUserDataHeader = "027100";

Spi spi_of(std::string_view hex) {
    auto bytes = from_hex(hex);
    return Spi::parse(bytes.at(0), bytes.at(1)).value();
}

Scp80Host host_of(const Scp80Keys& keys, std::uint8_t version, std::string_view spi,
                  Scp80Leniency leniency = {}) {
    auto host = Scp80Host::create(keys, version, spi_of(spi), kTar, leniency);
    EXPECT_TRUE(host) << host.error().message;
    return std::move(*host);
}

TEST(Scp80Host, MakesPySimsCommands) {
    ASSERT_EQ(vectors().size(), 4U);
    for (const auto& vector : vectors()) {
        auto version = vector.name.starts_with("AES") ? 2 : 3;
        auto host = host_of(pysim_keys(vector), static_cast<std::uint8_t>(version), vector.spi, {true, true});
        EXPECT_EQ(host.command(0, from_hex("00A40004023F00")), from_hex(vector.command)) << vector.name;
    }
}

TEST(Scp80Host, ReadsPySimsResponses) {
    for (const auto& vector : vectors()) {
        auto version = vector.name.starts_with("AES") ? 2 : 3;
        auto host = host_of(pysim_keys(vector), static_cast<std::uint8_t>(version), vector.spi, {true, true});
        auto proof = host.response(0, from_hex(vector.response.substr(kUserDataHeader.size())));
        ASSERT_TRUE(proof) << vector.name << proof.error().message;
        EXPECT_EQ(proof->status, ResponseStatus::kOk);
        EXPECT_EQ(to_hex(proof->data), "016132") << vector.name;
    }
}

// pySim's packets without ciphering leave out CPL, which their checksum covers.
TEST(Scp80Host, MakesPySimsUncipheredCommands) {
    auto keys = keys_of(Scp80Algorithm::kTripleDes, "C21DD66ACAC13CB3BC8B331B24AFB57B",
                        "12110C78E678C25408233076AA033615");
    auto make = [&](std::string_view spi) {
        auto host = Scp80Host::create(keys, 3, spi_of(spi), Tar{0xB0, 0, 0}, {true, true});
        return to_hex(host->command(0, from_hex("00A40000023F00")).value());
    };
    EXPECT_EQ(make("0219"), "001D1502193535B00000000000000000072EA17BDB72060E00A40000023F00");
    EXPECT_EQ(make("0019"), "00150D00193535B0000000000000000000A40000023F00");
    EXPECT_EQ(make("0419"), "00180D04193535B00000E3EC80A849B554421276AF3883927C20");
}

// Answers of a card 8988211000000467285 to SELECT, in pySim's test: status 00, data 01612F.
TEST(Scp80Host, ReadsAnswersOfACardThatPySimHasMet) {
    auto keys = keys_of(Scp80Algorithm::kTripleDes, "C21DD66ACAC13CB3BC8B331B24AFB57B",
                        "12110C78E678C25408233076AA033615");
    auto read = [&](std::string_view spi, std::string_view packet) {
        auto proof = host_of(keys, 3, spi, {true, true}).response(0, from_hex(packet));
        return proof ? to_hex(proof->data) : proof.error().code;
    };
    EXPECT_EQ(read("0619", "001C12B000119660EBDB81BE189B5E4389E9E7AB2BC0954F963AD869ED7C"), "01612F");
    EXPECT_EQ(read("0609", "001612B000110000000000000055F47118381175FB01612F"), "01612F");
    EXPECT_EQ(read("0609", "001612B000110000000000000055F47118381175FB02612F"), "ota.por_mac");
    EXPECT_EQ(read("0601", "000E0AB000110000000000000001612F"), "01612F");
}

TEST(Scp80Card, OpensPySimsTripleDesCommandsAndAnswersAsItsCardsDid) {
    for (const auto& vector : vectors()) {
        auto keys = pysim_keys(vector);
        auto card = Scp80Card::receive(from_hex(vector.command));
        ASSERT_TRUE(card);
        EXPECT_EQ(to_hex(card->tar()), "B00011");
        if (vector.name.starts_with("AES")) {
            // 5.1.2: AES needs a counter.
            EXPECT_EQ(card->open(keys, 0), PacketStatus::kSecurityError);
            continue;
        }
        EXPECT_EQ(card->key_version(), 3);
        ASSERT_EQ(card->open(keys, 0), PacketStatus::kOk) << vector.name;
        EXPECT_EQ(to_hex(card->data()), "00A40004023F00");
        auto response = card->response(PacketStatus::kOk, from_hex("016132"), &keys);
        ASSERT_TRUE(response);
        auto expected = from_hex(vector.response.substr(kUserDataHeader.size()));
        EXPECT_EQ(to_hex(*response), to_hex(expected)) << vector.name;
    }
}

class Pair : public ::testing::Test {
  protected:
    Scp80Keys keys_ =
        keys_of(Scp80Algorithm::kAes, "000102030405060708090A0B0C0D0E0F", "101112131415161718191A1B1C1D1E1F");
    Bytes data_ = from_hex("80F24000024F0000C0000000");

    PacketStatus open(const Scp80Host& host, std::uint64_t counter, std::uint64_t last) {
        card_ = Scp80Card::receive(host.command(counter, data_).value());
        return card_->open(keys_, last);
    }
    std::optional<Scp80Card> card_;
};

TEST_F(Pair, AgreeOnEveryPermittedSecurity) {
    for (auto size : {16U, 24U, 32U}) {
        for (std::size_t mac : {4U, 8U}) {
            keys_ = {Scp80Algorithm::kAes, SecretBytes::take(Bytes(size, 0x11)),
                     SecretBytes::take(Bytes(size, 0x22)), mac};
            for (unsigned first = 0; first < 0x20; ++first) {
                for (unsigned second = 0; second < 0x20; ++second) {
                    auto spi =
                        Spi::parse(static_cast<std::uint8_t>(first), static_cast<std::uint8_t>(second));
                    auto host = spi ? Scp80Host::create(keys_, 5, *spi, kTar) : std::unexpected(spi.error());
                    if (!host) continue;
                    ASSERT_EQ(open(*host, 7, 6), PacketStatus::kOk) << first << " " << second;
                    EXPECT_EQ(to_hex(card_->data()), to_hex(data_));
                    auto answer = card_->response(PacketStatus::kOk, from_hex("019000"), &keys_);
                    EXPECT_EQ(answer.has_value(), spi->proof == ProofOfReceipt::kAlways);
                    if (!answer) continue;
                    auto proof = host->response(7, *answer);
                    ASSERT_TRUE(proof) << proof.error().message;
                    EXPECT_EQ(to_hex(proof->data), "019000");
                }
            }
        }
    }
}

TEST_F(Pair, CounterRules) {
    auto higher = host_of(keys_, 1, "1619"), next = host_of(keys_, 1, "1E19");
    EXPECT_EQ(open(higher, 9, 9), PacketStatus::kCounterLow);
    EXPECT_EQ(open(higher, 10, 9), PacketStatus::kOk);
    EXPECT_EQ(open(higher, 100, 9), PacketStatus::kOk);
    EXPECT_EQ(open(next, 10, 9), PacketStatus::kOk);
    EXPECT_EQ(open(next, 11, 9), PacketStatus::kCounterHigh);
    EXPECT_EQ(open(next, kScp80MaxCounter, kScp80MaxCounter), PacketStatus::kCounterBlocked);
    EXPECT_EQ(higher.command(kScp80MaxCounter + 1, data_).error().code, "ota.counter");
}

// Redundancy checks computed from 5.1.3.2 by polynomial division, bit after bit, by a program that gives the
// examples of annex B: 22 EC and 47 0B 99 F4.
TEST(Scp80Card, ChecksAndMakesRedundancyChecks) {
    auto keys =
        keys_of(Scp80Algorithm::kAes, "000102030405060708090A0B0C0D0E0F", "101112131415161718191A1B1C1D1E1F");
    for (auto [packet, answer] :
         {std::pair{"00150F01050011B00011000000000000268680CA004200", "00100CB00011000000000000008E60019000"},
          {"00171101050015B000110000000000003D7E917480CA004200",
           "00120EB00011000000000000001711A577019000"}}) {
        auto card = Scp80Card::receive(from_hex(packet));
        ASSERT_TRUE(card);
        EXPECT_EQ(card->key_version(), 1);
        ASSERT_EQ(card->open(keys, 0), PacketStatus::kOk) << packet;
        EXPECT_EQ(to_hex(card->data()), "80CA004200");
        EXPECT_FALSE(card->is_authenticated());
        EXPECT_EQ(to_hex(card->response(PacketStatus::kOk, from_hex("019000"), &keys).value()), answer);
        for (std::size_t byte = 10; byte < from_hex(packet).size(); ++byte) {
            auto bad = from_hex(packet);
            bad[byte] ^= 0x10;
            EXPECT_EQ(Scp80Card::receive(bad)->open(keys, 0), PacketStatus::kWrongChecksum) << byte;
        }
    }
    // b2b1 = 01: a CRC; b4b3 = 10 is no kind of it.
    auto unknown = Scp80Card::receive(from_hex("00150F01050019B00011000000000000268680CA004200"));
    EXPECT_EQ(unknown->open(keys, 0), PacketStatus::kSecurityError);
}

TEST_F(Pair, ResponsesFillPacketsToTheByte) {
    for (std::string_view spi : {"1619", "1209", "1201", "1611"}) {
        auto host = host_of(keys_, 1, spi);
        ASSERT_EQ(open(host, 1, 0), PacketStatus::kOk);
        for (std::size_t size = 30; size < 140; ++size) {
            auto most = card_->max_response_data(size, keys_);
            EXPECT_LE(card_->response(PacketStatus::kOk, Bytes(most), &keys_)->size(), size);
            EXPECT_GT(card_->response(PacketStatus::kOk, Bytes(most + 1), &keys_)->size(), size);
        }
        EXPECT_EQ(card_->max_response_data(5, keys_), 0U);
    }
}

TEST_F(Pair, RefuseEveryChangedBitAndSignNothingForIt) {
    auto host = host_of(keys_, 1, "1619");
    auto good = host.command(1, data_).value();
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
        auto bad = good;
        bad[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        auto card = Scp80Card::receive(bad);
        if (!card) continue;
        auto status = card->open(keys_, 0);
        ASSERT_NE(status, PacketStatus::kOk) << bit;
        EXPECT_FALSE(card->is_authenticated());
        auto answer = card->response(status, {}, &keys_);
        if (answer) {
            EXPECT_EQ(answer->size(), 13U);
            EXPECT_EQ(to_hex(BytesView(*answer).subspan(6, 5)), "0000000000");
        }
    }
    ASSERT_EQ(open(host, 1, 0), PacketStatus::kOk);
    auto answer = card_->response(PacketStatus::kOk, from_hex("019000"), &keys_).value();
    for (std::size_t bit = 0; bit < answer.size() * 8; ++bit) {
        auto bad = answer;
        bad[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        EXPECT_FALSE(host.response(1, bad)) << bit;
    }
    for (std::size_t size = 0; size < answer.size(); ++size)
        EXPECT_FALSE(host.response(1, BytesView(answer).first(size)));
    EXPECT_EQ(host.response(2, answer).error().code, "ota.por_mismatch");
}

TEST_F(Pair, UnsecuredErrorsAreBelievedAsErrorsOnly) {
    auto host = host_of(keys_, 1, "1619");
    auto refused = host.response(1, from_hex("000B0AB00011000000000000 06"));
    ASSERT_TRUE(refused) << refused.error().message;
    EXPECT_EQ(refused->status, ResponseStatus::kSecurityError);
    EXPECT_FALSE(refused->authenticated);
    EXPECT_EQ(host.response(1, from_hex("000B0AB00011000000000100 00")).error().code, "ota.por_mac");
}

TEST(Scp80Host, RefusesForbiddenCombinations) {
    auto keys =
        keys_of(Scp80Algorithm::kAes, "000102030405060708090A0B0C0D0E0F", "101112131415161718191A1B1C1D1E1F");
    // No counter with AES; another check in the answer; a ciphered answer to an unciphered command.
    for (std::string_view spi : {"0619", "1509", "1219"})
        EXPECT_EQ(Scp80Host::create(keys, 1, spi_of(spi), kTar).error().code, "ota.spi") << spi;
    EXPECT_EQ(Scp80Host::create(keys, 0, spi_of("1619"), kTar).error().code, "ota.key_version");
    auto des = keys_of(Scp80Algorithm::kTripleDes, "000102030405060708090A0B0C0D0E0F",
                       "101112131415161718191A1B1C1D1E1F");
    EXPECT_EQ(Scp80Host::create(des, 1, spi_of("1619"), kTar).error().code, "ota.legacy");
    EXPECT_EQ(Spi::parse(0x03, 0).error().code, "ota.spi");
}

TEST(Scp80Host, FillsPacketsToTheByte) {
    auto keys =
        keys_of(Scp80Algorithm::kAes, "000102030405060708090A0B0C0D0E0F", "101112131415161718191A1B1C1D1E1F");
    for (std::string_view spi : {"1619", "1209", "1000"}) {
        auto host = host_of(keys, 1, spi);
        for (std::size_t size = 30; size < 140; ++size) {
            auto most = host.max_data(size);
            EXPECT_LE(host.command(1, Bytes(most)).value().size(), size);
            EXPECT_GT(host.command(1, Bytes(most + 1)).value().size(), size);
        }
    }
}

TEST_F(Pair, KeyVersionsThatContradictEachOther) {
    auto packet = host_of(keys_, 1, "1619").command(1, data_).value();
    packet[5] = 0x22;
    EXPECT_FALSE(Scp80Card::receive(packet)->key_version());
    packet[5] = 0x02;
    EXPECT_FALSE(Scp80Card::receive(packet)->key_version());
}

}  // namespace
}  // namespace oti::scp
