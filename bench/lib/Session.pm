# A psql that stays connected: runs SQL, and says how long it took.
package Session;

use strict;
use warnings;

use IPC::Open2 qw(open2);

# The folder of the server's programs, and what every session sets first.
our $programs = '';
our $settings = '';

sub new {
    my ($class) = @_;
    my $self = bless {}, $class;
    $self->{pid} = open2($self->{out}, $self->{in}, "$programs/psql", '--no-psqlrc', '--quiet', '--no-align', '--tuples-only',
        '--field-separator=' . "\t", '--set=ON_ERROR_STOP=1', '--set=VERBOSITY=default');
    $self->{turn} = 0;
    $self->run("SET client_min_messages = warning; $settings");
    return $self;
}

# Runs SQL, or what else psql understands, and gives its output. Dies if it fails.
sub run {
    my ($self, $sql) = @_;
    $self->start($sql);
    return $self->finish;
}

# The same in two steps, for what runs while others do something.
sub start {
    my ($self, $sql) = @_;
    $self->{turn}++;
    print { $self->{in} } "$sql\n;\n\\echo done-$self->{turn}\n";
    $self->{in}->flush;
    return;
}

sub finish {
    my ($self) = @_;
    my $output = '';
    while (defined(my $line = readline $self->{out})) {
        if ($line eq "done-$self->{turn}\n") {
            chomp $output;
            return $output;
        }
        $output .= $line;
    }
    waitpid $self->{pid}, 0;
    die "the SQL above failed\n";
}

# A file of SQL, with variables for psql: run_file($file, name => value, ...).
sub run_file {
    my ($self, $file, %variables) = @_;
    my $set = join '', map { "\\set $_ '$variables{$_}'\n" } sort keys %variables;
    return $self->run("$set\\i $file");
}

# How many milliseconds statements took together, on the client's side: what waits for them sees that.
sub time {
    my ($self, $sql) = @_;
    my $output = $self->run("\\timing on\n\\o /dev/null\n$sql;\n\\o\n\\timing off");
    my $sum = 0;
    $sum += $_ for $output =~ /^Time: ([0-9.]+) ms/mg;
    return $sum;
}

sub close {
    my ($self) = @_;
    return if !$self->{pid};
    close $self->{in};
    waitpid $self->{pid}, 0;
    $self->{pid} = 0;
    return;
}

sub DESTROY { my ($self) = @_; local ($?, $@, $!); return $self->close }

1;
