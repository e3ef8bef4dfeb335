/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How a scene is run:  model_NAME [rand N | bound K | full] [SUITE]
 *
 * One line per suite.  MODEL_MUTANT names the seeded fault that is switched on
 * (mutants.sh); then the first suite that fails ends the run, with status 1.
 * MODEL_TRACE=1 prints the trace of a failure.
 */
#ifndef SCENE_HPP
#define SCENE_HPP

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>

#include "base/atomic.h"

/* The library's clock does not move. */
uint64_t
filch_now(void)
{
	return 1;
}

/* A suite is a body on a stage: Relacy is instantiated per number of threads only, which
 * takes the compiler seconds each. */
struct scene_body {
	virtual ~scene_body() {}
	virtual void before() = 0;
	virtual void thread(unsigned i) = 0;
	virtual void after() {}
};

static scene_body *(*model_make)();

template <class Body> static scene_body *
make_body()
{
	return new Body;
}

template <int THREADS> struct stage : rl::test_suite<stage<THREADS>, THREADS> {
	scene_body *body;

	stage() : body(model_make()) {}
	~stage() { delete body; }
	void before() { body->before(); }
	void thread(unsigned i) { body->thread(i); }
	void after() { body->after(); }
};

/* Lets the others go on: what takes few steps would mostly be over before what takes
 * many, and the interesting order hardly be tried. */
static inline void
model_delay(int steps)
{
	while (steps-- > 0)
		flc_model_yield();
}

struct scene {
	const char *mode;
	unsigned long count;
	const char *only;
	int status;
};

static inline scene
scene_of(int argc, char **argv)
{
	scene s = { "rand", 20000, NULL, 0 };
	int at = 1;

	if (at < argc)
		s.mode = argv[at++];
	if (at < argc && strcmp(s.mode, "full") != 0)
		s.count = strtoul(argv[at++], NULL, 10);
	if (at < argc)
		s.only = argv[at++];
	if (getenv("MODEL_MUTANT") != NULL)
		model_mutant = getenv("MODEL_MUTANT");
	return s;
}

/* share: this suite's part of the executions, in percent.  bound: the highest context
 * bound that ends in a moment; 0: only at random. */
template <class Body> static void
play(scene &s, const char *name, unsigned share = 100, unsigned bound = 2)
{
	std::ofstream nowhere("/dev/null");
	rl::test_params p;
	bool passed;

	static_assert(Body::threads == 2 || Body::threads == 3, "no stage of that size");

	if (s.only != NULL ? strcmp(s.only, name) != 0 : (s.mode[0] != 'r' && bound == 0))
		return;
	if (model_mutant[0] != '\0' && s.status != 0)
		return;
	p.progress_stream = &nowhere;
	p.output_stream = getenv("MODEL_TRACE") ? (std::ostream *)&std::cout : &nowhere;
	p.execution_depth_limit = 20000;
	if (strcmp(s.mode, "full") == 0) {
		p.search_type = rl::sched_full;
	} else if (strcmp(s.mode, "bound") == 0) {
		p.search_type = rl::sched_bound;
		p.context_bound = s.only != NULL || s.count < bound ? (unsigned)s.count : bound;
	} else {
		p.search_type = rl::sched_random;
		p.iteration_count = s.count * share / 100 + 1;
	}
	model_make = make_body<Body>;
	passed = Body::threads == 2 ? rl::simulate<stage<2> >(p) : rl::simulate<stage<3> >(p);
	printf("%-16s %s %-8lu %s after %llu executions\n", name, s.mode, s.count,
	    passed ? "passed" : rl::test_result_str(p.test_result),
	    (unsigned long long)p.stop_iteration);
	fflush(stdout);
	if (!passed)
		s.status = 1;
}

#endif /* SCENE_HPP */
