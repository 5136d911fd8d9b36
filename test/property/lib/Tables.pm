# A team's own tables, at random: leads, and two or three tables of events, with keys of many types, names that need quoting,
# partitions, children, foreign keys and triggers of the team's own.
package Tables;

use strict;
use warnings;

use POSIX qw(strftime);
use Dice qw(between chance pick weighted);
use Sql qw(literal identifier);
use UserTriggers;

use constant DAY => 86400;

# Types of the key: what to create first, the type of leads and events, and how the key of a number is written: some keys can be
# written in more than one way.
my @key_types = (
    { name => 'bigint', leads => 'bigint', events => 'bigint', key => sub { 1000 + $_[0] } },
    { name => 'bigint and integer', leads => 'bigint', events => 'integer', key => sub { -3 + $_[0] } },
    { name => 'uuid', leads => 'uuid', events => 'uuid', key => sub { sprintf('%08x-0000-4000-8000-0000000000aa', 77 * $_[0]) } },
    { name => 'text', leads => 'text', events => 'text', key => sub { $_[0] == 3 ? '' : "d'Été \"$_[0]\"" } },
    { name => 'text and varchar', leads => 'text', events => 'varchar(40)', key => sub { "L$_[0]" } },
    {
        name => 'domain over bigint', leads => '{schema}.lead_no', events => '{schema}.lead_no', base => 'bigint',
        key => sub { 5 * $_[0] + 1 },
        create => 'CREATE DOMAIN {schema}.lead_no AS bigint CHECK (VALUE > 0)',
    },
    {
        name => 'domain over text, events without it', leads => '{schema}."Lead Code"', events => 'text', base => 'text',
        key => sub { "#$_[0]" },
        create => 'CREATE DOMAIN {schema}."Lead Code" AS text CHECK (VALUE <> \'\')',
    },
    { name => 'numeric', leads => 'numeric', events => 'numeric', key => sub { $_[0] . pick('', '.0', '.00') } },
    {
        name => 'citext', leads => 'public.citext', events => 'public.citext', key => sub { pick('Lead', 'LEAD', 'lead') . $_[0] },
        create => 'CREATE EXTENSION citext SCHEMA public',
    },
    {
        name => 'text without case', leads => 'text COLLATE {schema}.caseless', events => 'text COLLATE {schema}.caseless',
        key => sub { pick('Lead', 'LEAD', 'lead') . $_[0] },
        create => "CREATE COLLATION {schema}.caseless (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
    },
);

my %odd_names = (
    id => 'Id', lead => 'Lead "Key"', at => 'at', kind => 'Kind of Event', country => 'País', employees => 'No. of employees',
    title => 'Title', amount => 'Amount ($)', props => 'Props', active => 'active?', made => 'made on', size => 'size');

# %about: see Scene::random.
sub random {
    my ($class, %about) = @_;
    # Some hours ago: what happens close to now does so by intention.
    my $self = bless { base => 3600 * (int(time / 3600) - 2), has_triggers => $about{triggers} // 1 }, $class;
    my $has_odd_names = chance(40);
    $self->{names} = $has_odd_names ? \%odd_names : { map { $_ => $_ } keys %odd_names };
    $self->{schema} = $has_odd_names ? '"Sales CRM"' : 'crm';
    $self->{key_type} = pick(@key_types);
    $self->{lead_count} = between(6, 16);
    $self->{leads} = {
        table => "$self->{schema}." . ($has_odd_names ? '"Leads, all"' : 'leads'),
        is_partitioned => chance(15),
        is_deferrable => chance(10),
        columns => [qw(id country employees title size active made props)],
    };
    $self->{sources} = [ $self->_first_source($has_odd_names, $about{partitions} // chance(45)), $self->_second_source ];
    push @{ $self->{sources} }, $self->_third_source if chance(40);
    return $self;
}

sub _first_source {
    my ($self, $has_odd_name, $is_partitioned) = @_;
    return {
        name => 'web',
        table => "$self->{schema}." . ($has_odd_name ? '"Events (web)"' : 'events'),
        at_type => pick('timestamptz', 'timestamptz', 'timestamp'),
        kind_type => pick('text', 'text', 'varchar(30)'),
        is_partitioned => $is_partitioned,
        columns => [qw(id lead at kind amount props)],
    };
}

# All events of one kind, the source's name.
sub _second_source {
    my ($self) = @_;
    my @references = ('ON DELETE CASCADE ON UPDATE CASCADE', 'ON DELETE SET NULL ON UPDATE CASCADE');
    return {
        name => 'form',
        table => "$self->{schema}.forms",
        at_type => pick('timestamp', 'date', 'timestamptz'),
        references => chance(25) && !$self->{leads}{is_deferrable} ? pick(@references) : undef,
        child => chance(25) ? "$self->{schema}.forms_child" : undef,
        columns => [qw(id lead at amount props)],
    };
}

sub _third_source {
    my ($self) = @_;
    return {
        name => 'Calls & mails',
        table => "$self->{schema}." . identifier('order'),
        at_type => 'date',
        kind_type => "$self->{schema}.channel",
        columns => [qw(id lead at kind amount props)],
    };
}

# --- Names and values ---

sub column { return identifier($_[0]{names}{ $_[1] }) }
sub columns { my ($self, @names) = @_; return join(', ', map { $self->column($_) } @names) }

# A column's value in a jsonpath.
sub path {
    my $name = $_[0]{names}{ $_[1] };
    $name =~ s/"/\\"/g;
    return "\$.\"$name\"";
}

sub _in_schema { my ($self, $sql) = @_; return $sql =~ s/\{schema\}/$self->{schema}/gr }

# The type of the key: as the leads have it, as leadscore has it (a domain is what it is over), as the events have it; without its
# collation, as in an array.
sub lead_key_sql { my ($self) = @_; return $self->_in_schema($self->{key_type}{leads}) }
sub key_sql { my ($self) = @_; return $self->{key_type}{base} // $self->lead_key_sql }
sub event_key_sql { my ($self) = @_; return $self->_in_schema($self->{key_type}{events}) }
sub key_type { my ($self) = @_; return $self->key_sql =~ s/ COLLATE .*//r }
sub event_key_type { my ($self) = @_; return $self->event_key_sql =~ s/ COLLATE .*//r }

sub key { my ($self, $number) = @_; return literal($self->{key_type}{key}->($number)) }
sub random_key { my ($self) = @_; return $self->key(between(1, $self->{lead_count})) }
# The leads whose tiers or scores are overridden, in some histories; those of others never are.
sub overridden_keys { my ($self) = @_; return map { $self->key($_) } grep { $_ % 2 } 1 .. $self->{lead_count} }
sub keys { my ($self) = @_; return join(', ', map { $self->key($_) } 1 .. $self->{lead_count}) }

sub instant { my ($self, $seconds) = @_; return strftime('%Y-%m-%d %H:%M:%S', gmtime($self->{base} + $seconds)) }

# An instant of the type of a source's column.
sub instant_literal {
    my ($self, $source, $seconds) = @_;
    my $instant = $self->instant($seconds);
    return "'$instant+00'" if $source->{at_type} eq 'timestamptz';
    return literal($source->{at_type} eq 'date' ? substr($instant, 0, 10) : $instant);
}

# --- Creating them ---

sub setup_sql {
    my ($self) = @_;
    my $schema = $self->{schema};
    my $grant = 'GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON';
    return (
        "CREATE SCHEMA $schema",
        "CREATE TYPE $schema.channel AS ENUM ('call', 'mail')",
        $self->{key_type}{create} ? $self->_in_schema($self->{key_type}{create}) : (),
        $self->_leads_sql,
        (map { $self->_source_sql($_) } @{ $self->{sources} }),
        UserTriggers::random_sql($self, $self->{has_triggers}),
        "GRANT USAGE ON SCHEMA $schema TO clerk",
        "$grant ALL TABLES IN SCHEMA $schema TO clerk",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA $schema $grant TABLES TO clerk");
}

sub columns_sql {
    my ($self, $table) = @_;
    my %type = (
        id => 'bigint', country => 'text', employees => 'integer', title => 'text', size => 'float8', active => 'boolean',
        made => 'timestamptz', lead => $self->event_key_sql, at => $table->{at_type}, kind => $table->{kind_type},
        amount => 'numeric', props => 'jsonb');
    $type{id} = $self->lead_key_sql if $table == $self->{leads};
    return map { $self->column($_) . " $type{$_}" } @{ $table->{columns} };
}

sub _hash_partitions_sql {
    my ($of, $prefix) = @_;
    return map { "CREATE TABLE ${prefix}_$_ PARTITION OF $of FOR VALUES WITH (MODULUS 2, REMAINDER $_)" } 0, 1;
}

sub _leads_sql {
    my ($self) = @_;
    my $leads = $self->{leads};
    my $id = $self->column('id');
    my @parts = ($self->columns_sql($leads), "PRIMARY KEY ($id)" . ($leads->{is_deferrable} ? ' DEFERRABLE' : ''));
    my $create = "CREATE TABLE $leads->{table} (" . join(', ', @parts) . ')';
    return $create if !$leads->{is_partitioned};
    return ("$create PARTITION BY HASH ($id)", _hash_partitions_sql($leads->{table}, "$self->{schema}.leads"));
}

# What makes a row unique, for ON CONFLICT; partitions need the time in it.
sub conflict_columns {
    my ($self, $source) = @_;
    return $self->columns($source->{is_partitioned} ? qw(id at) : 'id');
}

sub _source_sql {
    my ($self, $source) = @_;
    my @parts = ($self->columns_sql($source), 'UNIQUE (' . $self->conflict_columns($source) . ')');
    push @parts, 'FOREIGN KEY (' . $self->column('lead') . ") REFERENCES $self->{leads}{table} $source->{references}"
        if $source->{references};
    my $create = "CREATE TABLE $source->{table} (" . join(', ', @parts) . ')';
    my $at = $self->column('at');
    return ("$create PARTITION BY RANGE ($at)", $self->_partitions_sql($source)) if $source->{is_partitioned};
    return ($create, "CREATE TABLE $source->{child} (extra text) INHERITS ($source->{table})") if $source->{child};
    return $create;
}

# --- Partitions: the bounds are in days; number 1 has partitions of its own, and events without a time may have one ---

my %bounds = (0 => [ undef, -300 ], 1 => [ -300, -100 ], 2 => [ -100, 10 ], 3 => [ 10, undef ]);

sub partition { my ($self, $number) = @_; return "$self->{schema}.part_$number" }

sub partition_bounds {
    my ($self, $source, $number) = @_;
    my ($from, $to) = map { defined $_ ? $self->instant_literal($source, DAY * $_) : undef } @{ $bounds{$number} };
    return sprintf('FOR VALUES FROM (%s) TO (%s)', $from // 'MINVALUE', $to // 'MAXVALUE');
}

# Seconds from the base to an instant that lies in a partition.
sub offset_in_partition {
    my ($self, $number) = @_;
    my ($from, $to) = map { defined $_ ? DAY * $_ : undef } @{ $bounds{$number} };
    return between($from // $to - 100 * DAY, ($to // $from + 50 * DAY) - 1);
}

sub _partitions_sql {
    my ($self, $source) = @_;
    my @sql;
    foreach my $number (0 .. 3) {
        my $of = $self->partition($number) . " PARTITION OF $source->{table} " . $self->partition_bounds($source, $number);
        push @sql, "CREATE TABLE $of" . ($number == 1 ? ' PARTITION BY HASH (' . $self->column('id') . ')' : '');
    }
    push @sql, _hash_partitions_sql($self->partition(1), $self->partition(1));
    push @sql, "CREATE TABLE $self->{schema}.part_none PARTITION OF $source->{table} DEFAULT" if chance(50);
    return @sql;
}

1;
