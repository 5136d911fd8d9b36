# The roles of docs/security.md, made by the statements that stand there: each can do its part, and nothing more; where a superuser has
# installed the extension, and where the owner of the database has.
use strict;
use warnings;

use FindBin;
use PostgreSQL::Test::Utils;
use Test::More;

use Crm qw(start_server statement error_of warnings_of is_exact is_log_clean);

my $node = start_server('roles');
my $superuser = $node->safe_psql('postgres', 'SELECT current_user');
$node->safe_psql('postgres', "CREATE ROLE $_") for qw(installer app revops rival editor editors_member reader writer);
$node->safe_psql('postgres', 'GRANT editor TO editors_member');

# The statements that the document has for somebody, by their first lines.
my %granted;
my $document = slurp_file("$FindBin::Bin/../../docs/security.md");
push @{ $granted{$1} }, $2 while $document =~ /^```sql\n-- ([^:\n]+): [^\n]*\n(.*?)^```$/msg;
is(join('|', sort keys %granted), 'The owner of the model|The owner of the tables|Who has installed it', 'the document has its examples');

my $db;

sub does {
    my ($role, $sql, $expected, $name) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $done = statement($node, $db, $sql, role => $role);
    return is($done->{out}, $expected, $name // "$role: $sql") || diag($done->{err});
}

sub may {
    my ($role, @statements) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    is(error_of($node, $db, $_, role => $role)->{text}, '', "$role may: $_") for @statements;
    return;
}

sub may_not {
    my ($role, @statements) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    for my $sql (@statements) {
        my $error = error_of($node, $db, $sql, role => $role);
        # What row security hides, is not there.
        like($error->{code} . $error->{message}, qr/^42(?:501|704model "b2\w" does not exist$)/, "$role may not: $sql") or diag($error->{text});
    }
    return;
}

sub setup {
    my ($installer) = @_;
    $node->safe_psql('postgres', 'DROP DATABASE IF EXISTS sales');
    $node->safe_psql('postgres', 'CREATE DATABASE sales OWNER installer');
    may($installer, 'CREATE EXTENSION leadscore');
    $node->safe_psql('sales', 'GRANT CREATE ON DATABASE sales TO app');
    may('app', <<'SQL');
CREATE SCHEMA crm;
CREATE TABLE crm.leads (id bigint PRIMARY KEY, country text, region text);
CREATE TABLE crm.events (lead_id bigint, type text, at timestamptz NOT NULL DEFAULT now());
CREATE INDEX ON crm.events (lead_id, at);
INSERT INTO crm.leads VALUES (1, 'FR', 'west'), (2, 'BE', 'north'), (3, NULL, 'west')
SQL
    may($installer, $granted{'Who has installed it'}[0]);
    may($installer, $granted{'Who has installed it'}[0] =~ s/\brevops\b/rival/gr);
    may('app', $granted{'The owner of the tables'}[0]);
    may('app', $granted{'The owner of the tables'}[0] =~ s/\brevops\b/rival/gr);
    return;
}

sub model_owner {
    may('revops', <<'SQL');
SELECT leadscore.create_model('b2b', 'crm.leads');
SELECT leadscore.add_events('b2b', 'crm.events', 'lead_id', 'at', 'type');
INSERT INTO leadscore.dimension (model, path) VALUES ('b2b', 'fit');
INSERT INTO leadscore.rule (model, name, dimension, event, condition, points)
VALUES ('b2b', 'france', 'fit', NULL, '$.country == "FR"', 100), ('b2b', 'click', 'score', 'click', NULL, 10);
INSERT INTO leadscore.tier (model, name, position, minimums) VALUES ('b2b', 'cold', 1, '{}'), ('b2b', 'hot', 2, '{"score": 50}');
SELECT leadscore.publish('b2b')
SQL
    may('revops', "SELECT leadscore.$_('b2b')") for qw(publish rebuild refresh export_model);
    does('revops', 'SELECT count(*) FROM b2b.scores', '3');
    does('revops', q{SELECT points FROM leadscore.explain('b2b', 1) LIMIT 1}, '100');
    does('revops', q{SELECT leadscore.rollup('b2b', 'countries', 'country'); SELECT count(*) FROM b2b.countries}, "\n2");
    may_not('revops', 'INSERT INTO crm.leads VALUES (9)', 'DROP TABLE crm.events', 'CREATE TABLE leadscore.x ()',
        'UPDATE leadscore.template_document SET document = document', 'ALTER TABLE leadscore.rule DISABLE TRIGGER ALL',
        'ALTER TABLE leadscore.rule DISABLE ROW LEVEL SECURITY', 'TRUNCATE leadscore.rule');
    may('revops', q{SELECT leadscore.create_model('gone', 'crm.leads'); INSERT INTO leadscore.rule (model, name, points) VALUES ('gone', 'x', 1);
        DROP SCHEMA gone CASCADE}, q{SELECT leadscore.drop_model('gone')});
    may('rival', q{SELECT leadscore.create_model('b2c', 'crm.leads'); INSERT INTO leadscore.rule (model, name, points) VALUES ('b2c', 'x', 1);
        SELECT leadscore.publish('b2c')});
    may_not('rival', q{INSERT INTO leadscore.rule (model, name, points) VALUES ('b2b', 'x', 1)},
        q{UPDATE leadscore.rule SET model = 'b2b'}, q{INSERT INTO leadscore.editor VALUES ('b2b', 'rival')}, 'SELECT * FROM b2b.scores');
    return;
}

sub rule_editor {
    my ($installer) = @_;
    may($installer, $granted{'Who has installed it'}[1]);
    may_not('editor', q{UPDATE leadscore.rule SET points = 20 WHERE name = 'click' RETURNING 1}) if $installer ne $superuser;
    does('editor', 'SELECT count(*) FROM leadscore.rule', '0', 'sees no rules before it is an editor') if $installer eq $superuser;
    may('revops', $granted{'The owner of the model'}[0]);
    for my $role ('editor', 'editors_member') {
        does($role, q{UPDATE leadscore.rule SET points = 20 WHERE model = 'b2b' AND name = 'click' RETURNING points}, '20');
        may($role, q{INSERT INTO leadscore.rule (model, name, points) VALUES ('b2b', 'new', 1); DELETE FROM leadscore.rule WHERE name = 'new';
            INSERT INTO leadscore.dimension (model, path) VALUES ('b2b', 'x'); DELETE FROM leadscore.dimension WHERE path = 'x';
            INSERT INTO leadscore.grade (model, name, minimum) VALUES ('b2b', 'A', 1); DELETE FROM leadscore.grade;
            UPDATE leadscore.tier SET minimums = '{"score": 40}' WHERE model = 'b2b' AND name = 'hot'});
        does($role, q{SELECT item FROM leadscore.draft_faults('b2b')}, '');
        may_not($role, q{INSERT INTO leadscore.rule (model, name, points) VALUES ('b2c', 'other', 1)},
            q{UPDATE leadscore.rule SET model = 'b2c' WHERE model = 'b2b'}, q{SELECT leadscore.publish('b2b')},
            q{SELECT leadscore.rebuild('b2b')}, q{SELECT leadscore.drop_model('b2b')}, q{UPDATE leadscore.model SET params = '{}'},
            q{INSERT INTO leadscore.version (model, version, config) VALUES ('b2b', 9, '{}')}, q{INSERT INTO leadscore.editor VALUES ('b2b', 'app')},
            'DELETE FROM leadscore.event_source', 'SELECT * FROM b2b.scores', 'SELECT * FROM crm.leads', q{SELECT leadscore.score('b2b', 1)});
        does($role, 'SELECT string_agg(DISTINCT model, \' \') FROM leadscore.rule', $installer eq $superuser ? 'b2b' : 'b2b b2c',
            'sees the rules of ' . ($installer eq $superuser ? 'its models alone' : 'all models'));
    }
    may('revops', q{SELECT leadscore.publish('b2b'); DELETE FROM leadscore.editor});
    my $error = error_of($node, $db, q{INSERT INTO leadscore.rule (model, name, points) VALUES ('b2b', 'late', 1)}, role => 'editor');
    is($error->{code}, '42501', 'one that is no editor any more edits no more') or diag($error->{text});
    return;
}

sub event_writer {
    may('app', $granted{'The owner of the tables'}[1]);
    may('writer', q{INSERT INTO crm.events (lead_id, type) VALUES (1, 'click'), (2, 'click')});
    does('revops', 'SELECT score FROM b2b.scores WHERE id = 1', '120', 'what is written counts');
    may_not('writer', 'SELECT * FROM crm.events', 'SELECT * FROM crm.leads', 'SELECT * FROM b2b.scores', 'SELECT * FROM leadscore.rule',
        q{SELECT leadscore.score('b2b', 1)}, 'DELETE FROM crm.events', 'INSERT INTO b2b.pending SELECT 1', 'SELECT * FROM b2b.state');
    return;
}

sub score_reader {
    my ($installer) = @_;
    may($installer, $granted{'Who has installed it'}[2]);
    may('revops', $granted{'The owner of the model'}[1]);
    does('reader', 'SELECT id, score, tier FROM b2b.scores ORDER BY id', "1|120|hot\n2|20|cold\n3|0|cold");
    does('reader', q{SELECT lead FROM leadscore.top('b2b', 1)}, '1');
    may('reader', 'SELECT * FROM b2b.tier_changes', q{SELECT leadscore.breakdown(state) FROM b2b.state});
    may_not('reader', 'SELECT * FROM leadscore.rule', 'SELECT * FROM leadscore.version', 'SELECT * FROM crm.leads', 'SELECT * FROM crm.events',
        q{SELECT leadscore.explain('b2b', 1)}, q{SELECT leadscore.score('b2b', 1)}, q{SELECT leadscore.adjust('b2b', 1, 'score', 1, 'x')},
        q{SELECT leadscore.refresh('b2b')}, q{SELECT leadscore.publish('b2b')}, 'DELETE FROM b2b.state', 'UPDATE b2b.tier_changes SET score = 0',
        q{INSERT INTO crm.events (lead_id, type) VALUES (1, 'click')}, 'SELECT * FROM b2b.adjustment', 'SELECT * FROM b2b.countries');
    return;
}

sub row_security {
    may('writer', q{INSERT INTO crm.events (lead_id, type) VALUES (2, 'click'), (3, 'click'), (3, 'click')});
    # Of scores: who reads the west sees no other leads.
    may('revops', 'ALTER TABLE b2b.state ENABLE ROW LEVEL SECURITY; ALTER TABLE b2b.tier_changes ENABLE ROW LEVEL SECURITY;
        CREATE POLICY west ON b2b.state FOR SELECT TO reader USING (lead IN (1, 3)); CREATE POLICY west ON b2b.tier_changes TO reader USING (lead = 3)');
    does('reader', 'SELECT id FROM b2b.scores ORDER BY id', "1\n3", 'policies on the states limit the view');
    does('reader', q{SELECT string_agg(lead, ' ' ORDER BY lead) FROM leadscore.top('b2b', 10)}, '1 3', 'and the highest');
    does('reader', 'SELECT DISTINCT lead FROM b2b.tier_changes', '3', 'and those on the changes of tiers these');
    # Of leads and events: an asker gets an answer from what is seen; live scores are whole, or are refused.
    may('app', 'GRANT SELECT ON crm.leads, crm.events TO reader; GRANT USAGE ON SCHEMA crm TO reader');
    may('revops', 'GRANT SELECT ON b2b.adjustment TO reader');
    does('reader', q{SELECT leadscore.score('b2b', 1), leadscore.score('b2b', 2)}, '120|40', 'without row security all is read');
    may('app', q{ALTER TABLE crm.events ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON crm.events TO reader USING (lead_id <> 1);
        CREATE POLICY own ON crm.leads TO reader USING (region = 'west'); CREATE POLICY few ON crm.events TO writer WITH CHECK (lead_id < 3)});
    does('reader', q{SELECT leadscore.score('b2b', 1), leadscore.score('b2b', 2)}, '100|40', 'events that are not seen do not count for who asks');
    may('app', 'ALTER TABLE crm.leads ENABLE ROW LEVEL SECURITY');
    does('reader', q{SELECT leadscore.score('b2b', 1), leadscore.score('b2b', 2)}, '100|', 'leads that are not seen have no score for who asks');
    may('writer', q{INSERT INTO crm.events (lead_id, type) VALUES (1, 'click')});
    may_not('writer', q{INSERT INTO crm.events (lead_id, type) VALUES (3, 'click')});
    does('revops', 'SELECT score FROM b2b.scores WHERE id = 1', '140', 'live scores count what is added');
    is(error_of($node, $db, q{SELECT leadscore.publish('b2b')}, role => 'revops')->{code}, '42P17', 'the model is not published any more');
    like(error_of($node, $db, q{SELECT leadscore.rebuild('b2b')}, role => 'revops')->{message}, qr/row-level security/, 'nor scored anew');
    $node->safe_psql($db, 'GRANT app TO revops');
    may('revops', q{SELECT leadscore.publish('b2b')}, q{SELECT leadscore.rebuild('b2b')});
    does('revops', 'SELECT score FROM b2b.scores WHERE id = 1', '140', q{who has the rights of the tables' owner scores all of them});
    is_exact($node, $db, 'b2b', 'the model');
    $node->safe_psql($db, 'REVOKE app FROM revops');
    return;
}

for my $installer ($superuser, 'installer') {
    $db = 'postgres';
    subtest 'installed by ' . ($installer eq $superuser ? 'a superuser' : 'the owner of the database') => sub {
        $db = 'sales';
        subtest 'installing, and tables' => sub { setup($installer) };
        subtest 'model owner' => \&model_owner;
        subtest 'rule editor' => sub { rule_editor($installer) };
        subtest 'event writer' => \&event_writer;
        subtest 'score reader' => sub { score_reader($installer) };
        subtest 'row security on leads, events and scores' => \&row_security;
    };
}

is_log_clean($node);

$node->stop;
done_testing();
