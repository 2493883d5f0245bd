/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A milter that does nothing, negotiated as aplombd negotiates: the floor that
 * libmilter sets. Usage: empty SOCKET.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include <libmilter/mfapi.h>

static const unsigned long wanted = SMFIP_HDR_LEADSPC | SMFIP_SKIP |
    SMFIP_NOUNKNOWN | SMFIP_NODATA | SMFIP_NR_HDR | SMFIP_NR_CONN |
    SMFIP_NR_HELO | SMFIP_NR_MAIL | SMFIP_NR_RCPT | SMFIP_NR_EOH |
    SMFIP_NR_BODY;

static sfsistat
negotiate(SMFICTX *ctx, unsigned long f0, unsigned long f1, unsigned long f2,
    unsigned long f3, unsigned long *pf0, unsigned long *pf1,
    unsigned long *pf2, unsigned long *pf3)
{
	(void)ctx, (void)f2, (void)f3;
	*pf0 = f0;
	*pf1 = f1 & wanted;
	*pf2 = *pf3 = 0;
	return SMFIS_CONTINUE;
}

static sfsistat
connected(SMFICTX *ctx, char *host, _SOCK_ADDR *addr)
{
	(void)ctx, (void)host, (void)addr;
	return SMFIS_NOREPLY;
}

static sfsistat
word(SMFICTX *ctx, char *name)
{
	(void)ctx, (void)name;
	return SMFIS_NOREPLY;
}

static sfsistat
words(SMFICTX *ctx, char **args)
{
	(void)ctx, (void)args;
	return SMFIS_NOREPLY;
}

static sfsistat
header(SMFICTX *ctx, char *name, char *value)
{
	(void)ctx, (void)name, (void)value;
	return SMFIS_NOREPLY;
}

static sfsistat
end_of_headers(SMFICTX *ctx)
{
	(void)ctx;
	return SMFIS_NOREPLY;
}

static sfsistat
body(SMFICTX *ctx, unsigned char *bytes, size_t n)
{
	(void)ctx, (void)bytes, (void)n;
	return SMFIS_NOREPLY;
}

static sfsistat
end_of_message(SMFICTX *ctx)
{
	char name[] = "Authentication-Results";
	char value[] = " mx.rcv.example; none";
	smfi_insheader(ctx, 0, name, value);
	return SMFIS_CONTINUE;
}

int
main(int argc, char **argv)
{
	char own_name[] = "empty";
	struct smfiDesc filter = {
		.xxfi_name = own_name,
		.xxfi_version = SMFI_VERSION,
		.xxfi_flags = SMFIF_ADDHDRS,
		.xxfi_connect = connected,
		.xxfi_helo = word,
		.xxfi_envfrom = words,
		.xxfi_envrcpt = words,
		.xxfi_header = header,
		.xxfi_eoh = end_of_headers,
		.xxfi_body = body,
		.xxfi_eom = end_of_message,
		.xxfi_negotiate = negotiate,
	};
	if (argc != 2 || smfi_setconn(argv[1]) != MI_SUCCESS ||
	    smfi_register(filter) != MI_SUCCESS) {
		fprintf(stderr, "usage: empty SOCKET\n");
		return EX_USAGE;
	}
	smfi_setmaxdatasize(1048575);
	return smfi_main() == MI_SUCCESS ? EX_OK : EX_SOFTWARE;
}
