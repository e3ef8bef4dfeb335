/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/file.h"

#include "report/write.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* -- Signals of write(2), which come to the thread that writes -- */

struct quiet {
	sigset_t before;
	bool had[2];             /* one was pending already, which is not ours to take */
};

static const int signals[2] = { SIGPIPE, SIGXFSZ };

static void
begin_quiet(struct quiet *quiet)
{
	sigset_t ours, pending;

	sigemptyset(&ours);
	sigemptyset(&pending);
	(void)sigpending(&pending);
	for (int i = 0; i < 2; i++) {
		sigaddset(&ours, signals[i]);
		quiet->had[i] = sigismember(&pending, signals[i]) == 1;
	}
	(void)pthread_sigmask(SIG_BLOCK, &ours, &quiet->before);
}

static void
end_quiet(const struct quiet *quiet)
{
	static const struct timespec at_once = { 0, 0 };
	sigset_t ours;

	for (int i = 0; i < 2; i++) {
		if (quiet->had[i])
			continue;
		sigemptyset(&ours);
		sigaddset(&ours, signals[i]);
		while (sigtimedwait(&ours, NULL, &at_once) == -1 && errno == EINTR)
			;
	}
	(void)pthread_sigmask(SIG_SETMASK, &quiet->before, NULL);
}

/* -- Writing -- */

struct target {
	int fd;
	uint64_t until;
};

/* A reader of a pipe may be slow, or stopped. */
static int
write_in_time(void *context, const char *text, size_t length)
{
	const struct target *to = context;

	while (length > 0) {
		struct pollfd room = { .fd = to->fd, .events = POLLOUT };
		ssize_t written = write(to->fd, text, length);
		uint64_t now;

		if (written > 0) {
			text += written;
			length -= (size_t)written;
			continue;
		}
		now = filch_now();
		if (now >= to->until || (written < 0 && errno != EINTR && errno != EAGAIN))
			return FILCH_CLOSED;
		if (written < 0 && errno == EAGAIN)
			(void)poll(&room, 1, (int)((to->until - now) / 1000000u) + 1);
	}
	return FILCH_OK;
}

static int
write_to(int fd, int format)
{
	struct target to = { fd, filch_now() + FLC_REPORT_WAIT_NS };

	return flc_write_report(NULL, format, write_in_time, &to);
}

/* -- A file beside it -- */

#define BESIDE_SIZE 48
#define BESIDE_TRIES 16

/* ".filch-PID-N.tmp": nobody can know that it is free, so its opening tells. */
static void
name_beside(char name[BESIDE_SIZE], unsigned n)
{
	unsigned long numbers[2] = { (unsigned long)getpid(), n };
	size_t at = 0;

	strcpy(name, ".filch");
	at = strlen(name);
	for (int i = 0; i < 2; i++) {
		char digits[20];
		size_t length = 0;

		name[at++] = '-';
		do
			digits[length++] = (char)('0' + numbers[i] % 10);
		while ((numbers[i] /= 10) > 0);
		while (length > 0)
			name[at++] = digits[--length];
	}
	strcpy(name + at, ".tmp");
}

static int
open_beside(int folder, char name[BESIDE_SIZE], mode_t mode)
{
	int fd = -1;

	for (unsigned n = 0; fd < 0 && n < BESIDE_TRIES; n++) {
		name_beside(name, n);
		fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
		    | O_NOCTTY, mode);
		if (fd < 0 && errno != EEXIST)
			break;
	}
	return fd;
}

/* Mode and group of what it replaces; the owner, too, if we are root.  A group that
 * cannot be kept may do nothing. */
static bool
dress(int fd, const struct stat *old)
{
	mode_t mode = old->st_mode & 0777;

	if (fchown(fd, (uid_t)-1, old->st_gid) != 0)
		mode &= ~(mode_t)070;
	if (geteuid() == 0 && fchown(fd, old->st_uid, (gid_t)-1) != 0)
		return false;
	return fchmod(fd, mode) == 0;
}

static void
replace(int folder, const char *name, const struct stat *old, int format)
{
	char beside[BESIDE_SIZE];
	/* Nobody but us can open it before it has the mode of the old one. */
	int fd = open_beside(folder, beside, old == NULL ? 0644 : 0600);
	bool whole;

	if (fd < 0)
		return;
	whole = write_to(fd, format) == FILCH_OK && (old == NULL || dress(fd, old));
	whole = close(fd) == 0 && whole;
	if (!whole || renameat(folder, beside, folder, name) != 0)
		(void)unlinkat(folder, beside, 0);
}

/* -- What is no file of its own -- */

static bool
is_output(const struct stat *file)
{
	struct stat output;

	for (int fd = 1; fd <= 2; fd++)
		if (fstat(fd, &output) == 0 && output.st_dev == file->st_dev
		    && output.st_ino == file->st_ino)
			return true;
	return false;
}

/* A pipe without a reader is not waited for.  Through a link: what the program prints
 * stands there already (/dev/stdout), or the last report. */
static void
write_as_it_is(int folder, const char *name, int format)
{
	int fd = openat(folder, name, O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	struct stat file;
	bool ready;

	if (fd < 0)
		return;
	ready = fstat(fd, &file) == 0;
	if (ready && S_ISREG(file.st_mode))
		ready = is_output(&file) ? fcntl(fd, F_SETFL, O_APPEND) == 0
		    : ftruncate(fd, 0) == 0;
	if (ready)
		(void)write_to(fd, format);
	(void)close(fd);
}

/* The folder of the path, opened, and the name in it. */
static int
open_folder(const char *path, const char **name)
{
	static char folder[PATH_MAX];  /* of the one report that is under way */
	const char *slash = strrchr(path, '/');
	size_t length;

	*name = slash == NULL ? path : slash + 1;
	if (slash == NULL)
		return open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	length = slash == path ? 1 : (size_t)(slash - path);
	if (length >= sizeof(folder))
		return -1;
	memcpy(folder, path, length);
	folder[length] = '\0';
	return open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* Somebody else's link may lead to what only we can write. */
static bool
is_trusted(const struct stat *link)
{
	return !S_ISLNK(link->st_mode) || link->st_uid == geteuid() || link->st_uid == 0;
}

static void
report_into(int folder, const char *name, int format)
{
	struct stat there;

	if (fstatat(folder, name, &there, AT_SYMLINK_NOFOLLOW) != 0) {
		if (errno == ENOENT)
			replace(folder, name, NULL, format);
	} else if (S_ISREG(there.st_mode)) {
		replace(folder, name, &there, format);
	} else if (!S_ISDIR(there.st_mode) && is_trusted(&there)) {
		write_as_it_is(folder, name, format);
	}
}

void
flc_report_to_file(const char *path, int format)
{
	const char *name;
	int folder = open_folder(path, &name);
	struct quiet quiet;

	if (folder < 0)
		return;
	begin_quiet(&quiet);
	if (*name != '\0')
		report_into(folder, name, format);
	end_quiet(&quiet);
	(void)close(folder);
}
