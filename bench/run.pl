# The benchmark itself: leadscore beside its peers, in one run on one server. scripts/bench starts it; psql finds the server by the
# environment.
use strict;
use warnings;

use FindBin;
use Getopt::Long qw(GetOptions);
use IO::Handle;
use Time::HiRes;

use lib "$FindBin::Bin/lib";
use Bench;
use Chart;
use Corners;
use Crm;
use Querying;
use Reading;
use Rebuilding;
use Report;
use Session;
use Writing;

# Name, group, what runs it. The order is that of the table; what changes the model comes last.
my @rows = (
    [ 'copy-scattered' => 'Live scoring', \&Writing::copy_scattered ],
    [ 'copy-few' => 'Live scoring', \&Writing::copy_few ],
    [ 'insert' => 'Live scoring', \&Writing::inserts ],
    [ 'wal' => 'Live scoring', \&Writing::wal ],
    [ 'first-insert' => 'Live scoring', \&Writing::first_insert ],
    [ 'engagement' => 'Scoring in queries', \&Querying::engagement ],
    [ 'fit' => 'Scoring in queries', \&Querying::fit ],
    [ 'parallel' => 'Scoring in queries', \&Querying::parallel ],
    [ 'rebuild' => 'Scoring everybody', \&Rebuilding::rebuild ],
    [ 'state' => 'Scoring everybody', \&Rebuilding::state_size ],
    [ 'publish' => 'Scoring everybody', \&Rebuilding::publish ],
    [ 'scores' => 'Reading live scores', \&Reading::scores ],
    [ 'explain' => 'Reading live scores', \&Reading::explain ],
    [ 'refresh' => 'Reading live scores', \&Reading::refresh ],
    [ 'top' => 'Reading live scores', \&Reading::top ],
    [ 'one-lead' => 'Corners', \&Corners::one_lead ],
    [ 'one-statement' => 'Corners', \&Corners::one_statement ],
    [ 'rules' => 'Corners', \&Corners::many_rules ],
    [ 'dimensions' => 'Corners', \&Corners::many_dimensions ],
    [ 'depth' => 'Corners', \&Corners::deep_tree ],
);

sub usage {
    print "rows: @{[map { $_->[0] } @rows]}\n";
    return;
}

my %option = (leads => 1_000_000, events => 10_000_000, repeat => 5, title => 'the whole');
GetOptions(\%option, 'leads=i', 'events=i', 'repeat=i', 'title=s', 'programs=s', 'work=s', 'results=s', 'machine=s', 'rows')
    or exit 2;
if ($option{rows}) { usage(); exit }
my %wanted = map { $_ => 1 } @ARGV;
for my $name (keys %wanted) {
    next if grep { $_->[0] eq $name } @rows;
    print {*STDERR} "there is no row '$name'\n";
    usage();
    exit 2;
}

$Session::programs = $option{programs};
STDOUT->autoflush(1);
my $start = Time::HiRes::time();
my $bench = Bench->new(folder => $FindBin::Bin, work => $option{work}, map { $_ => $option{$_} } qw(leads events repeat));
$bench->{session}->run('CREATE EXTENSION leadscore');
$bench->{session}->run("\\i $FindBin::Bin/sql/rules.sql");

for my $row (@rows) {
    my ($name, $group, $code) = @$row;
    next if %wanted && !$wanted{$name};
    print "\n==> $name\n";
    @$bench{qw(row group)} = ($name, $group);
    next if eval { $code->($bench); 1 };
    my $error = $@ || "it died\n";
    chomp $error;
    push @{ $bench->{failures} }, "$name: $error";
    $bench->result(what => $name, skipped => "**failed**: $error");
    # The row may have left its session in a transaction that failed, or dead.
    $bench->{session} = Session->new;
    $bench->{crm}{session} = $bench->{session} if $bench->{crm};
    $bench->{crm}->scored_by('leadscore') if $bench->{crm};
}

my $version = $bench->{session}->run(q{SELECT current_setting('server_version')});
my $seconds = Time::HiRes::time() - $start;
my @about = (
    "Measured in one run ($option{title} benchmark: $option{leads} leads, $option{events} events, $option{repeat} rounds, "
        . sprintf('%.0f', $seconds / 60) . ' minutes) on one server:',
    "PostgreSQL $version, $option{machine}.",
);
my $table = Report::markdown($bench->{results}, @about);
for my $file ([ 'benchmarks.md', $table ], [ 'benchmarks.svg', Chart::svg($bench->{results}, "@about") ]) {
    open my $out, '>', "$option{results}/$file->[0]" or die "$option{results}/$file->[0]: $!\n";
    print {$out} $file->[1];
    close $out;
}
print "\n$table\n";
print "$_\n" for @{ $bench->{failures} };
exit(@{ $bench->{failures} } ? 1 : 0);
