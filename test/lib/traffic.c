/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/lib/traffic.h"

#include "base/text.h"

#define DAY_OF_TRAFFIC 1795219200 /* 2026-11-21 00:00 UTC */

struct str
traffic_head(unsigned n, struct arena *a)
{
	return text_format(a, "{\"version\":1,\"host\":\"mx1.rcv.example\","
	    "\"uuid\":\"0f8fad5b-d9cb-469f-a165-%012u\",\"created\":%d}\n", n,
	    DAY_OF_TRAFFIC);
}

struct str
traffic_line(unsigned n, unsigned kinds, struct arena *a)
{
	unsigned kind = n % kinds, domain = kind % 37;
	bool is_deferred = n % 50 == 7, is_absent = n % 50 == 13;
	struct str published = is_absent ? STR("") : text_format(a,
	    "\"published\":{\"domain\":\"d%u.example\","
	    "\"discovery_method\":\"treewalk\",\"p\":\"reject\","
	    "\"sp\":\"quarantine\",\"np\":\"quarantine\",\"adkim\":\"r\","
	    "\"aspf\":\"r\",\"fo\":\"0\",\"testing\":\"n\",\"psd\":\"u\","
	    "\"pct\":100,\"rua\":true,\"ruf\":false},\"tag\":\"p\","
	    "\"policy\":\"reject\"", domain);
	const char *result = is_absent ? "none" : "pass";
	return text_format(a, "{\"time\":%u,\"queue_id\":\"4X%07u\","
	    "\"source_ip\":\"192.0.%u.%u\",\"client_name\":\"mx.d%u.example\","
	    "\"helo\":\"mx.d%u.example\",\"envelope_from\":\"d%u.example\","
	    "\"mail_from\":\"bounce-%u@d%u.example\","
	    "\"envelope_to\":[\"rcv.example\"],\"recipients\":1,"
	    "\"dmarc\":\"%s\",\"reason\":\"aligned identifiers passed: spf\","
	    "\"spf\":{\"domain\":\"d%u.example\",\"scope\":\"mfrom\","
	    "\"identity\":\"mailfrom\",\"result\":\"pass\"},"
	    "\"dkim\":[{\"domain\":\"d%u.example\",\"selector\":\"s1\","
	    "\"result\":\"pass\",\"identity\":\"@d%u.example\","
	    "\"algorithm\":\"rsa-sha256\",\"b\":\"AbCd/%03u\",\"bits\":2048}],"
	    "\"authors\":[{\"header_from\":\"d%u.example\",\"dmarc\":\"%s\","
	    "\"spf\":\"pass\",\"dkim\":\"pass\",\"aligned_dkim\":[0],"
	    "\"reason\":\"aligned identifiers passed: spf\","
	    "\"org_domain\":\"d%u.example\",\"disposition\":\"none\","
	    "\"reasons\":[]%s%.*s}],"
	    "\"decisive\":0,\"draw\":%u,\"mode\":\"enforce\","
	    "\"action\":\"accept\",\"reply\":%d,\"disposition\":\"none\","
	    "\"reasons\":[]}\n",
	    DAY_OF_TRAFFIC + n % 86400, n, kind / 250 % 250, kind % 250, domain,
	    domain, domain, n, domain, result, domain, domain, domain, n % 1000,
	    domain, result, domain, is_absent ? "" : ",", STR_ARG(published),
	    n % 100, is_deferred ? 451 : 250);
}
