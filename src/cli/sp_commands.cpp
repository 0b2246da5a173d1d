// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "cli/files.h"
#include "cli/remote.h"

namespace oti::cli {
namespace {

constexpr const char* kServer = "OTI_SP";

std::string field(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains({key.data(), key.size()});
    if (value == nullptr) return "";
    return value->is_string() ? std::string(value->get_string()) : json::serialize(*value);
}

/// A list that a server gives, one line for each of its objects.
Result<json::object> list(const RemoteOptions& options, const std::string& target, std::string_view member,
                          const std::vector<std::string_view>& columns, Output& output) {
    OTI_TRY(auto provider, Remote::connect(options));
    OTI_TRY(auto answer, provider.call("GET", target));
    OTI_TRY(const auto* rows, api::array(answer, member));
    for (const auto& row : *rows) {
        std::string line;
        for (auto column : columns) line += field(row.as_object(), column) + "  ";
        output.say(line);
    }
    return answer;
}

void add_list(Commands& commands, std::string_view noun, std::string about, std::string description,
              std::string target, std::string member, std::vector<std::string_view> columns) {
    auto options = std::make_shared<RemoteOptions>();
    auto* command = commands.noun(noun, std::move(about)).add_subcommand("list", std::move(description));
    add_remote_options(*command, *options, kServer);
    commands.verb(*command, [=](Output& output) { return list(*options, target, member, columns, output); });
}

struct JobOptions : RemoteOptions {
    std::string application, se_id, version;
    bool lockstep = false, no_wait = false;
};

Result<json::object> order(const JobOptions& options, std::string_view action, Output& output) {
    OTI_TRY(auto provider, Remote::connect(options));
    json::object body{{"se_id", options.se_id},
                      {"action", action},
                      {"application", options.application},
                      {"version", options.version},
                      {"lockstep", options.lockstep}};
    OTI_TRY(auto job, provider.call("POST", "/api/v1/jobs", std::move(body)));
    OTI_TRY(auto id, api::integer(job, "id"));
    if (options.no_wait) {
        output.say(fmt::format("job {}", id));
        return job;
    }
    OTI_TRY(auto done, follow_job(provider, id, output));
    output.say(fmt::format("{} {} {}: {:.1f} s, {} APDUs, {} round trips, {} bytes up, {} bytes down", action,
                           options.application, field(done, "version"),
                           done.at("seconds").to_number<double>(), field(done, "apdus"),
                           field(done, "round_trips"), field(done, "bytes_up"), field(done, "bytes_down")));
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
        OTI_TRY(auto cap, read_text(options.file));
        OTI_TRY(auto provider, Remote::connect(options));
        auto target = fmt::format("/api/v1/applications?name={}&parameters={}",
                                  net::percent_encode(options.name), net::percent_encode(options.parameters));
        OTI_TRY(auto answer, provider.send("POST", target, to_bytes(as_bytes(cap))));
        output.say(fmt::format("published {} {}, {} bytes to load", field(answer, "name"),
                               field(answer, "version"), field(answer, "load_file_size")));
        return answer;
    });

    add_list(commands, "sp app", "", "what is published", "/api/v1/applications", "applications",
             {"name", "version", "load_file", "load_file_size"});
    add_list(commands, "sp device", "phones that have enrolled",
             "secure elements and whether their phones are connected", "/api/v1/devices", "devices",
             {"se_id", "se_type", "agent", "connected"});
    add_list(commands, "sp job", "installations, updates, deletions", "the newest jobs", "/api/v1/jobs",
             "jobs", {"id", "se_id", "action", "application", "version", "state", "seconds"});

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
