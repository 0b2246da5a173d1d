// SPDX-License-Identifier: Apache-2.0
#include "cli/cli.h"
#include "cli/files.h"

namespace oti::cli {

void add_ca_commands(Commands& commands) {
    auto& ca = commands.noun("ca", "a small certificate authority for the programs");

    auto* make = ca.add_subcommand("new", "make a certificate authority in a folder");
    auto folder = std::make_shared<std::string>();
    make->add_option("FOLDER", *folder, "where")->required();
    commands.verb(*make, [folder](Output& output) -> Result<json::object> {
        OTI_CHECK(make_authority(*folder));
        output.say("made a certificate authority in " + *folder + "; keep ca-key.pem to yourself");
        return json::object{{"folder", *folder}};
    });

    struct Issue {
        std::string authority, folder, name, role;
        std::vector<std::string> hosts;
    };
    auto options = std::make_shared<Issue>();
    auto* issue = ca.add_subcommand("issue", "make an identity: certificate and key in a folder");
    issue->add_option("FOLDER", options->folder, "where the identity goes")->required();
    issue->add_option("--ca", options->authority, "folder of the certificate authority")->required();
    issue->add_option("--name", options->name, "common name: of a provider, a phone, a person")->required();
    issue->add_option("--role", options->role, "what its holder is")
        ->required()
        ->check(CLI::IsMember({"tsm", "sp", "agent", "operator"}));
    issue->add_option("--host", options->hosts, "names and addresses of a server")
        ->default_str("localhost 127.0.0.1");
    commands.verb(*issue, [options](Output& output) -> Result<json::object> {
        if (options->hosts.empty()) options->hosts = {"localhost", "127.0.0.1"};
        OTI_CHECK(
            make_identity(options->authority, options->folder, options->name, options->role, options->hosts));
        output.say("made the identity of " + options->name + " (" + options->role + ") in " +
                   options->folder);
        return json::object{{"folder", options->folder}, {"name", options->name}, {"role", options->role}};
    });
}

}  // namespace oti::cli
