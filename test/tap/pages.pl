# Every example of the manual's pages runs, page by page and in order, and shows what the page shows.
use strict;
use warnings;

use FindBin;
use PostgreSQL::Test::Utils;
use Test::More;

use Crm qw(start_server);
use Examples qw(examples_in shows_what_it_says);

my $node = start_server('pages');
foreach my $page (qw(language history_and_accounts)) {
    subtest $page => sub {
        my @examples = examples_in(slurp_file("$FindBin::Bin/../../docs/$page.md"));
        cmp_ok(scalar @examples, '>', 10, 'the page has its examples');
        $node->safe_psql('postgres', "CREATE DATABASE $page");
        shows_what_it_says($node->connstr($page), $_) foreach @examples;
    };
}
$node->stop;
done_testing();
