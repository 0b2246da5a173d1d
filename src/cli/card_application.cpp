// SPDX-License-Identifier: Apache-2.0
#include "cli/card_application.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/hex.h"
#include "base/tlv.h"
#include "cap/load_file.h"
#include "cli/files.h"
#include "globalplatform/names.h"

namespace oti::cli {
namespace {

namespace gp = globalplatform;
using iso7816::Aid;

std::unexpected<Error> usage(std::string code, std::string message, std::string hint = {}) {
    return fail(ErrorKind::kUsage, std::move(code), std::move(message), std::move(hint));
}

Result<Aid> module_of(const InstallOptions& options, const std::vector<Aid>& modules) {
    if (!options.module.empty()) {
        OTI_TRY(auto module, Aid::parse(options.module));
        if (!modules.empty() && std::ranges::find(modules, module) == modules.end())
            return usage("usage.module", "the package has no module " + module.hex());
        return module;
    }
    if (modules.size() == 1) return modules.front();
    if (modules.empty()) return usage("usage.module", "no module is named", "name one with --module");
    std::string list;
    for (const auto& module : modules) list += " " + module.hex();
    return usage("usage.module", fmt::format("the package has {} modules:{}", modules.size(), list),
                 "name one with --module, or only load the package with --load-only");
}

/// A DAP block: the domain that verifies, and its signature of the hash (GPCS 2.3.1, 11.6.2.3 and C.3).
Result<Bytes> dap_block(const InstallOptions& options, const Aid& domain, BytesView hash) {
    auto verifier = domain;
    if (!options.dap_domain.empty()) {
        OTI_TRY(verifier, Aid::parse(options.dap_domain));
    }
    OTI_TRY(auto key, read_private_key(options.dap_key));
    OTI_TRY(auto signature, key.sign(key.public_key().card_algorithm(), hash));
    return encode_tlv(0xE2, concat(encode_tlv(0x4F, verifier.bytes()), encode_tlv(0xC3, signature)));
}

Status add_load_file(const InstallOptions& options, const Aid& domain, Application& application) {
    OTI_TRY(application.file, cap::CapFile::read(options.file));
    const auto& package = application.file->package();
    auto block = application.file->load_file_data_block(options.with_descriptor);
    auto& wanted = application.wanted;
    wanted.version = {package.version().major, package.version().minor};
    bool with_dap = !options.dap_key.empty();
    // What is signed is the hash (GPCS 2.3.1, 11.5.2.3.1).
    bool is_signed = with_dap || !options.token_key.empty();
    if (!options.hash.empty() || is_signed) {
        OTI_TRY(auto hash, parse_hash(options.hash.empty() ? "sha256" : options.hash));
        wanted.hash = crypto::digest(hash, block);
    }
    if (with_dap) {
        OTI_TRY(wanted.load_file_data, dap_block(options, domain, wanted.hash));
    }
    append(wanted.load_file_data, cap::load_file(block));
    return {};
}

}  // namespace

void add_install_options(CLI::App& command, InstallOptions& options) {
    command.add_option("FILE", options.file, "CAP file; or --package for one that the card has");
    command.add_option("--package", options.package,
                       "AID of a package on the card, to make an instance of it");
    command.add_option("--module", options.module, "AID of the module, where the package has several");
    command.add_option("--aid", options.instance, "AID of the instance; the module's if left out");
    command.add_option("--params", options.parameters, "for the applet's install method, hexadecimal");
    command.add_option("--privs", options.privileges,
                       "privileges by name with commas between, or in hexadecimal");
    command.add_flag("--default", options.default_selected, "selected by itself: privilege card-reset");
    command.add_flag("--default-contact", options.default_contact,
                     "implicitly selected on the contact interface");
    command.add_flag("--default-contactless", options.default_contactless,
                     "implicitly selected on the contactless interface");
    command.add_option("--into", options.into,
                       "AID of the domain that the package shall belong to; the working one if left out");
    command.add_flag("--load-only", options.load_only, "load the package and install nothing");
    command.add_option("--hash", options.hash,
                       "announce the load file data block hash: sha1, sha256, sha384, sha512");
    command.add_flag("--with-descriptor", options.with_descriptor,
                     "send the Descriptor component, which few cards need");
    command.add_option("--dap", options.dap_key, "sign the load file with this private key (PEM)");
    command.add_option("--dap-domain", options.dap_domain,
                       "AID of the domain that verifies the signature; the one that gets the package if left "
                       "out");
    add_token_options(command, options);
}

Result<crypto::Hash> parse_hash(const std::string& name) {
    if (name == "sha1") return crypto::Hash::kSha1;
    if (name == "sha256") return crypto::Hash::kSha256;
    if (name == "sha384") return crypto::Hash::kSha384;
    if (name == "sha512") return crypto::Hash::kSha512;
    return usage("usage.hash", "there is no hash '" + name + "'", "use sha1, sha256, sha384 or sha512");
}

Result<Application> application_of(const InstallOptions& options, const Aid& domain) {
    if (options.file.empty() == options.package.empty()) {
        return usage("usage.package", "what shall be installed is not clear",
                     "name a CAP file, or a package on the card with --package");
    }
    auto placeholder = domain;
    Application application{{}, {placeholder, placeholder, placeholder}, options.load_only};
    auto& wanted = application.wanted;
    std::vector<Aid> modules;
    if (!options.file.empty()) {
        OTI_CHECK(add_load_file(options, domain, application));
        wanted.load_file = application.file->package().aid();
        modules = application.file->package().applets();
        // A library has nothing to install.
        if (modules.empty()) application.load_only = true;
    } else {
        OTI_TRY(wanted.load_file, Aid::parse(options.package));
    }
    if (application.load_only) return application;
    OTI_TRY(wanted.module, module_of(options, modules));
    wanted.instance = wanted.module;
    if (!options.instance.empty()) {
        OTI_TRY(wanted.instance, Aid::parse(options.instance));
    }
    if (!options.privileges.empty()) {
        OTI_TRY(wanted.privileges, gp::parse_privileges(options.privileges));
    }
    constexpr std::uint8_t kCardReset = 0x04;
    if (options.default_selected) wanted.privileges[0] |= kCardReset;
    OTI_TRY(wanted.parameters, parse_hex(options.parameters));
    if (options.default_contact || options.default_contactless) {
        wanted.system_parameters =
            gp::implicit_selection(options.default_contact, options.default_contactless);
    }
    return application;
}

}  // namespace oti::cli
