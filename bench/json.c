/* SPDX-License-Identifier: BSD-2-Clause */
#include "json.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_LIMIT 32

static struct json *parse_value(const char **at, int depth);

static void
skip_space(const char **at)
{
	while (isspace((unsigned char)**at))
		(*at)++;
}

static int
accept(const char **at, char wanted)
{
	skip_space(at);
	if (**at != wanted)
		return 0;
	(*at)++;
	return 1;
}

/* We write no \u escapes but those of control characters; they become '?'. */
static char *
parse_string(const char **at)
{
	if (!accept(at, '"'))
		return NULL;
	char *text = malloc(strlen(*at) + 1);
	size_t length = 0;

	if (text == NULL)
		return NULL;
	while (**at != '"' && **at != '\0') {
		char c = *(*at)++;

		if (c == '\\' && **at != '\0') {
			c = *(*at)++;
			c = c == 'n' ? '\n' : c == 't' ? '\t' : c;
			if (c == 'u') {
				for (int i = 0; i < 4 && isxdigit((unsigned char)**at); i++)
					(*at)++;
				c = '?';
			}
		}
		text[length++] = c;
	}
	text[length] = '\0';
	if (accept(at, '"'))
		return text;
	free(text);
	return NULL;
}

static int
parse_members(const char **at, struct json *json, char close, int depth)
{
	struct json **last = &json->first;

	if (accept(at, close))
		return 0;
	do {
		char *key = NULL;

		if (close == '}') {
			key = parse_string(at);
			if (key == NULL || !accept(at, ':')) {
				free(key);
				return -1;
			}
		}
		*last = parse_value(at, depth + 1);
		if (*last == NULL) {
			free(key);
			return -1;
		}
		(*last)->key = key;
		last = &(*last)->next;
	} while (accept(at, ','));
	return accept(at, close) ? 0 : -1;
}

static int
parse_scalar(const char **at, struct json *json)
{
	static const struct { const char *word; enum json_kind kind; double number; } words[] = {
		{ "true", JSON_NUMBER, 1 }, { "false", JSON_NUMBER, 0 }, { "null", JSON_NULL, 0 },
	};
	char *end;

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		size_t length = strlen(words[i].word);

		if (strncmp(*at, words[i].word, length) == 0) {
			json->kind = words[i].kind;
			json->number = words[i].number;
			*at += length;
			return 0;
		}
	}
	json->kind = JSON_NUMBER;
	json->number = strtod(*at, &end);
	if (end == *at)
		return -1;
	*at = end;
	return 0;
}

static struct json *
parse_value(const char **at, int depth)
{
	struct json *json = calloc(1, sizeof(*json));
	int failure;

	if (json == NULL || depth > DEPTH_LIMIT) {
		free(json);
		return NULL;
	}
	skip_space(at);
	if (**at == '"') {
		json->kind = JSON_STRING;
		json->text = parse_string(at);
		failure = json->text == NULL;
	} else if (accept(at, '{')) {
		json->kind = JSON_OBJECT;
		failure = parse_members(at, json, '}', depth);
	} else if (accept(at, '[')) {
		json->kind = JSON_ARRAY;
		failure = parse_members(at, json, ']', depth);
	} else {
		failure = parse_scalar(at, json);
	}
	if (!failure)
		return json;
	json_free(json);
	return NULL;
}

struct json *
json_parse(const char *text)
{
	return parse_value(&text, 0);
}

void
json_free(struct json *json)
{
	while (json != NULL) {
		struct json *next = json->next;

		json_free(json->first);
		free(json->text);
		free(json->key);
		free(json);
		json = next;
	}
}

const struct json *
json_member(const struct json *json, const char *key)
{
	if (json == NULL || json->kind != JSON_OBJECT)
		return NULL;
	for (const struct json *member = json->first; member != NULL; member = member->next) {
		if (strcmp(member->key, key) == 0)
			return member;
	}
	return NULL;
}

double
json_number(const struct json *json, const char *key)
{
	const struct json *member = json_member(json, key);

	return member != NULL && member->kind == JSON_NUMBER ? member->number : 0;
}

void
json_copy(const struct json *json, const char *key, char *into, size_t size)
{
	const struct json *member = json_member(json, key);

	snprintf(into, size, "%s",
	    member != NULL && member->kind == JSON_STRING ? member->text : "");
}

void
json_print(FILE *file, const char *text)
{
	fputc('"', file);
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			fprintf(file, "\\%c", c);
		else if (c < 0x20)
			fprintf(file, "\\u%04x", c);
		else
			fputc(c, file);
	}
	fputc('"', file);
}
