# Every example of the README runs, in order, and shows what the README shows.
use strict;
use warnings;

use FindBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $readme = slurp_file("$FindBin::Bin/../../README.md");

# The section of that title: its blocks of sql, each with the text that it shows, if any.
sub examples_of {
    my ($title) = @_;
    my ($section) = $readme =~ /^## \Q$title\E\n(.*?)^## /ms or die "README.md has no section $title";
    my @examples;
    while ($section =~ /^```(sql|text)\n(.*?)^```$/msg) {
        if ($1 eq 'sql') { push @examples, { sql => $2, shows => '' } }
        else             { $examples[-1]{shows} = $2 }
    }
    return @examples;
}

my $node = PostgreSQL::Test::Cluster->new('readme');
$node->init;
$node->start;

# What psql shows to a person, without notices and the count of rows.
sub run_sql {
    my ($sql) = @_;
    my ($out, $err) = ('', '');
    my @psql = ('psql', '-XqA', '-P', 'format=aligned', '-P', 'footer=off', '-v', 'SHOW_CONTEXT=never', '-d', $node->connstr('postgres'));
    IPC::Run::run(\@psql, '<', \"SET client_min_messages = warning;\n$sql", '>', \$out, '2>', \$err);
    $out =~ s/\n+\z/\n/;
    return ($out, $err);
}

# psql numbers the line of standard input at which a statement failed.
sub without_place { my ($err) = @_; $err =~ s/^psql:<stdin>:\d+: //; return $err; }

my @tour = examples_of('Five minutes');
cmp_ok(scalar @tour, '>=', 8, 'the tour has its examples');
for my $example (@tour) {
    my ($out, $err) = run_sql($example->{sql});
    my ($title) = $example->{sql} =~ /^(.*)$/m;
    if ($example->{shows} =~ /^ERROR/) {
        is(without_place($err), $example->{shows}, "fails as shown: $title");
        next;
    }
    is($err, '', "runs without an error: $title");
    is($out, $example->{shows}, "shows what the README shows: $title") if $example->{shows};
}

# The rights that the section on installing hands out.
$node->safe_psql('postgres', 'CREATE ROLE revops; CREATE ROLE dashboard');
for my $example (examples_of('Install on your own server')) {
    my ($out, $err) = run_sql($example->{sql});
    is($err, '', 'the grants of the README can be given');
}
is($node->safe_psql('postgres', 'SET ROLE dashboard; SELECT count(*) FROM b2b.scores'), '2', 'a reader of scores needs no more');

$node->stop;
done_testing();
