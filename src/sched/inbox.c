/* SPDX-License-Identifier: BSD-2-Clause */
#include "sched/inbox.h"

bool
flc_inbox_run(struct flc_worker *worker)
{
	struct flc_inbox_call *call =
	    (struct flc_inbox_call *)flc_load_acquire(&worker->inbox);

	if (FLC_LIKELY(call == NULL) || !flc_inbox_withdraw(worker, call))
		return false;
	call->run(worker, call);
	return true;
}
