// SPDX-License-Identifier: Apache-2.0
#include "bearer/smpp_bearer.h"

#include <boost/asio/co_spawn.hpp>

namespace oti::bearer {

Result<std::unique_ptr<SmppBearer>> SmppBearer::start(SmppAccount account, std::string msisdn,
                                                      const SmppPatience& patience) {
    std::unique_ptr<SmppBearer> bearer(new SmppBearer(std::move(msisdn)));
    OTI_TRY(bearer->centre_, MessageCentre::start(bearer->io_.get_executor(), std::move(account), patience));
    return bearer;
}

SmppBearer::~SmppBearer() {
    if (!centre_) return;
    centre_->stop();
    io_.restart();
    io_.run_for(std::chrono::seconds(2));
}

template <typename T>
T SmppBearer::run(net::Task<T> task) {
    std::optional<T> result;
    boost::asio::co_spawn(io_, std::move(task), [&](const std::exception_ptr& thrown, T value) {
        if (thrown) std::rethrow_exception(thrown);
        result = std::move(value);
    });
    while (!result) io_.run_one();
    return std::move(*result);
}

Status SmppBearer::deliver(BytesView user_data) {
    return run(centre_->submit(msisdn_, to_bytes(user_data)));
}

Result<std::optional<Bytes>> SmppBearer::receive(std::chrono::milliseconds deadline) {
    return run(centre_->receive(msisdn_, net::after(deadline)));
}

}  // namespace oti::bearer
