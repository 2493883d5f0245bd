/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef APLOMB_CLI_COMMAND_H
#define APLOMB_CLI_COMMAND_H

/*
 * The commands of aplomb: one row each, in cli/main.c. A name has one word, or
 * two where commands share a subject.
 */

#include <stdbool.h>
#include <stdio.h>

struct command;
struct options;

/* argv[0] is the last word of the name. Returns the exit status. */
typedef int (*command_fn)(const struct command *self, const struct options *o,
    int argc, char **argv);

struct command {
	const char *name;
	const char *arguments; /* for the usage; "" for none */
	command_fn run;
	const char *help;      /* one line */
};

/* The rows; the last has no name. */
extern const struct command commands[];

/* The command that the words begin with; *length says how many of them are its
 * name. NULL: there is none. */
const struct command *command_find(int count, char **words, int *length);

/* Several commands begin with this word. */
bool command_is_subject(const char *word);

/* How to use aplomb, and its commands: all, or those of a subject. */
void command_print_usage(FILE *out, const char *subject);

/* How to use one command. */
void command_print_help(FILE *out, const struct command *c);

/* Called for each option of a command with its letter, which is the `val` of
 * its row, and its argument, or NULL. */
typedef void (*command_option_fn)(void *arg, int letter, const char *value);

/* Reads the options of a command, which are long ones and -h, and refuses
 * arguments behind the first `max`. Returns the index of the first argument. */
struct option;
int command_options(const struct command *c, int argc, char **argv,
    const struct option *longs, int max, command_option_fn fn, void *arg);

/* The last row but one of every table of options. */
#define COMMAND_HELP {"help", no_argument, NULL, 'h'}

/* The same for a command that has none but -h. */
int command_arguments(const struct command *c, int argc, char **argv, int max);

/* The words begin with no command: says so, and what may be meant. Ends the
 * process with EX_USAGE, as the next does. */
_Noreturn void command_refuse(int count, char **words);

/* getopt has refused an option: says so, and ends the process. */
_Noreturn void command_refuse_option(char **argv);

/* "aplomb: WHAT", and how to use aplomb. */
_Noreturn void command_misuse(const char *what, const char *argument);

#endif
