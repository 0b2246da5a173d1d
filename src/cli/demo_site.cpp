// SPDX-License-Identifier: Apache-2.0
#include "cli/demo_site.h"

#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <csignal>

#include "base/hex.h"
#include "bearer/virtual_channel.h"
#include "card/disk_nvm_file.h"
#include "cli/files.h"
#include "crypto/random.h"

namespace oti::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kDomainAid = "F04F544900";

}  // namespace

Site::Site(std::filesystem::path program, SiteOptions options)
    : program_(std::move(program)),
      options_(std::move(options)),
      relay_work_(boost::asio::make_work_guard(relay_io_)),
      interruptions_(relay_io_, SIGINT, SIGTERM, SIGHUP) {
    crypto::SystemRandom random;
    folder_ = fs::temp_directory_path() / ("oti-demo-" + to_hex(random.bytes(6)));
    fs::create_directories(folder_);
    fs::permissions(folder_, fs::perms::owner_all);
    clean_up_when_interrupted();
    relay_thread_ = std::thread([this] { relay_io_.run(); });
}

Site::~Site() {
    sp_.reset();
    tsm_.reset();
    for (auto& [key, relay] : relays_) relay.stop();
    boost::asio::post(relay_io_, [this] { interruptions_.cancel(); });
    relay_work_.reset();
    relay_thread_.join();
    std::error_code ignored;
    if (!keep_) fs::remove_all(folder_, ignored);
}

/// The folder holds keys. Our processes end with this one, and can make nothing in a folder that is gone.
void Site::clean_up_when_interrupted() {
    interruptions_.async_wait([this](const boost::system::error_code& cancelled, int signal) {
        if (cancelled) return;
        std::error_code ignored;
        fs::remove_all(folder_, ignored);
        std::signal(signal, SIG_DFL);
        std::raise(signal);
    });
}

Result<std::unique_ptr<Site>> Site::create(const Versions& cap_files, std::filesystem::path program,
                                           SiteOptions options) {
    std::unique_ptr<Site> site(new Site(std::move(program), std::move(options)));
    OTI_CHECK(make_authority(site->folder_ / "ca"));
    OTI_CHECK(site->make_identity_of("tsm", "tsm"));
    OTI_CHECK(site->make_identity_of(std::string(kProviderName), "sp"));
    OTI_CHECK(site->make_identity_of("operator", "operator"));
    OTI_CHECK(site->start_tsm());
    OTI_CHECK(site->start_provider());

    OTI_TRY(auto tsm, site->ask_tsm());
    OTI_CHECK(
        tsm.call("POST", "/api/v1/providers", json::object{{"name", kProviderName}, {"aid", kDomainAid}}));
    OTI_TRY(auto provider, site->ask_provider());
    for (const auto& path : {cap_files.first, cap_files.second}) {
        if (path.empty()) continue;
        OTI_TRY(auto cap, read_text(path));
        OTI_CHECK(provider.send("POST", "/api/v1/applications?name=transit", to_bytes(as_bytes(cap))));
    }
    return site;
}

Status Site::start_tsm() {
    OTI_TRY(tsm_, start_server("tsm", "tsm", {}, tsm_port_));
    return {};
}

Status Site::start_provider() {
    std::vector<std::string> more{"--tsm", url(tsm_port_)};
    if (!options_.administration.empty())
        more.insert(more.end(), {"--administration", options_.administration});
    OTI_TRY(sp_, start_server("sp", std::string(kProviderName), std::move(more), sp_port_));
    return {};
}

Status Site::make_identity_of(const std::string& name, const std::string& role) {
    return make_identity(folder_ / "ca", folder_ / name, name, role, {"localhost", options_.address});
}

Result<Process> Site::start_server(const std::string& noun, const std::string& name,
                                   std::vector<std::string> more, std::uint16_t& port) {
    std::vector<std::string> arguments{noun, "serve", "--json"};
    auto state = folder_ / (name + "-state");
    for (const auto& argument :
         {std::string("--identity"), (folder_ / name).string(), std::string("--state"), state.string(),
          std::string("--address"), options_.address, std::string("--port"), std::to_string(port)}) {
        arguments.push_back(argument);
    }
    arguments.insert(arguments.end(), more.begin(), more.end());
    if (!options_.smsc.empty()) {
        for (const auto& argument : {std::string("--smsc"), options_.smsc, std::string("--system-id"), noun,
                                     std::string("--patience"), std::string("2")})
            arguments.push_back(argument);
    }
    OTI_TRY(auto process, Process::start(program_, arguments, folder_ / (name + ".log")));
    OTI_TRY(auto line, process.read_line());
    OTI_TRY(auto ready, api::parse_object(as_bytes(line)));
    OTI_TRY(auto number, api::integer(ready, "port"));
    port = static_cast<std::uint16_t>(number);
    return process;
}

Result<Remote> Site::as(const std::string& identity, std::uint16_t port) const {
    return Remote::connect({(folder_ / identity).string(), url(port)});
}

std::string Site::url(std::uint16_t port) const {
    return fmt::format("https://{}:{}", options_.address, port);
}

Result<std::string> Site::url_at(std::uint16_t port, std::chrono::milliseconds round_trip) {
    if (round_trip.count() == 0) return url(port);
    auto key = std::pair(port, round_trip);
    auto found = relays_.find(key);
    if (found == relays_.end()) {
        OTI_TRY(auto relay, net::DelayRelay::start(relay_io_, 0, options_.address, port, round_trip / 2));
        found = relays_.emplace(key, std::move(relay)).first;
    }
    return fmt::format("https://127.0.0.1:{}", found->second.port());
}

Result<Phone> Site::add_phone(const PhoneOptions& phone_options) {
    const auto& [name, profile, round_trip, binding, pacing, network] = phone_options;
    crypto::SystemRandom random;
    auto se_file = (folder_ / (name + ".se")).string(), key = to_hex(random.bytes(16));
    auto se_id = fmt::format("8933{}", to_hex(random.bytes(8)));
    OTI_TRY(auto make,
            Process::start(
                program_, {"se", "new", se_file, "--profile", profile, "--id", se_id, "--key", key, "--json"},
                folder_ / "se.log"));
    OTI_CHECK(make.wait());
    OTI_TRY(auto tsm, ask_tsm());
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
    Phone phone{se_id,   se_file, with({"agent", "run", "--binding", binding}), folder_ / (name + ".log"),
                network, {}};
    if (!pacing) phone.arguments.emplace_back("--no-pacing");
    OTI_TRY(auto enrol, Process::start(program_, with({"agent", "enrol"}), phone.log, network));
    OTI_CHECK(enrol.wait());
    OTI_CHECK(start_agent(phone));
    return phone;
}

Status Site::start_agent(Phone& phone) {
    OTI_TRY(phone.agent, Process::start(program_, phone.arguments, phone.log, phone.network));
    OTI_CHECK(phone.agent->read_line());
    return {};
}

Status Site::at_terminal(Phone& phone, const std::function<Status(iso7816::CardChannel&)>& work) {
    phone.agent.reset();
    {
        OTI_TRY(auto file, card::DiskNvmFile::open(phone.se_file));
        crypto::SystemRandom random;
        OTI_TRY(auto se, card::SecureElement::open(std::move(file), random));
        SystemClock clock;
        bearer::VirtualChannel card(se, clock);
        OTI_CHECK(work(card));
    }
    return start_agent(phone);
}

Status Site::wait_disconnected(Remote& provider, const Phone& phone) {
    while (true) {
        OTI_TRY(auto answer, provider.call("GET", "/api/v1/devices"));
        OTI_TRY(const auto* devices, api::array(answer, "devices"));
        bool connected = std::ranges::any_of(*devices, [&](const json::value& device) {
            const auto& object = device.as_object();
            return api::text(object, "se_id") == phone.se_id &&
                   api::boolean_or_false(object, "connected").value_or(false);
        });
        if (!connected) return {};
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
}

Result<std::int64_t> Site::begin_job(Remote& provider, const Phone& phone, std::string_view action,
                                     std::string_view version, bool lockstep) {
    json::object body{{"se_id", phone.se_id},
                      {"action", action},
                      {"application", "transit"},
                      {"version", version},
                      {"lockstep", lockstep}};
    OTI_TRY(auto job, provider.call("POST", "/api/v1/jobs", std::move(body)));
    return api::integer(job, "id");
}

Result<Measured> Site::run_job(Remote& provider, const Phone& phone, std::string_view action,
                               std::string_view version, bool lockstep, Output& output) {
    OTI_TRY(auto id, begin_job(provider, phone, action, version, lockstep));
    return finish_job(provider, id, output);
}

Result<Measured> Site::finish_job(Remote& provider, std::int64_t id, Output& output) {
    OTI_TRY(auto done, follow_job(provider, id, output));
    Measured measured{done.at("seconds").to_number<double>()};
    OTI_TRY(measured.apdus, api::integer(done, "apdus"));
    OTI_TRY(measured.round_trips, api::integer(done, "round_trips"));
    OTI_TRY(measured.bytes_up, api::integer(done, "bytes_up"));
    OTI_TRY(measured.bytes_down, api::integer(done, "bytes_down"));
    return measured;
}

}  // namespace oti::cli
