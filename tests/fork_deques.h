/* SPDX-License-Identifier: BSD-2-Clause */
/* A fork deque that no worker has, and items that are taken once, for its tests. */
#ifndef FILCH_TEST_FORK_DEQUES_H
#define FILCH_TEST_FORK_DEQUES_H

#include "memory/allocator.h"
#include "pools.h"
#include "task/fork.h"

/* The deque under test; _i says whether it begins fenced. */
static filch_fork_deque_ *deque;
#define DEQUE_BYTES sizeof(filch_fork_deque_)

static inline void
setup(void)
{
	deque = flc_memory_reserve(DEQUE_BYTES);
	ck_assert_ptr_nonnull(deque);
}

static inline void
teardown(void)
{
	flc_fence_break(false);
	flc_memory_unreserve(deque, DEQUE_BYTES);
}

#endif /* FILCH_TEST_FORK_DEQUES_H */
