/* SPDX-License-Identifier: BSD-2-Clause */
/* Measured rows beside predicted ones. */
#include "tables.h"

#include <stdio.h>
#include <stdlib.h>

static bool
compare(const char *name, int workers, double seconds, double steals,
    const struct sim_config *config, int seeds, int percent, int *apart)
{
	struct sim_config sized = *config;
	struct sim_result result;
	struct dag dag;

	if (workers <= 0 || workers > 4096 || !dag_generate(&dag, name))
		return false;
	sized.machine = machine_typical(workers);
	bool ok = mean_result(&dag, &sized, seeds, &result);

	dag_fini(&dag);
	if (!ok)
		return false;
	double predicted = (double)result.steals;
	double off = steals > 0 ? 100 * (predicted / steals - 1) : 0;
	bool bad = off > percent || off < -percent;

	printf("|%s|%d|%.2f|%.2f|%+.0f%%|%.0f|%.0f|%+.0f%%%s|\n", name, workers, seconds * 1e3,
	    (double)result.time / 1e6, 100 * ((double)result.time / 1e9 / seconds - 1),
	    steals, predicted, off, bad ? " !" : "");
	*apart += bad;
	return true;
}

int
against(const char *file, const struct sim_config *config, int seeds, int percent)
{
	FILE *stream = fopen(file, "r");
	char line[256];
	int apart = 0;
	bool ok = stream != NULL;

	printf("|DAG|workers|ms, real|ms, simulated|off|steals, real|simulated|off|\n"
	    "|---|---|---|---|---|---|---|---|\n");
	while (ok && fgets(line, sizeof(line), stream) != NULL) {
		char name[64];
		int workers;
		double seconds, steals;

		if (line[0] == '#' || line[0] == '\n')
			continue;
		ok = sscanf(line, "%63s %d %lf %lf", name, &workers, &seconds, &steals) == 4
		    && seconds > 0
		    && compare(name, workers, seconds, steals, config, seeds, percent, &apart);
	}
	if (stream != NULL)
		fclose(stream);
	return ok ? apart : -1;
}
