// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace oti::bearer {

/// An account at a message centre of an operator (SMPP 3.4).
struct SmppAccount {
    std::string host = {};
    std::uint16_t port = 2775;
    std::string system_id = {};
    std::string password = {};
    std::string source_address = {};  ///< a number, with or without "+": where cards send their answers
    std::uint8_t coding = 0xF6;       ///< data_coding: 8-bit data of class 2; 04 where that is not known
    bool receipts = false;            ///< asks for a receipt of each message that was not delivered
};

/// How long what is waited for.
struct SmppPatience {
    std::chrono::milliseconds connect{10'000};
    std::chrono::milliseconds first_retry{200};    ///< after a lost connection; doubled with each failure …
    std::chrono::milliseconds last_retry{30'000};  ///< … up to this
    std::chrono::milliseconds submit{30'000};  ///< for the centre's answer to a message, connection included
    std::chrono::milliseconds kept{600'000};   ///< what a card sent and nobody has asked for
};

}  // namespace oti::bearer
