// SPDX-License-Identifier: Apache-2.0
#include "measure/trace.hpp"

#include <gtest/gtest.h>

namespace hallmark {
namespace {

TEST(Trace, IsATable) {
    const Trace trace = {{"firmware", "content 00", "aa"}, {"boot CPU", "", "bb"}};
    EXPECT_EQ(trace_text(trace), "1  firmware  content 00  aa\n2  boot CPU              bb\n");
    EXPECT_EQ(trace_text({}), "");
}

TEST(Trace, LetsNothingReachTheTerminal) {
    EXPECT_EQ(trace_text({{"name\x1b[2J", "a\nb", "aa"}}), "1  name\\x1b[2J  a\\x0ab  aa\n");
}

TEST(Trace, IsJson) {
    const auto json = trace_json({{"firmware", "content 00", "aa"}});
    EXPECT_EQ(json.dump(), R"([{"step":1,"what":"firmware","inputs":"content 00","value":"aa"}])");
}

}  // namespace
}  // namespace hallmark
