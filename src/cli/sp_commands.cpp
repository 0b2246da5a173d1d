// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "cap/cap_file.h"
#include "cli/files.h"
#include "cli/remote.h"

namespace oti::cli {
namespace {

constexpr const char* kServer = "OTI_SP";

struct JobOptions : RemoteOptions {
    std::string application, se_id, version, bearer = "oti";
    bool lockstep = false, no_wait = false;
};

Result<json::object> order(const JobOptions& options, std::string_view action, Output& output) {
    OTI_TRY(auto provider, Remote::connect(options));
    json::object body{
        {"se_id", options.se_id},     {"action", action},         {"application", options.application},
        {"version", options.version}, {"bearer", options.bearer}, {"lockstep", options.lockstep}};
    OTI_TRY(auto job, provider.call("POST", "/api/v1/jobs", std::move(body)));
    OTI_TRY(auto id, api::integer(job, "id"));
    if (options.no_wait) {
        output.say(fmt::format("job {}", id));
        return job;
    }
    OTI_TRY(auto done, follow_job(provider, id, output));
    auto version = field(done, "version"), round_trips = field(done, "round_trips");
    if (options.bearer != "oti") {
        output.say(fmt::format(
            "{} {}{}: {} s, {} commands in {} {}, {} short messages, {} bytes to the card, {} back", action,
            options.application, version.empty() ? "" : " " + version, field(done, "seconds"),
            field(done, "apdus"), round_trips, options.bearer == "ota" ? "packets" : "scripts",
            field(done, "messages"), field(done, "bytes_down"), field(done, "bytes_up")));
        return done;
    }
    output.say(fmt::format("{} {}{}: {} s, {} APDUs, {} round trip{}, {} bytes up, {} bytes down", action,
                           options.application, version.empty() ? "" : " " + version, field(done, "seconds"),
                           field(done, "apdus"), round_trips, round_trips == "1" ? "" : "s",
                           field(done, "bytes_up"), field(done, "bytes_down")));
    return done;
}

void add_job(Commands& commands, const std::string& action, const std::string& description) {
    auto options = std::make_shared<JobOptions>();
    auto* command = commands.noun("sp", "the service provider").add_subcommand(action, description);
    add_remote_options(*command, *options, kServer);
    command->add_option("APPLICATION", options->application, "name in the catalogue")->required();
    command->add_option("--se", options->se_id, "identifier of the secure element")->required();
    if (action != "delete") {
        command->add_option("--version", options->version,
                            "version in the catalogue; the highest if left out");
    }
    command
        ->add_option(
            "--bearer", options->bearer,
            "oti: over the internet; ota: by short messages, where the phone has none; bip: the card "
            "calls the server (SCP81), which a short message tells it")
        ->check(CLI::IsMember({"oti", "ota", "bip"}))
        ->capture_default_str();
    command->add_flag("--lockstep", options->lockstep, "one APDU for each round trip, for comparison");
    command->add_flag("--no-wait", options->no_wait, "do not wait for the end of the job");
    commands.verb(*command, [options, action](Output& output) { return order(*options, action, output); });
}

}  // namespace

void add_sp_commands(Commands& commands) {
    struct PublishOptions : RemoteOptions {
        std::string name, file, parameters;
    };
    auto publish_options = std::make_shared<PublishOptions>();
    auto* publish = commands.noun("sp app", "applications in the catalogue")
                        .add_subcommand("publish", "put a CAP file into the catalogue");
    add_remote_options(*publish, *publish_options, kServer);
    publish->add_option("NAME", publish_options->name, "name of the application")->required();
    publish->add_option("FILE", publish_options->file, "the CAP file")->required();
    publish->add_option("--parameters", publish_options->parameters,
                        "for the applet's installation, hexadecimal");
    commands.verb(*publish, [publish_options](Output& output) -> Result<json::object> {
        const auto& options = *publish_options;
        // What the server would refuse is refused here, by its own reason.
        OTI_CHECK(cap::CapFile::read(options.file));
        OTI_TRY(auto cap, read_text(options.file));
        OTI_TRY(auto provider, Remote::connect(options));
        auto target = fmt::format("/api/v1/applications?name={}&parameters={}",
                                  net::percent_encode(options.name), net::percent_encode(options.parameters));
        OTI_TRY(auto answer, provider.send("POST", target, to_bytes(as_bytes(cap))));
        output.say(fmt::format("published {} {}, {} bytes to load", field(answer, "name"),
                               field(answer, "version"), field(answer, "load_file_size")));
        return answer;
    });

    add_list(commands, "sp app", "what is published", kServer, "/api/v1/applications", "applications",
             {"name", "version", "load_file", "load_file_size"});
    commands.noun("sp device", "phones that have enrolled");
    add_list(commands, "sp device", "secure elements and whether their phones are connected", kServer,
             "/api/v1/devices", "devices", {"se_id", "se_type", "agent", "connected"});
    commands.noun("sp job", "installations, updates, deletions");
    add_list(commands, "sp job", "the newest jobs", kServer, "/api/v1/jobs", "jobs",
             {"id", "se_id", "action", "application", "version", "bearer", "state", "seconds"});

    struct ShowOptions : RemoteOptions {
        std::int64_t id = 0;
    };
    auto show_options = std::make_shared<ShowOptions>();
    auto* show = commands.noun("sp job", "").add_subcommand("show", "one job");
    add_remote_options(*show, *show_options, kServer);
    show->add_option("ID", show_options->id, "number of the job")->required();
    commands.verb(*show, [show_options](Output& output) -> Result<json::object> {
        OTI_TRY(auto provider, Remote::connect(*show_options));
        OTI_TRY(auto job, provider.call("GET", fmt::format("/api/v1/jobs/{}", show_options->id)));
        for (const auto& member : job) {
            auto key = std::string(member.key());
            output.say(fmt::format("{:12} {}", key, field(job, key)));
        }
        return job;
    });

    add_job(commands, "install", "install an application on a secure element");
    add_job(commands, "update", "bring an application on a secure element to another version");
    add_job(commands, "delete", "delete an application from a secure element");
}

}  // namespace oti::cli
