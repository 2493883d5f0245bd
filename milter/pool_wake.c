/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/pool_wake.h"

#include <errno.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/str.h"
#include "milter/endpoint.h"

/* Milter packets: length, command, data. The offer is version 6 with every
 * action and step, since the filter refuses an MTA that offers too little; its
 * answer is never read. */
static const struct str offer = STR_INIT("\0\0\0\015O"
	"\0\0\0\006" "\0\0\001\377" "\0\037\377\377");
static const struct str empty_macro = STR_INIT("\0\0\0\002DC");

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const struct endpoint *own;
static int line = -1;

/* False with errno set; behind a packet that was sent in part, nothing on this
 * connection would be understood. */
static bool
say(struct str packet)
{
	if (line < 0) {
		errno = ENOTCONN;
		return false;
	}
	ssize_t n = send(line, packet.p, packet.n, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n >= 0 && (size_t)n < packet.n)
		errno = EPIPE;
	return n == (ssize_t)packet.n;
}

/* libmilter hangs up on the silent after two hours. */
static bool
connect_again(void)
{
	if (line >= 0)
		close(line);
	line = endpoint_connect(own);
	if (say(offer))
		return true;
	if (line >= 0)
		close(line);
	line = -1;
	return false;
}

bool
pool_wake_open(const struct endpoint *e)
{
	pthread_mutex_lock(&lock);
	own = e;
	bool is_open = connect_again();
	pthread_mutex_unlock(&lock);
	return is_open;
}

void
pool_wake(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&lock);
	/* A full buffer means that the pool has enough to wake up for. */
	if (!say(empty_macro) && errno != EAGAIN && connect_again())
		say(empty_macro);
	pthread_mutex_unlock(&lock);
}
