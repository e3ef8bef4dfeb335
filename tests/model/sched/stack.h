/* SPDX-License-Identifier: BSD-2-Clause */
/* In the model every stack has room. */
#ifndef FLC_STACK_H
#define FLC_STACK_H

static inline bool
flc_stack_is_short(void)
{
	return false;
}

static inline bool
flc_stack_call(struct flc_worker *worker, void (*run)(void *argument), void *argument)
{
	(void)worker;
	(void)run;
	(void)argument;
	return false;
}

#endif /* FLC_STACK_H */
