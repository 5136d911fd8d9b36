# Every example of the README runs, in order, and shows what the README shows.
use strict;
use warnings;

use FindBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Examples qw(examples_in run_example shows_what_it_says);

my $readme = slurp_file("$FindBin::Bin/../../README.md");

# The examples of the section of that title.
sub examples_of {
    my ($title) = @_;
    my ($section) = $readme =~ /^## \Q$title\E\n(.*?)^## /ms or die "README.md has no section $title";
    return examples_in($section);
}

my $node = PostgreSQL::Test::Cluster->new('readme');
$node->init;
$node->start;

my @tour = examples_of('Five minutes');
cmp_ok(scalar @tour, '>=', 8, 'the tour has its examples');
shows_what_it_says($node->connstr('postgres'), $_) for @tour;

# The rights that the section on installing hands out.
$node->safe_psql('postgres', 'CREATE ROLE revops; CREATE ROLE dashboard');
for my $example (examples_of('Install on your own server')) {
    my ($out, $err) = run_example($node->connstr('postgres'), $example->{sql});
    is($err, '', 'the grants of the README can be given');
}
is($node->safe_psql('postgres', 'SET ROLE dashboard; SELECT count(*) FROM b2b.scores'), '2', 'a reader of scores needs no more');

$node->stop;
done_testing();
