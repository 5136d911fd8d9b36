# A random history: a scene, and steps that change its rows, tables and model, with checks between them. It is only text, so that
# any part of it can be run again.
package History;

use strict;
use warnings;

use parent 'Scene';
use Checks;
use Dice qw(between chance pick weighted);
use Sql qw(literal identifier);

# What a random statement on the team's tables may run into: SQLSTATEs with the beginnings of messages.
my $usual_errors = qr/^(?:21000|22P02|23502|23503|23505|23514|25P02|27000|42P01: +relation ".*(?:part_\d|_child)")/;
# ... and a change of partitions that may not be possible.
my $partition_errors = qr/$usual_errors|^(?:2BP01|3B001|42703: +column "gone"|42P01|42P07|42P16|42P17|42809|42704|55000)/;
# ... and an insertion while a table has another shape.
my $shape_errors = qr/$usual_errors|^42846/;
# ... and an adjustment of what is not there, or not any more.
my $no_target = qr/22023: +(?:dimension|tier) ".*" does not exist|42704: +(?:lead|adjustment) |22004: +the number of the adjustment/;
my $adjustment_errors = qr/$usual_errors|^(?:$no_target|22023: +an override must end|55000: +adjustment)/;
# In a transaction with events of the team's own deferred triggers, which are yet to run.
my $deferred_errors = qr/^55006: +cannot (?:ALTER TABLE|DROP TABLE|TRUNCATE) ".*" because it has pending trigger events/;
my $no_error = qr/^$/;

sub random {
    my ($class, $seed, $step_count) = @_;
    my $self = bless Scene->random($seed), $class;
    $self->{steps} = [ map { $self->_step($_) } 1 .. $step_count ];
    return $self;
}

# A step: its statements, the errors that these may give, and the checks after it. Those in a transaction have checks inside, too.
sub _step {
    my ($self, $number) = @_;
    my $make = weighted(
        54 => \&_one_statement, 14 => \&_transaction, 7 => \&_adjust, 6 => \&_as_clerk, 5 => \&_change_partitions, 4 => \&_publish, 3 => \&_refresh,
        3 => \&_settings, 2 => \&_rebuild, 2 => \&_change_table, 2 => \&_reconnect, 1 => \&_edit_draft);
    my $step = { number => $number, may => $usual_errors, checks => [], $make->($self) };
    $step->{checks} = [ $self->_checks ] if chance(30);
    return $step;
}

sub _statement {
    my ($self) = @_;
    my $method = weighted(
        30 => 'insert', 14 => 'update', 8 => 'delete', 12 => 'upsert', 8 => 'merge', 5 => 'copy', 4 => 'swap_leads',
        4 => 'merge_leads', 6 => 'several_in_one', 3 => 'change_key', 1 => 'truncate', 5 => 'into_partition',
        3 => 'insert_by_function', 3 => 'half_failing_block');
    return $self->{statements}->$method;
}

sub _one_statement { my ($self) = @_; return (sql => [ $self->_statement ]) }

sub _adjust {
    my ($self) = @_;
    return (sql => [ $self->{adjustments}->statement($self->{model}) ], may => $adjustment_errors);
}

# Whoever may write events needs no right on anything of the model's.
sub _as_clerk {
    my ($self) = @_;
    my $method = pick(qw(insert update delete upsert merge copy));
    return (sql => [ 'SET ROLE clerk', $self->{statements}->$method, 'RESET ROLE' ]);
}

sub _transaction {
    my ($self) = @_;
    my $isolation = weighted(80 => '', 20 => ' ISOLATION LEVEL REPEATABLE READ');
    my $some = sub { map { my @sql = $self->_statement; @sql == 1 ? @sql : () } 1 .. between(1, 3) };
    my @sql = ("BEGIN$isolation", $some->());
    push @sql, $self->_draft_and_publish if !$isolation && chance(10);
    push @sql, 'SAVEPOINT s', $some->(), pick('ROLLBACK TO s', 'ROLLBACK TO s', 'RELEASE s'), $some->() if chance(60);
    push @sql, $self->{statements}->change_partitions if chance(10);
    push @sql, $self->{adjustments}->statement($self->{model}), $some->() if chance(20);
    push @sql, map { "check $_" } $self->_stored_checks if chance(40);
    return (sql => [ @sql, weighted(70 => 'COMMIT', 30 => 'ROLLBACK') ], may => qr/$partition_errors|$adjustment_errors|$deferred_errors/);
}

sub _change_partitions { my ($self) = @_; return (sql => [ $self->{statements}->change_partitions ], may => $partition_errors) }
sub _change_table { my ($self) = @_; return (sql => [ $self->{statements}->change_table ], may => $shape_errors) }

# --- The model ---

sub _draft_and_publish {
    my ($self) = @_;
    $self->{model} = $self->{model}->changed;
    return ($self->{model}->draft_sql, $self->publish_sql($self->{model}));
}

sub _publish { my ($self) = @_; return (sql => [ 'BEGIN', $self->_draft_and_publish, 'COMMIT' ], may => $no_error) }

# The draft alone scores nothing.
sub _edit_draft {
    return (
        sql => [ 'UPDATE leadscore.rule SET points = 4 WHERE event IS NOT NULL', 'DELETE FROM leadscore.tier WHERE position > 2' ],
        may => $no_error);
}

# Which leads are ranked is a choice that changes no result.
sub _rebuild {
    my ($self) = @_;
    my $rank = 'UPDATE leadscore.version SET ranked_above = ' . pick('NULL', between(-20, 60)) . ' WHERE model = ' . $self->name;
    return (sql => [ 'BEGIN', (chance(60) ? $rank : ()), 'SELECT leadscore.rebuild(' . $self->name . ')', 'COMMIT' ], may => $no_error);
}

# After a refresh nothing waits to be recorded.
sub _refresh {
    my ($self) = @_;
    my $pending = identifier($self->{model}{name}) . '.pending';
    return (sql => [ 'SELECT leadscore.refresh(' . $self->name . ')', "check $pending" ], may => $no_error);
}

# --- The session ---

# One that knows nothing yet.
sub _reconnect { return (sql => [ '\connect -', 'SET client_min_messages = warning' ], may => $no_error) }

# Scores do not depend on what a session shows values like.
sub _settings {
    my @sql = (
        'SET timezone = ' . literal(pick('UTC', 'Asia/Tokyo', 'America/St_Johns', '+14')),
        'SET intervalstyle = ' . pick(qw(postgres iso_8601 sql_standard)),
        'SET extra_float_digits = ' . pick(1, 0, -10, 3),
        'SET datestyle = ' . literal(pick('ISO, DMY', 'German', 'SQL, MDY')));
    return (sql => \@sql, may => $no_error);
}

# --- Checks ---

sub _stored_checks {
    my ($self) = @_;
    return (Checks::stored($self->{model}), $self->{other} ? 'leadscore.verify(' . literal($self->{other}{name}) . ')' : ());
}

sub _checks {
    my ($self) = @_;
    my $instant = sub { literal($self->{tables}->instant($_[0]) . pick('+00', '+00', '.000001+00', '.123456+00')) };
    my $day = 86400;
    my $later = $instant->(pick(6 * 3600 * between(4, 400), between(5 * 3600, 3000 * $day)));
    my $ever = $instant->(pick(-6 * 3600 * between(0, 1700), between(-500 * $day, 500 * $day)));
    my $model = $self->{model};
    return ($self->_stored_checks, Checks::now(), Checks::future($model, $later), Checks::anytime($model, $ever));
}

1;
