# Repeating, and what repetitions come to.
package Measure;

use strict;
use warnings;

use Exporter qw(import);
use List::Util qw(max min sum);

our @EXPORT_OK = qw(interleave median ratios growth);

sub median {
    my @sorted = sort { $a <=> $b } @_;
    die "no values\n" if !@sorted;
    my $middle = int(@sorted / 2);
    return @sorted % 2 ? $sorted[$middle] : ($sorted[$middle - 1] + $sorted[$middle]) / 2;
}

# Runs each contender once a round, so that what disturbs the machine disturbs all of them, and in another order each time.
# interleave($rounds, [ name => sub { value }, ... ]) gives { name => [values by round] }.
sub interleave {
    my ($rounds, $contenders) = @_;
    my (@names, %code, %values);
    for (my $i = 0; $i < @$contenders; $i += 2) {
        push @names, $contenders->[$i];
        $code{ $contenders->[$i] } = $contenders->[ $i + 1 ];
    }
    for my $round (1 .. $rounds) {
        push @{ $values{$_} }, $code{$_}->() for @names;
        push @names, shift @names;
    }
    return \%values;
}

# The ratios of two contenders, round by round.
sub ratios {
    my ($subject, $peer) = @_;
    return [ map { $subject->[$_] / ($peer->[$_] || 1e-9) } 0 .. $#$subject ];
}

# The exponent with which times grow with sizes: the slope of a line through the logarithms of the last three, where what does not
# grow weighs least. 1 is linear, 2 quadratic.
sub growth {
    my ($sizes, $times) = @_;
    my @x = map { log } @$sizes[-3 .. -1];
    my @y = map { log(max($_, 1e-3)) } @$times[-3 .. -1];
    my ($mean_x, $mean_y) = (sum(@x) / @x, sum(@y) / @y);
    my $spread = sum(map { ($_ - $mean_x)**2 } @x);
    return sum(map { ($x[$_] - $mean_x) * ($y[$_] - $mean_y) } 0 .. $#x) / $spread;
}

1;
