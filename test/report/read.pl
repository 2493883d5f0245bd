#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
# read.pl FILE: the totals of a report as Mail::DMARC reads it.
use strict;
use warnings;
use Mail::DMARC::Report;
use Mail::DMARC::Report::Receive;

{
    # It would be put into a database.
    no warnings 'redefine';
    *Mail::DMARC::Report::save_aggregate = sub { 1 };
}
open my $file, '<:raw', $ARGV[0] or die "$ARGV[0]: $!\n";
my $xml = do { local $/; <$file> };
my $reader = Mail::DMARC::Report::Receive->new;
$reader->report(Mail::DMARC::Report->new);
$reader->handle_body($xml);

my $report = $reader->report->aggregate;
my ($records, $messages, %count) = (0, 0);
for my $record (@{ $report->record }) {
    my $row = $record->row;
    my $verdict = $row->policy_evaluated;
    $records++;
    $messages += $row->count;
    $count{"disposition $_"} += $row->count for $verdict->disposition;
    $count{"dkim $_"} += $row->count for $verdict->dkim;
    $count{"spf $_"} += $row->count for $verdict->spf;
    $count{"signatures"} += @{ $record->auth_results->dkim || [] };
}
my $policy = $report->policy_published;
print join(' ', 'id', $report->metadata->report_id), "\n";
print join(' ', 'policy', map { $policy->$_ } qw(domain p sp adkim aspf pct)), "\n";
print "records $records\nmessages $messages\n";
print "$_ $count{$_}\n" for sort keys %count;
