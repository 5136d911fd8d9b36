# Real data for tests, in the folder that LEADSCORE_DATA names.
package RealData;

use strict;
use warnings;

use Exporter qw(import);
use IO::Uncompress::Gunzip;
use Test::More;

our @EXPORT_OK = qw(real_data text_table copy_from);

# The path of a file in a folder of the data. Without it the whole test is skipped.
sub real_data {
    my ($folder, $name) = @_;
    my $data = $ENV{LEADSCORE_DATA} // '';
    my $file = "$data/$folder/$name";
    if ($data eq '' || !-r $file) {
        plan(skip_all => 'SKIPPED: real data not found in ' . ($data eq '' ? 'LEADSCORE_DATA, which is not set' : "$data/$folder"));
    }
    return $file;
}

# Makes a table with a column for each one of a CSV file's header and loads the file. Columns are text unless $types says otherwise.
# Returns the names of the columns.
sub text_table {
    my ($node, $database, $table, $file, $types) = @_;
    open(my $csv, '<:raw', $file) or die "cannot read $file: $!";
    chomp(my $header = <$csv>);
    close($csv);
    my @columns = split /,/, $header;
    my $definitions = join(', ', map { my $name = s/"/""/gr; qq{"$name" } . ($types->{$_} // 'text') } @columns);
    $node->safe_psql($database, "CREATE TABLE $table ($definitions)");
    copy_from($node, $database, $table, $file);
    return @columns;
}

# Loads a CSV file with a header, compressed or not, into a table, through psql: the server need not be able to read it.
sub copy_from {
    my ($node, $database, $table, $file) = @_;
    my $csv = IO::Uncompress::Gunzip->new($file, Transparent => 1, MultiStream => 1)
        or die "cannot read $file: $IO::Uncompress::Gunzip::GunzipError";
    my @psql = ('psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr($database), '-c',
        "COPY $table FROM STDIN (FORMAT csv, HEADER)");
    open(my $to, '|-', @psql) or die "cannot run psql: $!";
    binmode($to);
    my $buffer;
    while ($csv->read($buffer, 1 << 20) > 0) { print {$to} $buffer }
    close($to) or die "COPY $table failed: $?";
    return;
}

1;
