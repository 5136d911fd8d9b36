# Random choices that a seed repeats.
package Dice;

use strict;
use warnings;

use Exporter 'import';
our @EXPORT_OK = qw(roll between chance pick some shuffled weighted);

# A whole number from 0 to $n - 1.
sub roll { return int(rand($_[0])) }

# A whole number from $low to $high.
sub between { return $_[0] + int(rand($_[1] - $_[0] + 1)) }

# True in $percent of 100 calls.
sub chance { return rand(100) < $_[0] }

sub pick { return $_[ int(rand(@_)) ] }

sub shuffled {
    my @list = @_;
    for (my $i = $#list; $i > 0; $i--) {
        my $j = int(rand($i + 1));
        @list[ $i, $j ] = @list[ $j, $i ];
    }
    return @list;
}

# $count of the list, or all if it is shorter, in a random order.
sub some {
    my ($count, @list) = @_;
    @list = shuffled(@list);
    return @list[ 0 .. ($count < @list ? $count : @list) - 1 ];
}

# One of the values of a list of weight => value.
sub weighted {
    my @pairs = @_;
    my $sum = 0;
    for (my $i = 0; $i < @pairs; $i += 2) { $sum += $pairs[$i] }
    my $left = rand($sum);
    while (@pairs > 2) {
        my ($weight, $value) = splice(@pairs, 0, 2);
        return $value if $left < $weight;
        $left -= $weight;
    }
    return $pairs[1];
}

1;
