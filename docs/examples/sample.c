/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE
#include "sample.h"
#include "table.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Names on stderr before it is only counted. */
#define COMPLAINTS_MAX 10

struct walk {
	struct sample *sample;
	uint64_t left;        /* bytes that may still be added */
	char path[PATH_MAX];
};

/* Appends room for one more element; NULL: out of memory. */
static void *
append(struct sample_list *list, size_t size)
{
	if (list->count == list->room) {
		size_t room = list->room == 0 ? 256 : 2 * list->room;
		void *at = reallocarray(list->at, room, size);

		if (at == NULL)
			return NULL;
		list->at = at;
		list->room = room;
	}
	return (char *)list->at + size * list->count++;
}

static void
complain(struct sample *sample, const char *path, int error)
{
	if (++sample->unreadable <= COMPLAINTS_MAX)
		fprintf(stderr, "wordcount: cannot read %s (%s); left out\n", path,
		    strerror(error));
	if (sample->unreadable == COMPLAINTS_MAX + 1)
		fprintf(stderr, "wordcount: more cannot be read; from here on only counted\n");
}

static int
add_piece(struct sample *sample, off_t offset, size_t length)
{
	struct sample_piece *piece;

	if (length == 0)
		return 0;
	if (sample->items.count == 0 || sample->item_bytes >= SAMPLE_ITEM) {
		size_t *item = append(&sample->items, sizeof(*item));

		if (item == NULL)
			return -1;
		*item = sample->pieces.count;
		sample->item_bytes = 0;
	}
	piece = append(&sample->pieces, sizeof(*piece));
	if (piece == NULL)
		return -1;
	*piece = (struct sample_piece){ sample->files.count, offset, length };
	sample->item_bytes += length;
	sample->bytes += length;
	return 0;
}

/* Fills the buffer from the file; less than wanted only at its end or on an error, which
 * errno then names. */
static size_t
read_some(int fd, char *buffer, size_t wanted)
{
	size_t have = 0;

	errno = 0;
	while (have < wanted) {
		ssize_t got = read(fd, buffer + have, wanted - have);

		if (got < 0 && errno == EINTR) {
			errno = 0;
			continue;
		}
		if (got <= 0)
			break;
		have += (size_t)got;
	}
	return have;
}

/* Reads the file up to `size` and cuts it.  A token longer than the buffer makes a longer
 * piece.  Non-zero: out of memory. */
static int
cut(struct walk *walk, int fd, off_t size)
{
	struct sample *sample = walk->sample;
	off_t begin = 0, at = 0;

	while (at < size) {
		size_t wanted = size - at < SAMPLE_PIECE ? (size_t)(size - at) : SAMPLE_PIECE;
		size_t got = read_some(fd, sample->buffer, wanted);
		size_t boundary = got;

		if (errno != 0)
			complain(sample, walk->path, errno);
		at += (off_t)got;
		if (got < wanted || at == size)
			break;
		while (boundary > 0 && table_is_word[(unsigned char)sample->buffer[boundary - 1]])
			boundary--;
		if (boundary == 0)
			continue;
		if (add_piece(sample, begin, (size_t)(at - begin) - (got - boundary)) != 0)
			return -1;
		begin = at - (off_t)(got - boundary);
	}
	return add_piece(sample, begin, (size_t)(at - begin));
}

static int
add_file(struct walk *walk)
{
	struct sample *sample = walk->sample;
	uint64_t bytes = sample->bytes;
	struct sample_file *file;
	struct stat status;
	/* Not blocking: what was a file a moment ago may be a fifo now. */
	int fd = open(walk->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	int failed;

	if (fd < 0 || fstat(fd, &status) != 0) {
		complain(sample, walk->path, errno);
		if (fd >= 0)
			close(fd);
		return 0;
	}
	if (!S_ISREG(status.st_mode)) {
		sample->not_regular++;
		close(fd);
		return 0;
	}
	if ((uint64_t)status.st_size > walk->left)
		sample->full = 1;
	failed = cut(walk, fd, sample->full ? (off_t)walk->left : status.st_size);
	close(fd);
	if (failed || (bytes = sample->bytes - bytes) == 0) {
		sample->empty_files += !failed && status.st_size == 0;
		return failed;
	}
	walk->left -= bytes;
	file = append(&sample->files, sizeof(*file));
	if (file == NULL)
		return -1;
	*file = (struct sample_file){ strdup(walk->path), status.st_size, status.st_mtim };
	return file->path == NULL ? -1 : 0;
}

static int
is_entry(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

/* Not alphasort(): the sample is to be the same in every locale. */
static int
by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int add_entry(struct walk *walk, int follow);

static int
add_folder(struct walk *walk)
{
	struct sample *sample = walk->sample;
	size_t length = strlen(walk->path);
	struct dirent **names;
	int count = scandir(walk->path, &names, is_entry, by_bytes);
	int failed = 0;

	if (count < 0) {
		complain(sample, walk->path, errno);
		return 0;
	}
	sample->folders++;
	sample->empty_folders += count == 0;
	for (int i = 0; i < count; i++) {
		const char *slash = walk->path[length - 1] == '/' ? "" : "/";
		size_t room = sizeof(walk->path) - length;

		if (!failed && !sample->full) {
			if ((size_t)snprintf(walk->path + length, room, "%s%s", slash,
			    names[i]->d_name) < room)
				failed = add_entry(walk, 0);
			else
				complain(sample, walk->path, ENAMETOOLONG);
		}
		free(names[i]);
	}
	free(names);
	walk->path[length] = '\0';
	return failed;
}

/* Whatever stands at walk->path.  Links are followed only where the user gave them:
 * below, they would count a file twice or walk in circles. */
static int
add_entry(struct walk *walk, int follow)
{
	struct sample *sample = walk->sample;
	struct stat status;

	if ((follow ? stat : lstat)(walk->path, &status) != 0) {
		complain(sample, walk->path, errno);
		return 0;
	}
	if (S_ISLNK(status.st_mode)) {
		if (stat(walk->path, &status) != 0)
			sample->broken_links++;
		else
			sample->links++;
		return 0;
	}
	if (S_ISDIR(status.st_mode))
		return add_folder(walk);
	if (S_ISREG(status.st_mode))
		return add_file(walk);
	sample->not_regular++;
	return 0;
}

int
sample_add(struct sample *sample, const char *path, uint64_t limit)
{
	struct walk *walk;
	int was_full = sample->full, failed;

	if (*path == '\0' || strlen(path) >= PATH_MAX) {
		complain(sample, *path == '\0' ? "an empty name" : path,
		    *path == '\0' ? ENOENT : ENAMETOOLONG);
		return 0;
	}
	if (sample->buffer == NULL && (sample->buffer = malloc(SAMPLE_PIECE)) == NULL)
		return -1;
	walk = malloc(sizeof(*walk));
	if (walk == NULL)
		return -1;
	walk->sample = sample;
	walk->left = limit;
	strcpy(walk->path, path);
	sample->full = 0;
	failed = add_entry(walk, 1);
	sample->full |= was_full;
	free(walk);
	return failed;
}

size_t
sample_changed(const struct sample *sample)
{
	size_t changed = 0;

	for (size_t i = 0; i < sample->files.count; i++) {
		const struct sample_file *file = sample_file(sample, i);
		struct stat status;

		changed += stat(file->path, &status) != 0 || status.st_size != file->size
		    || status.st_mtim.tv_sec != file->changed.tv_sec
		    || status.st_mtim.tv_nsec != file->changed.tv_nsec;
	}
	return changed;
}

void
sample_fini(struct sample *sample)
{
	for (size_t i = 0; i < sample->files.count; i++)
		free(sample_file(sample, i)->path);
	free(sample->files.at);
	free(sample->pieces.at);
	free(sample->items.at);
	free(sample->buffer);
	memset(sample, 0, sizeof(*sample));
}
