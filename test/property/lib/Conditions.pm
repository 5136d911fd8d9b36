# Conditions at random on rows at random: every column type that is read in a way of its own, and what jsonpath can ask of it.
package Conditions;

use strict;
use warnings;

use Dice qw(between chance pick weighted);
use Sql qw(literal);

my @numbers = (0, 1, -1, 2, 3, 7, 2.5, 0.1, '0.10000000000000000001', '1e20', '9007199254740992', '9007199254740993', '1e-7', '-0.5',
    '123456789012345678901234567890.5', 32767, 2147483647, '9223372036854775807');
my @strings = ('', 'a', 'A', 'ab', 'abc', 'b', 'Zürich', 'été', 'CEO', 'VP Sales', 'x y', '2024-01-31', '2024-01-31T10:00:00', 'NaN', 'Infinity',
    '-Infinity', 'red', 'blue', '1', 'true', 'null', "it's", 'a"b', "a\\b", "two\nlines", 'ab    ');

# The columns, and a random value of each in SQL.
my %column = (
    i2 => [ 'int2', sub { pick(0, 1, -1, 2, 3, 7, 32767) } ],
    i4 => [ 'int4', sub { pick(0, 1, -1, 2, 3, 7, 2147483647) } ],
    i8 => [ 'int8', sub { pick(0, 1, 2, 7, '9007199254740992', '9007199254740993', '9223372036854775807', '-9007199254740993') } ],
    f4 => [ 'float4', sub { pick(0, 0.1, 2.5, 1, 3, q('NaN'), q('Infinity')) } ],
    f8 => [ 'float8', sub { pick(0, q('-0'), 0.1, 2.5, 1, 7, '1e20', '1e-7', '9007199254740992', '5e-324', q('NaN'), q('Infinity'), q('-Infinity')) } ],
    n => [ 'numeric', sub { pick(@numbers, '1.0', '0.100', q('NaN'), q('Infinity'), q('-Infinity')) } ],
    n2 => [ 'numeric(20, 6)', sub { pick(0, 1, 0.1, 2.5, -0.5, 3) } ],
    b => [ 'boolean', sub { pick('true', 'false') } ],
    t => [ 'text', sub { literal(pick(@strings)) } ],
    'lo ng' => [ 'text', sub { "repeat(" . literal(pick(@strings)) . ', ' . pick(1, 200, 3000) . ')' } ],
    v => [ 'varchar', sub { literal(pick(@strings)) } ],
    c => [ 'char(6)', sub { literal(pick('a', 'ab', 'abc', '')) } ],
    d => [ 'date', sub { pick(q('2024-01-31'), q('infinity'), q('0044-03-15 BC'), q('1999-12-31')) } ],
    ts => [ 'timestamp', sub { pick(q('2024-01-31 10:00'), q('-infinity'), q('2024-01-31 10:00:00.123')) } ],
    tz => [ 'timestamptz', sub { pick(q('2024-01-31 10:00+02'), q('infinity'), q('2024-06-30 10:00:00+00')) } ],
    e => [ 'colour', sub { pick(q('red'), q('blue')) } ],
    ia => [ 'int[]', sub { pick(q('{}'), q('{1,2,3}'), q('{7,NULL}'), q('{{1,2},{3,7}}')) } ],
    ta => [ 'text[]', sub { pick(q('{}'), q('{a,ab}'), q('{NULL,CEO}')) } ],
    j => [ 'jsonb', sub { literal(_json(3)) } ],
    'o"j' => [ 'jsonb', sub { literal('{"a": ' . _json(2) . ', "b": ' . _json(2) . ', "c d": ' . _json(1) . '}') } ],
    js => [ 'json', sub { literal(_json(2)) } ],
    u => [ 'uuid', sub { "'00000000-0000-0000-0000-00000000000" . between(0, 9) . "'" } ],
    by => [ 'bytea', sub { pick(q('\x'), q('\x6162')) } ],
    dom => [ 'positive', sub { pick(1, 2.5, 7) } ],
    iv => [ 'interval', sub { pick(q('1 day'), q('2 mons 3 hours')) } ]);

sub columns { return sort keys %column }
sub type { my ($name) = @_; return $column{$name}[0] }

sub table_sql {
    my ($table) = @_;
    return ("CREATE TYPE colour AS ENUM ('red', 'blue')", 'CREATE DOMAIN positive AS numeric CHECK (value > 0)',
        "CREATE TABLE $table (id int, gone text, " . join(', ', map { Sql::identifier($_) . ' ' . type($_) } columns()) . ')',
        "ALTER TABLE $table DROP COLUMN gone");
}

sub row_sql {
    my ($table, $id) = @_;
    my @values = map { chance(15) ? 'NULL' : $column{$_}[1]->() } columns();
    return "INSERT INTO $table VALUES (" . join(', ', $id, @values) . ')';
}

sub _json_string { my ($text) = @_; $text =~ s/([\\"])/\\$1/g; $text =~ s/\n/\\n/g; return qq("$text") }

sub _scalar { return weighted(4 => pick(@numbers), 4 => _json_string(pick(@strings)), 2 => pick('true', 'false'), 1 => 'null') }

sub _json {
    my ($depth) = @_;
    return _scalar() if $depth == 0 || chance(40);
    return '[' . join(', ', map { _json($depth - 1) } 1 .. between(0, 3)) . ']' if chance(40);
    return '{' . join(', ', map { qq("$_": ) . _json($depth - 1) } grep { chance(70) } 'a', 'b', 'c d') . '}';
}

# The variables of every condition.
sub params {
    return '{"one": 1, "text": "CEO", "list": ["a", "CEO", 1, 2.5, null, true], "deep": {"min": 2, "max": 7, "none": [], "list": [[1, 2], 3]},'
        . ' "nothing": null, "object": {"a": 1}}';
}

sub _name { my ($name) = @_; return $name =~ /^\w+$/ ? $name : _json_string($name) }

sub _place {
    my $steps = join('', map { chance(75) ? '.' . _name(pick('a', 'b', 'c d', 'none')) : '[*]' } 1 .. pick(0, 1, 1, 2, 3));
    return '$.' . _name(weighted(20 => pick(columns()), 1 => 'missing')) . (chance(40) ? '' : $steps) if chance(60);
    return '$.' . _name(pick('j', 'o"j', 'js')) . $steps;
}

sub _constant {
    return weighted(10 => _scalar(), 1 => '$one', 1 => '$text', 1 => '$list', 1 => '$list[*]', 1 => '$deep.min', 1 => '$deep.max',
        1 => '$deep.none', 1 => '$deep.list[*]', 1 => '$nothing', 1 => '$object', 1 => '$object.none');
}

# What is left to jsonpath.
sub _other {
    return pick('$.i4 + 1 > 2', '$.j.size() > 1', '$.j ? (@.a == 1).b == 2', 'exists($.j ? (@ == "a"))', '$.i4 == $.i8', '$.j[0] == 1',
        '$.j.type() == "array"', '$.t == $.v', '$.j.* == 1', '$.j.**.a == "a"', '$.i4 / 0 == 1', '$ == 1', '-$.i4 < 0', 'strict $.j.a == 1',
        'strict $.missing == 1', 'strict exists($.j.a)', '1 == 1');
}

# A condition: [ test => TEXT ], [ and/or => LEFT, RIGHT ], [ not/unknown => CONDITION ].
sub random {
    my ($depth) = @_;
    $depth //= pick(0, 0, 0, 1, 2, 3);
    return [ test => _other() ] if $depth == 0 && chance(5);
    return _test() if $depth == 0;
    my $kind = weighted(4 => 'and', 4 => 'or', 2 => 'not', 1 => 'unknown');
    return [ $kind, map { _below($depth) } 1 .. ($kind =~ /and|or/ ? 2 : 1) ];
}

# Strict is of a whole path, not of a part.
sub _below {
    my ($depth) = @_;
    my $condition = Conditions::random($depth - 1);
    return $condition->[0] eq 'test' && $condition->[1] =~ /^strict/ ? _test() : $condition;
}

sub _test {
    my $place = _place();
    my $kind = weighted(12 => 'compare', 2 => 'prefix', 2 => 'regex', 1 => 'exists');
    return [ test => "exists($place)" ] if $kind eq 'exists';
    return [ test => "$place starts with " . weighted(5 => _json_string(pick('a', 'ab', '', 'V', '2024', 'Z', 'é')), 1 => '$text', 1 => '$list', 1 => '$one') ]
        if $kind eq 'prefix';
    return [ test => "$place like_regex " . pick('"^a"', '"b$"', '"ceo|vp" flag "i"', '"."', '"A.*" flag "is"', '"^lines" flag "m"', 
        '"a.b" flag "q"', '"é"') ] if $kind eq 'regex';
    my $operator = pick('==', '!=', '<', '<=', '>', '>=', '==', '<>');
    my $constant = _constant();
    return [ test => chance(80) ? "$place $operator $constant" : "$constant $operator $place" ];
}

sub text {
    my ($condition) = @_;
    my ($kind, @operands) = @$condition;
    return $operands[0] if $kind eq 'test';
    my @texts = map { '(' . text($_) . ')' } @operands;
    return $kind eq 'not' ? "!$texts[0]" : $kind eq 'unknown' ? "$texts[0] is unknown" : join($kind eq 'and' ? ' && ' : ' || ', @texts);
}

# Conditions with something taken away.
sub smaller {
    my ($condition) = @_;
    my ($kind, @operands) = @$condition;
    return if $kind eq 'test';
    my @smaller = @operands;
    for my $i (0 .. $#operands) {
        for my $operand (smaller($operands[$i])) {
            my @changed = @operands;
            $changed[$i] = $operand;
            push @smaller, [ $kind, @changed ];
        }
    }
    return @smaller;
}

1;
