/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A reader for the JSON this suite writes: objects, arrays, strings with simple escapes,
 * numbers, literals.  Values live until json_free().
 */
#ifndef BENCH_JSON_H
#define BENCH_JSON_H

#include <stddef.h>
#include <stdio.h>

enum json_kind { JSON_NULL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

struct json {
	enum json_kind kind;
	double number;       /* true is 1, false is 0 */
	char *text;          /* of a string */
	char *key;           /* if it is a member of an object */
	struct json *first;  /* of an array or object */
	struct json *next;
};

/* NULL if text is no JSON or memory is short. */
struct json *json_parse(const char *text);
void json_free(struct json *json);

/* The member called key, or NULL; json may be NULL. */
const struct json *json_member(const struct json *json, const char *key);
double json_number(const struct json *json, const char *key);

/* Copies the member's text, empty if there is none. */
void json_copy(const struct json *json, const char *key, char *into, size_t size);

/* Writes text as a JSON string. */
void json_print(FILE *file, const char *text);

#endif /* BENCH_JSON_H */
