/* SPDX-License-Identifier: BSD-2-Clause */
#include "result.h"

#include <stdlib.h>
#include <string.h>

int
result_is_ok(const struct result *result)
{
	return result != NULL && strcmp(result->status, "ok") == 0 && result->seconds > 0;
}

struct result *
results_add(struct results *results)
{
	struct result *grown =
	    realloc(results->result, (results->count + 1) * sizeof(*results->result));

	if (grown == NULL)
		return NULL;
	results->result = grown;
	memset(&grown[results->count], 0, sizeof(*grown));
	return &grown[results->count++];
}

void
results_free(struct results *results)
{
	free(results->result);
	results->result = NULL;
	results->count = 0;
}

const struct result *
results_find(const struct results *results, const char *kernel, const char *peer,
    unsigned long long n, int workers)
{
	for (size_t i = 0; i < results->count; i++) {
		const struct result *result = &results->result[i];

		if (result->n == n && result->workers == workers &&
		    strcmp(result->kernel, kernel) == 0 && strcmp(result->peer, peer) == 0)
			return result;
	}
	return NULL;
}
