# NOTIFY leadscore: a JSON object for every change of tier, whatever its cause, and for nothing else.
use strict;
use warnings;

use JSON::PP;
use PostgreSQL::Test::Utils;
use Test::More;

use Crm qw(start_server create_crm statement error_of is_exact connection);

my $node = start_server('notify');
my $db = 'postgres';
my $json = JSON::PP->new->utf8->allow_nonref;

sub run_sql { return $node->safe_psql($db, $_[0]) }

create_crm($node, $db, draft => q{INSERT INTO leadscore.rule (model, name, event, points, decay, period) VALUES ('m', 'trial',
    'trial', 50, 'window', '1 hour')});
my $listener = connection($node, $db);
$listener->query_safe('LISTEN leadscore');

# What was sent since the last call, decoded. The queue keeps order, so all came before a notification of our own.
my $ends = 0;
my $total = 0;
sub sent {
    my $end = 'end ' . ++$ends;
    my $text = $listener->query("NOTIFY leadscore, '$end'");
    for (1 .. 100) {
        last if $text =~ /payload "$end"/;
        $text .= $listener->query('SELECT 1');
    }
    my @payloads = grep { !/^end \d+$/ } $text =~ /notification "leadscore" with payload "(.*)" received/g;
    $total += @payloads;
    return map { $json->decode($_) } @payloads;
}

# Tests what is sent when $sql runs: for each expected change { lead, from, to, score, cause }.
sub sends {
    my ($sql, $expected, $name, %about) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    $sql = [$sql] unless ref $sql;
    run_sql($_) for @$sql;
    my @sent = sent();
    my $model = $about{model} // 'm';
    my $version = run_sql("SELECT max(version) FROM leadscore.version WHERE model = '$model'");
    for (@sent) {
        like($_->{at}, qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?[+-]\d\d/, "$name: a time with its zone");
        is(join(' ', sort keys %$_), 'at cause from lead model score to version', "$name: the keys");
        is(delete $_->{model}, $model, "$name: the model");
        is(delete $_->{version}, $version, "$name: the version");
        delete $_->{at};
    }
    return is_deeply([ sort { $a->{lead} cmp $b->{lead} } @sent ], $expected, $name) || diag(explain(\@sent));
}

sub change {
    my %change;
    @change{qw(lead from to score cause)} = @_;
    return \%change;
}

is(scalar(sent()), 0, 'the first publish is silent');
sends(q{INSERT INTO crm.events (lead, kind) VALUES (2, 'click'), (2, 'click')}, [ change(2, 'cold', 'hot', 20, 'event') ],
    'events');
sends(q{INSERT INTO crm.events (lead, kind) VALUES (2, 'click')}, [], 'events that change no tier');
sends(q{DELETE FROM crm.events WHERE lead = 2}, [ change(2, 'hot', 'cold', 0, 'event') ], 'deleted events');
sends(q{UPDATE crm.leads SET country = 'FR' WHERE id = 2}, [ change(2, 'cold', 'hot', 100, 'lead') ], 'a changed lead');
sends(q{INSERT INTO crm.leads VALUES (7, 'FR')}, [ change(7, undef, 'hot', 100, 'lead') ], 'a new lead');
sends(q{DELETE FROM crm.leads WHERE id = 7}, [ change(7, 'hot', undef, undef, 'lead') ], 'a deleted lead');
sends(
    [ q{INSERT INTO crm.events (lead, kind, at) VALUES (3, 'trial', clock_timestamp() - interval '1 hour' + interval '1 second')} ],
    [ change(3, 'cold', 'hot', 50, 'event') ], 'an event that is about to fade');
sends('SELECT pg_sleep(1.1)', [], 'time alone sends nothing');
sends(q{SELECT leadscore.refresh('m')}, [ change(3, 'hot', 'cold', 0, 'time') ], 'refresh');
sends(q{SELECT leadscore.refresh('m')}, [], 'refresh once more');
sends(q{SELECT leadscore.adjust('m', 3, 'score', 30, 'x')}, [ change(3, 'cold', 'hot', 30, 'adjustment') ], 'an adjustment');
sends(q{SELECT leadscore.revoke('m', max(id)) FROM m.adjustment}, [ change(3, 'hot', 'cold', 0, 'adjustment') ], 'one taken back');
sends(
    [ q{UPDATE leadscore.rule SET points = 15 WHERE name = 'france'}, q{SELECT leadscore.publish('m')} ],
    [ change(1, 'hot', 'cold', 15, 'publish'), change(2, 'hot', 'cold', 15, 'publish') ], 'publish');
sends(
    [ q{ALTER TABLE crm.leads DISABLE TRIGGER USER; UPDATE crm.leads SET country = 'BE' WHERE id = 1;
        ALTER TABLE crm.leads ENABLE TRIGGER USER},
        q{ALTER TABLE crm.events DISABLE TRIGGER USER; INSERT INTO crm.events (lead, kind) VALUES (1, 'click'), (1, 'click');
          ALTER TABLE crm.events ENABLE TRIGGER USER} ],
    [], 'what triggers cannot see');
sends(q{SELECT leadscore.rebuild('m')}, [ change(1, 'cold', 'hot', 20, 'rebuild') ], 'rebuild');
is_exact($node, $db, 'm', 'scores are live');

sends(q{BEGIN; INSERT INTO crm.events (lead, kind) VALUES (3, 'click'), (3, 'click'); ROLLBACK}, [], 'what is rolled back');
sends(
    q{BEGIN; SAVEPOINT s; INSERT INTO crm.events (lead, kind) VALUES (3, 'click'), (3, 'click'); ROLLBACK TO s;
      INSERT INTO crm.events (lead, kind) VALUES (2, 'click'); COMMIT},
    [ change(2, 'cold', 'hot', 25, 'event') ], 'what is rolled back to a savepoint');
sends(
    q{BEGIN; INSERT INTO crm.events (lead, kind) VALUES (3, 'click'), (3, 'click'); DELETE FROM crm.events WHERE lead = 3; COMMIT},
    [ change(3, 'cold', 'hot', 20, 'event'), change(3, 'hot', 'cold', 0, 'event') ], 'there and back');
run_sql(q{INSERT INTO crm.leads SELECT l, 'BE' FROM generate_series(1000, 1999) AS l});
is(scalar(() = sent()), 1000, 'a thousand leads at once');
run_sql(q{INSERT INTO crm.events (lead, kind) SELECT l, 'click' FROM generate_series(1000, 1999) AS l, generate_series(1, 2)});
is(join(',', map { $_->{lead} } sort { $a->{lead} <=> $b->{lead} } sent()), join(',', 1000 .. 1999), 'and their events');

is(run_sql('SELECT count(*) FROM m.tier_changes'), $total, 'as many as are recorded');

subtest 'a model that does not notify' => sub {
    create_crm($node, $db, model => 'quiet', arguments => 'notify => false');
    sends(q{INSERT INTO crm.events (lead, kind) VALUES (4, 'click')}, [], 'nothing is sent');
    run_sql(q{UPDATE leadscore.model SET notify = false WHERE name = 'm'});
    sends(q{INSERT INTO crm.events (lead, kind) VALUES (3, 'click'), (3, 'click')}, [ change(3, 'cold', 'hot', 20, 'event') ],
        'the draft does not count');
    run_sql(q{SELECT leadscore.publish('m')});
    sends(q{DELETE FROM crm.events WHERE lead = 3}, [], 'once published it does');
    cmp_ok(run_sql(q{SELECT count(*) FROM quiet.tier_changes}), '>=', 2, 'they are recorded all the same');
    run_sql(q{UPDATE leadscore.model SET notify = true WHERE name = 'quiet'; SELECT leadscore.publish('quiet')});
    sends(q{INSERT INTO crm.events (lead, kind) VALUES (3, 'click'), (3, 'click')}, [ change(3, 'cold', 'hot', 20, 'event') ],
        'and on', model => 'quiet');
};

subtest 'a payload has 8000 bytes at most' => sub {
    run_sql(<<'SQL');
SELECT leadscore.drop_model('m'); SELECT leadscore.drop_model('quiet');
CREATE TABLE crm.people (email text PRIMARY KEY, country text);
SELECT leadscore.create_model('people', 'crm.people');
INSERT INTO leadscore.rule (model, name, condition, points) VALUES ('people', 'france', '$.country == "FR"', 100);
INSERT INTO leadscore.tier (model, name, position, minimums) VALUES ('people', 'cold "1"', 1, '{}'), ('people', E'hot\n\\', 2,
    '{"score": 20}');
SELECT leadscore.publish('people');
SQL
    my %keys = (
        'a quoted key' => q{E'o"reilly\\\\\n\u00e9@x.fr'}, 'a long key' => q{repeat('a', 2000)},
            'a longer key' => q{repeat('b', 4000)},
        'a very long key' => q{repeat('c', 100000)}, 'many quotes' => q{repeat('"', 3999)}, 'many bytes' => q{repeat('é', 3000)},
        'many control characters' => q{repeat(chr(1), 3000)});
    for my $name (sort keys %keys) {
        my $done = statement($node, $db, "INSERT INTO crm.people VALUES ($keys{$name}, 'FR')");
        ok(!$done->{failed}, "$name: the team's statement does not fail") or diag($done->{err});
        my @sent = sent();
        is(scalar(@sent), 1, "$name: one payload");
        is($sent[0]{to}, "hot\n\\", "$name: it can be read");
        my $key = $json->decode(run_sql("SELECT to_jsonb(($keys{$name})::text)"));
        ok(!defined $sent[0]{lead} || $sent[0]{lead} eq $key, "$name: the lead, or none if it is too long");
    }
    ok(!statement($node, $db, 'DELETE FROM crm.people')->{failed}, 'and they can go');
    run_sql(<<'SQL');
SELECT leadscore.drop_model('people'); DELETE FROM crm.people;
SELECT leadscore.create_model('people', 'crm.people');
INSERT INTO leadscore.rule (model, name, condition, points) VALUES ('people', 'france', '$.country == "FR"', 100);
SQL
    my $tier = 'INSERT INTO leadscore.tier (model, name, position, minimums) VALUES';
    is(error_of($node, $db, "$tier ('people', repeat('x', 201), 1, '{}')")->{code}, '23514', 'names of tiers are not too long');
    run_sql("$tier ('people', repeat(chr(1), 200), 1, '{}'), ('people', repeat('\"', 200), 2,
        '{\"score\": 20}'); SELECT leadscore.publish('people')");
    sent();
    my $done = statement($node, $db, q{INSERT INTO crm.people VALUES (repeat('"', 2000),
        'BE'); UPDATE crm.people SET country = 'FR'});
    ok(!$done->{failed}, 'with the longest names of tiers and keys the statement does not fail') or diag($done->{err});
    is(scalar(() = sent()), 2, 'and both changes are sent');
};

$listener->quit;
$node->stop;
done_testing();
