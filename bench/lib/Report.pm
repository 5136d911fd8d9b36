# The results as a table in Markdown.
package Report;

use strict;
use warnings;

use Exporter qw(import);
use List::Util qw(max min);

use Measure qw(median);

our @EXPORT_OK = qw(is_met number markdown shown_target);

# A number with three digits that count, and its unit.
sub number {
    my ($value, $unit) = @_;
    my $text = $value == 0 ? '0' : abs($value) >= 100 ? sprintf('%.0f', $value) : abs($value) >= 10 ? sprintf('%.1f', $value)
        : sprintf('%.2f', $value);
    1 while $text =~ s/^(-?\d+)(\d{3})/$1,$2/;
    return $unit eq 'x' ? "$text ×" : $unit ? "$text $unit" : $text;
}

sub milliseconds { my ($value) = @_; return $value >= 1000 ? number($value / 1000, 's') : number($value, 'ms') }

sub shown_target {
    my ($result) = @_;
    return 'none' if !defined $result->{target};
    return ($result->{sense} eq '>=' ? '≥ ' : '≤ ') . number($result->{target}, $result->{unit});
}

# undef: there is no target
sub is_met {
    my ($result) = @_;
    return if !defined $result->{target};
    my $median = median(@{ $result->{values} });
    return $result->{sense} eq '>=' ? $median >= $result->{target} : $median <= $result->{target};
}

sub shown {
    my ($times, $unit) = @_;
    return '' if !defined $times;
    return $times if !ref $times;
    return $unit ? number(median(@$times), $unit) : milliseconds(median(@$times));
}

sub row {
    my ($result) = @_;
    my @cells = ($result->{what});
    if ($result->{values}) {
        my @values = @{ $result->{values} };
        my $unit = $result->{unit};
        my $spread = @values > 1 ? ' (' . number(min(@values), '') . ' … ' . number(max(@values), '') . ')' : '';
        my $met = is_met($result);
        push @cells, shown($result->{subject}, $result->{of_unit}), join(' ', $result->{peer_name} // '',
            shown($result->{peer}, $result->{of_unit})), '**' . number(median(@values), $unit) . "**$spread", shown_target($result),
            defined $met ? ($met ? 'met' : '**not met**') : '';
    } else {
        push @cells, '', '', $result->{skipped}, '', '';
    }
    $cells[0] .= "<br>$result->{note}" if $result->{note};
    s/\|/\\|/g for @cells;
    return '| ' . join(' | ', @cells) . ' |';
}

# The table; $about are lines that say what was measured where.
sub markdown {
    my ($results, @about) = @_;
    my ($group, @lines) = ('', @about);
    for my $result (@$results) {
        if ($result->{group} ne $group) {
            $group = $result->{group};
            push @lines, '', "### $group", '', '| what | leadscore | peer | median (spread) | target | |', '| --- | --- | --- | --- | --- | --- |';
        }
        push @lines, row($result);
    }
    return join("\n", @lines) . "\n";
}

1;
