/* SPDX-License-Identifier: BSD-2-Clause */
#include "machine.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#ifndef BENCH_CC
#define BENCH_CC "cc"
#endif

#if defined(__clang__)
#define COMPILER_VERSION __VERSION__
#else
#define COMPILER_VERSION "gcc " __VERSION__
#endif

/* x86 says "model name"; others say less, then the architecture must do. */
static void
read_cpu(char *cpu, size_t size, const char *otherwise)
{
	FILE *info = fopen("/proc/cpuinfo", "re");
	char line[512];

	snprintf(cpu, size, "%s", otherwise);
	while (info != NULL && fgets(line, sizeof(line), info) != NULL) {
		char *value = strstr(line, ": ");

		if (strncmp(line, "model name", 10) != 0 || value == NULL)
			continue;
		value[strcspn(value, "\n")] = '\0';
		snprintf(cpu, size, "%s", value + 2);
		break;
	}
	if (info != NULL)
		fclose(info);
}

struct machine
machine_read(void)
{
	struct machine machine;
	struct utsname name;
	cpu_set_t allowed;
	time_t now = time(NULL);
	double load[1] = { 0 };
	struct tm utc;

	memset(&machine, 0, sizeof(machine));
	memset(&name, 0, sizeof(name));
	uname(&name);
	read_cpu(machine.cpu, sizeof(machine.cpu), name.machine);
	snprintf(machine.kernel, sizeof(machine.kernel), "%.20s %.60s %.40s", name.sysname,
	    name.release, name.machine);
	snprintf(machine.compiler, sizeof(machine.compiler), "%.80s (%.160s)", COMPILER_VERSION,
	    BENCH_CC);
	if (gmtime_r(&now, &utc) != NULL)
		strftime(machine.date, sizeof(machine.date), "%Y-%m-%dT%H:%M:%SZ", &utc);
	if (sched_getaffinity(0, sizeof(allowed), &allowed) == 0)
		machine.cores = CPU_COUNT(&allowed);
	machine.memory_mb = (long)((double)sysconf(_SC_PHYS_PAGES) *
	    (double)sysconf(_SC_PAGESIZE) / (1 << 20));
	if (getloadavg(load, 1) == 1)
		machine.load = load[0];
	return machine;
}
