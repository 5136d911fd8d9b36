# Adjustments by people at random: statements that change scores by hand.
package Adjustments;

use strict;
use warnings;

use Dice qw(between chance pick weighted);
use Sql qw(literal identifier);
use Statements;

sub new { my ($class, $tables) = @_; return bless { tables => $tables }, $class }

# A statement of somebody who changes scores by hand, by the functions for that or by plain SQL.
sub statement {
    my ($self, $model) = @_;
    my $method = weighted(
        32 => \&_points, 14 => \&_override, 14 => \&_revoke, 18 => \&insert, 12 => \&_update,
        9 => \&_delete, 1 => sub { 'TRUNCATE ' . _table($_[1]) });
    return $self->$method($model);
}

sub _table { my ($model) = @_; return identifier($model->{name}) . '.adjustment' }
sub _reason { return literal(pick('met at the fair', "it's a partner", 'angebot', '(test)')) }

# The functions take a key as text, or as what it is.
sub _key_argument { my ($self, $key) = @_; return "$key\::" . pick('text', $self->{tables}->key_type) }

sub _fading { return (pick('half_life', 'linear', 'window', 'step'), pick('1 day', '7 days', '1 mon', '12 hours 0.25 seconds')) }

sub _points {
    my ($self, $model) = @_;
    my @arguments = (
        literal($model->{name}), $self->_key_argument($self->{tables}->random_key), literal(pick($model->paths)),
        pick(1, 5, 10, -4, 50, -20.5), _reason());
    if (chance(50)) {
        my ($decay, $period) = _fading();
        push @arguments, "decay => '$decay'", "period => '$period'", $decay eq 'step' ? 'rate => 0.25' : ();
    }
    return 'SELECT leadscore.adjust(' . join(', ', @arguments) . ')';
}

sub _until {
    my $later = sprintf("now() + interval '%d hours'", between(1, 900));
    return pick('NULL', 'NULL', $later, "clock_timestamp() + interval '90 milliseconds'");
}

sub _override {
    my ($self, $model) = @_;
    my @tiers = map { $_->{name} } @{ $model->{tiers} };
    my $what = @tiers && chance(50) ? literal(pick(@tiers)) : pick(0, 5, 20, 60, -3.5) . '::float8';
    my $key = $self->_key_argument(pick($self->{tables}->overridden_keys));
    return sprintf('SELECT leadscore.override(%s, %s, %s, %s, %s)', literal($model->{name}), $key, $what, _until(), _reason());
}

sub _revoke {
    my ($self, $model) = @_;
    my $which = 'SELECT id FROM ' . _table($model) . sprintf(' ORDER BY id %% %d, id LIMIT 1', between(1, 7));
    return sprintf('SELECT leadscore.revoke(%s, (%s))', literal($model->{name}), $which);
}

sub _instant { my ($self) = @_; return pick('now()', literal($self->{tables}->instant(Statements::random_offset()) . '+00')) }

# Of leads that do not exist, too, of dimensions and tiers that no version has, and at any time.
sub insert {
    my ($self, $model) = @_;
    my $tables = $self->{tables};
    my @rows = map {
        my ($dimension, $points, $period, $rate, $tier, $score) = ('NULL') x 6;
        my $decay = "'none'";
        if (chance(65)) {
            ($dimension, $points) = (literal(pick($model->paths, 'score', 'unheard of')), pick(1, 5, 10, -4, 50, -20.5));
            ($decay, $period) = map { literal($_) } _fading() if chance(60);
            $rate = pick(0.25, 0.5, 1) if $decay =~ /step/ || ($decay =~ /linear/ && chance(50));
        } elsif (chance(50)) {
            $tier = literal(pick('none such', map { $_->{name} } @{ $model->{tiers} }));
        } else {
            $score = pick(0, 5, 20, 60, -3.5);
        }
        my $key = $points eq 'NULL' ? pick($tables->overridden_keys) : $tables->random_key;
        my ($until, $revoked_at) = map { chance(30) ? $self->_instant : 'NULL' } 1, 2;
        my @values = ($key, $self->_instant, _reason(), $dimension, $points, $decay, $period, $rate, $tier, $score);
        '(' . join(', ', @values, $until, $revoked_at) . ')';
    } 1 .. between(1, 4);
    my $columns = 'lead, at, reason, dimension, points, decay, period, rate, tier, score, until, revoked_at';
    return 'INSERT INTO ' . _table($model) . " ($columns) VALUES " . join(', ', @rows);
}

sub _update {
    my ($self, $model) = @_;
    my $table = _table($model);
    my $some = sprintf('WHERE id %% %d = 0', between(1, 4));
    return weighted(
        25 => "UPDATE $table SET points = points + 1 $some",
        15 => "UPDATE $table SET lead = " . $self->{tables}->random_key . " $some AND points IS NOT NULL",
        20 => "UPDATE $table SET at = at - interval '30 hours' $some",
        20 => "UPDATE $table SET revoked_at = " . pick('NULL', 'now()') . " $some",
        20 => "UPDATE $table SET until = " . _until() . " $some");
}

sub _delete {
    my ($self, $model) = @_;
    my $some = pick('id % 3 = 0', 'lead = ' . $self->{tables}->random_key, 'points IS NULL');
    return 'DELETE FROM ' . _table($model) . " WHERE $some";
}

1;
