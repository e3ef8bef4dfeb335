/* SPDX-License-Identifier: BSD-2-Clause */
#include "topology/cpu_mask.h"

#include "topology/reader.h"

#include <errno.h>
#include <string.h>

void
flc_cpu_mask_clear(struct flc_cpu_mask *mask)
{
	memset(mask, 0, sizeof(*mask));
}

void
flc_cpu_mask_add(struct flc_cpu_mask *mask, unsigned first, unsigned last)
{
	for (unsigned os = first; os <= last && os < FLC_MOST_CPUS; os++)
		CPU_SET_S(os, sizeof(mask->set), mask->set);
}

bool
flc_cpu_mask_has(const struct flc_cpu_mask *mask, unsigned os)
{
	return os < FLC_MOST_CPUS && CPU_ISSET_S(os, sizeof(mask->set), mask->set);
}

size_t
flc_cpu_mask_count(const struct flc_cpu_mask *mask)
{
	return (size_t)CPU_COUNT_S(sizeof(mask->set), mask->set);
}

static bool
told_by_system(struct flc_cpu_mask *mask)
{
	flc_cpu_mask_clear(mask);
	return sched_getaffinity(0, sizeof(mask->set), mask->set) == 0 &&
	    flc_cpu_mask_count(mask) > 0;
}

bool
flc_cpu_mask_is_told(void)
{
	struct flc_cpu_mask mask;

	return told_by_system(&mask);
}

static void
add_range(void *mask, unsigned first, unsigned last)
{
	flc_cpu_mask_add(mask, first, last);
}

/* Moves the reader behind the first line's beginning that is so. */
static bool
find_beginning(struct flc_reader *reader, const char *beginning)
{
	for (;;) {
		const char *wanted = beginning;
		int byte;

		do
			byte = flc_reader_byte(reader);
		while (byte >= 0 && byte == *wanted && *++wanted != '\0');
		if (*wanted == '\0')
			return true;
		while (byte >= 0 && byte != '\n')
			byte = flc_reader_byte(reader);
		if (byte < 0)
			return false;
	}
}

static bool
read_online(struct flc_cpu_mask *mask, const char *root)
{
	struct flc_reader reader;

	flc_cpu_mask_clear(mask);
	if (!flc_reader_open(&reader, "%s/sys/devices/system/cpu/online", root))
		return false;
	bool read = flc_reader_ranges(&reader, add_range, mask);
	flc_reader_close(&reader);
	return read && flc_cpu_mask_count(mask) > 0;
}

static bool
read_status(struct flc_cpu_mask *mask, const char *root)
{
	struct flc_reader reader;

	flc_cpu_mask_clear(mask);
	if (!flc_reader_open(&reader, "%s/proc/thread-self/status", root))
		return false;
	bool read = find_beginning(&reader, "Cpus_allowed_list:\t") &&
	    flc_reader_ranges(&reader, add_range, mask);
	flc_reader_close(&reader);
	return read && flc_cpu_mask_count(mask) > 0;
}

void
flc_cpu_mask_allowed(struct flc_cpu_mask *mask, const char *root)
{
	struct flc_cpu_mask listed, both;

	if (told_by_system(mask))
		return;
	bool online = read_online(mask, root);
	if (read_status(&listed, root)) {
		/* The list has CPUs that are offline, too. */
		CPU_AND_S(sizeof(both.set), both.set, listed.set, mask->set);
		if (!online)
			*mask = listed;
		else if (flc_cpu_mask_count(&both) > 0)
			*mask = both;
	} else if (!online)
		flc_cpu_mask_add(mask, 0, 0);
}

bool
flc_cpu_mask_bind_self(const struct flc_cpu_mask *mask)
{
	return sched_setaffinity(0, sizeof(mask->set), mask->set) == 0;
}

bool
flc_cpu_mask_can_bind(void)
{
	struct flc_cpu_mask none;

	/* No CPU at all: where binding works, the system refuses just that. */
	flc_cpu_mask_clear(&none);
	return flc_cpu_mask_bind_self(&none) || errno == EINVAL;
}
