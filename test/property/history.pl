# Random histories of what teams do to their tables: after any of them, live scores are what a recompute and an oracle in plain SQL
# give.
#
# LEADSCORE_HISTORIES: how many; LEADSCORE_STEPS: how long; LEADSCORE_SEED: the first one's seed, the next has the next number.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

use History;
use Replay;
use Scene;

my $histories = $ENV{LEADSCORE_HISTORIES} // 10;
my $steps = $ENV{LEADSCORE_STEPS} // 120;
my $seed = Scene::first_seed();
my $node = Scene::cluster('histories');
my $replay = Replay->new($node);

# Tells how to see the failure again, with as few steps as it takes.
sub explain_failure {
    my ($history, $failure) = @_;
    my @left = $replay->shrunk($history, $failure, $ENV{LEADSCORE_SHRINK_SECONDS} // 60);
    my $script = sub { return join('', map { /\\\.\z|^\\/ ? "$_\n" : "$_;\n" } @_) };
    my $setup = $script->(@{ $history->{setup} });
    my $text = join('', map { ("-- step $_->{number}\n", $script->(grep { !/^check / } @{ $_->{sql} })) } @left);
    my $what = "-- step $failure->{number}: $failure->{what}\n";
    my $file = "$PostgreSQL::Test::Utils::log_path/history_$history->{seed}.sql";
    append_to_file($file, $setup . $text . $what);

    my $of_oracle = qr/(?:CREATE (?:OR REPLACE )?FUNCTION oracle\..*?\$|(?:CREATE TABLE|DELETE FROM|INSERT INTO) oracle\..*?);\n/s;
    my ($brief_setup, $brief_text) = map { s/^$of_oracle//gmr } $setup, $text;
    diag("The scene, and the steps without which all is well (and with the oracle in $file):\n$brief_setup$brief_text$what"
        . "Again: LEADSCORE_SEED=$history->{seed} LEADSCORE_HISTORIES=1 LEADSCORE_STEPS=$steps");
}

note("LEADSCORE_SEED=$seed");
my $start = time;
foreach my $number ($seed .. $seed + $histories - 1) {
    my $history = History->random($number, $steps);
    my $failure = $replay->failure($history, $history->{steps});
    ok(!$failure, 'history of ' . $history->about) or explain_failure($history, $failure);
}
note(sprintf('%d statements, %d checks in %.0f s', $replay->{statements}, scalar @{ $replay->{checks} }, time - $start));

$node->stop;
done_testing();
