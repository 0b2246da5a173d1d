// SPDX-License-Identifier: Apache-2.0
// Plots as SVG, dark on light, without anything from outside.
#pragma once

#include <string>
#include <vector>

namespace oti::compare {

struct Point {
    double x = 0, y = 0;
    double low = 0, high = 0;  ///< of y; drawn as a bar where they differ
};

struct Series {
    std::string name;
    std::string style;  ///< name of a bearer, which decides colour, mark and dashes
    std::vector<Point> points;
};

/// Lines over a number. The ticks of x are the points' own.
struct LinePlot {
    std::string title, x_label, y_label;
    bool log_x = false, log_y = false;
    std::vector<Series> series;
};
std::string svg(const LinePlot& plot);

/// A row for each name, a mark for each series; x is logarithmic. `points[n].x` is the value in row n; a row
/// without one has 0.
struct DotPlot {
    std::string title, x_label;
    std::vector<std::string> rows;
    std::vector<Series> series;
};
std::string svg(const DotPlot& plot);

/// Text for between tags or in an attribute.
std::string escaped(std::string_view text);

}  // namespace oti::compare
