/* SPDX-License-Identifier: BSD-2-Clause */
/* Which thread waits for what, as text, by calls that a signal handler may make.  Each
 * entry is copied before it is written, so a full pipe holds no thread but ours. */
#include "base/clock.h"
#include "wait/wait_graph.h"

#include <filch/metrics.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define LINE_SIZE 256

/* One line, as far as it fits. */
struct line {
	int fd;
	int failed;
	size_t blocked;
	size_t length;
	char text[LINE_SIZE];
};

static void
say(struct line *line, const char *text)
{
	while (*text != '\0' && line->length < LINE_SIZE - 1)
		line->text[line->length++] = *text++;
}

static void
say_number(struct line *line, uint64_t number)
{
	char digits[21];
	size_t at = sizeof(digits) - 1;

	digits[at] = '\0';
	do
		digits[--at] = (char)('0' + number % 10);
	while ((number /= 10) != 0);
	say(line, digits + at);
}

static void
end_line(struct line *line)
{
	size_t done = 0;

	line->text[line->length++] = '\n';
	while (done < line->length && !line->failed) {
		ssize_t n = write(line->fd, line->text + done, line->length - done);

		if (n > 0)
			done += (size_t)n;
		else if (n == 0 || errno != EINTR)
			line->failed = 1;
	}
	line->length = 0;
}

/* "1234 (filch-0)": the number of a thread, with its name if it lives. */
static void
say_thread(struct line *line, size_t number)
{
	struct line path = { .length = 0 };
	char name[17];
	ssize_t n = -1;
	int fd;

	say_number(line, number);
	say(&path, "/proc/self/task/");
	say_number(&path, number);
	say(&path, "/comm");
	path.text[path.length] = '\0';
	fd = open(path.text, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, name, sizeof(name) - 1);
		close(fd);
	}
	if (n > 1) {
		name[n - 1] = '\0';
		say(line, " (");
		say(line, name);
		say(line, ")");
	}
}

static void
say_row(void *context, const struct flc_blocked_row *row)
{
	struct line *line = context;
	uint64_t now = flc_ticks();

	line->blocked++;
	say(line, "thread ");
	say_thread(line, row->thread);
	say(line, " waits for ");
	say(line, row->what);
	if (row->named) {
		say(line, " \"");
		say(line, row->name);
		say(line, "\"");
	}
	if (row->owner != 0) {
		say(line, row->tasks ? " that is run by thread " : " of thread ");
		say_thread(line, row->owner);
	}
	say(line, ", since ");
	say_number(line, now > row->since ? flc_ticks_to_ns(now - row->since) / 1000 : 0);
	say(line, row->for_ever ? " us" : " us, with a deadline");
	end_line(line);
}

int
filch_dump(int fd)
{
	struct line line = { .fd = fd };
	int error = errno;
	size_t more;

	say(&line, "filch: blocked threads");
	end_line(&line);
	more = flc_blocked_foreach(say_row, &line);
	say(&line, "filch: ");
	say_number(&line, line.blocked + more);
	say(&line, " blocked");
	if (more > 0) {
		say(&line, ", of which not shown: ");
		say_number(&line, more);
	}
	end_line(&line);
	errno = error;
	return line.failed ? FILCH_INVAL : FILCH_OK;
}
