# Triggers and functions of the team's own, at random: what they write belongs to the statement around them, and comes before or
# after what scores.
package UserTriggers;

use strict;
use warnings;

use Dice qw(chance pick some);

# Statements that a trigger may run, by what it is on. NEW is the row that fired it; a trigger for statements has none.
sub _bodies {
    my ($tables) = @_;
    my ($web, $form) = map { $_->{table} } @{ $tables->{sources} };
    my $leads = $tables->{leads}{table};
    my ($id, $lead, $at, $kind, $amount, $employees) = map { $tables->column($_) } qw(id lead at kind amount employees);
    return {
        web => [
            "INSERT INTO $form ($id, $lead, $at, $amount) VALUES (-NEW.$id, NEW.$lead, NEW.$at, 1) ON CONFLICT DO NOTHING",
            "INSERT INTO $web ($id, $lead, $at, $kind) VALUES (-NEW.$id, NEW.$lead, NEW.$at, 'buy') ON CONFLICT DO NOTHING",
            "UPDATE $web SET $amount = $amount + 1 WHERE $lead = NEW.$lead AND $kind = 'view'",
            "DELETE FROM $web WHERE $lead = NEW.$lead AND $kind = 'form'",
            "DELETE FROM $web WHERE $id = NEW.$id AND NEW.$id % 3 = 0",
            "UPDATE $leads SET $employees = coalesce($employees, 0) + 10 WHERE $id = NEW.$lead",
        ],
        leads => [
            "UPDATE $web SET $amount = 8 WHERE $lead = NEW.$id AND $kind = 'buy'",
            "DELETE FROM $form WHERE $lead = NEW.$id AND $id % 5 = 0",
            "UPDATE $leads SET $employees = $employees - 1 WHERE $id = NEW.$id AND $employees > 50",
            "UPDATE $leads SET $employees = 51 WHERE $employees IN (50, 100, 500)",
            "DELETE FROM $leads WHERE $employees = 10",
        ],
        statement => [
            "UPDATE $web SET $kind = 'form' WHERE $kind = 'ping'",
            "DELETE FROM $web WHERE $kind = 'ping' AND $amount > 4",
            "UPDATE $leads SET $employees = 51 WHERE $employees = 50",
        ],
    };
}

sub random_sql {
    my ($tables, $has_triggers) = @_;
    my @sql = _note_sql($tables);
    return @sql if !$has_triggers || chance(40);
    my ($web, $leads) = map { $_->{table} } $tables->{sources}[0], $tables->{leads};
    my ($on_web, $on_leads, $on_statement) = @{ _bodies($tables) }{qw(web leads statement)};
    my @when = ('AFTER', 'AFTER', 'BEFORE');
    my $if_ping = 'FOR EACH ROW WHEN (NEW.' . $tables->column('kind') . " = 'ping')";
    push @sql, _trigger_sql($tables, 'on_ping', pick(@when), $web, $if_ping, $on_web) if chance(60);
    push @sql, _trigger_sql($tables, 'on_lead', pick(@when), $leads, 'FOR EACH ROW', $on_leads) if chance(40);
    # One that waits for the end of the transaction.
    push @sql, _trigger_sql($tables, 'at_end', 'deferred', $web, $if_ping, $on_web) if chance(20);
    # Triggers of one kind fire in the order of their names.
    my $name = pick('a_before', 'z_after');
    push @sql, _trigger_sql($tables, $name, 'AFTER', pick($web, $leads), 'FOR EACH STATEMENT', $on_statement) if chance(50);
    return @sql;
}

sub _trigger_sql {
    my ($tables, $name, $when, $table, $each, $bodies) = @_;
    my $body = join('; ', some(pick(1, 1, 2), @$bodies));
    my $create = $when eq 'deferred' ? "CREATE CONSTRAINT TRIGGER $name AFTER" : "CREATE TRIGGER $name $when";
    my $deferred = $when eq 'deferred' ? 'DEFERRABLE INITIALLY DEFERRED ' : '';
    return (
        "CREATE FUNCTION $tables->{schema}.$name() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS"
            . " \$\$ BEGIN IF pg_trigger_depth() < 2 THEN $body; END IF; RETURN NEW; END \$\$",
        "$create INSERT OR UPDATE ON $table $deferred$each EXECUTE FUNCTION $tables->{schema}.$name()");
}

# A function that writes events itself, for statements that call it while they write events.
sub _note_sql {
    my ($tables) = @_;
    my $table = $tables->{sources}[0]{table};
    my ($lead, $amount, $kind) = map { $tables->column($_) } qw(lead amount kind);
    my $columns = $tables->columns(qw(id lead at kind));
    my $at = $tables->instant_literal($tables->{sources}[0], -86400);
    my $type = $tables->event_key_type;
    return "CREATE FUNCTION $tables->{schema}.note(lead $type, id bigint) RETURNS numeric LANGUAGE plpgsql AS \$\$ BEGIN"
        . " INSERT INTO $table ($columns) VALUES (note.id, note.lead, $at, 'buy') ON CONFLICT DO NOTHING;"
        . " UPDATE $table AS t SET $amount = t.$amount + 1 WHERE t.$lead = note.lead AND t.$kind = 'view'; RETURN 3; END \$\$";
}

1;
