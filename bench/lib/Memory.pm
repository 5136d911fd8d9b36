# How much memory a backend and its parallel workers have at most, while code runs: without the shared buffers, which all share.
package Memory;

use strict;
use warnings;

use Exporter qw(import);

our @EXPORT_OK = qw(peak_of);

# In bytes: what is resident, less what of it is shared memory.
sub private_of {
    my ($pid) = @_;
    open my $file, '<', "/proc/$pid/status" or return 0;
    my %kilobytes = map { /^(VmRSS|RssShmem):\s+(\d+) kB/ ? ($1 => $2) : () } <$file>;
    return 1024 * (($kilobytes{VmRSS} // 0) - ($kilobytes{RssShmem} // 0));
}

sub workers_of {
    my ($pid) = @_;
    return grep {
        my $command = '';
        if (open my $file, '<', "/proc/$_/cmdline") { local $/ = undef; $command = <$file> // '' }
        $command =~ /parallel worker for PID $pid\b/;
    } map { m{/proc/(\d+)} } glob '/proc/[0-9]*';
}

# peak_of($pid, sub { ... }): a process of its own looks every 20 milliseconds
sub peak_of {
    my ($pid, $code) = @_;
    pipe my $reader, my $writer or die "pipe: $!\n";
    my $watcher = fork // die "fork: $!\n";
    if ($watcher == 0) {
        my ($peak, $turn, @workers) = (0, 0);
        local $SIG{TERM} = sub { print {$writer} "$peak\n"; $writer->flush; require POSIX; POSIX::_exit(0) };
        while (1) {
            @workers = workers_of($pid) if $turn++ % 10 == 0;
            my $now = 0;
            $now += private_of($_) for $pid, @workers;
            $peak = $now if $now > $peak;
            select undef, undef, undef, 0.02;
        }
    }
    close $writer;
    my $done = eval { $code->(); 1 };
    my $error = $@;
    kill 'TERM', $watcher;
    my $peak = <$reader>;
    waitpid $watcher, 0;
    die $error if !$done;
    return $peak;
}

1;
