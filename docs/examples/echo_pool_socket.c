/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses: "port", "host:port", or the path of a Unix socket, with a slash. */
#define _GNU_SOURCE
#include "echo_pool.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

typedef int open_fn(int fd, const struct sockaddr *address, socklen_t length);

static int
bind_and_listen(int fd, const struct sockaddr *address, socklen_t length)
{
	int on = 1;

	if (address->sa_family == AF_UNIX)
		(void)unlink(((const struct sockaddr_un *)address)->sun_path);
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	return bind(fd, address, length) != 0 || listen(fd, SOMAXCONN) != 0 ? -1 : 0;
}

static int
open_at(const struct sockaddr *address, socklen_t length, int flags, open_fn *how)
{
	int on = 1, error;
	int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);

	if (fd < 0)
		return -1;
	/* Inherited by what is accepted: answers are short and wanted now. */
	if (address->sa_family != AF_UNIX)
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (how(fd, address, length) == 0)
		return fd;
	error = errno;
	(void)close(fd);
	errno = error;
	return -1;
}

static int
open_unix(const char *path, int flags, open_fn *how)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(address.sun_path, path);
	return open_at((const struct sockaddr *)&address, sizeof(address), flags, how);
}

static int
open_tcp(const char *text, int flags, open_fn *how)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_family = AF_UNSPEC };
	struct addrinfo *found;
	const char *colon = strrchr(text, ':');
	char host[256] = "127.0.0.1";
	int fd = -1;

	if (colon != NULL)
		(void)snprintf(host, sizeof(host), "%.*s", (int)(colon - text), text);
	if (getaddrinfo(host, colon != NULL ? colon + 1 : text, &hints, &found) != 0) {
		errno = EADDRNOTAVAIL;
		return -1;
	}
	for (struct addrinfo *at = found; at != NULL && fd < 0; at = at->ai_next)
		fd = open_at(at->ai_addr, at->ai_addrlen, flags, how);
	freeaddrinfo(found);
	return fd;
}

static int
open_any(const char *text, int flags, open_fn *how, const char *verb)
{
	int fd = (strchr(text, '/') != NULL ? open_unix : open_tcp)(text, flags, how);

	if (fd < 0)
		fprintf(stderr, "echo-pool: cannot %s '%s': %s; allowed are PORT, HOST:PORT "
		    "and the PATH of a Unix socket with a slash in it\n",
		    verb, text, strerror(errno));
	return fd;
}

int
echo_listen(const char *address)
{
	return open_any(address, SOCK_NONBLOCK, bind_and_listen, "listen at");
}

int
echo_connect(const char *address)
{
	return open_any(address, 0, connect, "connect to");
}

unsigned
echo_port(int fd)
{
	struct sockaddr_storage address = { .ss_family = AF_UNSPEC };
	socklen_t length = sizeof(address);

	if (getsockname(fd, (struct sockaddr *)&address, &length) != 0)
		return 0;
	if (address.ss_family == AF_INET)
		return ntohs(((struct sockaddr_in *)&address)->sin_port);
	return address.ss_family == AF_INET6 ? ntohs(((struct sockaddr_in6 *)&address)->sin6_port)
	    : 0;
}
