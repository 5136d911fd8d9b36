# Runs histories, or parts of them, each in a database of its own, and finds the first step after which something does not hold.
package Replay;

use strict;
use warnings;

use Time::HiRes qw(time);

sub new { my ($class, $node) = @_; return bless { node => $node, databases => 0, statements => 0, checks => [] }, $class }

# What goes wrong first in these steps of a history, as { number of the step, what, check }; nothing if all is well. `only_last`:
# these checks after the last step, and no others.
sub failure {
    my ($self, $history, $steps, $only_last) = @_;
    my $node = $self->{node};
    my $database = 'history_' . ++$self->{databases};
    $node->safe_psql('postgres', "CREATE DATABASE $database TEMPLATE with_leadscore");
    my ($stdout, $stderr) = ('', '');
    my $script = $self->_script($history, $steps, $only_last);
    $node->psql($database, $script, stdout => \$stdout, stderr => \$stderr, on_error_stop => 0, timeout => 300);
    $node->safe_psql('postgres', "DROP DATABASE $database WITH (FORCE)");
    return $self->_first_failure($steps, $stdout, $stderr);
}

my $start = <<'EOF_START';
\set QUIET on
\set VERBOSITY verbose
\pset tuples_only on
\pset format unaligned
\pset null null
SET client_min_messages = warning;
EOF_START

sub _script {
    my ($self, $history, $steps, $only_last) = @_;
    my @lines = ($start, '\o /dev/null', '\warn @0', map { "$_;" } @{ $history->{setup} });
    foreach my $step (@$steps) {
        push @lines, "\\warn \@$step->{number}";
        push @lines, map { /^check (.*)/s ? $self->_check_lines($step, "$1") : /\\\.\z|^\\/ ? $_ : "$_;" } @{ $step->{sql} };
        $self->{statements} += @{ $step->{sql} };
        my $is_last = $step == $steps->[-1];
        my @checks = @{ $only_last ? ($is_last ? $only_last : []) : $step->{checks} };
        push @lines, "\\warn \@$step->{number} checks", map { $self->_check_lines($step, $_) } @checks if @checks;
    }
    return join("\n", @lines, '\warn @end', '');
}

sub _check_lines {
    my ($self, $step, $check) = @_;
    push @{ $self->{checks} }, $check;
    return ('\o', "\\echo \@$step->{number} $#{$self->{checks}}", "SELECT * FROM $check LIMIT 5;", '\o /dev/null');
}

# Rows on stdout are violations; stderr has errors and warnings. Both have marks that tell the step.
sub _first_failure {
    my ($self, $steps, $stdout, $stderr) = @_;
    my @failures = (_unexpected_message($steps, $stderr), $self->_violation($stdout));
    push @failures, { number => $steps->[-1]{number}, what => 'the script did not come to its end' }
        if !@failures && $stderr !~ /^\@end$/m;
    my ($first) = sort { $a->{number} <=> $b->{number} } @failures;
    return $first;
}

sub _unexpected_message {
    my ($steps, $stderr) = @_;
    my %may = (0 => qr/^(?:23505|23503|23514)/, map { $_->{number} => $_->{may} } @$steps);
    my ($number, $is_check) = (0, 0);
    foreach my $line (split(/\n/, $stderr)) {
        if ($line =~ /^\@(\d+)( checks)?$/) { ($number, $is_check) = ($1, $2); next }
        my ($level, $message) = $line =~ /^(?:psql:\S+ )?(ERROR|FATAL|PANIC|WARNING|server closed)(?:: +(.*))?/ or next;
        next if $level eq 'WARNING' && $line =~ /events without a time are not scored/;
        next if $level eq 'ERROR' && !$is_check && $message =~ $may{$number};
        return { number => $number, what => $line };
    }
    return;
}

sub _violation {
    my ($self, $stdout) = @_;
    my ($number, $check);
    foreach my $line (split(/\n/, $stdout)) {
        if ($line =~ /^\@(\d+) (\d+)$/) { ($number, $check) = ($1, $self->{checks}[$2]); next }
        return { number => $number, check => $check, what => "$check: $line" };
    }
    return;
}

# A shorter list of steps that goes wrong in the same way: halves, quarters, ... of them are left out while that is so.
sub shrunk {
    my ($self, $history, $failure, $seconds) = @_;
    my $until = time + $seconds;
    my @steps = grep { $_->{number} <= $failure->{number} } @{ $history->{steps} };
    my $checks = $failure->{check} ? [ $failure->{check} ] : [];
    for (my $size = int(@steps / 2); $size >= 1; $size = int($size / 2)) {
        for (my $from = 0; $from < @steps && time < $until;) {
            my @fewer = @steps;
            splice(@fewer, $from, $size);
            my $again = @fewer ? $self->failure($history, \@fewer, $checks) : undef;
            my $is_same = $again && _kind_of($again) eq _kind_of($failure);
            @steps = @fewer if $is_same;
            $from += $size if !$is_same;
        }
    }
    return @steps;
}

sub _kind_of {
    my ($failure) = @_;
    return $failure->{check} // ($failure->{what} =~ /(\w+:  \w{5})/)[0] // 'no end';
}

1;
