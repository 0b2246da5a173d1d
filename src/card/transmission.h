// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/secure_element.h"

namespace oti::card {

/// How a terminal reaches the card: by the transmission protocol of its profile, with the response data that
/// the terminal has yet to ask for (ISO/IEC 7816-3, clause 12; ISO/IEC 7816-4, 5.3.4).
///
/// T=1: a C-APDU there, an R-APDU back. Of a response longer than Ne (256 without Le) the first Ne bytes are
/// sent with 61xx, and GET RESPONSE gets the rest.
///
/// T=0: a header with P3, then data in one direction. Response data of a command with command data are
/// announced by 61xx (a Le after the command data means nothing) and sent for GET RESPONSE; a command
/// without command data gets 6Cxx until its P3 is the number of bytes that there are. It is not run a second
/// time then, so that a secure channel counts it once.
class Transmission {
  public:
    explicit Transmission(SecureElement& se) : se_(&se) {}

    /// The answer to what came over the line. `exchange` gets its cost.
    Bytes process(BytesView command, Exchange& exchange);
    void reset();

    const SecureElement& secure_element() const { return *se_; }

  private:
    Bytes answer(BytesView command, Exchange& exchange);
    Bytes answer_t0(BytesView command, Exchange& exchange);
    Bytes answer_t1(BytesView command, Exchange& exchange);
    Bytes get_response(BytesView command);
    /// The next bytes of what is held, then its status word, or 61xx if more are left.
    Bytes give(std::size_t most);
    void run(BytesView command, Exchange& exchange);

    SecureElement* se_;
    ResponseApdu held_;  ///< data not asked for yet, and the status word after the last of them
    std::uint8_t of_channel_ = 0;
    Bytes refused_header_;  ///< T=0: of the command that got 6Cxx
};

}  // namespace oti::card
