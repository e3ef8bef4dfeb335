/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE
#include "reader.h"

#include <pthread.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* What this thread has mapped: faults in it are those of a shrunk file. */
static _Thread_local struct {
	char *volatile begin;
	char *volatile end;
	volatile sig_atomic_t shrunk;
} mapped;

/* Read once, as sysconf() is not for signal handlers. */
static size_t page_size;

/* Puts zeros in place of what the file lost and lets the access go on: the table that is
 * being filled stays whole. */
static void
on_bus_error(int number, siginfo_t *info, void *context)
{
	char *at = info->si_addr;
	char *page = (char *)((uintptr_t)at & ~(uintptr_t)(page_size - 1));

	(void)context;
	if (at >= mapped.begin && at < mapped.end
	    && mmap(page, (size_t)(mapped.end - page), PROT_READ,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED)
		mapped.shrunk = 1;
	else
		signal(number, SIG_DFL);
}

/* Once for all readers, which several workers make at a time. */
static void
catch_bus_errors(void)
{
	struct sigaction action;

	page_size = (size_t)sysconf(_SC_PAGESIZE);
	memset(&action, 0, sizeof(action));
	action.sa_sigaction = on_bus_error;
	action.sa_flags = SA_SIGINFO;
	sigemptyset(&action.sa_mask);
	sigaction(SIGBUS, &action, NULL);
}

int
reader_init(struct reader *reader)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, catch_bus_errors);
	memset(reader, 0, sizeof(*reader));
	reader->buffer = malloc(SAMPLE_PIECE);
	if (reader->buffer == NULL)
		return -1;
	/* Faulted in here, not in a timed run. */
	memset(reader->buffer, 0, SAMPLE_PIECE);
	return 0;
}

void
reader_fini(struct reader *reader)
{
	free(reader->buffer);
	memset(reader, 0, sizeof(*reader));
}

static size_t
read_piece(struct reader *reader, int fd, const struct sample_piece *piece)
{
	size_t have = 0;

	while (have < piece->length) {
		ssize_t got = pread(fd, reader->buffer + have, piece->length - have,
		    piece->offset + (off_t)have);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		have += (size_t)got;
	}
	return have;
}

static const char *
map_piece(struct reader *reader, int fd, const struct sample_piece *piece, size_t *length)
{
	size_t before = (size_t)piece->offset & (page_size - 1);
	off_t begin = piece->offset - (off_t)before;
	char *map;

	*length = 0;
	map = mmap(NULL, before + piece->length, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, begin);
	if (map == MAP_FAILED)
		return NULL;
	reader->map = map;
	reader->map_length = (before + piece->length + page_size - 1) & ~(page_size - 1);
	mapped.shrunk = 0;
	mapped.begin = map;
	mapped.end = map + reader->map_length;
	*length = piece->length;
	return map + before;
}

const char *
reader_text(struct reader *reader, const struct sample *sample, const struct sample_piece *piece,
    size_t *length)
{
	const struct sample_file *file = sample_file(sample, piece->file);
	const char *text = reader->buffer;
	int fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	*length = 0;
	if (fd >= 0) {
		if (file->size > SAMPLE_PIECE)
			text = map_piece(reader, fd, piece, length);
		else
			*length = read_piece(reader, fd, piece);
		close(fd);
	}
	reader->changed += *length < piece->length;
	return text;
}

void
reader_done(struct reader *reader)
{
	if (reader->map == NULL)
		return;
	reader->changed += mapped.shrunk != 0;
	mapped.begin = NULL;
	mapped.end = NULL;
	munmap(reader->map, reader->map_length);
	reader->map = NULL;
}
