// SPDX-License-Identifier: Apache-2.0
#include "tests/support/memory_key_store.hpp"

#include <gtest/gtest.h>

#include "tests/support/expect_error.hpp"

namespace hallmark::test {
namespace {

TEST(MemoryKeyStore, KeepsReplacesListsAndForgets) {
    MemoryKeyStore store;
    const keys::ResourcePath path{"default", "key", "one"};
    expect_error(store.read(path), {"default/key/one", "no such secret"}, Fault::kNo);
    ASSERT_TRUE(store.write(path, as_bytes("first")));
    ASSERT_TRUE(store.write(path, as_bytes("second")));
    const auto secret = store.read(path);
    ASSERT_TRUE(secret);
    EXPECT_TRUE(equal(secret->bytes(), as_bytes("second")));
    EXPECT_EQ(*store.list(), std::vector{path});
    ASSERT_TRUE(store.remove(path));
    expect_error(store.remove(path), {"no such secret"}, Fault::kNo);
    EXPECT_TRUE(store.list()->empty());
}

}  // namespace
}  // namespace hallmark::test
