/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Plays a fuzz target's seeds and its old crashes without a fuzzer, so that
 * they are regression tests of `make check`. The target NAME reads NAME.in/ and
 * NAME.repro/ in the source folder of the tests, or the files that are named.
 */
#include <dirent.h>
#include <libgen.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned played;

/* The bytes are handed over in a block of exactly their size. */
static void
play(const char *path)
{
	FILE *f = fopen(path, "rb");
	if (f == NULL || fseek(f, 0, SEEK_END) != 0) {
		perror(path);
		exit(1);
	}
	long size = ftell(f);
	rewind(f);
	uint8_t *data = malloc(size > 0 ? (size_t)size : 1);
	if (data == NULL || fread(data, 1, (size_t)size, f) != (size_t)size) {
		perror(path);
		exit(1);
	}
	fclose(f);
	LLVMFuzzerTestOneInput(data, (size_t)size);
	free(data);
	played++;
}

static void
play_folder(const char *folder)
{
	DIR *d = opendir(folder);
	if (d == NULL)
		return;
	struct dirent *e;
	while ((e = readdir(d)) != NULL) {
		char path[4096];
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
		play(path);
	}
	closedir(d);
}

int
main(int argc, char **argv)
{
	const char *source = getenv("srcdir");
	const char *name = basename(argv[0]);
	if (strncmp(name, "lt-", 3) == 0)
		name += 3;
	for (int i = 1; i < argc; i++)
		play(argv[i]);
	static const char *const folders[] = {"in", "repro"};
	for (unsigned i = 0; argc == 1 && i < 2; i++) {
		char folder[2048];
		snprintf(folder, sizeof folder, "%s/test/fuzz/%s.%s",
		    source != NULL ? source : ".", name, folders[i]);
		play_folder(folder);
	}
	printf("%s: %u inputs played\n", name, played);
	return played > 0 ? 0 : 1; /* a target without seeds tests nothing */
}
