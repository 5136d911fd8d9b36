# Statements as a team's applications run them on its own tables, at random.
package Statements;

use strict;
use warnings;

use Dice qw(roll between chance pick some weighted);
use Sql qw(literal json);

sub new { my ($class, $tables) = @_; return bless { tables => $tables, last_id => 0 }, $class }

# --- Values ---

sub _id { my ($self) = @_; return chance(25) && $self->{last_id} ? between(1, $self->{last_id}) : ++$self->{last_id} }

sub _props {
    my %props;
    $props{n} = pick(0, 1, 2, 4, 5, 7.5, '3', undef) if chance(60);
    $props{s} = pick('no', 'yes', 5) if chance(40);
    $props{url} = pick('/pricing/eu', '/about') if chance(40);
    $props{tags} = [ some(between(0, 2), 'x', 'xy', 'z') ] if chance(40);
    $props{list} = [ 2, 'b' ] if chance(10);
    $props{big} = pick(1e200, 4) if chance(10);
    return 'NULL' if chance(8);
    return literal(json(\%props));
}

# Seconds from the base of all times to an event: mostly back, at a whole quarter of a day.
sub random_offset {
    my $hour = 3600;
    return weighted(
        60 => -6 * $hour * between(0, 1600),
        15 => -between(0, 400 * 24 * $hour),
        10 => 6 * $hour * between(1, 240),
        5 => -between(0, 30),
        4 => between(0, 200 * 24 * $hour),
        3 => -120 * 365 * 24 * $hour,
        3 => 700 * 365 * 24 * $hour);
}

# An instant of the type of the source; $number: in that partition.
sub _at {
    my ($self, $source, $number) = @_;
    my $tables = $self->{tables};
    return $tables->instant_literal($source, $tables->offset_in_partition($number)) if defined $number;
    return weighted(
        88 => $tables->instant_literal($source, random_offset()),
        2 => 'NULL',
        1 => "'infinity'",
        1 => "'-infinity'",
        3 => "now()",
        5 => sprintf("clock_timestamp() + interval '%d milliseconds'", pick(-3, 0, 20, 150, 700)));
}

sub _value {
    my ($self, $table, $column, $number) = @_;
    my $tables = $self->{tables};
    my %make = (
        id => sub { $table == $tables->{leads} ? $tables->random_key : $self->_id },
        lead => sub { chance(4) ? 'NULL' : $tables->random_key },
        at => sub { $self->_at($table, $number) },
        kind => sub { $table->{kind_type} =~ /channel/ ? pick("'call'", "'mail'", 'NULL')
              : literal(pick('view', 'view', 'form', 'buy', 'ping', 'Odd kind!', 'call', undef)) },
        amount => sub { pick('NULL', "'NaN'", 0, 1, 2.5, 3, 4, 8, -2) },
        props => \&_props,
        country => sub { literal(pick('FR', 'BE', 'DE', undef, 'fr')) },
        employees => sub { pick('NULL', 5, 10, 50, 51, 100, 500, 501) },
        title => sub { literal(pick('CEO', 'cto of all', 'clerk', 'Cook', undef)) },
        size => sub { pick('NULL', 0.5, 1.5, 3, '0.1::float8 + 0.2::float8', "'NaN'") },
        active => sub { pick('true', 'false', 'NULL') },
        made => sub { pick("'2024-03-01 00:30+00'", "'2024-07-01 23:30+00'", 'NULL', "'2023-12-31 23:59:59.5+00'", "'-infinity'",
            "'infinity'", literal($tables->instant(random_offset()) . '+00'), "now() - interval '3 hours'") });
    return $make{$column}->();
}

sub _row {
    my ($self, $table, $number) = @_;
    return '(' . join(', ', map { $self->_value($table, $_, $number) } @{ $table->{columns} }) . ')';
}

sub _rows { my ($self, $table, $count, $number) = @_; return join(', ', map { $self->_row($table, $number) } 1 .. $count) }
sub _unnested {
    my ($self, $table, $count) = @_;
    return 'unnest(ARRAY[' . join(', ', map { 'ROW' . $self->_row($table) . "::$table->{table}" } 1 .. $count) . '])';
}

sub _few { return weighted(50 => 1, 30 => between(2, 4), 20 => between(5, 12)) }
sub _names { my ($self, $table) = @_; return $self->{tables}->columns(@{ $table->{columns} }) }
sub _source { my ($self) = @_; my @sources = @{ $self->{tables}{sources} }; return chance(60) ? $sources[0] : pick(@sources) }
sub _table { my ($self) = @_; return chance(25) ? $self->{tables}{leads} : $self->_source }

sub _some_of {
    my ($self, $table) = @_;
    my $tables = $self->{tables};
    my $id = $tables->column('id');
    return "$id = " . $tables->random_key . (chance(30) ? " OR $id = " . $tables->random_key : '') if $table == $tables->{leads};
    return weighted(
        40 => $tables->column('lead') . ' = ' . $tables->random_key,
        25 => sprintf('%s %% %d = %d', $id, between(2, 9), roll(2)),
        20 => $tables->column('amount') . ' > ' . between(0, 4),
        15 => $tables->column('at') . ' > ' . $tables->instant_literal($table, random_offset()));
}

sub _change {
    my ($self, $table) = @_;
    my @columns = some(between(1, 2), grep { $_ ne 'id' } @{ $table->{columns} });
    return join(', ', map { $self->{tables}->column($_) . ' = ' . $self->_value($table, $_) } @columns);
}

# --- Statements ---

sub insert {
    my ($self, $table) = @_;
    $table //= $self->_table;
    my $into = $table->{child} && chance(40) ? $table->{child} : $table->{table};
    my $insert = "INSERT INTO $into (" . $self->_names($table) . ') ';
    return $insert . 'VALUES ' . $self->_rows($table, _few()) if chance(80);
    return "${insert}SELECT * FROM " . $self->_unnested($table, _few()) . ' AS v ORDER BY 1 OFFSET ' . roll(2)
        if $table == $self->{tables}{leads};
    return $insert . $self->_many($table, between(20, 60));
}

# Many events of one source.
sub insert_many {
    my ($self, $source, $count) = @_;
    return "INSERT INTO $source->{table} (" . $self->_names($source) . ') ' . $self->_many($source, $count);
}

sub _many {
    my ($self, $source, $count) = @_;
    my $tables = $self->{tables};
    my $first = $self->{last_id} + 1;
    $self->{last_id} += $count;
    my %value = (
        id => 'n',
        lead => '(ARRAY[' . $tables->keys . "])[1 + n % $tables->{lead_count}]::" . $tables->event_key_sql,
        at => 'timestamp ' . literal($tables->instant(0)) . " - (n - $first) * interval '30 hours'",
        kind => ($source->{kind_type} // '') =~ /channel/ ? "'call'" : "(ARRAY['view', 'form', 'buy'])[1 + n % 3]",
        amount => 'n % 7',
        props => "jsonb_build_object('n', n % 8)");
    $value{at} = "($value{at}) AT TIME ZONE 'UTC'" if $source->{at_type} eq 'timestamptz';
    my $values = join(', ', map { $value{$_} } @{ $source->{columns} });
    return "SELECT $values FROM generate_series($first, $self->{last_id}) AS n";
}

sub update {
    my ($self) = @_;
    my $table = $self->_table;
    return "UPDATE $table->{table} SET " . $self->_change($table) . ' WHERE ' . $self->_some_of($table);
}

sub delete {
    my ($self) = @_;
    my $table = $self->_table;
    return 'DELETE FROM ' . ($table->{child} && chance(30) ? 'ONLY ' : '') . "$table->{table} WHERE " . $self->_some_of($table);
}

sub upsert {
    my ($self) = @_;
    my $table = $self->_table;
    my $tables = $self->{tables};
    my $is_of_leads = $table == $tables->{leads};
    return $self->insert($table) if $is_of_leads && $table->{is_deferrable};
    my $insert = "INSERT INTO $table->{table} AS t (" . $self->_names($table) . ') VALUES ' . $self->_rows($table, between(1, 6));
    return "$insert ON CONFLICT DO NOTHING" if chance(25);
    my @changed = map { $tables->column($_) } some(between(1, 2), grep { !/^(?:id|at)$/ } @{ $table->{columns} });
    my $set = join(', ', map { "$_ = excluded.$_" } @changed);
    my $conflict = $is_of_leads ? $tables->column('id') : $tables->conflict_columns($table);
    my $number = $tables->column($is_of_leads ? 'employees' : 'amount');
    return "$insert ON CONFLICT ($conflict) DO UPDATE SET $set" . (chance(25) ? " WHERE t.$number IS NOT NULL" : '');
}

sub merge {
    my ($self) = @_;
    my $table = $self->_table;
    my $tables = $self->{tables};
    my ($id, $at, $number) = map { $tables->column($_) } 'id', 'at', $table == $tables->{leads} ? 'employees' : 'amount';
    my $values = join(', ', map { 's.' . $tables->column($_) } @{ $table->{columns} });
    my $is_of_parts = $table != $tables->{leads} && $table->{is_partitioned};
    return "MERGE INTO $table->{table} AS t USING " . $self->_unnested($table, between(1, 6)) . ' AS s'
        . " ON t.$id = s.$id" . ($is_of_parts ? " AND t.$at = s.$at" : '')
        . " WHEN MATCHED AND s.$number = 1 THEN DELETE"
        . " WHEN MATCHED AND s.$number > 2 THEN UPDATE SET " . $self->_change($table)
        . (chance(50) ? ' WHEN MATCHED THEN DO NOTHING' : '')
        . ' WHEN NOT MATCHED THEN INSERT (' . $self->_names($table) . ") VALUES ($values)";
}

sub copy {
    my ($self) = @_;
    my $table = $self->_table;
    my @lines = map { join("\t", map { _as_copied($self->_value($table, $_)) } @{ $table->{columns} }) } 1 .. _few();
    return "COPY $table->{table} (" . $self->_names($table) . ") FROM STDIN;\n" . join("\n", @lines, '\.');
}

# A value as COPY reads it; what is no plain one is left out.
sub _as_copied {
    my ($sql) = @_;
    return $1 =~ s/''/'/gr =~ s/\\/\\\\/gr if $sql =~ /^'(.*)'$/s;
    return $sql =~ /^[-\d.]+$|^(?:true|false)$/ ? $sql : '\N';
}

sub swap_leads {
    my ($self) = @_;
    my $tables = $self->{tables};
    my ($from, $to) = map { $tables->key($_) } some(2, 1 .. $tables->{lead_count});
    my $source = $self->_source;
    my $lead = $tables->column('lead');
    return "UPDATE $source->{table} SET $lead = (CASE WHEN $lead = $from THEN $to ELSE $from END)::" . $tables->event_key_sql
        . " WHERE $lead IN ($from, $to)";
}

# Two leads become one: as a transaction's statements, or as one.
sub merge_leads {
    my ($self) = @_;
    my $tables = $self->{tables};
    my ($from, $to) = map { $tables->key($_) } some(2, 1 .. $tables->{lead_count});
    my $lead = $tables->column('lead');
    my @updates = map { "UPDATE $_->{table} SET $lead = $to WHERE $lead = $from" } @{ $tables->{sources} };
    my $delete = "DELETE FROM $tables->{leads}{table} WHERE " . $tables->column('id') . " = $from";
    return ('BEGIN', @updates, $delete, 'COMMIT') if chance(50);
    return 'WITH ' . join(', ', map { "u$_ AS (" . $updates[$_] . ')' } 0 .. $#updates) . " $delete";
}

# One statement that changes several tables, or one in two ways.
sub several_in_one {
    my ($self) = @_;
    my $tables = $self->{tables};
    my $source = $self->_source;
    my @inserts = map { $self->insert($_) } $tables->{leads}, $source, $self->_source;
    my @parts = some(2, @inserts, $self->delete, $self->update, $self->upsert);
    return "WITH one AS ($parts[0] RETURNING 1) $parts[1]";
}

# A statement that calls a function that writes to the same table.
sub insert_by_function {
    my ($self) = @_;
    my $tables = $self->{tables};
    my ($source) = @{ $tables->{sources} };
    my $keys = join(', ', map { $tables->random_key } 1 .. between(1, 3));
    my $first = $self->{last_id} += 10;
    my $at = $tables->instant_literal($source, random_offset());
    return "INSERT INTO $source->{table} (" . $tables->columns(qw(id lead at kind amount)) . ')'
        . " SELECT $first + n, k, $at, 'view', $tables->{schema}.note(k, -n - $first)"
        . " FROM unnest(ARRAY[$keys]::" . $tables->event_key_type . '[]) WITH ORDINALITY AS v(k, n)';
}

# A block of which a part fails and is undone.
sub half_failing_block {
    my ($self) = @_;
    my ($before, $undone, $handler, $after) = map { $self->$_ } qw(insert update upsert delete);
    return "DO \$do\$ BEGIN $before; BEGIN $undone; RAISE 'no'; EXCEPTION WHEN OTHERS THEN $handler; END; $after; END \$do\$";
}

# The shape or the name of a table changes for the time of a statement. Only the third source is named by no function.
sub change_table {
    my ($self) = @_;
    my $tables = $self->{tables};
    my $table = $self->_table;
    my $third = $tables->{sources}[2];
    my $alter = "ALTER TABLE $table->{table}";
    return ("$alter ADD COLUMN more integer DEFAULT 7", $self->insert($table), "$alter DROP COLUMN more") if !$third || chance(50);
    my $renamed = { %$third, table => "$tables->{schema}.renamed" };
    return ("ALTER TABLE $third->{table} RENAME TO renamed", $self->insert_many($renamed, 5),
        "ALTER TABLE $renamed->{table} RENAME TO " . ($third->{table} =~ s/^\Q$tables->{schema}.\E//r));
}

sub change_key {
    my ($self) = @_;
    my $tables = $self->{tables};
    my ($from, $to) = map { $tables->key($_) } some(2, 1 .. $tables->{lead_count});
    my $id = $tables->column('id');
    my $update = "UPDATE $tables->{leads}{table} SET $id =";
    return "$update $to WHERE $id = $from" if !$tables->{leads}{is_deferrable};
    return "$update (CASE WHEN $id = $from THEN $to ELSE $from END)::" . $tables->key_type . " WHERE $id IN ($from, $to)";
}

sub truncate {
    my ($self) = @_;
    my $tables = $self->{tables};
    my ($first, $second, $last) = @{ $tables->{sources} }[ 0, 1, -1 ];
    return 'TRUNCATE ' . weighted(
        45 => $second->{table},
        25 => $first->{table},
        20 => $first->{is_partitioned} ? $tables->partition(roll(4)) : $last->{table},
        10 => $tables->{leads}{table} . ($second->{references} ? ' CASCADE' : ''));
}

sub into_partition {
    my ($self) = @_;
    my ($source) = @{ $self->{tables}{sources} };
    return $self->insert if !$source->{is_partitioned};
    my $number = roll(4);
    my $part = $self->{tables}->partition($number);
    return weighted(
        60 => "INSERT INTO $part (" . $self->_names($source) . ') VALUES ' . $self->_rows($source, _few(), $number),
        20 => "UPDATE $part SET " . $self->_change($source) . ' WHERE ' . $self->_some_of($source),
        20 => "DELETE FROM $part WHERE " . $self->_some_of($source));
}

# Partitions that come and go, as a list of statements. Some of this fails, depending on what is there.
sub change_partitions {
    my ($self) = @_;
    my $tables = $self->{tables};
    my ($source) = @{ $tables->{sources} };
    return $self->_change_child if !$source->{is_partitioned};
    my $number = roll(4);
    my $part = $tables->partition($number);
    my $bounds = $tables->partition_bounds($source, $number);
    # A table with its columns in another order, and one that is no more.
    my @create = (
        "CREATE TABLE $part (gone integer, " . join(', ', reverse $tables->columns_sql($source)) . ')',
        "ALTER TABLE $part DROP COLUMN gone",
        "INSERT INTO $part (" . $self->_names($source) . ') VALUES ' . $self->_rows($source, 3, $number));
    my $attach = "ALTER TABLE $source->{table} ATTACH PARTITION $part $bounds";
    return @{ weighted(
        30 => ["ALTER TABLE $source->{table} DETACH PARTITION $part"],
        30 => [$attach],
        10 => ["CREATE TABLE $part PARTITION OF $source->{table} $bounds"],
        10 => ["DROP TABLE $part"],
        10 => [ "DROP TABLE $part", @create, $attach ],
        10 => [ @create, $attach ]) };
}

sub _change_child {
    my ($self) = @_;
    my ($source) = grep { $_->{child} } @{ $self->{tables}{sources} };
    return $self->insert if !$source;
    return weighted(
        40 => "ALTER TABLE $source->{child} NO INHERIT $source->{table}",
        40 => "ALTER TABLE $source->{child} INHERIT $source->{table}",
        10 => "DROP TABLE $source->{child}",
        10 => "CREATE TABLE $source->{child} (extra text) INHERITS ($source->{table})");
}

1;
