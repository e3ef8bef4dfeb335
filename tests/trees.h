/* SPDX-License-Identifier: BSD-2-Clause */
/* Made-up files of /sys and /proc below a temporary folder, for the tests of their
 * readers. */
#ifndef FILCH_TEST_TREES_H
#define FILCH_TEST_TREES_H

#include "test.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The folder that stands for the root of the system. */
static char root[PATH_MAX];

static inline void
make_folders(const char *path)
{
	char text[2 * PATH_MAX];

	snprintf(text, sizeof(text), "%s/%s", root, path);
	for (char *slash = text + strlen(root); (slash = strchr(slash + 1, '/')) != NULL; ) {
		*slash = '\0';
		mkdir(text, 0700);
		*slash = '/';
	}
}

/* Writes a file below root. */
static inline void
put(const char *path, const char *content)
{
	char name[2 * PATH_MAX];

	make_folders(path);
	snprintf(name, sizeof(name), "%s/%s", root, path);
	FILE *file = fopen(name, "w");
	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(fputs(content, file), 0);
	ck_assert_int_eq(fclose(file), 0);
}

/* Removes what put() made; relative paths, for some are deep. */
static inline void
empty_folder(void)
{
	DIR *folder = opendir(".");
	struct dirent *entry;

	ck_assert_ptr_nonnull(folder);
	while ((entry = readdir(folder)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (unlink(entry->d_name) == 0)
			continue;
		ck_assert_int_eq(chdir(entry->d_name), 0);
		empty_folder();
		ck_assert_int_eq(chdir(".."), 0);
		ck_assert_int_eq(rmdir(entry->d_name), 0);
	}
	closedir(folder);
}

static inline void
make_tree(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(root, sizeof(root), "%s/filch-tree-XXXXXX", tmp != NULL ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(root));
}

static inline void
remove_tree(void)
{
	ck_assert_int_eq(chdir(root), 0);
	empty_folder();
	ck_assert_int_eq(chdir("/"), 0);
	ck_assert_int_eq(rmdir(root), 0);
}

#endif /* FILCH_TEST_TREES_H */
