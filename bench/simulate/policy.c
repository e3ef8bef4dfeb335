/* SPDX-License-Identifier: BSD-2-Clause */
#include "policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHOICE(symbol, name, meaning) name,
static const char *const victims_names[] = { VICTIMS_MAP(CHOICE) NULL };
static const char *const barrier_names[] = { BARRIER_MAP(CHOICE) NULL };
static const char *const begin_names[] = { BEGIN_MAP(CHOICE) NULL };
static const char *const count_names[] = { COUNT_MAP(CHOICE) NULL };
static const char *const claim_names[] = { CLAIM_MAP(CHOICE) NULL };
static const char *const split_names[] = { SPLIT_MAP(CHOICE) NULL };
static const char *const help_names[] = { HELP_MAP(CHOICE) NULL };
static const char *const return_names[] = { RETURN_MAP(CHOICE) NULL };
#undef CHOICE

static int
find(const char *const *names, const char *name)
{
	for (int i = 0; names[i] != NULL; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	return -1;
}

static bool
read_number(const char *text, int64_t *number)
{
	char *end;

	*number = strtoll(text, &end, 10);
	return end != text && *end == '\0';
}

static bool
read_choice(struct policy *policy, const char *key, const char *value)
{
	int64_t number = 0;
	int index = -1;

	if (strcmp(key, "victims") == 0) {
		index = find(victims_names, value);
		policy->victims = (enum victims)index;
	} else if (strcmp(key, "barrier") == 0) {
		index = find(barrier_names, value);
		policy->barrier = (enum barrier)index;
	} else if (strcmp(key, "begin") == 0) {
		index = find(begin_names, value);
		policy->begin = (enum begin)index;
	} else if (strcmp(key, "count") == 0) {
		index = find(count_names, value);
		policy->count = (enum count)index;
	} else if (strcmp(key, "claim") == 0) {
		index = find(claim_names, value);
		policy->claim = (enum claim)index;
	} else if (strcmp(key, "split") == 0) {
		index = find(split_names, value);
		policy->split = (enum split)index;
	} else if (strcmp(key, "help") == 0) {
		index = find(help_names, value);
		policy->help = (enum help)index;
	} else if (strcmp(key, "return") == 0) {
		index = find(return_names, value);
		policy->comeback = (enum comeback)index;
	} else if (strcmp(key, "spare") == 0) {
		index = read_number(value, &number) ? 0 : -1;
		policy->spare_after = number;
	} else if (strcmp(key, "until") == 0) {
		index = read_number(value, &number) && number >= 0 ? 0 : -1;
		policy->until = number;
	} else if (strcmp(key, "spares") == 0) {
		index = read_number(value, &number) && number >= 0 && number <= 4096 ? 0 : -1;
		policy->spares = (int32_t)number;
	}
	return index >= 0;
}

bool
policy_parse(struct policy *policy, const char *text)
{
	struct policy read = *policy;
	char key[16], value[16];
	int length;

	while (*text != '\0') {
		if (sscanf(text, "%15[a-z]=%15[-a-z0-9]%n", key, value, &length) != 2
		    || !read_choice(&read, key, value))
			return false;
		text += length;
		if (*text == ',')
			text++;
		else if (*text != '\0')
			return false;
	}
	*policy = read;
	return true;
}

const char *
policy_names(void)
{
#define CHOICE(symbol, name, meaning) "        " name ": " meaning "\n"
	return "    victims=\n" VICTIMS_MAP(CHOICE) "    barrier=\n" BARRIER_MAP(CHOICE)
	    "    begin=\n" BEGIN_MAP(CHOICE) "    count=\n" COUNT_MAP(CHOICE)
	    "    claim=\n" CLAIM_MAP(CHOICE)
	    "    split=\n" SPLIT_MAP(CHOICE) "    help=\n" HELP_MAP(CHOICE)
	    "    return=\n" RETURN_MAP(CHOICE)
	    "    spare=NS    a spare takes a waiter's core after NS; -1: never\n"
	    "    until=N     fenced pops without a steal until the fence goes; 0: the cost\n"
	    "    spares=N    spare threads at most; 0: as many as workers\n";
#undef CHOICE
}

/* Rings: the cache, then the rest of the node, then the rest of the machine, then the
 * spares; `next` counts through all four. */
static int32_t
sweep_near(struct sweep *sweep, const struct machine *machine, int32_t self, int32_t spares)
{
	int32_t rings[] = { machine->cache, machine->node, machine->cores };

	for (;;) {
		int32_t place = sweep->next++;

		for (int ring = 0; ring < 3; place -= rings[ring++]) {
			if (place >= rings[ring])
				continue;
			int32_t base = self / rings[ring] * rings[ring];
			int32_t core = base + (sweep->start + place) % rings[ring];

			if (ring != 0 && core / rings[ring - 1] == self / rings[ring - 1])
				goto seen;
			return core;
		}
		return place < spares ? machine->cores + (sweep->start + place) % spares : -1;
seen:;
	}
}

int32_t
sweep_next(struct sweep *sweep, enum victims victims, const struct machine *machine,
    int32_t self, int32_t spares, uint64_t *random)
{
	if (sweep->next == 0)
		sweep->start = (int32_t)(random_step(random) % (uint64_t)machine->cores);
	if (victims == VICTIMS_NEAR || (victims == VICTIMS_MIXED && sweep->next < machine->cache))
		return sweep_near(sweep, machine, self, spares);
	if (sweep->next++ >= machine->cores + spares)
		return -1;
	return (int32_t)(random_step(random) % (uint64_t)(machine->cores + spares));
}
