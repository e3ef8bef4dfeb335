/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/write.h"

#include "report/exposition.h"
#include "report/json.h"
#include "report/table.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

int
flc_write_report(const filch_pool *pool, int format, filch_write_fn *write, void *context)
{
	bool merge = format == FILCH_METRICS_OPENMETRICS || format == FILCH_METRICS_PROMETHEUS;
	struct flc_capture capture;
	struct flc_text out;
	int status;

	if (format < FILCH_METRICS_TEXT || format > FILCH_METRICS_PROMETHEUS)
		return FILCH_UNSUPPORTED;
	status = flc_capture_take(&capture, pool, merge);
	if (status != FILCH_OK)
		return status;
	flc_text_begin(&out, write, context);
	if (merge)
		flc_write_exposition(&out, &capture, format == FILCH_METRICS_OPENMETRICS);
	else if (format == FILCH_METRICS_JSON)
		flc_write_json(&out, &capture);
	else
		flc_write_tables(&out, &capture);
	status = flc_text_end(&out);
	flc_capture_release(&capture);
	return status;
}

int
flc_write_descriptor(void *fd, const char *text, size_t length)
{
	while (length > 0) {
		ssize_t written = write(*(const int *)fd, text, length);

		if (written < 0 && errno != EINTR)
			return FILCH_CLOSED;
		if (written > 0) {
			text += written;
			length -= (size_t)written;
		}
	}
	return FILCH_OK;
}

int
filch_metrics_write(filch_pool *pool, int format, filch_write_fn *write, void *context)
{
	return write == NULL ? FILCH_INVAL : flc_write_report(pool, format, write, context);
}

int
filch_metrics_write_fd(filch_pool *pool, int format, int fd)
{
	return flc_write_report(pool, format, flc_write_descriptor, &fd);
}

int
filch_write_file(void *file, const char *text, size_t length)
{
	if (file == NULL || (text == NULL && length > 0))
		return FILCH_INVAL;
	return fwrite(text, 1, length, file) == length ? FILCH_OK : FILCH_AGAIN;
}
