// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compare/network.h"
#include "compare/seeded_random.h"
#include "compare/simulator.h"
#include "compare/subject.h"

namespace oti::compare {

/// One installation that is to be tried.
struct Trial {
    const Subject& subject;
    const Applet& applet;
    Procedure procedure = Procedure::kSession;
    Network network;
    std::uint64_t seed = 1;
    std::string name = {};  ///< the seed and this determine all that is random in it
    /// The connection is lost at these times, beside what the network does; the wire's card loses its power.
    std::vector<Time> cuts = {};
    /// Sees what the phone (or the terminal) sees, and may change it: C-APDUs and R-APDUs.
    std::function<void(Bytes& apdu, bool command)> bridge = {};
    /// Keys of the issuer may be used, where a bearer needs them.
    bool issuer_helps = true;
    /// The phone has software that carries APDUs.
    bool handset_helps = true;
};

/// What it took.
struct Outcome {
    bool completed = false;
    std::string error = {};       ///< the last one, if it was not completed
    Time duration{};              ///< from the wish to the last verified response
    std::size_t round_trips = 0;  ///< over the network, each waiting for the one before
    std::size_t apdus = 0;        ///< that the secure element processed
    std::size_t sms = 0;
    std::uint64_t bytes_up = 0;  ///< from the phone; with IP and TCP headers
    std::uint64_t bytes_down = 0;
    std::uint64_t bytes_again = 0;  ///< of them, sent again by TCP or after a resumption
    std::size_t resumptions = 0;    ///< sessions that went on after a lost connection
    std::size_t retries = 0;        ///< sessions that were begun anew
    Time radio{};                   ///< the phone's radio was on, the last tail included
};

/// A way from a provider to a secure element.
class Bearer {
  public:
    virtual ~Bearer() = default;
    virtual std::string_view name() const = 0;
    virtual std::string_view title() const = 0;
    /// Whether it matters which network is between; else all networks are one.
    virtual bool uses_network() const = 0;
    /// Installs in virtual time. An installation that fails is an outcome; errors are those of preparing it.
    virtual Result<Outcome> install(const Trial& trial) const = 0;
};

/// Virtual time after which an installation is given up.
inline constexpr Time kPatience = std::chrono::hours(2);

/// "otw", "oti", "oti-cold", "oti-lockstep", "seram", "ota-sms", "bip". Error `compare.bearer` for any other.
Result<std::unique_ptr<Bearer>> make_bearer(std::string_view name);
std::vector<std::string> bearer_names();

}  // namespace oti::compare
