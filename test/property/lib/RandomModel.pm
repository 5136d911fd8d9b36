# A scoring model at random, as plain data, and the SQL that declares it as a model's draft. Numbers are binary fractions, so
# that sums of what does not fade are exact, whatever the order. Nothing in a model contradicts itself.
package RandomModel;

use strict;
use warnings;

use Dice qw(roll between chance pick some shuffled weighted);
use Oracle;
use Sql qw(literal json);

# Conditions on leads; {name} stands for a column. Some are unknown for some rows.
my @lead_conditions = split(/\n */, <<'PATHS' =~ s/^ +//r);
    {country} == "FR"
    {country} == $icp.countries[*]
    {country} != null
    {employees} > 50
    {employees} > $icp.employees.min
    {employees} >= $icp.employees.min && {employees} <= $icp.employees.max
    {title} like_regex "ceo|cto" flag "i"
    {title} starts with "C" || {country} == "BE"
    !({active} == true)
    {active} == true
    {size} * 2 >= $limit
    {size} == 0.3
    {made} like_regex "T0"
    {props}.n > 3
    strict {props}.n > 3
    ({props}.n > 3) is unknown
    {props}.s != "no"
    {props}.tags[*] == "x"
    exists({props}.tags[*] ? (@ starts with "x"))
PATHS

my @event_conditions = split(/\n */, <<'PATHS' =~ s/^ +//r);
    {amount} > 2
    {amount} <= $limit
    {id} > 100
    {at} like_regex "T(00|06)"
    {props}.n >= 1 && {props}.n < 6
    strict {props}.n > 3
    ({props}.n == 1) is unknown
    !({props}.s == "no")
    {props}.tags[*] == "x"
    {props}.url starts with "/pricing"
    exists({props}.url)
PATHS

my @multipliers = split(/\n */, <<'PATHS' =~ s/^ +//r);
    {amount}
    {amount} - $limit
    {props}.n
    -{props}.n
    {props}.s
    {props}.big
    {props}.list[*]
    {props}.tags.size()
PATHS

my @kinds = ('view', 'view', 'form', 'buy', 'Calls & mails', 'call', 'Odd kind!', '*');
# What may be missing for long, or empties a dimension: if it were in every second event, nothing else would be seen.
my @rare_kinds = ('buy', 'ping', 'Odd kind!', 'call', 'never seen');
my @roots = ('fit', 'engagement', 'Été "26"', 'x');
my @parts = ('company', 'web', 'A b', 'y');
my @periods = (
    '1 day', '7 days', '6 hours', '1 mon', '30 days', '1 year 2 mons', '90 days 12:00', '12 hours 0.25 seconds', '100 years',
    '3 seconds', '0.2 seconds', '5 microseconds');
my @lengths = ('1 day', '6 hours', '7 days', '1 mon', '90 days 12:00', '1 year 2 mons', '12 hours 0.25 seconds');

sub _points { return pick(1, 2, 5, 10, 10, 20, -3, -10, 0.25, 7.5, 50, 1000, -2.75, 3e6) }

# In $percent of 100 calls one of the list; else undef.
sub _perhaps { my ($percent, @list) = @_; return chance($percent) ? pick(@list) : undef }

sub random {
    my ($class, $name, $tables) = @_;
    my $self = bless { name => $name, tables => $tables, notify => chance(50) }, $class;
    my $employees = { min => pick(10, 50), max => 500 };
    $self->{params} = { limit => between(1, 6), icp => { countries => [ some(2, 'FR', 'BE', 'DE') ], employees => $employees } };
    $self->{eligible} = $self->_perhaps_path(50, @lead_conditions);
    $self->{created_at} = _perhaps(60, 'made');
    $self->{dimensions} = [ $self->_random_dimensions ];
    $self->{tiers} = [ $self->_random_tiers ];
    my @paths = $self->paths;
    my @names = shuffled(map { ("rule $_", "Règle '$_'") } 1 .. 9);
    $self->{rules} = [
        (map { $self->_random_lead_rule(shift @names, pick(@paths)) } 1 .. between(1, 6)),
        (map { $self->_random_event_rule(shift @names, pick(@paths)) } 1 .. between(2, 9)) ];
    $self->{grades} = [ $self->_random_grades ];
    $self->bound_shares;
    return $self;
}

# A model that differs from this one in some places.
sub changed {
    my ($self) = @_;
    my $other = RandomModel->random($self->{name}, $self->{tables});
    return $other if chance(30);
    my $changed = bless {%$self}, ref $self;
    $changed->{params} = $other->{params} if chance(40);
    $changed->{eligible} = $other->{eligible} if chance(30);
    $changed->{created_at} = $other->{created_at} if chance(20);
    $changed->{tiers} = [ $self->_random_tiers ] if chance(40);
    $changed->{grades} = [ $self->_random_grades ] if chance(40);
    $changed->{dimensions} = [ map { +{%$_} } @{ $self->{dimensions} } ];
    $changed->{rules} = [ map { +{%$_} } @{ $self->{rules} } ];
    my @rules = @{ $changed->{rules} };
    $_->{points} = _points() foreach some(2, @rules);
    pop @{ $changed->{rules} } if @rules > 3;
    push @{ $changed->{rules} }, $changed->_random_event_rule('new rule ' . roll(1e6), pick($self->paths));
    my %tiers = map { $_->{name} => 1 } @{ $changed->{tiers} };
    delete $_->{grants} foreach grep { defined $_->{grants} && !$tiers{ $_->{grants} } } @{ $changed->{rules} };
    $changed->bound_shares;
    return $changed;
}

# The paths of all dimensions, the root's first.
sub paths { my ($self) = @_; return ('score', grep { $_ ne 'score' } map { $_->{path} } @{ $self->{dimensions} }) }

# A jsonpath of the list, with the columns in their places.
sub _perhaps_path {
    my ($self, $percent, @paths) = @_;
    my $path = _perhaps($percent, @paths) // return;
    return $path =~ s/\{(\w+)\}/$self->{tables}->path($1)/ger;
}

sub _random_dimensions {
    my ($self) = @_;
    my @paths = some(between(0, 3), @roots);
    push @paths, map { my $parent = $_; map { "$parent.$_" } some(between(0, 2), @parts) } @paths;
    push @paths, map { "$_." . pick(@parts) } grep { /\./ && chance(40) } @paths;
    return map { $self->_random_dimension($_) } @paths, chance(40) ? 'score' : ();
}

sub _random_dimension {
    my ($self, $path) = @_;
    my ($low, $high) = sort { $a <=> $b } map { between(-60, 120) } 1, 2;
    return {
        path => $path,
        combine => weighted(50 => 'sum', 18 => 'max', 18 => 'first', 14 => 'share'),
        position => pick(0, 0, 1, 2, 0.5),
        weight => $path eq 'score' ? 1 : pick(1, 1, 2, 0.5, -1, -0.25, 0, 3),
        base => pick(0, 0, 0, 5, -10.5),
        min_value => _perhaps(25, $low),
        max_value => _perhaps(35, $high),
    };
}

sub _random_lead_rule {
    my ($self, $name, $dimension) = @_;
    return {
        name => $name,
        dimension => $dimension,
        position => roll(3),
        points => _points(),
        else_points => chance(40) ? _points() : 0,
        condition => scalar $self->_perhaps_path(85, @lead_conditions),
    };
}

sub _random_event_rule {
    my ($self, $name, $dimension) = @_;
    my $rule = {
        name => $name,
        dimension => $dimension,
        position => roll(3),
        event => pick(@kinds),
        condition => scalar $self->_perhaps_path(55, @event_conditions),
        points => _points(),
    };
    my $make = weighted(38 => \&_make_awards, 22 => \&_make_limited, 20 => \&_make_frequency, 20 => \&_make_silence);
    $rule = { %$rule, $self->$make };
    my $is_of_rare = defined $rule->{silent_for} || defined $rule->{resets} || defined $rule->{grants};
    $rule->{event} = pick(@rare_kinds) if $is_of_rare && chance(75);
    return $rule;
}

sub _make_awards {
    my ($self) = @_;
    my $decay = pick('none', 'half_life', 'half_life', 'linear', 'step', 'window');
    my $fades = $decay ne 'none';
    my %rate = (step => pick(0.25, 0.5, 1, 0.125), linear => pick(undef, 0.5, 1, 2, 0.25));
    my ($low, $high) = sort { $a <=> $b } map { pick(-20, 0, 3, 15, 40, 2000) } 1, 2;
    my @tiers = $decay =~ /none|window|linear/ ? map { $_->{name} } @{ $self->{tiers} } : ();
    return (
        multiplier => scalar $self->_perhaps_path(25, @multipliers),
        decay => $decay,
        period => $fades ? pick(@periods) : undef,
        rate => $rate{$decay},
        grace => $fades && chance(35) ? pick('2 days', '6 hours', '1 mon', '1.5 seconds', '20 years') : '0',
        min_points => _perhaps(20, $low),
        max_points => _perhaps(30, $high),
        resets => _perhaps(15, $self->paths),
        grants => @tiers ? _perhaps(35, @tiers) : undef);
}

sub _make_limited {
    my ($self) = @_;
    return ($self->_make_awards, max_awards => pick(1, 1, 2, 3, 7), per => _perhaps(65, @lengths, '0.2 seconds'));
}

sub _make_frequency {
    my ($low, $high) = sort { $a <=> $b } map { pick(0, 1, 1, 2, 3, 5, 12) } 1, 2;
    return (
        (chance(70) ? (at_least => $low) : (at_most => $high)),
        (chance(30) ? (at_most => $high) : ()),
        within => _perhaps(75, @lengths, '3 seconds'));
}

# Its points are within bounds on both sides of 0: a floor or a ceiling.
sub _make_silence {
    return (
        silent_for => pick(@lengths),
        repeats => pick('true', 'false'),
        min_points => _perhaps(35, -200, -50, -20, 0),
        max_points => _perhaps(35, 0, 15, 40, 2000));
}

sub _random_tiers {
    my ($self) = @_;
    my @tiers;
    foreach my $name (some(between(0, 4), 'cold', 'warm', 'Hot!', 'bu"rning')) {
        push @tiers, {
            name => $name,
            position => @tiers * 1.5,
            minimums => { map { $_ => pick(0, 5, 10, 20, 60, -10, 2.5, 100) } some(between(0, 2), $self->paths) },
            applies_to => scalar $self->_perhaps_path(20, @lead_conditions),
            latched => chance(25),
        };
    }
    return @tiers;
}

sub _random_grades {
    my ($self) = @_;
    my @grades;
    foreach my $path (grep { chance(35) } $self->paths) {
        my @names = some(between(1, 4), 'A', 'B+', 'C', '"D"');
        my @minimums = some(scalar @names, -1e12, -10, 0, 2.5, 5, 20, 50, 75);
        push @grades, map { +{ dimension => $path, name => $names[$_], minimum => $minimums[$_] } } 0 .. $#names;
    }
    return @grades;
}

# A share is of the most that its parts can give, which must be something, and not without bounds.
sub bound_shares {
    my ($self) = @_;
    my %depth = map { $_->{path} => $_->{path} eq 'score' ? 0 : scalar(split(/\./, $_->{path})) } @{ $self->{dimensions} };
    my @shares = grep { $_->{combine} eq 'share' } @{ $self->{dimensions} };
    foreach my $share (sort { $depth{ $b->{path} } <=> $depth{ $a->{path} } } @shares) {
        my $path = $share->{path};
        foreach my $rule (grep { $_->{dimension} eq $path && defined $_->{event} } @{ $self->{rules} }) {
            next if defined $rule->{at_least} || defined $rule->{at_most};
            $rule->{max_points} //= pick(grep { $_ >= ($rule->{min_points} // 0) } 0, 15, 40, 2000);
        }
        foreach my $below (grep { Oracle::parent($_->{path}) eq $path } @{ $self->{dimensions} }) {
            $below->{weight} = abs($below->{weight});
            $below->{max_value} //= pick(grep { $_ >= ($below->{min_value} // 0) } 10, 50, 120);
        }
        $share->{combine} = 'sum' if Oracle::most_of_share($self, $path) <= 0;
    }
    return;
}

# --- As SQL ---

# What makes the model, before its first draft.
sub create_sql {
    my ($self) = @_;
    my $tables = $self->{tables};
    my $name = literal($self->{name});
    my @sql = sprintf('SELECT leadscore.create_model(%s, %s, notify => %s)', $name, literal($tables->{leads}{table}),
        $self->{notify} ? 'true' : 'false');
    foreach my $source (@{ $tables->{sources} }) {
        my ($lead, $at, $kind) = @{ $tables->{names} }{qw(lead at kind)};
        my @arguments = map { literal($_) } $source->{table}, $lead, $at, $source->{kind_type} ? $kind : undef, $source->{name};
        push @sql, "SELECT leadscore.add_events($name, " . join(', ', @arguments) . ')';
    }
    return @sql;
}

# What turns the draft into this one.
sub draft_sql {
    my ($self) = @_;
    my $name = literal($self->{name});
    my $made = defined $self->{created_at} ? $self->{tables}{names}{ $self->{created_at} } : undef;
    my ($params, $eligible, $created_at) = map { literal($_) } json($self->{params}), $self->{eligible}, $made;
    return (
        "UPDATE leadscore.model SET params = $params, eligible = $eligible, created_at = $created_at WHERE name = $name",
        (map { "DELETE FROM leadscore.$_ WHERE model = $name" } qw(dimension rule grade tier)),
        (map { $self->_insert_sql('dimension', $_) } @{ $self->{dimensions} }),
        (map { $self->_insert_sql('rule', $_) } @{ $self->{rules} }),
        (map { $self->_insert_sql('grade', $_) } @{ $self->{grades} }),
        (map { $self->_insert_sql('tier', { %$_, minimums => json($_->{minimums}), latched => $_->{latched} ? 'true' : 'false' }) }
            @{ $self->{tiers} }));
}

sub _insert_sql {
    my ($self, $table, $row) = @_;
    my %row = (%$row, model => $self->{name});
    my @columns = grep { defined $row{$_} } sort keys %row;
    my $values = join(', ', map { literal($row{$_}) } @columns);
    return "INSERT INTO leadscore.$table (" . join(', ', @columns) . ") VALUES ($values)";
}

1;
