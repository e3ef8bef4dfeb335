/* SPDX-License-Identifier: BSD-2-Clause */
#include "topology/quota.h"

#include "topology/reader.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#ifndef PATH_MAX
#define PATH_MAX 4096
#endif

/* A line of mountinfo holds two paths; one that is longer for its options is read up to
 * here and then fails to parse, or not, without harm. */
#define LINE_SIZE (3 * PATH_MAX)

/* Everything on one stack frame, about 25 KB: a quota is read before anything may be
 * allocated through the user's allocator. */
struct search {
	const char *root;
	char v1[PATH_MAX];     /* our path in the hierarchy with the cpu controller; "" none */
	char v2[PATH_MAX];
	char path[PATH_MAX];   /* of the directory being looked at */
	char line[LINE_SIZE];
	size_t least;          /* CPUs; 0: no limit so far */
};

/* -- Reading -- */

static bool
read_first_line(const char *directory, const char *name, char *line, size_t size)
{
	struct flc_reader reader;

	if (!flc_reader_open(&reader, "%s/%s", directory, name))
		return false;
	bool any = flc_reader_line(&reader, line, size);
	flc_reader_close(&reader);
	return any;
}

/* -- One group -- */

/* Reads a positive number at *text and moves past it: not "max", not -1, not what does
 * not fit. */
static bool
read_positive(const char **text, uint64_t *number)
{
	const char *digit = *text;
	uint64_t value = 0;

	for (; *digit >= '0' && *digit <= '9'; digit++) {
		unsigned unit = (unsigned)(*digit - '0');

		if (value > (UINT64_MAX - unit) / 10)
			return false;
		value = value * 10 + unit;
	}
	*text = digit;
	*number = value;
	return value > 0;
}

static void
limit_to(struct search *search, uint64_t quota, uint64_t period)
{
	uint64_t cpus = quota / period + (quota % period != 0);

	if (cpus <= SIZE_MAX && (search->least == 0 || cpus < search->least))
		search->least = (size_t)cpus;
}

/* cpu.max: "150000 100000" or "max 100000". */
static void
look_v2(struct search *search)
{
	uint64_t quota, period;
	const char *at;
	char text[64];

	if (!read_first_line(search->path, "cpu.max", text, sizeof(text)))
		return;
	at = text;
	if (read_positive(&at, &quota) && *at++ == ' ' &&
	    read_positive(&at, &period) && *at == '\0')
		limit_to(search, quota, period);
}

static void
look_v1(struct search *search)
{
	uint64_t quota, period;
	const char *at;
	char text[64];

	if (!read_first_line(search->path, "cpu.cfs_quota_us", text, sizeof(text)))
		return;
	at = text;
	if (!read_positive(&at, &quota) || *at != '\0' ||
	    !read_first_line(search->path, "cpu.cfs_period_us", text, sizeof(text)))
		return;
	at = text;
	if (read_positive(&at, &period) && *at == '\0')
		limit_to(search, quota, period);
}

/* -- Our group and those above it -- */

/* What of path lies below the mount's root; NULL if the mount does not show our group. */
static const char *
below(const char *path, const char *mount_root)
{
	size_t length = strcmp(mount_root, "/") == 0 ? 0 : strlen(mount_root);

	if (strncmp(path, mount_root, length) != 0)
		return NULL;
	path += length;
	if (*path != '/' && *path != '\0')
		return NULL;
	/* A group outside of our cgroup namespace: "/../sibling". */
	return strncmp(path, "/..", 3) == 0 ? NULL : path;
}

/* Looks at every group from our own up to the mount point.  If our own path is too long
 * its end is cut: the groups above still count. */
static void
climb(struct search *search, const char *mount_point, const char *path,
    void (*look)(struct search *search))
{
	int top = snprintf(search->path, sizeof(search->path), "%s%s", search->root, mount_point);
	if (top < 0 || (size_t)top >= sizeof(search->path))
		return;
	size_t room = sizeof(search->path) - (size_t)top;
	size_t length = strcmp(path, "/") == 0 ? 0 : strlen(path);
	bool cut = length >= room;

	if (cut)
		length = room - 1;
	memcpy(search->path + top, path, length);
	search->path[(size_t)top + length] = '\0';
	if (!cut)
		look(search);
	for (char *slash; (slash = strrchr(search->path + top, '/')) != NULL; ) {
		*slash = '\0';
		look(search);
	}
}

/* -- Where the groups are -- */

static bool
has_word(const char *list, const char *end, const char *word)
{
	size_t length = strlen(word);

	while (list < end) {
		const char *comma = memchr(list, ',', (size_t)(end - list));
		const char *stop = comma != NULL ? comma : end;

		if ((size_t)(stop - list) == length && memcmp(list, word, length) == 0)
			return true;
		list = stop + 1;
	}
	return false;
}

/* "4:cpu,cpuacct:/path" or "0::/path". */
static void
parse_membership(struct search *search)
{
	char *list = strchr(search->line, ':');
	char *path = list != NULL ? strchr(list + 1, ':') : NULL;
	char *mine = NULL;

	if (path == NULL || path[1] != '/')
		return;
	if (has_word(list + 1, path, "cpu"))
		mine = search->v1;
	else if (path == list + 1)
		mine = search->v2;
	if (mine == NULL)
		return;
	path++;
	size_t length = strlen(path);
	if (length >= PATH_MAX) {
		/* Ends with its last whole name that fits. */
		length = PATH_MAX - 1;
		while (path[length] != '/')
			length--;
	}
	memcpy(mine, path, length);
	mine[length] = '\0';
}

/* Cuts the next field off *line; NULL if there is none. */
static char *
next_field(char **line)
{
	char *field = *line;

	if (field == NULL || *field == '\0')
		return NULL;
	*line = strchr(field, ' ');
	if (*line != NULL)
		*(*line)++ = '\0';
	return field;
}

/* mountinfo writes space, tab, newline and backslash as \ooo. */
static void
unescape(char *text)
{
	char *to = text;

	for (const char *from = text; *from != '\0'; to++) {
		if (from[0] == '\\' && from[1] >= '0' && from[1] <= '3' &&
		    from[2] >= '0' && from[2] <= '7' && from[3] >= '0' && from[3] <= '7') {
			*to = (char)((from[1] - '0') * 64 + (from[2] - '0') * 8 + (from[3] - '0'));
			from += 4;
		} else
			*to = *from++;
	}
	*to = '\0';
}

/* "36 35 98:0 /root /mount/point rw,noatime shared:1 - cgroup cgroup rw,cpu". */
static void
parse_mount(struct search *search)
{
	char *rest = search->line, *field[6], *word;
	const char *path;

	for (size_t i = 0; i < 6; i++)
		if ((field[i] = next_field(&rest)) == NULL)
			return;
	while ((word = next_field(&rest)) != NULL && strcmp(word, "-") != 0)
		;
	char *type = next_field(&rest);
	next_field(&rest);
	char *options = next_field(&rest);
	if (type == NULL || options == NULL)
		return;
	bool v2 = strcmp(type, "cgroup2") == 0;
	if (!v2 && (strcmp(type, "cgroup") != 0 ||
	    !has_word(options, options + strlen(options), "cpu")))
		return;
	unescape(field[3]);
	unescape(field[4]);
	const char *mine = v2 ? search->v2 : search->v1;
	if (*mine != '\0' && (path = below(mine, field[3])) != NULL)
		climb(search, field[4], path, v2 ? look_v2 : look_v1);
}

static void
each_line(struct search *search, const char *name, void (*parse)(struct search *search))
{
	struct flc_reader reader;

	if (!flc_reader_open(&reader, "%s/%s", search->root, name))
		return;
	while (flc_reader_line(&reader, search->line, sizeof(search->line)))
		parse(search);
	flc_reader_close(&reader);
}

size_t
flc_quota_cpus(const char *root)
{
	struct search search;

	search.root = root;
	search.v1[0] = search.v2[0] = '\0';
	search.least = 0;
	each_line(&search, "proc/self/cgroup", parse_membership);
	each_line(&search, "proc/self/mountinfo", parse_mount);
	return search.least;
}
