/* SPDX-License-Identifier: BSD-2-Clause */
#include "machine.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CORES_MAX 4096

struct level {
	const char *name;
	int32_t count;
};

static bool
read_level(struct level *levels, int *next, const char *name, int32_t count)
{
	/* Levels come outermost first; numa is hwloc's other name for node. */
	if (strcmp(name, "numa") == 0)
		name = "node";
	for (int i = *next; i < 3; i++)
		if (strcmp(levels[i].name, name) == 0) {
			levels[i].count = count;
			*next = i + 1;
			return count > 0 && count <= CORES_MAX;
		}
	return false;
}

bool
machine_parse(struct machine *machine, const char *text)
{
	struct level levels[] = { { "node", 1 }, { "l3", 1 }, { "core", 1 } };
	char name[8];
	int next = 0;
	int32_t count;
	int length;

	if (text[strspn(text, " ")] == '\0')
		return false;
	while (sscanf(text, " %7[a-zA-Z0-9]:%d%n", name, &count, &length) == 2) {
		for (char *c = name; *c != '\0'; c++)
			*c |= 0x20 & -(*c >= 'A' && *c <= 'Z');
		if (!read_level(levels, &next, name, count))
			return false;
		text += length;
	}
	if (text[strspn(text, " ")] != '\0')
		return false;
	int64_t node = (int64_t)levels[1].count * levels[2].count;

	if (node * levels[0].count > CORES_MAX)
		return false;
	machine->cache = levels[2].count;
	machine->node = (int32_t)node;
	machine->cores = levels[0].count * machine->node;
	return true;
}

struct machine
machine_typical(int32_t cores)
{
	int32_t nodes = cores <= 16 ? 1 : cores <= 64 ? 2 : cores <= 128 ? 4 : 8;

	return (struct machine){
		.cores = cores,
		.cache = cores < 8 ? cores : 8,
		.node = cores / nodes,
	};
}

struct costs
costs_vm(void)
{
#define VALUE(name, vm, metal, meaning) .name = vm,
	return (struct costs){ COST_MAP(VALUE) };
#undef VALUE
}

struct costs
costs_metal(void)
{
#define VALUE(name, vm, metal, meaning) .name = metal,
	return (struct costs){ COST_MAP(VALUE) };
#undef VALUE
}

bool
costs_set(struct costs *costs, const char *text)
{
	static const struct {
		const char *name;
		size_t offset;
	} fields[] = {
#define ROW(name, vm, metal, meaning) { #name, offsetof(struct costs, name) },
		COST_MAP(ROW)
#undef ROW
	};
	size_t length = strcspn(text, "=");
	char *end;

	if (text[length] == '\0')
		return false;
	int64_t value = strtoll(text + length + 1, &end, 10);

	if (end == text + length + 1 || *end != '\0' || value < 0)
		return false;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (strlen(fields[i].name) == length
		    && strncmp(fields[i].name, text, length) == 0) {
			memcpy((char *)costs + fields[i].offset, &value, sizeof(value));
			return true;
		}
	return false;
}

bool
costs_read(struct costs *costs, const char *file)
{
	FILE *stream = fopen(file, "r");
	char line[256];
	bool ok = stream != NULL;

	while (ok && fgets(line, sizeof(line), stream) != NULL) {
		line[strcspn(line, " #\n")] = '\0';
		ok = line[0] == '\0' || costs_set(costs, line);
	}
	if (stream != NULL)
		fclose(stream);
	return ok;
}
