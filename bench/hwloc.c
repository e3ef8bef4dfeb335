/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The memory that a program has which loads hwloc's topology and nothing else: serial fib
 * beside it, so that it stands in the same table as the peers.
 */
#include "protocol.h"

#include <hwloc.h>

static long
fib(int n)
{
	return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

static uint64_t
run_fib(const struct bench_case *run)
{
	return (uint64_t)fib((int)run->n);
}

static int
load(uint64_t workers)
{
	static hwloc_topology_t topology;

	(void)workers;
	if (topology != NULL)
		return 0;
	return hwloc_topology_init(&topology) != 0 || hwloc_topology_load(topology) != 0;
}

int
main(void)
{
	static const struct bench_kernel kernels[] = { { "fib", run_fib }, { NULL, NULL } };
	static const struct bench_peer peer = { .kernels = kernels, .set_workers = load };

	return bench_serve(&peer);
}
