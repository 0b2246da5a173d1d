// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/hex.h"
#include "seram/cbor.h"
#include "seram/frames.h"
#include "seram/json.h"

namespace oti::seram {
namespace {

using iso7816::Expectation;
using iso7816::StatusWord;
using testing::HasSubstr;

Handshake a_handshake() {
    return {{{SeType::kUicc, "89001012012341234012345678901224", "SAM"}, {SeType::kEse, "x"}},
            {"wss", "HTTPS"},
            {"application/cbor", "application/json"},
            {"2.0.0"}};
}

Order an_order() {
    SeRam ram{{{from_hex("00A4040008A00000015100000000"), Expectation::any()},
               {from_hex("80500000080102030405060708"), Expectation::any()}}};
    return {std::chrono::milliseconds(500),
            SecureElement{SeType::kEse, "89001012012341234012345678901224", "SAM"},
            {Start{}, std::move(ram), Notification{"step1/action2/OK"}, Stop{}}};
}

Report a_report() {
    return {AgentStatus::kProcessed, 2, "", {{from_hex("9000"), from_hex("01026310")}, {Bytes{}}}};
}

/// Whether python3-jsonschema accepts the text as this definition of our schema.
bool valid_by_schema(const std::string& definition, const std::string& json) {
    auto file = std::filesystem::temp_directory_path() / ("oti-seram-" + std::to_string(getpid()) + ".json");
    std::ofstream(file) << json;
    auto command = "python3 - " OTI_SOURCE_DIR "/docs/schema/seram-2.0.schema.json " + definition + " " +
                   file.string() +
                   R"( <<'PYTHON' 2>/dev/null
import json, sys, jsonschema
schema = json.load(open(sys.argv[1]))
schema["$ref"] = "#/$defs/" + sys.argv[2]
jsonschema.Draft202012Validator(schema).validate(json.load(open(sys.argv[3])))
PYTHON)";
    bool valid = std::system(command.c_str()) == 0;
    std::filesystem::remove(file);
    return valid;
}

TEST(SeramJson, MessagesAreValidByTheSchema) {
    EXPECT_TRUE(valid_by_schema("ramHandshakeCommand", to_json(a_handshake())));
    EXPECT_TRUE(valid_by_schema("ramHandshakeResponse",
                                to_json(HandshakeResponse{"HTTPS", "application/json", "2.0.0"})));
    EXPECT_TRUE(valid_by_schema("remoteManagementOrder", to_json(an_order())));
    EXPECT_TRUE(
        valid_by_schema("remoteManagementOrder", to_json(Order{std::chrono::milliseconds(0), {}, {}})));
    EXPECT_TRUE(valid_by_schema("remoteManagementReport", to_json(a_report())));
    EXPECT_TRUE(valid_by_schema("remoteManagementReport", to_json(Report{})));
    EXPECT_TRUE(valid_by_schema("remoteManagementReport",
                                to_json(Report{AgentStatus::kUnavailableSe, 0, "gone", {}})));
}

TEST(SeramJson, TheSchemaCanRefuse) {
    EXPECT_FALSE(valid_by_schema("remoteManagementReport", "{}"));
    EXPECT_FALSE(
        valid_by_schema("remoteManagementOrder", R"({"ramCommands":[{"ramCommandType":"seRamCommand"}]})"));
    EXPECT_FALSE(valid_by_schema("apdu", R"("9g")"));
}

TEST(SeramJson, ReadsWhatItWrites) {
    EXPECT_EQ(*parse_handshake(to_json(a_handshake())), a_handshake());
    EXPECT_EQ(*parse_order(to_json(an_order())), an_order());
    EXPECT_EQ(*parse_report(to_json(a_report())), a_report());
    HandshakeResponse response{"HTTPS", "application/json", "2.0.0"};
    EXPECT_EQ(*parse_handshake_response(to_json(response)), response);
}

TEST(SeramJson, ReadsBothFormsWhereTheOpenApiFileContradictsItself) {
    auto order = parse_order(
        R"({"ramCommands":[{"ramCommandType":"startCommand"},{"ramCommandType":"stopCommand"}]})");
    ASSERT_TRUE(order);
    EXPECT_EQ(order->commands, (std::vector<RamCommand>{Start{}, Stop{}}));
    auto handshake = parse_handshake(R"({"secureElements":[],"supportedVersion":["2.0.0"]})");
    ASSERT_TRUE(handshake);
    EXPECT_EQ(handshake->versions, std::vector<std::string>{"2.0.0"});
    auto response = parse_handshake_response(
        R"({"chosenTransportProtocol":"HTTPS","chosenDataProtocol":"application/json","chosenVersion":"2.0.0"})");
    ASSERT_TRUE(response);
    EXPECT_EQ(response->data_format, "application/json");
}

TEST(SeramJson, AssumesHttpsAndJsonAndVersion2) {
    auto handshake = parse_handshake(R"({"secureElements":[]})");
    ASSERT_TRUE(handshake);
    EXPECT_EQ(handshake->transport_protocols, std::vector<std::string>{"HTTPS"});
    EXPECT_EQ(handshake->data_formats, std::vector<std::string>{"application/json"});
    EXPECT_EQ(handshake->versions, std::vector<std::string>{"2.0.0"});
}

TEST(SeramJson, RefusesWhatIsWrongAndNamesTheMember) {
    auto message = [](std::string_view json) { return parse_order(json).error().message; };
    EXPECT_THAT(message(""), HasSubstr("no JSON"));
    EXPECT_THAT(message("[]"), HasSubstr("no JSON object"));
    EXPECT_THAT(message(R"({"delay":-1})"), HasSubstr("'delay' is out of range"));
    EXPECT_THAT(message(R"({"delay":"1"})"), HasSubstr("'delay' is no integer"));
    EXPECT_THAT(message(R"({"ramCommands":{}})"), HasSubstr("'ramCommands' is no array"));
    EXPECT_THAT(message(R"({"ramCommands":[{}]})"), HasSubstr("'ramCommandType' is missing"));
    EXPECT_THAT(message(R"({"ramCommands":[{"ramCommandType":"x"}]})"), HasSubstr("unknown ramCommandType"));
    EXPECT_THAT(message(R"({"ramCommands":[{"ramCommandType":"seRamCommand","listOfCAPDU":["0"]}]})"),
                HasSubstr("half a byte"));
    EXPECT_THAT(message(R"({"ramCommands":[{"ramCommandType":"seRamCommand","listOfCAPDU":["zz"]}]})"),
                HasSubstr("hexadecimal"));
    EXPECT_THAT(message(std::string(100, '[')), HasSubstr("no JSON"));
    EXPECT_THAT(message(std::string((1 << 20) + 1, ' ')), HasSubstr("longer than"));
    EXPECT_THAT(parse_report("{}").error().message, HasSubstr("'localAgentStatus' is missing"));
    EXPECT_THAT(parse_report(R"({"localAgentStatus":{"localAgentStatusEnum":"FINE"}})").error().message,
                HasSubstr("unknown localAgentStatusEnum"));
}

// RFC 8949, appendix A.
TEST(Cbor, WritesAndReadsTheExamplesOfTheRfc) {
    auto integer = [](std::uint64_t value) { return to_hex(CborWriter().unsigned_integer(value).take()); };
    EXPECT_EQ(integer(0), "00");
    EXPECT_EQ(integer(23), "17");
    EXPECT_EQ(integer(24), "1818");
    EXPECT_EQ(integer(100), "1864");
    EXPECT_EQ(integer(1000), "1903E8");
    EXPECT_EQ(integer(1000000), "1A000F4240");
    EXPECT_EQ(integer(1000000000000), "1B000000E8D4A51000");
    EXPECT_EQ(integer(18446744073709551615ULL), "1BFFFFFFFFFFFFFFFF");
    EXPECT_EQ(to_hex(CborWriter().bytes(from_hex("01020304")).take()), "4401020304");
    EXPECT_EQ(to_hex(CborWriter().text("IETF").take()), "6449455446");
    EXPECT_EQ(
        to_hex(CborWriter().array(3).unsigned_integer(1).unsigned_integer(2).unsigned_integer(3).take()),
        "83010203");

    auto bytes = from_hex("1B000000E8D4A51000");
    CborReader reader(bytes, "test");
    EXPECT_EQ(*reader.unsigned_integer(~0ULL), 1000000000000U);
}

TEST(Cbor, RefusesWhatIsNotTheShortestFormOrNotInTheSubset) {
    for (const auto* hex : {"1800", "1817", "190010", "1A0000FFFF", "1B00000000FFFFFFFF", "20", "F5", "1C",
                            "1F", "5F", "18", "19FF"}) {
        auto bytes = from_hex(hex);
        CborReader reader(bytes, "test");
        EXPECT_FALSE(reader.unsigned_integer(~0ULL)) << hex;
    }
    auto bounded = from_hex("1903E8");
    EXPECT_FALSE(CborReader(bounded, "test").unsigned_integer(999));
}

std::vector<Frame> all_frames() {
    SessionId session("0f96af97-f879-45a2-a011-ee7439df3804");
    SeRam ram{{{from_hex("80F24002024F00"), Expectation::status({StatusWord::kOk, StatusWord::kMoreData})},
               {from_hex("8482330010"), Expectation::exactly(from_hex("9000"))},
               {from_hex("00A40400"), Expectation::any()}}};
    Order order{std::chrono::milliseconds(0),
                SecureElement{SeType::kEse, "id"},
                {Start{}, ram, Notification{"hi"}, Stop{}}};
    return {Hello{a_handshake(), {{session, {2, 17}}}},
            Welcome{{"wss", "application/cbor", "2.0.0"}},
            StreamOrder{session, {1, 8}, {1, 3}, order},
            StreamOrder{session, {0, 0}, {0, 0}, Order{}},
            StreamReport{session, {1, 2}, AgentStatus::kProcessed, "", {from_hex("9000"), Bytes{}}},
            StreamReport{session, {1, 2}, AgentStatus::kUnavailableSe, "no power", {}},
            Resume{session, {1, 9}},
            WakeUp{session},
            Fault{session, "seram.no_session", "no such session"}};
}

TEST(Frames, ReadsWhatItWrites) {
    for (const auto& frame : all_frames()) {
        auto again = parse_frame(encode(frame));
        ASSERT_TRUE(again) << again.error().message;
        EXPECT_EQ(*again, frame);
    }
}

TEST(Frames, RefusesEveryCutAndEveryAddition) {
    for (const auto& frame : all_frames()) {
        auto bytes = encode(frame);
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            auto cut = parse_frame(BytesView(bytes).first(size));
            ASSERT_FALSE(cut);
            EXPECT_EQ(cut.error().code, "seram.invalid");
        }
        bytes.push_back(0);
        EXPECT_FALSE(parse_frame(bytes));
    }
}

TEST(Frames, ALengthBeyondTheMessageAllocatesNothing) {
    // A report that announces 2^32-1 responses, and one with a response of 4 GiB.
    EXPECT_FALSE(parse_frame(from_hex("870461780000 0060 9AFFFFFFFF")));
    EXPECT_FALSE(parse_frame(from_hex("870461780000 0060 81 5AFFFFFFFF")));
    EXPECT_FALSE(parse_frame(Bytes(kMaxFrame + 1)));
}

}  // namespace
}  // namespace oti::seram
