# Every example of every page of the manual runs, page by page and in order, and shows what the page shows.
use strict;
use warnings;

use FindBin;
use PostgreSQL::Test::Utils;
use Test::More;

use Crm qw(start_server);
use Examples qw(examples_in shows_what_it_says);

# The tables that a page takes for granted: those of a team that comes from the system that the page is about.
my %tables = (
    reference => <<'SQL',
        CREATE TABLE crm.leads (id bigint PRIMARY KEY);
        INSERT INTO crm.leads VALUES (42);
        SELECT leadscore.create_model('b2b', 'crm.leads');
        INSERT INTO leadscore.dimension (model, path) VALUES ('b2b', 'engagement');
        INSERT INTO leadscore.rule (model, name, points) VALUES ('b2b', 'there', 1);
        INSERT INTO leadscore.tier (model, name, position, minimums) VALUES ('b2b', 'hot', 1, '{"score": 60}');
        SELECT leadscore.publish('b2b');
SQL
    'templates/README' => <<'SQL',
        CREATE TABLE crm.leads (id bigint PRIMARY KEY, email text, title text, answers jsonb);
        CREATE TABLE crm.events (lead_id bigint, at timestamptz, type text);
SQL
    'templates/b2b_demographic_behavioural_negative' => <<'SQL',
        CREATE TABLE crm.leads (id bigint PRIMARY KEY, email text, job_title text, industry text, employees integer, country text,
            created_at timestamptz);
        CREATE TABLE crm.events (lead_id bigint, at timestamptz, type text, props jsonb);
SQL
    'templates/bant' => 'CREATE TABLE crm.leads (id bigint PRIMARY KEY, budget numeric, job_title text, answers jsonb)',
    'templates/brevo' => <<'SQL',
        CREATE TABLE crm.contact (id bigint PRIMARY KEY, email text);
        CREATE TABLE crm.contact_event (contact_id bigint, date timestamptz, event text);
SQL
    'templates/dynamics' => <<'SQL',
        CREATE TABLE crm.leads (id uuid PRIMARY KEY, address1_country text, jobtitle text, numberofemployees integer);
        CREATE TABLE crm.interactions (lead_id uuid, at timestamptz, type text);
SQL
    'templates/eloqua' => <<'SQL',
        CREATE TABLE crm.contact (id bigint PRIMARY KEY, title text, industry text, annual_revenue numeric, current_solution text);
        CREATE TABLE crm.activity (contact_id bigint, activity_date timestamptz, activity_type text, details jsonb);
SQL
    'templates/hubspot' => <<'SQL',
        CREATE TABLE crm.contact (id bigint PRIMARY KEY, property_email text, property_jobtitle text, property_country text,
            property_annualrevenue numeric);
        CREATE TABLE crm.contact_event (contact_id bigint, created timestamptz, type text);
SQL
    'templates/leadlovers' => <<'SQL',
        CREATE TABLE crm.leads (id bigint PRIMARY KEY, email text);
        CREATE TABLE crm.eventos (lead_id bigint, em timestamptz, evento text);
SQL
    'templates/marketo' => <<'SQL',
        CREATE TABLE crm.person (id bigint PRIMARY KEY, created_at timestamptz, title text, lead_source text);
        CREATE TABLE crm.person_activity (lead_id bigint, activity_date timestamptz, activity text, primary_attribute_value text);
SQL
    'templates/mautic' => <<'SQL',
        CREATE TABLE crm.leads (id bigint PRIMARY KEY);
        CREATE TABLE crm.actions (lead_id bigint, date_added timestamptz, type text, url text);
SQL
    'templates/pardot' => <<'SQL',
        CREATE TABLE crm.prospect (id bigint PRIMARY KEY, employees integer, industry text, country text, job_title text);
        CREATE TABLE crm.visitor_activity (prospect_id bigint, created_at timestamptz, kind text);
SQL
    'templates/rd_station' => <<'SQL',
        CREATE TABLE crm.leads (id bigint PRIMARY KEY, email text, cargo text, segmento text, funcionarios integer);
        CREATE TABLE crm.conversoes (lead_id bigint, em timestamptz, evento text);
SQL
    'templates/starter' => <<'SQL',
        CREATE TABLE crm.leads (id bigint PRIMARY KEY, email text, job_title text, industry text, employees integer);
        CREATE TABLE crm.events (lead_id bigint, at timestamptz, type text);
SQL
    'templates/webmecanik' => <<'SQL',
        CREATE TABLE crm.contact (id bigint PRIMARY KEY, company_size text);
        CREATE TABLE crm.event (contact_id bigint, at timestamptz, kind text, url text);
SQL
);

my $node = start_server('pages');
my $docs = "$FindBin::Bin/../../docs";
my @pages = map { s{^\Q$docs\E/}{}r =~ s/\.md\z//r } glob("$docs/*.md $docs/*/*.md");
# Two have figures, not examples; roles.pl runs those of a third.
foreach my $page (grep { !/\A(?:reliability|performance|security)\z/ } @pages) {
    subtest $page => sub {
        my $database = $page =~ s{/}{ }r;
        my @examples = examples_in(slurp_file("$docs/$page.md"));
        cmp_ok(scalar @examples, '>', 0, 'the page has examples');
        $node->safe_psql('postgres', qq{CREATE DATABASE "$database"});
        $node->safe_psql($database, "CREATE EXTENSION leadscore; CREATE SCHEMA crm; $tables{$page}") if $tables{$page};
        shows_what_it_says($node->connstr($database), $_) foreach @examples;
    };
}

# Each template has its page, and each page its template.
my @templates = split /\n/, $node->safe_psql('reference', 'SELECT name FROM leadscore.templates() ORDER BY name COLLATE "C"');
is_deeply([ sort map { m{^templates/(?!README)(.*)} ? $1 : () } @pages ], \@templates, 'each template has a page');
foreach my $name (@templates) {
    my $page = slurp_file("$docs/templates/$name.md");
    my $model = $page =~ /import_model\('(\w+)'/ ? $1 : '';
    is($node->safe_psql("templates $name", "SELECT count(*) FROM $model.scores"), '0', "$name: its page publishes it");
    like($page, qr/^## $_$/m, "$name: its page has a section $_") foreach 'Numbers', $name eq 'starter' ? () : 'What differs';
    like(slurp_file("$docs/templates/README.md"), qr/\[`\Q$name\E`\]\(\Q$name\E\.md\)/, "$name: it is in the list");
}

# A model goes from one database to another as that page says.
subtest 'from production to staging' => sub {
    my ($commands) = slurp_file("$docs/templates/README.md") =~ /^```sh\n(.*?)^```$/ms;
    foreach my $database ('production', 'staging') {
        $node->safe_psql('postgres', "CREATE DATABASE $database");
        $node->safe_psql($database, "CREATE EXTENSION leadscore; CREATE SCHEMA crm; CREATE TABLE crm.leads (id bigint PRIMARY KEY)");
    }
    $node->safe_psql('production', <<'SQL');
SELECT leadscore.create_model('b2b', 'crm.leads', params => '{"quotes": "it''s \"so\""}');
INSERT INTO leadscore.rule (model, name, condition, points) VALUES ('b2b', 'it''s', '$.id > 0 && $quotes == "it''s \"so\""', 5);
SQL
    local $ENV{PGHOST} = $node->host;
    local $ENV{PGPORT} = $node->port;
    my $folder = PostgreSQL::Test::Utils::tempdir();
    is(system_log('bash', '-ec', "cd '$folder'; $commands"), 0, 'the commands run');
    is($node->safe_psql('staging', "SELECT leadscore.publish('b2b'); INSERT INTO crm.leads VALUES (1); SELECT score FROM b2b.scores"),
        "1\n5", 'and the model scores');
};

$node->stop;
done_testing();
