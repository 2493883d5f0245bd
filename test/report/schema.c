/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/report/schema.h"

#include <stdio.h>
#include <stdlib.h>

#include <libxml/parser.h>
#include <libxml/xmlschemas.h>

static xmlSchemaPtr
load(enum report_format format)
{
	const char *folder = getenv("srcdir");
	char path[4096];

	snprintf(path, sizeof path, "%s/test/report/%s.xsd",
	    folder != NULL ? folder : ".",
	    table_name(report_format_names, format));
	xmlSchemaParserCtxtPtr parser = xmlSchemaNewParserCtxt(path);
	xmlSchemaPtr schema = xmlSchemaParse(parser);
	xmlSchemaFreeParserCtxt(parser);
	if (schema == NULL)
		abort();
	return schema;
}

bool
schema_holds(enum report_format format, struct str xml)
{
	bool is_valid = false;
	xmlDocPtr doc = xmlReadMemory(xml.p, (int)xml.n, "report.xml", NULL,
	    XML_PARSE_NONET | XML_PARSE_HUGE);

	if (doc == NULL)
		return false;
	xmlSchemaPtr schema = load(format);
	xmlSchemaValidCtxtPtr valid = xmlSchemaNewValidCtxt(schema);
	is_valid = xmlSchemaValidateDoc(valid, doc) == 0;
	xmlSchemaFreeValidCtxt(valid);
	xmlSchemaFree(schema);
	xmlFreeDoc(doc);
	return is_valid;
}
