/* SPDX-License-Identifier: BSD-2-Clause */
#include "load.h"
#include "launch.h"

#include <stdio.h>
#include <unistd.h>

struct load
load_now(const cpu_set_t *cpus)
{
	struct load load = { 0, clock_seconds() };
	double tick_s = 1.0 / (double)sysconf(_SC_CLK_TCK);
	FILE *stat = fopen("/proc/stat", "re");
	char line[512];

	while (stat != NULL && fgets(line, sizeof(line), stat) != NULL) {
		unsigned long long user, nice, system, idle, iowait, irq, softirq, steal;
		unsigned cpu;

		if (sscanf(line, "cpu%u %llu %llu %llu %llu %llu %llu %llu %llu", &cpu, &user,
			&nice, &system, &idle, &iowait, &irq, &softirq, &steal) != 9)
			continue;
		if (cpu < CPU_SETSIZE && CPU_ISSET(cpu, cpus))
			load.busy_s += tick_s *
			    (double)(user + nice + system + irq + softirq + steal);
	}
	if (stat != NULL)
		fclose(stat);
	return load;
}

double
load_foreign(struct load before, struct load after, double own_s)
{
	double foreign_s = after.busy_s - before.busy_s - own_s;

	return foreign_s > 0 ? foreign_s : 0;
}

int
load_disturbed(struct load before, struct load after, double foreign_s, int cpus)
{
	double wall_s = after.wall_s - before.wall_s;

	return foreign_s > FOREIGN_FLOOR_S && foreign_s > FOREIGN_SHARE * wall_s * cpus;
}
