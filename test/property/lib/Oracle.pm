# What a model means, computed by plain SQL from the team's tables (oracle.sql): the functions, and the model as rows of its tables.
package Oracle;

use strict;
use warnings;

use FindBin;
use File::Basename qw(dirname);
use List::Util qw(first max min sum0);
use PostgreSQL::Test::Utils;
use Sql qw(literal identifier json);

# A row becomes a document in one way only, whatever the session shows values like.
our $settings = "SET timezone = 'UTC' SET datestyle = 'ISO' SET intervalstyle = 'postgres' SET extra_float_digits = 1";

# All of it but for the model: once it is created, before it is published.
sub setup_sql {
    my ($model) = @_;
    my $tables = $model->{tables};
    my $key = $tables->key_type;
    my $sql = PostgreSQL::Test::Utils::slurp_file(dirname(__FILE__) . '/oracle.sql');
    $sql =~ s/\{key\}/$key/g;
    my $collation = $tables->key_sql =~ /( COLLATE .*)/ ? $1 : '';
    $sql =~ s/\{collation\}/$collation/g;
    $sql =~ s/\{settings\}/$settings/g;
    my @statements = map { s/;\s*\z//r } split(/\n\n(?=--|CREATE)/, $sql =~ s/\A(?:--.*\n)+//r);
    my $events = join(' UNION ALL ', map { _events_of($tables, $_) } @{ $tables->{sources} });
    my $adjustment = identifier($model->{name}) . '.adjustment';
    # Where one function calls another, it must be there first.
    my $scores = pop @statements;
    return (
        @statements, _leads_sql($model),
        "CREATE FUNCTION oracle.events() RETURNS TABLE (lead $key, at timestamptz, kind text, source text, document jsonb)"
            . " LANGUAGE sql STABLE AS \$\$ $events \$\$",
        "CREATE FUNCTION oracle.adjustments() RETURNS SETOF $adjustment LANGUAGE sql STABLE AS \$\$ SELECT * FROM $adjustment \$\$",
        $scores);
}

sub _events_of {
    my ($tables, $source) = @_;
    my ($lead, $at, $key) = ($tables->column('lead'), 'e.' . $tables->column('at'), $tables->key_sql);
    $at = "$at\::timestamp AT TIME ZONE 'UTC'" if $source->{at_type} ne 'timestamptz';
    my $name = literal($source->{name});
    my $kind = $source->{kind_type} ? 'e.' . $tables->column('kind') : $name;
    return "SELECT (e.$lead)::$key, $at, $kind\::text, $name\::text, to_jsonb(e) FROM $source->{table} AS e";
}

sub _leads_sql {
    my ($model) = @_;
    my $tables = $model->{tables};
    my ($key, $key_type, $id) = ($tables->key_sql, $tables->key_type, $tables->column('id'));
    my $created_at = $model->{created_at} ? 'l.' . $tables->column($model->{created_at}) : 'NULL::timestamptz';
    return "CREATE OR REPLACE FUNCTION oracle.leads() RETURNS TABLE (lead $key_type, document jsonb, created_at timestamptz)"
        . " LANGUAGE sql STABLE AS \$\$ SELECT (l.$id)::$key, to_jsonb(l), $created_at FROM $tables->{leads}{table} AS l \$\$";
}

# --- The model ---

# What tells the oracle of a model, from now on.
sub model_sql {
    my ($model) = @_;
    my @rules = map { +{ %{ $model->{rules}[$_] }, number => $_ + 1 } } 0 .. $#{ $model->{rules} };
    my @dimensions = _numbered($model);
    return (
        _leads_sql($model),
        _replace_sql('model', { params => json($model->{params}), eligible => $model->{eligible} }),
        _replace_sql('rule', map { _rule_row($_) } @rules),
        _replace_sql('dimension', map { _dimension_row($_, \@dimensions, \@rules) } @dimensions),
        _replace_sql('grade', @{ $model->{grades} }),
        _replace_sql('tier', map { _tier_row($_) } @{ $model->{tiers} }));
}

# The values are strings, or references to SQL.
sub _replace_sql {
    my ($table, @rows) = @_;
    my @sql = "DELETE FROM oracle.$table";
    foreach my $row (@rows) {
        my @columns = grep { defined $row->{$_} } sort keys %$row;
        my @values = map { ref $row->{$_} ? ${ $row->{$_} } : literal($row->{$_}) } @columns;
        push @sql, "INSERT INTO oracle.$table (" . join(', ', @columns) . ') VALUES (' . join(', ', @values) . ')';
    }
    return @sql;
}

sub _tier_row {
    my ($tier) = @_;
    return { %$tier, minimums => json($tier->{minimums}), latched => $tier->{latched} ? 'true' : 'false' };
}

sub _rule_row {
    my ($rule) = @_;
    my %row = %$rule;
    delete $row{position};
    foreach my $interval (grep { defined $row{$_} } qw(period grace per within silent_for)) {
        $row{$interval} = \('extract(epoch FROM interval ' . literal($row{$interval}) . ')');
    }
    $row{grace} //= 0;
    $row{decay} //= 'none';
    return \%row;
}

sub parent { my ($path) = @_; return $path eq 'score' ? '' : $path =~ /^(.*)\./ ? $1 : 'score' }

# The dimensions, the root first, each with its number.
sub _numbered {
    my ($model) = @_;
    my $root = (first { $_->{path} eq 'score' } @{ $model->{dimensions} }) // { path => 'score', base => 0, weight => 1 };
    my @below = sort { $a->{path} cmp $b->{path} } grep { $_ != $root } @{ $model->{dimensions} };
    my $number = 0;
    return map { +{ combine => 'sum', position => 0, %$_, number => ++$number } } $root, @below;
}

sub _dimension_row {
    my ($dimension, $dimensions, $rules) = @_;
    my @resets = grep { defined $_->{resets} && _is_below($dimension->{path}, $_->{resets}) } @$rules;
    my @children = map { exists $_->{path} ? -$_->{number} : $_->{number} } _children($dimension, $dimensions, $rules);
    my %row = (
        %$dimension,
        children => '{' . join(',', @children) . '}',
        reset_by => '{' . join(',', map { $_->{number} } @resets) . '}',
        most => $dimension->{combine} eq 'share' ? _most_of_children($dimension, $dimensions, $rules) : undef);
    delete $row{position};
    return \%row;
}

sub _is_below { my ($path, $top) = @_; return $top eq 'score' || $path eq $top || index($path, "$top.") == 0 }

# By position, then rules before dimensions, then by name.
sub _children {
    my ($dimension, $dimensions, $rules) = @_;
    my @rules = sort { $a->{name} cmp $b->{name} } grep { $_->{dimension} eq $dimension->{path} } @$rules;
    my @below = sort { $a->{path} cmp $b->{path} } grep { parent($_->{path}) eq $dimension->{path} } @$dimensions;
    # The sort is stable.
    return sort { $a->{position} <=> $b->{position} } @rules, @below;
}

# --- The most that something can give ---

my $infinity = 9**9**9;

sub _most_of_children { my ($dimension, @tree) = @_; return sum0(map { (_extent($_, @tree))[1] } _children($dimension, @tree)) }

# The most that the children of a dimension that is a share can give it; infinite if there is no bound.
sub most_of_share {
    my ($model, $path) = @_;
    my @dimensions = _numbered($model);
    return _most_of_children((first { $_->{path} eq $path } @dimensions), \@dimensions, $model->{rules});
}

# The least and the most that a child can give its parent.
sub _extent {
    my ($child, @tree) = @_;
    return _extent_of_rule($child) if !exists $child->{path};
    my ($low, $high) = map { $_ + $child->{base} } _combined($child, map { [ _extent($_, @tree) ] } _children($child, @tree));
    ($low, $high) = map { _clamped($_, $child->{min_value}, $child->{max_value}) } $low, $high;
    my ($one, $other) = map { $child->{weight} == 0 ? 0 : $_ * $child->{weight} } $low, $high;
    return $child->{weight} < 0 ? ($other, $one) : ($one, $other);
}

sub _combined {
    my ($dimension, @parts) = @_;
    my ($lows, $highs) = map { my $i = $_; [ map { $_->[$i] } @parts ] } 0, 1;
    return (0, 0) if !@parts;
    return (sum0(@$lows), sum0(@$highs)) if $dimension->{combine} eq 'sum';
    return (max(@$lows), max(@$highs)) if $dimension->{combine} eq 'max';
    return (min(0, @$lows), max(0, @$highs)) if $dimension->{combine} eq 'first';
    my $most = sum0(@$highs);
    return (100 / $most * sum0(@$lows), 100);
}

sub _extent_of_rule {
    my ($rule) = @_;
    my @points = ($rule->{points}, $rule->{else_points} // 0);
    my ($low, $high) = (min(0, @points), max(0, @points));
    return ($low, $high) if !defined $rule->{event};
    if (defined $rule->{multiplier}) {
        ($low, $high) = (-$infinity, $infinity);
    } elsif ($rule->{max_awards} && !defined $rule->{per}) {
        ($low, $high) = map { $_ * $rule->{max_awards} } $low, $high;
    } elsif (!defined $rule->{at_least} && !defined $rule->{at_most} && (!defined $rule->{silent_for} || $rule->{repeats} eq 'true')) {
        ($low, $high) = map { $_ == 0 ? 0 : $_ * $infinity } $low, $high;
    }
    return map { _clamped($_, $rule->{min_points}, $rule->{max_points}) } $low, $high;
}

sub _clamped {
    my ($value, $low, $high) = @_;
    $value = min($value, $high) if defined $high;
    return defined $low ? max($value, $low) : $value;
}

1;
