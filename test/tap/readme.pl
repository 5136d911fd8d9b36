# Every example of the README runs, in order, and shows what the README shows.
use strict;
use warnings;

use FindBin;
use PostgreSQL::Test::Utils;
use Test::More;

use Crm qw(start_server);
use Examples qw(examples_in shows_what_it_says);

my $node = start_server('readme');
my @examples = examples_in(slurp_file("$FindBin::Bin/../../README.md"));
cmp_ok(scalar @examples, '>=', 12, 'the README has its examples');

# Whom the section on installing gives rights.
$node->safe_psql('postgres', 'CREATE ROLE revops; CREATE ROLE dashboard');
shows_what_it_says($node->connstr('postgres'), $_) for @examples;
is($node->safe_psql('postgres', 'SET ROLE dashboard; SELECT count(*) FROM b2b.scores'), '2', 'a reader of scores needs no more');

$node->stop;
done_testing();
