/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Load on a milter: sessions at once, each sending one message after another,
 * a new session for each as Postfix does it.
 * usage: load SOCKET SESSIONS MESSAGES CLIENT MAIL-FROM FILE
 * prints: messages, wall seconds, and the median and 95th percentile of one
 * message in milliseconds; exit 1 when a message got no answer.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/file.h"
#include "test/lib/mta.h"

struct load {
	const char *socket;
	struct mta_client client;
	struct mta_message message;
	unsigned messages;
	double *took; /* milliseconds, one a message */
	unsigned next, lost;
	pthread_mutex_t lock;
};

static double
now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static bool
send_one(const struct load *l)
{
	struct arena *a = arena_new(SIZE_MAX);
	struct mta_answer answer = {.reply = MTA_LOST};
	struct mta *mta = mta_connect(l->socket, NULL, a);
	if (mta != NULL) {
		mta_session(mta, &l->client);
		mta_message(mta, &l->message, &answer);
		mta_quit(mta);
	}
	arena_free(a);
	return answer.reply != MTA_LOST;
}

static void *
session(void *arg)
{
	struct load *l = arg;
	for (;;) {
		pthread_mutex_lock(&l->lock);
		unsigned n = l->next++;
		pthread_mutex_unlock(&l->lock);
		if (n >= l->messages)
			return NULL;
		double start = now_ms();
		bool is_answered = send_one(l);
		l->took[n] = now_ms() - start;
		if (!is_answered) {
			pthread_mutex_lock(&l->lock);
			l->lost++;
			pthread_mutex_unlock(&l->lock);
		}
	}
}

static int
by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static void
run(struct load *l, unsigned sessions)
{
	pthread_t *threads = calloc(sessions, sizeof *threads);
	l->took = calloc(l->messages, sizeof *l->took);
	if (threads == NULL || l->took == NULL)
		abort();
	double start = now_ms();
	for (unsigned i = 0; i < sessions; i++)
		if (pthread_create(&threads[i], NULL, session, l) != 0)
			abort();
	for (unsigned i = 0; i < sessions; i++)
		pthread_join(threads[i], NULL);
	double wall = now_ms() - start;
	qsort(l->took, l->messages, sizeof *l->took, by_size);
	printf("messages=%u lost=%u wall_s=%.3f p50_ms=%.2f p95_ms=%.2f\n",
	    l->messages, l->lost, wall / 1e3, l->took[l->messages / 2],
	    l->took[l->messages * 95 / 100]);
	free(l->took);
	free(threads);
}

int
main(int argc, char **argv)
{
	static const char *const recipients[] = {"<you@rcv.example>", NULL};
	if (argc != 7) {
		fprintf(stderr, "usage: load SOCKET SESSIONS MESSAGES CLIENT "
		    "MAIL-FROM FILE\n");
		return 64;
	}
	struct arena *a = arena_new(SIZE_MAX);
	struct str reason;
	struct load l = {.socket = argv[1],
	    .client = {.address = argv[4], .helo = "mx.sender.test"},
	    .message = {.queue_id = "BENCH", .mail_from = argv[5],
		.recipients = recipients},
	    .messages = (unsigned)strtoul(argv[3], NULL, 10),
	    .lock = PTHREAD_MUTEX_INITIALIZER};
	if (!file_read(argv[6], SIZE_MAX / 2, a, &l.message.text, &reason)) {
		fprintf(stderr, "load: %.*s\n", STR_ARG(reason));
		return 66;
	}
	run(&l, (unsigned)strtoul(argv[2], NULL, 10));
	arena_free(a);
	return l.lost > 0;
}
