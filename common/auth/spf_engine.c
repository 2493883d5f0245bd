/* SPDX-License-Identifier: BSD-2-Clause */
#include "auth/spf_engine.h"

#include <limits.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* libspf2's headers need those above and these. */
#include <arpa/nameser.h>
#include <netdb.h>
#include <spf2/spf.h>

#include "base/cursor.h"
#include "base/text.h"

/* Records that one evaluation reads: each after the first costs a term. */
#define MAX_RECORDS (1 + SPF_MAX_TERMS)
/* "4294967295.4294967295.t" */
#define WORD_MAX 24u

/*
 * A term is known to libspf2 by the word "N.t", N counting through the terms
 * of the records in the order in which they were read. The hosts of an mx are
 * "H.N.t".
 */
struct word {
	bool has_host;
	uint64_t host, term;
};

struct engine {
	SPF_dns_server_t dns;
	struct spf_run *run;
	struct spf_node *nodes[MAX_RECORDS];
	bool is_included[MAX_RECORDS]; /* or the target of such a one */
	unsigned node_count;
	const struct dns_answer *hosts; /* of the mx under way */
	/* The last term that began in the record that decides: the domain's
	 * own, or what it was redirected to. */
	const struct spf_record *record;
	const struct spf_term *term;
};

/* libspf2 writes to stdout and stderr through these; NULL is silence, and for
 * errors abort(), which no hook of ours gives it a reason for. They are set
 * before there are threads. */
static void __attribute__((constructor))
be_silent(void)
{
	SPF_error_handler = NULL;
	SPF_warning_handler = NULL;
	SPF_info_handler = NULL;
	SPF_debug_handler = NULL;
}

static void *
must(void *memory)
{
	if (memory == NULL)
		abort(); /* no memory */
	return memory;
}

/* ---- words ------------------------------------------------------------------ */

static bool
read_word(const char *name, struct word *out)
{
	struct str first = str_of(name);
	struct str rest = first;
	first = str_cut(&rest, '.');
	*out = (struct word) {.has_host = str_find(rest, '.') < rest.n};
	if (out->has_host) {
		if (!str_to_uint(first, SPF_MAX_MX, &out->host))
			return false;
		first = str_cut(&rest, '.');
	}
	return str_to_uint(first, (uint64_t)MAX_RECORDS * SPF_RECORD_TERMS - 1,
	    &out->term);
}

static struct spf_node *
node_of(const struct engine *e, const struct word *w)
{
	return e->nodes[w->term / SPF_RECORD_TERMS];
}

static const struct spf_term *
term_of(const struct engine *e, const struct word *w)
{
	return &node_of(e, w)->record.terms[w->term % SPF_RECORD_TERMS];
}

/* ---- records ---------------------------------------------------------------- */

static const char *
sign_of(enum spf_result qualifier)
{
	switch (qualifier) {
	case SPF_FAIL:
		return "-";
	case SPF_SOFTFAIL:
		return "~";
	case SPF_NEUTRAL:
		return "?";
	default:
		return "+";
	}
}

/* A ptr is given as an a: for a ptr libspf2 would ask without saying which, and
 * takes more than ten names for an error. */
static const char *
mechanism_of(enum spf_term_kind kind)
{
	switch (kind) {
	case SPF_MX:
		return "mx";
	case SPF_EXISTS:
		return "exists";
	case SPF_INCLUDE:
		return "include";
	default:
		return "a";
	}
}

/* The record in libspf2's words. The end of an included one must be known to
 * it; the end of the one that decides is left out, so that running off the end
 * tells it from a term before (SPF_REASON_DEFAULT). */
static struct str
rewrite(const struct engine *e, unsigned number, bool has_end)
{
	const struct spf_record *r = &e->nodes[number]->record;
	struct text t;
	text_init(&t, e->run->arena);
	text_add(&t, STR("v=spf1"));
	for (unsigned i = 0; i < r->count; i++) {
		unsigned word = number * SPF_RECORD_TERMS + i;
		if (r->terms[i].kind == SPF_REDIRECT)
			text_printf(&t, " redirect=%u.t", word);
		else
			text_printf(&t, " %s%s:%u.t",
			    sign_of(r->terms[i].qualifier),
			    mechanism_of(r->terms[i].kind), word);
	}
	if (has_end)
		text_printf(&t, " %sall", sign_of(r->end.qualifier));
	text_add_char(&t, '\0');
	return text_str(&t);
}

static SPF_record_t *
compile(SPF_server_t *server, SPF_response_t *response, const char *text)
{
	SPF_record_t *record = NULL;
	if (SPF_record_compile(server, response, &record, text) ==
	    SPF_E_SUCCESS)
		return record;
	abort(); /* it does not take its own words, or there is no memory */
}

static SPF_record_t *
take_node(struct engine *e, struct spf_node *node, bool is_included,
    SPF_server_t *server, SPF_response_t *response)
{
	unsigned number = e->node_count++;
	e->nodes[number] = node;
	e->is_included[number] = is_included;
	if (!is_included) {
		e->record = &node->record;
		e->term = NULL;
	}
	return compile(server, response, rewrite(e, number,
	    is_included && node->record.has_end).p);
}

/* ---- hooks ------------------------------------------------------------------ */

/* Begins the term of a word; false when it cannot match. */
static bool
begin(struct engine *e, const struct word *w, struct str *name)
{
	unsigned number = (unsigned)(w->term / SPF_RECORD_TERMS);
	const struct spf_record *r = &node_of(e, w)->record;
	if (!e->is_included[number]) {
		e->record = r;
		e->term = term_of(e, w);
	}
	return spf_run_begin(e->run, r, term_of(e, w), name);
}

/* The record of an include or a redirect. A check that is decided is ended by a
 * DNS error, which goes up through all records; a term that cannot match is a
 * record without terms. */
static SPF_errcode_t
get_record(SPF_server_t *server, SPF_request_t *request,
    SPF_response_t *response, SPF_record_t **out)
{
	struct engine *e = server->resolver->hook;
	struct word w;
	struct str name;
	*out = NULL;
	if (e->run->is_decided || !read_word(request->cur_dom, &w))
		return SPF_E_DNS_ERROR;
	if (!begin(e, &w, &name)) {
		if (e->run->is_decided)
			return SPF_E_DNS_ERROR;
		*out = compile(server, response, "v=spf1");
		return SPF_E_SUCCESS;
	}
	const struct spf_term *t = term_of(e, &w);
	struct spf_node *node = spf_run_target(e->run, t, name,
	    &node_of(e, &w)->steps[w.term % SPF_RECORD_TERMS]);
	if (node == NULL)
		return SPF_E_DNS_ERROR;
	bool is_included = t->kind == SPF_INCLUDE ||
	    e->is_included[w.term / SPF_RECORD_TERMS];
	*out = take_node(e, node, is_included, server, response);
	return SPF_E_SUCCESS;
}

static SPF_dns_rr_data_t *
add_record(SPF_dns_rr_t *rr, size_t size)
{
	if (SPF_dns_rr_buf_realloc(rr, rr->num_rr, size) != SPF_E_SUCCESS)
		abort(); /* no memory */
	return rr->rr[rr->num_rr++];
}

/* An address that matches is the client's own, whatever the prefix. */
static void
add_client(const struct engine *e, SPF_dns_rr_t *rr)
{
	const struct ip *client = &e->run->who.client;
	SPF_dns_rr_data_t *data = add_record(rr, sizeof *data);
	memset(data, 0, sizeof *data);
	if (rr->rr_type == ns_t_a)
		memcpy(&data->a, client->bytes, sizeof data->a);
	else
		memcpy(&data->aaaa, client->bytes, sizeof data->aaaa);
}

static void
add_hosts(struct engine *e, const struct word *w, struct str name,
    SPF_dns_rr_t *rr)
{
	e->hosts = spf_run_hosts(e->run, term_of(e, w), name);
	for (size_t i = 0; i < e->hosts->count; i++) {
		char host[WORD_MAX];
		int n = snprintf(host, sizeof host, "%zu.%u.t", i,
		    (unsigned)w->term);
		memcpy(add_record(rr, (size_t)n + 1)->mx, host, (size_t)n + 1);
	}
}

static void
fill(struct engine *e, const struct word *w, SPF_dns_rr_t *rr)
{
	const struct spf_term *t = term_of(e, w);
	struct str name;
	if (w->has_host) {
		if (spf_run_host_matches(e->run, t,
			e->hosts->rr[w->host].mx.host))
			add_client(e, rr);
	} else if (begin(e, w, &name)) {
		if (t->kind == SPF_MX)
			add_hosts(e, w, name, rr);
		else if (spf_run_matches(e->run, t, name))
			add_client(e, rr);
	}
}

static SPF_dns_rr_t *
look_up(SPF_dns_server_t *dns, const char *name, ns_type type,
    int should_cache)
{
	struct engine *e = dns->hook;
	struct word w;
	SPF_dns_rr_t *rr = must(SPF_dns_rr_new_init(dns, name, type, 0,
	    NETDB_SUCCESS));
	(void)should_cache;
	if (!e->run->is_decided && read_word(name, &w))
		fill(e, &w, rr);
	if (e->run->is_decided)
		rr->herrno = TRY_AGAIN;
	return rr;
}

/* ---- evaluation ------------------------------------------------------------- */

static SPF_request_t *
request_of(SPF_server_t *server, const struct ip *client)
{
	SPF_request_t *request = must(SPF_request_new(server));
	struct in_addr v4;
	struct in6_addr v6;
	memcpy(&v4, client->bytes, sizeof v4);
	memcpy(&v6, client->bytes, sizeof v6);
	if (client->family == IP_V4)
		SPF_request_set_ipv4(request, v4);
	else
		SPF_request_set_ipv6(request, v6);
	SPF_request_set_helo_dom(request, "t"); /* goes into its texts alone */
	request->cur_dom = "t";
	return request;
}

static enum spf_result
result_of(SPF_result_t result)
{
	switch (result) {
	case SPF_RESULT_PASS:
		return SPF_PASS;
	case SPF_RESULT_FAIL:
		return SPF_FAIL;
	case SPF_RESULT_SOFTFAIL:
		return SPF_SOFTFAIL;
	case SPF_RESULT_NEUTRAL:
		return SPF_NEUTRAL;
	default:
		return SPF_TEMPERROR; /* only when the run is decided */
	}
}

/* Running off the end of the record that decides means its end, if it has
 * one. */
static void
conclude(const struct engine *e, const SPF_response_t *response,
    struct spf_outcome *out)
{
	const struct spf_record *r = e->record;
	*out = (struct spf_outcome) {.record = r, .term = e->term,
	    .result = result_of(response->result)};
	if (response->reason == SPF_REASON_DEFAULT) {
		out->term = r->has_end ? &r->end : NULL;
		out->result = r->has_end ? r->end.qualifier : SPF_NEUTRAL;
	}
}

/* SPF_server_new_dns() would end the process where the name of this host has 64
 * octets, and compile texts that nobody reads; the struct is public. The record
 * is interpreted without SPF_request_query_mailfrom(), which lets every
 * loopback client pass. */
void
spf_engine_evaluate(struct spf_run *run, struct spf_node *top,
    struct spf_outcome *out)
{
	struct engine e = {.run = run, .dns = {.lookup = look_up,
	    .get_spf = get_record, .name = "aplomb"}};
	char nobody[] = "t";
	SPF_server_t server = {.resolver = &e.dns, .rec_dom = nobody,
	    .max_dns_mech = INT_MAX, /* spf_run counts */
	    .max_dns_mx = SPF_MAX_MX, .max_dns_ptr = SPF_MAX_PTR};
	e.dns.hook = &e;
	SPF_request_t *request = request_of(&server, &run->who.client);
	SPF_response_t *response = must(SPF_response_new(request));
	SPF_record_t *record = take_node(&e, top, false, &server, response);
	response->spf_record_exp = record;
	SPF_record_interpret(record, request, response, 0);
	conclude(&e, response, out);
	SPF_record_free(record);
	SPF_response_free(response);
	SPF_request_free(request);
}
