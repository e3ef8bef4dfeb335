/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reduces a PNG to a palette of K colours by k-means (S. Lloyd, "Least squares
 * quantization in PCM", 1982), begun by k-means++ (D. Arthur and S. Vassilvitskii, 2007).
 *
 * A round is one filch_fold_workers(): each worker finds the nearest colour of its pixels
 * and adds them to sums of its own.  The sums are whole numbers, so their order does not
 * matter and any number of workers makes the same picture.
 */
#define _GNU_SOURCE
#include "number.h"
#include "timing.h"

#include <filch.h>

#include <errno.h>
#include <png.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLOURS_MAX 256
#define ROUNDS_MAX 100
#define BLOCK 4096   /* pixels of one sum of the start */

struct picture {
	size_t width, height, pixels;
	unsigned char *rgb;     /* of each pixel */
	unsigned char *nearest; /* index of its colour */
};

/* Channels apart, so that the loop over colours is vectorised. */
struct palette {
	size_t n;
	int32_t channel[3][COLOURS_MAX];
};

struct sums {
	uint64_t pixels[COLOURS_MAX], channel[3][COLOURS_MAX];
	uint64_t error;    /* sum of squared distances */
	uint64_t changed;  /* pixels whose colour is another one than in the last round */
};

struct round {
	struct picture *picture;
	const struct palette *palette;
};

/* The lowest of the nearest colours, and its squared distance. */
static size_t
nearest_of(const struct palette *palette, const unsigned char *rgb, uint32_t *distance)
{
	uint32_t best = UINT32_MAX;

	/* Distance and index in one word: the smallest is the lowest of the nearest. */
	for (size_t i = 0; i < palette->n; i++) {
		int32_t r = palette->channel[0][i] - rgb[0];
		int32_t g = palette->channel[1][i] - rgb[1];
		int32_t b = palette->channel[2][i] - rgb[2];
		uint32_t word = (uint32_t)(r * r + g * g + b * b) << 8 | (uint32_t)i;

		best = word < best ? word : best;
	}
	*distance = best >> 8;
	return best & 0xff;
}

static int
assign(void *context, size_t begin, size_t end, void *into)
{
	struct round *round = context;
	struct picture *picture = round->picture;
	struct sums *sums = into;

	for (size_t i = begin; i < end; i++) {
		const unsigned char *rgb = picture->rgb + 3 * i;
		uint32_t distance;
		size_t colour = nearest_of(round->palette, rgb, &distance);

		sums->pixels[colour]++;
		for (int c = 0; c < 3; c++)
			sums->channel[c][colour] += rgb[c];
		sums->error += distance;
		sums->changed += picture->nearest[i] != colour;
		picture->nearest[i] = (unsigned char)colour;
	}
	return 0;
}

static int
sums_zero(void *unused, void *into)
{
	(void)unused;
	memset(into, 0, sizeof(struct sums));
	return 0;
}

/* A struct of nothing but counts is added as an array of them. */
static int
sums_add(void *unused, void *into, void *from)
{
	uint64_t *sum = into, *other = from;

	(void)unused;
	for (size_t i = 0; i < sizeof(struct sums) / sizeof(uint64_t); i++)
		sum[i] += other[i];
	return 0;
}

/* Moves each colour to the mean of its pixels, rounded; a colour without pixels stays. */
static void
move_colours(struct palette *palette, const struct sums *sums)
{
	for (size_t i = 0; i < palette->n; i++)
		for (int c = 0; c < 3 && sums->pixels[i] > 0; c++)
			palette->channel[c][i] = (int32_t)((sums->channel[c][i]
			    + sums->pixels[i] / 2) / sums->pixels[i]);
}

/* The start: squared distances to the palette so far, and their sum in each block. */
struct start {
	const struct picture *picture;
	const struct palette *palette;
	uint32_t *distance;
	uint64_t *block;
};

static int
measure_blocks(void *context, size_t begin, size_t end)
{
	struct start *start = context;
	size_t newest = start->palette->n - 1, pixels = start->picture->pixels;

	for (size_t block = begin; block < end; block++) {
		size_t stop = pixels - block * BLOCK < BLOCK ? pixels : (block + 1) * BLOCK;
		uint64_t sum = 0;

		for (size_t i = block * BLOCK; i < stop; i++) {
			const unsigned char *rgb = start->picture->rgb + 3 * i;
			uint32_t square = 0;

			for (int c = 0; c < 3; c++) {
				int32_t d = start->palette->channel[c][newest] - rgb[c];

				square += (uint32_t)(d * d);
			}
			if (newest == 0 || square < start->distance[i])
				start->distance[i] = square;
			sum += start->distance[i];
		}
		start->block[block] = sum;
	}
	return 0;
}

static void
add_colour(struct palette *palette, const unsigned char *rgb)
{
	for (int c = 0; c < 3; c++)
		palette->channel[c][palette->n] = rgb[c];
	palette->n++;
}

/* xorshift64 (G. Marsaglia, 2003). */
static uint64_t
draw(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Colours of pixels, each drawn with a chance in proportion to its squared distance from
 * those before; fewer than wanted where the picture has no more colours. */
static int
choose_colours(struct start *start, struct palette *palette, size_t wanted,
    const filch_for_options *options)
{
	size_t blocks = (start->picture->pixels + BLOCK - 1) / BLOCK;
	uint64_t state = UINT64_C(0x2545f4914f6cdd1d);

	palette->n = 0;
	add_colour(palette, start->picture->rgb);
	while (palette->n < wanted) {
		uint64_t sum = 0, left;
		size_t block = 0, i;
		int status = filch_for(0, blocks, measure_blocks, start, options);

		if (status != 0)
			return status;
		for (size_t b = 0; b < blocks; b++)
			sum += start->block[b];
		if (sum == 0)
			return 0;
		left = draw(&state) % sum;
		while (left >= start->block[block])
			left -= start->block[block++];
		for (i = block * BLOCK; left >= start->distance[i]; i++)
			left -= start->distance[i];
		add_colour(palette, start->picture->rgb + 3 * i);
	}
	return 0;
}

struct result {
	struct palette palette;
	size_t rounds;
	double error, seconds;
	int settled;
};

/* Rounds until no pixel changes, at most so many.  The pixels have the nearest of the
 * palette that is written. */
static int
reduce_colours(struct picture *picture, size_t wanted, size_t rounds, size_t threads,
    struct result *result)
{
	static const filch_reducer reducer = { sizeof(struct sums), sums_zero, sums_add, NULL };
	filch_for_options options = FILCH_FOR_OPTIONS_INIT;
	struct start start = { .picture = picture, .palette = &result->palette };
	struct round round = { picture, &result->palette };
	struct sums sums = { .changed = 1 };
	uint64_t begun = filch_now();
	int status;

	memset(result, 0, sizeof(*result));
	memset(picture->nearest, 0, picture->pixels);
	options.max_workers = threads;
	options.name = "palette";
	start.distance = malloc(picture->pixels * sizeof(*start.distance));
	start.block = malloc((picture->pixels / BLOCK + 1) * sizeof(*start.block));
	status = start.distance == NULL || start.block == NULL ? FILCH_NOMEM
	    : choose_colours(&start, &result->palette, wanted, &options);
	free(start.distance);
	free(start.block);
	while (status == 0 && !result->settled && result->rounds < rounds) {
		if (result->rounds > 0)
			move_colours(&result->palette, &sums);
		status = filch_fold_workers(0, picture->pixels, assign, &round, &reducer, &sums,
		    &options);
		/* In the first round all pixels had colour 0 by the memset above. */
		result->settled = result->rounds > 0 && sums.changed == 0;
		result->rounds++;
	}
	result->error = (double)sums.error / (double)picture->pixels;
	result->seconds = seconds_since(begun);
	return status;
}

static int
read_png(struct picture *picture, const char *path)
{
	png_image image = { .version = PNG_IMAGE_VERSION };

	if (png_image_begin_read_from_file(&image, path) == 0) {
		fprintf(stderr, "palette: cannot read %s: %s\n", path, image.message);
		return -1;
	}
	image.format = PNG_FORMAT_RGB;
	picture->width = image.width;
	picture->height = image.height;
	picture->pixels = picture->width * picture->height;
	picture->rgb = malloc(PNG_IMAGE_SIZE(image));
	picture->nearest = malloc(picture->pixels);
	if (picture->rgb == NULL || picture->nearest == NULL) {
		png_image_free(&image);
		fprintf(stderr, "palette: no memory for the %zu pixels of %s\n", picture->pixels,
		    path);
		return -1;
	}
	/* Transparent parts are laid on white. */
	if (png_image_finish_read(&image, &(png_color){ 255, 255, 255 }, picture->rgb, 0,
	    NULL) == 0) {
		fprintf(stderr, "palette: cannot read %s: %s\n", path, image.message);
		return -1;
	}
	return 0;
}

static int
write_png(const struct picture *picture, const struct palette *palette, const char *path)
{
	png_image image = { .version = PNG_IMAGE_VERSION };
	unsigned char map[3 * COLOURS_MAX];
	FILE *file = fopen(path, "wb");
	int written = 0;

	for (size_t i = 0; i < palette->n; i++)
		for (int c = 0; c < 3; c++)
			map[3 * i + (size_t)c] = (unsigned char)palette->channel[c][i];
	image.width = (png_uint_32)picture->width;
	image.height = (png_uint_32)picture->height;
	image.format = PNG_FORMAT_RGB_COLORMAP;
	image.colormap_entries = (png_uint_32)palette->n;
	if (file != NULL) {
		errno = 0;
		written = png_image_write_to_stdio(&image, file, 0, picture->nearest, 0, map);
		if (fclose(file) != 0)
			written = 0;
	}
	if (!written)
		fprintf(stderr,
		    "palette: cannot write %s (%s); give the name of a file that can be "
		    "written\n",
		    path, errno != 0 ? strerror(errno) : image.message);
	png_image_free(&image);
	return written ? 0 : -1;
}

static int
reduce_twice(struct picture *picture, size_t colours, size_t rounds, const char *path)
{
	struct result serial, parallel;
	int status = reduce_colours(picture, colours, rounds, 1, &serial);

	if (status == 0)
		status = reduce_colours(picture, colours, rounds, 0, &parallel);
	if (status != 0) {
		fprintf(stderr, "palette: the library says: %s\n", filch_status_text(status));
		return status;
	}
	if (memcmp(&serial.palette, &parallel.palette, sizeof(serial.palette)) != 0) {
		fprintf(stderr,
		    "palette: the parallel palette differs from the serial one; this is "
		    "a bug of filch or of this program, please report it\n");
		return -1;
	}
	if (write_png(picture, &parallel.palette, path) != 0)
		return -1;
	printf("%s: %zu x %zu, %zu colours, %zu rounds%s, mean squared error %.3f\n", path,
	    picture->width, picture->height, parallel.palette.n, parallel.rounds,
	    parallel.settled ? "" : " (not settled)", parallel.error);
	printf("speed-up %.2f (serial %.2f s, parallel %.2f s)\n",
	    serial.seconds / parallel.seconds, serial.seconds, parallel.seconds);
	return 0;
}

int
main(int argc, char **argv)
{
	size_t colours = argc > 3 ? number_of(argv[3], COLOURS_MAX) : 16;
	size_t rounds = argc > 4 ? number_of(argv[4], ROUNDS_MAX) : ROUNDS_MAX;
	struct picture picture = { 0 };
	int status;

	if (argc < 3 || argc > 5 || colours == 0 || rounds == 0 || *argv[1] == '-') {
		fprintf(stderr,
		    "usage: palette IN.png OUT.png [COLOURS [ROUNDS]]\n"
		    "Writes IN.png with 1 to %d colours (else 16), after at most 1 to %d rounds\n"
		    "of k-means (else %d).\n",
		    COLOURS_MAX, ROUNDS_MAX, ROUNDS_MAX);
		return 1;
	}
	status = read_png(&picture, argv[1]);
	if (status == 0)
		status = reduce_twice(&picture, colours, rounds, argv[2]);
	free(picture.rgb);
	free(picture.nearest);
	return status != 0;
}
