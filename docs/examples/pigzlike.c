/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Parallel gzip through a pipeline: read a block, deflate it, write it in order.
 *
 * As pigz does it, each block begins with the 32 KB before it as its dictionary and ends
 * at a byte boundary, so that the blocks together are one deflate stream of almost the
 * size that gzip makes; gzip reads it.
 */
#define _GNU_SOURCE
#include "stages.h"
#include "timing.h"

#include <filch.h>

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define MEGABYTE 1e6
#define BLOCK (128 * 1024)       /* as pigz's */
#define DICTIONARY (32 * 1024)   /* as far back as deflate looks */
#define OUTPUT (BLOCK + BLOCK / 512 + 64) /* what deflateBound() says, and a flush */

enum failure { READ_FAILED = 1, WRITE_FAILED, DEFLATE_FAILED };

struct options {
	int level;
	size_t workers;          /* 0: the library's choice */
	int to_stdout, force, quiet;
};

/* One block on its way; the slot of a token. */
struct block {
	size_t length, dictionary, deflated;
	uLong crc;
	unsigned char input[DICTIONARY + BLOCK]; /* the text begins behind the dictionary */
	unsigned char output[OUTPUT];
};

/* Of each worker; made when it deflates first. */
struct deflater {
	z_stream stream;
	int made;
	char apart[128];
};

struct job {
	int input, output;
	int level;
	struct deflater *deflaters;
	/* The reader's: the end of the block before. */
	unsigned char tail[DICTIONARY];
	size_t tail_length;
	/* The writer's. */
	uLong crc;
	uint64_t read, written;
	/* Of whichever stage failed. */
	int error;
};

/* Reads until length bytes are there or the end; -1: errno says why. */
static ssize_t
read_fully(int fd, unsigned char *into, size_t length)
{
	size_t done = 0;

	while (done < length) {
		ssize_t n = read(fd, into + done, length - done);

		if (n == 0)
			break;
		if (n < 0 && errno != EINTR)
			return -1;
		done += n > 0 ? (size_t)n : 0;
	}
	return (ssize_t)done;
}

static int
write_fully(struct job *job, const unsigned char *from, size_t length)
{
	size_t done = 0;

	while (done < length) {
		ssize_t n = write(job->output, from + done, length - done);

		if (n < 0 && errno != EINTR) {
			job->error = errno;
			return WRITE_FAILED;
		}
		done += n > 0 ? (size_t)n : 0;
	}
	job->written += length;
	return 0;
}

/* -- The stages -- */

static int
read_block(void *context, void *slot)
{
	struct job *job = context;
	struct block *block = slot;
	unsigned char *text = block->input + DICTIONARY;
	ssize_t length = read_fully(job->input, text, BLOCK);

	if (length < 0) {
		job->error = errno;
		return READ_FAILED;
	}
	if (length == 0)
		return FILCH_CLOSED;
	block->length = (size_t)length;
	block->dictionary = job->tail_length;
	memcpy(text - job->tail_length, job->tail, job->tail_length);
	/* A shorter block is the last one: its tail is not used. */
	job->tail_length = length < DICTIONARY ? 0 : DICTIONARY;
	memcpy(job->tail, text + length - job->tail_length, job->tail_length);
	return 0;
}

static int
deflate_block(void *context, void *slot)
{
	struct job *job = context;
	struct block *block = slot;
	struct deflater *deflater = &job->deflaters[filch_worker_index()];
	z_stream *stream = &deflater->stream;
	unsigned char *text = block->input + DICTIONARY;

	if (deflater->made)
		deflateReset(stream);
	else if (deflateInit2(stream, job->level, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return FILCH_NOMEM;
	deflater->made = 1;
	if (block->dictionary != 0)
		deflateSetDictionary(stream, text - block->dictionary, (uInt)block->dictionary);
	stream->next_in = text;
	stream->avail_in = (uInt)block->length;
	stream->next_out = block->output;
	stream->avail_out = OUTPUT;
	/* With room left everything came out; the stream goes on in the next block. */
	if (deflate(stream, Z_SYNC_FLUSH) != Z_OK || stream->avail_out == 0)
		return DEFLATE_FAILED;
	block->deflated = OUTPUT - stream->avail_out;
	block->crc = crc32(0, text, (uInt)block->length);
	return 0;
}

static int
write_block(void *context, void *slot)
{
	struct job *job = context;
	struct block *block = slot;

	job->crc = crc32_combine(job->crc, block->crc, (z_off_t)block->length);
	job->read += block->length;
	return write_fully(job, block->output, block->deflated);
}

/* -- One file -- */

static int
write_header(struct job *job)
{
	unsigned char header[10] = { 0x1f, 0x8b, Z_DEFLATED };

	header[8] = job->level == 9 ? 2 : job->level == 1 ? 4 : 0;
	header[9] = 3; /* Unix */
	return write_fully(job, header, sizeof(header));
}

/* An empty last block ends the stream; then the check and the length. */
static int
write_trailer(struct job *job)
{
	unsigned char trailer[10] = { 3, 0 };

	for (int i = 0; i < 4; i++) {
		trailer[2 + i] = (unsigned char)(job->crc >> (8 * i));
		trailer[6 + i] = (unsigned char)(job->read >> (8 * i));
	}
	return write_fully(job, trailer, sizeof(trailer));
}

static void
explain(const struct job *job, const char *name, int status)
{
	if (status == READ_FAILED || status == WRITE_FAILED)
		fprintf(stderr, "pigzlike: cannot %s %s: %s\n", status == READ_FAILED ? "read"
		    : "write the output of", name, strerror(job->error));
	else if (status == DEFLATE_FAILED)
		fprintf(stderr, "pigzlike: %s: zlib cannot deflate a block; this is a bug of "
		    "this program, please report it\n", name);
	else
		fprintf(stderr, "pigzlike: %s: %s\n", name, filch_status_text(status));
}

/* From one descriptor to the other. */
static int
compress_stream(struct job *job, filch_pool *pool, const char *name, const struct options *options)
{
	filch_stage stages[3] = {
		{ read_block, job, FILCH_STAGE_ORDERED, "read" },
		{ deflate_block, job, FILCH_STAGE_PARALLEL, "deflate" },
		{ write_block, job, FILCH_STAGE_ORDERED, "write" },
	};
	filch_pipeline_options how = FILCH_PIPELINE_OPTIONS_INIT;
	filch_pipeline *pipeline;
	FILE *out = options->to_stdout ? stderr : stdout;
	uint64_t start = filch_now();
	int status;

	how.pool = pool;
	how.item_size = sizeof(struct block);
	status = filch_pipeline_create(&pipeline, stages, 3, &how);
	if (status == FILCH_OK) {
		status = write_header(job);
		if (status == FILCH_OK)
			status = filch_pipeline_run(pipeline, FILCH_FOREVER);
		if (status == FILCH_OK)
			status = write_trailer(job);
	}
	if (status != FILCH_OK) {
		explain(job, name, status);
	} else if (!options->quiet) {
		double seconds = seconds_since(start);

		fprintf(out, "%s: %" PRIu64 " bytes to %" PRIu64 " (%.1f%%) in %.3f s, %.1f MB/s, "
		    "%zu workers\n", name, job->read, job->written, job->read > 0
		    ? 100 * (double)job->written / (double)job->read : 0, seconds,
		    (double)job->read / MEGABYTE / seconds, workers_of(pool));
		print_stages(out, pipeline, "blocks", workers_of(pool));
	}
	(void)filch_pipeline_destroy(pipeline);
	return status;
}

/* FILE to FILE.gz, which is not left behind half written. */
static int
compress_file(struct job *job, filch_pool *pool, const char *name, const struct options *options)
{
	char *output = NULL;
	int status = -1;
	struct stat about;

	job->input = open(name, O_RDONLY | O_CLOEXEC);
	if (job->input < 0 || fstat(job->input, &about) != 0) {
		fprintf(stderr, "pigzlike: cannot open %s: %s\n", name, strerror(errno));
	} else if (options->to_stdout) {
		job->output = STDOUT_FILENO;
		status = compress_stream(job, pool, name, options);
	} else if (asprintf(&output, "%s.gz", name) < 0) {
		output = NULL;
		fprintf(stderr, "pigzlike: out of memory\n");
	} else {
		job->output = open(output, O_WRONLY | O_CREAT | O_CLOEXEC
		    | (options->force ? O_TRUNC : O_EXCL), about.st_mode & 0666);
		if (job->output < 0) {
			fprintf(stderr, "pigzlike: cannot make %s: %s%s\n", output, strerror(errno),
			    errno == EEXIST ? "; -f overwrites it" : "");
		} else {
			status = compress_stream(job, pool, name, options);
			if (close(job->output) != 0 && status == FILCH_OK) {
				job->error = errno;
				status = WRITE_FAILED;
				explain(job, name, status);
			}
			if (status != FILCH_OK)
				(void)unlink(output);
		}
	}
	if (job->input >= 0)
		(void)close(job->input);
	free(output);
	return status;
}

static int
compress_all(filch_pool *pool, char **names, size_t n, const struct options *options)
{
	size_t limit = filch_worker_limit(pool);
	struct deflater *deflaters = calloc(limit, sizeof(*deflaters));
	struct job *job = malloc(sizeof(*job));
	int failed = deflaters == NULL || job == NULL;

	if (failed)
		fprintf(stderr, "pigzlike: out of memory\n");
	for (size_t i = 0; deflaters != NULL && job != NULL && i < (n > 0 ? n : 1); i++) {
		memset(job, 0, sizeof(*job));
		job->level = options->level;
		job->deflaters = deflaters;
		if (n > 0) {
			failed |= compress_file(job, pool, names[i], options) != 0;
		} else {
			job->input = STDIN_FILENO;
			job->output = STDOUT_FILENO;
			failed |= compress_stream(job, pool, "standard input", options) != 0;
		}
	}
	if (!failed && !options->quiet)
		(void)filch_metrics_write(pool, FILCH_METRICS_TEXT, filch_write_file,
		    options->to_stdout ? stderr : stdout);
	for (size_t i = 0; deflaters != NULL && i < limit; i++)
		if (deflaters[i].made)
			deflateEnd(&deflaters[i].stream);
	free(deflaters);
	free(job);
	return failed;
}

static const char usage[] =
    "usage: pigzlike [options] [file ...]\n"
    "Compresses each file to file.gz, which gzip reads, with all cores; without files\n"
    "standard input to standard output.  The files are kept.\n"
    "  -1 ... -9       level, from fast to small (6)\n"
    "  -c              to standard output, what is printed to standard error\n"
    "  -f              overwrite what is there\n"
    "  -p, --workers N threads that work (as many as there are cores)\n"
    "  -q              print nothing\n"
    "  -h, --help      print this\n";

/* 0: go on; 1: done; -1: told what is wrong. */
static int
parse(int argc, char **argv, struct options *options)
{
	static const struct option known[] = {
		{ "workers", required_argument, NULL, 'p' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 }
	};
	int which;

	*options = (struct options){ .level = 6 };
	while ((which = getopt_long(argc, argv, "123456789cfp:qh", known, NULL)) != -1) {
		if (which >= '1' && which <= '9') {
			options->level = which - '0';
		} else if (which == 'c') {
			options->to_stdout = 1;
		} else if (which == 'f') {
			options->force = 1;
		} else if (which == 'q') {
			options->quiet = 1;
		} else if (which == 'p') {
			if (parse_workers("pigzlike", optarg, &options->workers) != 0)
				return -1;
		} else {
			fputs(usage, which == 'h' ? stdout : stderr);
			return which == 'h' ? 1 : -1;
		}
	}
	if (optind == argc)
		options->to_stdout = 1;
	if (options->to_stdout && isatty(STDOUT_FILENO)) {
		fprintf(stderr, "pigzlike: compressed data is not for a terminal; name files, or "
		    "redirect the output\n");
		return -1;
	}
	return 0;
}

int
main(int argc, char **argv)
{
	struct options options;
	filch_pool_options how = FILCH_POOL_OPTIONS_INIT;
	filch_pool *pool;
	int status = parse(argc, argv, &options);

	if (status != 0)
		return status < 0;
	how.workers = options.workers;
	status = filch_pool_create(&pool, &how);
	if (status != FILCH_OK) {
		fprintf(stderr, "pigzlike: no pool of workers: %s; look at FILCH_WORKERS and the "
		    "other FILCH_ variables\n", filch_status_text(status));
		return 1;
	}
	status = compress_all(pool, argv + optind, (size_t)(argc - optind), &options);
	(void)filch_pool_destroy(pool);
	return status;
}
