/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/fields.h"

#include "report/capture.h"

#define END { NULL, NULL, NULL, 0 }

#define ROW(field, name, help) { #field, name, help, offsetof(filch_worker_metrics, field) },
const struct flc_field flc_worker_counters[] = { FILCH_WORKER_COUNTER_MAP(ROW) END };
const struct flc_field flc_worker_histograms[] = { FILCH_WORKER_HISTOGRAM_MAP(ROW) END };
const struct flc_field flc_worker_gauges[] = {
	ROW(deque_depth, "filch_worker_deque_depth", "tasks in its deques")
	ROW(deque_high_water, "filch_worker_deque_high_water",
	    "the most tasks that a thief or a snapshot saw in its deques")
	END
};
#undef ROW

#define ROW(field, name, help) { #field, name, help, offsetof(filch_mutex_metrics, field) },
const struct flc_field flc_mutex_counters[] = { FILCH_MUTEX_COUNTER_MAP(ROW) END };
const struct flc_field flc_mutex_histograms[] = { FILCH_MUTEX_HISTOGRAM_MAP(ROW) END };
#undef ROW
#define ROW(key, field, name, help) { key, name, help, offsetof(filch_mutex_metrics, field) },
const struct flc_field flc_mutex_times[] = {
	ROW("cond_wait_seconds", cond_wait_ns, "filch_mutex_cond_wait_seconds_total",
	    "time in waits for a condition")
	END
};
const struct flc_field flc_mutex_time_gauges[] = {
	ROW("wait_seconds_max", wait_max_ns, "filch_mutex_wait_seconds_max",
	    "the longest contended acquisition")
	END
};
const struct flc_field flc_mutex_gauges[] = {
	ROW("waiters", waiters, "filch_mutex_waiters", "threads that wait for it")
	END
};
#undef ROW

#define ROW(field, name, help) { #field, name, help, offsetof(filch_channel_metrics, field) },
const struct flc_field flc_channel_counters[] = { FILCH_CHANNEL_COUNTER_MAP(ROW) END };
const struct flc_field flc_channel_histograms[] = { FILCH_CHANNEL_HISTOGRAM_MAP(ROW) END };
const struct flc_field flc_channel_gauges[] = {
	ROW(depth, "filch_channel_depth", "items in it")
	ROW(capacity, "filch_channel_capacity", "items it has room for")
	ROW(depth_high_water, "filch_channel_depth_high_water", "the most items in it so far")
	ROW(blocked_senders, "filch_channel_blocked_senders", "senders that wait for room")
	ROW(blocked_receivers, "filch_channel_blocked_receivers", "receivers that wait for an item")
	END
};
#undef ROW

#define ROW(field, name, help) { #field, name, help, offsetof(struct flc_captured_pool, field) },
const struct flc_field flc_pool_gauges[] = {
	ROW(workers, "filch_pool_workers", "threads that may work at once")
	ROW(active, "filch_pool_active_workers", "threads at work or looking for it")
	ROW(injected_depth, "filch_pool_injected_depth", "tasks in the injection queue")
	ROW(scratch_in_use, "filch_pool_scratch_bytes", "memory that algorithms work in")
	ROW(scratch_high_water, "filch_pool_scratch_high_water_bytes",
	    "the most memory that algorithms worked in at once")
	ROW(scratch_kept, "filch_pool_scratch_kept_bytes", "memory kept for algorithms")
	END
};
#undef ROW

const char *const flc_distance_labels[] = {
#define LABEL(name, label) label,
	FILCH_DISTANCE_MAP(LABEL)
};

const char *const flc_state_labels[] = {
	FILCH_STATE_MAP(LABEL)
};

const char *const flc_memory_labels[] = {
	FILCH_MEMORY_MAP(LABEL)
#undef LABEL
};

const char *const flc_kind_labels[] = { "worker", "guest", "spare" };
