# What a model means, computed by plain SQL from the team's tables. It shares no code with the extension.
package Oracle;

use strict;
use warnings;

use List::Util qw(first);
use Sql qw(literal json);

# A row becomes a document in one way only, whatever the session shows values like.
our $settings = "SET timezone = 'UTC' SET datestyle = 'ISO' SET intervalstyle = 'postgres' SET extra_float_digits = 1";

# Functions that serve every model.
sub common_sql {
    return split(/;\n+/, <<'SQL');
CREATE SCHEMA oracle;

-- What is left of an award. Ages are numeric: exact to the microsecond.
CREATE FUNCTION oracle.factor(decay text, period numeric, rate float8, grace numeric, at timestamptz, t timestamptz) RETURNS float8
    LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN at > t THEN 0
        WHEN decay = 'none' THEN 1
        WHEN at = '-infinity' THEN 0
        WHEN decay = 'half_life' AND age / period > 1000 THEN 0
        WHEN decay = 'half_life' THEN power(2::float8, -(age / period)::float8)
        WHEN decay = 'linear' THEN greatest(0, 1 - coalesce(rate, 1) * (age / period)::float8)
        WHEN decay = 'step' AND rate < 1 THEN exp(greatest(-600, div(age, period)::float8 * ln(1 - rate)))
        ELSE (age < period)::integer
    END
    FROM (SELECT greatest(0, extract(epoch FROM t) - extract(epoch FROM at) - grace)) AS a(age)
    $$;

CREATE FUNCTION oracle.clamp(value float8, low float8, high float8) RETURNS float8 LANGUAGE sql IMMUTABLE AS
    $$ SELECT least(greatest(value, low), high) $$;

-- The number that a multiplier gives, if it is one that can be used.
CREATE FUNCTION oracle.number(value jsonb) RETURNS float8 LANGUAGE sql IMMUTABLE AS
    $$ SELECT CASE WHEN jsonb_typeof(value) = 'number' AND abs(value::numeric) < 1e90 THEN value::float8 END $$;

-- Whether a value reaches a minimum; null if what fades in it is too close to tell.
CREATE FUNCTION oracle.reaches(value float8, minimum float8, fading float8) RETURNS boolean LANGUAGE sql IMMUTABLE AS
    $$ SELECT CASE WHEN fading = 0 OR abs(value - minimum) > 1e-11 * fading THEN value >= minimum END $$;

CREATE FUNCTION oracle.is_close(a float8, b float8, size float8) RETURNS boolean LANGUAGE sql IMMUTABLE AS
    $$ SELECT coalesce(abs(a - b) <= 1e-9 * greatest(1, abs(a), abs(b), size), a IS NULL AND b IS NULL) $$;
SQL
}

# oracle.scores(t, part, source): a row per lead that has a row or an event with a time, if only an infinite one:
#   dimensions: their values, none if the lead is not eligible; sizes: the sums of the magnitudes of all that was added up
#   least_tier, most_tier: the same tier, unless a value that fades is too close to a minimum to tell
#   rules: per event rule the points (weights applied), number and last time of its awards; per lead rule its points
# part: 'all'; 'lead': without event rules; 'events': without bases and lead rules. source: of events, null for all.
sub scores_sql {
    my ($model) = @_;
    my $tables = $model->{tables};
    my @lead_rules = grep { !defined $_->{event} } @{ $model->{rules} };
    my @event_rules = grep { defined $_->{event} } @{ $model->{rules} };
    my ($key, $key_type, $id) = ($tables->key_sql, $tables->key_type, $tables->column('id'));
    my $params = literal(json($model->{params}));
    my $events = join("\n        UNION ALL ", map { _events_of($tables, $_) } @{ $tables->{sources} });
    my ($awards, $sums) = map { join('', $_->(@event_rules)) } \&_awards, \&_sums;
    my $is_eligible = _is_true($model->{eligible}, 'to_jsonb(l)');
    my $answers = join('', _answers($model, @lead_rules));
    my ($columns, $laterals) = _tree($model, \@lead_rules, \@event_rules);
    return <<"SQL" =~ s/\n\z//r;
CREATE OR REPLACE FUNCTION oracle.scores(t timestamptz, part text DEFAULT 'all', source text DEFAULT NULL)
    RETURNS TABLE (lead $key_type, has_lead boolean, has_events boolean, is_eligible boolean, dimensions jsonb, sizes jsonb,
        least_tier text, most_tier text, last_event_at timestamptz, rules jsonb)
    LANGUAGE sql STABLE $settings AS \$oracle\$
    WITH params AS (
        SELECT $params\::jsonb AS params
    ), event AS (
        $events
    ), award AS (
        SELECT e.lead, e.at$awards
        FROM event AS e CROSS JOIN params
        WHERE e.lead IS NOT NULL AND e.at IS NOT NULL AND (scores.source IS NULL OR e.source = scores.source)
    ), engaged AS (
        SELECT a.lead, max(a.at) FILTER (WHERE isfinite(a.at)) AS last_event_at$sums
        FROM award AS a GROUP BY a.lead
    ), known AS (
        SELECT (l.$id)\::$key AS lead, $is_eligible AS is_eligible$answers
        FROM $tables->{leads}{table} AS l CROSS JOIN params
    )
    SELECT coalesce(k.lead, e.lead), k.lead IS NOT NULL, e.lead IS NOT NULL, k.is_eligible, $columns
    FROM known AS k FULL JOIN engaged AS e ON k.lead = e.lead$laterals
    \$oracle\$
SQL
}

sub _events_of {
    my ($tables, $source) = @_;
    my ($lead, $at, $key) = ($tables->column('lead'), 'e.' . $tables->column('at'), $tables->key_sql);
    $at = "$at\::timestamp AT TIME ZONE 'UTC'" if $source->{at_type} ne 'timestamptz';
    my $name = literal($source->{name});
    my $kind = $source->{kind_type} ? 'e.' . $tables->column('kind') : $name;
    return "SELECT (e.$lead)::$key AS lead, $at AS at, $kind\::text AS kind, $name\::text AS source, to_jsonb(e) AS document"
        . " FROM $source->{table} AS e";
}

sub _match { my ($path, $document) = @_; return "jsonb_path_match($document, " . literal($path) . '::jsonpath, params, true)' }
sub _is_true { my ($path, $document) = @_; return defined $path ? 'coalesce(' . _match($path, $document) . ', false)' : 'true' }

# An award per event and rule, before it fades: a1, a2, ...; null if there is none.
sub _awards {
    my $n = 0;
    return map {
        my $kind = $_->{event} eq '*' ? 'true' : 'e.kind = ' . literal($_->{event});
        my $condition = _is_true($_->{condition}, 'e.document');
        my $points = "$_->{points}::float8";
        $points .= ' * oracle.number(jsonb_path_query_first(e.document, ' . literal($_->{multiplier}) . '::jsonpath, params, true))'
            if defined $_->{multiplier};
        ",\n            CASE WHEN $kind AND $condition THEN $points END AS a" . ++$n;
    } @_;
}

# Per event rule: the sum s, the sum of the magnitudes m, the number n and the last time l of the awards up to t.
sub _sums {
    my $n = 0;
    return map {
        my $award = 'a.a' . ++$n;
        my $counts = "$award <> 0 AND a.at <= t";
        my $faded = sprintf('%s * oracle.factor(%s, %s, %s, %s, a.at, t)', $award, literal($_->{decay}), _seconds($_->{period}),
            $_->{rate} // 'NULL', _seconds($_->{grace}));
        ",\n            coalesce(sum($faded), 0) AS s$n, coalesce(sum(abs($faded)), 0) AS m$n"
            . ", count(*) FILTER (WHERE $counts) AS n$n, max(a.at) FILTER (WHERE $counts) AS l$n";
    } @_;
}

sub _seconds { return defined $_[0] ? 'extract(epoch FROM interval ' . literal($_[0]) . ')' : 'NULL' }

# Per lead rule its points: p1, p2, ...; per tier whether it is for the lead: t1, t2, ...
sub _answers {
    my ($model, @rules) = @_;
    my ($p, $t) = (0, 0);
    my @points = map {
        my $answer = defined $_->{condition} ? _match($_->{condition}, 'to_jsonb(l)') : 'true';
        ",\n            CASE $answer WHEN true THEN $_->{points} WHEN false THEN $_->{else_points} ELSE 0 END AS p" . ++$p;
    } @rules;
    return (@points, map { ",\n            " . _is_true($_->{applies_to}, 'to_jsonb(l)') . ' AS t' . ++$t } @{ $model->{tiers} });
}

sub _parent { my ($path) = @_; return $path eq 'score' ? '' : $path =~ /^(.*)\./ ? $1 : 'score' }

# The dimensions from the leaves to the root, each as d<number> with its value v, its size z and the size f of what fades in it: the
# columns of the result, and the joins that they come from.
sub _tree {
    my ($model, $lead_rules, $event_rules) = @_;
    my $root = (first { $_->{path} eq 'score' } @{ $model->{dimensions} }) // { path => 'score', base => 0, weight => 1 };
    my %depth = map { $_->{path} => scalar(split(/\./, $_->{path})) } @{ $model->{dimensions} };
    my @tree = sort { $depth{ $b->{path} } <=> $depth{ $a->{path} } } grep { $_ != $root } @{ $model->{dimensions} };
    push @tree, $root;
    my $n = 0;
    my %name = map { $_->{path} => 'd' . ++$n } @tree;

    my $laterals = '';
    foreach my $dimension (@tree) {
        my @parts = (_own_parts($dimension, $lead_rules, $event_rules), map { [ _weighted($name{ $_->{path} }, $_->{weight}) ] }
            grep { _parent($_->{path}) eq $dimension->{path} } @tree);
        my ($value, $size, $fading) = map { my $i = $_; join(' + ', map { $_->[$i] } @parts) } 0 .. 2;
        my ($low, $high) = map { $_ // 'NULL' } @{$dimension}{qw(min_value max_value)};
        $laterals .= "\n    CROSS JOIN LATERAL (SELECT oracle.clamp($value, $low, $high), $size, $fading)"
            . " AS $name{$dimension->{path}}(v, z, f)";
    }
    my ($values, $sizes) = map { my $c = $_; join(', ', map { literal($_->{path}) . ", $name{$_->{path}}.$c" } @tree) } 'v', 'z';
    my $columns = join(",\n        ",
        "CASE WHEN k.is_eligible IS NOT false OR part = 'events' THEN jsonb_build_object($values) ELSE '{}' END",
        "jsonb_build_object($sizes)", (map { _tier($model, \%name, $_) } 'false', 'true'), 'e.last_event_at',
        _rules($model, $lead_rules, $event_rules));
    return ($columns, $laterals);
}

# What a dimension adds up besides its sub-dimensions, each as [value, size, fading].
sub _own_parts {
    my ($dimension, $lead_rules, $event_rules) = @_;
    my @parts = [ "CASE part WHEN 'events' THEN 0 ELSE $dimension->{base} END", abs($dimension->{base}), 0 ];
    foreach my $i (grep { $lead_rules->[$_]{dimension} eq $dimension->{path} } 0 .. $#$lead_rules) {
        my $points = sprintf("CASE part WHEN 'events' THEN 0 ELSE coalesce(k.p%d, 0) END", $i + 1);
        push @parts, [ $points, "abs($points)", 0 ];
    }
    foreach my $i (grep { $event_rules->[$_]{dimension} eq $dimension->{path} } 0 .. $#$event_rules) {
        my $points = _rule_points($event_rules->[$i], $i + 1);
        my $size = sprintf('coalesce(e.m%d, 0)', $i + 1);
        push @parts, [ $points, "$size + abs($points)", $event_rules->[$i]{decay} =~ /none|window/ ? 0 : $size ];
    }
    return @parts;
}

sub _weighted { my ($name, $weight) = @_; return ("($weight) * $name.v", map { abs($weight) . " * $name.$_" } 'z', 'f') }

sub _rule_points {
    my ($rule, $number) = @_;
    my ($low, $high) = map { $_ // 'NULL' } @{$rule}{qw(min_points max_points)};
    return "CASE part WHEN 'lead' THEN 0 ELSE oracle.clamp(coalesce(e.s$number, 0), $low, $high) END";
}

# The tier; `unclear` is what counts where it is too close to tell.
sub _tier {
    my ($model, $names, $unclear) = @_;
    my $cases = '';
    foreach my $i (reverse 0 .. $#{ $model->{tiers} }) {
        my ($tier, $holds) = ($model->{tiers}[$i], 'k.t' . ($i + 1));
        while (my ($path, $minimum) = each %{ $tier->{minimums} }) {
            $holds .= " AND coalesce(oracle.reaches($names->{$path}.v, $minimum, $names->{$path}.f), $unclear)";
        }
        $cases .= " WHEN $holds THEN " . literal($tier->{name});
    }
    return "CASE WHEN k.is_eligible IS NOT true THEN NULL$cases END";
}

# What explain should say of each rule.
sub _rules {
    my ($model, $lead_rules, $event_rules) = @_;
    my %weight = map { $_->{path} => $_->{weight} } @{ $model->{dimensions} };
    my $weight_of = sub {
        my ($path) = @_;
        my $product = 1;
        for (; $path ne 'score'; $path = _parent($path)) { $product *= $weight{$path} }
        return $product;
    };
    my ($n, $p) = (0, 0);
    my @rules = map {
        my ($points, $weight) = (_rule_points($_, ++$n), $weight_of->($_->{dimension}));
        literal($_->{name}) . ", jsonb_build_object('points', $points * $weight, 'awards', coalesce(e.n$n, 0), 'last_at', e.l$n)";
    } @$event_rules;
    push @rules, map {
        my ($points, $weight) = ('coalesce(k.p' . ++$p . ', 0)', $weight_of->($_->{dimension}));
        literal($_->{name}) . ", jsonb_build_object('points', $points * $weight, 'awards', 0, 'last_at', NULL)";
    } @$lead_rules;
    return 'jsonb_build_object(' . join(",\n            ", @rules) . ')';
}

1;
