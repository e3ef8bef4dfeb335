/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Map-reduce on real files: counts the words below some folders, once with a plain loop
 * and once with filch_fold_workers(), several times in turn.
 */
#define _GNU_SOURCE
#include "reader.h"
#include "sample.h"
#include "table.h"
#include "timing.h"

#include <filch.h>

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MEGABYTE 1000000
#define PAIRS_MAX 1000
#define FILLED_MAX 16 /* workers' tables that are filled beforehand: tens of MB each */
#define TOP 10
#define SHOWN 40 /* bytes of a long word */

struct options {
	uint64_t limit;      /* bytes */
	size_t pairs;        /* of a serial and a parallel run */
	const char *const *folders;
	size_t folder_count;
};

/* What one worker fills. */
struct counter {
	struct table table;
	struct reader reader;
	char apart[128]; /* no cache line holds parts of two workers' counters */
};

struct job {
	const struct sample *sample;
	struct counter *counters; /* [0] is the serial run's */
	size_t count;
	atomic_size_t taken;      /* by the workers of this run */
	size_t workers;
};

/* The map: counts the pieces of the items begin up to end. */
static int
count_items(const struct sample *sample, size_t begin, size_t end, struct counter *counter)
{
	size_t last = sample_item(sample, end);

	for (size_t p = sample_item(sample, begin); p < last; p++) {
		size_t length;
		const char *text = reader_text(&counter->reader, sample,
		    sample_piece(sample, p), &length);
		int failed = length != 0 && table_count_text(&counter->table, text, length) != 0;

		reader_done(&counter->reader);
		if (failed)
			return FILCH_NOMEM;
	}
	return 0;
}

/* The callbacks of the parallel run; the accumulator is a pointer to one of the job's
 * counters, whose memory stays from run to run. */
static int
fold(void *context, size_t begin, size_t end, void *into)
{
	struct job *job = context;

	return count_items(job->sample, begin, end, *(struct counter **)into);
}

static int
take_counter(void *context, void *into)
{
	struct job *job = context;
	struct counter *counter;
	size_t i = 1 + atomic_fetch_add(&job->taken, 1);

	if (i >= job->count)
		return FILCH_NOMEM;
	counter = &job->counters[i];
	if (counter->reader.buffer == NULL && reader_init(&counter->reader) != 0)
		return FILCH_NOMEM;
	*(struct counter **)into = counter;
	return 0;
}

struct merge {
	struct table *into;
	const struct table *from;
};

static int
merge_shards(void *context, size_t begin, size_t end)
{
	struct merge *merge = context;

	for (size_t shard = begin; shard < end; shard++)
		if (table_merge_shard(merge->into, merge->from, shard) != 0)
			return FILCH_NOMEM;
	return 0;
}

/* The reduce: parallel as well, as the map has ended when two counters meet. */
static int
combine(void *context, void *into, void *from)
{
	struct merge merge = {
		&(*(struct counter **)into)->table, &(*(struct counter **)from)->table
	};
	filch_for_options options = FILCH_FOR_OPTIONS_INIT;

	(void)context;
	options.grain_exact = 1;
	options.name = "merge";
	return filch_for(0, TABLE_SHARDS, merge_shards, &merge, &options);
}

static int
run_serial(struct job *job, struct counter **result)
{
	*result = &job->counters[0];
	return count_items(job->sample, 0, job->sample->items.count, *result);
}

static int
run_parallel(struct job *job, struct counter **result)
{
	filch_reducer reducer = { sizeof(struct counter *), take_counter, combine, NULL };
	filch_for_options options = FILCH_FOR_OPTIONS_INIT;

	options.grain_exact = 1; /* an item is a good millisecond */
	options.name = "count words";
	return filch_fold_workers(0, job->sample->items.count, fold, job, &reducer, result,
	    &options);
}

/* One timed run of either kind; what one run leaves behind is not the time of the
 * next. */
static int
run(struct job *job, int parallel, struct counter **result, double *seconds)
{
	uint64_t start;
	int status;

	for (size_t i = parallel; i < (parallel ? job->count : 1); i++)
		table_reset(&job->counters[i].table);
	atomic_store(&job->taken, 0);
	start = filch_now();
	status = parallel ? run_parallel(job, result) : run_serial(job, result);
	*seconds = seconds_since(start);
	if (status != 0)
		fprintf(stderr, "wordcount: counting failed: %s\n", filch_status_text(status));
	return status;
}

/* Makes the counters and fills them once, so that no page is faulted in and no table
 * grows in a timed run. */
static int
job_init(struct job *job, const struct sample *sample)
{
	filch_metrics metrics;
	struct counter *serial;
	double seconds;
	size_t filled;
	int status = filch_metrics_snapshot(NULL, &metrics, sizeof(metrics));

	memset(job, 0, sizeof(*job));
	if (status != 0) {
		fprintf(stderr, "wordcount: no pool of workers: %s; look at FILCH_WORKERS and "
		    "the other FILCH_ variables\n", filch_status_text(status));
		return status;
	}
	job->sample = sample;
	job->workers = metrics.workers;
	/* One for each thread that may take part, and the serial one. */
	job->count = 1 + filch_worker_limit(NULL);
	job->counters = calloc(job->count, sizeof(*job->counters));
	if (job->counters == NULL || reader_init(&job->counters[0].reader) != 0)
		status = FILCH_NOMEM;
	else
		status = run(job, 0, &serial, &seconds);
	filled = job->workers < FILLED_MAX ? job->workers : FILLED_MAX;
	for (size_t i = 1; status == 0 && i <= filled && i < job->count; i++) {
		struct merge merge = { &job->counters[i].table, &serial->table };

		status = merge_shards(&merge, 0, TABLE_SHARDS);
		if (status == 0 && reader_init(&job->counters[i].reader) != 0)
			status = FILCH_NOMEM;
	}
	if (status != 0)
		fprintf(stderr, "wordcount: %s while filling the tables; try a smaller "
		    "--sample-mb\n", filch_status_text(status));
	return status;
}

static void
job_fini(struct job *job)
{
	for (size_t i = 0; job->counters != NULL && i < job->count; i++) {
		table_fini(&job->counters[i].table);
		reader_fini(&job->counters[i].reader);
	}
	free(job->counters);
}

static void
print_sample(const struct sample *sample, const struct options *options)
{
	printf("read %zu files, %.1f MB, in %zu folders below", sample->files.count,
	    (double)sample->bytes / MEGABYTE, sample->folders);
	for (size_t i = 0; i < options->folder_count; i++)
		printf(" %s", options->folders[i]);
	if (sample->full)
		printf("\nthat is a sample of at most %" PRIu64 " MB, the first files of each "
		    "by name (--all reads all)", options->limit / MEGABYTE);
	printf("\nempty: %zu files, %zu folders\n", sample->empty_files, sample->empty_folders);
	printf("skipped: %zu unreadable, %zu broken links, %zu other links, %zu not regular\n",
	    sample->unreadable, sample->broken_links, sample->links, sample->not_regular);
}

static void
print_words(const struct table *table)
{
	struct table_summary sum = table_summarize(table);
	struct table_word top[TOP];
	size_t n = table_top(table, top, TOP);

	printf("\n%" PRIu64 " tokens, %" PRIu64 " distinct, checksum %016" PRIx64 "\n",
	    sum.tokens, sum.distinct, sum.checksum);
	if (sum.cut != 0)
		printf("%" PRIu64 " of them longer than %d bytes, the longest %" PRIu64 " bytes\n",
		    sum.cut, TABLE_WORD_KEPT, sum.longest);
	for (size_t i = 0; i < n; i++)
		printf("%12" PRIu64 "  %.*s%s\n", top[i].count,
		    (int)(top[i].length < SHOWN ? top[i].length : SHOWN), top[i].text,
		    top[i].length < SHOWN ? "" : "...");
}

/* 0 if the results are equal, or differ because the files changed. */
static int
compare(const struct job *job, const struct counter *serial, const struct counter *parallel)
{
	struct table_summary a = table_summarize(&serial->table);
	struct table_summary b = table_summarize(&parallel->table);
	size_t changed;

	if (a.tokens == b.tokens && a.distinct == b.distinct && a.checksum == b.checksum)
		return 0;
	changed = sample_changed(job->sample);
	for (size_t i = 0; i < job->count; i++)
		changed += job->counters[i].reader.changed;
	if (changed != 0)
		return 0;
	fprintf(stderr, "wordcount: the results differ: serial %" PRIu64 " tokens, %" PRIu64
	    " distinct, checksum %016" PRIx64 "; parallel %" PRIu64 ", %" PRIu64 ", %016" PRIx64
	    "; this is a bug of filch or of this program, please report it\n",
	    a.tokens, a.distinct, a.checksum, b.tokens, b.distinct, b.checksum);
	return -1;
}

static void
print_speed(const struct job *job, double *serial, double *parallel, size_t pairs)
{
	double bytes = (double)job->sample->bytes / MEGABYTE;
	double serial_s = median(serial, pairs), parallel_s = median(parallel, pairs);

	printf("\n%.1f MB/s serial, %.1f MB/s parallel, medians of %zu runs each\n",
	    bytes / serial_s, bytes / parallel_s, pairs);
	printf("speed-up %.2f (serial %.2f s, %zu workers %.2f s)\n\n", serial_s / parallel_s,
	    serial_s, job->workers, parallel_s);
}

static int
count_sample(const struct sample *sample, size_t pairs)
{
	double *seconds = calloc(2 * pairs, sizeof(*seconds));
	struct counter *serial = NULL, *parallel = NULL;
	struct job job;
	size_t changed;
	int status = job_init(&job, sample);

	if (seconds == NULL && status == 0) {
		fprintf(stderr, "wordcount: out of memory for the times; try a smaller --pairs\n");
		status = FILCH_NOMEM;
	}
	for (size_t i = 0; status == 0 && i < pairs; i++) {
		status = run(&job, 0, &serial, &seconds[i]);
		if (status == 0)
			status = run(&job, 1, &parallel, &seconds[pairs + i]);
		if (status == 0)
			status = compare(&job, serial, parallel);
	}
	if (status == 0) {
		print_words(&parallel->table);
		changed = sample_changed(sample);
		if (changed != 0)
			printf("%zu files changed meanwhile: the runs were not all over the same "
			    "text\n", changed);
		print_speed(&job, seconds, seconds + pairs, pairs);
		status = filch_metrics_write(NULL, FILCH_METRICS_TEXT, filch_write_file, stdout);
		if (status != 0)
			fprintf(stderr, "wordcount: cannot write the workers' table: %s; see that "
			    "the output can be written\n", filch_status_text(status));
	}
	job_fini(&job);
	free(seconds);
	return status;
}

static const char usage[] =
    "usage: wordcount [options] [folder or file ...]\n"
    "Counts the words below the folders (/usr/include /usr/share), serially and in\n"
    "parallel in turn, and prints the most frequent ones and the speed-up.\n"
    "  --sample        read at most 200 MB, shared by the folders (the default)\n"
    "  --sample-mb N   read at most N MB\n"
    "  --all           read everything\n"
    "  --pairs N       time N runs of each kind (5)\n"
    "  --help          print this\n";

static int
parse_number(const char *option, const char *text, uint64_t limit, uint64_t *number)
{
	char *end;

	errno = 0;
	*number = strtoull(text, &end, 10);
	if (*text >= '0' && *text <= '9' && *end == '\0' && errno == 0
	    && *number >= 1 && *number <= limit)
		return 0;
	fprintf(stderr, "wordcount: %s got '%s'; allowed is a whole number from 1 to %" PRIu64
	    "; leave the option out for the default\n", option, text, limit);
	return -1;
}

/* 0: go on; 1: done; -1: told what is wrong. */
static int
parse(int argc, char **argv, struct options *options)
{
	static const struct option known[] = {
		{ "sample", no_argument, NULL, 's' },
		{ "sample-mb", required_argument, NULL, 'm' },
		{ "all", no_argument, NULL, 'a' },
		{ "pairs", required_argument, NULL, 'p' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 }
	};
	static const char *const folders[] = { "/usr/include", "/usr/share" };
	uint64_t number;
	int which;

	*options = (struct options){ UINT64_C(200) * MEGABYTE, 5, folders, 2 };
	while ((which = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (which == 'm') {
			if (parse_number("--sample-mb", optarg, 1000000, &number) != 0)
				return -1;
			options->limit = number * MEGABYTE;
		} else if (which == 'a') {
			options->limit = UINT64_MAX;
		} else if (which == 'p') {
			if (parse_number("--pairs", optarg, PAIRS_MAX, &number) != 0)
				return -1;
			options->pairs = (size_t)number;
		} else if (which != 's') {
			fputs(usage, which == 'h' ? stdout : stderr);
			return which == 'h' ? 1 : -1;
		}
	}
	if (optind < argc) {
		options->folders = (const char *const *)(argv + optind);
		options->folder_count = (size_t)(argc - optind);
	}
	return 0;
}

int
main(int argc, char **argv)
{
	struct options options;
	struct sample sample = { 0 };
	int status = parse(argc, argv, &options);

	if (status != 0)
		return status < 0;
	/* What one folder does not need is shared by those after it. */
	for (size_t i = 0; status == 0 && i < options.folder_count; i++)
		status = sample_add(&sample, options.folders[i],
		    (options.limit - sample.bytes) / (options.folder_count - i));
	if (status != 0) {
		fprintf(stderr,
		    "wordcount: out of memory for the list of files; try --sample-mb\n");
	} else {
		print_sample(&sample, &options);
		fflush(stdout);
		if (sample.bytes == 0)
			fprintf(stderr, "wordcount: nothing to count below what was given; allowed "
			    "are folders and files; give one with a readable file in it\n");
		status = sample.bytes == 0 ? -1 : count_sample(&sample, options.pairs);
	}
	sample_fini(&sample);
	return status != 0;
}
