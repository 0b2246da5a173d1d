// SPDX-License-Identifier: Apache-2.0
#include "cli/demo_site.h"

#include <fmt/format.h>

#include "base/hex.h"
#include "cli/files.h"
#include "crypto/random.h"

namespace oti::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kProviderName = "transit-operator", kDomainAid = "F04F544900";

std::string url(std::uint16_t port) {
    return fmt::format("https://127.0.0.1:{}", port);
}

}  // namespace

Site::Site() : relay_work_(boost::asio::make_work_guard(relay_io_)) {
    crypto::SystemRandom random;
    folder_ = fs::temp_directory_path() / ("oti-demo-" + to_hex(random.bytes(6)));
    fs::create_directories(folder_);
    fs::permissions(folder_, fs::perms::owner_all);
    relay_thread_ = std::thread([this] { relay_io_.run(); });
}

Site::~Site() {
    sp_.reset();
    tsm_.reset();
    for (auto& [key, relay] : relays_) relay.stop();
    relay_work_.reset();
    relay_thread_.join();
    std::error_code ignored;
    if (!keep_) fs::remove_all(folder_, ignored);
}

Result<std::unique_ptr<Site>> Site::create(const Versions& cap_files) {
    std::unique_ptr<Site> site(new Site);
    OTI_CHECK(make_authority(site->folder_ / "ca"));
    OTI_CHECK(site->make_identity_of("tsm", "tsm"));
    OTI_CHECK(site->make_identity_of(std::string(kProviderName), "sp"));
    OTI_CHECK(site->make_identity_of("operator", "operator"));
    OTI_TRY(site->tsm_, site->start_server("tsm", "tsm", {}, site->tsm_port_));
    OTI_TRY(site->sp_, site->start_server("sp", std::string(kProviderName), {"--tsm", url(site->tsm_port_)},
                                          site->sp_port_));

    OTI_TRY(auto tsm, site->as_operator(site->tsm_port_));
    OTI_CHECK(
        tsm.call("POST", "/api/v1/providers", json::object{{"name", kProviderName}, {"aid", kDomainAid}}));
    OTI_TRY(auto provider, site->as_operator(site->sp_port_));
    for (const auto& path : {cap_files.first, cap_files.second}) {
        OTI_TRY(auto cap, read_text(path));
        OTI_CHECK(provider.send("POST", "/api/v1/applications?name=transit", to_bytes(as_bytes(cap))));
    }
    return site;
}

Status Site::make_identity_of(const std::string& name, const std::string& role) {
    return make_identity(folder_ / "ca", folder_ / name, name, role, {"localhost", "127.0.0.1"});
}

Result<Process> Site::start_server(const std::string& noun, const std::string& name,
                                   std::vector<std::string> more, std::uint16_t& port) {
    std::vector<std::string> arguments{noun,
                                       "serve",
                                       "--json",
                                       "--identity",
                                       (folder_ / name).string(),
                                       "--state",
                                       (folder_ / (name + "-state")).string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    OTI_TRY(auto process, Process::start(arguments, folder_ / (name + ".log")));
    OTI_TRY(auto line, process.read_line());
    OTI_TRY(auto ready, api::parse_object(as_bytes(line)));
    OTI_TRY(auto number, api::integer(ready, "port"));
    port = static_cast<std::uint16_t>(number);
    return process;
}

Result<Remote> Site::as_operator(std::uint16_t port) const {
    return Remote::connect({(folder_ / "operator").string(), url(port)});
}

Result<std::string> Site::url_at(std::uint16_t port, std::chrono::milliseconds round_trip) {
    if (round_trip.count() == 0) return url(port);
    auto key = std::pair(port, round_trip);
    auto found = relays_.find(key);
    if (found == relays_.end()) {
        OTI_TRY(auto relay, net::DelayRelay::start(relay_io_, 0, "127.0.0.1", port, round_trip / 2));
        found = relays_.emplace(key, std::move(relay)).first;
    }
    return url(found->second.port());
}

Result<Phone> Site::add_phone(const std::string& name, const std::string& profile,
                              std::chrono::milliseconds round_trip, const std::string& binding) {
    crypto::SystemRandom random;
    auto se_file = (folder_ / (name + ".se")).string(), key = to_hex(random.bytes(16));
    auto se_id = fmt::format("8933{}", to_hex(random.bytes(8)));
    OTI_TRY(auto make, Process::start({"se", "new", se_file, "--profile", profile, "--id", se_id, "--key",
                                       key, "--json"},
                                      folder_ / "se.log"));
    OTI_CHECK(make.wait());
    OTI_TRY(auto tsm, as_operator(tsm_port_));
    json::object issuer_keys{{"se_id", se_id},
                             {"aid", "A000000151000000"},
                             {"key_version", 0x30},
                             {"kdf", "none"},
                             {"keys", key + key + key}};
    OTI_CHECK(tsm.call("POST", "/api/v1/secure-elements", std::move(issuer_keys)));

    OTI_CHECK(make_identity_of(name, "agent"));
    OTI_TRY(auto tsm_url, url_at(tsm_port_, round_trip));
    OTI_TRY(auto sp_url, url_at(sp_port_, round_trip));
    std::vector<std::string> options{"--json", "--identity", (folder_ / name).string(),
                                     "--se",   se_file,      "--server",
                                     tsm_url,  "--server",   sp_url};
    auto with = [&](std::vector<std::string> verb) {
        verb.insert(verb.end(), options.begin(), options.end());
        return verb;
    };
    auto log = folder_ / (name + ".log");
    OTI_TRY(auto enrol, Process::start(with({"agent", "enrol"}), log));
    OTI_CHECK(enrol.wait());
    OTI_TRY(auto agent, Process::start(with({"agent", "run", "--binding", binding}), log));
    OTI_CHECK(agent.read_line());
    return Phone{se_id, std::move(agent)};
}

Result<Measured> Site::run_job(const Phone& phone, std::string_view action, std::string_view version,
                               bool lockstep, Output& output) {
    OTI_TRY(auto provider, as_operator(sp_port_));
    json::object body{{"se_id", phone.se_id},
                      {"action", action},
                      {"application", "transit"},
                      {"version", version},
                      {"lockstep", lockstep}};
    OTI_TRY(auto job, provider.call("POST", "/api/v1/jobs", std::move(body)));
    OTI_TRY(auto id, api::integer(job, "id"));
    OTI_TRY(auto done, follow_job(provider, id, output));
    Measured measured{done.at("seconds").to_number<double>()};
    OTI_TRY(measured.apdus, api::integer(done, "apdus"));
    OTI_TRY(measured.round_trips, api::integer(done, "round_trips"));
    OTI_TRY(measured.bytes_up, api::integer(done, "bytes_up"));
    OTI_TRY(measured.bytes_down, api::integer(done, "bytes_down"));
    return measured;
}

}  // namespace oti::cli
