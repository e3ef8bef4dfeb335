/* SPDX-License-Identifier: BSD-2-Clause */
#include <filch/base.h>

const char *
filch_status_text(int status)
{
	switch (status) {
#define TEXT(name, value, text) case FILCH_##name: return text;
	FILCH_STATUS_MAP(TEXT)
#undef TEXT
	}
	return status > 0 ? "a callback's own status" : "unknown status";
}

#define TEXT_OF(number) #number
#define DOTTED(major, minor, patch) TEXT_OF(major) "." TEXT_OF(minor) "." TEXT_OF(patch)

const char *
filch_version(void)
{
	return DOTTED(FILCH_VERSION_MAJOR, FILCH_VERSION_MINOR, FILCH_VERSION_PATCH);
}
