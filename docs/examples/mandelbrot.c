/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Draws the Mandelbrot set with filch_for_2d(): tiles of very uneven cost, as points of
 * the set take a hundred times as long as those far from it.
 */
#define _GNU_SOURCE
#include "timing.h"

#include <filch.h>

#include <errno.h>
#include <math.h>
#include <png.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WIDTH 1600
#define HEIGHT 1200
#define SIDE_MAX 30000
#define PAIRS 3
#define STEPS 600   /* a point that stays small for so many is in the set */
#define FAR 256.0   /* square of the distance that ends the steps; large
                       enough for smooth colours */
#define TILE 32
#define BAR 40      /* characters of the progress bar */

struct picture {
	size_t width, height;
	unsigned char *rgb;
};

/* How far the steps of a point went; negative: it is in the set. */
static double
escape(double re, double im)
{
	double x = 0, y = 0, xx = 0, yy = 0;
	int step = 0;

	while (step < STEPS && xx + yy < FAR) {
		y = 2 * x * y + im;
		x = xx - yy + re;
		xx = x * x;
		yy = y * y;
		step++;
	}
	/* The fraction makes the bands between the whole steps disappear. */
	return xx + yy < FAR ? -1 : step + 1 - log2(log2(xx + yy) / 2);
}

/* A wave per channel over the logarithm, so that the colours change evenly from far away
 * up to the edge of the set. */
static void
colour(double escaped, unsigned char *rgb)
{
	static const double phase[3] = { 3.6, 3.0, 2.2 };
	double t = escaped < 1 ? 0 : log2(escaped);

	for (int i = 0; i < 3; i++)
		rgb[i] = escaped < 0 ? 0
		    : (unsigned char)(127.5 + 127.5 * cos(1.4 * t + phase[i]));
}

static int
draw(void *context, filch_tile_2d tile)
{
	struct picture *picture = context;
	double scale = 2.5 / (double)picture->height;

	for (size_t row = tile.begin0; row < tile.end0; row++) {
		unsigned char *rgb = picture->rgb + 3 * (row * picture->width + tile.begin1);
		double im = ((double)picture->height / 2 - (double)row - 0.5) * scale;

		for (size_t column = tile.begin1; column < tile.end1; column++, rgb += 3) {
			double re = ((double)column + 0.5 - (double)picture->width / 2) * scale;

			colour(escape(re - 0.7, im), rgb);
		}
	}
	return 0;
}

/* The progress bar: a thread of its own that reads what the workers did. */
struct bar {
	filch_progress progress;
	size_t tiles;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	int ended;   /* guarded by the lock */
	int running; /* there is a thread to join */
};

static void
print_bar(size_t done, size_t tiles)
{
	static const char hashes[] = "########################################";
	size_t length = done < tiles ? BAR * done / tiles : BAR;

	_Static_assert(sizeof(hashes) == BAR + 1, "the full bar");
	fprintf(stderr, "\r[%-*.*s] %3zu%%", BAR, (int)length, hashes,
	    done < tiles ? 100 * done / tiles : 100);
}

static void *
show_bar(void *context)
{
	struct bar *bar = context;
	struct timespec next;

	clock_gettime(CLOCK_REALTIME, &next);
	pthread_mutex_lock(&bar->lock);
	while (!bar->ended) {
		next.tv_nsec += 50000000;
		if (next.tv_nsec >= 1000000000) {
			next.tv_nsec -= 1000000000;
			next.tv_sec++;
		}
		while (!bar->ended
		    && pthread_cond_timedwait(&bar->wake, &bar->lock, &next) != ETIMEDOUT)
			;
		print_bar(filch_progress_done(&bar->progress), bar->tiles);
	}
	pthread_mutex_unlock(&bar->lock);
	fprintf(stderr, "\r%*s\r", BAR + 8, "");
	return NULL;
}

/* Shows nothing unless stderr is a terminal. */
static void
bar_begin(struct bar *bar, size_t tiles)
{
	memset(bar, 0, sizeof(*bar));
	bar->tiles = tiles;
	pthread_mutex_init(&bar->lock, NULL);
	pthread_cond_init(&bar->wake, NULL);
	bar->running = isatty(STDERR_FILENO)
	    && pthread_create(&bar->thread, NULL, show_bar, bar) == 0;
}

static void
bar_end(struct bar *bar)
{
	pthread_mutex_lock(&bar->lock);
	bar->ended = 1;
	pthread_cond_signal(&bar->wake);
	pthread_mutex_unlock(&bar->lock);
	if (bar->running)
		pthread_join(bar->thread, NULL);
	pthread_cond_destroy(&bar->wake);
	pthread_mutex_destroy(&bar->lock);
}

/* Says what the library said, and passes it on. */
static int
complain(int status)
{
	fprintf(stderr, "mandelbrot: the library says: %s; look at FILCH_WORKERS and the other "
	    "FILCH_ variables\n", filch_status_text(status));
	return status;
}

static double
draw_serial(struct picture *picture)
{
	uint64_t start = filch_now();

	draw(picture, (filch_tile_2d){ 0, picture->height, 0, picture->width });
	return seconds_since(start);
}

static size_t
tiles_along(size_t side)
{
	return (side + TILE - 1) / TILE;
}

static int
draw_parallel(struct picture *picture, double *seconds)
{
	filch_for_options options = FILCH_FOR_OPTIONS_INIT;
	struct bar bar;
	uint64_t start;
	int status;

	bar_begin(&bar, tiles_along(picture->width) * tiles_along(picture->height));
	options.progress = &bar.progress;
	options.name = "mandelbrot";
	start = filch_now();
	status = filch_for_2d((filch_tile_2d){ 0, picture->height, 0, picture->width },
	    TILE, TILE, draw, picture, &options);
	*seconds = seconds_since(start);
	bar_end(&bar);
	return status == 0 ? 0 : complain(status);
}

static int
write_png(const struct picture *picture, const char *path)
{
	FILE *file = fopen(path, "wb");
	png_image image;
	int written = 0;

	memset(&image, 0, sizeof(image));
	image.version = PNG_IMAGE_VERSION;
	image.width = (png_uint_32)picture->width;
	image.height = (png_uint_32)picture->height;
	image.format = PNG_FORMAT_RGB;
	if (file != NULL) {
		errno = 0;
		written = png_image_write_to_stdio(&image, file, 0, picture->rgb, 0, NULL);
		if (fclose(file) != 0)
			written = 0;
	}
	if (!written)
		fprintf(stderr, "mandelbrot: cannot write %s (%s); give the name of a file that "
		    "can be written\n", path, errno != 0 ? strerror(errno) : image.message);
	png_image_free(&image);
	return written ? 0 : -1;
}

static int
make(struct picture *serial, struct picture *parallel, const char *path)
{
	size_t bytes = 3 * serial->width * serial->height;
	double serial_s[PAIRS], parallel_s[PAIRS];
	filch_metrics metrics;
	int status;

	/* Both touched first, so that the runs differ in the drawing only. */
	memset(serial->rgb, 0, bytes);
	memset(parallel->rgb, 0, bytes);
	for (int i = 0; i < PAIRS; i++) {
		serial_s[i] = draw_serial(serial);
		status = draw_parallel(parallel, &parallel_s[i]);
		if (status != 0)
			return status;
		if (memcmp(serial->rgb, parallel->rgb, bytes) != 0) {
			fprintf(stderr, "mandelbrot: the parallel picture differs from the serial "
			    "one; this is a bug of filch or of this program, please report it\n");
			return -1;
		}
	}
	if (write_png(parallel, path) != 0)
		return -1;
	status = filch_metrics_snapshot(NULL, &metrics, sizeof(metrics));
	if (status != 0)
		return complain(status);
	printf("%s: %zu x %zu, the serial and the parallel picture are equal\n", path,
	    parallel->width, parallel->height);
	printf("speed-up %.2f (serial %.2f s, %zu workers %.2f s)\n\n",
	    median(serial_s, PAIRS) / median(parallel_s, PAIRS), median(serial_s, PAIRS),
	    metrics.workers, median(parallel_s, PAIRS));
	status = filch_metrics_write(NULL, FILCH_METRICS_TEXT, filch_write_file, stdout);
	return status == 0 ? 0 : complain(status);
}

/* "1600x1200"; non-zero if it is not that. */
static int
parse_size(const char *text, struct picture *picture)
{
	unsigned long width, height;
	char *end;

	if (*text < '0' || *text > '9')
		return -1;
	width = strtoul(text, &end, 10);
	if (*end != 'x' || end[1] < '0' || end[1] > '9')
		return -1;
	height = strtoul(end + 1, &end, 10);
	if (*end != '\0' || width < 1 || width > SIDE_MAX || height < 1 || height > SIDE_MAX)
		return -1;
	picture->width = width;
	picture->height = height;
	return 0;
}

int
main(int argc, char **argv)
{
	struct picture serial = { WIDTH, HEIGHT, NULL }, parallel;
	const char *path = argc > 1 ? argv[1] : "mandelbrot.png";
	int status = -1;

	if (argc > 3 || *path == '-' || *path == '\0') {
		fprintf(stderr, "usage: mandelbrot [file.png [WIDTHxHEIGHT]]\n"
		    "Draws to mandelbrot.png, %dx%d, if nothing else is said.\n", WIDTH, HEIGHT);
		return 1;
	}
	if (argc > 2 && parse_size(argv[2], &serial) != 0) {
		fprintf(stderr, "mandelbrot: the size got '%s'; allowed is WIDTHxHEIGHT, each from "
		    "1 to %d; try %dx%d\n", argv[2], SIDE_MAX, WIDTH, HEIGHT);
		return 1;
	}
	parallel = serial;
	serial.rgb = malloc(3 * serial.width * serial.height);
	parallel.rgb = malloc(3 * serial.width * serial.height);
	if (serial.rgb != NULL && parallel.rgb != NULL)
		status = make(&serial, &parallel, path);
	else
		fprintf(stderr, "mandelbrot: no memory for two pictures of %zu x %zu; try a "
		    "smaller size\n", serial.width, serial.height);
	free(serial.rgb);
	free(parallel.rgb);
	return status != 0;
}
