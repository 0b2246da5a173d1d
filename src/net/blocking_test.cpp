// SPDX-License-Identifier: Apache-2.0
#include "net/blocking.h"

#include <gtest/gtest.h>

#include <thread>

#include "base/result.h"
#include "net/net_testing.h"

namespace oti::net {
namespace {

TEST(RunBlocking, RunsOnThePoolAndComesBack) {
    TestLoop loop;
    boost::asio::thread_pool pool(1);
    loop.run([](boost::asio::thread_pool& on) -> Task<void> {
        auto here = std::this_thread::get_id();
        auto there = co_await run_blocking(on, [] { return std::this_thread::get_id(); });
        EXPECT_NE(here, there);
        EXPECT_EQ(here, std::this_thread::get_id());
        bool ran = false;
        co_await run_blocking(on, [&ran] { ran = true; });
        EXPECT_TRUE(ran);
    }(pool));
}

TEST(RunBlocking, PassesErrorsAndExceptions) {
    TestLoop loop;
    boost::asio::thread_pool pool(1);
    auto refused = loop.run(run_blocking(
        pool, []() -> Result<int> { return fail(ErrorKind::kIo, "disk.full", "the disk is full"); }));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "disk.full");
    EXPECT_THROW(loop.run(run_blocking(pool, []() -> int { throw std::logic_error("a bug"); })),
                 std::logic_error);
}

}  // namespace
}  // namespace oti::net
