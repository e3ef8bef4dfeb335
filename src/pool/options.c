/* SPDX-License-Identifier: BSD-2-Clause */
#include "pool/options.h"

#include "memory/allocator.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_STACK ((size_t)8 << 20)
#define LEAST_STACK ((size_t)64 << 10)
#define DEFAULT_SPIN_NS 50000u
#define DEFAULT_GUESTS 16u
#define MOST_GUESTS 64u
#define DEFAULT_SPARES 16u
#define MOST_THREADS 4096u

/* One environment variable: its name, what it may say, and whether it did. */
struct variable {
	const char *name;
	const char *allowed;
};

static const struct variable workers_variable = { "FILCH_WORKERS", "0 (detect) to 4096, or none" };
static const struct variable bind_variable = { "FILCH_BIND", "auto, none or core" };
static const struct variable spin_variable = { "FILCH_SPIN_NS", "nanoseconds, 0 to 1000000000" };
static const struct variable stack_variable = {
	"FILCH_STACK", "bytes from 65536, with K, M or G, that can be mapped"
};

static void
why(char *text, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, FLC_WHY_SIZE, format, arguments);
	va_end(arguments);
}

static void
name_ignored(struct flc_config *config, const struct variable *variable, const char *value,
    const char *reason)
{
	size_t used = strlen(config->ignored);

	snprintf(config->ignored + used, sizeof(config->ignored) - used, "%s%s=\"%.32s\" (%s)",
	    used == 0 ? "" : "; ", variable->name, value, reason);
}

/* Names a variable whose value is of no use. */
static int
refuse(struct flc_config *config, const struct variable *variable, const char *value)
{
	char reason[FLC_WHY_SIZE];

	why(reason, "allowed: %s", variable->allowed);
	name_ignored(config, variable, value, reason);
	return FILCH_INVAL;
}

static const char *
value_of(struct flc_config *config, const struct variable *variable)
{
	const char *value = secure_getenv(variable->name);

	if (value == NULL || *value == '\0')
		return NULL;
	config->variables = true;
	if (!config->no_variables)
		return value;
	name_ignored(config, variable, value, "no pool could be made with it");
	return NULL;
}

/* A whole decimal number of at most `most`, perhaps with a K, M or G. */
static bool
parse_number(const char *text, bool suffix, uint64_t most, uint64_t *number)
{
	char *end;

	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	*number = strtoull(text, &end, 10);
	if (errno != 0)
		return false;
	if (suffix && *end != '\0') {
		static const char suffixes[] = "KMG";
		const char *found = strchr(suffixes, toupper((unsigned char)*end));

		if (found == NULL || *found == '\0')
			return false;
		unsigned shift = 10 * (unsigned)(found - suffixes + 1);
		if (*number > UINT64_MAX >> shift)
			return false;
		*number <<= shift;
		end++;
	}
	return *end == '\0' && *number <= most;
}

static int
read_workers(struct flc_config *config)
{
	filch_pool_options *o = &config->options;
	const char *value = value_of(config, &workers_variable);
	uint64_t number;

	if (o->workers != 0) {
		why(config->why_workers, "set by the program");
		return o->workers == FILCH_NO_WORKERS || o->workers <= MOST_THREADS
		    ? FILCH_OK : FILCH_INVAL;
	}
	why(config->why_workers, "what the machine allows");
	if (value == NULL)
		return FILCH_OK;
	if (strcmp(value, "none") == 0)
		o->workers = FILCH_NO_WORKERS;
	else if (parse_number(value, false, MOST_THREADS, &number))
		o->workers = (size_t)number;
	else
		return refuse(config, &workers_variable, value);
	if (o->workers != 0)
		why(config->why_workers, "FILCH_WORKERS");
	return FILCH_OK;
}

static int
read_bind(struct flc_config *config)
{
	filch_pool_options *o = &config->options;
	const char *value = value_of(config, &bind_variable);

	if (o->bind != FILCH_BIND_AUTO) {
		why(config->why_bind, "set by the program");
		return o->bind == FILCH_BIND_NONE || o->bind == FILCH_BIND_CORE
		    ? FILCH_OK : FILCH_INVAL;
	}
	why(config->why_bind, "default");
	if (value == NULL)
		return FILCH_OK;
	if (strcmp(value, "auto") == 0)
		o->bind = FILCH_BIND_AUTO;
	else if (strcmp(value, "none") == 0)
		o->bind = FILCH_BIND_NONE;
	else if (strcmp(value, "core") == 0)
		o->bind = FILCH_BIND_CORE;
	else
		return refuse(config, &bind_variable, value);
	why(config->why_bind, "FILCH_BIND");
	return FILCH_OK;
}

static int
read_spin(struct flc_config *config)
{
	filch_pool_options *o = &config->options;
	const char *value = value_of(config, &spin_variable);
	uint64_t number;

	if (o->spin_ns != 0) {
		why(config->why_spin, "set by the program");
		if (o->spin_ns == FILCH_NO_SPIN)
			o->spin_ns = 0;
		return FILCH_OK;
	}
	o->spin_ns = DEFAULT_SPIN_NS;
	why(config->why_spin, "default");
	if (value == NULL)
		return FILCH_OK;
	if (!parse_number(value, false, 1000000000u, &number))
		return refuse(config, &spin_variable, value);
	o->spin_ns = number;
	why(config->why_spin, "FILCH_SPIN_NS");
	return FILCH_OK;
}

static int
read_stack(struct flc_config *config)
{
	filch_pool_options *o = &config->options;
	const char *value = value_of(config, &stack_variable);
	uint64_t number;

	if (o->stack_size != 0) {
		why(config->why_stack, "set by the program");
		return o->stack_size >= LEAST_STACK ? FILCH_OK : FILCH_INVAL;
	}
	o->stack_size = DEFAULT_STACK;
	why(config->why_stack, "default");
	if (value == NULL)
		return FILCH_OK;
	if (!parse_number(value, true, SIZE_MAX, &number) || number < LEAST_STACK
	    || !flc_memory_is_there((size_t)number))
		return refuse(config, &stack_variable, value);
	o->stack_size = (size_t)number;
	why(config->why_stack, "FILCH_STACK");
	return FILCH_OK;
}

/* What no variable sets. */
static int
read_rest(struct flc_config *config)
{
	filch_pool_options *o = &config->options;

	if (o->guests == 0)
		o->guests = DEFAULT_GUESTS;
	if (o->guests > MOST_GUESTS || o->on_destroy < FILCH_ON_DESTROY_DRAIN
	    || o->on_destroy > FILCH_ON_DESTROY_DISCARD)
		return FILCH_INVAL;
	why(config->why_spares, o->spares == 0 ? "default" : "set by the program");
	if (o->spares == 0)
		o->spares = DEFAULT_SPARES;
	else if (o->spares == FILCH_NO_SPARES)
		o->spares = 0;
	if (o->spares > MOST_THREADS)
		return FILCH_INVAL;
	snprintf(config->name, sizeof(config->name), "%s", o->name == NULL ? "filch" : o->name);
	o->name = config->name;
	return FILCH_OK;
}

static int
read_all(struct flc_config *config, const filch_pool_options *options, bool lenient)
{
	static int (*const reader[])(struct flc_config *) = {
		read_workers, read_bind, read_spin, read_stack,
	};
	size_t size = options == NULL ? 0 : options->size;

	if (options != NULL && size < offsetof(filch_pool_options, bind))
		return FILCH_INVAL;
	if (size > sizeof(config->options))
		size = sizeof(config->options);
	if (options != NULL)
		memcpy(&config->options, options, size);
	config->options.size = sizeof(config->options);
	for (size_t i = 0; i < sizeof(reader) / sizeof(reader[0]); i++) {
		int status = reader[i](config);

		if (status != FILCH_OK && !lenient)
			return status;
	}
	return read_rest(config);
}

int
flc_config_read(struct flc_config *config, const filch_pool_options *options, bool lenient)
{
	memset(config, 0, sizeof(*config));
	return read_all(config, options, lenient);
}

bool
flc_config_fall_back(struct flc_config *config, const filch_pool_options *options)
{
	if (!config->variables)
		return false;
	memset(config, 0, sizeof(*config));
	config->no_variables = true;
	return read_all(config, options, true) == FILCH_OK;
}

bool
flc_config_display(void)
{
	const char *value = secure_getenv("FILCH_DISPLAY");

	return value != NULL && *value != '\0' && strcmp(value, "0") != 0;
}
