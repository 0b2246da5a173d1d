// SPDX-License-Identifier: Apache-2.0
// Power fails at every write of a life of applets: what they have written, what they are made of and what the
// registry says of them is what it was before the command, or what it is after it.
#include <gtest/gtest.h>

#include "card/power_cut_fixture.h"

namespace oti::card::power {
namespace {

constexpr std::string_view kSupport = "F04F54491F", kAtomic = "F04F544924", kSecured = "F04F544913";

/// The whole of a package; only the last command changes something.
Step load(std::string_view package, const std::string& cap) {
    auto block = must(cap::CapFile::read(OTI_SOURCE_DIR "/applets/tests/" + cap)).load_file_data_block();
    return [=, file = cap::load_file(block)](Terminal& terminal) {
        if (!ok(terminal.send("80E602000A05" + std::string(package) + "00000000"))) return false;
        constexpr std::size_t kBlock = 200;
        std::uint8_t number = 0;
        for (BytesView rest = file; !rest.empty(); ++number) {
            auto size = std::min(rest.size(), kBlock);
            std::uint8_t p1 = size == rest.size() ? 0x80 : 0x00;
            if (!ok(terminal.send({0x80, 0xE8, p1, number, to_bytes(rest.first(size)), 256}))) return false;
            rest = rest.subspan(size);
        }
        return true;
    };
}

Step install(std::string_view package) {
    auto aid = std::string(package);
    return command("80E60C001A 05" + aid + " 06" + aid + "01 06" + aid + "01 0100 02C900 00");
}

/// A command for an applet, whatever it says of it.
Step applet(std::string_view package, const std::string& hex) {
    return [select = "00A4040006" + std::string(package) + "01", hex](Terminal& terminal) {
        return ok(terminal.plain(select)) && terminal.plain(hex).sw != StatusWord::kMemoryFailure;
    };
}

/// A program of tests/atomic, whose steps AtomicApplet.java lists.
Step atomic(const std::string& program) {
    return applet(kAtomic,
                  "80A00000" + to_hex(Bytes{static_cast<std::uint8_t>(program.size() / 2)}) + program);
}

Step personalize(const std::string& block) {
    return [block](Terminal& terminal) {
        return ok(terminal.send("80E620000C 00 00 06F04F54491301 00 00 00")) && ok(terminal.send(block));
    };
}

Life applets() {
    auto issuer = open_session(kIssuer, kTestKey);
    return {{
        issuer,
        load(kSupport, "support.cap"),
        load(kAtomic, "atomic.cap"),
        install(kAtomic),
        load(kSecured, "secured.cap"),
        install(kSecured),
        personalize("80E2900003 0A0B0C"),
        atomic("1011"),          // a field
        atomic("111210131222"),  // static, field, array
        atomic("01102111221223"
               "02"),  // the same in a transaction
        atomic("0110311132"
               "14440301"
               "02"),              // one that is aborted around what is not atomic; and an empty one
        atomic("01103311341530"),  // one that is left open
        atomic("21"),              // an object, which a field refers to
        atomic("012124"
               "02"),          // made and let go in a transaction
        atomic("5103010203"),  // a PIN
        atomic("5003010204"),  // a try that is wrong
        issuer,
        command("80E40000084F06F04F54491301"),
        command("80E40000074F05F04F544913"),
        command("80E40080074F05F04F544924"),
        command("80E40000074F05F04F54491F"),
    }};
}

TEST(AppletPower, ACutAtAnyWriteLeavesTheStateBeforeOrAfterTheCommand) {
    auto life = applets();
    cut_at_every_write(life, live_whole(life));
}

}  // namespace
}  // namespace oti::card::power
