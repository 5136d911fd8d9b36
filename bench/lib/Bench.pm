# What all rows of the benchmark use: the scale, the server, the CRM, and the results so far.
package Bench;

use strict;
use warnings;

use Measure qw(interleave median ratios);

# %with: folder (of the benchmark), work (a folder that the server can write to), leads, events, repeat
sub new {
    my ($class, %with) = @_;
    my $self = bless { results => [], failures => [], %with }, $class;
    $self->{session} = Session->new;
    return $self;
}

# A CRM and its model, on the main session: of another size than the main one, or with other rules.
sub crm {
    my ($self, %with) = @_;
    return Crm->new(session => $self->{session}, folder => "$self->{folder}/sql", leads => $self->{leads},
        events => $self->{events}, %with);
}

# Makes what most rows need, when the first row asks for it.
sub main_crm {
    my ($self) = @_;
    $self->{crm} //= do {
        my $crm = $self->crm;
        $self->step("$crm->{leads} leads and $crm->{events} events", sub { $crm->make_tables });
        $self->step("the model, 24 rules on events and $crm->{rules} on leads, published", sub { $crm->make_model });
        $crm;
    };
    return $self->{crm};
}

# The triggers in plpgsql, and the points that they keep.
sub peers {
    my ($self) = @_;
    my $crm = $self->main_crm;
    return if $self->{has_peers}++;
    $self->step('the triggers in plpgsql and their table',
        sub { $self->{session}->run_file("$self->{folder}/sql/peers.sql", schema => $crm->{schema}) });
    return;
}

sub step {
    my ($self, $title, $code) = @_;
    my $start = Time::HiRes::time();
    local $| = 1;
    printf '    %-66s', $title;
    $code->();
    printf "%6.1f s\n", Time::HiRes::time() - $start;
    return;
}

sub say { my ($self, $text) = @_; print "    $text\n"; return }

# One result: a row of the table.
# what, values (by round), unit ('x', 'ms', ...); subject and peer (values by round, of_unit), peer_name; target and its sense; note
sub result {
    my ($self, %result) = @_;
    my $result = { sense => '<=', unit => 'x', group => $self->{group}, id => $self->{row}, %result };
    push @{ $self->{results} }, $result;
    my $line = Report::row($result);
    $line =~ s/<br>.*? \|/ |/;
    $self->say($line);
    return;
}

# Times two contenders of one piece of work, and makes a result of their ratio.
sub compare {
    my ($self, %with) = @_;
    my $times = interleave($with{repeat} // $self->{repeat}, [ peer => delete $with{time_peer}, subject => delete $with{time} ]);
    return $self->result(subject => $times->{subject}, peer => $times->{peer}, values => ratios(@$times{qw(subject peer)}), %with);
}

sub skip {
    my ($self, $what, $why) = @_;
    return $self->result(what => $what, skipped => $why);
}

# A benchmark that compares different results is void: dies unless an SQL expression is true.
sub must_hold {
    my ($self, $what, $condition) = @_;
    my $answer = $self->{session}->run("SELECT ($condition)::text");
    die "VOID: $what\n" if $answer ne 'true';
    return;
}

# Two queries of (key, number) that must give the same keys, and the same numbers up to 1e-6.
sub must_agree {
    my ($self, $what, $ours, $theirs) = @_;
    return $self->must_hold($what, <<"SQL");
SELECT coalesce(bool_and(a.key IS NOT NULL AND b.key IS NOT NULL AND abs(a.value - b.value) <= 1e-6 * greatest(1, abs(b.value))), false)
FROM ($ours) AS a (key, value) FULL JOIN ($theirs) AS b (key, value) USING (key)
SQL
}

1;
