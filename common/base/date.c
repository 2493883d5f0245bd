/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/date.h"

#include <time.h>

#include "base/text.h"

#define DAY 86400
/* Up to 9999-12-31. */
#define DATE_DAYS INT64_C(2932897)

bool
date_parse(struct str s, int64_t *day)
{
	uint64_t year, month, date;
	struct str rest = s;
	if (s.n != sizeof "2026-11-25" - 1 || s.p[4] != '-' || s.p[7] != '-' ||
	    !str_to_uint(str_cut(&rest, '-'), 9999, &year) ||
	    !str_to_uint(str_cut(&rest, '-'), 12, &month) ||
	    !str_to_uint(rest, 31, &date) || year < 1970)
		return false;
	struct tm tm = {.tm_year = (int)year - 1900,
	    .tm_mon = (int)month - 1, .tm_mday = (int)date};
	time_t when = timegm(&tm);
	if (tm.tm_mday != (int)date || tm.tm_mon != (int)month - 1)
		return false;
	*day = when / DAY;
	return true;
}

/* A time whose year has not four digits is the epoch. */
static struct tm
split(int64_t seconds)
{
	bool is_date = seconds >= 0 && seconds < (DATE_DAYS * DAY);
	time_t when = is_date ? (time_t)seconds : 0;
	struct tm tm = {.tm_year = 70, .tm_mday = 1, .tm_wday = 4};
	gmtime_r(&when, &tm);
	return tm;
}

struct str
date_print(int64_t day, struct arena *a)
{
	struct tm tm = split(day < DATE_DAYS ? day * DAY : 0);
	return text_format(a, "%04d-%02d-%02d", tm.tm_year + 1900,
	    tm.tm_mon + 1, tm.tm_mday);
}

struct str
date_print_time(int64_t seconds, struct arena *a)
{
	struct tm tm = split(seconds);
	return text_format(a, "%04d-%02d-%02d %02d:%02d:%02d",
	    tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
	    tm.tm_min, tm.tm_sec);
}

/* Not strftime(), which asks the locale. */
struct str
date_print_message(int64_t seconds, struct arena *a)
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct tm tm = split(seconds);
	return text_format(a, "%.3s, %d %.3s %d %02d:%02d:%02d +0000",
	    days + 3 * tm.tm_wday, tm.tm_mday, months + 3 * tm.tm_mon,
	    tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}
