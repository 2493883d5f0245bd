/* SPDX-License-Identifier: BSD-2-Clause */
#include "settings/nearest.h"

#include "base/ascii.h"

/* Longer than any name of ours: what is longer is close to none. */
#define MAX_NAME 32u

static unsigned
least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Letters to add, drop, replace, or swap with their neighbour, to make one of
 * the other (the distance of Damerau, each place edited once). */
static unsigned
distance(struct str a, struct str b)
{
	unsigned d[MAX_NAME + 1][MAX_NAME + 1];
	for (unsigned i = 0; i <= a.n; i++)
		d[i][0] = i;
	for (unsigned j = 0; j <= b.n; j++)
		d[0][j] = j;
	for (unsigned i = 1; i <= a.n; i++) {
		for (unsigned j = 1; j <= b.n; j++) {
			char x = ascii_lower(a.p[i - 1]), y = b.p[j - 1];
			d[i][j] = least(d[i - 1][j - 1] + (x != y),
			    least(d[i - 1][j], d[i][j - 1]) + 1);
			if (i > 1 && j > 1 && x == b.p[j - 2] &&
			    ascii_lower(a.p[i - 2]) == y)
				d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
		}
	}
	return d[a.n][b.n];
}

/* One slip for every three letters. */
void
nearest_init(struct nearest *n, struct str written)
{
	*n = (struct nearest) {.written = written,
	    .distance = written.n > MAX_NAME ? 0 : (unsigned)written.n / 3 + 1};
}

void
nearest_try(struct nearest *n, struct str name)
{
	if (n->written.n > MAX_NAME || name.n > MAX_NAME)
		return;
	unsigned d = distance(n->written, name);
	if (d >= n->distance)
		return;
	n->distance = d;
	n->name = name;
}
