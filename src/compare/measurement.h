// SPDX-License-Identifier: Apache-2.0
// An experiment, carried out: each cell is one bearer in one situation, tried several times.
#pragma once

#include <functional>
#include <map>

#include "compare/bearer.h"
#include "compare/experiment.h"
#include "compare/qualities.h"
#include "compare/statistics.h"

namespace oti::compare {

/// What a cell belongs to.
enum class Part : std::uint8_t { kGrid, kPaper, kSize, kRoundTrip, kLoss, kCut, kInterrupted };
std::string_view name_of(Part part);

struct Cell {
    Part part = Part::kGrid;
    double x = 0;  ///< what the part varies: KB, ms, share, seconds, percent
    std::string bearer = {};
    std::string title = {};  ///< the bearer's
    std::string element = {};
    std::string applet = {};
    std::size_t applet_bytes = 0;
    Network network = {};
    Procedure procedure = Procedure::kSession;

    std::size_t runs = 0, completed = 0;
    std::string error = {};  ///< of the last one that was not completed
    Summary seconds = {};    ///< of those that were
    /// Means of those that were.
    double round_trips = 0, apdus = 0, sms = 0, bytes_up = 0, bytes_down = 0, bytes_again = 0;
    double resumptions = 0, retries = 0, radio_seconds = 0;
};

class Measurement {
  public:
    using OnProgress = std::function<void(std::size_t done, std::size_t total, const std::string& step)>;

    explicit Measurement(Experiment experiment) : experiment_(std::move(experiment)) {}
    /// Errors: those of applets, profiles and bearers that do not exist.
    Status run(const OnProgress& on_progress);

    const Experiment& experiment() const { return experiment_; }
    const std::vector<Cell>& cells() const { return cells_; }
    const std::vector<Quality>& qualities() const { return qualities_; }
    /// The first one of that part, bearer and procedure; null if there is none.
    const Cell* find(Part part, std::string_view bearer, Procedure procedure = Procedure::kSession) const;

  private:
    struct Plan {
        Cell cell;
        const Applet* applet;
    };

    Status plan();
    Status plan_grid();
    Status plan_paper();
    Status plan_sweep();
    void add(Cell cell, std::string_view bearer, const Applet& applet);
    Status measure(Plan& plan);
    Status examine();
    Result<const Subject*> subject(const std::string& profile);
    Result<Time> undisturbed(const Plan& plan, const Bearer& bearer);

    Experiment experiment_;
    std::map<std::string, std::unique_ptr<Bearer>, std::less<>> bearers_;
    std::map<std::string, Subject> subjects_;  ///< by profile
    std::vector<std::unique_ptr<Applet>> applets_;
    std::vector<Plan> plans_;
    std::vector<Cell> cells_;
    std::vector<Quality> qualities_;
};

/// The paper's applet: octets that its LOADs carry.
inline constexpr std::size_t kPaperApplet = 9216;

}  // namespace oti::compare
