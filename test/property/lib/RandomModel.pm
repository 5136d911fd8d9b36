# A scoring model at random, as plain data, and the SQL that declares it as a model's draft. Numbers are binary fractions, so
# that sums of what does not fade are exact, whatever the order.
package RandomModel;

use strict;
use warnings;

use Dice qw(roll between chance pick some shuffled);
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
my @roots = ('fit', 'engagement', 'Été "26"', 'x');
my @parts = ('company', 'web', 'A b', 'y');
my @periods = (
    '1 day', '7 days', '6 hours', '1 mon', '30 days', '1 year 2 mons', '90 days 12:00', '12 hours 0.25 seconds', '100 years',
    '3 seconds', '0.2 seconds', '5 microseconds');

sub _points { return pick(1, 2, 5, 10, 10, 20, -3, -10, 0.25, 7.5, 50, 1000, -2.75, 3e6) }

# In $percent of 100 calls one of the list; else undef.
sub _perhaps { my ($percent, @list) = @_; return chance($percent) ? pick(@list) : undef }

sub random {
    my ($class, $name, $tables) = @_;
    my $self = bless { name => $name, tables => $tables, notify => chance(50) }, $class;
    my $employees = { min => pick(10, 50), max => 500 };
    $self->{params} = { limit => between(1, 6), icp => { countries => [ some(2, 'FR', 'BE', 'DE') ], employees => $employees } };
    $self->{eligible} = $self->_perhaps_path(50, @lead_conditions);
    $self->{dimensions} = [ $self->_random_dimensions ];
    my @paths = $self->paths;
    my @names = shuffled(map { ("rule $_", "Règle '$_'") } 1 .. 9);
    $self->{rules} = [
        (map { $self->_random_lead_rule(shift @names, pick(@paths)) } 1 .. between(1, 6)),
        (map { $self->_random_event_rule(shift @names, pick(@paths)) } 1 .. between(2, 9)) ];
    $self->{tiers} = [ $self->_random_tiers ];
    return $self;
}

# A model that differs from this one in some places.
sub changed {
    my ($self) = @_;
    my $other = RandomModel->random($self->{name}, $self->{tables});
    return $other if chance(30);
    my @rules = map { +{%$_} } @{ $self->{rules} };
    $_->{points} = _points() foreach some(2, @rules);
    pop @rules if @rules > 3;
    push @rules, $self->_random_event_rule('new rule ' . roll(1e6), pick($self->paths));
    my %changed = (%$self, rules => \@rules);
    $changed{tiers} = [ $self->_random_tiers ] if chance(40);
    $changed{params} = $other->{params} if chance(40);
    $changed{eligible} = $other->{eligible} if chance(30);
    return bless \%changed, ref $self;
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
    my $decay = pick('none', 'half_life', 'half_life', 'linear', 'step', 'window');
    my $fades = $decay ne 'none';
    my %rate = (step => pick(0.25, 0.5, 1, 0.125), linear => pick(undef, 0.5, 1, 2, 0.25));
    my ($low, $high) = sort { $a <=> $b } map { pick(-20, 0, 3, 15, 40, 2000) } 1, 2;
    return {
        name => $name,
        dimension => $dimension,
        position => roll(3),
        event => pick(@kinds),
        condition => scalar $self->_perhaps_path(55, @event_conditions),
        points => _points(),
        multiplier => scalar $self->_perhaps_path(25, @multipliers),
        decay => $decay,
        period => $fades ? pick(@periods) : undef,
        rate => $rate{$decay},
        grace => $fades && chance(35) ? pick('2 days', '6 hours', '1 mon', '1.5 seconds', '20 years') : '0',
        min_points => _perhaps(20, $low),
        max_points => _perhaps(30, $high),
    };
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
        };
    }
    return @tiers;
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
    my ($params, $eligible) = map { literal($_) } json($self->{params}), $self->{eligible};
    return (
        "UPDATE leadscore.model SET params = $params, eligible = $eligible WHERE name = $name",
        (map { "DELETE FROM leadscore.$_ WHERE model = $name" } qw(dimension rule tier)),
        (map { $self->_insert_sql('dimension', $_) } @{ $self->{dimensions} }),
        (map { $self->_insert_sql('rule', $_) } @{ $self->{rules} }),
        (map { $self->_insert_sql('tier', { %$_, minimums => json($_->{minimums}) }) } @{ $self->{tiers} }));
}

sub _insert_sql {
    my ($self, $table, $row) = @_;
    my %row = (%$row, model => $self->{name});
    my @columns = grep { defined $row{$_} } sort keys %row;
    my $values = join(', ', map { literal($row{$_}) } @columns);
    return "INSERT INTO leadscore.$table (" . join(', ', @columns) . ") VALUES ($values)";
}

1;
