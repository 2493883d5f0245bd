# SPDX-License-Identifier: BSD-2-Clause
# Files what aplombd marked with quarantine-action = header under Junk. aplombd
# strips inbound copies of the field, so it can be trusted behind it.
require ["fileinto", "mailbox"];

if header :matches "X-Aplomb-Quarantine" "yes*" {
	fileinto :create "Junk";
	stop;
}
