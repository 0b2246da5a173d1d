// SPDX-License-Identifier: Apache-2.0
#include "compare/plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace oti::compare {
namespace {

struct Style {
    std::string_view name, colour, dashes;
    char mark;  ///< o circle, s square, d diamond, t triangle, x cross
};
/// Colours that are told apart whatever one's eyes (Okabe and Ito).
constexpr Style kStyles[] = {
    {"otw", "#333333", "6 4", 's'},       {"oti", "#0072B2", "", 'o'},   {"oti-cold", "#56B4E9", "", 'd'},
    {"oti-lockstep", "#D55E00", "", 't'}, {"seram", "#009E73", "", 'x'}, {"ota-sms", "#CC79A7", "", 's'},
    {"bip", "#E69F00", "", 'o'},
};
const Style& style_of(std::string_view name) {
    auto found = std::ranges::find(kStyles, name, &Style::name);
    return found == std::end(kStyles) ? kStyles[0] : *found;
}

/// Values to places in the picture.
class Scale {
  public:
    Scale(double low, double high, bool log, double from, double to)
        : low_(low), high_(high), log_(log), from_(from), to_(to) {}
    double at(double value) const {
        auto share = log_ ? (std::log(value) - std::log(low_)) / (std::log(high_) - std::log(low_))
                          : (value - low_) / (high_ - low_);
        return from_ + share * (to_ - from_);
    }
    /// 1, 2, 5 and their tenfolds; fewer where that would be too many.
    std::vector<double> ticks() const {
        std::vector<double> ticks;
        if (log_) {
            auto decades = std::log10(high_ / low_);
            for (auto power = std::floor(std::log10(low_)); power <= std::log10(high_); ++power) {
                for (double step : {1.0, 2.0, 5.0}) {
                    if (decades > 2.5 && step != 1) continue;
                    auto value = step * std::pow(10, power);
                    if (value >= low_ * 0.999 && value <= high_ * 1.001) ticks.push_back(value);
                }
            }
            return ticks;
        }
        auto raw = (high_ - low_) / 5;
        auto power = std::pow(10, std::floor(std::log10(raw)));
        auto step = raw / power < 1.5   ? power
                    : raw / power < 3.5 ? 2 * power
                    : raw / power < 7.5 ? 5 * power
                                        : 10 * power;
        for (auto value = std::ceil(low_ / step) * step; value <= high_ * 1.0001; value += step)
            ticks.push_back(value);
        return ticks;
    }

  private:
    double low_, high_;
    bool log_;
    double from_, to_;
};

/// Ends of a logarithmic axis: the 1, 2 or 5 below and above.
double rounded_down(double value) {
    auto power = std::pow(10, std::floor(std::log10(value)));
    return value >= 5 * power ? 5 * power : value >= 2 * power ? 2 * power : power;
}
double rounded_up(double value) {
    auto power = std::pow(10, std::floor(std::log10(value)));
    return value <= power       ? power
           : value <= 2 * power ? 2 * power
           : value <= 5 * power ? 5 * power
                                : 10 * power;
}

std::string number(double value) {
    return fmt::format("{:g}", value);
}

std::string mark(const Style& style, double x, double y) {
    constexpr double kSize = 4.5;
    auto polygon = [&](std::initializer_list<std::pair<double, double>> corners) {
        std::string points;
        for (auto [dx, dy] : corners) points += fmt::format("{:.1f},{:.1f} ", x + dx * kSize, y + dy * kSize);
        return fmt::format("<polygon points='{}' fill='{}'/>", points, style.colour);
    };
    switch (style.mark) {
        case 's':
            return polygon({{-0.85, -0.85}, {0.85, -0.85}, {0.85, 0.85}, {-0.85, 0.85}});
        case 'd':
            return polygon({{0, -1.2}, {1.2, 0}, {0, 1.2}, {-1.2, 0}});
        case 't':
            return polygon({{0, -1.15}, {1.1, 0.85}, {-1.1, 0.85}});
        case 'x':
            return fmt::format(
                "<path d='M{0:.1f} {2:.1f}L{1:.1f} {3:.1f}M{0:.1f} {3:.1f}L{1:.1f} {2:.1f}' "
                "stroke='{4}' stroke-width='2.4'/>",
                x - kSize * 0.9, x + kSize * 0.9, y - kSize * 0.9, y + kSize * 0.9, style.colour);
        default:
            return fmt::format("<circle cx='{:.1f}' cy='{:.1f}' r='{}' fill='{}'/>", x, y, kSize,
                               style.colour);
    }
}

std::string text(double x, double y, std::string_view anchor, std::string_view what,
                 std::string_view more = "") {
    return fmt::format("<text x='{:.1f}' y='{:.1f}' text-anchor='{}' {}>{}</text>\n", x, y, anchor, more,
                       escaped(what));
}

constexpr double kWidth = 720, kTop = 76, kRight = 24;

std::string begin(double height, std::string_view title) {
    return fmt::format(
               "<svg viewBox='0 0 {} {}' role='img' aria-label='{}' font-family='sans-serif' "
               "font-size='12' fill='#222'>\n<rect width='100%' height='100%' fill='#fff'/>\n",
               kWidth, height, escaped(title)) +
           text(12, 22, "start", title, "font-size='15' font-weight='bold'");
}

/// In two rows, if it has to be.
std::string legend(const std::vector<Series>& series) {
    constexpr double kLegendLeft = 20, kFirstRow = 40, kRowHeight = 18;
    std::string out;
    double x = kLegendLeft, y = kFirstRow;
    for (const auto& each : series) {
        const auto& style = style_of(each.style);
        auto width = 46 + 6.6 * static_cast<double>(each.name.size());
        if (x + width > kWidth) {
            x = kLegendLeft;
            y += kRowHeight;
        }
        out += fmt::format("<path d='M{} {}H{}' stroke='{}' stroke-width='2' stroke-dasharray='{}'/>", x, y,
                           x + 22, style.colour, style.dashes);
        out += mark(style, x + 11, y) + text(x + 28, y + 4, "start", each.name);
        x += width;
    }
    return out;
}

}  // namespace

std::string escaped(std::string_view text) {
    std::string out;
    for (char c : text) {
        switch (c) {
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '&':
                out += "&amp;";
                break;
            case '\'':
                out += "&#39;";
                break;
            case '"':
                out += "&quot;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

std::string svg(const LinePlot& plot) {
    constexpr double kHeight = 400, kLeft = 70, kBottom = kHeight - 56;
    std::set<double> xs;
    double low = 1e300, high = 0;
    for (const auto& each : plot.series) {
        for (const auto& point : each.points) {
            xs.insert(point.x);
            low = std::min({low, point.y, point.low > 0 ? point.low : point.y});
            high = std::max({high, point.y, point.high});
        }
    }
    if (xs.size() < 2) return {};
    low = plot.log_y ? rounded_down(low) : 0;
    high = plot.log_y ? rounded_up(high) : high * 1.05;
    Scale x(*xs.begin(), *xs.rbegin(), plot.log_x, kLeft + 14, kWidth - kRight - 14);
    Scale y(low, high, plot.log_y, kBottom, kTop);
    auto out = begin(kHeight, plot.title) + legend(plot.series);
    for (auto tick : y.ticks()) {
        out += fmt::format("<path d='M{} {:.1f}H{}' stroke='#ddd'/>", kLeft, y.at(tick), kWidth - kRight);
        out += text(kLeft - 8, y.at(tick) + 4, "end", number(tick));
    }
    double last = -1e9;
    for (auto tick : xs) {
        out += fmt::format("<path d='M{0:.1f} {1}v5' stroke='#555'/>", x.at(tick), kBottom);
        if (x.at(tick) - last < 30) continue;
        last = x.at(tick);
        out += text(last, kBottom + 19, "middle", number(tick));
    }
    out += fmt::format("<path d='M{0} {1}V{2}H{3}' stroke='#555' fill='none'/>", kLeft, kTop, kBottom,
                       kWidth - kRight);
    out += text((kLeft + kWidth - kRight) / 2, kHeight - 14, "middle", plot.x_label);
    out += text(0, 0, "middle", plot.y_label,
                fmt::format("transform='translate(18 {}) rotate(-90)'", (kTop + kBottom) / 2));
    for (const auto& each : plot.series) {
        const auto& style = style_of(each.style);
        std::string line, marks;
        for (const auto& point : each.points) {
            auto px = x.at(point.x), py = y.at(point.y);
            line += fmt::format("{}{:.1f} {:.1f}", line.empty() ? 'M' : 'L', px, py);
            if (point.high > point.low && point.low > 0) {
                marks += fmt::format("<path d='M{:.1f} {:.1f}V{:.1f}' stroke='{}'/>", px, y.at(point.low),
                                     y.at(point.high), style.colour);
            }
            marks += mark(style, px, py);
        }
        out +=
            fmt::format("<path d='{}' stroke='{}' stroke-width='2' stroke-dasharray='{}' fill='none'/>{}\n",
                        line, style.colour, style.dashes, marks);
    }
    return out + "</svg>\n";
}

std::string svg(const DotPlot& plot) {
    constexpr double kLeft = 96, kRow = 34;
    auto bottom = kTop + kRow * static_cast<double>(plot.rows.size());
    double low = 1e300, high = 0;
    for (const auto& each : plot.series) {
        for (const auto& point : each.points) {
            if (point.x <= 0) continue;
            low = std::min(low, point.x);
            high = std::max(high, point.x);
        }
    }
    if (high <= 0) return {};
    Scale x(rounded_down(low), rounded_up(high * 1.01), true, kLeft + 8, kWidth - kRight - 8);
    auto out = begin(bottom + 56, plot.title) + legend(plot.series);
    for (auto tick : x.ticks()) {
        out += fmt::format("<path d='M{:.1f} {}V{}' stroke='#ddd'/>", x.at(tick), kTop, bottom);
        out += text(x.at(tick), bottom + 19, "middle", number(tick));
    }
    for (std::size_t row = 0; row < plot.rows.size(); ++row) {
        auto y = kTop + kRow * (static_cast<double>(row) + 0.5);
        out += fmt::format("<path d='M{} {:.1f}H{}' stroke='#eee'/>", kLeft, y, kWidth - kRight);
        out += text(kLeft - 10, y + 4, "end", plot.rows[row]);
        for (const auto& each : plot.series) {
            if (row < each.points.size() && each.points[row].x > 0) {
                out += mark(style_of(each.style), x.at(each.points[row].x), y);
            }
        }
    }
    out += fmt::format("<path d='M{0} {1}V{2}H{3}' stroke='#555' fill='none'/>", kLeft, kTop, bottom,
                       kWidth - kRight);
    out += text((kLeft + kWidth - kRight) / 2, bottom + 42, "middle", plot.x_label);
    return out + "</svg>\n";
}

}  // namespace oti::compare
