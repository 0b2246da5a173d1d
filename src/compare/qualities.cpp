// SPDX-License-Identifier: Apache-2.0
#include "compare/qualities.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace oti::compare {
namespace {

/// Of the load file; long enough not to turn up by chance.
constexpr std::size_t kWindow = 16;
constexpr std::uint8_t kLoad = 0xE8, kEnvelope = 0xC2;

/// The runs that give the answers, on one bearer.
class Examination {
  public:
    Examination(const Bearer& bearer, const Subject& subject, const Applet& applet, const Network& network,
                std::uint64_t seed)
        : bearer_(&bearer), subject_(&subject), applet_(&applet), network_(network), seed_(seed) {}

    Result<std::vector<Quality>> run() {
        OTI_TRY(plain_, install("plain", {}));
        OTI_CHECK(without_issuer());
        OTI_CHECK(cut_at_half());
        OTI_CHECK(confidentiality());
        OTI_CHECK(integrity());
        OTI_CHECK(handset());
        return std::move(answers_);
    }

  private:
    Result<Outcome> install(std::string_view run, const std::function<void(Trial&)>& prepare) {
        Trial trial{.subject = *subject_, .applet = *applet_, .network = network_, .seed = seed_};
        trial.name = fmt::format("qualities/{}/{}", bearer_->name(), run);
        if (prepare) prepare(trial);
        return bearer_->install(trial);
    }
    void answer(std::string question, bool yes, std::string evidence) {
        answers_.push_back({std::move(question), std::string(bearer_->name()), yes, std::move(evidence)});
    }

    Status without_issuer() {
        auto access = subject_->access();
        OTI_TRY(auto alone, install("alone", [](Trial& trial) { trial.issuer_helps = false; }));
        auto evidence = fmt::format("run 'alone': {} with one key set, version {:02X} of the domain {}",
                                    alone.completed ? "installed" : "failed: " + alone.error,
                                    access.keys.front().version.value(), access.aid.hex());
        answer("Works without the issuer?", alone.completed, evidence);
        answer("Needs the issuer's keys?", plain_.completed && !alone.completed, evidence);
        return {};
    }

    Status cut_at_half() {
        OTI_TRY(auto cut, install("cut at half", [&](Trial& trial) { trial.cuts = {plain_.duration / 2}; }));
        auto how = cut.retries > 0 ? "begun anew" : cut.resumptions > 0 ? "went on" : "was not hit";
        answer("Survives a cut at half?", cut.completed,
               fmt::format("run 'cut at half': {}, {:.2f} s instead of {:.2f} s, {} bytes sent twice",
                           cut.completed ? how : "failed: " + cut.error, in_seconds(cut.duration),
                           in_seconds(plain_.duration), cut.bytes_again));
        return {};
    }

    /// Whether whoever carries the APDUs sees a piece of the applet.
    Status confidentiality() {
        std::set<Bytes> windows;
        const auto& file = applet_->application.load_file_data;
        for (std::size_t at = 0; at + kWindow <= file.size(); at += kWindow) {
            windows.insert(to_bytes(BytesView(file).subspan(at, kWindow)));
        }
        std::size_t looked_at = 0, seen = 0;
        auto look = [&](Bytes& apdu, bool) {
            looked_at += apdu.size();
            for (std::size_t at = 0; at + kWindow <= apdu.size(); ++at) {
                if (windows.contains(to_bytes(BytesView(apdu).subspan(at, kWindow)))) ++seen;
            }
        };
        OTI_TRY(auto outcome, install("watched", [&](Trial& trial) { trial.bridge = look; }));
        answer("Hides the applet from the bridge?", outcome.completed && seen == 0,
               fmt::format("run 'watched': {} of {} pieces of {} bytes in {} bytes of APDUs", seen,
                           windows.size(), kWindow, looked_at));
        return {};
    }

    /// One bit of a LOAD, or of what it is in, then one bit of its response. Who notices gives up, or sends
    /// again.
    Status integrity() {
        std::string evidence;
        bool all_noticed = true;
        for (bool in_command : {true, false}) {
            std::size_t loads = 0;
            bool armed = false;
            auto change = [&](Bytes& apdu, bool command) {
                bool carries = apdu.size() > 1 && (apdu[1] == kLoad || apdu[1] == kEnvelope);
                if (command) armed = carries && ++loads == 2;
                if (armed && command == in_command) apdu[in_command ? apdu.size() / 2 : 0] ^= 0x01;
            };
            auto run = in_command ? "changed command" : "changed response";
            OTI_TRY(auto outcome, install(run, [&](Trial& trial) { trial.bridge = change; }));
            bool was_mended = outcome.completed && outcome.apdus > plain_.apdus;
            all_noticed = all_noticed && (was_mended || !outcome.completed);
            if (!evidence.empty()) evidence += "; ";
            evidence += fmt::format("run '{}': {}", run,
                                    was_mended          ? "sent again, and installed"
                                    : outcome.completed ? "installed"
                                                        : outcome.error);
        }
        answer("Notices what the bridge changes?", all_noticed, evidence);
        return {};
    }

    Status handset() {
        OTI_TRY(auto outcome, install("no software", [](Trial& trial) { trial.handset_helps = false; }));
        answer("Needs software in the handset?", !outcome.completed,
               fmt::format("run 'no software': {}", outcome.completed ? "installed" : outcome.error));
        return {};
    }

    const Bearer* bearer_;
    const Subject* subject_;
    const Applet* applet_;
    Network network_;
    std::uint64_t seed_;
    Outcome plain_;
    std::vector<Quality> answers_;
};

}  // namespace

Result<std::vector<Quality>> qualities_of(const Bearer& bearer, const Subject& subject, const Applet& applet,
                                          const Network& network, std::uint64_t seed) {
    return Examination(bearer, subject, applet, network, seed).run();
}

}  // namespace oti::compare
