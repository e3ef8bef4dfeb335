/* SPDX-License-Identifier: BSD-2-Clause */
#include "channel.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CAPACITY 1024
#define MOST_PAIRS 8
#define BATCH 32

struct run {
	const struct queue_face *face;
	void *queue;
	void *back;            /* ping: for the answers */
	size_t pairs;
	size_t messages;       /* of each producer */
	size_t batch;
	pthread_barrier_t start;
	uint64_t sum[MOST_PAIRS];
};

struct part {
	struct run *run;
	size_t index;
	double began, ended;   /* of this thread */
};

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void *
produce(void *argument)
{
	struct part *part = argument;
	struct run *run = part->run;
	uint64_t items[BATCH];

	pthread_barrier_wait(&run->start);
	part->began = now();
	for (size_t i = 0; i < run->messages; i += run->batch) {
		if (run->batch == 1) {
			run->face->send(run->queue, i + 1);
			continue;
		}
		for (size_t k = 0; k < run->batch; k++)
			items[k] = i + k + 1;
		run->face->send_many(run->queue, items, run->batch);
	}
	part->ended = now();
	return NULL;
}

static void *
consume(void *argument)
{
	struct part *part = argument;
	struct run *run = part->run;
	uint64_t items[BATCH], sum = 0;
	size_t left = run->messages;

	pthread_barrier_wait(&run->start);
	part->began = now();
	while (left > 0) {
		size_t n = 1;

		if (run->batch == 1)
			items[0] = run->face->recv(run->queue);
		else
			n = run->face->recv_many(run->queue, items, left < BATCH ? left : BATCH);
		for (size_t k = 0; k < n; k++)
			sum += items[k];
		left -= n;
	}
	part->ended = now();
	run->sum[part->index] = sum;
	return NULL;
}

/* Nanoseconds a message, from the first thread's start to the last one's end, which the
 * threads measure: the caller may be late.  The sums must be right. */
static double
stream(struct run *run)
{
	pthread_t thread[2 * MOST_PAIRS];
	struct part part[2 * MOST_PAIRS];
	uint64_t sum = 0, wanted = run->pairs * (run->messages * (run->messages + 1) / 2);
	double began, ended;

	pthread_barrier_init(&run->start, NULL, (unsigned)(2 * run->pairs));
	for (size_t i = 0; i < 2 * run->pairs; i++) {
		part[i] = (struct part){ run, i / 2, 0, 0 };
		pthread_create(&thread[i], NULL, i % 2 ? consume : produce, &part[i]);
	}
	for (size_t i = 0; i < 2 * run->pairs; i++)
		pthread_join(thread[i], NULL);
	began = part[0].began;
	ended = part[0].ended;
	for (size_t i = 0; i < 2 * run->pairs; i++) {
		began = part[i].began < began ? part[i].began : began;
		ended = part[i].ended > ended ? part[i].ended : ended;
	}
	for (size_t i = 0; i < run->pairs; i++)
		sum += run->sum[i];
	if (sum != wanted) {
		fprintf(stderr, "%s: wrong sum\n", run->face->name);
		exit(1);
	}
	return (ended - began) / (double)(run->pairs * run->messages);
}

/* One thread sends and receives in turn. */
static double
alone(struct run *run)
{
	uint64_t sum = 0;
	double begin = now();

	for (size_t i = 0; i < run->messages; i++) {
		run->face->send(run->queue, i);
		sum += run->face->recv(run->queue);
	}
	begin = (now() - begin) / (double)run->messages;
	if (sum != run->messages * (run->messages - 1) / 2)
		exit(1);
	return begin;
}

static void *
answer(void *argument)
{
	struct run *run = argument;

	for (size_t i = 0; i < run->messages; i++)
		run->face->send(run->back, run->face->recv(run->queue) + 1);
	return NULL;
}

/* Two threads in turn: nanoseconds from a question to its answer. */
static double
ping(struct run *run)
{
	pthread_t other;
	double begin;

	pthread_create(&other, NULL, answer, run);
	begin = now();
	for (size_t i = 0; i < run->messages; i++) {
		run->face->send(run->queue, i);
		if (run->face->recv(run->back) != i + 1)
			exit(1);
	}
	begin = (now() - begin) / (double)run->messages;
	pthread_join(other, NULL);
	return begin;
}

static const struct row {
	const char *name;
	size_t pairs;
	size_t batch;
	double (*measure)(struct run *run);
} rows[] = {
	{ "1:1", 1, 1, stream },
	{ "2:2", 2, 1, stream },
	{ "batch", 1, BATCH, stream },
	{ "alone", 1, 1, alone },
	{ "ping", 1, 1, ping },
	{ NULL, 0, 0, NULL },
};

int
main(int argc, char **argv)
{
	struct run run = { .messages = argc > 3 ? strtoul(argv[3], NULL, 10) : 1000000 };
	const struct row *row;

	if (argc < 3) {
		for (run.face = bench_queues; run.face->name != NULL; run.face++)
			for (row = rows; row->name != NULL; row++)
				if ((row->batch == 1 || run.face->send_many != NULL)
				    && (row->pairs <= 1 || !run.face->single)
				    && (row->measure != alone || !run.face->meets))
					printf("%s %s\n", run.face->name, row->name);
		return 0;
	}
	for (run.face = bench_queues; run.face->name != NULL; run.face++)
		if (strcmp(run.face->name, argv[1]) == 0)
			break;
	for (row = rows; row->name != NULL; row++)
		if (strcmp(row->name, argv[2]) == 0)
			break;
	if (run.face->name == NULL || row->name == NULL
	    || (row->batch > 1 && run.face->send_many == NULL))
		return 2;
	run.queue = run.face->make(CAPACITY);
	run.back = run.face->make(CAPACITY);
	if (run.queue == NULL || run.back == NULL)
		return 2;
	run.pairs = row->pairs;
	run.batch = row->batch;
	run.messages -= run.messages % BATCH;
	printf("%.2f\n", row->measure(&run));
	run.face->end(run.queue);
	run.face->end(run.back);
	return 0;
}
