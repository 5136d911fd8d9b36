# The CRM of the benchmark, its model, and who scores its events at the moment: leadscore, a peer, or nobody.
package Crm;

use strict;
use warnings;

use Session;

# %with: session, folder (of the SQL), leads, events, rules (on leads), schema, model
sub new {
    my ($class, %with) = @_;
    my $self = bless { schema => 'crm', model => 'b2b', rules => 200, %with }, $class;
    return $self;
}

sub make_tables {
    my ($self) = @_;
    $self->{session}->run_file("$self->{folder}/leads_and_events.sql",
        schema => $self->{schema}, leads => $self->{leads}, events => $self->{events});
    return;
}

sub make_model {
    my ($self) = @_;
    $self->{session}->run_file("$self->{folder}/model.sql",
        schema => $self->{schema}, model => $self->{model}, rules => $self->{rules});
    $self->{session}->run("SELECT leadscore.publish('$self->{model}'); VACUUM (ANALYZE) $self->{model}.state");
    return;
}

sub drop {
    my ($self) = @_;
    $self->{session}->run("SELECT leadscore.drop_model('$self->{model}') WHERE EXISTS
        (SELECT 1 FROM leadscore.model WHERE name = '$self->{model}')");
    return;
}

# The triggers by which leadscore follows the events. Whatever it has: that is its own affair.
sub triggers {
    my ($self) = @_;
    $self->{triggers} //= [ split /\n/, $self->{session}->run(<<"SQL") ];
SELECT quote_ident(t.tgname) FROM pg_trigger AS t JOIN pg_proc AS p ON p.oid = t.tgfoid
WHERE t.tgrelid = '$self->{schema}.events'::regclass AND NOT t.tgisinternal AND p.pronamespace = 'leadscore'::regnamespace
SQL
    return @{ $self->{triggers} };
}

# Who scores events from now on: 'bare' (nobody), 'leadscore', 'plpgsql_statement' or 'plpgsql_row'
sub scored_by {
    my ($self, $name) = @_;
    my @triggers = $name eq 'bare' ? () : $name eq 'leadscore' ? $self->triggers : ($name);
    $self->triggers;
    $self->{session}->run(join ', ', "ALTER TABLE $self->{schema}.events DISABLE TRIGGER USER", map {"ENABLE TRIGGER $_"} @triggers);
    return;
}

# A group of leads by their number of events (see leads_and_events.sql): its first lead and how many there are.
sub group {
    my ($self, $name) = @_;
    return split /\t/, $self->{session}->run("SELECT first, leads FROM $self->{schema}.lead_group WHERE name = '$name'");
}

1;
