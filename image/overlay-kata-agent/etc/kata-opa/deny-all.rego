# SPDX-License-Identifier: Apache-2.0
# For a kata-agent that got no policy with its measured init-data: a request that no rule allows is refused, and there is
# no rule, so the host can't run anything. The policy.rego of init-data takes the place of this whole file.
package agent_policy

default AllowRequestsFailingPolicy := false
