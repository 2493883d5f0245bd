#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
#
# Plays the suite against Mail::DMARC::PurePerl (Debian: libmail-dmarc-perl), an
# implementation of RFC 7489 with the public suffix list: its record parser, its
# discovery, its alignment and its policy. It checks no SPF and no DKIM and has
# no parser of From fields and no temporary errors, so cases about those are not
# applicable. Only the neutral lines of a case are read. docs/SUITE.md says more.
#
# usage: perl mail-dmarc.pl [CASE ...]
#
# A line for each case, a count at the end. Exit 0 when all could be played, 77
# where the library is not installed.

use strict;
use warnings;
use File::Basename qw(dirname);

our $draw = 0; # pct is held against it, in place of a random number
BEGIN { *CORE::GLOBAL::rand = sub (;$) { return $main::draw } }
eval {
	require Net::DNS;
	require Mail::DMARC::PurePerl;
	1;
} or do {
	print "skipped: Mail::DMARC is missing (package libmail-dmarc-perl)\n";
	exit 77;
};

# ---- a resolver over the lines of a zone --------------------------------------

package Zone;

sub new {
	my ($class, @lines) = @_;
	my $self = bless { name => {}, failed => {} }, $class;
	$self->read_line($_) for @lines;
	return $self;
}

sub read_line {
	my ($self, $line) = @_;
	my ($first, $second, $rest) = split ' ', $line, 3;
	if ($first =~ /^(servfail|timeout|malformed|nxdomain)$/) {
		$self->{failed}{lc $second}{$rest // 'ANY'} = $first;
	} elsif ($first eq 'exists') {
		$self->{name}{lc $second} ||= [];
	} else {
		push @{ $self->{name}{lc $first} }, [$second, $rest];
	}
	return;
}

# Data, or a name below with data, makes a name exist (RFC 8020).
sub exists_name {
	my ($self, $name) = @_;
	return grep { $_ eq $name || /\.\Q$name\E$/ }
	    keys %{ $self->{name} }, keys %{ $self->{failed} };
}

# The name itself, or the wildcard below its closest encloser (RFC 4592).
sub source {
	my ($self, $name) = @_;
	return $name if $self->exists_name($name);
	my $up = $name;
	while ($up =~ s/^[^.]+\.//) {
		return "*.$up" if $self->{name}{"*.$up"};
		return if $self->exists_name($up);
	}
	return;
}

sub answer {
	my ($self, $name, $type) = @_;
	my @rr;
	for my $hop (0 .. 16) {
		my $failed = $self->{failed}{$name};
		my $how = $failed && ($failed->{$type} || $failed->{ANY});
		return ('NXDOMAIN', @rr) if $how && $how eq 'nxdomain';
		return ('TIMEOUT') if $how && $how eq 'timeout';
		return ('SERVFAIL', @rr) if $how;
		my $source = $self->source($name);
		return ('NXDOMAIN', @rr) if !defined $source;
		my @data = @{ $self->{name}{$source} || [] };
		my ($alias) = grep { $_->[0] eq 'CNAME' } @data;
		push @rr, Net::DNS::RR->new("$name. 300 IN $_->[0] $_->[1]")
		    for $alias || grep { $_->[0] eq $type } @data;
		return ('NOERROR', @rr) if !$alias;
		($name = lc $alias->[1]) =~ s/\.$//;
	}
	return ('SERVFAIL');
}

# The methods of Net::DNS::Resolver that the library calls.
sub send {
	my ($self, $name, $type) = @_;
	$name = lc $name;
	$name =~ s/\.$//;
	my ($rcode, @rr) = $self->answer($name, $type || 'A');
	$self->{error} = $rcode;
	return if $rcode eq 'TIMEOUT';
	my $packet = Net::DNS::Packet->new("$name.", $type || 'A');
	$packet->header->rcode($rcode);
	$packet->push(answer => @rr);
	return $packet;
}

sub query {
	my ($self, @question) = @_;
	my $packet = $self->send(@question) or return;
	return $packet->header->ancount > 0 ? $packet : undef;
}

sub errorstring { return $_[0]{error} }

# ---- the library, told what a case knows --------------------------------------

package Played;
our @ISA = ('Mail::DMARC::PurePerl');

sub get_public_suffix_list { return $_[0]{suffixes} }

# Whether DMARC applies at all; the library's result does not tell it from fail.
sub discover_policy {
	my ($self, @arguments) = @_;
	my $policy = $self->SUPER::discover_policy(@arguments);
	$self->{has_policy} = defined $policy;
	return $policy;
}

package main;

sub read_case {
	my ($file) = @_;
	open my $in, '<', $file or die "$file: $!\n";
	my %case = (psl => 'example test', draw => 0);
	while (my $line = <$in>) {
		chomp $line;
		next if $line =~ /^\s*(#|extra\s|$)/;
		my ($key, $rest) = $line =~ /^\s*(\S+)\s*(.*?)\s*$/;
		if ($key =~ /^(psl|draw|client|spf)$/) {
			$case{$key} = $rest;
		} else {
			push @{ $case{$key} }, $rest;
		}
	}
	close $in;
	return \%case;
}

# What the case expects by RFC 7489: words, or nothing.
sub expected {
	my ($case) = @_;
	my @words;
	for my $line (@{ $case->{expect} || [] }) {
		my ($first, $rest) = $line =~ /^(\S+)\s*(.*)$/;
		next if $first eq 'treewalk';
		push @words, split ' ', $first eq 'psl' ? $rest : $line;
	}
	return @words;
}

sub author {
	my ($case) = @_;
	my @from = grep { /^From\s*:/i } @{ $case->{header} || [] };
	return if @from != 1;
	return $1 if $from[0] =~ /^From: [A-Za-z ]*<[a-z]+@([A-Za-z0-9._-]+)>$/;
	return;
}

sub why_not {
	my ($case, @words) = @_;
	return 'it expects nothing by RFC 7489' if !@words;
	return 'the library knows no such result'
	    if grep { /^dmarc=(temperror|permerror)$/ } @words;
	return 'the library checks no SPF' if $case->{client};
	return 'the library reads no such From field' if !author($case);
	return;
}

sub evaluate {
	my ($case) = @_;
	my $dmarc = Played->new;
	$dmarc->{suffixes} = { map { $_ => 1 } split ' ', $case->{psl} };
	$dmarc->set_resolver(Zone->new(@{ $case->{zone} || [] }));
	$dmarc->source_ip('192.0.2.7');
	$dmarc->{header_from} = lc author($case);
	my ($spf, $domain) = split ' ', $case->{spf} || 'none sender.test';
	$dmarc->spf([{ scope => 'mfrom', domain => $domain, result => $spf }]);
	my @signatures = map {
		my ($result, $d) = split ' ';
		{ domain => $d, selector => 'case', result => $result };
	} @{ $case->{dkim} || [] };
	$dmarc->dkim(\@signatures) if @signatures;
	$draw = $case->{draw};
	$dmarc->validate;
	return $dmarc;
}

# What the library says of a word's key; undef: the case itself gave it.
sub got {
	my ($dmarc, $key, $want) = @_;
	my $result = $dmarc->result;
	if ($key eq 'dmarc') {
		return 'pass' if $result->result eq 'pass';
		return $dmarc->{has_policy} ? 'fail' : 'none';
	}
	if ($key eq 'policy-domain') {
		return $dmarc->{has_policy} ? $result->published->domain : 'none';
	}
	return lc $result->disposition if $key eq 'policy';
	if ($key eq 'reason') {
		my @types = map { $_->type } @{ $result->reason || [] };
		return grep({ $_ eq $want } @types) ? $want : $types[0] || 'none';
	}
	return;
}

sub play {
	my ($case, @words) = @_;
	local $SIG{__WARN__} = sub { };
	my $dmarc = eval { evaluate($case) };
	return 'the library died: ' . (split /\n/, $@)[0] if !$dmarc;
	for my $word (@words) {
		my ($key, $want) = split /=/, $word, 2;
		my $got = eval { got($dmarc, $key, $want) };
		return "expected $word, got $got"
		    if defined $got && $got ne $want;
	}
	return;
}

my @files = @ARGV ? @ARGV : sort glob dirname($0) . '/*.case';
my %count = (same => 0, other => 0, 'not-applicable' => 0);
for my $file (@files) {
	my $case = read_case($file);
	my @words = expected($case);
	my $why = why_not($case, @words);
	my $verdict = defined $why ? 'not-applicable' : 'same';
	if (!defined $why) {
		$why = play($case, @words);
		$verdict = 'other' if defined $why;
	}
	$count{$verdict}++;
	print "$verdict $file" . (defined $why ? ": $why" : '') . "\n";
}
print "$count{same} same, $count{other} other, " .
    "$count{'not-applicable'} not applicable\n";
