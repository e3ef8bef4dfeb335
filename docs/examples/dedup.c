/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Deduplicating compression: cuts files where their text says so, compresses each
 * different piece once, writes the others as references, and restores them.
 *
 *     dedup -o include.dd /usr/include/[a-z]*.h     several files, as cat reads them
 *     dedup -d -c include.dd | wc -c                and back
 *     tar cf - /usr/include | dedup >include.dd
 *
 * dedup_pack.c is the pipeline, dedup_index.c the index under a mutex, dedup_restore.c
 * the way back.  Chunks are told apart by 128 bits of XXH3 and their length: not against
 * somebody who makes collisions on purpose.
 */
#define _GNU_SOURCE
#include "dedup.h"
#include "stages.h"
#include "timing.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX ".dd"

struct options {
	int level, restore, to_stdout, force, quiet;
	size_t workers;          /* 0: the library's choice */
	const char *output;      /* NULL: made from the file's name */
};

int64_t
dedup_read(struct dedup *dedup, void *into, size_t length)
{
	size_t done = 0;

	while (done < length) {
		ssize_t n;

		if (dedup->input < 0) {
			if (dedup->opened == dedup->name_count)
				break;
			dedup->name = dedup->names[dedup->opened++];
			dedup->input = open(dedup->name, O_RDONLY | O_CLOEXEC);
			if (dedup->input < 0)
				goto failed;
		}
		n = read(dedup->input, (char *)into + done, length - done);
		if (n < 0 && errno != EINTR)
			goto failed;
		done += n > 0 ? (size_t)n : 0;
		if (n == 0 && dedup->name_count == 0)
			break;
		if (n == 0) {
			(void)close(dedup->input);
			dedup->input = -1;
		}
	}
	return (int64_t)done;
failed:
	dedup->error = errno;
	return -1;
}

int
dedup_write(struct dedup *dedup, const void *from, size_t length)
{
	if (fwrite(from, 1, length, dedup->output) != length) {
		dedup->error = errno;
		return DEDUP_WRITE_FAILED;
	}
	dedup->written += length;
	return 0;
}

static void
explain(const struct dedup *dedup, const char *output, int status)
{
	if (status == DEDUP_READ_FAILED)
		fprintf(stderr, "dedup: cannot read %s: %s\n", dedup->name, strerror(dedup->error));
	else if (status == DEDUP_WRITE_FAILED)
		fprintf(stderr, "dedup: cannot write %s: %s\n", output, strerror(dedup->error));
	else if (status == DEDUP_CORRUPT)
		fprintf(stderr, "dedup: %s is corrupt at byte %" PRIu64 ": %s; take another copy "
		    "of it\n", dedup->name, dedup->at, dedup->complaint);
	else if (status == DEDUP_ZLIB_FAILED)
		fprintf(stderr, "dedup: zlib cannot compress a chunk; this is a bug of this "
		    "program, please report it\n");
	else
		fprintf(stderr, "dedup: %s: %s\n", dedup->name, filch_status_text(status));
}

static void
print_result(FILE *out, const struct dedup *dedup, const struct options *options, double seconds)
{
	uint64_t text = options->restore ? dedup->written : dedup->read;

	fprintf(out, "%" PRIu64 " bytes to %" PRIu64 " in %.3f s, %.1f MB/s of text, %zu workers\n",
	    dedup->read, dedup->written, seconds, (double)text * 1e-6 / seconds,
	    workers_of(dedup->pool));
	fprintf(out, "%" PRIu64 " chunks, %" PRIu64 " of them different (%.1f%%)\n", dedup->chunks,
	    dedup->unique, dedup->chunks > 0
	    ? 100 * (double)dedup->unique / (double)dedup->chunks : 0);
	if (!options->restore)
		fprintf(out, "%" PRIu64 " were compressed by a later occurrence first, the writer "
		    "waited for %" PRIu64 " of them\n", dedup->early, dedup->waited);
	fputc('\n', out);
}

static int
run(struct dedup *dedup, const struct options *options, const char *output)
{
	FILE *out = options->to_stdout ? stderr : stdout;
	filch_pipeline *pipeline;
	uint64_t start = filch_now();
	int status;

	dedup->input = dedup->name_count == 0 ? STDIN_FILENO : -1;
	dedup->name = dedup->name_count == 0 ? "standard input" : dedup->names[0];
	status = (options->restore ? dedup_restore : dedup_pack)(dedup, &pipeline);
	if (fflush(dedup->output) != 0 && status == FILCH_OK) {
		dedup->error = errno;
		status = DEDUP_WRITE_FAILED;
	}
	if (status != FILCH_OK) {
		explain(dedup, output, status);
	} else if (!options->quiet) {
		print_result(out, dedup, options, seconds_since(start));
		print_stages(out, pipeline, "chunks", workers_of(dedup->pool));
		(void)filch_metrics_write(dedup->pool, FILCH_METRICS_TEXT, filch_write_file, out);
	}
	(void)filch_pipeline_destroy(pipeline);
	if (dedup->input > STDIN_FILENO)
		(void)close(dedup->input);
	return status;
}

/* Writing to a file that is still to be read would destroy it. */
static int
is_input(const struct dedup *dedup, int fd)
{
	struct stat input, output;

	if (fstat(fd, &output) != 0)
		return 0;
	for (size_t i = 0; i < dedup->name_count; i++)
		if (stat(dedup->names[i], &input) == 0 && input.st_dev == output.st_dev
		    && input.st_ino == output.st_ino)
			return 1;
	return 0;
}

/* To the file, which is not left behind half written. */
static int
run_to_file(struct dedup *dedup, const struct options *options)
{
	int status = DEDUP_WRITE_FAILED;
	int fd = open(options->output, O_WRONLY | O_CREAT | O_CLOEXEC
	    | (options->force ? 0 : O_EXCL), 0666);

	if (fd >= 0 && is_input(dedup, fd)) {
		fprintf(stderr, "dedup: %s is one of the files to read; name another with -o\n",
		    options->output);
		(void)close(fd);
		return status;
	}
	if (fd >= 0 && ftruncate(fd, 0) != 0 && errno != EINVAL) {
		(void)close(fd);
		fd = -1;
	}
	dedup->output = fd < 0 ? NULL : fdopen(fd, "wb");
	if (dedup->output == NULL) {
		fprintf(stderr, "dedup: cannot make %s: %s%s\n", options->output, strerror(errno),
		    errno == EEXIST ? "; -f overwrites it" : "");
		return status;
	}
	status = run(dedup, options, options->output);
	if (fclose(dedup->output) != 0 && status == FILCH_OK) {
		dedup->error = errno;
		status = DEDUP_WRITE_FAILED;
		explain(dedup, options->output, status);
	}
	if (status != FILCH_OK)
		(void)unlink(options->output);
	return status;
}

static const char usage[] =
    "usage: dedup [options] [file ...]\n"
    "Packs the files, one after another, or standard input: each different piece of\n"
    "the text is compressed once.  One file becomes file.dd, and back with -d.\n"
    "  -1 ... -9       level of zlib, from fast to small (6)\n"
    "  -d              restore an archive, and verify it\n"
    "  -o FILE         write to FILE\n"
    "  -c              to standard output, what is printed to standard error\n"
    "  -f              overwrite what is there\n"
    "  -p, --workers N threads that work (as many as there are cores)\n"
    "  -q              print nothing\n"
    "  -h, --help      print this\n";

/* Where the output goes if nothing was said: beside the one file. */
static int
choose_output(struct options *options, char **names, int count)
{
	static char name[4096];
	size_t length = count == 1 ? strlen(names[0]) : 0, suffix = strlen(SUFFIX);

	if (options->restore && count > 1) {
		fprintf(stderr, "dedup: -d got %d files; allowed is one archive\n", count);
		return -1;
	}
	if (count == 0 && options->output == NULL)
		options->to_stdout = 1;
	if (options->to_stdout && isatty(STDOUT_FILENO) && !options->restore) {
		fprintf(stderr, "dedup: an archive is not for a terminal; use -o FILE, or redirect "
		    "the output\n");
		return -1;
	}
	if (options->to_stdout || options->output != NULL)
		return 0;
	options->output = name;
	if (count == 1 && !options->restore && length + suffix < sizeof(name)) {
		(void)snprintf(name, sizeof(name), "%s" SUFFIX, names[0]);
		return 0;
	}
	if (count == 1 && length > suffix && length < sizeof(name)
	    && strcmp(names[0] + length - suffix, SUFFIX) == 0) {
		(void)snprintf(name, sizeof(name), "%.*s", (int)(length - suffix), names[0]);
		return 0;
	}
	fprintf(stderr, "dedup: no name for the output follows from %s; give one by -o, or -c\n",
	    count == 1 ? names[0] : "several files");
	return -1;
}

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
	while ((which = getopt_long(argc, argv, "123456789cdfo:p:qh", known, NULL)) != -1) {
		if (which >= '1' && which <= '9')
			options->level = which - '0';
		else if (which == 'c')
			options->to_stdout = 1;
		else if (which == 'd')
			options->restore = 1;
		else if (which == 'f')
			options->force = 1;
		else if (which == 'o')
			options->output = optarg;
		else if (which == 'q')
			options->quiet = 1;
		else if (which != 'p' || parse_workers("dedup", optarg, &options->workers) != 0) {
			if (which != 'p')
				fputs(usage, which == 'h' ? stdout : stderr);
			return which == 'h' ? 1 : -1;
		}
	}
	return choose_output(options, argv + optind, argc - optind);
}

int
main(int argc, char **argv)
{
	struct options options;
	struct dedup dedup = { 0 };
	filch_pool_options how = FILCH_POOL_OPTIONS_INIT;
	int status = parse(argc, argv, &options);

	if (status != 0)
		return status < 0;
	how.workers = options.workers;
	status = filch_pool_create(&dedup.pool, &how);
	if (status != FILCH_OK) {
		fprintf(stderr, "dedup: no pool of workers: %s; look at FILCH_WORKERS and the "
		    "other FILCH_ variables\n", filch_status_text(status));
		return 1;
	}
	dedup.level = options.level;
	dedup.names = (const char *const *)(argv + optind);
	dedup.name_count = (size_t)(argc - optind);
	if (options.to_stdout) {
		dedup.output = stdout;
		status = run(&dedup, &options, "standard output");
	} else {
		status = run_to_file(&dedup, &options);
	}
	(void)filch_pool_destroy(dedup.pool);
	return status != 0;
}
