// SPDX-License-Identifier: Apache-2.0
#include "cli/card_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "cap/well_known.h"
#include "globalplatform/names.h"

namespace oti::cli {
namespace {

namespace gp = globalplatform;
using gp::ApplicationEntry;
using gp::LoadFileEntry;
using iso7816::Aid;

class Tree {
  public:
    explicit Tree(const gp::Registry& registry) : registry_(&registry) {}

    void add_domain(const ApplicationEntry& domain, int depth, bool issuer) {
        if (!seen_.insert(domain.aid).second) return;
        auto state = issuer ? gp::card_life_cycle(domain.life_cycle) : gp::life_cycle_of(domain);
        line(depth, fmt::format("domain   {}  {}{}", cap::describe(domain.aid), state, details(domain)));
        add_content(domain.aid, depth + 1, issuer);
    }

    /// What belongs to a domain; the root's also what says nothing of where it belongs.
    void add_content(const Aid& domain, int depth, bool root) {
        auto belongs = [&](const std::optional<Aid>& of) { return of ? *of == domain : root; };
        for (const auto& file : registry_->load_files) {
            if (belongs(file.security_domain)) add_load_file(file, domain, depth);
        }
        for (const auto& entry : registry_->applications) {
            if (belongs(entry.security_domain) && !entry.is_security_domain() && !seen_.contains(entry.aid))
                add_application(entry, depth);
        }
        for (const auto& entry : registry_->applications) {
            if (belongs(entry.security_domain) && entry.is_security_domain()) add_domain(entry, depth, false);
        }
    }

    /// What hangs on something that is not shown.
    void add_rest() {
        for (const auto& entry : registry_->applications) {
            if (entry.is_security_domain()) add_domain(entry, 0, false);
        }
        for (const auto& entry : registry_->applications) {
            if (!seen_.contains(entry.aid)) add_application(entry, 0);
        }
        for (const auto& file : registry_->load_files) {
            if (!seen_.contains(file.aid)) add_load_file(file, std::nullopt, 0);
        }
    }

    std::vector<std::string> take() { return std::move(lines_); }

  private:
    void line(int depth, const std::string& text) {
        lines_.push_back(std::string(static_cast<std::size_t>(depth) * 2, ' ') + text);
    }

    static std::string details(const ApplicationEntry& entry) {
        auto names = gp::names_of(entry.privileges);
        std::erase(names, "security-domain");
        std::string text;
        if (!names.empty()) text += fmt::format("  [{}]", fmt::join(names, ", "));
        for (auto parameter : entry.implicit_selection)
            text += fmt::format("  selected on {}", gp::implicit_selection_name(parameter));
        return text;
    }

    void add_application(const ApplicationEntry& entry, int depth) {
        seen_.insert(entry.aid);
        auto from = entry.load_file ? "  of package " + entry.load_file->hex() : std::string();
        // Below its package that goes without saying.
        if (depth > 0 && below_package_) from.clear();
        line(depth, fmt::format("applet   {}  {}{}{}", entry.aid.hex(), gp::life_cycle_of(entry), from,
                                details(entry)));
    }

    void add_load_file(const LoadFileEntry& file, const std::optional<Aid>& domain, int depth) {
        seen_.insert(file.aid);
        auto version = file.version ? fmt::format("  {}.{}", file.version->major, file.version->minor) : "";
        line(depth, fmt::format("package  {}{}  {}", cap::describe(file.aid), version,
                                gp::load_file_life_cycle(file.life_cycle)));
        for (const auto& module : file.modules) {
            line(depth + 1, "module   " + module.hex());
            below_package_ = true;
            for (const auto& entry : registry_->applications) {
                bool same_domain = !domain || !entry.security_domain || *entry.security_domain == *domain;
                if (entry.load_file == file.aid && !entry.is_security_domain() && same_domain &&
                    belongs_to(entry, module, file) && !seen_.contains(entry.aid))
                    add_application(entry, depth + 2);
            }
            below_package_ = false;
        }
    }

    /// Of an instance the registry names the package, not the module: it is known where there is one only, or
    /// where the AIDs are equal.
    static bool belongs_to(const ApplicationEntry& entry, const Aid& module, const LoadFileEntry& file) {
        bool named = std::ranges::find(file.modules, entry.aid) != file.modules.end();
        return named ? entry.aid == module : module == file.modules.back();
    }

    const gp::Registry* registry_;
    std::set<Aid> seen_;
    std::vector<std::string> lines_;
    bool below_package_ = false;
};

json::object application_json(const ApplicationEntry& entry, const std::string& state) {
    json::array privileges, selection;
    for (const auto& name : gp::names_of(entry.privileges)) privileges.emplace_back(name);
    for (auto parameter : entry.implicit_selection)
        selection.emplace_back(gp::implicit_selection_name(parameter));
    json::object object{{"aid", entry.aid.hex()},
                        {"domain", entry.is_security_domain()},
                        {"life_cycle", state},
                        {"privileges", std::move(privileges)}};
    if (entry.load_file) object["load_file"] = entry.load_file->hex();
    if (entry.security_domain) object["security_domain"] = entry.security_domain->hex();
    if (!selection.empty()) object["implicit_selection"] = std::move(selection);
    return object;
}

}  // namespace

std::vector<std::string> card_tree(const gp::Registry& registry, const Aid& root) {
    Tree tree(registry);
    if (registry.issuer_domain) {
        tree.add_domain(*registry.issuer_domain, 0, true);
    } else if (registry.application(root) == nullptr) {
        tree.add_content(root, 0, true);
    }
    tree.add_rest();
    return tree.take();
}

json::object registry_json(const gp::Registry& registry) {
    json::object data;
    if (registry.issuer_domain) {
        data["issuer_domain"] = application_json(*registry.issuer_domain,
                                                 gp::card_life_cycle(registry.issuer_domain->life_cycle));
    }
    json::array applications, load_files;
    for (const auto& entry : registry.applications)
        applications.emplace_back(application_json(entry, gp::life_cycle_of(entry)));
    for (const auto& file : registry.load_files) {
        json::array modules;
        for (const auto& module : file.modules) modules.emplace_back(module.hex());
        json::object object{{"aid", file.aid.hex()},
                            {"life_cycle", gp::load_file_life_cycle(file.life_cycle)},
                            {"modules", std::move(modules)}};
        if (file.version) object["version"] = fmt::format("{}.{}", file.version->major, file.version->minor);
        if (file.security_domain) object["security_domain"] = file.security_domain->hex();
        load_files.emplace_back(std::move(object));
    }
    data["applications"] = std::move(applications);
    data["load_files"] = std::move(load_files);
    return data;
}

}  // namespace oti::cli
